//! The parts of a file that are looked at, and the master's own frames beside them.
//!
//! ```text
//! window k of n:   from  D (k + 1/2) / n,    n = ceil(D / 10 s), at most 8;    and one moment that the caller names
//! PSNR-Y = 10 log10(N / sum ((copy - master) / peak)^2)
//! ```
//!
//! # Shapes and units
//! Media time is seconds since the first frame, frames are counted; samples are shares of the peak of their depth.

use std::num::NonZeroUsize;
use std::path::Path;

use countermark_media::{MediaError, ReadOptions, VideoFrame, VideoReader};
use countermark_picture::{AnyPlane, Sample as _, by_depth};

/// Parts of the file that are looked at, one for every ten seconds at most.
const WINDOWS: u32 = 8;
const SECONDS_A_WINDOW: f64 = 10.0;
/// Frames of a window that its quality is of.
pub(super) const QUALITY_FRAMES: u64 = 4;
/// Frames of all windows, at least: half an epoch in two places.
const LEAST_FRAMES: u64 = 24;
/// Frames of the window that is also recompressed: of several epochs, and no more than a small part of a short file.
const RECOMPRESSED_FRAMES: [f64; 2] = [12.0, 36.0];
const RECOMPRESSED_FRAMES_A_SECOND: f64 = 3.0;
/// Two files count time in their own units.
pub(super) const SAME_MOMENT_SECONDS: f64 = 0.002;

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    /// Media time at which it begins.
    pub(super) from: f64,
    /// Frames of it.
    pub(super) frames: u64,
    /// Whether it is one of those that the file's PSNR is of.
    pub(super) is_usual: bool,
}

/// The windows of a file of `seconds`, the usual ones first, and one at the moment `also`. The last one is recompressed too.
pub(super) fn plan(seconds: f64, also: Option<f64>) -> Vec<Window> {
    let count = ((seconds / SECONDS_A_WINDOW).ceil().max(1.0) as u32).min(WINDOWS);
    let all = u64::from(count) + u64::from(also.is_some());
    let frames = QUALITY_FRAMES.max(LEAST_FRAMES.div_ceil(all));
    let usual = (0..count).map(|window| Window {
        from: seconds * (f64::from(window) + 0.5) / f64::from(count),
        frames,
        is_usual: true,
    });
    let also = also.map(|from| Window {
        from,
        frames,
        is_usual: false,
    });
    let mut windows: Vec<Window> = usual.chain(also).collect();
    if let Some(last) = windows.last_mut() {
        let [least, most] = RECOMPRESSED_FRAMES;
        let wanted = (seconds * RECOMPRESSED_FRAMES_A_SECOND).clamp(least, most);
        last.frames = last.frames.max(wanted as u64);
    }
    windows
}

/// Shows each frame of the window to `visit`, with the master's of the same moment.
pub(super) fn pairs<E: From<MediaError>>(
    (master, copy): (&Path, &Path),
    window: Window,
    mut visit: impl FnMut(&VideoFrame, &VideoFrame) -> Result<(), E>,
) -> Result<(), E> {
    let mut masters = open(master, window)?;
    let mut copies = open(copy, window)?;
    let (mut was, mut is) = (masters.next_frame()?, copies.next_frame()?);
    while let (Some(a), Some(b)) = (&was, &is) {
        let apart = a.media_time() - b.media_time();
        if apart < -SAME_MOMENT_SECONDS {
            was = masters.next_frame()?;
        } else if apart > SAME_MOMENT_SECONDS {
            is = copies.next_frame()?;
        } else {
            visit(a, b)?;
            was = masters.next_frame()?;
            is = copies.next_frame()?;
        }
    }
    Ok(())
}

/// The window's frames in a file.
pub(super) fn open(path: &Path, window: Window) -> Result<VideoReader, MediaError> {
    let options = ReadOptions {
        threads: NonZeroUsize::new(2),
        seek_seconds: Some(window.from),
        max_frames: Some(window.frames),
        ..ReadOptions::default()
    };
    VideoReader::open(path, options)
}

/// Squared differences of two pictures and how many samples they are of.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct SquaredError {
    sum: f64,
    samples: u64,
}

impl SquaredError {
    /// Of two pictures; none where the sizes differ.
    pub(super) fn between(a: &AnyPlane<'_>, b: &AnyPlane<'_>) -> Option<Self> {
        if a.size() != b.size() {
            return None;
        }
        let (width, height) = a.size();
        let (was, is) = (shares(a), shares(b));
        let sum = was.iter().zip(&is).map(|(a, b)| (a - b).powi(2)).sum();
        Some(Self {
            sum,
            samples: (width * height) as u64,
        })
    }

    pub(super) fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.samples += other.samples;
    }

    /// dB; none where nothing was compared, infinite if all is equal.
    pub(super) fn psnr_db(&self) -> Option<f64> {
        (self.samples > 0).then(|| 10.0 * (self.samples as f64 / self.sum).log10())
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_lie_inside_of_the_file_and_have_frames_enough() {
        for seconds in [0.5, 9.0, 35.0, 7200.0] {
            let windows = plan(seconds, Some(seconds / 3.0));
            assert!(windows.iter().all(|it| it.from < seconds), "{windows:?}");
            let frames: u64 = windows.iter().map(|it| it.frames).sum();
            assert!(frames >= LEAST_FRAMES, "{windows:?}");
        }
        assert_eq!(plan(35.0, None).len(), 4);
        assert_eq!(plan(7200.0, None).len(), 8);
    }
}
