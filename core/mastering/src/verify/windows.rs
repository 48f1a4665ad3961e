//! The parts of a file that are looked at, and the master's own frames beside them.
//!
//! ```text
//! window k of n in [k, k + 1) D / n,    n = ceil(D / 10 s), at most 8;    and one moment that the caller names: where n = 1, in reserve
//! at the moment whose key frames are nearest before it in both files: what lies between is decoded and not looked at
//! PSNR-Y = 10 log10(N / sum ((copy - master) / peak)^2)
//! ```
//!
//! A window lies a little behind its key frame, which encoders give more bits than the pictures that follow it.
//!
//! # Shapes and units
//! Media time is seconds since the first frame, frames are counted; samples are shares of the peak of their depth.

use std::num::NonZeroUsize;
use std::path::Path;

use countermark_media::{MediaError, ReadOptions, VideoFrame, VideoInfo, VideoReader};
use countermark_picture::{AnyPlane, PlaneView, Sample, by_depth};

/// Parts of the file that are looked at, one for every ten seconds at most.
const WINDOWS: u32 = 8;
const SECONDS_A_WINDOW: f64 = 10.0;
/// Frames of a window that its quality is of.
pub(super) const QUALITY_FRAMES: u64 = 4;
/// Frames of all windows, at least: half an epoch in two places.
const LEAST_FRAMES: u64 = 24;
/// Frames of the only window of a short file, whose reserve has those above: most need no more.
const FEW_FRAMES: u64 = 12;
/// Frames of the window that is also recompressed: of several epochs, and no more than a small part of a short file.
const RECOMPRESSED_FRAMES: [f64; 2] = [12.0, 36.0];
const RECOMPRESSED_FRAMES_A_SECOND: f64 = 3.0;
/// From a key frame to the window behind it, in seconds.
const BEHIND_A_KEY: f64 = 0.2;
/// The first window begins no earlier than this share of its part: films begin black.
const FIRST_SHARE: f64 = 0.25;
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
    /// Whether the mark's strength is measured in it, and it is recompressed.
    pub(super) is_thorough: bool,
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// In the order of time.
    pub(super) windows: Vec<Window>,
    /// Looked at as well where the others say too little.
    pub(super) reserve: Option<Window>,
}

/// The windows of a file of `seconds`, one of them at the moment `also`. That one is the thorough one, else the last. In a short file,
/// of which decoding is dear, it is in reserve. `keys` are the key frames of the files that are read.
pub(super) fn plan(seconds: f64, also: Option<f64>, keys: [&[f64]; 2]) -> Plan {
    let count = ((seconds / SECONDS_A_WINDOW).ceil().max(1.0) as u32).min(WINDOWS);
    let all = u64::from(count) + u64::from(also.is_some());
    let is_short = count == 1 && also.is_some();
    let frames = if is_short {
        FEW_FRAMES
    } else {
        QUALITY_FRAMES.max(LEAST_FRAMES.div_ceil(all))
    };
    let part = seconds / f64::from(count);
    let usual = (0..count).map(|window| {
        let begin = part * f64::from(window);
        let first = if window == 0 {
            FIRST_SHARE * part
        } else {
            begin
        };
        Window {
            from: cheapest([first, begin + part], begin + part / 2.0, keys),
            frames,
            is_usual: true,
            is_thorough: false,
        }
    });
    let also = also.map(|from| Window {
        from,
        frames: if is_short { LEAST_FRAMES } else { frames },
        is_usual: false,
        is_thorough: false,
    });
    let (also, reserve) = if is_short { (None, also) } else { (also, None) };
    let mut windows: Vec<Window> = usual.chain(also).collect();
    if let Some(last) = windows.last_mut() {
        let [least, most] = RECOMPRESSED_FRAMES;
        let wanted = (seconds * RECOMPRESSED_FRAMES_A_SECOND).clamp(least, most);
        last.frames = last.frames.max(wanted as u64);
        last.is_thorough = true;
    }
    windows.sort_by(|a, b| a.from.total_cmp(&b.from));
    Plan { windows, reserve }
}

/// The moment of a part that the least is decoded for; of equal ones the one that is nearest to `middle`.
fn cheapest([begin, end]: [f64; 2], middle: f64, keys: [&[f64]; 2]) -> f64 {
    let cost = |moment: f64| -> f64 {
        let waits = keys.iter().map(|keys| moment - key_before(keys, moment));
        waits.sum()
    };
    let behind = keys.iter().flat_map(|keys| {
        let first = keys.partition_point(|key| key + BEHIND_A_KEY < begin);
        let last = keys.partition_point(|key| key + 2.0 * BEHIND_A_KEY < end);
        let inside = keys.get(first..last).unwrap_or_default();
        inside.iter().map(|key| key + BEHIND_A_KEY)
    });
    // Moments of two files that are the same differ by a rounding: so do their costs.
    let rounded = |moment: f64| {
        (
            (cost(moment) / SAME_MOMENT_SECONDS).round(),
            (moment - middle).abs(),
        )
    };
    let better = |a: f64, b: f64| if rounded(b) < rounded(a) { b } else { a };
    behind.fold(begin, better)
}

/// The last key frame at a moment or before it; the beginning where there is none.
fn key_before(keys: &[f64], moment: f64) -> f64 {
    let after = keys.partition_point(|key| *key <= moment + SAME_MOMENT_SECONDS);
    after
        .checked_sub(1)
        .map_or(0.0, |last| keys[last].min(moment))
}

/// A file whose windows are read one after the other: what lies close ahead is read on to, else a key frame is gone to.
pub(super) struct Cursor<'a> {
    pub(super) path: &'a Path,
    keys: &'a [f64],
    reader: Option<VideoReader>,
    /// How the reader was opened: see [`Cursor::go_to`].
    is_careful: bool,
    /// The next frame, where it was looked at already.
    next: Option<VideoFrame>,
    /// Media time up to which frames were read.
    at: f64,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(path: &'a Path, keys: &'a [f64]) -> Self {
        Self {
            path,
            keys,
            reader: None,
            is_careful: false,
            next: None,
            at: 0.0,
        }
    }

    /// Goes to the first frame at `seconds` or after it. With care everything is decoded that a picture may need, however the file was
    /// made; without, from the key frame before it.
    pub(super) fn go_to(&mut self, seconds: f64, with_care: bool) -> Result<(), MediaError> {
        let is_ahead = self.reader.is_some()
            && self.at <= seconds + SAME_MOMENT_SECONDS
            && key_before(self.keys, seconds) <= self.at;
        if !is_ahead || with_care {
            self.next = None;
            match &mut self.reader {
                Some(reader) if self.is_careful == with_care => reader.go_to(seconds)?,
                other => {
                    let options = ReadOptions {
                        threads: NonZeroUsize::new(2),
                        seek_seconds: Some(seconds),
                        has_closed_groups: !with_care,
                        ..ReadOptions::default()
                    };
                    *other = Some(VideoReader::open(self.path, options)?);
                    self.is_careful = with_care;
                }
            }
        }
        while let Some(frame) = self.peek()?
            && frame.media_time() < seconds - SAME_MOMENT_SECONDS
        {
            self.take();
        }
        Ok(())
    }

    /// The next frame, which stays the next.
    pub(super) fn peek(&mut self) -> Result<Option<&VideoFrame>, MediaError> {
        if self.next.is_none()
            && let Some(reader) = &mut self.reader
        {
            self.next = reader.next_frame()?;
            if let Some(frame) = &self.next {
                self.at = frame.media_time();
            }
        }
        Ok(self.next.as_ref())
    }

    /// Passes over the frame that was looked at.
    pub(super) fn take(&mut self) {
        self.next = None;
    }

    /// What the file says of its video; none before it was gone to.
    pub(super) fn info(&self) -> Option<&VideoInfo> {
        self.reader.as_ref().map(VideoReader::info)
    }

    /// Frames a second, as the file says.
    pub(super) fn frame_rate(&self) -> Option<countermark_media::Rational> {
        let rate = self.info()?.frame_rate;
        rate.is_known().then_some(rate)
    }
}

/// Shows each frame of the window to `visit`, with the master's of the same moment; both files are where it begins.
pub(super) fn pairs<E: From<MediaError>>(
    (master, copy): (&mut Cursor<'_>, &mut Cursor<'_>),
    frames: u64,
    mut visit: impl FnMut(&VideoFrame, &VideoFrame) -> Result<(), E>,
) -> Result<(), E> {
    let (mut of_master, mut of_copy) = (0, 0);
    while of_master < frames && of_copy < frames {
        let (Some(was), Some(is)) = (master.peek()?, copy.peek()?) else {
            break;
        };
        let apart = was.media_time() - is.media_time();
        if apart.abs() <= SAME_MOMENT_SECONDS {
            visit(was, is)?;
        }
        if apart <= SAME_MOMENT_SECONDS {
            master.take();
            of_master += 1;
        }
        if apart >= -SAME_MOMENT_SECONDS {
            copy.take();
            of_copy += 1;
        }
    }
    Ok(())
}

/// The frames of a part of a file, whatever comes before them.
pub(super) fn open(path: &Path, from: f64, frames: u64) -> Result<VideoReader, MediaError> {
    let options = ReadOptions {
        threads: NonZeroUsize::new(2),
        seek_seconds: Some(from),
        max_frames: Some(frames),
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
        let sum = by_depth!(a, |a| by_depth!(b, |b| squared_error(a, b)));
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

/// Of samples as shares of the peak of their depth: 940 of 10 bits is 235 of 8. Differences are whole numbers of the deeper one's codes.
fn squared_error<A: Sample, B: Sample>(a: &PlaneView<'_, A>, b: &PlaneView<'_, B>) -> f64 {
    let depths = [a.bit_depth().bits(), b.bit_depth().bits()];
    let deeper = depths[0].max(depths[1]);
    let [shift_a, shift_b] = depths.map(|depth| deeper - depth);
    let mut sum = 0_u64;
    for (a, b) in a.rows().zip(b.rows()) {
        for (a, b) in a.iter().zip(b) {
            let a = i64::from(a.code()) << shift_a;
            let b = i64::from(b.code()) << shift_b;
            sum += (a - b).unsigned_abs().pow(2);
        }
    }
    let peak = 255.0 * f64::from(1_u32 << (deeper - 8));
    sum as f64 / (peak * peak)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_lie_inside_of_the_file_and_have_frames_enough() {
        for seconds in [0.5, 9.0, 35.0, 7200.0] {
            let Plan { windows, reserve } = plan(seconds, Some(seconds / 3.0), [&[0.0], &[0.0]]);
            let all: Vec<Window> = windows.into_iter().chain(reserve).collect();
            assert!(all.iter().all(|it| it.from < seconds), "{all:?}");
            let frames: u64 = all.iter().map(|it| it.frames).sum();
            assert!(frames >= LEAST_FRAMES, "{all:?}");
            assert_eq!(all.iter().filter(|it| it.is_thorough).count(), 1);
            assert_eq!(reserve.is_some(), seconds <= 10.0);
        }
        assert_eq!(plan(35.0, None, [&[], &[]]).windows.len(), 4);
        assert_eq!(plan(7200.0, None, [&[], &[]]).windows.len(), 8);
    }

    #[test]
    fn a_window_lies_where_both_files_have_a_key_frame_shortly_before() {
        let (master, copy) = ([0.0, 4.0, 8.0, 16.0], [0.0, 7.9, 16.0, 19.9]);
        let windows = plan(20.0, None, [&master, &copy]).windows;
        let from: Vec<f64> = windows.iter().map(|window| window.from).collect();
        // 0.2 s behind the copy's own, 0.1 s behind the master's; 19.9 is at the end, and 16.0 is both files'.
        assert_eq!(from, [8.1, 16.2]);
        // A part without a key frame is looked at where it begins; never the beginning of the file.
        let windows = plan(20.0, None, [&[0.0], &[0.0]]).windows;
        let from: Vec<f64> = windows.iter().map(|window| window.from).collect();
        assert_eq!(from, [2.5, 10.0]);
    }

    #[test]
    fn pictures_of_other_depths_are_compared_by_their_shares() {
        let (eight, ten) = ([16_u8, 235, 100, 101], [64_u16, 940, 400, 400]);
        let a = AnyPlane::of_bytes(&eight, 2, 2, 2).expect("a plane");
        let geometry = countermark_picture::PlaneGeometry::packed(2, 2).expect("a size");
        let b =
            PlaneView::new(&ten, geometry, countermark_picture::BitDepth::TEN).expect("a plane");
        let error = SquaredError::between(&a, &AnyPlane::U16(b)).expect("of one size");
        let wanted = 10.0 * (4.0 * 255.0_f64.powi(2)).log10();
        assert!((error.psnr_db().expect("compared") - wanted).abs() < 1e-9);
    }
}
