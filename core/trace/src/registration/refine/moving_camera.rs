//! The line of time of a clip whose camera moves: each probe tells it with a map of its own.
//!
//! ```text
//! c[i](x) = correlation of probe i with the frame of the reference at l(t[i]) + x, aligned with a map of its own
//! L(a, b) = mean over i of c[i](a + (b - a) u[i]),     u from 0 at the first probe to 1 at the last
//! ```
//!
//! A hand shakes three to eight times a second, so the probes have no exact map in common, and [`super::joint`] has nothing
//! to tell the time by. Maps of their own, in any perspective and led on from frame to frame, follow what a glide does to a
//! plane, but not what stands near and far: the right time explains the pictures best. Affine maps, on the tilt that all
//! have in common, follow a glide less far; but that tilt was fitted at a wrong time and confirms it.
//!
//! # Shapes and units
//! Offsets in seconds of media time; correlations from -1 to 1.

use countermark_fingerprint::{Aligned, Freedom, Pyramid, align_all};
use countermark_picture::Homography;
use rayon::prelude::*;

use crate::error::TraceError;
use crate::reference::Reference;

use crate::query::frames::QueryFrame;
use crate::registration::spatial::track::{Path, evenly_spaced};
use crate::registration::temporal::line::TimeMap;
use crate::tuning::MovingCameraTuning;

const FRAMES_IN_ONE_PASS: usize = 4;

/// How a probe correlates with the frames around where the line puts it.
struct Course {
    /// From the first probe to the last, 0 to 1.
    place: f64,
    /// Offset from the line and correlation, ascending.
    points: Vec<(f64, f64)>,
}

impl Course {
    /// The correlation at an offset: between two frames their mean by distance, outside them the nearest.
    fn at(&self, offset: f64) -> f64 {
        let after = self.points.partition_point(|(x, _)| *x < offset);
        let before = after.checked_sub(1).map(|at| self.points[at]);
        match (before, self.points.get(after).copied()) {
            (Some((x, a)), Some((y, b))) => a + (b - a) * (offset - x) / (y - x).max(1e-9),
            (Some((_, only)), None) | (None, Some((_, only))) => only,
            (None, None) => -1.0,
        }
    }
}

/// The line of time near `time` along which probes explain the pictures best, each with a map of its own that starts on the
/// `path`.
///
/// # Errors
/// When the reference cannot be decoded.
pub(crate) fn settled(
    members: &[(&QueryFrame, Homography)],
    path: &Path,
    time: TimeMap,
    reference: &Reference,
) -> Result<TimeMap, TraceError> {
    let tuning = &reference.tuning().registration.moving_camera;
    let chosen = evenly_spaced(members, tuning.frames);
    let (Some((first, _)), Some((last, _))) = (chosen.first(), chosen.last()) else {
        return Ok(time);
    };
    let (start, length) = (first.clip_time, last.clip_time - first.clip_time);
    if chosen.len() < tuning.min_frames || length <= 0.0 {
        return Ok(time);
    }
    let mut courses = Vec::new();
    for some in chosen.chunks(FRAMES_IN_ONE_PASS) {
        let all = around(some, time, reference)?;
        let found = some.par_iter().zip(all).map(|((probe, own), frames)| {
            if reference.is_cancelled() {
                return None;
            }
            let starts = path.at(probe.clip_time).into_iter().chain([*own]);
            let starts: Vec<Homography> = starts.filter_map(|map| halves(&map)).collect();
            let points = course(probe, &starts, &frames)?;
            let place = (probe.clip_time - start) / length;
            Some(Course { place, points })
        });
        let found: Vec<Option<Course>> = found.collect();
        reference.proceed()?;
        courses.extend(found.into_iter().flatten());
    }
    if courses.len() < tuning.min_frames {
        return Ok(time);
    }
    let line = |(a, b): (f64, f64)| {
        let turn = (b - a) / length;
        TimeMap {
            offset: time.offset + a - turn * start,
            speed: time.speed + turn,
        }
    };
    // Most copies run as they are.
    let usual = if (time.speed - 1.0).abs() < tuning.usual_speed_tolerance {
        1.0
    } else {
        time.speed
    };
    let (own, usual) = best(&courses, (usual - time.speed) * length, tuning);
    Ok(line(if is_surely_better(&courses, own, usual, tuning) {
        own
    } else {
        usual
    }))
}

/// A map between pictures half as large.
fn halves(map: &Homography) -> Option<Homography> {
    Homography::scaling(2.0, 2.0)?
        .then(map)?
        .then(&Homography::scaling(0.5, 0.5)?)
}

/// For each probe the frames that it may show, half as large, with their offsets from the line.
fn around(
    some: &[(&QueryFrame, Homography)],
    time: TimeMap,
    reference: &Reference,
) -> Result<Vec<Vec<(f64, Pyramid)>>, TraceError> {
    let tuning = &reference.tuning().registration.moving_camera;
    let times = reference.times();
    let frames_in_step = (tuning.frame_step_seconds / reference.frame_seconds().max(1e-3)).round();
    let stride = (frames_in_step as usize).max(1);
    let offsets: Vec<Vec<f64>> = some
        .iter()
        .map(|(probe, _)| {
            let expected = time.at(probe.clip_time);
            let middle = reference.nearest(expected);
            let indices = (middle % stride..times.len()).step_by(stride);
            indices
                .map(|at| times[at] - expected)
                .filter(|offset| offset.abs() <= tuning.reach_seconds)
                .collect()
        })
        .collect();
    let moments: Vec<f64> = some
        .iter()
        .zip(&offsets)
        .flat_map(|((probe, _), offsets)| {
            let expected = time.at(probe.clip_time);
            offsets.iter().map(move |offset| expected + offset)
        })
        .collect();
    let pictures = reference.pictures(&moments)?;
    let halves: Vec<Option<Pyramid>> = pictures
        .par_iter()
        .map(|shown| shown.halved().map(Pyramid::new))
        .collect();
    let mut halves = halves.into_iter();
    Ok(offsets
        .into_iter()
        .map(|offsets| {
            let frames = offsets.into_iter().zip(halves.by_ref());
            frames
                .filter_map(|(offset, half)| Some((offset, half?)))
                .collect()
        })
        .collect())
}

/// The correlation with each frame, with maps led on from the likeliest to both sides, and back; none where one leads nowhere.
fn course(
    probe: &QueryFrame,
    starts: &[Homography],
    frames: &[(f64, Pyramid)],
) -> Option<Vec<(f64, f64)>> {
    let picture = &Pyramid::new(probe.picture.halved()?);
    let middle =
        (0..frames.len()).min_by(|a, b| frames[*a].0.abs().total_cmp(&frames[*b].0.abs()))?;
    let led = |map: &Homography, at: usize| {
        align_all(&[(&frames[at].1, picture)], map, Freedom::Projective)
    };
    let mut found: Vec<Option<Aligned>> = vec![None; frames.len()];
    found[middle] = starts
        .iter()
        .filter_map(|map| led(map, middle))
        .reduce(better);
    let last = frames.len() - 1;
    let steps = (middle..last).map(|at| (at, at + 1));
    let steps = steps.chain((0..last).rev().map(|at| (at + 1, at)));
    let steps = steps.chain((0..last).map(|at| (at, at + 1)));
    // On the way back forwards most frames lead on from where they did before.
    let mut before: Vec<Option<Homography>> = vec![None; frames.len()];
    for (from, to) in steps {
        let start = found[from].map(|from| from.homography);
        if to > from && std::mem::replace(&mut before[from], start) == start {
            continue;
        }
        let next = start.and_then(|start| led(&start, to));
        found[to] = found[to].into_iter().chain(next).reduce(better);
    }
    let points = frames.iter().zip(found);
    points
        .map(|((offset, _), found)| Some((*offset, found?.correlation)))
        .collect()
}

fn better(one: Aligned, other: Aligned) -> Aligned {
    if other.correlation > one.correlation {
        other
    } else {
        one
    }
}

/// The best line, and the best of those whose last offset is larger than the first by `turn`.
fn best(courses: &[Course], turn: f64, tuning: &MovingCameraTuning) -> ((f64, f64), (f64, f64)) {
    let steps = (tuning.reach_seconds / tuning.end_step_seconds).round() as i32;
    let likeness = |line: &(f64, f64)| mean(&along(courses, *line));
    let best = |lines: Vec<(f64, f64)>| {
        let scored = lines.par_iter().map(|line| (likeness(line), *line));
        let scored: Vec<(f64, (f64, f64))> = scored.collect();
        let best = scored.into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
        best.map_or((0.0, 0.0), |(_, line)| line)
    };
    let offset = |step: i32| f64::from(step) * tuning.end_step_seconds;
    let free = (-steps..=steps)
        .step_by(tuning.free_stride as usize)
        .flat_map(|a| {
            let ends = (-steps..=steps).step_by(tuning.free_stride as usize);
            ends.map(move |b| (offset(a), offset(b)))
        });
    let usual = (-steps..=steps).map(|middle| {
        let middle = offset(middle);
        (middle - turn / 2.0, middle + turn / 2.0)
    });
    (best(free.collect()), best(usual.collect()))
}

/// The correlation of each probe along a line.
fn along(courses: &[Course], (a, b): (f64, f64)) -> Vec<f64> {
    courses
        .iter()
        .map(|course| course.at(a + (b - a) * course.place))
        .collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Whether the probes agree that one line is better than the other.
fn is_surely_better(
    courses: &[Course],
    one: (f64, f64),
    other: (f64, f64),
    tuning: &MovingCameraTuning,
) -> bool {
    let gains = along(courses, one).into_iter().zip(along(courses, other));
    let gains: Vec<f64> = gains.map(|(one, other)| one - other).collect();
    let gain = mean(&gains);
    let spread: Vec<f64> = gains.iter().map(|g| (g - gain) * (g - gain)).collect();
    gain > tuning.min_standard_errors * (mean(&spread) / gains.len() as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tuning() -> MovingCameraTuning {
        MovingCameraTuning::default()
    }

    /// Sixteen probes, each most like a frame at an offset that depends on its place.
    fn courses(peak: impl Fn(f64) -> f64) -> Vec<Course> {
        (0..16)
            .map(|i| {
                let place = f64::from(i) / 15.0;
                // Frames do not lie at the same offsets for all probes.
                let first = f64::from(i % 4) * 0.02 - tuning().reach_seconds;
                let offsets = (0..20).map(|at| first + f64::from(at) * tuning().frame_step_seconds);
                let unlike = |offset: f64| 0.1 * (offset - peak(place)).abs();
                Course {
                    place,
                    points: offsets.map(|x| (x, 0.6 - unlike(x))).collect(),
                }
            })
            .collect()
    }

    fn is_near((a, b): (f64, f64), (x, y): (f64, f64)) -> bool {
        (a - x).abs() <= 2.0 * tuning().end_step_seconds
            && (b - y).abs() <= 2.0 * tuning().end_step_seconds
    }

    #[test]
    fn an_offset_that_all_have_is_the_usual_line_and_no_other_is_better() {
        let courses = courses(|_| 0.3);
        let (own, usual) = best(&courses, 0.0, &tuning());
        assert!(is_near(usual, (0.3, 0.3)), "{usual:?}");
        assert!(
            !is_surely_better(&courses, own, usual, &tuning()),
            "{own:?}"
        );
    }

    #[test]
    fn offsets_that_grow_are_another_speed() {
        let courses = courses(|place| 0.6 * place - 0.3);
        let (own, usual) = best(&courses, 0.0, &tuning());
        assert!(is_near(own, (-0.3, 0.3)), "{own:?}");
        assert!(
            is_surely_better(&courses, own, usual, &tuning()),
            "{usual:?}"
        );
        let (_, turned) = best(&courses, 0.6, &tuning());
        assert!(is_near(turned, (-0.3, 0.3)), "{turned:?}");
    }

    #[test]
    fn a_few_probes_that_are_led_astray_make_no_other_speed() {
        let courses = courses(|place| if place > 0.85 { 0.7 } else { 0.1 });
        let (own, usual) = best(&courses, 0.0, &tuning());
        assert!(is_near(usual, (0.1, 0.1)), "{usual:?}");
        assert!(
            !is_surely_better(&courses, own, usual, &tuning()),
            "{own:?}"
        );
    }

    #[test]
    fn a_course_is_read_between_its_frames_and_ends_with_them() {
        let course = Course {
            place: 0.0,
            points: vec![(-0.1, 0.2), (0.1, 0.6)],
        };
        for (offset, correlation) in [(0.0, 0.4), (0.05, 0.5), (-0.4, 0.2), (0.4, 0.6)] {
            assert!((course.at(offset) - correlation).abs() < 1e-12, "{offset}");
        }
    }
}
