//! Noise where a mark of this project lies: in the low frequencies of the blocks of its coarse lattice.
//!
//! ```text
//! X[b, u, v] = a(u + v) n,   1 <= u + v <= 6,   n normal, fresh for every block and every half second
//! e          = the lattice's inverse DCT of X, widened to the picture,     Y' = Y + S e / rms(e)
//! ```
//!
//! Whoever knows the lattice cannot put it anywhere better: as many signs as the mark has, in its places, with its shape `a`, as
//! long as its epochs last.
//!
//! # Shapes and units
//! `S` in code values on the 8-bit scale; the mark's own deviation is about 1. Twelve blocks of 8 x 8 lattice samples on the short
//! side, fewer where a lattice sample would cover less than two of the picture.

use std::f64::consts::PI;
use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::geometry::resample::{Window, resampled};
use crate::strength::number;
use crate::{ParseAttackError, Picture, Plane, Random};

const BLOCK: usize = 8;

/// Blocks on the short side.
const SHORT_SIDE_BLOCKS: usize = 12;

/// Of the diagonals 1 to 6.
const AMPLITUDES: [f64; 6] = [1.75, 1.35, 1.08, 0.88, 0.78, 0.68];

/// How long signs last.
const EPOCH_SECONDS: f64 = 0.5;

/// Noise of so many code values.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Lattice(f64);

/// Reads `lattice`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    if head != "lattice" {
        return None;
    }
    let step = format!("{head}-{strength}");
    let sigma = number(&step, strength, &(0.1..=16.0), "0.1 to 16 code values");
    Some(sigma.map(|sigma| Box::new(Lattice(sigma)) as Box<dyn PictureAttack>))
}

impl fmt::Display for Lattice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lattice-{}", self.0)
    }
}

impl PictureAttack for Lattice {
    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        Box::new(Each(Noise {
            sigma: self.0,
            random: random.clone(),
            basis: Basis::new(),
            shown: None,
        }))
    }
}

struct Noise {
    sigma: f64,
    random: Random,
    basis: Basis,
    /// The number of the epoch that lasts, and its noise.
    shown: Option<(u64, Plane)>,
}

impl Effect for Noise {
    fn apply(&mut self, mut picture: Picture, seconds: f64) -> Picture {
        // A billionth absorbs the rounding of times at the ends of epochs.
        let epoch = (seconds / EPOCH_SECONDS + 1e-9).max(0.0) as u64;
        let size = (picture.width(), picture.height());
        let lasts =
            |known: &(u64, Plane)| known.0 == epoch && (known.1.width(), known.1.height()) == size;
        let noise = match self.shown.take().filter(lasts) {
            Some((_, noise)) => noise,
            None => noise(size, self.sigma, &self.basis, &mut self.random),
        };
        for (sample, noise) in picture.y.samples_mut().iter_mut().zip(noise.samples()) {
            *sample += noise;
        }
        self.shown = Some((epoch, noise));
        picture
    }
}

/// Noise of one epoch over a picture of some size, of deviation `sigma`.
fn noise(size: (usize, usize), sigma: f64, basis: &Basis, random: &mut Random) -> Plane {
    let (cols, rows) = blocks(size);
    let mut coarse = Plane::filled(cols * BLOCK, rows * BLOCK, 0.0);
    let width = coarse.width();
    for block in 0..cols * rows {
        let corner = (block / cols * width + block % cols) * BLOCK;
        for wave in &basis.0 {
            let height = random.normal();
            for (row, waves) in wave.chunks_exact(BLOCK).enumerate() {
                let samples = &mut coarse.samples_mut()[corner + row * width..][..BLOCK];
                for (sample, wave) in samples.iter_mut().zip(waves) {
                    *sample += (height * wave) as f32;
                }
            }
        }
    }
    let coarse = Picture::grey(coarse);
    let window = Window::whole(&coarse);
    let mut noise = resampled(&coarse, size, window).y;
    let energy: f64 = noise.samples().iter().map(|s| f64::from(s * s)).sum();
    let gain = sigma
        / (energy / noise.samples().len().max(1) as f64)
            .sqrt()
            .max(1e-9);
    for sample in noise.samples_mut() {
        *sample *= gain as f32;
    }
    noise
}

/// Columns and rows of blocks over a picture.
fn blocks((width, height): (usize, usize)) -> (usize, usize) {
    let (short, long) = (width.min(height), width.max(height));
    let few = SHORT_SIDE_BLOCKS.min(short / (2 * BLOCK)).max(1);
    let many = ((2 * few * long + short) / (2 * short.max(1))).max(few);
    if width >= height {
        (many, few)
    } else {
        (few, many)
    }
}

/// The waves of the band in one block, each with its amplitude, row after row.
struct Basis(Vec<[f64; BLOCK * BLOCK]>);

impl Basis {
    fn new() -> Self {
        let scale = |f: usize| if f == 0 { (1.0 / 8.0_f64).sqrt() } else { 0.5 };
        let wave = |f: usize, at: usize| {
            let angle = PI * (2 * at + 1) as f64 * f as f64 / (2 * BLOCK) as f64;
            scale(f) * angle.cos()
        };
        let all = (0..BLOCK).flat_map(|u| (0..BLOCK).map(move |v| (u, v)));
        let band = all.filter(|(u, v)| (1..=AMPLITUDES.len()).contains(&(u + v)));
        let one = |(u, v): (usize, usize)| {
            let amplitude = AMPLITUDES[u + v - 1];
            std::array::from_fn(|at| amplitude * wave(u, at / BLOCK) * wave(v, at % BLOCK))
        };
        Self(band.map(one).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tryout::{applied, applied_from, grey, moments, refused};

    #[test]
    fn the_band_is_that_of_the_mark_and_its_waves_are_orthogonal() {
        let waves = Basis::new().0;
        assert_eq!(waves.len(), 27);
        let product =
            |a: &[f64; 64], b: &[f64; 64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let energies: f64 = waves.iter().map(|wave| product(wave, wave)).sum();
        // The mean square of the mark's amplitudes is 1.
        assert!((energies / 27.0 - 1.0).abs() < 0.01, "{energies}");
        for (at, one) in waves.iter().enumerate() {
            assert!(one.iter().sum::<f64>().abs() < 1e-12, "no mean");
            for other in &waves[at + 1..] {
                assert!(product(one, other).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn noise_has_the_deviation_of_its_name_lasts_half_a_second_and_repeats_with_its_seed() {
        let flat = vec![grey(320, 192, |_, _| 100.0); 26];
        let shown = applied("lattice-2", &flat);
        for picture in &shown {
            let (mean, variance) = moments(picture.y.samples());
            assert!((mean - 100.0).abs() < 0.1, "{mean}");
            assert!((variance.sqrt() / 2.0 - 1.0).abs() < 0.01, "{variance}");
            assert_eq!(picture.u, flat[0].u);
        }
        // Twenty-five pictures a second: the first thirteen are of the first half second.
        assert_eq!(shown[0].y, shown[12].y);
        assert_eq!(shown[13].y, shown[24].y);
        let product: f64 = shown[0]
            .y
            .samples()
            .iter()
            .zip(shown[13].y.samples())
            .map(|(a, b)| f64::from((a - 100.0) * (b - 100.0)))
            .sum();
        // 27 * 240 independent coefficients: five deviations.
        assert!(product.abs() / (320.0 * 192.0 * 4.0) < 0.08, "{product}");
        assert_eq!(applied_from("lattice-2", 0.0, &flat), shown);
    }

    #[test]
    fn the_lattice_is_that_of_the_mark() {
        for (size, expected) in [
            ((1920, 1080), (21, 12)),
            ((720, 1280), (12, 21)),
            ((256, 144), (16, 9)),
        ] {
            assert_eq!(blocks(size), expected, "{size:?}");
        }
    }

    #[test]
    fn strengths_out_of_range_are_refused() {
        refused(&["lattice-0", "lattice-17", "lattice-x"]);
    }
}
