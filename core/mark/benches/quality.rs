//! Losses and motion of one frame, in picture samples.

use countermark_mark::lattice::cpu::CpuLevel;
use countermark_mark::quality::{HostFeatures, MotionMeter, QualityMeter};
use countermark_picture::{BitDepth, PlaneGeometry, PlaneView, Sample};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

fn bench<T: Sample>(
    c: &mut Criterion,
    name: &str,
    size: (usize, usize),
    codes: fn(u8) -> T,
    depth: BitDepth,
) {
    let (width, height) = size;
    let geometry = PlaneGeometry::packed(width, height).expect("valid");
    // Texture that differs in its lowest bit, in code values of 8 bits.
    let picture = |mask: usize| -> Vec<T> {
        (0..geometry.needed_len())
            .map(|i| codes((64 + ((i * 7 + i / 1001) % 97) + (i & mask)) as u8))
            .collect()
    };
    let (host, marked) = (picture(0), picture(1));
    let host = PlaneView::new(&host, geometry, depth).expect("valid");
    let marked = PlaneView::new(&marked, geometry, depth).expect("valid");
    let mut group = c.benchmark_group(format!("quality/{name}"));
    group.throughput(Throughput::Elements((width * height) as u64));
    for level in CpuLevel::available() {
        let mut meter = QualityMeter::new(geometry, level);
        let mut features = HostFeatures::default();
        group.bench_function(format!("losses/{level:?}"), |b| {
            b.iter(|| {
                meter.describe(black_box(&host), &mut features);
                meter.compare(&features, black_box(&marked))
            });
        });
        group.bench_function(format!("compare/{level:?}"), |b| {
            b.iter(|| meter.compare(&features, black_box(&marked)));
        });
        let mut motion = MotionMeter::new(geometry, level);
        group.bench_function(format!("motion/{level:?}"), |b| {
            b.iter(|| motion.motion(black_box(&host)));
        });
    }
}

fn quality(c: &mut Criterion) {
    bench(c, "720p-u8", (1280, 720), |code| code, BitDepth::EIGHT);
    bench(c, "1080p-u8", (1920, 1080), |code| code, BitDepth::EIGHT);
    bench(
        c,
        "1080p-u16",
        (1920, 1080),
        |code| u16::from(code) << 2,
        BitDepth::TEN,
    );
    bench(c, "2160p-u8", (3840, 2160), |code| code, BitDepth::EIGHT);
}

criterion_group!(benches, quality);
criterion_main!(benches);
