use super::*;
use crate::format::FormatSpec;
use crate::lattice::LatticePlane;
use crate::lattice::cpu::CpuLevel;
use crate::lattice::dct::part::Part;
use crate::lattice::dct::{BlockDct, CoefficientPlane};
use crate::observe::Observation;
use crate::observe::parts::Parts;

/// Columns three to seven of a block.
const LATER_COLUMNS: u64 = 0xf8f8_f8f8_f8f8_f8f8;

fn lattice() -> LatticeGeometry {
    FormatSpec::CURRENT
        .lattice(640, 360)
        .expect("a supported size")
}

/// Coefficients of the observed band.
fn coefficients(value: impl Fn(usize, usize) -> f32) -> CoefficientPlane {
    let band = Band::observed(lattice());
    let mut plane = CoefficientPlane::new(lattice(), &band);
    let blocks = lattice().blocks();
    for (i, x) in plane.values_mut().iter_mut().enumerate() {
        *x = value(i / blocks, i % blocks);
    }
    plane
}

/// A picture of nothing but its band: means of 128, and a host that falls with the diagonal.
fn host(k: usize, block: usize) -> f32 {
    if k == 0 {
        1024.0
    } else {
        40.0 / k as f32 * (((k * 37 + block * 11) % 13) as f32 - 6.0)
    }
}

fn mark(k: usize, block: usize) -> f32 {
    match (k, (k * 29 + block * block * 7 + block / 5) % 2) {
        (0, _) => 0.0,
        (_, 0) => 1.0,
        _ => -1.0,
    }
}

fn seen_as_a_whole(coefficients: CoefficientPlane) -> Observation {
    Observation {
        media_time: 0.0,
        coefficients,
        unseen: Vec::new(),
        parts: Parts::default(),
    }
}

/// The picture of such coefficients whose first column of blocks shows `part` alone.
fn cut(coefficients: CoefficientPlane, part: Part) -> Observation {
    let lattice = lattice();
    let mut plane = LatticePlane::new(lattice);
    BlockDct::new(lattice, CpuLevel::probe()).inverse_band(
        &coefficients,
        &Band::observed(lattice),
        &mut plane,
    );
    let first: Vec<u32> = (0..lattice.rows())
        .map(|row| (row * lattice.cols()) as u32)
        .collect();
    let parts = first.iter().map(|&block| (block, part)).collect();
    let parts = Parts::of(&plane, parts, &Band::of_mark(lattice));
    let mut coefficients = coefficients;
    mask_blocks(coefficients.values_mut(), lattice.blocks(), &first);
    Observation {
        media_time: 0.0,
        coefficients,
        unseen: first,
        parts,
    }
}

fn taken_off(clip: &Observation) -> (Vec<f32>, Vec<f32>) {
    let reference = seen_as_a_whole(coefficients(host));
    Host::new(lattice()).taken_off(&Registered {
        clip,
        reference: &reference,
    })
}

#[test]
fn of_a_cut_block_the_mark_of_what_is_seen_is_left() {
    let part = Part::new(LATER_COLUMNS).expect("some of a block");
    // Brighter by three code values and of four fifths the contrast.
    let shown = coefficients(|k, block| {
        let brighter = if k == 0 { 24.0 } else { 0.0 };
        0.8 * host(k, block) + brighter + mark(k, block)
    });
    let (values, seen) = taken_off(&cut(shown, part));
    let (blocks, cols) = (lattice().blocks(), lattice().cols());
    let window = part.window();
    let band = Band::of_mark(lattice());
    let (mut kept, mut energy) = (0.0_f64, 0.0_f64);
    for row in 0..lattice().rows() {
        let block = row * cols;
        assert!((seen[block] - window.share()).abs() < 1e-6);
        let mut expected: Vec<f32> = (1..=band.len()).map(|k| mark(k, block)).collect();
        window.of(&mut expected, &band);
        for (k, expected) in expected.iter().enumerate() {
            let value = values[k * blocks + block];
            kept += f64::from(value * expected);
            energy += f64::from(expected * expected);
            // Gains of a few thousandths are fitted to the mark, and little is taken off with the host's own shape.
            assert!(
                (value - expected).abs() < 0.3,
                "block {block}: {value} {expected}"
            );
        }
    }
    assert!((kept / energy - 1.0).abs() < 0.02, "{}", kept / energy);
    // The others are as before.
    let other = cols + 3;
    assert!((seen[other] - 1.0).abs() < f32::EPSILON);
    for k in 0..band.len() {
        let value = values[k * blocks + other];
        assert!((value - mark(k + 1, other)).abs() < 0.3, "{value}");
    }
}

#[test]
fn a_cut_block_that_shows_something_else_is_left_out() {
    let part = Part::new(LATER_COLUMNS).expect("some of a block");
    let cols = lattice().cols();
    let shown = coefficients(|k, block| {
        if block == 2 * cols && k > 0 {
            ((k * 59) % 211) as f32 - 105.0
        } else {
            host(k, block) + mark(k, block)
        }
    });
    let (values, seen) = taken_off(&cut(shown, part));
    let blocks = lattice().blocks();
    let energy = |block: usize| -> f32 {
        let of = values.iter().skip(block).step_by(blocks);
        of.map(|x| x * x).sum()
    };
    assert!(energy(2 * cols) < f32::EPSILON && seen[2 * cols] < f32::EPSILON);
    assert!(energy(3 * cols) > 1.0 && seen[3 * cols] > 0.3);
}
