use super::*;
use crate::lattice::LatticeGeometry;
use crate::lattice::dct::{Band, CoefficientPlane};
use crate::observe::Observation;
use crate::observe::parts::Parts;

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
            parts: Parts::default(),
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

/// Soft values beside a reference of a frame that is one unit high everywhere, before others in which a chip swings by so much and all the
/// others by one: how much that chip weighs against another.
fn weight_of_one_that_swings_by(own: f32) -> f32 {
    let times: Vec<f64> = (0..48)
        .map(|n| (f64::from(n) + 0.5) * bin_seconds(&FormatSpec::CURRENT))
        .collect();
    let first = lattice().blocks();
    let clip = clip(&times, |t, i| {
        let swing = if i == first { own } else { 1.0 };
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
    let values = &soft.bins()[0].values;
    values[0] / values[40]
}

#[test]
fn noisy_chips_weigh_less() {
    // A hundred times the median's variance: (100 / 2)^(-3/4) = 0.053.
    let ratio = weight_of_one_that_swings_by(10.0);
    assert!((0.04..0.07).contains(&ratio), "{ratio}");
}

#[test]
fn chips_that_say_nothing_weigh_little_more_than_others() {
    // Below the median an encoder has erased the mark along with the noise: at most 2^(3/4) = 1.7.
    let ratio = weight_of_one_that_swings_by(0.05);
    assert!((1.3..1.7).contains(&ratio), "{ratio}");
}
