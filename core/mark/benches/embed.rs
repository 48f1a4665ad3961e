//! Marking whole frames: the cost of the mark without decoder and encoder.

use std::hint::black_box;

use countermark_mark::embed::{Embedder, Strength};
use countermark_mark::key::{CarrierKey, ScopedPayloadKey};
use countermark_mark::payload::Payload;
use countermark_mark::plane::{BitDepth, PlaneGeometry, PlaneViewMut};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn textured(width: usize, height: usize) -> Vec<u8> {
    let value = |x: usize, y: usize| (40 + (x * 7 + y * 3) % 120 + (x * y / 97) % 60) as u8;
    (0..height)
        .flat_map(|y| (0..width).map(move |x| value(x, y)))
        .collect()
}

fn mark(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mark");
    for (name, width, height) in [
        ("720p", 1280, 720),
        ("1080p", 1920, 1080),
        ("portrait", 720, 1280),
    ] {
        let master = textured(width, height);
        let geometry = PlaneGeometry::packed(width, height).expect("a valid size");
        let mut embedder = Embedder::new(
            &CarrierKey::from_bytes([1; 32]),
            &ScopedPayloadKey::from_bytes([2; 32]),
            Payload::new(3),
            (width, height),
            Strength::DEFAULT,
        )
        .expect("a supported size");
        let mut frame = master.clone();
        let mut number = 0_u32;
        group.throughput(Throughput::Elements((width * height) as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                frame.copy_from_slice(&master);
                let mut plane = PlaneViewMut::new(&mut frame, geometry, BitDepth::EIGHT)
                    .expect("a whole plane");
                number += 1;
                black_box(embedder.mark(&mut plane, f64::from(number) / 25.0))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, mark);
criterion_main!(benches);
