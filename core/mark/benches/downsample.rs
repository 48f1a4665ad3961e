//! Area average of a picture on the lattice, in picture samples.

use countermark_mark::FormatSpec;
use countermark_mark::lattice::LatticePlane;
use countermark_mark::lattice::cpu::CpuLevel;
use countermark_mark::lattice::downsample::{Downsampler, RowSum};
use countermark_picture::{BitDepth, PlaneGeometry, PlaneView};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

fn bench<T: RowSum>(c: &mut Criterion, name: &str, size: (usize, usize), gray: T, depth: BitDepth) {
    let (width, height) = size;
    let geometry = PlaneGeometry::packed(width, height).expect("valid");
    let lattice = FormatSpec::CURRENT.lattice(width, height).expect("valid");
    let samples = vec![gray; geometry.needed_len()];
    let plane = PlaneView::new(&samples, geometry, depth).expect("valid");
    let mut out = LatticePlane::new(lattice);
    let mut group = c.benchmark_group(format!("downsample/{name}"));
    group.throughput(Throughput::Elements((width * height) as u64));
    for level in CpuLevel::available() {
        let mut downsampler = Downsampler::new(geometry, lattice, level);
        group.bench_function(format!("{level:?}"), |b| {
            b.iter(|| downsampler.run(black_box(&plane), &mut out));
        });
    }
}

fn downsample(c: &mut Criterion) {
    bench(c, "1080p-u8", (1920, 1080), 90_u8, BitDepth::EIGHT);
    bench(c, "1080p-u16", (1920, 1080), 360_u16, BitDepth::TEN);
    bench(c, "2160p-u8", (3840, 2160), 90_u8, BitDepth::EIGHT);
    bench(c, "2160p-u16", (3840, 2160), 360_u16, BitDepth::TEN);
}

criterion_group!(benches, downsample);
criterion_main!(benches);
