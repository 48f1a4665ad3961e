//! Encoding and list decoding of the address code: throughput in coded bits.

use countermark_mark::Payload;
use countermark_mark::code::polar::{CODED_BITS, ListDecoder, encode};
use countermark_mark::key::StreamKey;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

fn bench(criterion: &mut Criterion) {
    let payload = Payload::new(0x0123_4567_89ab_cdef);
    let mut noise = StreamKey::from_bytes([1; 32]).stream(0);
    // A sum of four uniform variables around the sign: Z about 12.
    let llr: [f32; CODED_BITS] = encode(payload).map(|bit| {
        1.06 * (1.0 - 2.0 * f32::from(bit))
            + (0..4)
                .map(|_| noise.below(2001) as f32 / 500.0 - 2.0)
                .sum::<f32>()
    });

    let mut group = criterion.benchmark_group("polar");
    group.throughput(Throughput::Elements(CODED_BITS as u64));
    group.bench_function("encode", |bencher| {
        bencher.iter(|| encode(black_box(payload)));
    });
    for list in [8, 16, 32, 64] {
        let mut decoder = ListDecoder::new(list);
        group.bench_function(BenchmarkId::new("decode", list), |bencher| {
            bencher.iter(|| decoder.decode(black_box(&llr))[0]);
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
