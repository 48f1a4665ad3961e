//! A slide show: pictures of a title that stand, each until the next.
//!
//! ```text
//! d[i]  = 1 - <x[i], x[i-1]>,  x[i] the block means of moment i                a run ends where d[i] > K median(d)
//! m     = argmax over frames of the sum of c[i] over a run
//! ```
//!
//! The clip itself tells where one picture gives way to the next: these joints cost a course little, and pictures may stand for too
//! short a time for a path to jump from one to the other.
//!
//! # Shapes and units
//! Times in seconds; runs are of moments.

use std::ops::Range;

use countermark_mark::inner::inner;

use super::Leg;
use crate::registration::temporal::curve::{Curve, Frames};
use crate::registration::temporal::line::TimeMap;

/// The pictures that stand in a clip, as legs; none where there is one or none.
pub(super) fn held(curves: &[Curve], frames: Frames<'_>) -> Vec<Leg> {
    let mut legs: Vec<Leg> = Vec::new();
    for run in runs(curves, frames) {
        let Some(new) = leg(run, curves, frames) else {
            continue;
        };
        // An encoder may better a picture by a step.
        let is_one = |known: &&mut Leg| {
            let apart = (known.time.offset - new.time.offset).abs();
            known.moments.end == new.moments.start && apart <= frames.tuning.course.max_bend_seconds
        };
        match legs.last_mut().filter(is_one) {
            Some(known) => {
                known.moments.end = new.moments.end;
                known.span[1] = new.span[1];
            }
            None => legs.push(new),
        }
    }
    if legs.len() < 2 { Vec::new() } else { legs }
}

/// Moments between the changes of a clip that are far larger than usual, two at least.
fn runs(curves: &[Curve], frames: Frames<'_>) -> Vec<Range<usize>> {
    let changes: Vec<f64> = curves
        .windows(2)
        .map(|two| change(&two[0], &two[1]))
        .collect();
    let mut sorted = changes.clone();
    sorted.sort_by(f64::total_cmp);
    let Some(usual) = sorted.get(sorted.len() / 2) else {
        return Vec::new();
    };
    let most = frames.tuning.course.max_held_change * usual.max(f64::from(f32::EPSILON));
    let mut runs: Vec<Range<usize>> = std::iter::once(0..1).collect();
    for (before, change) in changes.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if *change <= most => run.end = before + 2,
            _ => runs.push(before + 1..before + 2),
        }
    }
    // One between two runs is of that which it is more like: half a picture and half the next, or an encoder's first try.
    for at in 0..runs.len() {
        let Range { start, end } = runs[at].clone();
        if end - start > 1 {
            continue;
        }
        let change = |pair: Option<usize>| pair.and_then(|pair| changes.get(pair)).copied();
        let (before, after) = (change(start.checked_sub(1)), change(Some(start)));
        match (before, after) {
            (Some(before), Some(after)) if after < before => runs[at + 1].start = start,
            // Of several in a row each but the first has none before it.
            (Some(_), _) if !runs[at - 1].is_empty() => runs[at - 1].end = end,
            (None, Some(_)) => runs[at + 1].start = start,
            _ => {}
        }
        runs[at] = start..start;
    }
    runs.retain(|run| run.len() >= 2);
    runs
}

/// How unlike two moments are; as much as can be where they show different blocks.
fn change(before: &Curve, after: &Curve) -> f64 {
    if before.seen == after.seen {
        (1.0 - inner(&before.values, &after.values)).max(0.0)
    } else {
        1.0
    }
}

/// The frame that a run is most like; none where it is foreign.
fn leg(moments: Range<usize>, curves: &[Curve], frames: Frames<'_>) -> Option<Leg> {
    let own: Vec<&Curve> = curves[moments.clone()]
        .iter()
        .filter(|curve| !curve.is_foreign(frames))
        .collect();
    if own.is_empty() {
        return None;
    }
    let likeness = |frame: usize| -> f64 {
        let each = own.iter().map(|curve| f64::from(curve.correlations[frame]));
        each.sum()
    };
    let (frame, _) = (0..frames.times.len())
        .map(|frame| (frame, likeness(frame)))
        .reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    Some(Leg {
        span: [
            curves[moments.start].clip_time,
            curves[moments.end - 1].clip_time,
        ],
        time: TimeMap {
            offset: frames.times[frame],
            speed: 0.0,
        },
        moments,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tuning::RegistrationTuning;

    const FRAME: f64 = 0.04;
    const STEP: f64 = 0.125;

    /// A moment that shows `media_time`, where half a second makes pictures wholly other ones, with the noise of an encoder.
    fn moment(at: usize, media_time: f64) -> Curve {
        let noise = 0.002 * ((at * 7 % 5) as f64 - 2.0);
        let turn = std::f64::consts::PI * media_time + noise;
        let like =
            |frame: i32| (std::f64::consts::PI * (f64::from(frame) * FRAME - media_time)).cos();
        Curve {
            clip_time: at as f64 * STEP,
            correlations: (0..300).map(|frame| (0.995 * like(frame)) as f32).collect(),
            seen: vec![0, 1],
            values: vec![turn.cos() as f32, turn.sin() as f32],
        }
    }

    fn held_of(curves: &[Curve]) -> Vec<Leg> {
        let times: Vec<f64> = (0..300).map(|frame| f64::from(frame) * FRAME).collect();
        let frames = Frames {
            times: &times,
            frame_seconds: FRAME,
            thumbnails: &[],
            tuning: &RegistrationTuning::default(),
        };
        held(curves, frames)
    }

    #[test]
    fn pictures_that_stand_for_three_moments_each_are_told_apart() {
        let stills = [0.4, 1.12, 0.24, 0.88, 1.68];
        let curves: Vec<Curve> = (0..15).map(|at| moment(at, stills[at / 3])).collect();
        let legs = held_of(&curves);
        let moments: Vec<Range<usize>> = legs.iter().map(|leg| leg.moments.clone()).collect();
        assert_eq!(moments, [0..3, 3..6, 6..9, 9..12, 12..15]);
        for (leg, still) in legs.iter().zip(stills) {
            assert!(leg.time.speed.abs() < 1e-12);
            // The pictures of this title come again every two seconds.
            let off = (leg.time.offset - still).rem_euclid(2.0);
            assert!(!(1e-6..=2.0 - 1e-6).contains(&off), "{leg:?}, not {still}");
        }
    }

    #[test]
    fn what_moves_all_the_time_has_no_pictures_that_stand() {
        let curves: Vec<Curve> = (0..40).map(|at| moment(at, at as f64 * STEP)).collect();
        assert!(held_of(&curves).is_empty());
    }
}
