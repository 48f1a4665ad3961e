//! Time and geometry together: the line of time along which one map explains the pictures best.
//!
//! ```text
//! C(a, b) = correlation of the pairs (frame at l(t[i]) + a + (b - a) u[i], probe i),  aligned with one map;   u from 0 to 1
//! ```
//!
//! A camera that glides makes an error of time look like a small shift and zoom, so a map that was fitted at a wrong time
//! confirms it. What stands near and what stands far moves differently, though, and the map is one for all of the clip:
//! over both together the right time is the best.
//!
//! # Shapes and units
//! Offsets in seconds of media time; correlations from -1 to 1.

use countermark_fingerprint::{Freedom, Grey, Homography, align_all};
use rayon::prelude::*;

use crate::reference::Reference;

use super::geometry::spread;
use super::probes::Probe;
use super::timing::TimeLine;

/// Probes that are looked at.
const PROBES: usize = 4;

/// How far off the line may be, and the steps in which it is moved, in seconds.
const REACH: f64 = 0.48;
const COARSE: f64 = 0.12;
const FINE: f64 = 0.04;

/// Length of a run below which its speed is left alone, in seconds.
const SHORTEST_FOR_SPEED: f64 = 3.0;

/// How much better a moved line must correlate to be believed, and one with another speed.
const GAIN: f64 = 0.0005;
const SPEED_GAIN: f64 = 0.002;

/// Speeds this near to 1 may be 1.
const ODD: f64 = 0.06;

/// A probe and the frames that it may show.
struct Choice {
    /// From the first probe to the last, 0 to 1.
    place: f64,
    /// Where the line puts it.
    expected: f64,
    picture: Grey,
    /// Media time and picture, ascending.
    frames: Vec<(f64, Grey)>,
}

/// The line of time near `time` along which one map near one of `maps` explains the probes best.
///
/// # Errors
/// When the reference cannot be decoded.
pub(super) fn settled(
    members: &[(&Probe, Homography)],
    time: TimeLine,
    maps: &[Homography],
    reference: &Reference,
) -> anyhow::Result<TimeLine> {
    let (own, correlation) = near(members, time, maps, reference)?;
    let odd = (time.speed - 1.0).abs();
    let middle = members
        .first()
        .zip(members.last())
        .map(|((first, _), (last, _))| f64::midpoint(first.clip_time, last.clip_time));
    let Some(middle) = middle.filter(|_| odd > 1e-9 && odd < ODD) else {
        return Ok(own);
    };
    // Most copies run as they are: another speed must explain more.
    let plain = TimeLine {
        offset: time.at(middle) - middle,
        speed: 1.0,
    };
    let (plain, likeness) = near(members, plain, maps, reference)?;
    Ok(if likeness > correlation - SPEED_GAIN {
        plain
    } else {
        own
    })
}

/// The line near `time` along which one map near one of `maps` explains the probes best, and how well it does.
fn near(
    members: &[(&Probe, Homography)],
    time: TimeLine,
    maps: &[Homography],
    reference: &Reference,
) -> anyhow::Result<(TimeLine, f64)> {
    let chosen = spread(members, PROBES);
    let (Some((first, _)), Some((last, _))) = (chosen.first(), chosen.last()) else {
        return Ok((time, -1.0));
    };
    let (start, length) = (first.clip_time, last.clip_time - first.clip_time);
    let choices = choices(&chosen, time, reference)?;
    let score =
        |map: &Homography, (a, b): (f64, f64)| correlation(&choices, map, a, b).unwrap_or(-1.0);
    let best_of = |map: &Homography, lines: Vec<(f64, f64)>| {
        let scored: Vec<(f64, (f64, f64))> = lines
            .into_par_iter()
            .map(|line| (score(map, line), line))
            .collect();
        scored.into_iter().fold((-1.0, (0.0, 0.0)), |best, next| {
            if next.0 > best.0 { next } else { best }
        })
    };
    let moved = |middle: f64, reach: f64, step: f64| -> Vec<(f64, f64)> {
        let steps = (reach / step).round() as i32;
        (-steps..=steps)
            .map(|i| middle + f64::from(i) * step)
            .map(|shift| (shift, shift))
            .collect()
    };
    let coarse = maps
        .iter()
        .map(|map| (best_of(map, moved(0.0, REACH, COARSE)), map))
        .max_by(|a, b| a.0.0.total_cmp(&b.0.0));
    let Some((coarse, map)) = coarse else {
        return Ok((time, -1.0));
    };
    let unmoved = score(map, (0.0, 0.0));
    let fine = best_of(map, moved(coarse.1.0, COARSE, FINE));
    let steady = if fine.0 > unmoved + GAIN {
        fine
    } else {
        (unmoved, (0.0, 0.0))
    };
    let mut best = steady;
    if length >= SHORTEST_FOR_SPEED {
        // The ends move against each other: the middle is known by now.
        for (reach, step) in [(REACH / 2.0, COARSE), (COARSE, FINE)] {
            let middle = f64::midpoint(best.1.0, best.1.1);
            let turn = (best.1.1 - best.1.0) / 2.0;
            let turned = moved(turn, reach, step)
                .into_iter()
                .map(|(turn, _)| (middle - turn, middle + turn))
                .collect();
            let found = best_of(map, turned);
            if found.0 > best.0 {
                best = found;
            }
        }
        if best.0 < steady.0 + SPEED_GAIN {
            best = steady;
        }
    }
    let (a, b) = best.1;
    let turn = if length > 0.0 { (b - a) / length } else { 0.0 };
    let line = TimeLine {
        offset: time.offset + a - turn * start,
        speed: time.speed + turn,
    };
    Ok((line, best.0))
}

/// The probes with all frames of the reference that they may show, half as large: one pass over the reference.
fn choices(
    chosen: &[(&Probe, Homography)],
    time: TimeLine,
    reference: &Reference,
) -> anyhow::Result<Vec<Choice>> {
    let reach = 2.0 * REACH + COARSE;
    let step = reference.frame_seconds().max(FINE / 2.0);
    let steps = (reach / step).ceil() as i32;
    let expected: Vec<f64> = chosen
        .iter()
        .map(|(probe, _)| time.at(probe.clip_time))
        .collect();
    let moments: Vec<f64> = expected
        .iter()
        .flat_map(|middle| (-steps..=steps).map(move |i| middle + f64::from(i) * step))
        .collect();
    let pictures = reference.pictures(&moments)?;
    let each = (2 * steps + 1) as usize;
    let start = chosen.first().map_or(0.0, |(probe, _)| probe.clip_time);
    let end = chosen.last().map_or(0.0, |(probe, _)| probe.clip_time);
    Ok(chosen
        .iter()
        .zip(expected)
        .zip(pictures.chunks(each).zip(moments.chunks(each)))
        .map(|(((probe, _), expected), (pictures, moments))| Choice {
            place: (probe.clip_time - start) / (end - start).max(1e-9),
            expected,
            picture: halved(&probe.picture),
            frames: moments
                .iter()
                .map(|moment| reference.times()[reference.nearest(*moment)])
                .zip(pictures.iter().map(halved))
                .collect(),
        })
        .collect())
}

fn halved(picture: &Grey) -> Grey {
    picture.halved().unwrap_or_else(|| picture.clone())
}

fn correlation(choices: &[Choice], map: &Homography, a: f64, b: f64) -> Option<f64> {
    let pairs: Vec<(&Grey, &Grey)> = choices
        .iter()
        .filter_map(|choice| {
            let wanted = choice.expected + a + (b - a) * choice.place;
            let nearest = choice
                .frames
                .iter()
                .min_by(|x, y| (x.0 - wanted).abs().total_cmp(&(y.0 - wanted).abs()))?;
            Some((&nearest.1, &choice.picture))
        })
        .collect();
    let half = Homography::scaling(0.5, 0.5)?;
    let small = Homography::scaling(2.0, 2.0)?.then(map)?.then(&half)?;
    align_all(&pairs, &small, Freedom::Similarity).map(|aligned| aligned.correlation)
}
