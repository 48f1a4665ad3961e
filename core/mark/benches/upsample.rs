//! Interpolate and add a pattern, in picture samples.

use countermark_mark::FormatSpec;
use countermark_mark::lattice::LatticePlane;
use countermark_mark::lattice::cpu::CpuLevel;
use countermark_mark::lattice::dither::{DitherOffset, DitherTile};
use countermark_mark::lattice::upsample::{AddChange, CodeRange, Rounding, Upsampler};
use countermark_picture::{BitDepth, PlaneGeometry, PlaneViewMut};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

fn bench<T: AddChange>(
    c: &mut Criterion,
    name: &str,
    size: (usize, usize),
    gray: T,
    depth: BitDepth,
) {
    let (width, height) = size;
    let geometry = PlaneGeometry::packed(width, height).expect("valid");
    let lattice = FormatSpec::CURRENT.lattice(width, height).expect("valid");
    let mut pattern = LatticePlane::new(lattice);
    let wave = |i: usize| ((i * 37) % 41) as f32 / 10.0 - 2.0;
    pattern
        .samples_mut()
        .iter_mut()
        .enumerate()
        .for_each(|(i, p)| *p = wave(i));
    let tile = DitherTile::from_words(&std::array::from_fn(|i| {
        (i as u32).wrapping_mul(0x9E37_79B9)
    }));
    let rounding = Rounding {
        tile: &tile,
        offset: DitherOffset { x: 7, y: 50 },
        range: CodeRange::full(depth),
    };
    let mut samples = vec![gray; geometry.needed_len()];
    let mut group = c.benchmark_group(format!("upsample/{name}"));
    group.throughput(Throughput::Elements((width * height) as u64));
    for level in CpuLevel::available() {
        let mut upsampler = Upsampler::new(geometry, lattice, level);
        group.bench_function(format!("{level:?}"), |b| {
            b.iter(|| {
                let mut plane = PlaneViewMut::new(&mut samples, geometry, depth).expect("valid");
                upsampler.add(black_box(&pattern), &rounding, &mut plane)
            });
        });
    }
}

fn upsample(c: &mut Criterion) {
    bench(c, "1080p-u8", (1920, 1080), 90_u8, BitDepth::EIGHT);
    bench(c, "1080p-u16", (1920, 1080), 360_u16, BitDepth::TEN);
    bench(c, "2160p-u8", (3840, 2160), 90_u8, BitDepth::EIGHT);
    bench(c, "2160p-u16", (3840, 2160), 360_u16, BitDepth::TEN);
}

criterion_group!(benches, upsample);
criterion_main!(benches);
