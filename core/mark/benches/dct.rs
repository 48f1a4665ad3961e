//! Block DCT of a 256x144 lattice, in lattice samples.

use countermark_mark::FormatSpec;
use countermark_mark::lattice::LatticePlane;
use countermark_mark::lattice::cpu::CpuLevel;
use countermark_mark::lattice::dct::{Band, BlockDct, CoefficientPlane};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

fn dct(c: &mut Criterion) {
    let lattice = FormatSpec::CURRENT.lattice(1920, 1080).expect("valid");
    let mut plane = LatticePlane::new(lattice);
    plane
        .samples_mut()
        .iter_mut()
        .enumerate()
        .for_each(|(i, p)| *p = (i % 251) as f32);
    for (name, band) in [("band", Band::diagonals(0, 6)), ("full", Band::full())] {
        let mut coefficients = CoefficientPlane::new(lattice, &band);
        let mut out = LatticePlane::new(lattice);
        let mut group = c.benchmark_group(format!("dct/{name}"));
        group.throughput(Throughput::Elements(plane.samples().len() as u64));
        for level in CpuLevel::available() {
            let mut dct = BlockDct::new(lattice, level);
            group.bench_function(format!("forward/{level:?}"), |b| {
                b.iter(|| dct.forward_band(black_box(&plane), &band, &mut coefficients));
            });
            group.bench_function(format!("inverse/{level:?}"), |b| {
                b.iter(|| dct.inverse_band(black_box(&coefficients), &band, &mut out));
            });
        }
    }
}

criterion_group!(benches, dct);
criterion_main!(benches);
