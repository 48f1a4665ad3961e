//! What was looked up for a clip, and is not looked up again: each other way to play it, and each part of its picture, asks for much of
//! the same.
//!
//! # Shapes and units
//! Times in seconds of media. At most [`MOST_FRAMES`] frames of references with 300 features each, 50 MiB.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use countermark_fingerprint::{Feature, FeatureFinder, consensus, matches};
use rayon::prelude::*;

use crate::error::TraceError;
use crate::query::frames::{QueryFrame, QueryFrames};
use crate::reference::picture_at;
use crate::registration::spatial::verification::features;
use crate::retrieval::votes::Candidate;
use crate::task::Task;

/// Frames of references that are kept.
const MOST_FRAMES: usize = 1024;

/// Of one clip, among the same titles.
#[derive(Default)]
pub(crate) struct Lookups {
    /// Frames of references that candidates are looked for in, by the place of the title and the bits of the media time: many
    /// candidates point to the same ones.
    frames: Mutex<BTreeMap<(usize, u64), Arc<Frame>>>,
    /// What the index says of the clip in all ways to play it, in votes.
    pub(crate) said: OnceLock<Vec<f64>>,
    /// The same of its negative.
    pub(crate) said_of_negative: OnceLock<Vec<f64>>,
}

/// Features of a reference's frame, and its columns and rows.
struct Frame {
    features: Vec<Feature>,
    size: (usize, usize),
}

impl Lookups {
    /// The frame of a title at some moment; none behind its end.
    fn frame(
        &self,
        (title, media_time): (usize, f64),
        reference: &Path,
        (finder, most): (&mut FeatureFinder, usize),
    ) -> Result<Option<Arc<Frame>>, TraceError> {
        let key = (title, media_time.to_bits());
        let known = self.lock().get(&key).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let Some(shown) = picture_at(reference, media_time)? else {
            return Ok(None);
        };
        let frame = Arc::new(Frame {
            features: finder.find(&shown, most),
            size: (shown.width(), shown.height()),
        });
        let mut frames = self.lock();
        if frames.len() < MOST_FRAMES {
            frames.insert(key, Arc::clone(&frame));
        }
        Ok(Some(frame))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(usize, u64), Arc<Frame>>> {
        // A frame is put in whole or not at all.
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How surely frames of a candidate's reference, at most so many, are seen in the probes that voted for them; 0 when they
    /// are not.
    pub(crate) fn sighted(
        &self,
        candidate: &Candidate,
        probes: &QueryFrames,
        reference: &Path,
        (most, task): (usize, &Task<'_>),
    ) -> Result<f64, TraceError> {
        let most_features = task.tuning().query.max_features;
        let looks: Vec<Result<f64, TraceError>> = candidate
            .witnesses
            .par_iter()
            .take(most)
            .map_init(FeatureFinder::new, |finder, witness| {
                let place = (candidate.title, witness.media_time);
                let Some(shown) = self.frame(place, reference, (finder, most_features))? else {
                    return Ok(0.0);
                };
                let probe: &QueryFrame = &probes.all()[witness.probe];
                let pairs = matches(&shown.features, &features(probe, candidate.mirrored));
                let size = (probe.picture.width(), probe.picture.height());
                let found = consensus(&pairs, shown.size, size);
                Ok(found.map_or(0.0, |found| found.score.max(0.0)))
            })
            .collect();
        let mut score = 0.0;
        for look in looks {
            score += look?;
        }
        let tuning = &task.tuning().retrieval.candidates;
        if score == 0.0 && candidate.hashed >= tuning.min_hashed_frames {
            // The votes are all there is to weigh it by.
            return Ok(candidate.score / 100.0);
        }
        Ok(score)
    }
}
