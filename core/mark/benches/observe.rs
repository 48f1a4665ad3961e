//! A frame put on the lattice through a map: a crop, tilted, and bent.

use std::hint::black_box;
use std::sync::Arc;

use countermark_mark::lattice::cpu::CpuLevel;
use countermark_mark::{FormatSpec, ProjectedSampler, Projection};
use countermark_picture::{Bend, BitDepth, Homography, PlaneGeometry, PlaneView};
use criterion::{Criterion, criterion_group, criterion_main};

fn observe(c: &mut Criterion) {
    let (width, height) = (1280, 720);
    let geometry = PlaneGeometry::packed(width, height).expect("valid");
    let lattice = FormatSpec::CURRENT.lattice(width, height).expect("valid");
    let samples: Vec<u8> = (0..geometry.needed_len())
        .map(|i| (i * 37 % 251) as u8)
        .collect();
    let plane = PlaneView::new(&samples, geometry, BitDepth::EIGHT).expect("valid");
    let map = |tilt: f64| {
        let rows = [1700.0, 3.0, -200.0, -2.0, 950.0, -120.0, tilt, tilt, 1.0];
        Projection::new(Homography::new(rows).expect("a map")).expect("before the horizon")
    };
    let bend = Arc::new(Bend::none((12, 8)));
    let ways = [
        ("crop", map(0.0)),
        ("tilt", map(0.01)),
        ("bend", map(0.01).bent(Some(bend))),
    ];
    for (name, projection) in ways {
        let mut group = c.benchmark_group(format!("observe/{name}"));
        for level in CpuLevel::available() {
            let mut sampler = ProjectedSampler::new(lattice, level);
            group.bench_function(format!("{level:?}"), |b| {
                b.iter(|| sampler.observe(black_box(&plane), &projection, 0.0));
            });
        }
    }
}

criterion_group!(benches, observe);
criterion_main!(benches);
