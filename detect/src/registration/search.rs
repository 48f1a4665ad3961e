//! Which probes of a clip show which moments of a title, and how.
//!
//! ```text
//! sighted probe -> lattice through its homography -> correlation with every frame of the reference -> lines of time
//! ```
//!
//! See [`super::sighting`] for the sightings.
//!
//! # Shapes and units
//! Times in seconds. Homographies from samples of the reference to samples of the probe.

use countermark_fingerprint::Homography;
use countermark_mark::lattice::cpu::CpuLevel;
use countermark_mark::observe::projected::ProjectedSampler;
use rayon::prelude::*;

use crate::observer::Observer;
use crate::reference::Reference;

use super::curves::{curve, smaller};
use super::drafts::{Dense, drafts, fitted};
use super::geometry::Path;
use super::landmarks::Landmarks;
use super::probes::{Probe, Probes};
use super::sighting::{Sighting, closer_look, plain, pooled, sightings};
use super::timing::{Curve, Frames, TimeLine, lines};
use super::{Clue, Registration, Segment, geometry, joint, spans};

/// Probes below which each is looked for frame by frame.
const ALONE: usize = 3;

/// Maps of other probes that every probe tries beside its own.
pub(super) const SHARED: usize = 3;

/// Share of the sureness of the pictures as they are that is enough without what stands still over them: it may make them
/// like the reference at a wrong time.
const COVERED: f64 = 0.8;

/// Seconds by which lines of time differ that are worth trying both.
const OTHER: f64 = 0.2;

/// Finds where and when the clip of `probes` shows the title; none when nothing is sighted.
///
/// # Errors
/// When the reference cannot be decoded.
pub fn locate(
    probes: &Probes,
    reference: &Reference,
    landmarks: &Landmarks,
    clues: &[Clue],
    observer: &dyn Observer,
) -> anyhow::Result<Option<Registration>> {
    let (probes, sightings) = likelier(probes, landmarks, clues, observer);
    let mut other_maps = pooled(&sightings, landmarks.size());
    other_maps.extend(plain(probes, &sightings, landmarks.size()));
    if sightings.len() < ALONE {
        for sighting in &sightings {
            other_maps.extend(closer_look(sighting, reference, landmarks.size())?);
        }
    }
    let placed = placed(&sightings, &other_maps, probes, reference, landmarks.size());
    let (placed, curves): (Vec<Placed<'_>>, Vec<Curve>) = placed.into_iter().unzip();
    let frames = Frames::of(reference);
    let mut dense = Dense {
        sampler: ProjectedSampler::new(reference.lattice(), CpuLevel::probe()),
        probes,
        reference,
        size: landmarks.size(),
    };
    let runs = lines(&curves, frames);
    let drafts = drafts(&runs, &placed, &other_maps, frames, landmarks, &mut dense);
    let fitted = fitted(&drafts, frames);
    let plain = plain(probes, &sightings, landmarks.size());
    let mut segments = Vec::new();
    for (draft, fitted) in drafts.iter().zip(fitted) {
        let members = &draft.members;
        let Some(first) = members.first() else {
            continue;
        };
        let start: Vec<(&Probe, Homography)> = members.iter().map(|p| (p.probe, p.map)).collect();
        let maps = (Some(draft.steady), plain);
        let (time, path) = shaped(&start, fitted, maps, landmarks.size(), reference)?;
        segments.push(Segment {
            query: draft.span,
            other_times: others(time, [fitted, draft.guess], draft.span),
            time,
            sighted: members.len(),
            sureness: members.iter().map(|p| p.sureness).sum(),
            path,
            reference: landmarks.size(),
            probe: (first.probe.picture.width(), first.probe.picture.height()),
            content: probes.content(),
        });
    }
    let likeness = |segment: &Segment, span: [f64; 2], most: usize| -> Vec<(f64, f64)> {
        dense
            .through(&|moment| segment.path.at(moment), span, most)
            .iter()
            .map(|curve| {
                (
                    curve.clip_time,
                    curve.at(frames, segment.time.at(curve.clip_time)),
                )
            })
            .collect()
    };
    last(&mut segments, (probes.step(), probes.end()), likeness);
    Ok((!segments.is_empty()).then_some(Registration { segments }))
}

/// The layer of the clip in which the title is sighted most surely: without what stands still over the pictures, unless the
/// others are much surer.
fn likelier<'a>(
    probes: &'a Probes,
    landmarks: &Landmarks,
    clues: &[Clue],
    observer: &dyn Observer,
) -> (&'a Probes, Vec<Sighting<'a>>) {
    let sureness = |layer: &Probes, sightings: &[Sighting<'_>]| -> f64 {
        let sum: f64 = sightings.iter().map(|s| s.consensus.score.max(0.0)).sum();
        if layer.overlay().is_some() {
            sum / COVERED
        } else {
            sum
        }
    };
    probes
        .layers()
        .map(|layer| {
            observer.stage("registering", Some(layer.all().len() as u64));
            (layer, sightings(layer, landmarks, clues, observer))
        })
        .max_by(|a, b| sureness(a.0, &a.1).total_cmp(&sureness(b.0, &b.1)))
        .unwrap_or((probes, Vec::new()))
}

/// The geometry of a run, and its line of time settled with it: near the one `fitted`, along one map near the run's own, the
/// `usual` one, or the `plain` one.
fn shaped(
    start: &[(&Probe, Homography)],
    fitted: TimeLine,
    (usual, plain): (Option<Homography>, Option<Homography>),
    size: (usize, usize),
    reference: &Reference,
) -> anyhow::Result<(TimeLine, Path)> {
    let path = geometry::path(start, fitted, reference)?;
    let Some(map) = path.steady().copied().or(usual) else {
        return Ok((fitted, path));
    };
    // What was fitted at a wrong time bends: a search begins with maps that do not.
    let maps: Vec<Homography> = geometry::similarity(&map, size)
        .into_iter()
        .chain(plain.filter(|plain| geometry::are_near(plain, &map, size)))
        .collect();
    let time = joint::settled(start, fitted, &maps, reference)?;
    let moved = start.iter().any(|(probe, _)| {
        let moment = probe.clip_time;
        reference.nearest(fitted.at(moment)) != reference.nearest(time.at(moment))
    });
    let path = if moved {
        geometry::path(start, time, reference)?
    } else {
        path
    };
    Ok((time, path))
}

/// Lets segments last as long as the clip is like the reference along their lines.
fn last(
    segments: &mut [Segment],
    (step, end): (f64, f64),
    mut likeness: impl FnMut(&Segment, [f64; 2], usize) -> Vec<(f64, f64)>,
) {
    let mut spans: Vec<[f64; 2]> = segments.iter().map(|segment| segment.query).collect();
    for (at, segment) in segments.iter().enumerate() {
        spans[at] = spans::extended(&spans, at, (step, end), |span, most| {
            likeness(segment, span, most)
        });
    }
    for (segment, span) in segments.iter_mut().zip(spans::widened(&spans, step, end)) {
        segment.query = span;
    }
}

/// A probe and its place in the picture.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) probe: &'a Probe,
    pub(super) map: Homography,
    /// Of the key frame that it was sighted in.
    pub(super) media_time: f64,
    /// Of its sighting.
    pub(super) sureness: f64,
}

/// Where each sighted probe lies in the picture. What moves in the picture bends the map of a single probe, for its key
/// frame is of another moment; what stands is the same in all of them. So the map that the matches of all probes agree on
/// is tried for each, and `other_maps`, and the best of the others' own; the one that correlates best is taken, with its
/// correlations.
fn placed<'a>(
    sightings: &[Sighting<'a>],
    other_maps: &[Homography],
    probes: &Probes,
    reference: &Reference,
    size: (usize, usize),
) -> Vec<(Placed<'a>, Curve)> {
    let sampler = || ProjectedSampler::new(reference.lattice(), CpuLevel::probe());
    let place = |sampler: &mut ProjectedSampler,
                 probe: &'a Probe,
                 map: Homography,
                 (media_time, sureness): (f64, f64)| {
        let size_of_probe = (probe.picture.width(), probe.picture.height());
        let small = smaller(&map, size_of_probe, &probe.small)?;
        let shown = (probe.clip_time, &*probe.small);
        let curve = curve(sampler, shown, probes.overlay(), &small, size, reference)?;
        let placed = Placed {
            probe,
            map,
            media_time,
            sureness,
        };
        Some((placed, curve))
    };
    let mut all: Vec<(Placed<'a>, Curve)> = sightings
        .par_iter()
        .map_init(sampler, |sampler, sighting| {
            let map = sighting.upright(&sighting.consensus.homography)?;
            place(
                sampler,
                sighting.probe,
                map,
                (sighting.media_time, sighting.consensus.score.max(0.0)),
            )
        })
        .flatten()
        .collect();
    let mut others: Vec<(f64, Homography)> = all
        .iter()
        .map(|(placed, curve)| (curve.best(), placed.map))
        .collect();
    others.sort_by(|a, b| b.0.total_cmp(&a.0));
    others.truncate(SHARED);
    let others: Vec<Homography> = others
        .iter()
        .map(|(_, map)| *map)
        .chain(other_maps.iter().copied())
        .collect();
    all.par_iter_mut().for_each_init(sampler, |sampler, own| {
        for map in &others {
            if let Some(other) = place(
                sampler,
                own.0.probe,
                *map,
                (own.0.media_time, own.0.sureness),
            ) && other.1.best() > own.1.best()
            {
                *own = other;
            }
        }
    });
    all
}

/// Lines that lie apart from the chosen one, and that line's middle at the usual speed.
fn others(time: TimeLine, guesses: [TimeLine; 2], span: [f64; 2]) -> Vec<TimeLine> {
    let middle = f64::midpoint(span[0], span[1]);
    let usual = |line: TimeLine| TimeLine {
        offset: line.at(middle) - middle,
        speed: 1.0,
    };
    let mut apart: Vec<TimeLine> = vec![time];
    for line in guesses.into_iter().chain([usual(time), usual(guesses[1])]) {
        let is_new = |known: &TimeLine| {
            span.iter()
                .any(|moment| (known.at(*moment) - line.at(*moment)).abs() > OTHER)
        };
        if apart.iter().all(is_new) {
            apart.push(line);
        }
    }
    apart.split_off(1)
}
