//! A moving texture that has nothing to do with the picture before it.
//!
//! ```text
//! t(x, y) = mean + sum_k a_k n_k(x / s_k, y / s_k),   n_k = bicubic through independent values of -1 .. 1
//! shown at time t: the window at (M + M sin(2 pi t / 5 + p), M + M sin(2 pi t / 7 + q)), to even pixels
//! ```
//!
//! # Shapes and units
//! Luma pixels; the margin `M` is 64. Scales `s_k` of luma 128, 32, 8 and 2 with amplitudes 70, 30, 15 and 6; chroma of
//! the two largest with 40 and 15.

use std::f64::consts::TAU;

use crate::{NEUTRAL, Picture, Plane, Random};

use super::super::rectangle::{Rectangle, size_of};
use super::super::resample::{Window, resampled};

const MARGIN: usize = 64;
const OCTAVES: [(usize, f64, f64); 4] = [
    (128, 70.0, 40.0),
    (32, 30.0, 15.0),
    (8, 15.0, 0.0),
    (2, 6.0, 0.0),
];

/// A texture larger than the frame, over which the frame moves.
pub(super) struct Texture {
    drawn: Picture,
    frame: (usize, usize),
    phases: (f64, f64),
}

impl Texture {
    /// A texture for frames like `picture`.
    pub(super) fn new(picture: &Picture, random: &mut Random) -> Self {
        let frame = size_of(picture);
        let size = (frame.0 + 2 * MARGIN, frame.1 + 2 * MARGIN);
        let middle = f32::midpoint(picture.black(), picture.white());
        let plane = |shrink: usize, value| Plane::filled(size.0 / shrink, size.1 / shrink, value);
        let mut drawn = Picture {
            y: plane(1, middle),
            u: plane(2, NEUTRAL),
            v: plane(2, NEUTRAL),
            full_range: picture.full_range,
            bit_depth: picture.bit_depth,
            lies: picture.lies,
        };
        for (scale, luma, chroma) in OCTAVES {
            let mut noise = |shrink: usize, amplitude: f64| {
                let side = |side: usize| (side / scale + 2).next_multiple_of(2) / shrink;
                Plane::from_fn(side(size.0), side(size.1), |_, _| {
                    random.between(-amplitude, amplitude) as f32
                })
            };
            let octave = Picture {
                y: noise(1, luma),
                u: noise(2, chroma),
                v: noise(2, chroma),
                ..drawn.clone()
            };
            let part = Window {
                width: size.0 as f64 / scale as f64,
                height: size.1 as f64 / scale as f64,
                ..Window::whole(&octave)
            };
            let octave = resampled(&octave, size, part);
            for (sum, octave) in [
                (&mut drawn.y, &octave.y),
                (&mut drawn.u, &octave.u),
                (&mut drawn.v, &octave.v),
            ] {
                for (sum, value) in sum.samples_mut().iter_mut().zip(octave.samples()) {
                    *sum += value;
                }
            }
        }
        Self {
            drawn,
            frame,
            phases: (random.between(0.0, TAU), random.between(0.0, TAU)),
        }
    }

    /// What the frame shows at a time.
    pub(super) fn at(&self, seconds: f64) -> Picture {
        let swing = |period: f64, phase: f64| 0.5 + 0.5 * (TAU * seconds / period + phase).sin();
        let place = (swing(5.0, self.phases.0), swing(7.0, self.phases.1));
        Rectangle::placed(size_of(&self.drawn), self.frame, place).cut_from(&self.drawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{drawn, waves};

    #[test]
    fn texture_moves_varies_and_repeats_with_its_seed() {
        let picture = drawn(320, 240, waves);
        let texture = Texture::new(&picture, &mut Random::new([1; 32]));
        let (first, later) = (texture.at(0.0), texture.at(0.5));
        assert_eq!(size_of(&first), (320, 240));
        assert_ne!(first, later);
        let samples = first.y.samples();
        let count = samples.len() as f64;
        let mean = samples.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
        let square = samples.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() / count;
        let deviation = (square - mean * mean).sqrt();
        assert!((15.0..60.0).contains(&deviation), "{deviation}");
        let again = Texture::new(&picture, &mut Random::new([1; 32]));
        assert_eq!(again.at(0.0), first);
        let other = Texture::new(&picture, &mut Random::new([2; 32]));
        assert_ne!(other.at(0.0), first);
    }
}
