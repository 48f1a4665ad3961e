//! What the examination of a clip tells, at the terminal.

use countermark_console::{Printer, Progress};
use countermark_trace::observer::{Note, Observer, Stage};

use crate::remedy::in_words;

/// Draws the stages of one clip, and says its notes with their remedies.
#[derive(Debug)]
pub struct ClipProgress(Progress);

impl ClipProgress {
    /// Progress of the examination of `clip`.
    #[must_use]
    pub fn new(printer: Printer, clip: String) -> Self {
        Self(Progress::new(printer, clip))
    }

    /// Clears what was drawn.
    pub fn finish(&self) {
        self.0.finish();
    }
}

impl Observer for ClipProgress {
    fn stage(&self, stage: Stage, total: Option<u64>) {
        self.0.stage(&stage.to_string(), total);
    }

    fn progress(&self, done: u64) {
        self.0.frames_done(done);
    }

    fn note(&self, note: &Note) {
        self.0.warn(&in_words(note));
    }
}
