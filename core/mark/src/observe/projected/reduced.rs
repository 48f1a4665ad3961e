//! A frame in means of equal squares.
//!
//! # Shapes and units
//! Row major, code values of 8 bits. What is left over at the right and below belongs to no mean.

use countermark_picture::{PlaneView, Sample};
use rayon::prelude::*;

/// Means of `factor x factor` samples of a frame.
#[derive(Clone, Debug, Default)]
pub(super) struct Reduced {
    factor: usize,
    width: usize,
    height: usize,
    means: Vec<f32>,
}

impl Reduced {
    /// Takes over a frame, at least one sample to a mean.
    pub(super) fn take<T: Sample>(&mut self, frame: &PlaneView<'_, T>, factor: usize) {
        let (width, height) = (frame.geometry().width(), frame.geometry().height());
        let factor = factor.clamp(1, width.min(height));
        (self.factor, self.width, self.height) = (factor, width / factor, height / factor);
        self.means.clear();
        self.means.resize(self.width * self.height, 0.0);
        let scale =
            1.0 / (factor as u32 * factor as u32 * frame.bit_depth().codes_per_8bit_code()) as f32;
        let lines = self.means.par_chunks_exact_mut(self.width);
        lines.enumerate().for_each(|(y, means)| {
            for row in (y * factor..(y + 1) * factor).map(|row| frame.row(row)) {
                // The usual factors, known to the compiler.
                match factor {
                    1 => add_sums(means, row.as_chunks::<1>().0, scale),
                    2 => add_sums(means, row.as_chunks::<2>().0, scale),
                    3 => add_sums(means, row.as_chunks::<3>().0, scale),
                    4 => add_sums(means, row.as_chunks::<4>().0, scale),
                    _ => add_sums(means, row.chunks_exact(factor), scale),
                }
            }
        });
    }

    /// Samples along the side of a mean.
    pub(super) fn factor(&self) -> usize {
        self.factor
    }

    /// Means across and down.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// All of them.
    pub(super) fn means(&self) -> &[f32] {
        &self.means
    }
}

/// Adds `scale` times the sum of each run of samples.
fn add_sums<T: Sample>(
    means: &mut [f32],
    runs: impl IntoIterator<Item = impl AsRef<[T]>>,
    scale: f32,
) {
    for (mean, run) in means.iter_mut().zip(runs) {
        let sum: u32 = run
            .as_ref()
            .iter()
            .map(|&sample| u32::from(sample.into()))
            .sum();
        *mean += sum as f32 * scale;
    }
}
