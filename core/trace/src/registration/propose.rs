//! Spans of a clip that show spans of a title, before their geometry is known: runs of probes, cut and joined by all moments.
//!
//! ```text
//! runs on a line each -> one map for each -> runs side by side that one map fits -> pieces of all their moments -> drafts
//! draft -> its line of time, at the speed that it has in common with the others
//! pieces framed anew again and again -> runs as they are: no map is that of all moments
//! where these leave much unexplained -> the course of all moments, at any speed either way -> its legs instead
//! ```
//!
//! # Shapes and units
//! Times in seconds. Homographies from samples of the reference to samples of the probe.

use countermark_picture::Homography;

use crate::query::frames::QueryFrame;
use crate::reference::key_frames::KeyFrames;
use crate::registration::spatial::localisation::{Localisation, LocalisedFrame};
use crate::registration::spatial::track::{evenly_spaced, is_cut_often};
use crate::registration::spatial::verification::{Compared, along};
use crate::registration::temporal::comparison::Comparison;
use crate::registration::temporal::course::{Course, Leg, course};
use crate::registration::temporal::curve::{Curve, Frames};
use crate::registration::temporal::fit::{Known, fit, lines};
use crate::registration::temporal::line::TimeMap;
use crate::registration::temporal::segmentation::{are_comparable, pieces};
use crate::tuning::{ProposeTuning, RegistrationTuning};

/// A span of the clip that shows a span of the title, before its geometry is known.
pub(crate) struct SegmentProposal<'a> {
    pub(crate) span: [f64; 2],
    /// Sighted in it.
    pub(crate) members: Vec<LocalisedFrame<'a>>,
    /// One map for all of it.
    pub(crate) steady: Homography,
    pub(crate) guess: TimeMap,
    /// Its line of time.
    pub(crate) line: TimeMap,
    /// Whether it is a leg of a course: then its line was refined.
    pub(crate) is_leg: bool,
    /// Whether it is a leg of a course that is sighted often enough, and as like the title as the others: stills of a slide show may
    /// stand for less than the time between two probes.
    pub(crate) is_borne_out: bool,
    /// Whether its pieces were framed anew again and again: no map is that of all of it, and none tells its time.
    pub(crate) is_reframed: bool,
    known: Known,
    /// Moments of the span through `steady`.
    pub(crate) curves: Vec<Curve>,
}

impl SegmentProposal<'_> {
    /// How like the title its moments are along its line.
    fn likeness(&self, frames: Frames<'_>) -> f64 {
        let along = |curve: &Curve| curve.at(frames, self.line.at(curve.clip_time));
        self.curves.iter().map(along).sum::<f64>() / self.curves.len().max(1) as f64
    }
}

/// What the runs show, cut where moments tell that places which look alike follow one another. Runs side by side that one map
/// fits are looked at together, with what lies between them: there may be pieces whose probes could not be placed.
pub(crate) fn drafts<'a>(
    placing: &Localisation<'a>,
    compared: &Compared,
    frames: Frames<'_>,
    comparison: Comparison<'a>,
) -> Drafts<'a> {
    let tuning = &comparison.reference.tuning().registration;
    let Localisation {
        landmarks,
        placed,
        curves,
        maps,
        ..
    } = placing;
    let runs = lines(curves, frames);
    if is_reframed(placed, comparison.size, tuning) {
        let reframed = runs
            .into_iter()
            .map(|(run, line)| reframed(&placed[run], line));
        return Drafts {
            drafts: reframed.collect(),
            is_told: false,
        };
    }
    // One map for all moments tells the time before any is fitted to it: maps of their own would take what time moves for
    // what the camera did.
    let runs: Vec<Run<'_, '_>> = runs
        .iter()
        .filter_map(|(run, line)| {
            let members = &placed[run.clone()];
            let own = members
                .iter()
                .map(|p| p.map)
                .take(tuning.localisation.shared_maps);
            let all = maps.iter().copied().chain(own);
            let (likeness, map) = all
                .map(|map| (likeness(comparison, &map, span_of(members)), map))
                .max_by(|a, b| {
                    placing
                        .trust(a.0, &a.1)
                        .total_cmp(&placing.trust(b.0, &b.1))
                })?;
            Some(Run {
                members,
                guess: *line,
                steady: map,
                likeness,
            })
        })
        .collect();
    let mut drafts = Vec::new();
    for group in groups(&runs, comparison) {
        let cut = cut(group, frames, comparison);
        if cut.is_empty() || (cut.len(), group.len()) == (1, 1) {
            drafts.extend(group.iter().map(|run| run.draft(comparison)));
            continue;
        }
        for piece in cut {
            let line = (piece.guess, piece.steady);
            let lead = (landmarks, compared);
            let members = members(placed, piece.span, line, lead, comparison);
            drafts.push(SegmentProposal { members, ..piece });
        }
    }
    drafts.retain(|draft| !draft.members.is_empty());
    for (draft, line) in lines_of(&drafts, frames).into_iter().enumerate() {
        drafts[draft].line = line;
    }
    let (legs, is_told) = legs(&drafts, &runs, (placing, compared), frames, comparison);
    let drafts = legs.unwrap_or(drafts);
    Drafts { drafts, is_told }
}

/// Whether the probes that are surely sighted lie in pieces that were framed anew again and again.
fn is_reframed(
    placed: &[LocalisedFrame<'_>],
    size: (usize, usize),
    tuning: &RegistrationTuning,
) -> bool {
    let sure = |p: &&LocalisedFrame<'_>| p.sureness >= tuning.verification.min_consensus;
    let sure: Vec<(&QueryFrame, Homography)> = placed
        .iter()
        .filter(sure)
        .map(|p| (p.probe, p.map))
        .collect();
    is_cut_often(&sure, size, &tuning.track)
}

/// A run of such pieces. Its line is the one that its probes told, each through a map of its own: through one map for all of
/// them, moments of other pieces are like the title at wrong times.
fn reframed<'a>(members: &[LocalisedFrame<'a>], line: TimeMap) -> SegmentProposal<'a> {
    SegmentProposal {
        span: span_of(members),
        members: members.to_vec(),
        steady: members[members.len() / 2].map,
        guess: line,
        line,
        is_leg: false,
        is_borne_out: false,
        is_reframed: true,
        known: Known::default(),
        curves: Vec::new(),
    }
}

/// Spans of a clip.
pub(crate) struct Drafts<'a> {
    pub(crate) drafts: Vec<SegmentProposal<'a>>,
    /// Whether their lines of time explain the clip.
    pub(crate) is_told: bool,
}

/// The legs of the clip's course, where it explains much more than the lines of some drafts; whether these or those explain it.
fn legs<'a>(
    drafts: &[SegmentProposal<'a>],
    runs: &[Run<'a, '_>],
    (placing, compared): (&Localisation<'a>, &Compared),
    frames: Frames<'_>,
    comparison: Comparison<'a>,
) -> (Option<Vec<SegmentProposal<'a>>>, bool) {
    let tuning = &comparison.reference.tuning().registration;
    let Some(first) = runs.iter().max_by_key(|run| run.members.len()) else {
        return (None, false);
    };
    // Fragments that were framed differently are runs of their own.
    let fits = |run: &Run<'_, '_>| {
        likeness(comparison, &first.steady, run.span()) >= run.likeness - tuning.course.max_map_loss
    };
    if !runs.iter().all(fits) {
        return (None, false);
    }
    let whole = [0.0, comparison.probes.end()];
    let curves = comparison.through(&|_| Some(first.steady), whole, usize::MAX);
    let lines: Vec<([f64; 2], TimeMap)> = drafts.iter().map(|d| (d.span, d.line)).collect();
    let legs = match course(&lines, &curves, frames) {
        Course::AsTold => return (None, true),
        Course::Untold => return (None, false),
        Course::Legs(legs) => legs,
    };
    let draft = |Leg {
                     moments,
                     span,
                     time,
                 }: Leg| {
        let lead = (&placing.landmarks, compared);
        let members = members(
            &placing.placed,
            span,
            (time, first.steady),
            lead,
            comparison,
        );
        let inside: Vec<&Curve> = curves[moments].iter().collect();
        SegmentProposal {
            span,
            members,
            steady: first.steady,
            guess: time,
            line: time,
            is_leg: true,
            is_borne_out: false,
            is_reframed: false,
            known: Known::default(),
            curves: evenly_spaced(&inside, tuning.propose.max_moments)
                .into_iter()
                .cloned()
                .collect(),
        }
    };
    let mut legs: Vec<SegmentProposal<'a>> = legs.into_iter().map(draft).collect();
    let sighted: usize = legs.iter().map(|leg| leg.members.len()).sum();
    let own = legs.iter().filter(|leg| !leg.members.is_empty());
    let mut usual: Vec<f64> = own.map(|leg| leg.likeness(frames)).collect();
    usual.sort_by(f64::total_cmp);
    let least =
        usual.get(usual.len() / 2).copied().unwrap_or(1.0) - tuning.extent.max_likeness_loss;
    for leg in &mut legs {
        leg.is_borne_out =
            sighted >= tuning.verification.min_matches && leg.likeness(frames) >= least;
    }
    legs.retain(|leg| leg.is_borne_out || !leg.members.is_empty());
    let is_told = !legs.is_empty();
    (is_told.then_some(legs), is_told)
}

/// A run of placed probes, and the one map through which its moments are most like the reference.
struct Run<'a, 'r> {
    members: &'r [LocalisedFrame<'a>],
    guess: TimeMap,
    steady: Homography,
    likeness: f64,
}

impl<'a> Run<'a, '_> {
    fn span(&self) -> [f64; 2] {
        span_of(self.members)
    }

    fn draft(&self, comparison: Comparison<'_>) -> SegmentProposal<'a> {
        let tuning = &comparison.reference.tuning().registration.propose;
        SegmentProposal {
            span: self.span(),
            members: self.members.to_vec(),
            steady: self.steady,
            guess: self.guess,
            line: self.guess,
            is_leg: false,
            is_borne_out: false,
            is_reframed: false,
            known: Known::default(),
            curves: comparison.through(&|_| Some(self.steady), self.span(), tuning.max_moments),
        }
    }
}

/// Runs side by side that the map of the first one fits.
fn groups<'g, 'a, 'r>(
    runs: &'g [Run<'a, 'r>],
    comparison: Comparison<'_>,
) -> Vec<&'g [Run<'a, 'r>]> {
    let tuning = &comparison.reference.tuning().registration.propose;
    let mut groups = Vec::new();
    let mut left = runs;
    while let Some(first) = left.first() {
        let is_alike = |run: &&Run<'_, '_>| {
            likeness(comparison, &first.steady, run.span())
                > run.likeness - tuning.max_likeness_loss
        };
        let (group, rest) = left.split_at(1 + left[1..].iter().take_while(is_alike).count());
        groups.push(group);
        left = rest;
    }
    groups
}

/// The pieces that all moments of a group fall into, whose probes are still to be looked for; none where they do not tell.
fn cut<'a>(
    group: &[Run<'a, '_>],
    frames: Frames<'_>,
    comparison: Comparison<'_>,
) -> Vec<SegmentProposal<'a>> {
    let tuning = &comparison.reference.tuning().registration.propose;
    let (Some(first), Some(last)) = (group.first(), group.last()) else {
        return Vec::new();
    };
    // Not beyond the probes that are sighted: what is foreign is as unlike the one place as the other.
    let margin = comparison.probes.step() / 2.0;
    let around = [first.span()[0] - margin, last.span()[1] + margin];
    if !are_comparable(comparison.count(around), frames) {
        return Vec::new();
    }
    let mut all = comparison.through(&|_| Some(first.steady), around, usize::MAX);
    all.retain(|curve| (around[0]..=around[1]).contains(&curve.clip_time));
    let found = pieces(&all, frames, &speeds(group, tuning)).unwrap_or_default();
    found
        .into_iter()
        .filter_map(|(piece, guess)| {
            // Without the moments around it, which show something else.
            let inside: Vec<&Curve> = all[piece].iter().collect();
            Some(SegmentProposal {
                span: [inside.first()?.clip_time, inside.last()?.clip_time],
                members: Vec::new(),
                steady: first.steady,
                guess,
                line: guess,
                is_leg: false,
                is_borne_out: false,
                is_reframed: false,
                known: Known {
                    place: true,
                    speed: false,
                },
                curves: evenly_spaced(&inside, tuning.max_moments)
                    .into_iter()
                    .cloned()
                    .collect(),
            })
        })
        .collect()
}

/// The probes of a span that are sighted along a line of time: those that were placed, and others that are looked for there.
fn members<'a>(
    placed: &[LocalisedFrame<'a>],
    span: [f64; 2],
    (line, map): (TimeMap, Homography),
    landmarks: (&KeyFrames, &Compared),
    comparison: Comparison<'a>,
) -> Vec<LocalisedFrame<'a>> {
    let probes = comparison.probes;
    let tuning = &comparison.reference.tuning().registration.verification;
    let inside = |probe: &QueryFrame| (span[0]..=span[1]).contains(&probe.clip_time);
    // One that was sighted at another time says nothing for this one.
    let there = |p: &LocalisedFrame<'_>| {
        (p.media_time - line.at(p.probe.clip_time)).abs() < tuning.near_seconds
    };
    let mut members: Vec<LocalisedFrame<'a>> = placed
        .iter()
        .filter(|p| inside(p.probe) && there(p))
        .copied()
        .collect();
    let others = probes
        .all()
        .iter()
        .filter(|probe| inside(probe) && members.iter().all(|p| !std::ptr::eq(p.probe, *probe)));
    let sighted = along(others, line, map.is_mirrored(), landmarks, tuning);
    let believed = sighted
        .iter()
        .filter(|s| s.consensus.score >= tuning.min_consensus);
    members.extend(believed.map(|sighting| LocalisedFrame {
        probe: sighting.probe,
        map,
        media_time: sighting.media_time,
        sureness: sighting.consensus.score.max(0.0),
    }));
    members.sort_by(|a, b| a.probe.clip_time.total_cmp(&b.probe.clip_time));
    members
}

/// The usual speed and those of the longest runs, unlike each other.
fn speeds(runs: &[Run<'_, '_>], tuning: &ProposeTuning) -> Vec<f64> {
    let mut runs: Vec<&Run<'_, '_>> = runs.iter().collect();
    runs.sort_by_key(|run| std::cmp::Reverse(run.members.len()));
    let mut speeds = vec![1.0];
    for run in runs {
        let speed = run.guess.speed;
        if speeds.len() < tuning.max_speeds
            && speeds
                .iter()
                .all(|known| (known - speed).abs() > tuning.common_speed_tolerance)
        {
            speeds.push(speed);
        }
    }
    speeds
}

/// From the first probe of a run to the last.
fn span_of(members: &[LocalisedFrame<'_>]) -> [f64; 2] {
    let moment = |member: Option<&LocalisedFrame<'_>>| member.map_or(0.0, |m| m.probe.clip_time);
    [moment(members.first()), moment(members.last())]
}

/// The line of each draft. What was cut together runs at one speed, as a rule: a short piece has little to set against it.
fn lines_of(drafts: &[SegmentProposal<'_>], frames: Frames<'_>) -> Vec<TimeMap> {
    let tuning = &frames.tuning.propose;
    let length = |draft: &SegmentProposal<'_>| draft.span[1] - draft.span[0];
    let mut fitted: Vec<TimeMap> = drafts
        .iter()
        .map(|draft| fit(&draft.curves, frames, draft.guess, draft.known))
        .collect();
    let speeds: Vec<(f64, f64)> = fitted
        .iter()
        .zip(drafts)
        .map(|(line, draft)| (line.speed, length(draft)))
        .collect();
    let Some(speed) = common(&speeds, tuning) else {
        return fitted;
    };
    for (line, draft) in fitted.iter_mut().zip(drafts) {
        if length(draft) < tuning.short_run_seconds
            && (line.speed - speed).abs() > tuning.common_speed_tolerance
        {
            let middle = f64::midpoint(draft.span[0], draft.span[1]);
            let first = TimeMap {
                offset: line.at(middle) - speed * middle,
                speed,
            };
            let known = Known {
                speed: true,
                ..draft.known
            };
            *line = fit(&draft.curves, frames, first, known);
        }
    }
    fitted
}

/// The speed that most of several runs have, a third of their length at least, given the speed and the length of each.
fn common(runs: &[(f64, f64)], tuning: &ProposeTuning) -> Option<f64> {
    if runs.len() < tuning.min_runs_for_common_speed {
        return None;
    }
    let whole: f64 = runs.iter().map(|(_, length)| length).sum();
    let alike = |speed: f64| -> f64 {
        let near = runs
            .iter()
            .filter(|run| (run.0 - speed).abs() <= tuning.common_speed_tolerance);
        near.map(|(_, length)| length).sum()
    };
    let (share, speed) = runs
        .iter()
        .map(|(speed, _)| (alike(*speed), *speed))
        .reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    (3.0 * share > whole).then_some(speed)
}

/// How like whatever the reference shows a few moments of a span are through one map.
fn likeness(comparison: Comparison<'_>, map: &Homography, span: [f64; 2]) -> f64 {
    let most = comparison
        .reference
        .tuning()
        .registration
        .propose
        .map_moments;
    let curves = comparison.through(&|_| Some(*map), span, most);
    curves.iter().map(Curve::best).sum::<f64>() / curves.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::{ProposeTuning, common};

    #[test]
    fn what_most_runs_have_in_common_is_their_speed() {
        let recap = [(1.08, 2.0), (1.081, 3.0), (1.4, 1.0), (0.9, 2.0)];
        assert!(
            common(&recap, &ProposeTuning::default())
                .is_some_and(|speed| (speed - 1.08).abs() < 0.002)
        );
        assert_eq!(
            common(
                &[(0.8, 2.0), (1.0, 2.0), (1.2, 2.0), (1.4, 2.0)],
                &ProposeTuning::default()
            ),
            None
        );
        assert_eq!(
            common(&recap[..2], &ProposeTuning::default()),
            None,
            "two runs say nothing of a third"
        );
    }
}
