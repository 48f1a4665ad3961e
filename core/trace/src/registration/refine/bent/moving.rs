//! A bend that moves with time: fields of single probes, if they explain a probe between them as well.
//!
//! ```text
//! B[i] = the bend of probe i alone, from the common one on
//! gain = mean over odd i of  likeness(i; what the B of even i say of its time) - likeness(i; as the segment has it)
//! gain >= min_gain   the segment has all B[i], and a cubic between them
//! ```
//!
//! What is free to bend explains noise and what moves in a picture as well, but not that of the probe after the next: a field is
//! believed by a probe that it was not fitted to.
//!
//! # Shapes and units
//! Times in seconds. Homographies from samples of the reference to samples of a probe, after the bend of the reference.

use std::sync::Arc;

use countermark_fingerprint::{Bent, Pyramid, bend_from, bend_is_fine, bent_likeness};
use countermark_picture::{Bend, Homography};
use rayon::prelude::*;

use crate::error::TraceError;
use crate::query::frames::QueryFrame;
use crate::reference::Reference;
use crate::registration::segment::Segment;
use crate::registration::spatial::bends::Bends;
use crate::registration::spatial::track::{Path, evenly_spaced};
use crate::registration::temporal::line::TimeMap;

use super::{beside, laid, timed};

/// Probes that are held beside the reference at a time.
const PROBES_IN_ONE_PASS: usize = 8;

/// Fewer probes tell nothing of one between two others.
const MIN_PROBES: usize = 5;

/// A map, and the bend before it that fields begin with.
pub(super) type Start<'a> = (Homography, Option<&'a Bend>);

/// How fields of single probes explain a few of them best.
#[derive(Debug, Clone, Copy)]
struct Chosen<'a> {
    line: TimeMap,
    start: Start<'a>,
    /// On cells half as long.
    is_finer: bool,
    likeness: f64,
}

/// Bends a segment by the fields of its single probes, after the map of one of some `starts` and from its bend on, along its line or one
/// of some `lines`, if these explain it better.
///
/// # Errors
/// When the reference cannot be decoded, or the work is to end.
pub(super) fn settle(
    segment: &mut Segment,
    shown: &[&QueryFrame],
    lines: &[TimeMap],
    starts: &[Start<'_>],
    reference: &Reference,
) -> Result<(), TraceError> {
    let tuning = &reference.tuning().registration.bend;
    let chosen = evenly_spaced(shown, tuning.moving_frames);
    if chosen.len() < MIN_PROBES {
        return Ok(());
    }
    // A few tell whether it moves, along which line and after which map.
    let few = evenly_spaced(&chosen, tuning.sentinels);
    let before = mean(&as_it_is(&few, segment, reference)?);
    let all_lines: Vec<TimeMap> = std::iter::once(segment.time)
        .chain(lines.iter().copied())
        .collect();
    let most = best(&few, before, (&all_lines, starts), reference)?;
    let Some(Chosen {
        line,
        start,
        is_finer,
        ..
    }) = most
    else {
        return Ok(());
    };
    let map = &start.0;
    let fitted = |line: TimeMap| {
        let own = each(&chosen, line, reference, |pair, clip_time| {
            Some((
                clip_time,
                field(pair, start, is_finer, f64::NEG_INFINITY)?.bend,
            ))
        });
        own.map(|own| own.into_iter().flatten().collect::<Vec<_>>())
    };
    let all = fitted(line)?;
    if all.len() < MIN_PROBES {
        return Ok(());
    }
    let is_held = |probe: &&&QueryFrame| {
        let odd = all.iter().skip(1).step_by(2);
        odd.map(|(at, _)| at.to_bits())
            .any(|at| at == probe.clip_time.to_bits())
    };
    let held: Vec<&QueryFrame> = chosen.iter().filter(is_held).copied().collect();
    let Some(between) = Bends::moving(all.iter().step_by(2).cloned().collect()) else {
        return Ok(());
    };
    let explained = each(&held, line, reference, |pair, clip_time| {
        bent_likeness(&[pair], map, Some(&between.at(clip_time)))
    })?;
    let before = mean(&as_it_is(&held, segment, reference)?);
    if mean(&explained) < before + tuning.min_gain {
        return Ok(());
    }
    let Some(bends) = Bends::moving(all) else {
        return Ok(());
    };
    let some: Vec<(f64, Pyramid)> = evenly_spaced(&chosen, tuning.frames)
        .into_iter()
        .map(|probe| (probe.clip_time, Pyramid::new(Arc::clone(&probe.picture))))
        .collect();
    let likeness = |pairs: &[(Pyramid, &Pyramid)]| {
        let like = |((shown, picture), (at, _)): (&(Pyramid, &Pyramid), &(f64, Pyramid))| {
            bent_likeness(&[(shown, *picture)], map, Some(&bends.at(*at)))
        };
        mean(&pairs.par_iter().zip(&some).map(like).collect::<Vec<_>>())
    };
    let unmoved = likeness(&beside(&some, line, reference)?);
    let time = timed(&some, line, unmoved, reference, likeness)?;
    let again = if time == line {
        None
    } else {
        Bends::moving(fitted(time)?)
    };
    laid(segment, line, time);
    segment.path = Path::steady_at(*map);
    segment.bends = Some(again.unwrap_or(bends));
    Ok(())
}

/// What explains probes best by fields of each, if it explains them better than `before`.
fn best<'a>(
    few: &[&QueryFrame],
    before: f64,
    (lines, starts): (&[TimeMap], &[Start<'a>]),
    reference: &Reference,
) -> Result<Option<Chosen<'a>>, TraceError> {
    let tuning = &reference.tuning().registration.bend;
    let mut most: Option<Chosen<'_>> = None;
    for line in lines {
        for start in starts {
            let explained = |is_finer: bool| {
                let own = each(few, *line, reference, |pair, _| {
                    Some(field(pair, *start, is_finer, tuning.min_gain)?.correlation)
                })?;
                let says_nothing = own.iter().all(Option::is_none);
                let own = own.iter().map(|own| own.unwrap_or(before));
                let likeness = own.sum::<f64>() / few.len() as f64;
                Ok::<_, TraceError>((!says_nothing).then_some(likeness))
            };
            let Some(mut likeness) = explained(false)? else {
                continue;
            };
            let mut is_finer = false;
            if likeness < tuning.settled_likeness && !start.1.is_some_and(bend_is_fine) {
                let finer = explained(true)?.unwrap_or(likeness);
                is_finer = finer >= likeness + tuning.min_finer_gain;
                likeness = likeness.max(finer);
            }
            let least = most.map_or(before + tuning.min_gain, |chosen| {
                chosen.likeness + tuning.min_time_gain
            });
            if likeness >= least {
                most = Some(Chosen {
                    line: *line,
                    start: *start,
                    is_finer,
                    likeness,
                });
            }
        }
    }
    Ok(most)
}

/// The field of one probe from a start on, which gains so much at least: on the usual mesh, or from there on cells half as long. All fields
/// of a segment are on one mesh, for what lies between them is a sum.
fn field(
    pair: (&Pyramid, &Pyramid),
    (map, start): Start<'_>,
    is_finer: bool,
    least: f64,
) -> Option<Bent> {
    let own = bend_from(&[pair], &map, start, least)?;
    if is_finer {
        bend_from(&[pair], &map, Some(&own.bend.finer()), f64::NEG_INFINITY)
    } else {
        Some(own)
    }
}

/// How like the reference probes are through a segment as it is.
fn as_it_is(
    probes: &[&QueryFrame],
    segment: &Segment,
    reference: &Reference,
) -> Result<Vec<Option<f64>>, TraceError> {
    each(probes, segment.time, reference, |pair, clip_time| {
        let bend = segment.bends.as_ref().map(|bends| bends.at(clip_time));
        bent_likeness(&[pair], &segment.map(clip_time)?, bend.as_deref())
    })
}

/// What probes say beside the frames of the reference on a line, by their times.
fn each<T: Send>(
    probes: &[&QueryFrame],
    line: TimeMap,
    reference: &Reference,
    of: impl Fn((&Pyramid, &Pyramid), f64) -> Option<T> + Sync,
) -> Result<Vec<Option<T>>, TraceError> {
    let mut all = Vec::with_capacity(probes.len());
    for some in probes.chunks(PROBES_IN_ONE_PASS) {
        reference.proceed()?;
        let moments: Vec<f64> = some.iter().map(|probe| line.at(probe.clip_time)).collect();
        let shown = reference.pictures(&moments)?;
        let said = shown.into_par_iter().zip(some).map(|(shown, probe)| {
            let picture = Pyramid::new(Arc::clone(&probe.picture));
            of((&Pyramid::new(shown), &picture), probe.clip_time)
        });
        all.extend(said.collect::<Vec<_>>());
    }
    reference.proceed()?;
    Ok(all)
}

/// Of those that say something; 0 where none does.
fn mean(said: &[Option<f64>]) -> f64 {
    said.iter().flatten().sum::<f64>() / said.iter().flatten().count().max(1) as f64
}
