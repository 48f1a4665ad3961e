//! The course of a clip through a title: pieces at any speed, either way, found together.
//!
//! ```text
//! e[i](m)  as in `segmentation`, 0 for a moment that is like nothing
//! minimise over paths (m[i], v[i])   sum_i  e[i](m[i]) + step,     v[i] of 0 and +- 2^(k/8), 0.25 to 4
//! step = 0 where m[i] = m[i-1] + v[i] dt and v[i] = v[i-1],  S one frame to either side,  K another speed there,  J anywhere,
//!        J' from still to still
//! pieces: the path between jumps, parted where it leaves its chord by more than a few hundredths of a second
//! ```
//!
//! Ramps, boomerangs, stalls and stills are such courses. One is proposed only where lines at usual speeds leave much more
//! unexplained.
//!
//! # Shapes and units
//! Times in seconds; costs are natural logarithms of ratios of energies.
//!
//! # References
//! A. J. Viterbi (1967), Error bounds for convolutional codes; D. H. Douglas, T. K. Peucker (1973), Algorithms for the reduction of
//! the number of points required to represent a digitized line.

use std::ops::Range;

use crate::registration::temporal::curve::{Curve, Frames, floor};
use crate::registration::temporal::difference::Change;
use crate::registration::temporal::line::TimeMap;
use crate::tuning::CourseTuning;

use held::held;
use path::{Path, path};

mod held;
mod path;

/// Times that all knots of a path are moved at most.
const KNOT_ROUNDS: usize = 8;

/// A part of a clip on one line of time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Leg {
    /// Which moments.
    pub(crate) moments: Range<usize>,
    /// From where to where, on the clip's clock: legs that meet in the title meet there.
    pub(crate) span: [f64; 2],
    /// Media time of every moment.
    pub(crate) time: TimeMap,
}

/// What lines say of all moments of a clip.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Course {
    /// They leave next to nothing unexplained.
    AsTold,
    /// They leave much, and there is no better course, or too little to tell.
    Untold,
    /// These legs explain much more.
    Legs(Vec<Leg>),
}

/// The course of a clip, beside `lines`, each on a span; of each moment the nearest one tells.
pub(crate) fn course(
    lines: &[([f64; 2], TimeMap)],
    curves: &[Curve],
    frames: Frames<'_>,
) -> Course {
    let (tuning, steps) = (&frames.tuning.course, &frames.tuning.segmentation);
    if curves.len() < steps.min_moments || frames.times.len() < 2 {
        return Course::Untold;
    }
    let floor = floor(curves, frames);
    let usual = total(lines, curves, frames, floor);
    if usual < tuning.min_left * curves.len() as f64 {
        return Course::AsTold;
    }
    // As the path counts: what does not go on where it was jumps.
    let joins = |lines: &[([f64; 2], TimeMap)]| -> f64 {
        let joins = lines.windows(2).map(|pair| {
            let moment = f64::midpoint(pair[0].0[1], pair[1].0[0]);
            let apart = (pair[0].1.at(moment) - pair[1].1.at(moment)).abs();
            let stand = pair
                .iter()
                .all(|(_, line)| line.speed.abs() < tuning.still_speed);
            if apart <= tuning.joint_seconds {
                tuning.turn_penalty
            } else if stand {
                tuning.still_penalty
            } else {
                steps.jump_penalty
            }
        });
        joins.sum()
    };
    let own = |legs: &[Leg]| -> Vec<([f64; 2], TimeMap)> {
        legs.iter().map(|leg| (leg.span, leg.time)).collect()
    };
    // The path itself says where it jumped: legs that were refined by themselves may miss each other where little moves.
    let taken = |path: &Path, legs: &[Leg]| -> f64 {
        let joins = legs.windows(2).map(|pair| {
            let between = pair[0].moments.end..pair[1].moments.start + 1;
            let stand = pair
                .iter()
                .all(|leg| leg.time.speed.abs() < tuning.still_speed);
            match path[between].iter().any(|(_, jumped)| *jumped) {
                false => tuning.turn_penalty,
                true if stand => tuning.still_penalty,
                true => steps.jump_penalty,
            }
        });
        joins.sum()
    };
    let moving = path(curves, frames, floor).map(|path| {
        let legs = legs(&path, curves, frames);
        let cost = total(&own(&legs), curves, frames, floor) + taken(&path, &legs);
        (cost, legs)
    });
    let mut stills = held(curves, frames);
    meet(&mut stills, tuning);
    let still = (!stills.is_empty()).then(|| {
        let seen = tuning.held_penalty * (stills.len() - 1) as f64;
        (total(&own(&stills), curves, frames, floor) + seen, stills)
    });
    let known = usual + joins(lines);
    let best = moving
        .into_iter()
        .chain(still)
        .reduce(|best, next| if next.0 < best.0 { next } else { best });
    match best {
        Some((new, legs))
            if known - new > tuning.min_gain && new < tuning.max_cost_share * known =>
        {
            Course::Legs(legs)
        }
        _ => Course::Untold,
    }
}

/// `e` of all moments along the nearest of some lines.
fn total(lines: &[([f64; 2], TimeMap)], curves: &[Curve], frames: Frames<'_>, floor: f64) -> f64 {
    let far = |span: &[f64; 2], moment: f64| (span[0] - moment).max(moment - span[1]).max(0.0);
    let each = curves.iter().map(|curve| {
        let near = lines
            .iter()
            .min_by(|a, b| far(&a.0, curve.clip_time).total_cmp(&far(&b.0, curve.clip_time)));
        let Some((_, line)) = near else {
            return frames.tuning.segmentation.max_cost;
        };
        cost(curve, line.at(curve.clip_time), frames, floor)
    });
    each.sum()
}

/// `e` of a moment at a media time.
fn cost(curve: &Curve, media_time: f64, frames: Frames<'_>, floor: f64) -> f64 {
    let tuning = &frames.tuning.segmentation;
    if curve.is_foreign(frames) {
        return 0.0;
    }
    let left = |c: f64| 1.0 - c + floor;
    (left(curve.at(frames, media_time)) / left(curve.best()))
        .ln()
        .min(tuning.max_cost)
}

/// The legs of a path.
fn legs(path: &Path, curves: &[Curve], frames: Frames<'_>) -> Vec<Leg> {
    let tuning = &frames.tuning.course;
    let point = |i: usize| (curves[i].clip_time, frames.times[path[i].0]);
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for (i, (_, jumped)) in path.iter().enumerate() {
        match stretches.last_mut() {
            Some(stretch) if !jumped => stretch.end = i + 1,
            _ => stretches.push(i..i + 1),
        }
    }
    let shortest = frames.tuning.segmentation.min_piece_moments;
    let mut parts: Vec<Range<usize>> = Vec::new();
    for stretch in stretches {
        if stretch.len() < shortest {
            continue;
        }
        let first = parts.len();
        for part in parted(&stretch, &point, tuning.max_bend_seconds, shortest) {
            // What was parted elsewhere first may go on in a straight line.
            let goes_on = |known: &&mut Range<usize>| {
                let points: Vec<(f64, f64)> = (known.start..part.end).map(point).collect();
                bent(&points) <= tuning.max_bend_seconds
            };
            match parts[first..].last_mut().filter(goes_on) {
                Some(known) => known.end = part.end,
                None => parts.push(part),
            }
        }
        settle_knots(&mut parts[first..], &point, shortest);
    }
    let leg = |moments: Range<usize>| {
        let points: Vec<(f64, f64)> = moments.clone().map(point).collect();
        let time = refined(&curves[moments.clone()], frames, through(&points));
        let span = [points[0].0, points[points.len() - 1].0];
        Leg {
            moments,
            span,
            time,
        }
    };
    let mut legs: Vec<Leg> = Vec::with_capacity(parts.len());
    for new in parts.into_iter().map(leg) {
        // Pictures that hardly move part a path that is one line after all.
        let is_one = |known: &&mut Leg| {
            let follows = known.moments.end == new.moments.start;
            let far = |t: f64| (known.time.at(t) - new.time.at(t)).abs();
            follows && far(known.span[0]).max(far(new.span[1])) <= tuning.max_bend_seconds
        };
        match legs.last_mut().filter(is_one) {
            Some(known) => *known = leg(known.moments.start..new.moments.end),
            None => legs.push(new),
        }
    }
    meet(&mut legs, tuning);
    legs
}

/// Moments of a stretch, parted where the path is furthest from the chord.
fn parted(
    stretch: &Range<usize>,
    point: &impl Fn(usize) -> (f64, f64),
    most: f64,
    shortest: usize,
) -> Vec<Range<usize>> {
    let points: Vec<(f64, f64)> = stretch.clone().map(point).collect();
    if bent(&points) <= most || points.len() < 2 * shortest {
        return vec![stretch.clone()];
    }
    let middle = stretch.start + knot(&points, shortest);
    let mut parts = parted(&(stretch.start..middle), point, most, shortest);
    parts.extend(parted(&(middle..stretch.end), point, most, shortest));
    parts
}

/// Where to part points so that the two lines through them leave least.
fn knot(points: &[(f64, f64)], shortest: usize) -> usize {
    let left = |points: &[(f64, f64)]| -> f64 {
        let line = through(points);
        points.iter().map(|(t, m)| (m - line.at(*t)).powi(2)).sum()
    };
    let (_, at) = (shortest..=points.len() - shortest)
        .map(|at| (left(&points[..at]) + left(&points[at..]), at))
        .fold((f64::MAX, shortest), |a, b| if b.0 < a.0 { b } else { a });
    at
}

/// Moves each knot between parts that follow one another to where their two lines leave least: those that were found first were
/// found before there were others.
fn settle_knots(parts: &mut [Range<usize>], point: &impl Fn(usize) -> (f64, f64), shortest: usize) {
    for _ in 0..KNOT_ROUNDS {
        let mut moved = false;
        for second in 1..parts.len() {
            let (start, end) = (parts[second - 1].start, parts[second].end);
            let points: Vec<(f64, f64)> = (start..end).map(point).collect();
            let at = start + knot(&points, shortest);
            moved |= at != parts[second].start;
            parts[second - 1].end = at;
            parts[second].start = at;
        }
        if !moved {
            break;
        }
    }
}

/// How far some points leave their line.
fn bent(points: &[(f64, f64)]) -> f64 {
    let line = through(points);
    let bend = |(clip, media): &(f64, f64)| (media - line.at(*clip)).abs();
    points.iter().map(bend).fold(0.0, f64::max)
}

/// The line of least squares through some points.
fn through(points: &[(f64, f64)]) -> TimeMap {
    let count = points.len().max(1) as f64;
    let mean = |pick: fn(&(f64, f64)) -> f64| points.iter().map(pick).sum::<f64>() / count;
    let (clip, media) = (mean(|p| p.0), mean(|p| p.1));
    let spread: f64 = points.iter().map(|p| (p.0 - clip).powi(2)).sum();
    let both: f64 = points.iter().map(|p| (p.0 - clip) * (p.1 - media)).sum();
    let speed = if spread > 0.0 { both / spread } else { 1.0 };
    TimeMap {
        offset: media - speed * clip,
        speed,
    }
}

/// The line near `first` along which moments are most like the title, or change most as it does; of lines that are as good
/// one at a speed that editors have buttons for.
fn refined(curves: &[Curve], frames: Frames<'_>, first: TimeMap) -> TimeMap {
    let tuning = &frames.tuning.course;
    let (Some(start), Some(end)) = (curves.first(), curves.last()) else {
        return first;
    };
    let middle = f64::midpoint(start.clip_time, end.clip_time);
    let half = ((end.clip_time - start.clip_time) / 2.0).max(0.1);
    let frame = frames.frame_seconds.max(1e-3);
    let around = |speed: f64, pivot: f64| TimeMap {
        offset: pivot - speed * middle,
        speed,
    };
    let near = |centre: TimeMap, step: f64, reach: i32| -> Vec<TimeMap> {
        let shifts = move || (-reach..=reach).map(move |n| f64::from(n) * step);
        shifts()
            .flat_map(|turn| shifts().map(move |shift| (turn, shift)))
            .map(|(turn, shift)| around(centre.speed + turn / half, centre.at(middle) + shift))
            .collect()
    };
    let likeness = |line: TimeMap| {
        let each = curves.iter();
        let sum: f64 = each.map(|c| c.at(frames, line.at(c.clip_time))).sum();
        sum / curves.len() as f64
    };
    let search = |score: &mut dyn FnMut(TimeMap) -> f64| {
        let mut best_of = |lines: Vec<TimeMap>, known: (f64, TimeMap)| {
            lines
                .into_iter()
                .map(|line| (score(line), line))
                .fold(
                    known,
                    |best, next| if next.0 > best.0 { next } else { best },
                )
        };
        let mut best = best_of(vec![first], (-1.0, first));
        for step in [frame, frame / 2.0, frame / 4.0] {
            let lines = near(best.1, step, 3);
            best = best_of(lines, best);
        }
        if let Some(speed) = button(best.1.speed, tuning) {
            let centre = around(speed, best.1.at(middle));
            let lines = (-6..=6)
                .map(|n| around(speed, centre.at(middle) + f64::from(n) * frame / 4.0))
                .collect();
            let at_plain = best_of(lines, (-1.0, centre));
            let floor = frames.tuning.segmentation.residual_floor;
            let left = |score: f64| 1.0 - score + floor;
            // What moves the ends by less than a frame cannot be told from it.
            let is_one = (speed - best.1.speed).abs() * half < frame;
            if is_one || left(at_plain.0) * tuning.max_residual_of_odd_speed <= left(best.0) {
                return at_plain;
            }
        }
        best
    };
    // Of a picture that stands still nothing changes but noise.
    let moves = first.speed.abs() > tuning.still_speed;
    let change = || {
        let difference = &frames.tuning.difference;
        Change::new(curves, frames.times, frames.thumbnails, difference)
    };
    if let Some(mut change) = moves.then(change).flatten() {
        let found = search(&mut |line| change.score(line));
        if change.decides(found.0) {
            return found.1;
        }
    }
    search(&mut |line| likeness(line)).1
}

/// The speed that a button is for, near a speed.
fn button(speed: f64, tuning: &CourseTuning) -> Option<f64> {
    const BUTTONS: [f64; 12] = [
        0.0, 0.25, 0.4, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 3.0, 4.0,
    ];
    let near = |button: &&f64| {
        let most = if **button == 0.0 {
            tuning.still_speed
        } else {
            tuning.button_tolerance
        };
        (*button - speed.abs()).abs() <= most
    };
    let found = BUTTONS.iter().find(near)?;
    Some(if speed < 0.0 { 0.0 - found } else { *found })
}

/// Lets legs that meet in the title meet where their lines cross, others half-way.
fn meet(legs: &mut [Leg], tuning: &CourseTuning) {
    for i in 1..legs.len() {
        let (before, after) = (&legs[i - 1], &legs[i]);
        let gap = [before.span[1], after.span[0]];
        let middle = f64::midpoint(gap[0], gap[1]);
        let turn = before.time.speed - after.time.speed;
        let reach = (gap[1] - gap[0]).max(0.0) + tuning.crossing_seconds;
        let crossing = (after.time.offset - before.time.offset) / turn;
        let meets = turn.abs() > 1e-6 && (crossing - middle).abs() <= reach;
        let at = if meets { crossing } else { middle };
        if gap[1] - gap[0] > tuning.max_gap_seconds {
            continue;
        }
        let at = at.clamp(before.span[0], after.span[1]);
        legs[i - 1].span[1] = at;
        legs[i].span[0] = at;
    }
}

#[cfg(test)]
mod tests;
