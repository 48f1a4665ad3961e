//! Pieces of a run: fragments that were cut together from places too much alike for single probes to tell.
//!
//! ```text
//! e[i](m) = min(ln((1 - c[i](m) + f) / (1 - max c[i] + f)), E)      of moment i at media time m: what it leaves unexplained
//! minimise over paths m[i]   sum_i  e[i](m[i]) + step(m[i] - m[i-1])
//! step(d) = 0 where d is what the line says, S one frame to either side, J anywhere else
//! ```
//!
//! A scene that hardly changes is as like itself at many moments, by the measure of one probe. Many moments of a fragment
//! together tell which of them it shows, if anything moves at all: a wrong place leaves more unexplained again and again.
//!
//! # Shapes and units
//! Times in seconds; costs are natural logarithms of ratios of energies.

use std::ops::Range;

use countermark_mark::Observation;
use rayon::prelude::*;

use crate::reference::Reference;
use crate::reference::times::nearest;

use crate::registration::spatial::track::evenly_spaced;
use crate::registration::temporal::comparison::observed;
use crate::registration::temporal::curve::{Curve, Frames};
use crate::registration::temporal::line::TimeMap;
use crate::tuning::SegmentationTuning;

/// From where a path came.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    On(u32),
    Jump(u32),
}

/// Whether so many moments can be compared with all frames of the reference.
pub(crate) fn are_comparable(moments: usize, frames: Frames<'_>) -> bool {
    let tuning = &frames.tuning.segmentation;
    (tuning.min_moments..=tuning.max_comparisons / frames.times.len().max(1)).contains(&moments)
}

/// Whether frames of a clip, on the lattice as they are, show several pieces of the reference.
pub(crate) fn is_cut(window: &[Observation], reference: &Reference) -> bool {
    let (Some(first), Some(last)) = (window.first(), window.last()) else {
        return false;
    };
    let rate = reference.tuning().query.thumbnails_per_second;
    let moments = ((last.media_time - first.media_time) * rate) as usize;
    let frames = Frames::of(reference);
    if !are_comparable(moments, frames) {
        return false;
    }
    let shown: Vec<&Observation> = window.iter().collect();
    let curves: Vec<Curve> = evenly_spaced(&shown, moments)
        .into_par_iter()
        .map(|shown| observed(shown, shown.media_time, reference))
        .collect();
    pieces(&curves, frames, &[1.0]).is_some_and(|pieces| pieces.len() > 1)
}

/// The pieces that moments fall into, and a line for each, at whichever of `speeds` explains them best; none where they are too
/// few to tell, or comparing them takes too long.
pub(crate) fn pieces(
    curves: &[Curve],
    frames: Frames<'_>,
    speeds: &[f64],
) -> Option<Vec<(Range<usize>, TimeMap)>> {
    if frames.times.is_empty() || !are_comparable(curves.len(), frames) {
        return None;
    }
    let paths = speeds.iter().map(|speed| path(curves, frames, *speed));
    let Path { speed, moments, .. } =
        paths.reduce(|best, next| if next.cost < best.cost { next } else { best })?;
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (i, (_, jumped)) in moments.iter().enumerate() {
        match pieces.last_mut() {
            Some(piece) if !jumped => piece.end = i + 1,
            _ => pieces.push(i..i + 1),
        }
    }
    let through_middle = |piece: Range<usize>| {
        let middle = piece.start + piece.len() / 2;
        let (shown, clip_time) = (frames.times[moments[middle].0], curves[middle].clip_time);
        let line = TimeMap {
            offset: shown - speed * clip_time,
            speed,
        };
        (piece, line)
    };
    let shortest = frames.tuning.segmentation.min_piece_moments;
    let long = pieces.into_iter().filter(|p| p.len() >= shortest);
    Some(long.map(through_middle).collect())
}

/// The cheapest path at some speed.
struct Path {
    speed: f64,
    cost: f64,
    /// The frame of each moment, and whether the path jumped there.
    moments: Vec<(usize, bool)>,
}

fn path(curves: &[Curve], frames: Frames<'_>, speed: f64) -> Path {
    let (times, tuning) = (frames.times, &frames.tuning.segmentation);
    let mut total: Vec<f64> = Vec::new();
    let mut steps: Vec<Vec<Step>> = Vec::with_capacity(curves.len());
    for (i, curve) in curves.iter().enumerate() {
        let costs = unexplained(curve, tuning.residual_floor, tuning);
        if i == 0 {
            total = costs;
            continue;
        }
        let passed = speed * (curve.clip_time - curves[i - 1].clip_time);
        let (cheapest, least) = least(&total);
        let mut next = Vec::with_capacity(times.len());
        let mut taken = Vec::with_capacity(times.len());
        for (frame, cost) in costs.iter().enumerate() {
            let mut best = (least + tuning.jump_penalty, Step::Jump(cheapest as u32));
            let before = times[frame] - passed;
            let on = nearest(times, before);
            let reach = on.saturating_sub(1)..(on + 2).min(times.len());
            for from in reach {
                // Spans of the reference may lie apart.
                if (times[from] - before).abs() > 2.0 * frames.frame_seconds {
                    continue;
                }
                let slip = if from == on { 0.0 } else { tuning.slip_penalty };
                if total[from] + slip < best.0 {
                    best = (total[from] + slip, Step::On(from as u32));
                }
            }
            next.push(best.0 + cost);
            taken.push(best.1);
        }
        total = next;
        steps.push(taken);
    }
    let (mut frame, cost) = least(&total);
    let mut back = Vec::with_capacity(curves.len());
    for taken in steps.iter().rev() {
        let (from, jumped) = match taken[frame] {
            Step::On(from) => (from, false),
            Step::Jump(from) => (from, true),
        };
        back.push((frame, jumped));
        frame = from as usize;
    }
    back.push((frame, false));
    back.reverse();
    Path {
        speed,
        cost,
        moments: back,
    }
}

/// `e[i]` at each frame, with some `f`.
pub(crate) fn unexplained(curve: &Curve, floor: f64, tuning: &SegmentationTuning) -> Vec<f64> {
    let own = 1.0 - curve.best() + floor;
    let cost = |c: &f32| {
        ((1.0 - f64::from(*c) + floor) / own)
            .ln()
            .min(tuning.max_cost)
    };
    curve.correlations.iter().map(cost).collect()
}

/// The first of the smallest values, and its place.
pub(crate) fn least(values: &[f64]) -> (usize, f64) {
    let places = values.iter().copied().enumerate();
    places.fold(
        (0, f64::MAX),
        |best, next| {
            if next.1 < best.1 { next } else { best }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tuning::RegistrationTuning;

    const FRAME: f64 = 0.04;
    const STEP: f64 = 0.125;

    fn times() -> Vec<f64> {
        (0..500).map(|n| f64::from(n) * FRAME).collect()
    }

    /// A moment of a room in which little happens: no frame is less like it than 0.97.
    fn moment(clip_time: f64, media_time: f64) -> Curve {
        let at = |t: &f64| 0.995 - 0.025 * ((t - media_time) / 0.4).abs().min(1.0);
        Curve {
            clip_time,
            correlations: times().iter().map(|t| at(t) as f32).collect(),
            seen: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Moments of fragments that begin at some media times, sixteen of each.
    fn fragments(starts: &[f64], speed: f64) -> Vec<Curve> {
        let count = 16 * starts.len();
        (0..count)
            .map(|i| {
                (
                    i as f64 * STEP,
                    starts[i / 16] + speed * STEP * (i % 16) as f64,
                )
            })
            .map(|(clip, media)| moment(clip, media))
            .collect()
    }

    fn found(curves: &[Curve], speeds: &[f64]) -> Option<Vec<(Range<usize>, TimeMap)>> {
        let times = times();
        let frames = Frames {
            times: &times,
            frame_seconds: FRAME,
            thumbnails: &[],
            tuning: &RegistrationTuning::default(),
        };
        pieces(curves, frames, speeds)
    }

    #[test]
    fn fragments_of_a_quiet_room_are_pieces_of_their_own() {
        let starts = [12.0, 2.0, 7.0];
        for (speed, speeds) in [(1.0, vec![1.0]), (1.1, vec![1.0, 1.1])] {
            let found = found(&fragments(&starts, speed), &speeds).expect("enough moments");
            let ranges: Vec<_> = found.iter().map(|(range, _)| range.clone()).collect();
            assert_eq!(ranges, [0..16, 16..32, 32..48]);
            for ((range, line), start) in found.iter().zip(starts) {
                let middle = range.start as f64 * STEP + 1.0;
                let error = line.at(middle) - (start + speed);
                assert!(error.abs() < 1.5 * FRAME, "{line:?} at {speed}");
            }
        }
    }

    #[test]
    fn a_faster_clip_is_one_piece_though_its_speed_is_not_among_those_tried() {
        let curves: Vec<Curve> = (0..64)
            .map(|i| f64::from(i) * STEP)
            .map(|clip| moment(clip, 3.0 + 1.05 * clip))
            .collect();
        let found = found(&curves, &[1.0]).expect("enough moments");
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, 0..64);
    }

    #[test]
    fn moments_that_are_like_nothing_do_not_end_a_piece() {
        let mut curves = fragments(&[5.0, 7.0], 1.0);
        for curve in &mut curves[10..13] {
            curve.correlations.iter_mut().for_each(|c| *c = 0.2);
        }
        let found = found(&curves, &[1.0]).expect("enough moments");
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn few_moments_tell_nothing() {
        assert!(
            found(
                &fragments(&[4.0], 1.0)[..SegmentationTuning::default().min_moments - 1],
                &[1.0]
            )
            .is_none()
        );
    }
}
