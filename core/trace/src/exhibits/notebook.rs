//! Keeps what the analysis notes, and passes everything on.

use std::sync::{Mutex, PoisonError};

use countermark_mark::evidence::Evidence;

use crate::observer::Observer;

/// An observer that remembers notes, each once.
pub struct Notebook<'a> {
    next: &'a dyn Observer,
    notes: Mutex<Vec<String>>,
}

impl<'a> Notebook<'a> {
    /// In front of another observer.
    #[must_use]
    pub fn new(next: &'a dyn Observer) -> Self {
        Self {
            next,
            notes: Mutex::default(),
        }
    }

    /// What was noted, in that order.
    #[must_use]
    pub fn into_notes(self) -> Vec<String> {
        self.notes
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Notebook<'_> {
    fn stage(&self, name: &str, frames: Option<u64>) {
        self.next.stage(name, frames);
    }

    fn frames_done(&self, done: u64) {
        self.next.frames_done(done);
    }

    fn evidence(&self, evidence: &Evidence) {
        self.next.evidence(evidence);
    }

    fn note(&self, text: &str) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if !notes.iter().any(|known| known == text) {
            notes.push(text.to_owned());
        }
        self.next.note(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observer::Silence;

    #[test]
    fn a_note_made_for_every_title_is_kept_once() {
        let notebook = Notebook::new(&Silence);
        for text in ["cut short", "too dark", "cut short"] {
            notebook.note(text);
        }
        assert_eq!(notebook.into_notes(), ["cut short", "too dark"]);
    }
}
