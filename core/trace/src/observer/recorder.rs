//! An observer that keeps what is noted, and passes everything on.

use std::sync::{Mutex, PoisonError};

use crate::observer::{Audit, Note, Observer, Stage};
use crate::result::{ClipReport, Identification};

/// Remembers notes, each once.
pub struct Recorder<'a> {
    next: &'a dyn Observer,
    notes: Mutex<Vec<Note>>,
}

impl<'a> Recorder<'a> {
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
    pub fn into_notes(self) -> Vec<Note> {
        self.notes
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Recorder<'_> {
    fn stage(&self, stage: Stage, total: Option<u64>) {
        self.next.stage(stage, total);
    }

    fn progress(&self, done: u64) {
        self.next.progress(done);
    }

    fn note(&self, note: &Note) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if !notes.contains(note) {
            notes.push(note.clone());
        }
        self.next.note(note);
    }

    fn traced(&self, report: &ClipReport) {
        self.next.traced(report);
    }

    fn identified(&self, identification: &Identification) {
        self.next.identified(identification);
    }

    fn is_cancelled(&self) -> bool {
        self.next.is_cancelled()
    }

    fn audit(&self) -> Option<&dyn Audit> {
        self.next.audit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observer::Silence;

    #[test]
    fn a_note_made_for_every_title_is_kept_once() {
        let recorder = Recorder::new(&Silence);
        let unread = Note::SoundUnread {
            reason: "no such codec".to_owned(),
        };
        for note in [&unread, &Note::TooFlat, &unread] {
            recorder.note(note);
        }
        assert_eq!(recorder.into_notes(), [unread, Note::TooFlat]);
    }
}
