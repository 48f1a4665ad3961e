//! A picture that was bent: what a segment's one map leaves is explained by a smooth field, if it is much.
//!
//! ```text
//! baseline = mean over probes of their likeness through the segment's path
//! bent     = likeness of all probes together through one map and the bend that was fitted to all of them
//! bent - baseline >= min_gain   the segment has that map and that bend, and its line of time is the frame at which bent is largest
//! ```
//!
//! One filter bends a picture by 3 % of its width, and nobody sees it; no homography explains more than a part of it. The common
//! map is one of the path, or the upright one nearest to it: features of one part of a bent picture agree on a map that is wrong
//! elsewhere, and maps of single probes sway with what each of them shows.
//!
//! # Shapes and units
//! Times in seconds. Homographies from samples of the reference to samples of a probe, after the bend of the reference.

use std::sync::Arc;

use countermark_fingerprint::{Bent, Pyramid, bend_all, bent_likeness};
use countermark_picture::Homography;
use rayon::prelude::*;

use crate::error::TraceError;
use crate::query::frames::QueryFrame;
use crate::reference::Reference;
use crate::registration::segment::{Registration, Segment};
use crate::registration::spatial::track::{Path, evenly_spaced, similarity, upright};
use crate::registration::temporal::line::TimeMap;

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
    let starts: Vec<Homography> = [Some(own), level.or(straight)]
        .into_iter()
        .flatten()
        .collect();
    let Some((map, bent)) = best(&pairs, &starts, tuning.min_gain) else {
        return Ok(());
    };
    if bent.correlation < baseline + tuning.min_gain {
        return Ok(());
    }
    reference.proceed()?;
    let (time, bent) = timed(&chosen, segment.time, (&map, bent), reference)?;
    segment.time = time;
    segment.path = Path::steady_at(map);
    segment.bend = Some(Arc::new(bent.bend));
    Ok(())
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

/// The bend that explains most, from whichever map.
fn best(
    pairs: &[(Pyramid, &Pyramid)],
    starts: &[Homography],
    min_gain: f64,
) -> Option<(Homography, Bent)> {
    let pairs: Vec<(&Pyramid, &Pyramid)> = pairs.iter().map(|(r, p)| (r, *p)).collect();
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

/// The line of time, moved by so many frames that the bent reference is most like the probes; the bend is fitted anew there.
fn timed(
    chosen: &[(f64, Pyramid)],
    time: TimeMap,
    (map, bent): (&Homography, Bent),
    reference: &Reference,
) -> Result<(TimeMap, Bent), TraceError> {
    let tuning = &reference.tuning().registration.bend;
    let frame = reference.frame_seconds();
    let reach = (tuning.reach_seconds / frame.max(1e-3)).round() as i32;
    let moved = |frames: i32| TimeMap {
        offset: time.offset + f64::from(frames) * frame,
        ..time
    };
    let mut most = (0, bent.correlation + tuning.min_time_gain);
    for frames in (-reach..=reach).filter(|frames| *frames != 0) {
        let pairs = beside(chosen, moved(frames), reference)?;
        reference.proceed()?;
        let pairs: Vec<(&Pyramid, &Pyramid)> = pairs.iter().map(|(r, p)| (r, *p)).collect();
        let like = bent_likeness(&pairs, map, Some(&bent.bend)).unwrap_or(-1.0);
        if like > most.1 {
            most = (frames, like);
        }
    }
    if most.0 == 0 {
        return Ok((time, bent));
    }
    let pairs = beside(chosen, moved(most.0), reference)?;
    let again = best(&pairs, std::slice::from_ref(map), tuning.min_gain);
    Ok((moved(most.0), again.map_or(bent, |(_, again)| again)))
}
