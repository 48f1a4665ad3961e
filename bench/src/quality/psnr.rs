//! Peak signal-to-noise ratio of luma between two files, frame by frame.
//!
//! ```text
//! MSE  = mean over samples of (a - b)^2,   code values of the file's own depth
//! PSNR = 10 log10((2^bit_depth - 1)^2 / MSE),  over the clip from the mean MSE of its frames
//! ```
//!
//! # Shapes and units
//! Decibels; identical frames count with an MSE of 0 and an identical clip is at [`Psnr::IDENTICAL_DB`].

use std::path::{Path, PathBuf};

use countermark_media::{Luma, LumaSamples, MediaError, ReadOptions, VideoReader};
use thiserror::Error;

/// Why two files cannot be compared.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PsnrError {
    /// One of them cannot be decoded.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// They are not two versions of one clip.
    #[error("{} is no version of {}: {what} at frame {frame}", b.display(), a.display())]
    Differ {
        /// The first file.
        a: PathBuf,
        /// The second file.
        b: PathBuf,
        /// What differs.
        what: &'static str,
        /// From 0.
        frame: u64,
    },
}

/// The result over a clip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Psnr {
    /// From the mean MSE.
    pub clip_db: f64,
    /// The worst frame's.
    pub worst_db: f64,
    /// Frames compared.
    pub frames: u64,
}

impl Psnr {
    /// Stands for an infinite ratio.
    pub const IDENTICAL_DB: f64 = 100.0;

    fn db(mse: f64, bit_depth: u8) -> f64 {
        let peak = f64::from((1_u32 << bit_depth) - 1);
        if mse > 0.0 {
            (10.0 * (peak * peak / mse).log10()).min(Self::IDENTICAL_DB)
        } else {
            Self::IDENTICAL_DB
        }
    }
}

/// Compares the luma of two files that must have the same frames.
///
/// # Errors
/// When a file cannot be decoded, or frames differ in number, size or depth.
pub fn compare_luma(a: &Path, b: &Path) -> Result<Psnr, PsnrError> {
    let differ = |what, frame| PsnrError::Differ {
        a: a.to_owned(),
        b: b.to_owned(),
        what,
        frame,
    };
    let mut first = VideoReader::open(a, ReadOptions::default())?;
    let mut second = VideoReader::open(b, ReadOptions::default())?;
    let (mut sum, mut worst, mut frames, mut bit_depth) = (0.0, 0.0_f64, 0, 8);
    loop {
        let (x, y) = match (first.next_frame()?, second.next_frame()?) {
            (None, None) => break,
            (Some(x), Some(y)) => (x, y),
            _ => return Err(differ("the number of frames differs", frames)),
        };
        let (x, y) = (x.luma(), y.luma());
        if (x.width, x.height) != (y.width, y.height) {
            return Err(differ("the size differs", frames));
        }
        let mse = mse(&x, &y).ok_or_else(|| differ("the bit depth differs", frames))?;
        bit_depth = x.bit_depth;
        sum += mse;
        worst = worst.max(mse);
        frames += 1;
    }
    Ok(Psnr {
        clip_db: Psnr::db(sum / frames.max(1) as f64, bit_depth),
        worst_db: Psnr::db(worst, bit_depth),
        frames,
    })
}

/// Mean squared difference; none if the depths differ.
fn mse(a: &Luma<'_>, b: &Luma<'_>) -> Option<f64> {
    if a.bit_depth != b.bit_depth {
        return None;
    }
    let sum = match (a.samples, b.samples) {
        (LumaSamples::U8(x), LumaSamples::U8(y)) => squares(x, y, a, b),
        (LumaSamples::U16(x), LumaSamples::U16(y)) => squares(x, y, a, b),
        _ => return None,
    };
    Some(sum as f64 / (a.width * a.height) as f64)
}

fn squares<T: Copy + Into<i64>>(x: &[T], y: &[T], a: &Luma<'_>, b: &Luma<'_>) -> u64 {
    x.chunks(a.stride)
        .zip(y.chunks(b.stride))
        .take(a.height)
        .map(|(p, q)| {
            p[..a.width]
                .iter()
                .zip(&q[..a.width])
                .map(|(&p, &q)| {
                    let d: i64 = p.into() - q.into();
                    (d * d) as u64
                })
                .sum::<u64>()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luma(samples: &[u8], stride: usize, height: usize) -> Luma<'_> {
        Luma {
            samples: LumaSamples::U8(samples),
            width: 3,
            height,
            stride,
            bit_depth: 8,
            full_range: false,
        }
    }

    #[test]
    fn padding_does_not_count() {
        let a = [1, 2, 3, 99, 4, 5, 6];
        let b = [2, 2, 1, 4, 5, 9];
        // (1 + 0 + 4 + 0 + 0 + 9) / 6
        let got = mse(&luma(&a, 4, 2), &luma(&b, 3, 2));
        assert!((got.unwrap_or_default() - 14.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn decibels_follow_the_definition() {
        assert!((Psnr::db(1.0, 8) - 48.130_803).abs() < 1e-5);
        assert!((Psnr::db(16.0, 10) - 48.156_342).abs() < 1e-1);
        assert!((Psnr::db(0.0, 8) - Psnr::IDENTICAL_DB).abs() < 1e-12);
    }
}
