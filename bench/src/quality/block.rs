//! The block that lost most: where a mark that is fine on average shows.
//!
//! ```text
//! side = max(16, 8 round(min(width, height) / 540)),   blocks at 0, side, 2 side, ... and one that ends at each edge
//! PSNR_B = 10 log10((2^bit_depth - 1)^2 / MSE_B)
//! ```
//!
//! A block is 16 samples wide up to 1080 lines, as in video coding, and grows with the picture above that: the same
//! share of the screen at 2160 lines as at 1080. With a fixed side the worst of four times as many and four times
//! smaller blocks would be worse for no reason that a viewer can see. Below 1080 lines it does not shrink, for the
//! opposite reason: an MSE over a few dozen samples is mostly chance.
//!
//! # Shapes and units
//! Decibels, capped at [`Psnr::IDENTICAL_DB`]; positions in samples of the picture. The last column and the last row of
//! blocks are moved back to end at the edge, so that each sample lies in a whole block.

use serde::{Deserialize, Serialize};

use super::frames::FrameAt;
use super::pair::{LEAST_SIDE, PlanePair, Square};
use super::psnr::Psnr;

/// The worst block of a clip.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WorstBlock {
    /// Its PSNR.
    pub db: f64,
    /// Its frame, the first of equals.
    pub frame: FrameAt,
    /// First column.
    pub x: usize,
    /// First row.
    pub y: usize,
    /// Columns and rows.
    pub side: usize,
}

/// A block of one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Block {
    /// MSE over the square of the peak.
    pub(super) relative_mse: f64,
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) side: usize,
}

impl Block {
    /// The worst block of a frame, the first of equals.
    pub(super) fn worst_of<T: Square>(pair: &PlanePair<'_, T>) -> Self {
        let (width, height) = (pair.width(), pair.height());
        let side = side(width.min(height));
        let (mut most, mut place) = (0, (0, 0));
        for y in starts(height, side) {
            for x in starts(width, side) {
                let energy: u64 = (y..y + side).map(|y| pair.energy(x, y, side)).sum();
                if energy > most {
                    (most, place) = (energy, (x, y));
                }
            }
        }
        Self {
            relative_mse: most as f64 / (side * side) as f64 / pair.peak_square(),
            x: place.0,
            y: place.1,
            side,
        }
    }
}

/// Searches frame by frame.
#[derive(Debug, Clone, Default)]
pub(super) struct BlockMeter {
    worst: Option<(Block, FrameAt)>,
}

impl BlockMeter {
    pub(super) fn add<T: Square>(&mut self, at: FrameAt, pair: &PlanePair<'_, T>) {
        let block = Block::worst_of(pair);
        if self
            .worst
            .is_none_or(|(worst, _)| block.relative_mse > worst.relative_mse)
        {
            self.worst = Some((block, at));
        }
    }

    /// None without frames.
    pub(super) fn result(&self) -> Option<WorstBlock> {
        let (block, frame) = self.worst?;
        Some(WorstBlock {
            db: Psnr::decibels(block.relative_mse),
            frame,
            x: block.x,
            y: block.y,
            side: block.side,
        })
    }
}

/// Samples a side for a picture with that short side.
fn side(short_side: usize) -> usize {
    const GRAIN: usize = 8;
    (GRAIN * ((short_side + 270) / 540)).max(LEAST_SIDE)
}

/// Where blocks begin along a side of `length >= side` samples.
fn starts(length: usize, side: usize) -> impl Iterator<Item = usize> {
    (0..length)
        .step_by(side)
        .map(move |start| start.min(length - side))
}

#[cfg(test)]
mod tests {
    use super::super::pair::tests::{Picture, noise};
    use super::*;

    #[test]
    fn block_grows_with_the_picture_above_1080_lines_only() {
        let sides = [16, 360, 720, 1080, 1440, 2160, 4320].map(side);
        assert_eq!(sides, [16, 16, 16, 16, 24, 32, 64]);
    }

    #[test]
    fn blocks_cover_each_sample_and_stay_inside() {
        for length in 16..80 {
            let mut covered = vec![false; length];
            for start in starts(length, 16) {
                covered[start..start + 16].fill(true);
            }
            assert!(covered.iter().all(|&c| c), "{length}");
        }
        assert_eq!(starts(32, 16).collect::<Vec<_>>(), [0, 16]);
        assert_eq!(starts(33, 16).collect::<Vec<_>>(), [0, 16, 17]);
    }

    #[test]
    fn worst_block_agrees_with_a_search_by_the_formula() {
        let size = (71, 45);
        let paint = |seed: usize| move |x, y| noise(seed, x, y, 4095) as u16;
        let a = Picture::new(size, 12, paint(3));
        let b = Picture::new(size, 12, paint(4));
        let mut expected = Vec::new();
        for y in [0, 16, 29] {
            for x in [0, 16, 32, 48, 55] {
                let squares = (0..256).map(|i| {
                    let (x, y) = (x + i % 16, y + i / 16);
                    let d = f64::from(noise(3, x, y, 4095)) - f64::from(noise(4, x, y, 4095));
                    d * d
                });
                let mse = squares.sum::<f64>() / 256.0;
                expected.push((10.0 * (4095.0_f64.powi(2) / mse).log10(), x, y));
            }
        }
        let lowest = expected
            .into_iter()
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .expect("blocks");
        let block = Block::worst_of(&a.with(&b));
        assert_eq!((block.x, block.y), (lowest.1, lowest.2));
        assert!((Psnr::decibels(block.relative_mse) - lowest.0).abs() < 1e-9);
    }

    #[test]
    fn a_lone_error_is_found_in_its_frame_and_at_the_very_edge() {
        let clean = Picture::new((40, 35), 8, |_, _| 90_u8);
        let spot = Picture::new(
            (40, 35),
            8,
            |x, y| if (x, y) == (39, 34) { 100 } else { 90 },
        );
        let mut meter = BlockMeter::default();
        for index in 0..4 {
            let at = FrameAt {
                index,
                media_time: index as f64,
            };
            let marked = if index == 2 { &spot } else { &clean };
            meter.add(at, &clean.with(marked));
        }
        let worst = meter.result().expect("frames");
        assert_eq!(
            (worst.frame.index, worst.x, worst.y, worst.side),
            (2, 24, 19, 16)
        );
        // One sample in 256 that is off by 10.
        assert!((worst.db - 10.0 * (255.0_f64.powi(2) * 2.56).log10()).abs() < 1e-9);
    }
}
