//! Query frames that are sighted in a title: by their features, in its key frames.
//!
//! ```text
//! probe i x key frame k -> matched features -> consensus; the key frame of the best one is the sighting
//! ```
//!
//! After a sighting the next probe is looked for where time would have brought it, then where the clues of the index point
//! to; only without any clue is all of the title searched, both ways round.
//!
//! # Shapes and units
//! Times in seconds. Homographies from samples of the reference to samples of the probe.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use countermark_fingerprint::{Consensus, Feature, Pair, consensus, matches};
use countermark_picture::Homography;
use rayon::prelude::*;

use crate::error::TraceError;
use crate::reference::Reference;
use crate::task::Task;
use crate::tuning::VerificationTuning;

use crate::query::frames::{QueryFrame, QueryFrames};
use crate::reference::key_frames::{KeyFrame, KeyFrames, describe};
use crate::registration::prior::AlignmentPrior;
use crate::registration::temporal::line::TimeMap;

/// Query frames and key frames that were compared before: a search looks at the same ones again whenever more of the reference is
/// known.
///
/// By the place of the probe, which stays where it is as long as this is asked, the way round, and the bits of the key frame's
/// media time.
#[derive(Default)]
pub(crate) struct Compared(Mutex<BTreeMap<(usize, bool, u64), Option<Agreement>>>);

/// What a probe and a key frame agree on.
#[derive(Clone)]
struct Agreement {
    consensus: Consensus,
    /// The pairs that agree.
    pairs: Vec<Pair>,
}

impl Compared {
    /// What was found before, or what is found now.
    fn known(
        &self,
        probe: &QueryFrame,
        mirrored: bool,
        frame: &KeyFrame,
        compare: impl FnOnce() -> Option<Agreement>,
    ) -> Option<Agreement> {
        let place = std::ptr::from_ref(probe).addr();
        let key = (place, mirrored, frame.media_time.to_bits());
        // Values are put in whole.
        let locked = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = locked().get(&key) {
            return known.clone();
        }
        let found = compare();
        locked().insert(key, found.clone());
        found
    }
}

/// A probe, and the key frame that it is sighted in.
pub(crate) struct VerifiedMatch<'a> {
    pub(crate) probe: &'a QueryFrame,
    pub(crate) media_time: f64,
    /// Of the probe, or of its mirror image.
    pub(crate) consensus: Consensus,
    mirrored: bool,
    /// The pairs that agree.
    pairs: Vec<Pair>,
}

impl<'a> VerifiedMatch<'a> {
    /// One whose map was found without pairs of features.
    pub(crate) fn without_pairs(
        probe: &'a QueryFrame,
        media_time: f64,
        consensus: Consensus,
        mirrored: bool,
    ) -> Self {
        Self {
            probe,
            media_time,
            consensus,
            mirrored,
            pairs: Vec::new(),
        }
    }

    /// A map to the probe or to its mirror image, led on to the probe itself.
    pub(crate) fn upright(&self, map: &Homography) -> Option<Homography> {
        if self.mirrored {
            unmirrored(map, self.probe.picture.width())
        } else {
            Some(*map)
        }
    }
}

/// The same in the best of all frames around the key frame: a screenshot has nothing but itself to tell its time, and a
/// camera that walks has moved on since the key frame.
pub(crate) fn closer_look<'a>(
    sighting: &VerifiedMatch<'a>,
    reference: &Reference,
    size: (usize, usize),
) -> Result<Option<VerifiedMatch<'a>>, TraceError> {
    let tuning = &reference.tuning().registration.verification;
    let around: Vec<f64> = reference
        .times()
        .iter()
        .copied()
        .filter(|time| (time - sighting.media_time).abs() < tuning.close_seconds)
        .collect();
    let features = features(sighting.probe, sighting.mirrored);
    let picture = &sighting.probe.picture;
    let unknown = around.iter().copied();
    let unknown = unknown.filter(|time| reference.features(*time).is_none());
    let unknown: Vec<f64> = unknown.collect();
    if !unknown.is_empty() {
        let shown = reference.pictures(&unknown)?;
        let pictures = unknown.into_iter().zip(shown.iter().map(|shown| &**shown));
        describe(&pictures.collect::<Vec<_>>(), reference);
        reference.proceed()?;
    }
    let best = around
        .iter()
        .filter_map(|time| {
            let pairs = matches(&reference.features(*time)?, &features);
            let found = consensus(&pairs, size, (picture.width(), picture.height()))?;
            Some((*time, found, pairs))
        })
        .max_by(|a, b| a.1.score.total_cmp(&b.1.score));
    Ok(best.map(|(media_time, consensus, pairs)| VerifiedMatch {
        probe: sighting.probe,
        media_time,
        mirrored: sighting.mirrored,
        pairs: consensus.inliers.iter().map(|&i| pairs[i]).collect(),
        consensus,
    }))
}

/// Whether most sightings are of the probes' mirror images.
pub(crate) fn are_mirrored(sightings: &[VerifiedMatch<'_>]) -> bool {
    let mirrored = sightings.iter().filter(|s| s.mirrored).count();
    2 * mirrored > sightings.len()
}

/// The maps that the matches of all probes agree on, one for each way round.
pub(crate) fn pooled(sightings: &[VerifiedMatch<'_>], size: (usize, usize)) -> Vec<Homography> {
    let one = |mirrored: bool| {
        let members = || sightings.iter().filter(|s| s.mirrored == mirrored);
        let first = members().next()?;
        let pairs: Vec<Pair> = members().flat_map(|s| s.pairs.iter().copied()).collect();
        let probe = (first.probe.picture.width(), first.probe.picture.height());
        first.upright(&consensus(&pairs, size, probe)?.homography)
    };
    [false, true].into_iter().filter_map(one).collect()
}

/// The sightings of all probes, in the order of time.
pub(crate) fn sightings<'a>(
    probes: &'a QueryFrames,
    (landmarks, compared): (&KeyFrames, &Compared),
    clues: &[AlignmentPrior],
    task: &Task<'_>,
) -> Vec<VerifiedMatch<'a>> {
    let tuning = &task.tuning().registration.verification;
    let mut left = tuning.max_comparisons;
    let mut found: Vec<VerifiedMatch<'a>> = Vec::new();
    for (done, probe) in probes.all().iter().enumerate() {
        task.progress(done as u64);
        // Who asked for them asks again.
        if task.is_cancelled() {
            break;
        }
        let around = |expected: f64, reach: f64, mirrored: bool| {
            let close = |frame: &&KeyFrame| (frame.media_time - expected).abs() < reach;
            let frames = landmarks.frames().iter().filter(close);
            best(probe, frames, &[mirrored], (landmarks, compared))
        };
        let near = found.last().and_then(|last| {
            let expected = last.media_time + probe.clip_time - last.probe.clip_time;
            around(expected, tuning.near_seconds, last.mirrored)
        });
        if let Some(near) = near.filter(|near| near.consensus.score >= tuning.min_consensus) {
            found.push(near);
            continue;
        }
        if !clues.is_empty() {
            let by_clues = clues.iter().filter_map(|clue| {
                around(
                    clue.expected(probe.clip_time)?,
                    tuning.prior_slack_seconds,
                    clue.mirrored,
                )
            });
            found.extend(by_clues.max_by(|a, b| a.consensus.score.total_cmp(&b.consensus.score)));
            continue;
        }
        let cost = 2 * landmarks.frames().len();
        if cost > left {
            continue;
        }
        left -= cost;
        found.extend(best(
            probe,
            landmarks.frames().iter(),
            &[false, true],
            (landmarks, compared),
        ));
    }
    found
}

/// The sightings of some probes where a line of time puts them.
pub(crate) fn along<'a>(
    probes: impl Iterator<Item = &'a QueryFrame>,
    line: TimeMap,
    mirrored: bool,
    (landmarks, compared): (&KeyFrames, &Compared),
    tuning: &VerificationTuning,
) -> Vec<VerifiedMatch<'a>> {
    probes
        .filter_map(|probe| {
            let expected = line.at(probe.clip_time);
            let close =
                |frame: &&KeyFrame| (frame.media_time - expected).abs() < tuning.close_seconds;
            let frames = landmarks.frames().iter().filter(close);
            best(probe, frames, &[mirrored], (landmarks, compared))
        })
        .collect()
}

/// The key frame with the strongest consensus.
fn best<'a, 'k>(
    probe: &'a QueryFrame,
    frames: impl Iterator<Item = &'k KeyFrame>,
    mirrors: &[bool],
    (landmarks, compared): (&KeyFrames, &Compared),
) -> Option<VerifiedMatch<'a>> {
    let size = (probe.picture.width(), probe.picture.height());
    let views: Vec<(bool, Vec<Feature>)> = mirrors
        .iter()
        .map(|&mirror| (mirror, features(probe, mirror)))
        .collect();
    let trials: Vec<(&KeyFrame, &(bool, Vec<Feature>))> = frames
        .flat_map(|frame| views.iter().map(move |view| (frame, view)))
        .collect();
    let sightings: Vec<Option<VerifiedMatch<'a>>> = trials
        .into_par_iter()
        .map(|(frame, (mirrored, features))| {
            let agreement = compared.known(probe, *mirrored, frame, || {
                let pairs = matches(&frame.features, features);
                let consensus = consensus(&pairs, landmarks.size(), size)?;
                Some(Agreement {
                    pairs: consensus.inliers.iter().map(|&i| pairs[i]).collect(),
                    consensus,
                })
            })?;
            Some(VerifiedMatch {
                probe,
                media_time: frame.media_time,
                consensus: agreement.consensus,
                mirrored: *mirrored,
                pairs: agreement.pairs,
            })
        })
        .collect();
    // Of equals the first one.
    let sightings = sightings.into_iter().flatten();
    sightings.reduce(|best, next| {
        if next.consensus.score > best.consensus.score {
            next
        } else {
            best
        }
    })
}

/// The features of a probe, or of its mirror image.
pub(crate) fn features(probe: &QueryFrame, mirror: bool) -> Vec<Feature> {
    let width = probe.picture.width() as f64;
    let one = |feature: &Feature| {
        if mirror {
            feature.mirrored(width)
        } else {
            feature.clone()
        }
    };
    probe.features.iter().map(one).collect()
}

/// A map to a mirrored picture of some width, led on to the picture itself.
pub(crate) fn unmirrored(map: &Homography, width: usize) -> Option<Homography> {
    map.then(&Homography::affine([
        -1.0,
        0.0,
        width as f64,
        0.0,
        1.0,
        0.0,
    ])?)
}
