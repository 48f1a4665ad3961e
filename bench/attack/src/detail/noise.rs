//! Attacks that add noise: white, and grain as of film.
//!
//! ```text
//! noise-S   p' = p + S n,                       n white, normal, fresh for every sample of every plane and picture
//! grain-S   Y' = Y + S a(y) m,                  a(y) = 4 y (1 - y), y clipped to [0, 1]; luma only
//!           m = G_0.75 n / |G_0.75|_2           correlation exp(-d^2 / 1.5^2) at a distance of d samples
//! ```
//!
//! # Shapes and units
//! `S` in code values on the 8-bit scale; `n` and `m` have mean 0 and deviation 1.
//! # Determinism
//! Sixteen bits of the step's stream pick one of 65,536 quantiles of the normal law, so no deviate exceeds 4.33.

use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::light::colour::Coding;
use crate::strength::number;
use crate::{ParseAttackError, Picture, Plane, Random};

use super::gaussian::Gaussian;

/// Half the distance at which the correlation of grain falls to 1/e.
const GRAIN_SIGMA: f64 = 0.75;
const QUANTILES: usize = 1 << 16;

/// Noise with its strength.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    White(f64),
    Grain(f64),
}

/// Reads `noise` and `grain`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let sigma = || number(&step, strength, &(0.1..=64.0), "0.1 to 64 code values");
    let kind = match head {
        "noise" => sigma().map(Kind::White),
        "grain" => sigma().map(Kind::Grain),
        _ => return None,
    };
    Some(kind.map(|kind| Box::new(kind) as Box<dyn PictureAttack>))
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::White(sigma) => write!(f, "noise-{sigma}"),
            Self::Grain(sigma) => write!(f, "grain-{sigma}"),
        }
    }
}

impl PictureAttack for Kind {
    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        let deviates = Deviates::new(random.clone());
        match *self {
            Self::White(sigma) => Box::new(Each(White {
                sigma: sigma as f32,
                deviates,
            })),
            Self::Grain(sigma) => {
                let shape = Gaussian::new(GRAIN_SIGMA);
                Box::new(Each(Grain {
                    gain: sigma as f32 / shape.noise_gain().sqrt(),
                    shape,
                    deviates,
                }))
            }
        }
    }
}

struct White {
    sigma: f32,
    deviates: Deviates,
}

impl Effect for White {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        for plane in [&mut picture.y, &mut picture.u, &mut picture.v] {
            self.deviates.add(plane, self.sigma);
        }
        picture
    }
}

struct Grain {
    gain: f32,
    shape: Gaussian,
    deviates: Deviates,
}

impl Effect for Grain {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        let coding = Coding::of(&picture);
        let mut white = Plane::filled(picture.width(), picture.height(), 0.0);
        self.deviates.add(&mut white, self.gain);
        let grain = self.shape.smooth(&white);
        for (sample, grain) in picture.y.samples_mut().iter_mut().zip(grain.samples()) {
            let y = ((*sample - coding.black) / coding.luma_span).clamp(0.0, 1.0);
            *sample += 4.0 * y * (1.0 - y) * grain;
        }
        picture
    }
}

/// Normal deviates, four from each draw.
struct Deviates {
    quantiles: Vec<f32>,
    random: Random,
}

impl Deviates {
    fn new(random: Random) -> Self {
        // The law is summed up from the left in steps that are small beside the gaps between quantiles.
        let step = 1e-4;
        let (mut below, mut place) = (0.0, -6.0_f64);
        let mut half = Vec::with_capacity(QUANTILES / 2);
        while half.len() < QUANTILES / 2 && place < 0.0 {
            let density = (-0.5 * place * place).exp() / std::f64::consts::TAU.sqrt();
            place += step;
            below += density * step;
            while half.len() < QUANTILES / 2 && below * QUANTILES as f64 >= half.len() as f64 + 0.5
            {
                half.push(place);
            }
        }
        half.resize(QUANTILES / 2, 0.0);
        let variance = half.iter().map(|q| q * q).sum::<f64>() / half.len() as f64;
        let scaled = |q: &f64| (q / variance.sqrt()) as f32;
        let mut quantiles: Vec<f32> = half.iter().map(scaled).collect();
        quantiles.extend(half.iter().rev().map(|q| -scaled(q)));
        Self { quantiles, random }
    }

    /// Adds `sigma` times a deviate to each sample.
    fn add(&mut self, plane: &mut Plane, sigma: f32) {
        for four in plane.samples_mut().chunks_mut(4) {
            let mut bits = self.random.bits();
            for sample in four {
                *sample += sigma * self.quantiles[bits as usize % QUANTILES];
                bits >>= 16;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tryout::{applied, applied_once, grey, moments, refused};

    #[test]
    fn noise_has_the_deviation_of_its_name_in_every_plane() {
        let flat = grey(256, 256, |_, _| 100.0);
        for (name, sigma) in [("noise-2", 2.0), ("noise-5", 5.0)] {
            let out = applied_once(name, &flat);
            for (plane, mean) in [(&out.y, 100.0), (&out.u, 128.0), (&out.v, 128.0)] {
                let found = moments(plane.samples());
                // Five deviations of the estimates from 16,384 samples.
                assert!((found.0 - mean).abs() < 0.04 * sigma, "{name}: {found:?}");
                assert!(
                    (found.1.sqrt() / sigma - 1.0).abs() < 0.028,
                    "{name}: {found:?}"
                );
            }
            let luma = moments(out.y.samples()).1.sqrt();
            assert!((luma / sigma - 1.0).abs() < 0.015, "{name}: {luma}");
        }
    }

    #[test]
    fn noise_is_normal_white_and_fresh() {
        let flat = grey(256, 128, |_, _| 0.0);
        let two = applied("noise-1", &[flat.clone(), flat]);
        let count = 256.0 * 128.0;
        let beyond = |limit: f32| {
            let far = two[0].y.samples().iter().filter(|s| s.abs() > limit);
            far.count() as f64 / count
        };
        // Two-sided tails of the normal law, five deviations.
        assert!((beyond(1.0) - 0.3173).abs() < 0.013, "{}", beyond(1.0));
        assert!((beyond(2.0) - 0.0455).abs() < 0.006, "{}", beyond(2.0));
        let product = |a: &[f32], b: &[f32]| {
            let sum: f64 = a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum();
            sum / count
        };
        let (first, second) = (two[0].y.samples(), two[1].y.samples());
        for (name, found) in [
            ("next sample", product(first, &first[1..])),
            ("row below", product(first, &first[256..])),
            ("next picture", product(first, second)),
        ] {
            assert!(found.abs() < 0.028, "{name}: {found}");
        }
    }

    #[test]
    fn grain_is_correlated_over_a_pixel_and_a_half_and_strongest_in_mid_tones() {
        let deviation = |code: f32| {
            let out = applied_once("grain-5", &grey(256, 256, |_, _| code));
            assert!(out.u == grey(256, 256, |_, _| 0.0).u);
            (moments(out.y.samples()).1.sqrt(), out)
        };
        let (middle, out) = deviation(125.5);
        assert!((middle / 5.0 - 1.0).abs() < 0.04, "{middle}");
        let quarter = deviation(16.0 + 219.0 / 4.0).0;
        assert!((quarter / 3.75 - 1.0).abs() < 0.04, "{quarter}");
        assert!(deviation(16.0).0 < 1e-6 && deviation(235.0).0 < 1e-3);
        let samples = out.y.samples();
        for (apart, expected) in [
            (1_usize, -1.0_f64 / 2.25),
            (2, -4.0 / 2.25),
            (4, -16.0 / 2.25),
        ] {
            let pairs = samples.iter().zip(&samples[apart..]);
            let product: f64 = pairs
                .map(|(a, b)| f64::from(a - 125.5) * f64::from(b - 125.5))
                .sum();
            let found = product / (samples.len() as f64 * middle * middle);
            assert!((found - expected.exp()).abs() < 0.04, "{apart}: {found}");
        }
    }

    #[test]
    fn strengths_out_of_range_are_refused() {
        refused(&["noise-0", "noise-65", "grain-0", "grain-5px"]);
    }
}
