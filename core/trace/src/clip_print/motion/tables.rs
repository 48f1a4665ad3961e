//! Many lines of time at once: what each moment has in common with each frame of the reference, from which any line is a sum.
//!
//! ```text
//! D[i,j] = sum_b c[b,i] r[b,j],  c without its mean over time;   at a line between frames j and j + 1, u of the way: (1 - u) D[i,j] + u D[i,j+1]
//! slow  = sum_i D / sqrt(sum c^2 (sum_i |r|^2 - n |mean r|^2)),   the mean over the time between the line's ends
//! quick = the same of what is left of both without the mean of the second around, which has no mean
//! ```
//!
//! # Shapes and units
//! Code values of 8 bits; times in seconds. Correlations.

use countermark_fingerprint::print::{MEANS, PrintMoment};

use super::Shown;
use super::rises::{AROUND_SECONDS, Rises};
use crate::registration::temporal::line::TimeMap;

/// Steps of the first search: seconds of media and of speed.
pub(super) const FIRST_STEPS: (f64, f64) = (0.06, 0.02);
/// Maxima of the first search that are refined.
const REFINED: usize = 6;
/// Frames nearer than that to the one before are passed over, seconds.
const LEAST_STEP: f64 = 0.06;

/// A score, and the offset and speed that have it.
pub(super) type Tried = (f64, f64, f64);

/// One way to look at moments and reference.
pub(super) struct Table {
    /// By moment and frame.
    pub(super) common: Vec<f32>,
    /// Of each moment with itself.
    pub(super) own: Vec<f32>,
    /// Of each frame with itself, and with the next one.
    pub(super) frames: Vec<[f32; 2]>,
}

/// What moments and a reference have in common.
pub(super) struct Tables {
    /// Of the frames.
    pub(super) times: Vec<f64>,
    pub(super) clip_times: Vec<f64>,
    /// Means of the moments and of the frames, each without its mean over time.
    pub(super) moments: Vec<[f32; MEANS]>,
    pub(super) frames: Vec<[f32; MEANS]>,
    pub(super) slow: Table,
    quick: Table,
    /// Integrals of the reference's means over time, up to each frame.
    integrals: Vec<[f32; MEANS]>,
}

impl Table {
    fn of(moments: &[[f32; MEANS]], frames: &[[f32; MEANS]]) -> Self {
        let mut common = Vec::with_capacity(moments.len() * frames.len());
        for moment in moments {
            common.extend(frames.iter().map(|frame| inner(moment, frame)));
        }
        let next = |at: usize| frames.get(at + 1).unwrap_or(&frames[at]);
        Self {
            common,
            own: moments.iter().map(|moment| inner(moment, moment)).collect(),
            frames: (0..frames.len())
                .map(|at| {
                    [
                        inner(&frames[at], &frames[at]),
                        inner(&frames[at], next(at)),
                    ]
                })
                .collect(),
        }
    }
}

impl Tables {
    /// Of the frames of `shown` between two moments, as many as it takes.
    pub(super) fn of(shown: &Shown, moments: &[&PrintMoment], within: [f64; 2]) -> Self {
        let mut used: Vec<usize> = Vec::new();
        let mut last = f64::NEG_INFINITY;
        for (at, time) in shown.times.iter().enumerate() {
            if (within[0]..=within[1]).contains(time) && time - last >= LEAST_STEP {
                last = *time;
                used.push(at);
            }
        }
        let times: Vec<f64> = used.iter().map(|at| shown.times[*at]).collect();
        let seen = |mut means: [f32; MEANS]| {
            for (mean, seen) in means.iter_mut().zip(&shown.parts) {
                if !seen {
                    *mean = 0.0;
                }
            }
            means
        };
        let without_mean = |all: Vec<[f32; MEANS]>| {
            let mut mean = [0.0_f64; MEANS];
            for one in &all {
                for (mean, value) in mean.iter_mut().zip(one) {
                    *mean += f64::from(*value);
                }
            }
            let count = all.len().max(1) as f64;
            let mean = mean.map(|sum| (sum / count) as f32);
            let less = |one: [f32; MEANS]| std::array::from_fn(|k| one[k] - mean[k]);
            all.into_iter().map(less).collect::<Vec<[f32; MEANS]>>()
        };
        let own = without_mean(moments.iter().map(|moment| seen(moment.means)).collect());
        let frames = without_mean(used.iter().map(|at| seen(shown.means[*at])).collect());
        let mut integrals = Vec::with_capacity(frames.len());
        let mut sum = [0.0_f32; MEANS];
        for (at, frame) in frames.iter().enumerate() {
            if let Some(before) = at.checked_sub(1) {
                let seconds = (times[at] - times[before]) as f32;
                for (k, sum) in sum.iter_mut().enumerate() {
                    *sum += 0.5 * seconds * (frame[k] + frames[before][k]);
                }
            }
            integrals.push(sum);
        }
        let rises = Rises::of(moments)
            .own
            .into_iter()
            .map(seen)
            .collect::<Vec<_>>();
        let risen = against_around(&frames, &times);
        Self {
            clip_times: moments.iter().map(|moment| moment.clip_time).collect(),
            slow: Table::of(&own, &frames),
            quick: Table::of(&rises, &risen),
            integrals,
            times,
            moments: own,
            frames,
        }
    }

    /// The line along which both change most alike of those of some speeds, and all that were tried: `line` is that of an offset and a
    /// speed.
    pub(super) fn searched(
        &self,
        line: &impl Fn(f64, f64) -> TimeMap,
        (slowest, fastest): (f64, f64),
        reach: f64,
    ) -> Option<(Tried, Vec<Tried>)> {
        let slow = |offset: f64, speed: f64| self.slow(line(offset, speed));
        let mut all: Vec<Tried> = Vec::new();
        for speed in steps(slowest, fastest, FIRST_STEPS.1) {
            let offsets = steps(-reach, reach, FIRST_STEPS.0);
            all.extend(offsets.map(|offset| (slow(offset, speed), offset, speed)));
        }
        let best = distinct(&mut all, REFINED)
            .into_iter()
            .map(|start| climbed(start, &slow, true))
            .max_by(|a, b| a.0.total_cmp(&b.0))?;
        Some((best, all))
    }

    /// How alike both change along a line; below all others where too little is shown.
    pub(super) fn slow(&self, line: TimeMap) -> f64 {
        self.along(&self.slow, line, true)
    }

    /// How alike both rise and fall.
    pub(super) fn quick(&self, line: TimeMap) -> f64 {
        self.along(&self.quick, line, false)
    }

    fn along(&self, table: &Table, line: TimeMap, has_mean: bool) -> f64 {
        let times = &self.times;
        let (mut both, mut own, mut other, mut known) = (0.0_f32, 0.0_f32, 0.0_f32, 0_usize);
        let mut ends: Option<[f64; 2]> = None;
        let mut after = times.len() / 2;
        for (moment, clip_time) in self.clip_times.iter().enumerate() {
            let media_time = line.at(*clip_time);
            let Some((before, share)) = between(times, media_time, &mut after) else {
                continue;
            };
            known += 1;
            ends = Some([ends.map_or(media_time, |ends| ends[0]), media_time]);
            let common = &table.common[moment * times.len()..][before..before + 2];
            both += (1.0 - share) * common[0] + share * common[1];
            own += table.own[moment];
            let ([this, with_next], [next, _]) = (table.frames[before], table.frames[before + 1]);
            other += (1.0 - share) * (1.0 - share) * this
                + share * share * next
                + 2.0 * share * (1.0 - share) * with_next;
        }
        if known < 3 || 10 * known < 6 * self.clip_times.len() {
            return f64::NEG_INFINITY;
        }
        if let Some([from, to]) = ends.filter(|_| has_mean) {
            let (from_sums, to_sums) = (self.integral(from), self.integral(to));
            let seconds = (to - from) as f32;
            let mean = |k: usize| (to_sums[k] - from_sums[k]) / seconds;
            let squares: f32 = (0..MEANS).map(|k| mean(k) * mean(k)).sum();
            if seconds.abs() > 0.1 {
                other -= known as f32 * squares;
            }
        }
        f64::from(both) / (f64::from(own.max(1e-6)) * f64::from(other.max(1e-6))).sqrt()
    }

    fn integral(&self, media_time: f64) -> [f32; MEANS] {
        let times = &self.times;
        let mut after = times.partition_point(|time| *time < media_time);
        let Some((before, share)) = between(times, media_time, &mut after) else {
            return self.integrals[after.min(times.len() - 1)];
        };
        let (from, to) = (&self.integrals[before], &self.integrals[before + 1]);
        std::array::from_fn(|k| from[k] + share * (to[k] - from[k]))
    }
}

/// From one number to another, both with it.
pub(super) fn steps(from: f64, to: f64, step: f64) -> impl Iterator<Item = f64> {
    let count = ((to - from) / step).round() as usize;
    (0..=count).map(move |n| from + n as f64 * step)
}

/// Eight sums: what is done to all alike is done to several at once.
fn inner(a: &[f32; MEANS], b: &[f32; MEANS]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let mut from = 0;
    while from < MEANS {
        for lane in 0..8 {
            sums[lane] += a[from + lane] * b[from + lane];
        }
        from += 8;
    }
    (sums[0] + sums[4]) + (sums[1] + sums[5]) + ((sums[2] + sums[6]) + (sums[3] + sums[7]))
}

/// The frame before some moment, and how far it is to the next; none where none is near. Looks from `after` on, and puts there which is
/// the next.
pub(super) fn between(times: &[f64], media_time: f64, after: &mut usize) -> Option<(usize, f32)> {
    let mut next = (*after).min(times.len());
    while next < times.len() && times[next] < media_time {
        next += 1;
    }
    while next > 0 && times[next - 1] >= media_time {
        next -= 1;
    }
    *after = next;
    let before = next.checked_sub(1)?;
    let (from, to) = (times[before], *times.get(next)?);
    (to - from <= 0.5).then(|| (before, ((media_time - from) / (to - from)) as f32))
}

/// Frames without the mean of the second around them.
fn against_around(frames: &[[f32; MEANS]], times: &[f64]) -> Vec<[f32; MEANS]> {
    let mut sums = vec![[0.0_f64; MEANS]];
    for frame in frames {
        let last = sums[sums.len() - 1];
        sums.push(std::array::from_fn(|k| last[k] + f64::from(frame[k])));
    }
    let around = |at: usize| {
        let first = times.partition_point(|time| *time < times[at] - AROUND_SECONDS);
        let end = times.partition_point(|time| *time <= times[at] + AROUND_SECONDS);
        let count = (end - first) as f64;
        std::array::from_fn(|k| frames[at][k] - ((sums[end][k] - sums[first][k]) / count) as f32)
    };
    (0..frames.len()).map(around).collect()
}

/// Those with the highest scores that lie apart, highest first; sorts them all.
pub(super) fn distinct(all: &mut [Tried], most: usize) -> Vec<Tried> {
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut starts: Vec<Tried> = Vec::new();
    for one in all.iter() {
        let is_near =
            |other: &Tried| (one.1 - other.1).abs() < 0.2 && (one.2 - other.2).abs() < 0.05;
        if starts.len() < most && !starts.iter().any(is_near) {
            starts.push(*one);
        }
    }
    starts
}

/// Up from a start by steps that are halved.
pub(super) fn climbed(start: Tried, score: &impl Fn(f64, f64) -> f64, moves_speed: bool) -> Tried {
    let mut best = start;
    let (mut step, mut speed_step) = (FIRST_STEPS.0 / 2.0, FIRST_STEPS.1 / 2.0);
    while step > 0.001 {
        let mut moves = vec![(step, 0.0), (-step, 0.0)];
        if moves_speed {
            moves.extend([(0.0, speed_step), (0.0, -speed_step)]);
        }
        let tried = moves.into_iter().map(|(offset, speed)| {
            let (offset, speed) = (best.1 + offset, best.2 + speed);
            (score(offset, speed), offset, speed)
        });
        let next = tried.max_by(|a, b| a.0.total_cmp(&b.0));
        match next {
            Some(next) if next.0 > best.0 => best = next,
            _ => (step, speed_step) = (step / 2.0, speed_step / 2.0),
        }
    }
    best
}
