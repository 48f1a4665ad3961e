//! The line of time along which a title moves as a print does.
//!
//! ```text
//! c[b,i]  mean of part b of the print at moment t[i];   r[b,i]  that of the reference through the map, at m0 + s (t[i] - t0)
//! correlation = sum_b cov(c[b], r[b]) / sqrt(sum_b var c[b]  sum_b var r[b])
//! likeness of moment i = correlation over b of c[., i] and r[., i]
//! ```
//!
//! Means are taken off along time, so that brightness, captions and logos do not count, and the gain is divided out. Among the lines that
//! do nearly as well the one is taken along which both rise and fall most alike against the second around each moment ([`rises`]): slow
//! changes tell the time badly. Of speeds that do nearly as well the usual one is taken.
//!
//! # Shapes and units
//! Means of `PARTS x PARTS` parts, code values of 8 bits; times in seconds.

pub(crate) mod refine;
mod rises;
mod sampling;
mod segments;
mod tables;

use std::sync::Arc;

use countermark_fingerprint::print::{MEANS, PrintMoment};
use countermark_picture::Homography;

use crate::clip_print::motion::rises::{AROUND_SECONDS, Rises};
use crate::clip_print::motion::sampling::Samples;
pub(crate) use crate::clip_print::motion::segments::Segment;
use crate::clip_print::motion::tables::{
    FIRST_STEPS, Tables, Tried, between, climbed, distinct, steps,
};
use crate::clip_print::shelf::Chunk;
use crate::registration::temporal::line::TimeMap;
use crate::tuning::PrintTuning;

/// How near a moment frames are that it is between.
const NEAR_SECONDS: f64 = 0.1;
/// Deviation below which nothing moves, code values.
const STILL: f64 = 0.15;

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
    /// How alike both rise and fall against the second around each moment; 0 where nothing moves.
    pub(crate) sharpness: f64,
    /// How far the line may be off: no farther do slow and quick changes bear it, or it was not asked.
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
        Self::of_frames(chunks, map, (reference, size), |_| true)
    }

    /// The same of the frames around some moments, in the order of time, only.
    fn of_moments(
        chunks: &[Arc<Chunk>],
        map: &Homography,
        reference: (usize, usize),
        size: (usize, usize),
        moments: &[f64],
    ) -> Option<Self> {
        let is_near = |time: f64| {
            moments
                .iter()
                .any(|moment| (moment - time).abs() <= NEAR_SECONDS)
        };
        Self::of_frames(chunks, map, (reference, size), is_near)
    }

    fn of_frames(
        chunks: &[Arc<Chunk>],
        map: &Homography,
        (reference, size): ((usize, usize), (usize, usize)),
        is_wanted: impl Fn(f64) -> bool,
    ) -> Option<Self> {
        let small = chunks.iter().find(|chunk| !chunk.times.is_empty())?.size;
        let samples = Samples::of(map, reference, (small, size))?;
        let (mut times, mut means) = (Vec::new(), Vec::new());
        for chunk in chunks.iter().filter(|chunk| chunk.size == small) {
            for (index, time) in chunk.times.iter().enumerate() {
                if !is_wanted(*time) {
                    continue;
                }
                let frame = chunk.frame(index);
                times.push(*time);
                means.push(samples.means(frame));
            }
        }
        Some(Self {
            times,
            means,
            parts: samples.parts,
        })
    }

    /// The means at some moment; none where no frame is near. The frame after it is looked for from `near` on, and put there.
    fn at(&self, media_time: f64, near: &mut usize) -> Option<[f32; MEANS]> {
        let (before, share) = between(&self.times, media_time, near)?;
        let mut shown = self.means[before];
        for (shown, after) in shown.iter_mut().zip(&self.means[before + 1]) {
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
        // What a line may be off is looked for as far as the votes may be off, wherever it was searched.
        let far = reach.max(tuning.reach_seconds);
        // Whichever way round, and as fast as may be.
        let since = moments
            .iter()
            .map(|moment| (moment.clip_time - guess.0).abs());
        let most = since.fold(0.0, f64::max) * tuning.max_speed + far + AROUND_SECONDS;
        let tables = Tables::of(self, moments, [guess.1 - most, guess.1 + most]);
        if tables.times.len() < 2 {
            return None;
        }
        let slow = |offset: f64, speed: f64| tables.slow(line(offset, speed));
        let quick = |offset: f64, speed: f64| tables.quick(line(offset, speed));
        let best_from = |slowest, fastest| tables.searched(&line, (slowest, fastest), reach);
        let (mut best, mut tried) = best_from(tuning.min_speed, tuning.max_speed)?;
        let usual = steps(-reach, reach, FIRST_STEPS.0 / 2.0);
        let usual: Vec<Tried> = usual
            .map(|offset| (slow(offset, 1.0), offset, 1.0))
            .collect();
        // What does not move like the title may move like it backwards.
        if best.0 < tuning.certain_correlation {
            let (back, of_back) = best_from(-tuning.max_speed, -tuning.min_speed)?;
            if back.0 > best.0 + tuning.min_backwards_gain {
                (best, tried) = (back, of_back);
            }
        }
        // Slow changes say which lines it may be, quick ones say which of them it is.
        let rises = Rises::of(moments);
        let exact = |offset: f64, speed: f64| {
            self.rising_alike(moments, &rises, line(offset, speed))
                .unwrap_or(f64::NEG_INFINITY)
        };
        let sharpest = |among: &[Tried], moves_speed: bool| {
            let near = among.iter().filter(|one| one.0 >= best.0 - tuning.basin);
            let near = near.chain(moves_speed.then_some(&best));
            let mut near: Vec<Tried> = near
                .map(|one| (quick(one.1, one.2), one.1, one.2))
                .collect();
            let start = distinct(&mut near, 3)
                .into_iter()
                .map(|start| climbed(start, &quick, moves_speed))
                .max_by(|a, b| a.0.total_cmp(&b.0))?;
            let (_, offset, speed) = start;
            Some(climbed(
                (exact(offset, speed), offset, speed),
                &exact,
                moves_speed,
            ))
        };
        let unexplained = |one: &Tried| 1.0 - one.0 * one.0;
        // As many degrees of freedom as moments: neighbouring parts go together.
        let gain = 1.0 + tuning.min_speed_gain / moments.len() as f64;
        let (sharpness, offset, speed) = match (sharpest(&usual, false), sharpest(&tried, true)) {
            (Some(usual), Some(any)) if unexplained(&usual) <= gain * unexplained(&any) => usual,
            (_, Some(any)) => any,
            (Some(usual), None) => usual,
            (None, None) => return None,
        };
        let time = line(offset, speed);
        let sums = self.correlation(moments, time)?;
        let likeness = moments.iter().map(|moment| self.likeness(moment, time));
        let likeness: Vec<f64> = likeness.collect();
        if sums.deviation < STILL {
            return Some(Fit {
                time: line(0.0, 1.0),
                correlation: 0.0,
                sharpness: 0.0,
                tolerance: far,
                likeness,
            });
        }
        let sharp = quick(offset, speed);
        let bears = |shift: f64| {
            let bears = |offset: f64| {
                let there = quick(offset, speed);
                slow(offset, speed) >= best.0 - tuning.basin
                    && 1.0 - there * there <= gain * (1.0 - sharp * sharp)
            };
            bears(offset + shift) || bears(offset - shift)
        };
        let borne = |from: f64, to: f64, step: f64| {
            let shifts = steps(from, to, step).filter(|shift| bears(*shift));
            shifts.max_by(f64::total_cmp)
        };
        let mut tolerance = borne(0.02, reach, 0.02).map_or(0.02, |shift| shift + 0.02);
        if tolerance >= reach {
            tolerance = borne(reach, far, FIRST_STEPS.0).map_or(reach, |shift| shift + 0.02);
        }
        Some(Fit {
            time,
            correlation: sums.correlation,
            sharpness,
            tolerance: tolerance.min(far),
            likeness,
        })
    }

    /// How alike print and reference rise and fall along a line through a map; 0 where that is not known.
    pub(crate) fn alike(
        chunks: &[Arc<Chunk>],
        map: &Homography,
        (reference, size): ((usize, usize), (usize, usize)),
        (moments, line): (&[&PrintMoment], TimeMap),
    ) -> f64 {
        let wanted: Vec<f64> = moments
            .iter()
            .map(|moment| line.at(moment.clip_time))
            .collect();
        Self::of_moments(chunks, map, reference, size, &wanted)
            .and_then(|shown| shown.rising_alike(moments, &Rises::of(moments), line))
            .unwrap_or(0.0)
    }

    /// The segments of some moments, each at a time of its own.
    pub(crate) fn segments(&self, moments: &[&PrintMoment], tuning: &PrintTuning) -> Vec<Segment> {
        Tables::of(self, moments, [0.0, f64::INFINITY]).segments(tuning)
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
            sharpness: 0.0,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts that each swing in a way of their own.
    pub(super) fn means(media_time: f64) -> [f32; MEANS] {
        std::array::from_fn(|k| {
            let rate = 1.3 + 0.37 * (k % 16) as f64;
            (100.0 + 5.0 * (k % 16) as f64 + 20.0 * (rate * media_time + k as f64).sin()) as f32
        })
    }

    pub(super) fn shown() -> Shown {
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
        for reach in [0.3, 2.4] {
            let fit = still.fit(&moments, (2.0, 9.0), reach, &PrintTuning::default());
            let fit = fit.expect("a line");
            assert!((fit.tolerance - 2.4).abs() < 1e-9 && (fit.time.at(2.0) - 9.0).abs() < 1e-9);
        }
    }

    #[test]
    fn what_moves_slowly_is_as_uncertain_wherever_it_was_searched() {
        // A light that comes and goes within half a minute, seen through noise.
        let slow = |media_time: f64, k: usize| {
            let phase = 0.2 * media_time + 0.3 * k as f64;
            (100.0 + 8.0 * phase.sin()) as f32
        };
        let reference = shown();
        let all = reference.times.iter();
        let slowly = Shown {
            means: all.map(|t| std::array::from_fn(|k| slow(*t, k))).collect(),
            ..shown()
        };
        let moments: Vec<PrintMoment> = (0..24)
            .map(|n| {
                let clip_time = f64::from(n) / 8.0;
                let noise = |k: usize| ((n as usize * 7 + k * 13) % 11) as f32 * 0.12 - 0.6;
                PrintMoment {
                    clip_time,
                    means: std::array::from_fn(|k| slow(8.0 + clip_time, k) + noise(k)),
                }
            })
            .collect();
        let moments: Vec<&PrintMoment> = moments.iter().collect();
        let tolerance = |reach: f64| {
            let fit = slowly.fit(&moments, (1.5, 9.5), reach, &PrintTuning::default());
            fit.expect("a line").tolerance
        };
        let (near, far) = (tolerance(0.2), tolerance(2.4));
        assert!(near > 0.25 && near >= 0.5 * far, "{near} {far}");
    }
}
