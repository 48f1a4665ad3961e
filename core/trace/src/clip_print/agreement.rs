//! On which map words of a print and features of the reference agree.
//!
//! ```text
//! place of the index -> frame of the reference -> each feature of frames near its witness: the one least unlike -> pairs
//! pairs of all places looked at -> consensus -> map from the reference to the print
//! ```
//!
//! # Shapes and units
//! Samples of the reference's frame and of the print's.

use std::f64::consts::PI;
use std::path::Path;

use countermark_fingerprint::print::{ClipPrint, PrintFeature};
use countermark_fingerprint::{Pair, WordWeights, consensus};
use countermark_picture::Homography;
use countermark_register::TitleRecord;
use rayon::prelude::*;

use crate::clip_print::shelf::{Shelf, ShelfFrame};
use crate::error::TraceError;
use crate::registration::spatial::verification::unmirrored;
use crate::retrieval::votes::Candidate;
use crate::tuning::{PrintTuning, Tuning};

/// Features nearer than so many of their scales are at the same place.
const SAME_PLACE_SCALES: f64 = 2.0;

/// What a print and a title agree on.
pub(crate) struct Agreement {
    /// From the reference to the print.
    pub(crate) map: Homography,
    /// Columns and rows of the reference.
    pub(crate) reference: (usize, usize),
    /// As of the consensus; 0 where only hashes told.
    pub(crate) score: f64,
}

/// The map that a candidate's pictures agree on; none when they do not, and no hash says that the whole frame is shown.
///
/// # Errors
/// When the reference cannot be decoded.
pub(crate) fn of_candidate(
    candidate: &Candidate,
    print: &ClipPrint,
    (title, reference): (&TitleRecord, &Path),
    shelf: &Shelf,
    tuning: &Tuning,
) -> Result<Option<Agreement>, TraceError> {
    let most = tuning.query.max_features;
    let min_hashed = tuning.retrieval.candidates.min_hashed_frames;
    let tuning = &tuning.print;
    let looks: Vec<Result<Option<_>, TraceError>> = candidate
        .witnesses
        .par_iter()
        .take(tuning.looks)
        .map(|witness| {
            let Some(frame) = shelf.frame(title.id, reference, witness.media_time, most)? else {
                return Ok(None);
            };
            let seen = print.frames.get(witness.probe).map(|probe| probe.clip_time);
            let pairs = seen.map_or_else(Vec::new, |moment| {
                let near = print
                    .frames
                    .iter()
                    .filter(|f| (f.clip_time - moment).abs() <= tuning.look_seconds);
                let features = near.flat_map(|frame| &frame.features);
                // Each is held against all of the print's.
                let own = frame.features.iter();
                let weights: Vec<WordWeights> =
                    own.map(|own| WordWeights::new(&own.projection)).collect();
                let shown = (&*frame, &weights[..]);
                let pair = |f| paired(f, candidate.mirrored, shown, print.size, tuning);
                features.filter_map(pair).collect()
            });
            Ok(Some((pairs, frame.size)))
        })
        .collect();
    let (mut pairs, mut size) = (Vec::new(), None);
    for look in looks {
        let Some((own, of)) = look? else { continue };
        size = Some(of);
        pairs.extend(own);
    }
    let Some(size) = size else { return Ok(None) };
    let agreed = consensus(&pairs, size, print.size);
    if let Some(agreed) = agreed.filter(|agreed| agreed.score >= tuning.min_consensus) {
        let map = if candidate.mirrored {
            unmirrored(&agreed.homography, print.size.0)
        } else {
            Some(agreed.homography)
        };
        return Ok(map.map(|map| Agreement {
            map,
            reference: size,
            score: agreed.score,
        }));
    }
    if candidate.hashed < min_hashed {
        return Ok(None);
    }
    // A hash is of a whole frame, however it was scaled.
    let scaling = (
        print.size.0 as f64 / size.0 as f64,
        print.size.1 as f64 / size.1 as f64,
    );
    let whole = Homography::scaling(scaling.0, scaling.1);
    let map = if candidate.mirrored {
        whole.and_then(|whole| unmirrored(&whole, print.size.0))
    } else {
        whole
    };
    Ok(map.map(|map| Agreement {
        map,
        reference: size,
        score: 0.0,
    }))
}

/// The feature of the reference that looks most like one of the print, if none elsewhere does so nearly as well.
fn paired(
    feature: &PrintFeature,
    mirrored: bool,
    (frame, weights): (&ShelfFrame, &[WordWeights]),
    size: (usize, usize),
    tuning: &PrintTuning,
) -> Option<Pair> {
    let (word, uncertain) = feature.word(mirrored);
    let unlike: Vec<f32> = weights
        .iter()
        .map(|other| other.unlike(word, uncertain))
        .collect();
    let (nearest, &least) = unlike
        .iter()
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(b.1))?;
    if f64::from(least) > tuning.max_unlike {
        return None;
    }
    let best = &frame.features[nearest];
    let elsewhere = frame.features.iter().zip(&unlike).filter(|(other, _)| {
        let (dx, dy) = (other.place.0 - best.place.0, other.place.1 - best.place.1);
        let reach = SAME_PLACE_SCALES * other.scale.max(best.scale);
        dx * dx + dy * dy >= reach * reach
    });
    let second = elsewhere.map(|(_, unlike)| *unlike).min_by(f32::total_cmp);
    if second.is_some_and(|second| f64::from(least) > tuning.ratio * f64::from(second)) {
        return None;
    }
    let (mut to, mut angle) = (feature.place(size), feature.angle());
    if mirrored {
        to.0 = size.0 as f64 - to.0;
        angle = PI - angle;
    }
    Some(Pair {
        from: best.place,
        to,
        from_scale: best.scale,
        to_scale: feature.scale(),
        from_angle: best.angle,
        to_angle: angle,
        distance: (least * 1000.0) as u32,
    })
}
