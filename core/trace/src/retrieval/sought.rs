//! What the index is asked with: frames of a clip, or of its print.
//!
//! # Shapes and units
//! Times in seconds of the clip's clock.

use countermark_fingerprint::print::{PrintFeature, PrintFrame};
use countermark_fingerprint::{FrameHash, Projection};

use crate::query::frames::QueryFrame;

/// A frame that is looked up.
pub(crate) trait Sought: Sync {
    /// On the clip's clock.
    fn clip_time(&self) -> f64;

    /// Of its features.
    fn projections(&self) -> impl Iterator<Item = Projection>;

    /// The part of its hash that the index knows, of its mirror image where that is asked for; none when it is too flat.
    fn hash(&self, mirrored: bool) -> Option<u64>;
}

impl Sought for QueryFrame {
    fn clip_time(&self) -> f64 {
        self.clip_time
    }

    fn projections(&self) -> impl Iterator<Item = Projection> {
        let features = self.features.iter();
        features.map(|feature| Projection::new(&feature.descriptor))
    }

    fn hash(&self, mirrored: bool) -> Option<u64> {
        Some(lowest(self.hash?, mirrored))
    }
}

impl Sought for PrintFrame {
    fn clip_time(&self) -> f64 {
        self.clip_time
    }

    fn projections(&self) -> impl Iterator<Item = Projection> {
        self.features.iter().map(PrintFeature::projection)
    }

    fn hash(&self, mirrored: bool) -> Option<u64> {
        // Each bit is mirrored by itself.
        Some(lowest(
            FrameHash::from_words([self.hash?, 0, 0, 0]),
            mirrored,
        ))
    }
}

fn lowest(hash: FrameHash, mirrored: bool) -> u64 {
    let hash = if mirrored { hash.mirrored() } else { hash };
    hash.words()[0]
}
