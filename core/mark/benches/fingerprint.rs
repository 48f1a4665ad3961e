//! Scoring one delivery's fingerprint code over ten seconds: throughput in signs.

use countermark_mark::Payload;
use countermark_mark::code::fingerprint::{FINGERPRINT_POSITIONS, Row, score};
use countermark_mark::key::{DeliveryKey, ScopedPayloadKey};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// Ten seconds of half-second epochs.
const EPOCHS: usize = 20;

fn bench(criterion: &mut Criterion) {
    let values: Vec<[f32; FINGERPRINT_POSITIONS]> = (0..EPOCHS)
        .map(|epoch| std::array::from_fn(|i| (i * 7 + epoch) as f32 % 13.0 - 6.0))
        .collect();
    let rows: Vec<Row<'_>> = values
        .iter()
        .enumerate()
        .map(|(epoch, values)| Row {
            epoch: epoch as u64,
            values,
        })
        .collect();
    let key = DeliveryKey::from_bytes([7; 32]);

    let mut group = criterion.benchmark_group("fingerprint");
    group.throughput(Throughput::Elements(
        (EPOCHS * FINGERPRINT_POSITIONS) as u64,
    ));
    group.bench_function("score", |bencher| {
        bencher.iter(|| score(black_box(&key), black_box(&rows)));
    });
    group.finish();

    let deliveries = ScopedPayloadKey::from_bytes([9; 32]).deliveries();
    criterion.bench_function("delivery key", |bencher| {
        bencher.iter(|| deliveries.key(black_box(Payload::new(0x0123_4567_89ab_cdef))));
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
