//! Which frame of the reference each frame of a clip shows: thumbnails along time, then frame by frame.
//!
//! ```text
//! S(o)  = mean over probe frames j of <thumbnail of clip frame j, thumbnail of reference frame nearest t[j] + o>
//! pair  = clip frame j with whichever of the reference frames around t[j] + o leaves the least residual
//! ```
//!
//! # Shapes and units
//! `o` in seconds from the clip's clock to the media's. `S` is a correlation, 1 for a perfect match.
//!
//! [`crate::registration`] finds the line of time by itself; then only the pairs are made here.

use countermark_mark::inner::inner;
use countermark_mark::lattice::LatticeGeometry;
use countermark_mark::{Observation, mask_blocks};
use countermark_mark::{Registered, Residuals};

use crate::error::TraceError;
use crate::reference::Reference;
use crate::reference::thumbnail::thumbnail;
use crate::reference::times::nearest;
use crate::registration::temporal::curve::Frames;
use crate::registration::temporal::line::TimeMap;
use crate::registration::temporal::precision::tolerated;
use crate::tuning::CancelTuning;

/// A hypothesis of where the clip lies in the title.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Offset {
    /// Media time of the clip's moments.
    pub(crate) time: TimeMap,
    /// Mean correlation of thumbnails.
    pub(crate) correlation: f64,
}

impl Offset {
    fn seconds(&self) -> f64 {
        self.time.offset
    }
}

/// Some frames of a window: times and thumbnails.
fn probes(window: &[Observation], most: usize) -> Vec<(f64, Vec<f32>)> {
    let count = most.min(window.len());
    (0..count)
        .map(|i| &window[(2 * i + 1) * window.len() / (2 * count)])
        .map(|observation| (observation.media_time, thumbnail(observation)))
        .collect()
}

fn correlation(probes: &[(f64, Vec<f32>)], reference: &Reference, seconds: f64) -> f64 {
    let sum: f64 = probes
        .iter()
        .map(|(time, probe)| {
            let shown = reference.nearest(time + seconds);
            inner(probe, &reference.thumbnails()[shown])
        })
        .sum();
    sum / probes.len().max(1) as f64
}

/// The most promising offsets of a window, best first.
#[must_use]
pub(crate) fn offsets(window: &[Observation], reference: &Reference, keep: usize) -> Vec<Offset> {
    let tuning = &reference.tuning().decision.cancel;
    let probes = probes(window, tuning.voting_frames);
    let Some(first) = window.first() else {
        return Vec::new();
    };
    let score = |seconds: f64| Offset {
        time: TimeMap {
            offset: seconds,
            speed: 1.0,
        },
        correlation: correlation(&probes, reference, seconds),
    };
    let mut all: Vec<Offset> = reference
        .times()
        .iter()
        .map(|time| score(time - first.media_time))
        .collect();
    all.sort_by(|a, b| b.correlation.total_cmp(&a.correlation));
    let mut best: Vec<Offset> = Vec::with_capacity(keep);
    for offset in all {
        if best.len() == keep || offset.correlation < tuning.min_offset_correlation {
            break;
        }
        if best.iter().all(|other| {
            (other.seconds() - offset.seconds()).abs() > tuning.min_offset_distance_seconds
        }) {
            best.push(offset);
        }
    }
    let frame = reference.frame_seconds();
    let fine = frame / f64::from(tuning.steps_per_frame);
    let refine = |offset: Offset| {
        (-tuning.steps_per_frame..=tuning.steps_per_frame)
            .map(|step| score(offset.seconds() + f64::from(step) * fine))
            .fold(
                offset,
                |a, b| if b.correlation > a.correlation { b } else { a },
            )
    };
    best.into_iter().map(refine).collect()
}

/// How far the line of a window may be off before its pictures object, in seconds of media.
#[must_use]
pub(crate) fn tolerance(window: &[Observation], reference: &Reference, time: TimeMap) -> f64 {
    let probes = probes(window, reference.tuning().decision.cancel.voting_frames);
    let times = reference.times();
    let (Some(first), Some(last)) = (times.first(), times.last()) else {
        return 0.0;
    };
    let known = first - reference.frame_seconds()..=last + reference.frame_seconds();
    let left = |shift: f64| {
        let within = |(moment, _): &(f64, Vec<f32>)| known.contains(&(time.at(*moment) + shift));
        if shift.abs() > 0.0 && !probes.iter().all(within) {
            return f64::INFINITY;
        }
        1.0 - correlation(&probes, reference, time.offset + shift)
    };
    tolerated(left, Frames::of(reference))
}

/// A window without its host.
pub(crate) struct Cancelled {
    pub(crate) residuals: Residuals,
    /// From which of its moments to which it shows the reference.
    pub(crate) shown: [f64; 2],
    /// The moments of the frames whose residuals these are.
    pub(crate) carried: Vec<f64>,
    /// Whether the reference explains enough of each of them to be what it shows.
    pub(crate) is_like: bool,
}

/// Which frames of a window are left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Strangers {
    /// Those of which much less is explained than of the others.
    Unlike,
    /// Those too of which next to nothing is.
    Foreign,
}

/// The residual of a window whose frames show the reference along that line of time; none where none of them does.
///
/// # Errors
/// When the reference cannot be decoded.
pub(crate) fn residuals(
    lattice: LatticeGeometry,
    window: &[Observation],
    reference: &Reference,
    time: TimeMap,
    strangers: Strangers,
) -> Result<Option<Cancelled>, TraceError> {
    let (Some(first), Some(last)) = (window.first(), window.last()) else {
        return Ok(None);
    };
    // Backwards the last moment shows the earliest frame.
    let [from, to] = [first, last].map(|frame| time.at(frame.media_time));
    let shown = reference.observations(from.min(to), from.max(to))?;
    if shown.is_empty() {
        return Ok(None);
    }
    let times: Vec<f64> = shown.iter().map(|frame| frame.media_time).collect();
    let pairs: Vec<(Registered<'_>, f64)> = window
        .iter()
        .map(|clip| {
            let middle = nearest(&times, time.at(clip.media_time));
            let around = middle.saturating_sub(1)..(middle + 2).min(shown.len());
            let (best, explained) = around
                .map(|index| (index, explained(clip, &shown[index])))
                .fold((middle, f64::NEG_INFINITY), |best, next| {
                    if next.1 > best.1 { next } else { best }
                });
            let pair = Registered {
                clip,
                reference: &shown[best],
            };
            (pair, explained)
        })
        .collect();
    let tuning = &reference.tuning().decision.cancel;
    let span = span_shown(&pairs, tuning).unwrap_or([first.media_time, last.media_time]);
    let pairs = without_strangers(pairs, strangers, tuning);
    if pairs.is_empty() {
        return Ok(None);
    }
    let is_like = |(_, explained): &(Registered<'_>, f64)| *explained >= tuning.min_explained;
    let is_like = pairs.iter().all(is_like);
    let pairs: Vec<Registered<'_>> = pairs.into_iter().map(|(pair, _)| pair).collect();
    Ok(Some(Cancelled {
        residuals: Residuals::with_reference(lattice, &pairs),
        shown: span,
        carried: pairs.iter().map(|pair| pair.clip.media_time).collect(),
        is_like,
    }))
}

/// Leaves out frames that the reference explains much less of than of the others: they show something else.
fn without_strangers<'a>(
    pairs: Vec<(Registered<'a>, f64)>,
    strangers: Strangers,
    tuning: &CancelTuning,
) -> Vec<(Registered<'a>, f64)> {
    let mut explained: Vec<f64> = pairs.iter().map(|(_, explained)| *explained).collect();
    explained.sort_by(f64::total_cmp);
    let mut least =
        explained.get(explained.len() / 2).copied().unwrap_or(0.0) * tuning.min_explained_share;
    if strangers == Strangers::Foreign {
        least = least.max(tuning.min_explained);
    }
    pairs
        .into_iter()
        .filter(|(_, explained)| *explained >= least)
        .collect()
}

/// First and last moment at which a window shows the reference: another film may have been cut on to it.
fn span_shown(pairs: &[(Registered<'_>, f64)], tuning: &CancelTuning) -> Option<[f64; 2]> {
    let mut explained: Vec<f64> = pairs.iter().map(|(_, explained)| *explained).collect();
    explained.sort_by(f64::total_cmp);
    // Most of the window may be of the other film.
    let least = explained.get(explained.len() * 9 / 10)? * tuning.min_shown_share;
    let mut moments = pairs
        .iter()
        .filter(|(_, explained)| *explained >= least)
        .map(|(pair, _)| pair.clip.media_time);
    let first = moments.next()?;
    Some([first, moments.next_back().unwrap_or(first)])
}

/// Share of the energy of the clip's coefficients that a multiple of the reference's explains.
fn explained(clip: &Observation, reference: &Observation) -> f64 {
    let blocks = clip.coefficients.geometry().blocks();
    let x = &clip.coefficients.values()[blocks..];
    let y = &reference.coefficients.values()[blocks..];
    let share = |y: &[f32]| {
        let (xx, yy, xy) = (inner(x, x), inner(y, y), inner(x, y));
        if xx > 0.0 && yy > 0.0 {
            xy * xy / (xx * yy)
        } else {
            0.0
        }
    };
    if clip.unseen.is_empty() {
        return share(y);
    }
    let mut y = y.to_vec();
    mask_blocks(&mut y, blocks, &clip.unseen);
    share(&y)
}
