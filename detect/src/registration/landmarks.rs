//! Key frames of a title and their local features.
//!
//! # Shapes and units
//! A key frame every half second, or as many as [`MOST`] spread over a long title; [`FEATURES`] features each. Places in
//! samples of the reference proxy.

use countermark_fingerprint::{Feature, FeatureFinder};

use crate::reference::Reference;

use super::probes::{FEATURES, grey};

/// Seconds between key frames, and how many there may be.
const STEP: f64 = 0.5;
const MOST: f64 = 1200.0;

/// One frame of the reference.
#[derive(Debug, Clone)]
pub(super) struct KeyFrame {
    pub(super) media_time: f64,
    pub(super) features: Vec<Feature>,
}

/// The key frames of a title.
#[derive(Debug, Clone)]
pub struct Landmarks {
    frames: Vec<KeyFrame>,
    size: (usize, usize),
}

impl Landmarks {
    /// Finds them.
    ///
    /// # Errors
    /// When the reference cannot be decoded.
    pub fn read(reference: &Reference) -> anyhow::Result<Self> {
        let length = reference.times().last().copied().unwrap_or(0.0);
        let step = (length / MOST).max(STEP);
        let mut finder = FeatureFinder::new();
        let mut frames: Vec<KeyFrame> = Vec::new();
        let mut size = (0, 0);
        let mut next = 0.0;
        reference.each_luma(|media_time, luma| {
            if media_time >= next {
                next = media_time + step;
                let picture = grey(luma)?;
                size = (picture.width(), picture.height());
                frames.push(KeyFrame {
                    media_time,
                    features: finder.find(&picture, FEATURES),
                });
            }
            Ok(())
        })?;
        Ok(Self { frames, size })
    }

    /// In the order of time.
    pub(super) fn frames(&self) -> &[KeyFrame] {
        &self.frames
    }

    /// Columns and rows of the pictures that the features were found in.
    pub(super) fn size(&self) -> (usize, usize) {
        self.size
    }
}
