//! What darkness within a block hides less of: black beside bright letters, night beside a lamp.
//!
//! The visibility model knows a block by its mean and its texture. Where bright and black meet in one block, both are high, and
//! black would be lifted by what the bright part hides. So a sample that is far darker than its block carries what a flat block
//! of its own darkness would:
//!
//! ```text
//! w[x]  = clamp((d[x] - 16) / min(32, (m[b] - 16) / 2), 0, 1)     d: the darkest of the sample and its eight neighbours
//! s[x]  = w + (1 - w) min(q / a[b], 1)                             share of the pattern that the sample keeps
//! ```
//!
//! with `q` the amplitude of a flat black block. A block that is dark throughout keeps its whole mark.
//!
//! # Shapes and units
//! One share for each sample of the lattice, 0 to 1; code values of 8 bits of the standard picture that looks alike.
//! # References
//! Watson 1993, "DCT quantization matrices visually optimized for individual images": luminance masking, section 2, here within
//! the block.
//! # Determinism
//! Sums, products and divisions in a fixed order.

use crate::lattice::{BLOCK, LatticePlane};
use crate::light::Transfer;
use crate::visibility::{self, DARK_RAMP, DARK_START};

/// Shares of the samples of one frame.
#[derive(Clone, Debug, Default)]
pub(super) struct Shade {
    shares: Vec<f32>,
    /// Some share is below one.
    is_needed: bool,
    standard: Vec<f32>,
    darkest: Vec<f32>,
}

impl Shade {
    /// Looks at a picture on the lattice, whose blocks carry those amplitudes as they look.
    pub(super) fn look(&mut self, host: &LatticePlane, seen: &[f32], transfer: Transfer) {
        let (width, cols) = (host.geometry().width(), host.geometry().cols());
        self.standard.clear();
        let samples = host.samples().iter();
        self.standard
            .extend(samples.map(|&code| transfer.standard(code).0));
        darkest_around(&self.standard, width, &mut self.darkest);
        self.shares.clear();
        self.shares.resize(self.standard.len(), 1.0);
        self.is_needed = false;
        let quiet = visibility::flat_and_black();
        for (block, &amplitude) in seen.iter().enumerate() {
            let corner = block / cols * BLOCK * width + block % cols * BLOCK;
            let lines = (0..BLOCK).map(|line| corner + line * width);
            let lines = lines.map(|start| start..start + BLOCK);
            let sum: f32 = lines
                .clone()
                .map(|line| self.standard[line].iter().sum::<f32>())
                .sum();
            let above = sum / (BLOCK * BLOCK) as f32 - DARK_START;
            if above <= 0.0 || amplitude <= quiet {
                continue;
            }
            let ramp = DARK_RAMP.min(0.5 * above);
            for line in lines {
                let shares = self.shares[line.clone()].iter_mut();
                for (share, darkest) in shares.zip(&self.darkest[line]) {
                    let weight = ((darkest - DARK_START) / ramp).clamp(0.0, 1.0);
                    *share = weight + (1.0 - weight) * (quiet / amplitude);
                    self.is_needed |= weight < 1.0;
                }
            }
        }
    }

    /// Leaves of a pattern what each sample may carry.
    pub(super) fn confine(&self, pattern: &mut LatticePlane) {
        if self.is_needed {
            let shares = self.shares.iter();
            for (sample, share) in pattern.samples_mut().iter_mut().zip(shares) {
                *sample *= share;
            }
        }
    }
}

/// The least of each sample and its eight neighbours.
fn darkest_around(samples: &[f32], width: usize, darkest: &mut Vec<f32>) {
    let lines: Vec<&[f32]> = samples.chunks_exact(width).collect();
    darkest.clear();
    let mut column = vec![0.0_f32; width];
    for y in 0..lines.len() {
        column.copy_from_slice(lines[y]);
        for near in [y.checked_sub(1), Some(y + 1)].into_iter().flatten() {
            if let Some(line) = lines.get(near) {
                for (least, sample) in column.iter_mut().zip(*line) {
                    *least = least.min(*sample);
                }
            }
        }
        let (first, last) = (column[0], column[width - 1]);
        darkest.push(first.min(column.get(1).copied().unwrap_or(first)));
        darkest.extend(
            column
                .windows(3)
                .map(|near| near[0].min(near[1]).min(near[2])),
        );
        if width > 1 {
            darkest.push(last.min(column[width - 2]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::FormatSpec;

    /// A lattice with those code values, and what is left of a pattern of ones where all blocks carry `amplitude`.
    fn left(picture: impl Fn(usize, usize) -> f32, amplitude: f32) -> LatticePlane {
        let lattice = FormatSpec::CURRENT
            .lattice(640, 360)
            .expect("a supported size");
        let mut host = LatticePlane::new(lattice);
        for (y, line) in host.lines_mut().enumerate() {
            for (x, sample) in line.iter_mut().enumerate() {
                *sample = picture(x, y);
            }
        }
        let mut shade = Shade::default();
        shade.look(
            &host,
            &vec![amplitude; lattice.blocks()],
            Transfer::Standard,
        );
        let mut pattern = LatticePlane::new(lattice);
        pattern.samples_mut().fill(1.0);
        shade.confine(&mut pattern);
        pattern
    }

    fn at(pattern: &LatticePlane, x: usize, y: usize) -> f32 {
        pattern.samples()[y * pattern.geometry().width() + x]
    }

    #[test]
    fn black_beside_white_letters_carries_what_black_alone_would() {
        let letters = |x: usize, _| if x % 8 < 4 { 235.0 } else { 16.0 };
        let pattern = left(letters, 2.5);
        let quiet = visibility::flat_and_black();
        assert!((at(&pattern, 14, 11) * 2.5 / quiet - 1.0).abs() < 1e-5);
        // The middle of a letter keeps the mark, its edge is guarded with the black beside it.
        assert!((at(&pattern, 9, 11) - 1.0).abs() < 1e-6);
        assert!(at(&pattern, 11, 11) < 0.2);
    }

    #[test]
    fn a_block_that_is_dark_throughout_keeps_its_mark() {
        let night = |x: usize, y: usize| 20.0 + ((x + y) % 3) as f32;
        let pattern = left(night, 0.8);
        assert!(pattern.samples().iter().all(|share| *share > 0.99));
    }

    #[test]
    fn grey_pictures_are_not_looked_at_twice() {
        let grey = |x: usize, y: usize| 60.0 + ((x * 7 + y * 3) % 120) as f32;
        let pattern = left(grey, 2.5);
        assert!(pattern.samples().iter().all(|share| *share > 0.999_999));
    }

    #[test]
    fn the_darkest_of_nine_is_found_at_corners_too() {
        let mut darkest = Vec::new();
        darkest_around(&[5.0, 4.0, 3.0, 9.0, 1.0, 9.0], 3, &mut darkest);
        assert_eq!(darkest, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        darkest_around(&[5.0, 4.0, 3.0, 9.0, 8.0, 9.0], 3, &mut darkest);
        assert_eq!(darkest, [4.0, 3.0, 3.0, 4.0, 3.0, 3.0]);
    }
}
