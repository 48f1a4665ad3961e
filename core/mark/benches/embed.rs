//! Marking whole frames: the cost of the mark without decoder and encoder, for one delivery and for four of one title.

use std::hint::black_box;

use countermark_mark::DeliveryCode;
use countermark_mark::FormatSpec;
use countermark_mark::Payload;
use countermark_mark::key::{CarrierKey, ScopedPayloadKey};
use countermark_mark::{DeliveryMark, Embedder, HostAnalysis, Strength, TitleMark};
use countermark_picture::{BitDepth, PlaneGeometry, PlaneView, PlaneViewMut};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const SIZES: [(&str, usize, usize); 3] = [
    ("720p", 1280, 720),
    ("1080p", 1920, 1080),
    ("portrait", 720, 1280),
];

/// Frames a second: one in so many is sampled by the rate control.
const RATE: f64 = 25.0;

fn textured(width: usize, height: usize) -> Vec<u8> {
    let value = |x: usize, y: usize| (40 + (x * 7 + y * 3) % 120 + (x * y / 97) % 60) as u8;
    (0..height)
        .flat_map(|y| (0..width).map(move |x| value(x, y)))
        .collect()
}

fn keys() -> (CarrierKey, ScopedPayloadKey) {
    (
        CarrierKey::from_bytes([1; 32]),
        ScopedPayloadKey::from_bytes([2; 32]),
    )
}

fn mark(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mark");
    for (name, width, height) in SIZES {
        let master = textured(width, height);
        let geometry = PlaneGeometry::packed(width, height).expect("a valid size");
        let (carrier, scoped) = keys();
        let mut embedder = Embedder::new(
            &carrier,
            &scoped,
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
                black_box(embedder.mark(&mut plane, f64::from(number) / RATE))
            });
        });
    }
    group.finish();
}

/// One analysis of a frame, then the frame marked for each of the deliveries.
fn deliveries(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("deliveries");
    for (name, width, height) in SIZES {
        let master = textured(width, height);
        let geometry = PlaneGeometry::packed(width, height).expect("a valid size");
        let (carrier, scoped) = keys();
        let title = TitleMark::new(&carrier, (width, height), &FormatSpec::CURRENT)
            .expect("a supported size");
        let view = PlaneView::new(&master, geometry, BitDepth::EIGHT).expect("a whole plane");
        group.throughput(Throughput::Elements((width * height) as u64));
        let mut analyser = title.analyser();
        let mut analysis = HostAnalysis::default();
        let mut number = 0_u32;
        group.bench_function(format!("{name}/analysis"), |bencher| {
            bencher.iter(|| {
                number += 1;
                analyser.analyse(&view, f64::from(number) / RATE, &mut analysis);
            });
        });
        for count in [1, 4] {
            let mut analyser = title.analyser();
            let mut marks: Vec<DeliveryMark> = (0..count)
                .map(|payload| DeliveryCode::new(&scoped, Payload::new(payload)))
                .map(|code| title.delivery(code, Strength::DEFAULT))
                .collect();
            let mut frame = master.clone();
            let mut number = 0_u32;
            group.bench_function(format!("{name}/{count}"), |bencher| {
                bencher.iter(|| {
                    number += 1;
                    analyser.analyse(&view, f64::from(number) / RATE, &mut analysis);
                    for mark in &mut marks {
                        frame.copy_from_slice(&master);
                        let mut plane = PlaneViewMut::new(&mut frame, geometry, BitDepth::EIGHT)
                            .expect("a whole plane");
                        black_box(mark.mark(&analysis, &mut plane));
                    }
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, mark, deliveries);
criterion_main!(benches);
