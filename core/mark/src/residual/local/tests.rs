use super::*;
use crate::format::FormatSpec;
use crate::lattice::LatticePlane;
use crate::lattice::cpu::CpuLevel;
use crate::lattice::dct::slope::Slopes;
use crate::lattice::dct::{Band, BlockDct, CoefficientPlane};

fn lattice() -> LatticeGeometry {
    FormatSpec::CURRENT
        .lattice(640, 360)
        .expect("a supported size")
}

/// The mark's band of a smooth texture that is looked up `(dx, dy)` samples on.
fn texture(shift: impl Fn(f64, f64) -> (f64, f64)) -> Vec<f32> {
    let lattice = lattice();
    let mut plane = LatticePlane::new(lattice);
    let width = lattice.width();
    for (i, sample) in plane.samples_mut().iter_mut().enumerate() {
        let (x, y) = ((i % width) as f64, (i / width) as f64);
        let (dx, dy) = shift(x, y);
        let (x, y) = (x + dx, y + dy);
        let value = (0.7 * x + 0.1 * y).sin() * (0.5 * y - 0.13 * x).cos() + (0.021 * x * y).sin();
        *sample = (128.0 + 40.0 * value) as f32;
    }
    let band = Band::of_mark(lattice);
    let mut coefficients = CoefficientPlane::new(lattice, &band);
    BlockDct::new(lattice, CpuLevel::probe()).forward_band(&plane, &band, &mut coefficients);
    coefficients.values().to_vec()
}

/// Takes off what a frame that is seen as a whole explains.
fn take_off_all(left: &mut [f32], still: &[f32]) {
    let blocks = lattice().blocks();
    let [along, down] = Slopes::new(&Band::of_mark(lattice())).of(still, blocks);
    let regressors = [still.to_vec(), along, down];
    take_off(lattice(), left, &regressors, &vec![1.0; blocks]);
}

fn energy(values: &[f32]) -> f64 {
    values.iter().map(|r| f64::from(*r) * f64::from(*r)).sum()
}

/// A pattern of fair signs.
fn signs(chips: usize, seed: u64) -> Vec<f32> {
    let mut signs = vec![0.0; chips];
    crate::key::StreamKey::from_bytes([7; 32])
        .stream(seed)
        .signs(&mut signs);
    signs
}

#[test]
fn a_host_that_lies_a_little_beside_its_place_is_taken_off() {
    let still = texture(|_, _| (0.0, 0.0));
    // A fifth of a sample, to another side in each quarter of the picture.
    let moved = texture(|x, y| (0.2 * (x / 60.0).sin(), 0.2 * (y / 40.0).cos()));
    let mut left: Vec<f32> = moved.iter().zip(&still).map(|(m, s)| m - s).collect();
    let before = energy(&left);
    take_off_all(&mut left, &still);
    let share = energy(&left) / before;
    // The cosines lie flat at the ends of a block, where the picture does not: so not all of it.
    assert!(share < 0.5, "{share}");
}

#[test]
fn a_mark_alone_is_hardly_touched() {
    let still = texture(|_, _| (0.0, 0.0));
    let mark = signs(still.len(), 1);
    let mut left = mark.clone();
    take_off_all(&mut left, &still);
    let kept: f64 = left.iter().zip(&mark).map(|(l, m)| f64::from(l * m)).sum();
    let share = kept / energy(&mark);
    assert!(share > 0.99, "{share}");
}

#[test]
fn what_is_not_seen_stays_as_it_is() {
    let blocks = lattice().blocks();
    let mut still = texture(|_, _| (0.0, 0.0));
    let hidden = |i: usize| i % blocks < 40;
    let mut left: Vec<f32> = still.iter().map(|y| 0.2 * y).collect();
    for (i, (y, r)) in still.iter_mut().zip(&mut left).enumerate() {
        if hidden(i) {
            (*y, *r) = (0.0, 3.0);
        }
    }
    take_off_all(&mut left, &still);
    for (i, r) in left.iter().enumerate() {
        if hidden(i) {
            assert!((r - 3.0).abs() < f32::EPSILON, "chip {i}: {r}");
        } else {
            assert!(r.abs() < 0.05, "chip {i}: {r}");
        }
    }
}
