//! The quality of the file that was written: mark and encoder together.
//!
//! ```text
//! PSNR-Y = 10 log10(n / sum ((copy - master) / peak)^2)    over the luma of up to WINDOWS x FRAMES pictures, evenly spread
//! ```

use std::num::NonZeroUsize;
use std::path::Path;

use countermark_media::{CancelToken, MediaError, ReadOptions, VideoFrame, VideoReader};
use countermark_picture::{AnyPlane, Sample as _, by_depth};

/// Parts of the file that are compared, one for every ten seconds at most.
const WINDOWS: u32 = 8;
const SECONDS_A_WINDOW: f64 = 10.0;
/// Pictures of each.
const FRAMES: u64 = 4;
/// Two files count time in their own units.
const SAME_MOMENT_SECONDS: f64 = 0.002;

/// Luma PSNR of `copy` against `master`, dB; none where the sizes differ or nothing was compared, infinite if all is equal.
pub(crate) fn psnr_y_db(
    master: &Path,
    copy: &Path,
    seconds: f64,
    cancel: &CancelToken,
) -> Result<Option<f64>, MediaError> {
    let windows = ((seconds / SECONDS_A_WINDOW).ceil().max(1.0) as u32).min(WINDOWS);
    let (mut error, mut samples) = (0.0, 0_u64);
    for window in 0..windows {
        if cancel.is_cancelled() {
            return Ok(None);
        }
        let from = seconds * (f64::from(window) + 0.5) / f64::from(windows);
        let options = ReadOptions {
            threads: NonZeroUsize::new(2),
            seek_seconds: Some(from),
            max_frames: Some(FRAMES),
            ..ReadOptions::default()
        };
        let mut masters = VideoReader::open(master, options)?;
        let mut copies = VideoReader::open(copy, options)?;
        let (mut was, mut is) = (masters.next_frame()?, copies.next_frame()?);
        while let (Some(a), Some(b)) = (&was, &is) {
            let apart = a.media_time() - b.media_time();
            if apart < -SAME_MOMENT_SECONDS {
                was = masters.next_frame()?;
            } else if apart > SAME_MOMENT_SECONDS {
                is = copies.next_frame()?;
            } else {
                let Some((sum, count)) = squared_error(a, b) else {
                    return Ok(None);
                };
                error += sum;
                samples += count;
                was = masters.next_frame()?;
                is = copies.next_frame()?;
            }
        }
    }
    Ok((samples > 0).then(|| 10.0 * (samples as f64 / error).log10()))
}

/// Sum of squared differences, each as a share of its peak, and how many.
fn squared_error(a: &VideoFrame, b: &VideoFrame) -> Option<(f64, u64)> {
    let (a, b) = (a.luma(), b.luma());
    if a.size() != b.size() {
        return None;
    }
    let (width, height) = a.size();
    let (was, is) = (shares(&a), shares(&b));
    let sum = was.iter().zip(&is).map(|(a, b)| (a - b).powi(2)).sum();
    Some((sum, (width * height) as u64))
}

/// All samples as shares of the peak of their depth: 940 of 10 bits is 235 of 8.
fn shares(luma: &AnyPlane<'_>) -> Vec<f64> {
    let peak = 255.0 * f64::from(1_u32 << (luma.bit_depth().bits() - 8));
    by_depth!(luma, |view| view
        .rows()
        .flatten()
        .map(|sample| f64::from(sample.code()) / peak)
        .collect())
}
