//! Time and geometry together: the line of time along which one map explains the pictures best.
//!
//! ```text
//! C(a, b) = correlation of the pairs (frame at l(t[i]) + a + (b - a) u[i], probe i),  aligned with one map;   u from 0 to 1
//! ```
//!
//! A camera that glides makes an error of time look like a small shift and zoom, so a map that was fitted at a wrong time
//! confirms it. What stands near and what stands far moves differently, though, and the map is one for all of the clip:
//! over both together the right time is the best. The map has to be of the right kind: one of one scale makes up for an inset's
//! even sides, or for a screen seen from aside, by another time.
//!
//! # Shapes and units
//! Offsets in seconds of media time; correlations from -1 to 1.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use countermark_fingerprint::{Aligned, Freedom, Pyramid, align_all, realign_all};
use countermark_picture::{Grey, Homography};
use rayon::prelude::*;

use crate::error::TraceError;
use crate::reference::Reference;

use crate::query::frames::QueryFrame;
use crate::registration::spatial::track::{evenly_spaced, freedom, similarity, upright};
use crate::registration::temporal::line::TimeMap;
use crate::tuning::JointTuning;

/// Maps that a search begins with.
#[derive(Clone, Copy)]
pub(crate) struct Starts<'a> {
    /// Of one scale, the likeliest first.
    pub(crate) simple: &'a [Homography],
    /// One in perspective, if the pictures were seen in one.
    pub(crate) tilted: Option<Homography>,
}

/// A probe and the frames that it may show.
struct Choice {
    /// From the first probe to the last, 0 to 1.
    place: f64,
    /// Where the line puts it.
    expected: f64,
    picture: Pyramid,
    /// Media time and frame, ascending.
    frames: Vec<(f64, Arc<Shown>)>,
}

/// A frame of the reference.
struct Shown {
    picture: Arc<Grey>,
    /// As it is compared, once it is.
    reduced: OnceLock<Pyramid>,
}

impl Shown {
    fn reduced(&self, tuning: &JointTuning) -> &Pyramid {
        self.reduced
            .get_or_init(|| Pyramid::new(reduced(&self.picture, Size::Half, tuning)))
    }
}

/// Frames of the reference that were looked at, by their places in it.
type Looked = BTreeMap<usize, Arc<Shown>>;

/// The probes that a search compares, and the reference, which knows when the work is to end.
struct Choices<'a> {
    all: Vec<Choice>,
    reference: &'a Reference<'a>,
}

impl Choices<'_> {
    fn tuning(&self) -> &JointTuning {
        &self.reference.tuning().registration.joint
    }
}

/// The line of time near `time` along which one map near one of `maps` explains the probes best.
///
/// # Errors
/// When the reference cannot be decoded.
pub(crate) fn settled(
    members: &[(&QueryFrame, Homography)],
    time: TimeMap,
    maps: Starts<'_>,
    reference: &Reference,
) -> Result<TimeMap, TraceError> {
    let tuning = &reference.tuning().registration.joint;
    let mut looked = Looked::default();
    let (own, correlation) = near(members, time, maps, (reference, &mut looked))?;
    let odd = (time.speed - 1.0).abs();
    let middle = members
        .first()
        .zip(members.last())
        .map(|((first, _), (last, _))| f64::midpoint(first.clip_time, last.clip_time));
    let Some(middle) = middle.filter(|_| odd > 1e-9 && odd < tuning.usual_speed_tolerance) else {
        return Ok(own);
    };
    // Most copies run as they are: another speed must explain more.
    let plain = TimeMap {
        offset: time.at(middle) - middle,
        speed: 1.0,
    };
    let (plain, likeness) = near(members, plain, maps, (reference, &mut looked))?;
    Ok(if likeness > correlation - tuning.min_speed_gain {
        plain
    } else {
        own
    })
}

/// The line near `time` along which one map near one of `maps` explains the probes best, and how well it does.
fn near(
    members: &[(&QueryFrame, Homography)],
    time: TimeMap,
    maps: Starts<'_>,
    (reference, looked): (&Reference, &mut Looked),
) -> Result<(TimeMap, f64), TraceError> {
    let tuning = &reference.tuning().registration.joint;
    let chosen = evenly_spaced(members, tuning.frames);
    let (Some((first, _)), Some((last, _))) = (chosen.first(), chosen.last()) else {
        return Ok((time, -1.0));
    };
    let (start, length) = (first.clip_time, last.clip_time - first.clip_time);
    let is_small = |map: &Homography| {
        map.magnification((0.0, 0.0))
            .is_some_and(|m| m < tuning.small_magnification)
    };
    let probe_size = if maps.simple.first().is_some_and(is_small) {
        Size::Whole
    } else {
        Size::Half
    };
    let choices = choices(&chosen, probe_size, time, (reference, looked))?;
    let coarse = coarse(&choices, maps, probe_size);
    reference.proceed()?;
    let Some(coarse) = coarse else {
        return Ok((time, -1.0));
    };
    let mut known = Known::default();
    let mut from = |fit: Fit, lines: Vec<(f64, f64)>| known.best(&choices, fit, &lines);
    let fine = from(
        coarse,
        moved(
            coarse.line.0,
            tuning.coarse_step_seconds,
            tuning.fine_step_seconds,
        ),
    );
    let mut best = fine.map_or(coarse, |fine| better(coarse, fine));
    let gain = |unmoved: &Fit| best.correlation - unmoved.correlation;
    let least = |unmoved: &Fit| {
        tuning
            .min_gain
            .min(tuning.min_gain_share * (1.0 - unmoved.correlation))
    };
    if let Some(unmoved) = from(coarse, vec![(0.0, 0.0)])
        && gain(&unmoved) < least(&unmoved)
    {
        best = unmoved;
    }
    let steady = best;
    if length >= tuning.min_run_seconds_for_speed {
        // The ends move against each other: the middle is known by now.
        let (a, b) = best.line;
        let (middle, turn) = (f64::midpoint(a, b), (b - a) / 2.0);
        let turned = moved(turn, tuning.reach_seconds / 2.0, tuning.coarse_step_seconds)
            .into_iter()
            .map(|(turn, _)| (middle - turn, middle + turn))
            .collect();
        best = from(best, turned).map_or(best, |found| better(best, found));
        // Each end by itself, for the middle may be off by a frame after all.
        for step in [tuning.fine_step_seconds, tuning.fine_step_seconds / 2.0] {
            for _ in 0..tuning.max_rounds {
                let lines = around(best.line, step);
                let found = from(best, lines).map_or(best, |found| better(best, found));
                if found.line == best.line {
                    break;
                }
                best = found;
            }
        }
        // A copy that runs as it is has no other speed for little; one that does not has any.
        let least = if (time.speed - 1.0).abs() < 1e-9 {
            tuning.min_speed_gain
        } else {
            tuning.min_gain
        };
        if best.correlation < steady.correlation + least {
            best = steady;
        }
    }
    reference.proceed()?;
    let (a, b) = best.line;
    let turn = if length > 0.0 { (b - a) / length } else { 0.0 };
    let line = TimeMap {
        offset: time.offset + a - turn * start,
        speed: time.speed + turn,
    };
    Ok((line, best.correlation))
}

/// The probes with all frames of the reference that they may show, these half as large: one pass over the reference.
fn choices<'a>(
    chosen: &[(&QueryFrame, Homography)],
    probe_size: Size,
    time: TimeMap,
    (reference, looked): (&'a Reference<'a>, &mut Looked),
) -> Result<Choices<'a>, TraceError> {
    let tuning = &reference.tuning().registration.joint;
    let reach = 2.0 * tuning.reach_seconds + tuning.coarse_step_seconds;
    let step = reference
        .frame_seconds()
        .max(tuning.fine_step_seconds / 2.0);
    let steps = (reach / step).ceil() as i32;
    let expected: Vec<f64> = chosen
        .iter()
        .map(|(probe, _)| time.at(probe.clip_time))
        .collect();
    let moments: Vec<f64> = expected
        .iter()
        .flat_map(|middle| (-steps..=steps).map(move |i| middle + f64::from(i) * step))
        .collect();
    let new: Vec<f64> = moments
        .iter()
        .copied()
        .filter(|moment| !looked.contains_key(&reference.nearest(*moment)))
        .collect();
    for (moment, picture) in new.iter().zip(reference.pictures(&new)?) {
        looked.entry(reference.nearest(*moment)).or_insert_with(|| {
            Arc::new(Shown {
                picture,
                reduced: OnceLock::new(),
            })
        });
    }
    let each = (2 * steps + 1) as usize;
    let start = chosen.first().map_or(0.0, |(probe, _)| probe.clip_time);
    let end = chosen.last().map_or(0.0, |(probe, _)| probe.clip_time);
    let all = chosen
        .iter()
        .zip(expected)
        .zip(moments.chunks(each))
        .map(|(((probe, _), expected), moments)| Choice {
            place: (probe.clip_time - start) / (end - start).max(1e-9),
            expected,
            picture: Pyramid::new(reduced(&probe.picture, probe_size, tuning)),
            frames: moments
                .iter()
                .filter_map(|moment| {
                    let index = reference.nearest(*moment);
                    Some((reference.times()[index], Arc::clone(looked.get(&index)?)))
                })
                .collect(),
        })
        .collect();
    Ok(Choices { all, reference })
}

/// How large a picture is compared.
#[derive(Clone, Copy, PartialEq)]
enum Size {
    Half,
    Whole,
}

fn reduced(picture: &Grey, size: Size, tuning: &JointTuning) -> Grey {
    let half = (size == Size::Half).then(|| picture.halved()).flatten();
    half.as_ref().unwrap_or(picture).blurred(tuning.blur_passes)
}

/// A map between the pictures as they are compared, given that between whole ones.
fn between(map: &Homography, probe_size: Size) -> Option<Homography> {
    let to_whole = Homography::scaling(2.0, 2.0)?.then(map)?;
    match probe_size {
        Size::Half => to_whole.then(&Homography::scaling(0.5, 0.5)?),
        Size::Whole => Some(to_whole),
    }
}

/// A line, and the map along it.
#[derive(Clone, Copy)]
struct Fit {
    line: (f64, f64),
    correlation: f64,
    /// Between the pictures as they are compared.
    map: Homography,
    /// What the map was free to do.
    freedom: Freedom,
}

fn better(a: Fit, b: Fit) -> Fit {
    if b.correlation > a.correlation { b } else { a }
}

fn best_of(fits: Vec<Option<Fit>>) -> Option<Fit> {
    fits.into_iter().flatten().reduce(better)
}

/// Lines at the usual speed, around a middle.
fn moved(middle: f64, reach: f64, step: f64) -> Vec<(f64, f64)> {
    let steps = (reach / step).round() as i32;
    (-steps..=steps)
        .map(|i| middle + f64::from(i) * step)
        .map(|shift| (shift, shift))
        .collect()
}

/// Lines of which one end or both are moved by a step.
fn around((a, b): (f64, f64), step: f64) -> Vec<(f64, f64)> {
    let steps = [-step, 0.0, step];
    let ends = steps.iter().flat_map(|x| steps.map(|y| (a + x, b + y)));
    ends.filter(|line| *line != (a, b)).collect()
}

/// The best map along each of some lines, from whichever of `starts` or of the maps of the lines on either side leads
/// furthest.
fn along(
    choices: &Choices<'_>,
    starts: &[(Homography, Freedom)],
    lines: &[(f64, f64)],
) -> Vec<Option<Fit>> {
    let mut fits: Vec<Option<Fit>> = lines
        .par_iter()
        .map(|line| {
            let all = starts
                .iter()
                .map(|start| fitted(choices, *start, *line, align_all));
            best_of(all.collect())
        })
        .collect();
    let led = |fits: &mut Vec<Option<Fit>>, at: usize, neighbour: usize| {
        let Some(neighbour) = fits[neighbour] else {
            return;
        };
        let start = (neighbour.map, neighbour.freedom);
        let found = fitted(choices, start, lines[at], realign_all);
        fits[at] = best_of(vec![fits[at], found]);
    };
    let mut down = fits.clone();
    rayon::join(
        || (1..lines.len()).for_each(|at| led(&mut fits, at, at - 1)),
        || {
            (1..lines.len())
                .rev()
                .for_each(|at| led(&mut down, at - 1, at));
        },
    );
    fits.into_iter()
        .zip(down)
        .map(|(up, down)| best_of(vec![up, down]))
        .collect()
}

/// The frames that the probes show along a line, by their places among those of each choice.
fn frames_along(choices: &Choices<'_>, (a, b): (f64, f64)) -> Vec<usize> {
    let shown = |choice: &Choice| {
        let wanted = choice.expected + a + (b - a) * choice.place;
        let far = |(time, _): &(f64, Arc<Shown>)| (time - wanted).abs();
        let frames = choice.frames.iter().enumerate();
        frames
            .min_by(|(_, x), (_, y)| far(x).total_cmp(&far(y)))
            .map_or(0, |(at, _)| at)
    };
    choices.all.iter().map(shown).collect()
}

/// What was fitted already, by the frames shown: lines that differ by less than a frame have them in common.
#[derive(Default)]
struct Known(BTreeMap<Vec<usize>, Option<Fit>>);

impl Known {
    /// The best of some lines, led on from the map of a fit; of lines that show the same frames the first.
    fn best(&mut self, choices: &Choices<'_>, from: Fit, lines: &[(f64, f64)]) -> Option<Fit> {
        let shown = lines.iter().map(|line| frames_along(choices, *line));
        let mut new: BTreeMap<Vec<usize>, (f64, f64)> = BTreeMap::new();
        for (frames, line) in shown.clone().zip(lines) {
            if !self.0.contains_key(&frames) {
                new.entry(frames).or_insert(*line);
            }
        }
        let new: Vec<(Vec<usize>, (f64, f64))> = new.into_iter().collect();
        let start = (from.map, from.freedom);
        let fits: Vec<(Vec<usize>, Option<Fit>)> = new
            .into_par_iter()
            .map(|(frames, line)| (frames, fitted(choices, start, line, realign_all)))
            .collect();
        self.0.extend(fits);
        let fits = shown.map(|frames| self.0.get(&frames).copied().flatten());
        best_of(fits.collect())
    }
}

/// The map along a line, led on from a start.
fn fitted(
    choices: &Choices<'_>,
    (start, freedom): (Homography, Freedom),
    line: (f64, f64),
    align: impl Fn(&[(&Pyramid, &Pyramid)], &Homography, Freedom) -> Option<Aligned>,
) -> Option<Fit> {
    if choices.reference.is_cancelled() {
        return None;
    }
    let tuning = choices.tuning();
    let frames = frames_along(choices, line);
    let pairs: Vec<(&Pyramid, &Pyramid)> = choices
        .all
        .iter()
        .zip(frames)
        .filter_map(|(choice, at)| {
            Some((choice.frames.get(at)?.1.reduced(tuning), &choice.picture))
        })
        .collect();
    let aligned = align(&pairs, &start, freedom)?;
    Some(Fit {
        line,
        correlation: aligned.correlation,
        map: aligned.homography,
        freedom,
    })
}

/// The best line in coarse steps, with the simplest kind of map that explains the pictures.
fn coarse(choices: &Choices<'_>, maps: Starts<'_>, probe_size: Size) -> Option<Fit> {
    let tuning = choices.tuning();
    let lines = moved(0.0, tuning.reach_seconds, tuning.coarse_step_seconds);
    let starts: Vec<(Homography, Freedom)> = maps
        .simple
        .iter()
        .filter_map(|map| between(map, probe_size))
        .map(|map| (map, freedom(&map)))
        .collect();
    let plain = best_of(along(choices, &starts, &lines))?;
    let simple = stretched(choices, plain).unwrap_or(plain);
    let tilted = maps.tilted.and_then(|map| between(&map, probe_size));
    let unlike = Some(simple.map).filter(|_| 1.0 - simple.correlation > tuning.min_filmed_residual);
    let Some(start) = tilted.or(unlike) else {
        return Some(simple);
    };
    let tilted = best_of(along(choices, &[(start, Freedom::Projective)], &lines));
    let is_better = |tilted: &Fit| tilted.correlation > simple.correlation + tuning.min_tilt_gain;
    Some(tilted.filter(is_better).unwrap_or(simple))
}

/// The best line around that of `plain` with a map that has a scale for each side, if that explains much more.
fn stretched(choices: &Choices<'_>, plain: Fit) -> Option<Fit> {
    let tuning = choices.tuning();
    let (_, shown) = choices.all.first()?.frames.first()?;
    let shown = shown.reduced(choices.tuning()).picture();
    let size = (shown.width(), shown.height());
    let track = &choices.reference.tuning().registration.track;
    let start = upright(&similarity(&plain.map, size)?, size, track)?;
    let lines = moved(
        plain.line.0,
        tuning.coarse_step_seconds,
        tuning.coarse_step_seconds,
    );
    let fits = lines
        .par_iter()
        .map(|line| fitted(choices, (start, Freedom::Stretch), *line, realign_all));
    let unexplained = (1.0 - tuning.min_stretch_gain_share) * (1.0 - plain.correlation);
    best_of(fits.collect()).filter(|fit| 1.0 - fit.correlation <= unexplained)
}

#[cfg(test)]
mod tests;
