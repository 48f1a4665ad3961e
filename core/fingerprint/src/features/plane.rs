//! A picture of features: a blur, a difference or a gradient.
//!
//! # Shapes and units
//! `height` rows of `width` samples, row major.

/// A picture that is written over and over.
#[derive(Debug, Default)]
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) samples: Vec<f32>,
}

impl Plane {
    pub(super) fn resize(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.samples.resize(width * height, 0.0);
    }

    pub(super) fn row(&self, y: usize) -> &[f32] {
        &self.samples[y * self.width..(y + 1) * self.width]
    }

    /// Sets the first and the last row and column to zero.
    pub(super) fn clear_rim(&mut self) {
        let last = self.height - 1;
        for (y, row) in self.samples.chunks_exact_mut(self.width).enumerate() {
            if y == 0 || y == last {
                row.fill(0.0);
            } else if let [first, .., last] = row {
                (*first, *last) = (0.0, 0.0);
            }
        }
    }

    /// Means of 2 x 2 samples of another.
    pub(super) fn halve(&mut self, from: &Self) {
        self.resize(from.width / 2, from.height / 2);
        for (y, row) in self.samples.chunks_exact_mut(self.width).enumerate() {
            let top = from.row(2 * y).chunks_exact(2);
            let bottom = from.row(2 * y + 1).chunks_exact(2);
            for ((mean, t), b) in row.iter_mut().zip(top).zip(bottom) {
                *mean = ((t[0] + t[1]) + (b[0] + b[1])) * 0.25;
            }
        }
    }

    /// One less another.
    pub(super) fn subtract(&mut self, more: &Self, less: &Self) {
        self.resize(more.width, more.height);
        let pairs = more.samples.iter().zip(&less.samples);
        for (difference, (more, less)) in self.samples.iter_mut().zip(pairs) {
            *difference = more - less;
        }
    }
}
