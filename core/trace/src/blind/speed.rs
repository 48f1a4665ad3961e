//! At which speed, and from where, a title runs under one footprint: by the synchronisation chips.
//!
//! ```text
//! pace = argmax over speeds v and shifts h of t(h) of the soft values whose bins are floor(v t / seconds of a bin)
//! ```
//!
//! # Shapes and units
//! Speeds in media seconds a second of the clip; shifts in bins; times in seconds.

use std::ops::{Range, RangeInclusive};

use countermark_mark::ChipPlan;
use countermark_mark::blind::demodulate::ChipWindows;
use countermark_mark::soft::bin_seconds;
use countermark_mark::sync::search;

/// Speeds that are tried where nothing is known, and their step: a clip of ten seconds tells two hundredths apart.
const SPEEDS: Range<i32> = -10..13;
const STEP: f64 = 0.02;

/// Steps around a speed that settle it, over and over until none is better.
const NEAR_SPEEDS: [f64; 9] = [
    0.0, -0.003, 0.003, -0.006, 0.006, -0.012, 0.012, -0.02, 0.02,
];

/// Rounds that settle a speed at most.
const ROUNDS: usize = 8;

/// Gain in score for which another speed is believed: than 1, and than others.
const GAIN: (f64, f64) = (1.02, 1.005);

/// Score from which a pace is worth decoding.
const PROMISING: f64 = 4.0;

/// How far from a start shifts are searched, in seconds, and the error of its speed.
const NEAR: f64 = 1.0;
const SPEED_ERROR: f64 = 0.06;

/// How a title runs in a clip.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) speed: f64,
    /// How well the synchronisation chips agree.
    pub(crate) score: f64,
    /// Media seconds at the clip's time zero.
    pub(crate) start: f64,
}

impl Pace {
    /// Whether it is worth decoding.
    pub(crate) fn is_promising(self) -> bool {
        self.score >= PROMISING
    }

    /// Whether the clip runs as the media does.
    pub(crate) fn is_plain(self) -> bool {
        self.is_about(1.0)
    }

    /// Whether the speed is about that.
    pub(crate) fn is_about(self, speed: f64) -> bool {
        (self.speed - speed).abs() < STEP / 2.0
    }
}

/// A search among speeds and shifts.
pub(crate) struct Search<'a> {
    plan: &'a ChipPlan,
    chips: &'a ChipWindows,
    shifts: RangeInclusive<i64>,
    tried: u64,
}

impl<'a> Search<'a> {
    /// Wherever a span of the clip may lie in a media of that length.
    pub(crate) fn everywhere(
        plan: &'a ChipPlan,
        chips: &'a ChipWindows,
        media_seconds: f64,
        [begin, end]: [f64; 2],
    ) -> Self {
        let speed = |n: i32| 1.0 + STEP * f64::from(n);
        let bin_seconds = bin_seconds(plan.format());
        let first = (end * speed(SPEEDS.end) / bin_seconds).ceil() as i64;
        let last = (media_seconds - begin * speed(SPEEDS.start)) / bin_seconds;
        Self {
            plan,
            chips,
            shifts: -first..=last.ceil() as i64,
            tried: 0,
        }
    }

    /// Around a start, as far as an error of the speed moves it in a span of the clip.
    pub(crate) fn near(
        plan: &'a ChipPlan,
        chips: &'a ChipWindows,
        start: f64,
        [begin, end]: [f64; 2],
    ) -> Self {
        let middle = f64::midpoint(begin, end);
        let bin_seconds = bin_seconds(plan.format());
        let around = (start / bin_seconds).round() as i64;
        let reach = ((NEAR + SPEED_ERROR * middle) / bin_seconds) as i64;
        Self {
            plan,
            chips,
            shifts: around - reach..=around + reach,
            tried: 0,
        }
    }

    /// Shifts tried so far, at all speeds.
    pub(crate) fn tried(&self) -> u64 {
        self.tried
    }

    /// The best of all speeds, settled; none when there is nothing to score.
    pub(crate) fn any(&mut self) -> Option<Pace> {
        let speeds: Vec<f64> = SPEEDS.map(|n| 1.0 + STEP * f64::from(n)).collect();
        let best = self.best(&speeds)?;
        // As it runs is what was looked at before.
        let worth_it = best.is_promising() && !best.is_plain();
        Some(if worth_it {
            self.settled(best.speed)
        } else {
            best
        })
    }

    /// From a speed to one that none of those around it beats.
    pub(crate) fn settled(&mut self, from: f64) -> Pace {
        let nothing = Pace {
            speed: from,
            score: 0.0,
            start: 0.0,
        };
        let mut settled = self.best(&[from]).unwrap_or(nothing);
        for _ in 0..ROUNDS {
            let near = NEAR_SPEEDS.map(|step| settled.speed + step);
            let next = self.best(&near).unwrap_or(nothing);
            let stays = (next.speed - settled.speed).abs() < 1e-9;
            settled = next;
            if stays || !settled.is_promising() {
                break;
            }
        }
        settled
    }

    /// The speed under which the chips agree best; the first unless another is clearly better.
    fn best(&mut self, speeds: &[f64]) -> Option<Pace> {
        let mut best: Option<Pace> = None;
        for &speed in speeds {
            let soft = self.chips.soft_values(speed);
            let found = search(self.plan, &soft, self.shifts.clone(), 1);
            self.tried += found.tried;
            let Some(shift) = found.best.first() else {
                continue;
            };
            let pace = Pace {
                speed,
                score: shift.score.value(),
                start: shift.bins as f64 * bin_seconds(self.plan.format()),
            };
            let better = |known: Pace| {
                let plain = (known.speed - 1.0).abs() < 1e-9;
                pace.score > known.score * if plain { GAIN.0 } else { GAIN.1 }
            };
            if best.is_none_or(better) {
                best = Some(pace);
            }
        }
        best
    }
}
