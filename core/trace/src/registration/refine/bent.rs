//! A picture that was bent: what a segment's one map leaves is explained by a smooth field, if it is much.
//!
//! ```text
//! baseline = mean over probes of their likeness through the segment's path
//! bent     = likeness of all probes together through one map and the bend that was fitted to all of them
//! bent - baseline >= min_gain   the segment has that map and that bend, and its line of time is the frame at which bent is largest
//! else, or bent still below settled   fields of single probes, if the bend moves: see `moving`
//! ```
//!
//! One filter bends a picture by 3 % of its width, and nobody sees it; no homography explains more than a part of it. The common
//! map is one of the path, or the upright one nearest to it: features of one part of a bent picture agree on a map that is wrong
//! elsewhere, and maps of single probes sway with what each of them shows. Fields of single probes begin at the map of the whole picture as
//! well, where the other is off it by little; a common field does not, for slides of a few probes move beside their time with it. A bend
//! that moves is taken for motion by the lines of time, so those at the usual speed are tried as well where a segment has another.
//!
//! # Shapes and units
//! Times in seconds. Homographies from samples of the reference to samples of a probe, after the bend of the reference.

use std::sync::Arc;

use countermark_fingerprint::{Bent, Pyramid, bend_all, bend_from, bent_likeness};
use countermark_picture::Homography;
use rayon::prelude::*;

use crate::error::TraceError;
use crate::query::frames::QueryFrame;
use crate::reference::Reference;
use crate::registration::segment::{Registration, Segment};
use crate::registration::spatial::bends::Bends;
use crate::registration::spatial::track::{Path, evenly_spaced, similarity, upright};
use crate::registration::temporal::line::TimeMap;
use crate::tuning::{BendTuning, TimeFitTuning};

mod moving;

/// Bends the segments whose probes ask for it.
///
/// # Errors
/// When the reference cannot be decoded, or the work is to end.
pub(crate) fn settle(
    registration: Option<&mut Registration>,
    probes: &[QueryFrame],
    reference: &Reference,
) -> Result<(), TraceError> {
    let Some(registration) = registration else {
        return Ok(());
    };
    for segment in &mut registration.segments {
        reference.proceed()?;
        settle_one(segment, probes, reference)?;
    }
    Ok(())
}

fn settle_one(
    segment: &mut Segment,
    probes: &[QueryFrame],
    reference: &Reference,
) -> Result<(), TraceError> {
    let tuning = &reference.tuning().registration.bend;
    let shown: Vec<&QueryFrame> = probes
        .iter()
        .filter(|probe| segment.holds(probe.clip_time))
        .collect();
    let chosen: Vec<(f64, Pyramid)> = evenly_spaced(&shown, tuning.frames)
        .into_iter()
        .map(|probe| (probe.clip_time, Pyramid::new(Arc::clone(&probe.picture))))
        .collect();
    let Some((middle, _)) = chosen.get(chosen.len() / 2) else {
        return Ok(());
    };
    let Some(own) = segment.map(*middle) else {
        return Ok(());
    };
    let pairs = beside(&chosen, segment.time, reference)?;
    let each: Vec<f64> = pairs
        .par_iter()
        .zip(&chosen)
        .filter_map(|((shown, probe), (clip_time, _))| {
            bent_likeness(&[(shown, *probe)], &segment.map(*clip_time)?, None)
        })
        .collect();
    let baseline = each.iter().sum::<f64>() / each.len().max(1) as f64;
    if each.is_empty() || baseline >= tuning.settled_likeness {
        return Ok(());
    }
    reference.proceed()?;
    let straight = similarity(&own, segment.reference);
    let level = straight.and_then(|map| {
        let track = &reference.tuning().registration.track;
        upright(&map, segment.reference, track)
    });
    let level = level.or(straight).unwrap_or(own);
    let whole = whole(&own, segment, tuning);
    let starts: Vec<Homography> = std::iter::once(own)
        .chain((level != own).then_some(level))
        .collect();
    let own_line = segment.time;
    let mut found = best(&pairs, &starts, tuning.min_gain)
        .filter(|(_, bent)| bent.correlation >= baseline + tuning.min_gain)
        .map(|(map, bent)| {
            let (time, bent) = refined(&chosen, own_line, (&map, bent), reference)?;
            Ok::<_, TraceError>((own_line, time, map, bent))
        })
        .transpose()?;
    let lines = if chosen.len() < tuning.sentinels {
        // So few tell no speed.
        Vec::new()
    } else {
        usual(segment, &reference.tuning().registration.time_fit)
    };
    for line in &lines {
        reference.proceed()?;
        let pairs = beside(&chosen, *line, reference)?;
        let Some((map, bent)) = best(&pairs, &starts, tuning.min_gain) else {
            continue;
        };
        let (time, bent) = refined(&chosen, *line, (&map, bent), reference)?;
        // Most copies run as they are: another speed must explain more.
        let least = found
            .as_ref()
            .map_or(baseline + tuning.min_gain, |(_, _, _, other)| {
                other.correlation - tuning.min_time_gain
            });
        if bent.correlation >= least {
            found = Some((*line, time, map, bent));
        }
    }
    reference.proceed()?;
    let Some((line, time, map, bent)) = found else {
        let starts: Vec<moving::Start<'_>> = std::iter::once(&level)
            .chain(&whole)
            .map(|map| (*map, None))
            .collect();
        return moving::settle(segment, &shown, &lines, &starts, reference);
    };
    laid(segment, line, time);
    segment.path = Path::steady_at(map);
    segment.bends = Some(Bends::steady_at(bent.bend.clone()));
    if bent.correlation >= tuning.settled_likeness {
        return Ok(());
    }
    let whole = whole.filter(|whole| *whole != map);
    let starts: Vec<moving::Start<'_>> = std::iter::once((map, Some(&bent.bend)))
        .chain(whole.map(|map| (map, None)))
        .collect();
    moving::settle(segment, &shown, &[], &starts, reference)
}

/// The whole reference onto the whole probe, where the own map is off it by as much as a bend may make it: features of rows that are
/// slid alike agree on how far, and from there the others lie twice as far.
fn whole(own: &Homography, segment: &Segment, tuning: &BendTuning) -> Option<Homography> {
    let (width, height) = (segment.reference.0 as f64, segment.reference.1 as f64);
    let (across, down) = (segment.probe.0 as f64, segment.probe.1 as f64);
    let (along, left) = if own.is_mirrored() {
        (-across / width, across)
    } else {
        (across / width, 0.0)
    };
    let whole = Homography::affine([along, 0.0, left, 0.0, down / height, 0.0])?;
    let mut furthest = 0.0_f64;
    for corner in [(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)] {
        let ((x, y), (u, v)) = (own.map(corner)?, whole.map(corner)?);
        furthest = furthest
            .max((x - u).abs() / across)
            .max((y - v).abs() / down);
    }
    (tuning.min_whole_shift..=tuning.max_whole_shift)
        .contains(&furthest)
        .then_some(whole)
}

/// Lines of a segment at the usual speed, where its own is another: a bend that was taken for motion has one. Its own middle is on
/// one of them, and its other lines may be. Not of stills and of pieces that run backwards or far faster or slower: courses, which a bend
/// does not pass for.
fn usual(segment: &Segment, speeds: &TimeFitTuning) -> Vec<TimeMap> {
    let is_usual = |line: &TimeMap| (line.speed - 1.0).abs() < 1e-9;
    let may_be_bent = (speeds.min_speed..=speeds.max_speed).contains(&segment.time.speed);
    if is_usual(&segment.time) || !may_be_bent {
        return Vec::new();
    }
    let middle = f64::midpoint(segment.query[0], segment.query[1]);
    let own = TimeMap {
        offset: segment.time.at(middle) - middle,
        speed: 1.0,
    };
    let mut lines = vec![own];
    for other in segment.other_times.iter().filter(|line| is_usual(line)) {
        if lines
            .iter()
            .all(|line| line.offset.to_bits() != other.offset.to_bits())
        {
            lines.push(*other);
        }
    }
    lines
}

/// Gives a segment a time near a line, which was its own or one of its others.
fn laid(segment: &mut Segment, line: TimeMap, time: TimeMap) {
    for other in &mut segment.other_times {
        if *other == line {
            *other = segment.time;
        }
    }
    segment.time = time;
}

/// What a line of time lays beside each probe.
fn beside<'a>(
    chosen: &'a [(f64, Pyramid)],
    time: TimeMap,
    reference: &Reference,
) -> Result<Vec<(Pyramid, &'a Pyramid)>, TraceError> {
    let moments: Vec<f64> = chosen.iter().map(|(at, _)| time.at(*at)).collect();
    let shown = reference.pictures(&moments)?.into_iter();
    let probes = chosen.iter().map(|(_, probe)| probe);
    Ok(shown.map(Pyramid::new).zip(probes).collect())
}

fn borrowed<'a>(pairs: &'a [(Pyramid, &'a Pyramid)]) -> Vec<(&'a Pyramid, &'a Pyramid)> {
    pairs.iter().map(|(r, p)| (r, *p)).collect()
}

/// The bend that explains most, from whichever map.
fn best(
    pairs: &[(Pyramid, &Pyramid)],
    starts: &[Homography],
    min_gain: f64,
) -> Option<(Homography, Bent)> {
    let pairs = borrowed(pairs);
    let found = starts
        .iter()
        .filter_map(|map| Some((*map, bend_all(&pairs, map, min_gain)?)));
    found.reduce(|best, next| {
        if next.1.correlation > best.1.correlation {
            next
        } else {
            best
        }
    })
}

/// The line of time, moved by so many frames that the bent reference is most like the probes, and the bend there: on a mesh of
/// cells half as long, where pictures ask for it.
fn refined(
    chosen: &[(f64, Pyramid)],
    time: TimeMap,
    (map, mut bent): (&Homography, Bent),
    reference: &Reference,
) -> Result<(TimeMap, Bent), TraceError> {
    let tuning = &reference.tuning().registration.bend;
    let found = timed(chosen, time, bent.correlation, reference, |pairs| {
        bent_likeness(&borrowed(pairs), map, Some(&bent.bend)).unwrap_or(-1.0)
    })?;
    let is_settled = bent.correlation >= tuning.settled_likeness;
    if found == time && is_settled {
        return Ok((time, bent));
    }
    let pairs = beside(chosen, found, reference)?;
    let pairs = borrowed(&pairs);
    if found != time {
        let again = bend_from(&pairs, map, Some(&bent.bend), f64::NEG_INFINITY);
        bent = again.unwrap_or(bent);
    }
    if bent.correlation < tuning.settled_likeness {
        reference.proceed()?;
        let finer = bend_from(&pairs, map, Some(&bent.bend.finer()), tuning.min_finer_gain);
        bent = finer.unwrap_or(bent);
    }
    Ok((found, bent))
}

/// A line of time, moved by so many frames that the reference is most like the probes, which it is so much as it is.
fn timed(
    chosen: &[(f64, Pyramid)],
    time: TimeMap,
    unmoved: f64,
    reference: &Reference,
    likeness: impl Fn(&[(Pyramid, &Pyramid)]) -> f64,
) -> Result<TimeMap, TraceError> {
    let tuning = &reference.tuning().registration.bend;
    let frame = reference.frame_seconds();
    let reach = (tuning.reach_seconds / frame.max(1e-3)).round() as i32;
    let moved = |frames: i32| TimeMap {
        offset: time.offset + f64::from(frames) * frame,
        ..time
    };
    let mut most = (0, unmoved + tuning.min_time_gain);
    for frames in (-reach..=reach).filter(|frames| *frames != 0) {
        let pairs = beside(chosen, moved(frames), reference)?;
        reference.proceed()?;
        let like = likeness(&pairs);
        if like > most.1 {
            most = (frames, like);
        }
    }
    Ok(if most.0 == 0 { time } else { moved(most.0) })
}
