//! Luma quality of one frame pair in memory, without decoding: each measure of the pass together.

use countermark_bench::quality::{FrameAt, LumaMeter, PlanePair, Square};
use countermark_picture::{BitDepth, PlaneGeometry, PlaneView};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// Left half: flat and still, so that flicker is measured. Right half: texture that moves.
fn bench<T: Square>(
    c: &mut Criterion,
    name: &str,
    (width, height): (usize, usize),
    codes: fn(u8) -> T,
    depth: BitDepth,
) {
    let geometry = PlaneGeometry::packed(width, height).expect("valid");
    let picture = |frame: usize, mark: usize| -> Vec<T> {
        (0..geometry.needed_len())
            .map(|i| {
                let (x, y) = (i % width, i / width);
                let texture = if x < width / 2 {
                    0
                } else {
                    (x * 7 + y * 13 + frame * 5) % 97
                };
                codes((64 + texture + mark * ((x + y + frame) % 3)) as u8)
            })
            .collect()
    };
    let planes = [0, 1].map(|frame| [0, 1].map(|mark| picture(frame, mark)));
    let [before, now] = planes.each_ref().map(|[master, marked]| {
        let view = |samples| PlaneView::new(samples, geometry, depth).expect("valid");
        PlanePair::new(view(master), view(marked)).expect("comparable")
    });
    let at = FrameAt {
        index: 1,
        media_time: 0.04,
    };
    let mut group = c.benchmark_group("quality/luma");
    group.throughput(Throughput::Elements((width * height) as u64));
    let mut meter = LumaMeter::default();
    group.bench_function(name, |b| {
        b.iter(|| meter.add(at, black_box(&now), Some(black_box(&before))));
    });
}

fn luma(c: &mut Criterion) {
    let deep = |code| u16::from(code) << 2;
    bench(c, "720p-u8", (1280, 720), |code| code, BitDepth::EIGHT);
    bench(c, "1080p-u8", (1920, 1080), |code| code, BitDepth::EIGHT);
    bench(c, "1080p-u16", (1920, 1080), deep, BitDepth::TEN);
    bench(c, "2160p-u16", (3840, 2160), deep, BitDepth::TEN);
}

criterion_group!(benches, luma);
criterion_main!(benches);
