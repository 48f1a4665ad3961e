//! What the examination of a clip tells, at the terminal.

use countermark_trace::observer::{Note, Observer, Stage};

use crate::remedy::of_note;
use crate::{Printer, Progress};

/// Draws one bar over all stages of a clip, and says its notes with their remedies.
#[derive(Debug)]
pub struct ClipProgress(Progress);

impl ClipProgress {
    /// Progress of the examination of `clip`, which may be one of several.
    #[must_use]
    pub fn new(printer: Printer, clip: String, number: Option<(usize, usize)>) -> Self {
        Self(Progress::of_parts(printer, clip, number))
    }

    /// A warning about the clip.
    pub fn warn(&self, text: &str) {
        self.0.warn(text);
    }

    /// Clears what was drawn.
    pub fn finish(&self) {
        self.0.finish();
    }
}

impl Observer for ClipProgress {
    fn stage(&self, stage: Stage, total: Option<u64>) {
        self.0.part(&stage.to_string(), share(stage), total);
    }

    fn progress(&self, done: u64) {
        self.0.frames_done(done);
    }

    fn note(&self, note: &Note) {
        self.0.warn(&of_note(note));
    }
}

/// The share that a stage usually has of what is left to do.
fn share(stage: Stage) -> f64 {
    match stage {
        Stage::Decoding => 0.3,
        Stage::SearchingIndex | Stage::DecodingPayload => 0.1,
        Stage::Registering | Stage::SearchingGeometries(_) => 0.4,
        Stage::ComparingFrames => 0.9,
        _ => 0.2,
    }
}
