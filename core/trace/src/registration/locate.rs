//! From a clip's probes to the segments of a title that it shows.
//!
//! ```text
//! placed probes, more of the reference where they run beyond what is held, without what lies over them -> drafts -> line of
//! time and geometry of each, settled together -> segments as long as the clip is like the reference along them
//! ```
//!
//! See [`super::spatial::localisation`] for the probes and [`super::propose`] for the spans.
//!
//! # Shapes and units
//! Times in seconds. Homographies from samples of the reference to samples of the probe.

use std::cell::OnceCell;

use countermark_picture::Homography;

use crate::error::TraceError;
use crate::reference::Reference;
use crate::task::Task;
use crate::tuning::{ExtentTuning, LocateTuning};

use crate::query::frames::{QueryFrame, QueryFrames};
use crate::registration::prior::AlignmentPrior;
use crate::registration::propose::{Drafts, SegmentProposal, drafts};
use crate::registration::refine::{bent, extent, joint, moving_camera};
use crate::registration::segment::{Registration, Segment};
use crate::registration::spatial::localisation::Localisation;
use crate::registration::spatial::track;
use crate::registration::spatial::track::Path;
use crate::registration::spatial::verification::Compared;
use crate::registration::temporal::comparison::Comparison;
use crate::registration::temporal::curve::{Curve, Frames};
use crate::registration::temporal::line::TimeMap;
use crate::registration::temporal::precision::{precision, untold};

/// Times that what lies over a clip is told by the title: what it hid may have misled the first.
const OCCLUSION_ROUNDS: usize = 2;

/// Finds where and when the clip of `probes` shows the title; none when nothing is sighted.
///
/// # Errors
/// When the reference cannot be decoded, or the work is to end.
pub(crate) fn locate(
    probes: &QueryFrames,
    reference: &mut Reference,
    clues: &[AlignmentPrior],
    task: &Task<'_>,
) -> Result<Option<Registration>, TraceError> {
    located(probes, reference, clues, None, task).map(|found| found.registration)
}

/// What a search found.
pub(crate) struct Located {
    pub(crate) registration: Option<Registration>,
    /// Whether another search would find the same: one that had to stop reading on goes on the next time, and one whose first
    /// draft was enough would refine it.
    pub(crate) is_settled: bool,
}

/// As [`locate`], but that a registration whose lines of time and maps were not refined does where it is `enough`: refining
/// them takes most of the work.
///
/// # Errors
/// As [`locate`].
pub(crate) fn located(
    probes: &QueryFrames,
    reference: &mut Reference,
    clues: &[AlignmentPrior],
    enough: Option<&dyn Fn(&Registration) -> bool>,
    task: &Task<'_>,
) -> Result<Located, TraceError> {
    // Query frames that are compared stay where they are until the end.
    let compared = Compared::default();
    let tuning = &reference.tuning().registration.locate;
    let certain = &reference.tuning().registration.verification;
    let extent = &reference.tuning().registration.extent;
    let (placing, is_settled) = widened(probes, (reference, &compared), clues, task)?;
    // Whoever follows a prior looked at all that it allows.
    if !clues.is_empty() && !placing.may_be_certain(certain) {
        task.proceed()?;
        return Ok(Located {
            registration: None,
            is_settled,
        });
    }
    let reference = &*reference;
    // A placing borrows its probes.
    let layers: [OnceCell<QueryFrames>; OCCLUSION_ROUNDS] = Default::default();
    let of = (reference, &compared);
    let placing = uncovered(placing, (probes, &layers), of, clues, task)?;
    let comparison = placing.comparison(reference);
    let (probes, size) = (comparison.probes, comparison.size);
    let frames = Frames::of(reference);
    let Drafts { drafts, is_told } = drafts(&placing, &compared, frames, comparison);
    let segment = |draft: &SegmentProposal<'_>, (time, path): (TimeMap, Path)| {
        let members = &draft.members;
        let each = members.iter().map(|p| p.sureness);
        let sureness = probes.together(each, &reference.tuning().query);
        (draft.is_borne_out || !members.is_empty()).then(|| Segment {
            query: draft.span,
            other_times: if draft.is_leg {
                Vec::new()
            } else {
                others(time, [draft.line, draft.guess], draft.span, tuning)
            },
            time,
            sighted: members.len(),
            sureness,
            is_certain: draft.is_borne_out
                || members.len() >= certain.min_matches
                || sureness >= certain.certain_consensus,
            likeness: 0.0,
            precision: 0.0,
            path,
            bends: None,
            reference: size,
            probe: probes.size(),
            content: probes.content(),
        })
    };
    let moments = |segment: &Segment, span: [f64; 2], most: usize| {
        let found = comparison.through(&|moment| segment.path.at(moment), span, most);
        inside(found, span, extent.short_steps * probes.step())
    };
    let likeness = |segment: &Segment, span: [f64; 2], most: usize| -> Vec<(f64, f64)> {
        let along = |curve: &Curve| curve.at(frames, segment.time.at(curve.clip_time));
        let curves = moments(segment, span, most);
        curves.iter().map(|c| (c.clip_time, along(c))).collect()
    };
    let registration = |mut segments: Vec<Segment>| {
        let clip = (probes.step(), probes.end());
        last(&mut segments, clip, likeness, extent);
        for segment in &mut segments {
            let own = moments(segment, segment.query, extent.moments);
            segment.precision = precision(&own, frames, segment.time);
            if !is_told {
                let own = moments(segment, segment.query, frames.tuning.propose.max_moments);
                segment.precision = segment.precision.max(doubt(segment, &own, &drafts, frames));
            }
        }
        (!segments.is_empty()).then_some(Registration { segments, is_told })
    };
    let as_it_is =
        |draft: &SegmentProposal<'_>| segment(draft, (draft.line, Path::steady_at(draft.steady)));
    if let Some(enough) = enough {
        let first = registration(drafts.iter().filter_map(as_it_is).collect());
        if first.as_ref().is_some_and(enough) {
            return Ok(Located {
                registration: first,
                is_settled: false,
            });
        }
    }
    let mut segments = Vec::new();
    for draft in &drafts {
        task.proceed()?;
        // An exact map hides no error of time, and at the usual speed there is no other line to weigh.
        let is_plain = !draft.is_leg && (draft.line.speed - 1.0).abs() < 1e-9;
        let may_stay = is_plain && placing.is_exact(&draft.steady);
        let fits = |own: &Segment| {
            let around = likeness(own, own.query, extent.moments);
            mean(&of_its_own(own, around, probes)) >= tuning.settled_likeness
        };
        segments.extend(match as_it_is(draft).filter(|own| may_stay && fits(own)) {
            Some(own) => Some(own),
            None => segment(draft, fitted(draft, &placing.level, comparison)?),
        });
    }
    let mut registration = registration(segments);
    bent::settle(registration.as_mut(), probes.all(), reference)?;
    task.proceed()?;
    Ok(Located {
        registration,
        is_settled,
    })
}

/// The probes placed in as much of the title as their likeliest ends ask for, and whether that is all that they ask for.
fn widened<'a, 'r: 'a>(
    probes: &'a QueryFrames,
    (reference, compared): (&mut Reference<'r>, &Compared),
    clues: &[AlignmentPrior],
    task: &Task<'_>,
) -> Result<(Localisation<'a>, bool), TraceError> {
    let tuning = &reference.tuning().registration.locate;
    let mut placing = Localisation::new(probes, (reference, compared), clues, task)?;
    if let Some(span) = placing.slid {
        reference.narrow(span);
        let placing = Localisation::new(probes, (reference, compared), clues, task)?;
        return Ok((placing, true));
    }
    let mut seconds = tuning.first_widening_seconds;
    while seconds <= tuning.last_widening_seconds {
        let ends = placing.likest_ends(reference);
        if ends.is_empty() || !reference.widen(&ends, seconds)? {
            break;
        }
        placing = Localisation::new(probes, (reference, compared), clues, task)?;
        seconds *= 2.0;
    }
    Ok((placing, seconds <= tuning.last_widening_seconds))
}

/// The same probes placed without what lies over them, as far as the title tells it.
fn uncovered<'a>(
    mut placing: Localisation<'a>,
    (probes, layers): (&QueryFrames, &'a [OnceCell<QueryFrames>]),
    (reference, compared): (&Reference<'a>, &Compared),
    clues: &[AlignmentPrior],
    task: &Task<'_>,
) -> Result<Localisation<'a>, TraceError> {
    let most = reference.tuning().query.max_features;
    for layer in layers {
        let Some(overlay) = placing.overlay(reference)? else {
            break;
        };
        let uncovered = layer.get_or_init(|| probes.without(overlay, most));
        let other = Localisation::new(uncovered, (reference, compared), clues, task)?;
        // What has no features is not placed without what lies over it.
        if 2 * other.placed.len() < placing.placed.len() {
            break;
        }
        placing = other;
    }
    Ok(placing)
}

/// The line of time of a draft, and its geometry.
fn fitted(
    draft: &SegmentProposal<'_>,
    level: &[Homography],
    comparison: Comparison<'_>,
) -> Result<(TimeMap, Path), TraceError> {
    let start: Vec<(&QueryFrame, Homography)> =
        draft.members.iter().map(|p| (p.probe, p.map)).collect();
    // The map of the whole course.
    if start.is_empty() {
        return Ok((draft.line, Path::steady_at(draft.steady)));
    }
    if draft.is_reframed {
        return reframed(&start, draft.line, comparison);
    }
    let maps = (draft.steady, level);
    shaped(&start, draft.line, maps, draft.is_leg, comparison)
}

/// The geometry of pieces that were framed anew again and again, and their line of time settled by maps of their own.
fn reframed(
    start: &[(&QueryFrame, Homography)],
    first: TimeMap,
    comparison: Comparison<'_>,
) -> Result<(TimeMap, Path), TraceError> {
    let reference = (comparison.reference, comparison.size);
    let path = track::path(start, None, first, reference)?;
    let line = moving_camera::settled(start, &path, first, reference.0)?;
    Ok((line, track::path(start, None, line, reference)?))
}

/// The geometry of a run, and its line of time settled with it: near the one `fitted`, along one map near the run's own, the
/// `usual` one, or a `level` one; where there is none for all of it, along maps of their own. The line of a leg stays.
fn shaped(
    start: &[(&QueryFrame, Homography)],
    fitted: TimeMap,
    (usual, level): (Homography, &[Homography]),
    is_leg: bool,
    comparison: Comparison<'_>,
) -> Result<(TimeMap, Path), TraceError> {
    let (reference, size) = (comparison.reference, comparison.size);
    let tuning = &reference.tuning().registration.track;
    let near = |map: &Homography| {
        let mut near = level
            .iter()
            .filter(|l| track::are_near(l, map, size, tuning));
        near.next().copied()
    };
    let path = track::path(start, near(&usual), fitted, (reference, size))?;
    if is_leg {
        return Ok((fitted, path));
    }
    let map = path.steady().copied().unwrap_or(usual);
    // What was fitted at a wrong time bends: a search begins with maps that do not.
    let similar = track::similarity(&map, size);
    let simple: Vec<Homography> = similar.into_iter().chain(near(&map)).collect();
    let maps = joint::Starts {
        simple: &simple,
        tilted: Some(map).filter(|map| track::is_tilted(map, size, tuning)),
    };
    let at = |time: TimeMap| {
        let is_same = |(probe, _): &(&QueryFrame, Homography)| {
            let moment = probe.clip_time;
            reference.nearest(fitted.at(moment)) == reference.nearest(time.at(moment))
        };
        if start.iter().all(is_same) {
            Ok(path.clone())
        } else {
            track::path(start, near(&map), time, (reference, size))
        }
    };
    let together = joint::settled(start, fitted, maps, reference)?;
    let common = at(together)?;
    if common.steady().is_some() {
        return Ok((together, common));
    }
    let singly = moving_camera::settled(start, &path, fitted, reference)?;
    Ok((singly, at(singly)?))
}

/// Lets segments last as long as the clip is like the reference along their lines, and says how like it is.
fn last(
    segments: &mut [Segment],
    (step, end): (f64, f64),
    likeness: impl Fn(&Segment, [f64; 2], usize) -> Vec<(f64, f64)>,
    tuning: &ExtentTuning,
) {
    let mut spans: Vec<[f64; 2]> = segments.iter().map(|segment| segment.query).collect();
    for (at, segment) in segments.iter().enumerate() {
        spans[at] = extent::extended(&spans, at, (step, end), tuning, |span, most| {
            likeness(segment, span, most)
        });
    }
    for (segment, span) in segments.iter_mut().zip(extent::widened(&spans, step, end)) {
        segment.query = span;
        segment.likeness = mean(&likeness(segment, span, tuning.moments));
    }
}

/// Moments of a span and around it; of one shorter than some seconds those within, for beyond its ends lies much that is another's.
fn inside(mut found: Vec<Curve>, span: [f64; 2], short: f64) -> Vec<Curve> {
    let is_own = |curve: &Curve| (span[0]..=span[1]).contains(&curve.clip_time);
    if span[1] - span[0] < short && found.iter().any(is_own) {
        found.retain(is_own);
    }
    found
}

/// How far the line of a segment is off where lines do not explain the clip. What was fitted along a wrong one confirms it: the maps
/// that its drafts began with object as well.
fn doubt(
    segment: &Segment,
    own: &[Curve],
    drafts: &[SegmentProposal<'_>],
    frames: Frames<'_>,
) -> f64 {
    let within = |draft: &&SegmentProposal<'_>| {
        let [from, to] = draft.span;
        segment.holds(f64::midpoint(from, to))
    };
    let began = drafts.iter().filter(within).map(|draft| &draft.curves[..]);
    std::iter::once(own)
        .chain(began)
        .map(|curves| untold(curves, frames, segment.time))
        .fold(0.0, f64::max)
}

/// Moments in a segment and around it, but of a panel those in it: it may show another title before and after.
fn of_its_own(
    segment: &Segment,
    mut around: Vec<(f64, f64)>,
    probes: &QueryFrames,
) -> Vec<(f64, f64)> {
    around.retain(|(moment, _)| !probes.is_part() || segment.holds(*moment));
    around
}

/// How like the reference moments are on average.
fn mean(each: &[(f64, f64)]) -> f64 {
    let sum: f64 = each.iter().map(|(_, likeness)| likeness).sum();
    sum / each.len().max(1) as f64
}

/// Lines that lie apart from the chosen one, and that line's middle at the usual speed.
fn others(
    time: TimeMap,
    guesses: [TimeMap; 2],
    span: [f64; 2],
    tuning: &LocateTuning,
) -> Vec<TimeMap> {
    let middle = f64::midpoint(span[0], span[1]);
    let usual = |line: TimeMap| TimeMap {
        offset: line.at(middle) - middle,
        speed: 1.0,
    };
    let mut apart: Vec<TimeMap> = vec![time];
    for line in guesses.into_iter().chain([usual(time), usual(guesses[1])]) {
        let is_new = |known: &TimeMap| {
            span.iter().any(|moment| {
                (known.at(*moment) - line.at(*moment)).abs() > tuning.alternative_seconds
            })
        };
        if apart.iter().all(is_new) {
            apart.push(line);
        }
    }
    apart.split_off(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(offset: f64, speed: f64) -> TimeMap {
        TimeMap { offset, speed }
    }

    #[test]
    fn alternatives_differ_from_the_chosen_line_and_from_each_other_somewhere_in_the_span() {
        let tuning = LocateTuning::default();
        let span = [0.0, 10.0];
        let chosen = line(40.0, 1.05);
        // Half a second off in the middle at speed 1: both ends differ by more than 0.2 s.
        let usual = line(chosen.at(5.0) - 5.0, 1.0);
        assert_eq!(others(chosen, [chosen, chosen], span, &tuning), [usual]);
        // A guess within 0.2 s of the chosen line everywhere is none.
        let near = line(40.1, 1.05);
        assert_eq!(others(chosen, [near, chosen], span, &tuning), [usual]);
        let far = line(30.0, 1.05);
        assert_eq!(others(chosen, [far, chosen], span, &tuning), [far, usual]);
        // Of a single moment the speed does not matter.
        let moment = [4.0, 4.0];
        assert!(others(chosen, [chosen, chosen], moment, &tuning).is_empty());
    }

    /// A segment that shows the title from `query[0]` to `query[1]` so far.
    fn segment(query: [f64; 2]) -> Segment {
        Segment {
            query,
            time: line(0.0, 1.0),
            other_times: Vec::new(),
            sighted: 3,
            sureness: 50.0,
            is_certain: true,
            likeness: 1.0,
            precision: 0.02,
            bends: None,
            path: Path::steady_at(Homography::scaling(1.0, 1.0).expect("a map")),
            reference: (512, 288),
            probe: (512, 288),
            content: None,
        }
    }

    #[test]
    fn segments_last_as_long_as_the_clip_is_like_the_reference_and_never_overlap() {
        let mut segments = [segment([2.0, 3.0]), segment([6.0, 7.0])];
        // Moments eight a second; from 4.5 s to 5.5 s the clip shows something else.
        let likeness = |_: &Segment, span: [f64; 2], most: usize| {
            let moments = (0..80).map(|n| f64::from(n) / 8.0);
            let inside = moments.filter(|moment| (span[0]..=span[1]).contains(moment));
            let foreign = |moment: f64| (4.5..5.5).contains(&moment);
            inside
                .map(|moment| (moment, if foreign(moment) { 0.2 } else { 0.98 }))
                .take(most)
                .collect()
        };
        last(
            &mut segments,
            (0.5, 9.875),
            likeness,
            &ExtentTuning::default(),
        );
        let [first, second] = [segments[0].query, segments[1].query];
        assert!(
            first[0].abs() < 1e-9 && (first[1] - 4.625).abs() < 1e-9,
            "{first:?}"
        );
        assert!((second[0] - 5.25).abs() < 1e-9, "{second:?}");
        assert!((second[1] - 9.875).abs() < 1e-9, "{second:?}");
    }
}
