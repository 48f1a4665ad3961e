//! The clip's own clock: the seconds that a player shows, whatever the file's timestamps do.
//!
//! ```text
//! media_time = (pts - origin) * time_base
//! origin     = the stream's start time, else the first frame's pts; at a break it moves so that the frame follows the one
//!              before after that one's length
//! ```
//!
//! A break is a step backwards by more than [`BACKWARDS_SECONDS`], or by less onto a key frame (a clock that starts anew, an overlap
//! after a reconnect), and
//! in formats whose clock may jump, such as transport streams, a step ahead of more than [`AHEAD_SECONDS`]. A counter that
//! is full and begins at 0 again is no break: `2^bits` is added. Without a break nothing is changed, to the last bit.
//!
//! # Shapes and units
//! Timestamps, lengths and the origin in ticks of the stream's time base; times in seconds.
//! # References
//! ISO/IEC 13818-1, 2.4.3.5 and 2.7.6: discontinuities of the clock of a transport stream, 33 bits of 1/90000 s.
//! FFmpeg 5.1, `ffmpeg -dts_delta_threshold`: 10 s.

use crate::{Pts, Rational};

/// A step back of more than this is a clock that starts anew: B-frames of broken muxers stay below it.
const BACKWARDS_SECONDS: f64 = 0.25;

/// A step ahead of more than this is a jump of the clock, where the format allows jumps; a shorter one is a hole, which lasts.
const AHEAD_SECONDS: f64 = 10.0;

/// Steps from frame to frame that are remembered: the shortest of them is a frame's length, though frames are missing.
const REMEMBERED: usize = 4;

/// A place where the clip's seconds and the file's part.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ClockBreak {
    /// The first frame behind it, counted from the first frame that was read.
    pub frame: u64,
    /// Its seconds on the clip's clock.
    pub clip_seconds: f64,
    /// Its timestamp in the file, in seconds.
    pub file_seconds: f64,
    /// What its timestamp would have been without the break, in seconds.
    pub expected_seconds: f64,
}

/// Turns timestamps, in the order in which frames are shown, into the clip's seconds.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    time_base: Rational,
    origin: Option<i64>,
    /// Whether the format's clock may jump ahead.
    may_jump: bool,
    /// Ticks until the counter begins at 0 again.
    wrap: Option<i64>,
    /// A frame's length where nothing better is known, in ticks.
    usual_length: i64,
    last: Option<Last>,
    steps: [i64; REMEMBERED],
    taken: u64,
    breaks: Vec<ClockBreak>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    pts: i64,
    length: Option<i64>,
}

/// How a stream counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counting {
    pub(crate) time_base: Rational,
    /// Bits of a timestamp.
    pub(crate) wrap_bits: u32,
    pub(crate) may_jump: bool,
    /// Ticks from one frame to the next, as the file has it.
    pub(crate) usual_length: i64,
}

impl Clock {
    /// A clock that starts at `origin`, else with the first frame.
    pub(crate) fn new(counting: Counting, origin: Option<i64>) -> Self {
        Self {
            time_base: counting.time_base,
            origin,
            may_jump: counting.may_jump,
            wrap: (counting.wrap_bits < 63).then(|| 1 << counting.wrap_bits),
            usual_length: counting.usual_length.max(1),
            last: None,
            steps: [i64::MAX; REMEMBERED],
            taken: 0,
            breaks: Vec::new(),
        }
    }

    /// The time of the next frame; `length` in ticks where it is known for certain, as that of sound is. Whether a piece may begin
    /// with the frame: a key frame that steps back by however little does.
    pub(crate) fn time(&mut self, pts: i64, length: Option<i64>, is_key: bool) -> f64 {
        let mut origin = self.origin.unwrap_or(pts);
        if let Some(last) = self.last {
            let mut step = pts.saturating_sub(last.pts);
            if let Some(wrap) = self.wrap
                && step < -(wrap / 2)
                && !self.is_broken(step.saturating_add(wrap), is_key)
            {
                step += wrap;
                origin = origin.saturating_sub(wrap);
            }
            if self.is_broken(step, is_key) {
                let due = last
                    .pts
                    .saturating_add(last.length.unwrap_or_else(|| self.frame()));
                let moved = origin.saturating_add(pts.saturating_sub(due));
                self.breaks.push(ClockBreak {
                    frame: self.taken,
                    clip_seconds: self.seconds(pts.saturating_sub(moved)),
                    file_seconds: self.seconds(pts),
                    expected_seconds: self.seconds(due),
                });
                origin = moved;
                self.steps = [i64::MAX; REMEMBERED];
            } else if step > 0 {
                self.steps.rotate_right(1);
                self.steps[0] = step;
            }
        }
        self.origin = Some(origin);
        self.last = Some(Last { pts, length });
        self.taken += 1;
        self.seconds(pts.saturating_sub(origin))
    }

    /// Forgets the frames so far, but not the origin: after a seek.
    pub(crate) fn forget(&mut self) {
        self.last = None;
        self.steps = [i64::MAX; REMEMBERED];
    }

    /// Media time 0 in ticks, once it is known.
    pub(crate) fn origin(&self) -> Option<i64> {
        self.origin
    }

    /// Where the clip's seconds and the file's have parted so far.
    pub(crate) fn breaks(&self) -> &[ClockBreak] {
        &self.breaks
    }

    /// A frame's length: the shortest of the last steps.
    fn frame(&self) -> i64 {
        let shortest = self.steps.iter().copied().min().unwrap_or(i64::MAX);
        if shortest == i64::MAX {
            self.usual_length
        } else {
            shortest
        }
    }

    fn is_broken(&self, step: i64, is_key: bool) -> bool {
        let seconds = self.seconds(step);
        seconds < -BACKWARDS_SECONDS
            || (step < 0 && is_key)
            || (self.may_jump && seconds > AHEAD_SECONDS)
    }

    fn seconds(&self, ticks: i64) -> f64 {
        Pts(ticks).seconds(self.time_base)
    }
}

/// The timestamp in the file, in seconds, of a moment of the clip, where the first frame's is `start_seconds`.
#[must_use]
pub fn file_seconds(breaks: &[ClockBreak], start_seconds: f64, clip_seconds: f64) -> f64 {
    // A moment that was computed may lie a rounding before the frame that it means.
    const ROUNDING: f64 = 1e-6;
    let behind = |known: &&ClockBreak| known.clip_seconds <= clip_seconds + ROUNDING;
    match breaks.iter().rev().find(behind) {
        Some(known) => known.file_seconds + (clip_seconds - known.clip_seconds),
        None => start_seconds + clip_seconds,
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "without a break no bit may change")]
mod tests {
    use super::*;

    /// 90 kHz and 25 frames a second.
    const FRAME: i64 = 3600;

    fn clock(may_jump: bool) -> Clock {
        let counting = Counting {
            time_base: Rational::new(1, 90_000),
            wrap_bits: 33,
            may_jump,
            usual_length: FRAME,
        };
        Clock::new(counting, None)
    }

    fn times(clock: &mut Clock, pts: impl IntoIterator<Item = i64>) -> Vec<f64> {
        pts.into_iter()
            .map(|pts| clock.time(pts, None, false))
            .collect()
    }

    fn piece(from: i64, frames: i64) -> impl Iterator<Item = i64> {
        (0..frames).map(move |frame| from + frame * FRAME)
    }

    fn is_continuous(times: &[f64]) -> bool {
        let exact =
            |(frame, time): (usize, &f64)| *time == frame as f64 * FRAME as f64 * (1.0 / 90_000.0);
        times.iter().enumerate().all(exact)
    }

    #[test]
    fn a_clock_that_restarts_goes_on() {
        let mut clock = clock(true);
        let times = times(&mut clock, piece(126_000, 75).chain(piece(126_000, 75)));
        assert!(is_continuous(&times), "{times:?}");
        let [only] = clock.breaks() else {
            panic!("one break, not {:?}", clock.breaks());
        };
        assert_eq!(only.frame, 75);
        assert!((only.clip_seconds - 3.0).abs() < 1e-9 && (only.file_seconds - 1.4).abs() < 1e-9);
        assert!((only.expected_seconds - 4.4).abs() < 1e-9);
    }

    #[test]
    fn a_jump_of_a_thousand_seconds_is_taken_out_where_clocks_may_jump() {
        let pieces = || piece(0, 75).chain(piece(90_000_000, 75));
        let mut jumping = clock(true);
        assert!(is_continuous(&times(&mut jumping, pieces())));
        assert_eq!(jumping.breaks().len(), 1);
        // In other files the picture stands still for so long, and a player shows that.
        let mut standing = clock(false);
        assert_eq!(times(&mut standing, pieces())[75], 1000.0);
        assert_eq!(standing.breaks(), []);
    }

    #[test]
    fn an_overlap_is_shown_after_what_it_overlaps() {
        for may_jump in [false, true] {
            let mut clock = clock(may_jump);
            let pieces = piece(0, 75).chain(piece(90_000, 75));
            assert!(is_continuous(&times(&mut clock, pieces)));
            assert_eq!(clock.breaks().len(), 1);
            assert!((clock.breaks()[0].file_seconds - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn a_full_counter_begins_again_without_a_break() {
        let full = 1_i64 << 33;
        let mut clock = clock(true);
        let pts = piece(full - 10 * FRAME, 75).map(|pts| pts % full);
        assert!(is_continuous(&times(&mut clock, pts)));
        assert_eq!(clock.breaks(), []);
    }

    #[test]
    fn a_piece_of_another_rate_follows_after_a_frame_of_the_one_before() {
        let mut clock = clock(true);
        let advertisement = (0..30).map(|frame| 500 + frame * 3000);
        let times = times(
            &mut clock,
            piece(0, 25).chain(advertisement).chain(piece(0, 2)),
        );
        assert!(
            (times[25] - 1.0).abs() < 1e-9 && (times[26] - times[25] - 1.0 / 30.0).abs() < 1e-9
        );
        assert!((times[55] - 2.0).abs() < 1e-9, "{}", times[55]);
        assert_eq!(clock.breaks().len(), 2);
    }

    #[test]
    fn holes_jitter_and_variable_rates_stay_as_they_are() {
        let pts = [
            0,
            3600,
            3600,
            3500,
            90_000,
            90_000 + 9 * 90_000,
            900_001,
            903_333,
        ];
        let mut clock = clock(true);
        let times = times(&mut clock, pts);
        for (time, pts) in times.into_iter().zip(pts) {
            assert_eq!(
                time.to_bits(),
                Pts(pts).seconds(Rational::new(1, 90_000)).to_bits()
            );
        }
        assert_eq!(clock.breaks(), []);
    }

    #[test]
    fn a_piece_that_overlaps_by_a_frame_begins_with_a_key_frame() {
        let mut clock = clock(true);
        times(&mut clock, piece(0, 75));
        let first = clock.time(73 * FRAME, None, true);
        assert!((first - 3.0).abs() < 1e-9, "{first}");
        assert_eq!(clock.breaks().len(), 1);
    }

    #[test]
    fn a_frame_that_is_lost_before_a_break_is_no_longer_frame() {
        let mut clock = clock(true);
        let with_a_hole = piece(0, 10).chain(piece(12 * FRAME, 1));
        let times = times(&mut clock, with_a_hole.chain(piece(0, 1)));
        assert!((times[11] - 13.0 * 0.04).abs() < 1e-9, "{}", times[11]);
    }

    #[test]
    fn a_moment_of_the_clip_has_its_timestamp() {
        let mut clock = clock(true);
        times(&mut clock, piece(126_000, 75).chain(piece(126_000, 75)));
        let at = |seconds| file_seconds(clock.breaks(), 1.4, seconds);
        assert!((at(1.0) - 2.4).abs() < 1e-9);
        assert!((at(3.0) - 1.4).abs() < 1e-9);
        assert!((at(4.0) - 2.4).abs() < 1e-9);
    }
}
