//! Lines of time: at which speed and from where in the title a run of probes was taken.
//!
//! ```text
//! c[i](m)  = correlation of probe i with the reference's frame at media time m, over the blocks that the probe shows
//! S(a, b)  = mean over probes i of the run of c[i](a + b t[i])                  a seconds, b a speed
//! ```
//!
//! Runs are found by `S`; within a run the line is that along which the probes change as the reference does, see
//! [`super::difference`].
//!
//! # Shapes and units
//! Correlations from -1 to 1; times in seconds.

use std::ops::Range;

use crate::registration::temporal::curve::{Curve, Frames};
use crate::registration::temporal::difference::Change;
use crate::registration::temporal::line::TimeMap;

/// Runs of curves, ascending in clip time, that lie on a line each.
pub(crate) fn lines(curves: &[Curve], frames: Frames<'_>) -> Vec<(Range<usize>, TimeMap)> {
    let mut runs = Vec::new();
    let mut open: Vec<Range<usize>> = std::iter::once(0..curves.len()).collect();
    while let Some(range) = open.pop() {
        let Some((run, line)) = longest(&curves[range.clone()], frames) else {
            continue;
        };
        let run = range.start + run.start..range.start + run.end;
        open.extend([range.start..run.start, run.end..range.end]);
        let line = fit(&curves[run.clone()], frames, line, Known::default());
        runs.push((run, line));
    }
    runs.sort_by_key(|(run, _)| run.start);
    runs
}

/// The longest run on one line; among equals the one that correlates best.
fn longest(curves: &[Curve], frames: Frames<'_>) -> Option<(Range<usize>, TimeMap)> {
    let mut best: Option<(Range<usize>, TimeMap, f64)> = None;
    for line in hypotheses(curves, frames) {
        let agreeing: Vec<bool> = curves.iter().map(|c| c.agrees(frames, line)).collect();
        for run in runs_of(&agreeing) {
            let members = agreeing[run.clone()].iter().filter(|ok| **ok).count() as f64;
            let sum: f64 = curves[run.clone()]
                .iter()
                .map(|curve| curve.at(frames, line.at(curve.clip_time)))
                .sum();
            let score = members + sum / run.len() as f64;
            if best.as_ref().is_none_or(|(.., known)| score > *known) {
                best = Some((run, line, score));
            }
        }
    }
    best.map(|(run, line, _)| (run, line))
}

/// Lines through the best moments of single probes at speed 1, and of pairs of probes.
fn hypotheses(curves: &[Curve], frames: Frames<'_>) -> Vec<TimeMap> {
    let tuning = &frames.tuning.time_fit;
    let times = frames.times;
    let peaks: Vec<(f64, f64)> = curves
        .iter()
        .filter_map(|curve| {
            let best = (0..curve.correlations.len())
                .max_by(|a, b| curve.correlations[*a].total_cmp(&curve.correlations[*b]))?;
            Some((curve.clip_time, times[best]))
        })
        .collect();
    let mut lines: Vec<TimeMap> = peaks
        .iter()
        .map(|(clip, media)| TimeMap {
            offset: media - clip,
            speed: 1.0,
        })
        .collect();
    for (i, (clip, media)) in peaks.iter().enumerate() {
        for (other_clip, other_media) in &peaks[i + 1..] {
            let speed = (other_media - media) / (other_clip - clip);
            if (tuning.min_speed..=tuning.max_speed).contains(&speed) {
                lines.push(TimeMap {
                    offset: media - speed * clip,
                    speed,
                });
            }
        }
    }
    lines
}

/// Runs that begin and end with an agreeing curve and never miss two in a row.
fn runs_of(agreeing: &[bool]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (i, _) in agreeing.iter().enumerate().filter(|(_, ok)| **ok) {
        match runs.last_mut() {
            Some(run) if i < run.end + 2 => run.end = i + 1,
            _ => runs.push(i..i + 1),
        }
    }
    runs
}

/// What is known of the line of a run beside a first guess.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// It lies near the guess; else it may lie wherever the pictures are as like.
    pub(crate) place: bool,
    /// Its speed is that of the guess; else 1 unless another is better beyond doubt.
    pub(crate) speed: bool,
}

/// The best line of a run.
pub(crate) fn fit(curves: &[Curve], frames: Frames<'_>, first: TimeMap, known: Known) -> TimeMap {
    let tuning = &frames.tuning.time_fit;
    let usual = if known.speed { first.speed } else { 1.0 };
    let (Some(start), Some(end)) = (curves.first(), curves.last()) else {
        return first;
    };
    let times = frames.times;
    // The middle of the run is the pivot, so that a change of speed moves nothing but its ends.
    let middle = f64::midpoint(start.clip_time, end.clip_time);
    let around = |speed: f64, pivot: f64| TimeMap {
        offset: pivot - speed * middle,
        speed,
    };
    let frame = frames.frame_seconds.max(1e-3);
    let likeness = |line: TimeMap| {
        let sum: f64 = curves
            .iter()
            .map(|curve| curve.at(frames, line.at(curve.clip_time)))
            .sum();
        sum / curves.len() as f64
    };
    let near = |speed: f64, pivot: f64, seconds: f64| {
        let reach = (2.0 * seconds / frame).ceil() as i32;
        (-reach..=reach).map(move |step| around(speed, pivot + f64::from(step) * frame / 2.0))
    };
    let mut at_usual: Vec<TimeMap> = near(usual, first.at(middle), tuning.near_seconds).collect();
    let likest = at_usual
        .iter()
        .map(|line| likeness(*line))
        .fold(-1.0, f64::max);
    let elsewhere = times.iter().map(|time| around(usual, *time));
    if !known.place {
        at_usual
            .extend(elsewhere.filter(|line| likeness(*line) > likest - tuning.max_likeness_loss));
    }
    let best_of = |score: &mut dyn FnMut(TimeMap) -> f64, lines: Vec<TimeMap>| {
        lines
            .into_iter()
            .map(|line| (score(line), line))
            .fold(
                (-1.0, first),
                |best, next| {
                    if next.0 > best.0 { next } else { best }
                },
            )
    };
    // Speeds that move the ends of the run by less than a frame cannot be told from the usual one.
    let other_speeds = |pivot: f64| -> Vec<TimeMap> {
        if known.speed || end.clip_time - start.clip_time < tuning.min_run_seconds_for_speed {
            return Vec::new();
        }
        let steps = ((tuning.max_speed - tuning.min_speed) / tuning.speed_step) as i32;
        (0..=steps)
            .map(|step| tuning.min_speed + f64::from(step) * tuning.speed_step)
            .chain([first.speed])
            .flat_map(|speed| near(speed, pivot, tuning.near_seconds))
            .collect()
    };
    let search = |score: &mut dyn FnMut(TimeMap) -> f64| {
        let steady = best_of(score, at_usual.clone());
        let mut pivots = vec![first.at(middle)];
        if (steady.1.at(middle) - pivots[0]).abs() > tuning.near_seconds {
            pivots.push(steady.1.at(middle));
        }
        let other = best_of(score, pivots.into_iter().flat_map(other_speeds).collect());
        if 1.0 - other.0 > tuning.max_residual_of_other_speed * (1.0 - steady.0) {
            return steady;
        }
        let fine = (-9..=9).flat_map(|step| {
            let speed = other.1.speed + f64::from(step) * tuning.speed_step / 10.0;
            near(speed, other.1.at(middle), 2.0 * frame)
        });
        let fine = best_of(score, fine.collect());
        if fine.0 > other.0 { fine } else { other }
    };
    if let Some(mut change) =
        Change::new(curves, times, frames.thumbnails, &frames.tuning.difference)
    {
        let found = search(&mut |line| change.score(line));
        if change.decides(found.0) {
            return found.1;
        }
    }
    search(&mut |line| likeness(line)).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tuning::RegistrationTuning;

    const FRAME: f64 = 0.04;

    fn times() -> Vec<f64> {
        (0..500).map(|n| f64::from(n) * FRAME).collect()
    }

    /// A probe that shows the media at `media_time`: correlation falls within a quarter of a second, never below 0.3.
    fn curve(clip_time: f64, media_time: f64) -> Curve {
        let at = |t: &f64| (1.0 - ((t - media_time) / 0.25).abs() * 0.2).max(0.3) as f32;
        Curve {
            clip_time,
            correlations: times().iter().map(at).collect(),
            seen: Vec::new(),
            values: Vec::new(),
        }
    }

    /// The lines by likeness alone: the curves show no blocks.
    fn lines_of(curves: &[Curve]) -> Vec<(Range<usize>, TimeMap)> {
        let times = times();
        let frames = Frames {
            times: &times,
            frame_seconds: FRAME,
            thumbnails: &[],
            tuning: &RegistrationTuning::default(),
        };
        lines(curves, frames)
    }

    #[test]
    fn a_faster_clip_is_a_steeper_line() {
        let curves: Vec<Curve> = (0..16)
            .map(|i| f64::from(i) * 0.5)
            .map(|t| curve(t, 3.0 + 1.1 * t))
            .collect();
        let found = lines_of(&curves);
        assert_eq!(found.len(), 1);
        let (run, line) = &found[0];
        assert_eq!(*run, 0..16);
        assert!((line.speed - 1.1).abs() < 0.004, "{line:?}");
        assert!((line.at(4.0) - 7.4).abs() < FRAME, "{line:?}");
    }

    #[test]
    fn fragments_of_a_recap_are_lines_of_their_own() {
        let starts = [12.0, 2.0, 7.0];
        let curves: Vec<Curve> = (0..12)
            .map(|i| {
                (
                    f64::from(i) * 0.5,
                    starts[i as usize / 4] + f64::from(i % 4) * 0.5,
                )
            })
            .map(|(clip, media)| curve(clip, media))
            .collect();
        let found = lines_of(&curves);
        let runs: Vec<_> = found.iter().map(|(run, _)| run.clone()).collect();
        assert_eq!(runs, [0..4, 4..8, 8..12]);
        for ((run, line), start) in found.iter().zip(starts) {
            let clip_time = run.start as f64 * 0.5;
            assert!((line.at(clip_time) - start).abs() < FRAME, "{line:?}");
            assert!((line.speed - 1.0).abs() < 1e-9, "{line:?}");
        }
    }

    #[test]
    fn a_probe_that_shows_something_else_does_not_bend_the_line() {
        let mut curves: Vec<Curve> = (0..8)
            .map(|i| f64::from(i) * 0.5)
            .map(|t| curve(t, 5.0 + t))
            .collect();
        curves[3] = curve(1.5, 18.0);
        let found = lines_of(&curves);
        assert_eq!(found[0].0, 0..8);
        assert!((found[0].1.at(0.0) - 5.0).abs() < FRAME);
    }

    #[test]
    fn a_picture_that_stands_still_is_one_line_at_speed_one() {
        let still: Vec<Curve> = (0..6)
            .map(|i| Curve {
                clip_time: f64::from(i) * 0.5,
                correlations: vec![0.97; times().len()],
                seen: Vec::new(),
                values: Vec::new(),
            })
            .collect();
        let found = lines_of(&still);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, 0..6);
        assert!((found[0].1.speed - 1.0).abs() < 1e-9);
    }
}
