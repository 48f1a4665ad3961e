//! The line of time along which a title moves as a print does.
//!
//! ```text
//! c[b,i]  mean of part b of the print at moment t[i];   r[b,i]  that of the reference through the map, at m0 + s (t[i] - t0)
//! correlation = sum_b cov(c[b], r[b]) / sqrt(sum_b var c[b]  sum_b var r[b])
//! likeness of moment i = correlation over b of c[., i] and r[., i]
//! ```
//!
//! Means are taken off along time, so that brightness, captions and logos do not count, and the gain is divided out. Of speeds
//! that do nearly as well the usual one is taken.
//!
//! # Shapes and units
//! Means of `PARTS x PARTS` parts, code values of 8 bits; times in seconds.

use std::sync::Arc;

use countermark_fingerprint::print::{MEANS, PARTS, PrintMoment};
use countermark_picture::Homography;

use crate::clip_print::shelf::Chunk;
use crate::registration::temporal::line::TimeMap;
use crate::tuning::PrintTuning;

/// Points of a part along each side.
const POINTS: usize = 6;
/// Steps of the first search: seconds of media and of speed.
const FIRST_STEPS: (f64, f64) = (0.06, 0.02);
/// Maxima of the first search that are refined.
const REFINED: usize = 6;
/// Deviation below which nothing moves, code values.
const STILL: f64 = 0.15;
/// By how much less a line may correlate that the pictures do not object to.
const OBJECTION: f64 = 0.02;

/// The reference as the print would show it.
pub(crate) struct Shown {
    times: Vec<f64>,
    means: Vec<[f32; MEANS]>,
    /// Whether a part shows the reference.
    parts: [bool; MEANS],
}

/// What was found.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    pub(crate) time: TimeMap,
    pub(crate) correlation: f64,
    /// How far the line may be off before the pictures object.
    pub(crate) tolerance: f64,
    /// How like the reference each moment is along the line; below 0 where it is not known.
    pub(crate) likeness: Vec<f64>,
}

impl Shown {
    /// Through `map`, from samples of a reference of `reference` columns and rows to those of a print of `size`; none when the
    /// print shows next to nothing of it.
    pub(crate) fn through(
        chunks: &[Arc<Chunk>],
        map: &Homography,
        reference: (usize, usize),
        size: (usize, usize),
    ) -> Option<Self> {
        let small = chunks.iter().find(|chunk| !chunk.times.is_empty())?.size;
        let back = map.inverse()?;
        let mut points: Vec<Vec<[(usize, f32); 4]>> = Vec::with_capacity(MEANS);
        for part in 0..MEANS {
            let at = |index: usize, point: usize, side: usize| {
                (index as f64 + (point as f64 + 0.5) / POINTS as f64) / PARTS as f64 * side as f64
            };
            let mut own = Vec::new();
            for point in 0..POINTS * POINTS {
                let x = at(part % PARTS, point % POINTS, size.0);
                let y = at(part / PARTS, point / POINTS, size.1);
                let Some((x, y)) = back.map((x, y)) else {
                    continue;
                };
                let x = x / reference.0 as f64 * small.0 as f64;
                let y = y / reference.1 as f64 * small.1 as f64;
                let inside =
                    (0.0..small.0 as f64).contains(&x) && (0.0..small.1 as f64).contains(&y);
                if inside {
                    own.push(taps((x, y), small));
                }
            }
            points.push(own);
        }
        let parts: [bool; MEANS] =
            std::array::from_fn(|part| 4 * points[part].len() >= 3 * POINTS * POINTS);
        if parts.iter().filter(|seen| **seen).count() < 3 {
            return None;
        }
        let (mut times, mut means) = (Vec::new(), Vec::new());
        for chunk in chunks.iter().filter(|chunk| chunk.size == small) {
            for (index, time) in chunk.times.iter().enumerate() {
                let frame = chunk.frame(index);
                times.push(*time);
                means.push(std::array::from_fn(|part| {
                    let own = &points[part];
                    let sum: f32 = own
                        .iter()
                        .flatten()
                        .map(|&(at, weight)| weight * f32::from(frame[at]))
                        .sum();
                    sum / (own.len().max(1) as f32 * 128.0)
                }));
            }
        }
        Some(Self {
            times,
            means,
            parts,
        })
    }

    /// The means at some moment; none where no frame is near. The frame after it is looked for from `near` on, and put there.
    fn at(&self, media_time: f64, near: &mut usize) -> Option<[f32; MEANS]> {
        let mut after = (*near).min(self.times.len());
        while after < self.times.len() && self.times[after] < media_time {
            after += 1;
        }
        while after > 0 && self.times[after - 1] >= media_time {
            after -= 1;
        }
        *near = after;
        let before = after.checked_sub(1)?;
        let (from, to) = (self.times[before], *self.times.get(after)?);
        if to - from > 0.5 {
            return None;
        }
        let share = ((media_time - from) / (to - from)) as f32;
        let mut shown = self.means[before];
        for (shown, after) in shown.iter_mut().zip(&self.means[after]) {
            *shown += share * (after - *shown);
        }
        Some(shown)
    }

    fn correlation(&self, moments: &[&PrintMoment], line: TimeMap) -> Option<Sums> {
        // One array for each sum: what is done to all parts alike is done to several at once.
        let (mut c, mut r, mut cc, mut rr, mut cr) = (
            [0.0_f64; MEANS],
            [0.0_f64; MEANS],
            [0.0_f64; MEANS],
            [0.0_f64; MEANS],
            [0.0_f64; MEANS],
        );
        let (mut count, mut near) = (0_usize, self.times.len() / 2);
        for moment in moments {
            let Some(shown) = self.at(line.at(moment.clip_time), &mut near) else {
                continue;
            };
            count += 1;
            for k in 0..MEANS {
                let (own, other) = (f64::from(moment.means[k]), f64::from(shown[k]));
                c[k] += own;
                r[k] += other;
                cc[k] += own * own;
                rr[k] += other * other;
                cr[k] += own * other;
            }
        }
        if count < 3 || 10 * count < 6 * moments.len() {
            return None;
        }
        let n = count as f64;
        let (mut c2, mut r2, mut both) = (0.0, 0.0, 0.0);
        for k in (0..MEANS).filter(|k| self.parts[*k]) {
            c2 += cc[k] - c[k] * c[k] / n;
            r2 += rr[k] - r[k] * r[k] / n;
            both += cr[k] - c[k] * r[k] / n;
        }
        let seen = self.parts.iter().filter(|seen| **seen).count() as f64;
        Some(Sums {
            correlation: both / (c2.max(1e-9) * r2.max(1e-9)).sqrt(),
            deviation: (c2.max(0.0) / (n * seen)).sqrt(),
        })
    }

    /// The best line within `reach` of `guess`, a moment of the clip and its media time.
    pub(crate) fn fit(
        &self,
        moments: &[&PrintMoment],
        guess: (f64, f64),
        reach: f64,
        tuning: &PrintTuning,
    ) -> Option<Fit> {
        let line = |offset: f64, speed: f64| TimeMap {
            offset: guess.1 + offset - speed * guess.0,
            speed,
        };
        let score = |offset: f64, speed: f64| {
            let sums = self.correlation(moments, line(offset, speed));
            sums.map_or(f64::NEG_INFINITY, |sums| sums.correlation)
        };
        let steps = |from: f64, to: f64, step: f64| {
            let count = ((to - from) / step).round() as usize;
            (0..=count).map(move |n| from + n as f64 * step)
        };
        let best_from = |slowest: f64, fastest: f64| {
            let mut first: Vec<(f64, f64, f64)> = Vec::new();
            for speed in steps(slowest, fastest, FIRST_STEPS.1) {
                for offset in steps(-reach, reach, FIRST_STEPS.0) {
                    first.push((score(offset, speed), offset, speed));
                }
            }
            first.sort_by(|a, b| b.0.total_cmp(&a.0));
            let mut starts: Vec<(f64, f64, f64)> = Vec::new();
            for one in first {
                let is_near = |other: &(f64, f64, f64)| {
                    (one.1 - other.1).abs() < 0.2 && (one.2 - other.2).abs() < 0.05
                };
                if starts.len() < REFINED && !starts.iter().any(is_near) {
                    starts.push(one);
                }
            }
            let refined = starts.into_iter().map(|start| climbed(start, &score, true));
            refined.max_by(|a, b| a.0.total_cmp(&b.0))
        };
        let free = best_from(tuning.min_speed, tuning.max_speed)?;
        let usual = steps(-reach, reach, FIRST_STEPS.0 / 2.0)
            .map(|offset| (score(offset, 1.0), offset, 1.0))
            .max_by(|a, b| a.0.total_cmp(&b.0))?;
        let usual = climbed(usual, &score, false);
        let mut best = if usual.0 + tuning.min_speed_gain >= free.0 {
            usual
        } else {
            free
        };
        // What does not move like the title may move like it backwards.
        if best.0 < tuning.certain_correlation {
            let back = best_from(-tuning.max_speed, -tuning.min_speed)?;
            if back.0 > best.0 + tuning.min_backwards_gain {
                best = back;
            }
        }
        let (correlation, offset, speed) = best;
        let time = line(offset, speed);
        let sums = self.correlation(moments, time)?;
        let likeness = moments.iter().map(|moment| self.likeness(moment, time));
        let likeness: Vec<f64> = likeness.collect();
        if sums.deviation < STILL {
            return Some(Fit {
                time: line(0.0, 1.0),
                correlation: 0.0,
                tolerance: reach,
                likeness,
            });
        }
        let objects = |shift: f64| {
            score(offset + shift, speed).max(score(offset - shift, speed)) < correlation - OBJECTION
        };
        let shifts = steps(0.02, reach, 0.02);
        let tolerance = shifts.into_iter().find(|shift| objects(*shift));
        Some(Fit {
            time,
            correlation,
            tolerance: tolerance.unwrap_or(reach),
            likeness,
        })
    }

    /// The time of the frame that is most like a single moment, within `reach` of `guess`.
    pub(crate) fn of_moment(
        &self,
        moment: &PrintMoment,
        guess: (f64, f64),
        reach: f64,
    ) -> Option<Fit> {
        let expected = guess.1 + moment.clip_time - guess.0;
        let near = self
            .times
            .iter()
            .filter(|time| (**time - expected).abs() <= reach);
        let line = |media_time: f64| TimeMap {
            offset: media_time - moment.clip_time,
            speed: 1.0,
        };
        let likeness = near.map(|time| (self.likeness(moment, line(*time)), *time));
        let (likeness, time) = likeness.max_by(|a, b| a.0.total_cmp(&b.0))?;
        Some(Fit {
            time: line(time),
            correlation: 0.0,
            tolerance: reach,
            likeness: vec![likeness],
        })
    }

    /// How like the reference a moment is along a line; below 0 where there is no reference.
    pub(crate) fn likeness(&self, moment: &PrintMoment, line: TimeMap) -> f64 {
        let moment_there = line.at(moment.clip_time);
        let mut near = self.times.partition_point(|time| *time < moment_there);
        let Some(shown) = self.at(moment_there, &mut near) else {
            return -1.0;
        };
        let seen = || (0..MEANS).filter(|k| self.parts[*k]);
        let n = seen().count() as f64;
        let mean = |of: &[f32; MEANS]| seen().map(|k| f64::from(of[k])).sum::<f64>() / n;
        let (c, r) = (mean(&moment.means), mean(&shown));
        let (mut cc, mut rr, mut cr) = (0.0, 0.0, 0.0);
        for k in seen() {
            let (a, b) = (f64::from(moment.means[k]) - c, f64::from(shown[k]) - r);
            cc += a * a;
            rr += b * b;
            cr += a * b;
        }
        if cc.max(rr) < n * STILL {
            // Flat in both: nothing speaks against it.
            return if (c - r).abs() < 16.0 { 1.0 } else { 0.0 };
        }
        cr / (cc.max(1e-9) * rr.max(1e-9)).sqrt()
    }
}

struct Sums {
    correlation: f64,
    /// How much the print moves, code values.
    deviation: f64,
}

/// Up from a start by steps that are halved.
fn climbed(
    start: (f64, f64, f64),
    score: &impl Fn(f64, f64) -> f64,
    moves_speed: bool,
) -> (f64, f64, f64) {
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

/// The four samples around a point of a small frame, and their weights.
fn taps((x, y): (f64, f64), (width, height): (usize, usize)) -> [(usize, f32); 4] {
    let split = |place: f64, side: usize| {
        let place = (place - 0.5).clamp(0.0, (side - 1) as f64);
        let first = (place.floor() as usize).min(side.saturating_sub(2));
        (
            first,
            (first + 1).min(side - 1),
            (place - first as f64) as f32,
        )
    };
    let ((left, right, u), (top, bottom, v)) = (split(x, width), split(y, height));
    [
        (top * width + left, (1.0 - u) * (1.0 - v)),
        (top * width + right, u * (1.0 - v)),
        (bottom * width + left, (1.0 - u) * v),
        (bottom * width + right, u * v),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts that each swing in a way of their own.
    fn means(media_time: f64) -> [f32; MEANS] {
        std::array::from_fn(|k| {
            let rate = 1.3 + 0.37 * k as f64;
            (100.0 + 5.0 * k as f64 + 20.0 * (rate * media_time + k as f64).sin()) as f32
        })
    }

    fn shown() -> Shown {
        let times: Vec<f64> = (0..500).map(|n| f64::from(n) / 25.0).collect();
        Shown {
            means: times.iter().map(|time| means(*time)).collect(),
            times,
            parts: [true; MEANS],
        }
    }

    #[test]
    fn a_line_is_found_whatever_gain_and_captions_do() {
        for (offset, speed) in [(4.321, 1.0), (3.9, 1.1), (5.0, 0.85)] {
            let moments: Vec<PrintMoment> = (0..64)
                .map(|n| {
                    let clip_time = f64::from(n) / 8.0;
                    let mut means = means(offset + speed * clip_time).map(|m| 0.7 * m + 12.0);
                    means[13] = 220.0;
                    PrintMoment { clip_time, means }
                })
                .collect();
            let moments: Vec<&PrintMoment> = moments.iter().collect();
            let guess = (4.0, offset + speed * 4.0 + 1.1);
            let fit = shown().fit(&moments, guess, 2.4, &PrintTuning::default());
            let fit = fit.expect("a line");
            let off = (fit.time.at(4.0) - offset - speed * 4.0).abs();
            assert!(
                off < 0.01 && (fit.time.speed - speed).abs() < 0.004,
                "{fit:?}"
            );
            assert!(fit.correlation > 0.95 && fit.tolerance < 0.3);
        }
    }

    #[test]
    fn what_stands_still_tells_no_time() {
        let still = Shown {
            means: vec![[90.0; MEANS]; 500],
            ..shown()
        };
        let moments: Vec<PrintMoment> = (0..40)
            .map(|n| PrintMoment {
                clip_time: f64::from(n) / 8.0,
                means: [90.0; MEANS],
            })
            .collect();
        let moments: Vec<&PrintMoment> = moments.iter().collect();
        let fit = still.fit(&moments, (2.0, 9.0), 2.0, &PrintTuning::default());
        let fit = fit.expect("a line");
        assert!((fit.tolerance - 2.0).abs() < 1e-9 && (fit.time.at(2.0) - 9.0).abs() < 1e-9);
    }
}
