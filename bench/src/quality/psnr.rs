//! Peak signal-to-noise ratio of luma between two files, frame by frame.
//!
//! ```text
//! MSE  = mean over samples of (a - b)^2,   code values of the file's own depth
//! PSNR = 10 log10((2^bit_depth - 1)^2 / MSE),  over the clip from the mean MSE of its frames
//! ```
//!
//! # Shapes and units
//! Decibels; identical frames count with an MSE of 0 and an identical clip is at [`Psnr::IDENTICAL_DB`].

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::frames::{CompareError, FrameAt, FramePairs, LumaPair};
use super::pair::{PlanePair, Square};

/// The result over a clip.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Psnr {
    /// From the mean MSE.
    pub clip_db: f64,
    /// The worst frame's.
    pub worst_db: f64,
    /// The worst frame, the first of equals.
    pub worst_frame: FrameAt,
    /// Frames compared.
    pub frames: u64,
}

impl Psnr {
    /// Stands for an infinite ratio.
    pub const IDENTICAL_DB: f64 = 100.0;

    /// From an MSE that is divided by the square of the peak.
    pub(super) fn decibels(relative_mse: f64) -> f64 {
        if relative_mse > 0.0 {
            (-10.0 * relative_mse.log10()).min(Self::IDENTICAL_DB)
        } else {
            Self::IDENTICAL_DB
        }
    }
}

/// Adds up frames.
#[derive(Debug, Clone, Default)]
pub(super) struct PsnrMeter {
    /// Of MSE over squared peak.
    sum: f64,
    worst: Option<(f64, FrameAt)>,
    frames: u64,
}

impl PsnrMeter {
    pub(super) fn add<T: Square>(&mut self, at: FrameAt, pair: &PlanePair<'_, T>) {
        let relative_mse = relative_mse(pair);
        self.sum += relative_mse;
        self.frames += 1;
        if self.worst.is_none_or(|(worst, _)| relative_mse > worst) {
            self.worst = Some((relative_mse, at));
        }
    }

    /// None without frames.
    pub(super) fn result(&self) -> Option<Psnr> {
        let (worst, worst_frame) = self.worst?;
        Some(Psnr {
            clip_db: Psnr::decibels(self.sum / self.frames as f64),
            worst_db: Psnr::decibels(worst),
            worst_frame,
            frames: self.frames,
        })
    }
}

/// Compares the luma of two files that must have the same frames: PSNR alone, where [`super::measure_luma`] is more than
/// is asked.
///
/// # Errors
/// When a file cannot be decoded, or frames differ in number, size or depth.
pub fn compare_luma(master: &Path, marked: &Path) -> Result<Psnr, CompareError> {
    let mut pairs = FramePairs::open(master, marked)?;
    let mut meter = PsnrMeter::default();
    while let Some(pair) = pairs.next_pair()? {
        match pairs.luma(&pair)? {
            LumaPair::U8(luma) => meter.add(pair.at(), &luma),
            LumaPair::U16(luma) => meter.add(pair.at(), &luma),
        }
    }
    meter.result().ok_or_else(|| CompareError::Empty {
        master: master.to_owned(),
    })
}

/// Mean squared difference over the square of the peak.
fn relative_mse<T: Square>(pair: &PlanePair<'_, T>) -> f64 {
    let (width, height) = (pair.width(), pair.height());
    let energy: u64 = (0..height).map(|y| pair.energy(0, y, width)).sum();
    energy as f64 / (width * height) as f64 / pair.peak_square()
}

#[cfg(test)]
mod tests {
    use super::super::pair::tests::{Picture, noise};
    use super::*;

    fn at(index: u64) -> FrameAt {
        FrameAt {
            index,
            media_time: index as f64 * 0.04,
        }
    }

    #[test]
    fn decibels_follow_the_definition() {
        assert!((Psnr::decibels(1.0 / 255.0_f64.powi(2)) - 48.130_803).abs() < 1e-5);
        assert!((Psnr::decibels(16.0 / 1023.0_f64.powi(2)) - 48.156_313).abs() < 1e-5);
        assert!((Psnr::decibels(0.0) - Psnr::IDENTICAL_DB).abs() < 1e-12);
    }

    #[test]
    fn mean_squared_error_agrees_with_the_formula_at_odd_sizes() {
        let size = (53, 31);
        let a = Picture::new(size, 10, |x, y| noise(1, x, y, 1023) as u16);
        let b = Picture::new(size, 10, |x, y| noise(2, x, y, 1023) as u16);
        let mut sum = 0.0;
        for y in 0..size.1 {
            for x in 0..size.0 {
                let d = f64::from(noise(1, x, y, 1023)) - f64::from(noise(2, x, y, 1023));
                sum += d * d;
            }
        }
        let expected = sum / (size.0 * size.1) as f64 / 1023.0_f64.powi(2);
        // Both add integers below 2^53: only the division rounds.
        assert!((relative_mse(&a.with(&b)) / expected - 1.0).abs() < 1e-14);
    }

    #[test]
    fn clip_averages_errors_and_not_decibels() {
        let picture = |level: u8| Picture::new((16, 16), 8, move |_, _| level);
        let (grey, off_by_1, off_by_3) = (picture(100), picture(101), picture(103));
        let mut meter = PsnrMeter::default();
        assert_eq!(meter.result(), None);
        for (index, marked) in [&grey, &off_by_3, &off_by_1, &off_by_3].iter().enumerate() {
            meter.add(at(index as u64), &grey.with(marked));
        }
        let psnr = meter.result().expect("frames");
        let mean = f64::from(9 + 1 + 9) / 4.0;
        assert!((psnr.clip_db - 10.0 * (255.0_f64.powi(2) / mean).log10()).abs() < 1e-9);
        assert!((psnr.worst_db - 10.0 * (255.0_f64.powi(2) / 9.0).log10()).abs() < 1e-9);
        assert_eq!((psnr.worst_frame, psnr.frames), (at(1), 4));
    }
}
