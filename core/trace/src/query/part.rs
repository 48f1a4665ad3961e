//! A part of a clip's picture, over some of its time: one of several places where it shows something.
//!
//! # Shapes and units
//! Samples of the clip's frames; seconds on the clip's own clock.

use countermark_picture::content::Content;

/// Seconds around a span of a part that may belong to it: spans end where query frames do.
const MARGIN_SECONDS: f64 = 0.01;

/// A rectangle of the frames, at the times at which it is looked at on its own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    /// Where.
    pub(crate) content: Content,
    /// When.
    pub(crate) spans: Vec<[f64; 2]>,
}

impl Part {
    /// Whether it is one at a moment.
    pub(crate) fn holds(&self, clip_time: f64) -> bool {
        let within = |[from, to]: &[f64; 2]| {
            (from - MARGIN_SECONDS..=to + MARGIN_SECONDS).contains(&clip_time)
        };
        self.spans.iter().any(within)
    }

    /// Whether another one is a part at the same time.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let shares = |a: &[f64; 2]| {
            let meets = |b: &[f64; 2]| a[0] <= b[1] && b[0] <= a[1];
            other.spans.iter().any(meets)
        };
        self.spans.iter().any(shares)
    }
}
