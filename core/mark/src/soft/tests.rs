use super::*;
use crate::lattice::LatticeGeometry;
use crate::lattice::dct::{Band, CoefficientPlane};
use crate::observe::Observation;

fn lattice() -> LatticeGeometry {
    FormatSpec::CURRENT
        .lattice(640, 360)
        .expect("a supported size")
}

fn clip(times: &[f64], value: impl Fn(usize, usize) -> f32) -> Vec<Observation> {
    let observe = |(t, &media_time): (usize, &f64)| {
        let mut coefficients = CoefficientPlane::new(lattice(), &Band::observed(lattice()));
        for (i, x) in coefficients.values_mut().iter_mut().enumerate() {
            *x = value(t, i);
        }
        Observation {
            media_time,
            coefficients,
            unseen: Vec::new(),
        }
    };
    times.iter().enumerate().map(observe).collect()
}

#[test]
fn frames_fall_into_the_bins_of_their_time() {
    let clip = clip(&[0.0, 0.05, 0.07, 0.51, 3.0], |_, i| (i % 7) as f32);
    let soft = SoftValues::new(
        &Residuals::blind(lattice(), &clip),
        &FormatSpec::CURRENT,
        Trust::Blind,
    );
    let numbers: Vec<u64> = soft.bins().iter().map(|bin| bin.number).collect();
    assert_eq!(numbers, [0, 1, 8, 48]);
    assert!(
        soft.bins()
            .iter()
            .all(|bin| bin.values.len() == Band::of_mark(lattice()).len() * lattice().blocks())
    );
}

#[test]
fn epochs_are_sums_of_their_bins() {
    let times: Vec<f64> = (0..32)
        .map(|n| (f64::from(n) + 0.5) * bin_seconds(&FormatSpec::CURRENT))
        .collect();
    let clip = clip(&times, |t, i| ((t * 13 + i * 7) % 11) as f32);
    let soft = SoftValues::new(
        &Residuals::blind(lattice(), &clip),
        &FormatSpec::CURRENT,
        Trust::Reference,
    );
    let (epochs, sums) = soft.epochs(16);
    assert_eq!(epochs, [1, 2, 3, 4, 5, 6]);
    let chip = 99;
    let total: f64 = soft
        .bins()
        .iter()
        .map(|bin| f64::from(bin.values[chip]))
        .sum();
    // The weights of a moment's epochs sum to one.
    let whole: f64 = sums.column(chip).iter().map(|y| f64::from(*y)).sum();
    assert!((whole - total).abs() < 1e-3);
}

#[test]
fn bins_before_the_media_are_left_out() {
    let clip = clip(&[0.0, 1.0, 2.0], |t, i| (t * i % 5) as f32);
    let soft = SoftValues::new(
        &Residuals::blind(lattice(), &clip),
        &FormatSpec::CURRENT,
        Trust::Blind,
    );
    assert!(soft.epochs(-17).0.iter().all(|epoch| *epoch < 3));
    let (epochs, sums) = soft.epochs(-1000);
    assert!(epochs.is_empty() && sums.is_empty());
}

#[test]
fn noisy_chips_weigh_less() {
    let times: Vec<f64> = (0..48)
        .map(|n| (f64::from(n) + 0.5) * bin_seconds(&FormatSpec::CURRENT))
        .collect();
    let noisy = lattice().blocks();
    // All chips are one unit high in the first frame; then chip 0 swings by ten, the others by one.
    let clip = clip(&times, |t, i| {
        let swing = if i == noisy { 10.0 } else { 1.0 };
        if t == 0 {
            1.0
        } else {
            swing * [1.0, -1.0][t % 2]
        }
    });
    let soft = SoftValues::new(
        &Residuals::blind(lattice(), &clip),
        &FormatSpec::CURRENT,
        Trust::Reference,
    );
    let first = &soft.bins()[0].values;
    // A hundred times the variance: 100^(-3/8) = 0.18.
    let ratio = first[0] / first[40];
    assert!((0.1..0.3).contains(&ratio), "{ratio}");
}
