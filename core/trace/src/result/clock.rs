//! The clip's seconds beside the file's timestamps.
//!
//! ```text
//! file_pts = pts of the last break before + (clip - the break's clip seconds),     before any break: start + clip
//! ```
//!
//! # Shapes and units
//! Seconds; frames count from 0.

use countermark_media::{ClockBreak, file_seconds};
use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

use super::rounded;

/// Where the clip's seconds and the file's timestamps part.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClipClock {
    /// The first frame's timestamp.
    start: f64,
    /// By the time of the clip from its first frame.
    breaks: Vec<ClockBreak>,
}

#[derive(Serialize)]
struct Told {
    frame: u64,
    clip: f64,
    file_pts: f64,
}

impl ClipClock {
    /// Of a file whose media time 0 has the timestamp `zero`, and whose first frame lies at `first` of media time.
    #[must_use]
    pub(crate) fn new(zero: f64, first: f64, breaks: &[ClockBreak]) -> Self {
        let mut breaks = breaks.to_vec();
        for known in &mut breaks {
            known.clip_seconds -= first;
        }
        Self {
            start: zero + first,
            breaks,
        }
    }

    /// The timestamp of a moment of the clip.
    #[must_use]
    pub fn file_pts(&self, clip_seconds: f64) -> f64 {
        file_seconds(&self.breaks, self.start, clip_seconds)
    }

    /// Where they part; nowhere as a rule.
    #[must_use]
    pub fn breaks(&self) -> &[ClockBreak] {
        &self.breaks
    }

    pub(super) fn is_unbroken(&self) -> bool {
        self.breaks.is_empty()
    }
}

impl Serialize for ClipClock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.breaks.len()))?;
        for known in &self.breaks {
            list.serialize_element(&Told {
                frame: known.frame,
                clip: rounded(known.clip_seconds, 3),
                file_pts: rounded(known.file_seconds, 3),
            })?;
        }
        list.end()
    }
}
