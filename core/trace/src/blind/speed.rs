//! At which speed, and from where, a title runs under one footprint: by the synchronisation chips.
//!
//! ```text
//! pace = argmax over speeds v and shifts h of t(h) of the soft values whose bins are floor(v t / seconds of a bin)
//! ```
//!
//! # Shapes and units
//! Speeds in media seconds a second of the clip; shifts in bins; times in seconds.

use std::ops::RangeInclusive;

use countermark_mark::ChipPlan;
use countermark_mark::blind::demodulate::ChipWindows;
use countermark_mark::blind::speeds::SpeedSearch;
use countermark_mark::soft::bin_seconds;

use crate::tuning::SpeedTuning;

/// How a title runs in a clip.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SpeedEstimate {
    pub(crate) speed: f64,
    /// How well the synchronisation chips agree.
    pub(crate) score: f64,
    /// Media seconds at the clip's time zero.
    pub(crate) start: f64,
}

impl SpeedEstimate {
    /// Whether it is worth decoding.
    pub(crate) fn is_promising(self, tuning: &SpeedTuning) -> bool {
        self.score >= tuning.promising_score
    }

    /// Whether the clip runs as the media does.
    pub(crate) fn is_plain(self, tuning: &SpeedTuning) -> bool {
        self.is_about(1.0, tuning)
    }

    /// Whether the speed is about that.
    pub(crate) fn is_about(self, speed: f64, tuning: &SpeedTuning) -> bool {
        (self.speed - speed).abs() < tuning.step / 2.0
    }
}

/// A search among speeds and shifts.
pub(crate) struct Search<'a> {
    plan: &'a ChipPlan,
    shifts_of: SpeedSearch<'a>,
    shifts: RangeInclusive<i64>,
    tried: u64,
    tuning: &'a SpeedTuning,
}

impl<'a> Search<'a> {
    /// Wherever a span of the clip may lie in a media of that length.
    pub(crate) fn everywhere(
        plan: &'a ChipPlan,
        chips: &'a ChipWindows,
        media_seconds: f64,
        [begin, end]: [f64; 2],
        tuning: &'a SpeedTuning,
    ) -> Self {
        let speed = |n: i32| 1.0 + tuning.step * f64::from(n);
        let bin_seconds = bin_seconds(plan.format());
        let first = (end * speed(tuning.fastest_steps) / bin_seconds).ceil() as i64;
        let last = (media_seconds - begin * speed(tuning.slowest_steps)) / bin_seconds;
        Self {
            plan,
            shifts_of: SpeedSearch::new(plan, chips),
            shifts: -first..=last.ceil() as i64,
            tried: 0,
            tuning,
        }
    }

    /// Around a start, as far as an error of the speed moves it in a span of the clip.
    pub(crate) fn near(
        plan: &'a ChipPlan,
        chips: &'a ChipWindows,
        start: f64,
        [begin, end]: [f64; 2],
        tuning: &'a SpeedTuning,
    ) -> Self {
        let middle = f64::midpoint(begin, end);
        let bin_seconds = bin_seconds(plan.format());
        let around = (start / bin_seconds).round() as i64;
        let reach = ((tuning.near_seconds + tuning.speed_error * middle) / bin_seconds) as i64;
        Self {
            plan,
            shifts_of: SpeedSearch::new(plan, chips),
            shifts: around - reach..=around + reach,
            tried: 0,
            tuning,
        }
    }

    /// Shifts tried so far, at all speeds.
    pub(crate) fn tried(&self) -> u64 {
        self.tried
    }

    /// The best of all speeds, settled; none when there is nothing to score.
    pub(crate) fn any(&mut self) -> Option<SpeedEstimate> {
        let tuning = self.tuning;
        let speeds: Vec<f64> = (tuning.slowest_steps..tuning.fastest_steps)
            .map(|n| 1.0 + tuning.step * f64::from(n))
            .collect();
        let best = self.best(&speeds)?;
        // As it runs is what was looked at before.
        let worth_it = best.is_promising(tuning) && !best.is_plain(tuning);
        Some(if worth_it {
            self.settled(best.speed)
        } else {
            best
        })
    }

    /// From a speed to one that none of those around it beats.
    pub(crate) fn settled(&mut self, from: f64) -> SpeedEstimate {
        let tuning = self.tuning;
        let nothing = SpeedEstimate {
            speed: from,
            score: 0.0,
            start: 0.0,
        };
        let mut settled = self.best(&[from]).unwrap_or(nothing);
        // Each step to either side, the finer first; none at all before them.
        let [a, b, c, d] = [
            tuning.finest_settling_step,
            tuning.fine_settling_step,
            tuning.coarse_settling_step,
            tuning.coarsest_settling_step,
        ];
        let steps = [0.0, -a, a, -b, b, -c, c, -d, d];
        for _ in 0..tuning.max_rounds {
            let near = steps.map(|step| settled.speed + step);
            let next = self.best(&near).unwrap_or(nothing);
            let stays = (next.speed - settled.speed).abs() < 1e-9;
            settled = next;
            if stays || !settled.is_promising(tuning) {
                break;
            }
        }
        settled
    }

    /// The speed under which the chips agree best; the first unless another is clearly better.
    fn best(&mut self, speeds: &[f64]) -> Option<SpeedEstimate> {
        let tuning = self.tuning;
        let mut best: Option<SpeedEstimate> = None;
        for &speed in speeds {
            let found = self.shifts_of.at(speed, self.shifts.clone(), 1);
            self.tried += found.tried;
            let Some(shift) = found.best.first() else {
                continue;
            };
            let pace = SpeedEstimate {
                speed,
                score: shift.score.value(),
                start: shift.bins as f64 * bin_seconds(self.plan.format()),
            };
            let better = |known: SpeedEstimate| {
                let plain = (known.speed - 1.0).abs() < 1e-9;
                pace.score
                    > known.score
                        * if plain {
                            tuning.min_gain_over_usual
                        } else {
                            tuning.min_gain_over_other
                        }
            };
            if best.is_none_or(better) {
                best = Some(pace);
            }
        }
        best
    }
}
