//! Key frames of a title and their local features.
//!
//! # Shapes and units
//! A key frame every half second, or 1200 spread over a long title; at most 300 features each. Places in
//! samples of the reference proxy.

use std::borrow::Borrow;
use std::sync::Arc;

use countermark_fingerprint::{Feature, FeatureFinder};
use countermark_picture::Grey;
use rayon::prelude::*;

use crate::error::TraceError;
use crate::reference::Reference;

use crate::query::thumbnail::{grey, grey_size};

/// Pictures that features are found in at a time: 32 of 512 x 288 are 18 MiB.
const KEY_FRAMES_AT_ONCE: usize = 32;

/// One frame of the reference.
#[derive(Debug, Clone)]
pub(crate) struct KeyFrame {
    pub(crate) media_time: f64,
    pub(crate) features: Arc<[Feature]>,
}

/// The key frames of a title.
#[derive(Debug, Clone)]
pub(crate) struct KeyFrames {
    frames: Vec<KeyFrame>,
    size: (usize, usize),
}

impl KeyFrames {
    /// Finds them.
    ///
    /// # Errors
    /// When the reference cannot be decoded.
    pub(crate) fn read(reference: &Reference) -> Result<Self, TraceError> {
        let tuning = &reference.tuning().registration.key_frames;
        let length = reference.times().last().copied().unwrap_or(0.0);
        let step = (length / tuning.max_frames).max(tuning.step_seconds);
        let mut times: Vec<f64> = Vec::new();
        let mut pictures: Vec<(f64, Grey)> = Vec::new();
        let mut size = (0, 0);
        let mut next = 0.0;
        reference.each_luma(|media_time, luma| {
            // Spans may lie apart.
            if media_time >= next || media_time < next - 2.0 * step {
                next = media_time + step;
                times.push(media_time);
                // A search comes back to the same frames, and to those around them.
                if reference.features(media_time).is_some() {
                    size = grey_size(luma);
                    return Ok(());
                }
                let picture = grey(luma);
                size = (picture.width(), picture.height());
                pictures.push((media_time, picture));
                if pictures.len() == KEY_FRAMES_AT_ONCE {
                    describe(&pictures, reference);
                    pictures.clear();
                }
            }
            Ok(())
        })?;
        describe(&pictures, reference);
        reference.proceed()?;
        let known = times.into_iter().filter_map(|media_time| {
            let features = reference.features(media_time)?;
            Some(KeyFrame {
                media_time,
                features,
            })
        });
        Ok(Self {
            frames: known.collect(),
            size,
        })
    }

    /// None at all.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self {
            frames: Vec::new(),
            size: (1, 1),
        }
    }

    /// In the order of time.
    pub(crate) fn frames(&self) -> &[KeyFrame] {
        &self.frames
    }

    /// Columns and rows of the pictures that the features were found in.
    pub(crate) fn size(&self) -> (usize, usize) {
        self.size
    }
}

/// Finds the features of some frames, and has the reference keep them.
pub(crate) fn describe<P: Borrow<Grey> + Sync>(pictures: &[(f64, P)], reference: &Reference<'_>) {
    pictures
        .par_iter()
        .for_each_init(FeatureFinder::new, |finder, (media_time, picture)| {
            if !reference.is_cancelled() {
                let features = finder.find(picture.borrow(), reference.tuning().query.max_features);
                reference.keep_features(*media_time, features.into());
            }
        });
}
