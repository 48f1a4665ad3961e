//! One examination under way: who watches it, what it is tuned by, and whether it is to end.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::TraceError;
use crate::observer::{Audit, Note, Observer, Stage};
use crate::reference::kept::Kept;
use crate::result::{ClipReport, Identification};
use crate::tuning::Tuning;

/// Passed by reference through all that is done for one clip, on whatever thread.
///
/// A request to stop is remembered: loops that end early are told apart from those that were done by asking once more.
pub struct Task<'a> {
    observer: &'a dyn Observer,
    tuning: &'a Tuning,
    cancelled: AtomicBool,
    kept: Kept,
}

impl<'a> Task<'a> {
    /// One that begins.
    #[must_use]
    pub fn new(observer: &'a dyn Observer, tuning: &'a Tuning) -> Self {
        Self {
            observer,
            tuning,
            cancelled: AtomicBool::new(false),
            kept: Kept::default(),
        }
    }

    /// The values that decide.
    pub(crate) fn tuning(&self) -> &'a Tuning {
        self.tuning
    }

    /// References that were open before.
    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Whoever asked for the end is told of no further stage.
    pub(crate) fn stage(&self, stage: Stage, total: Option<u64>) {
        if !self.is_cancelled() {
            self.observer.stage(stage, total);
        }
    }

    /// As [`Self::stage`].
    pub(crate) fn progress(&self, done: u64) {
        if !self.is_cancelled() {
            self.observer.progress(done);
        }
    }

    pub(crate) fn note(&self, note: &Note) {
        self.observer.note(note);
    }

    pub(crate) fn traced(&self, report: &ClipReport) {
        self.observer.traced(report);
    }

    pub(crate) fn identified(&self, identification: &Identification) {
        self.observer.identified(identification);
    }

    pub(crate) fn audit(&self) -> Option<&dyn Audit> {
        self.observer.audit()
    }

    /// Whether the work is to end.
    pub(crate) fn is_cancelled(&self) -> bool {
        // The flag guards no other memory.
        if !self.cancelled.load(Ordering::Relaxed) && self.observer.is_cancelled() {
            self.cancelled.store(true, Ordering::Relaxed);
        }
        self.cancelled.load(Ordering::Relaxed)
    }

    /// # Errors
    /// [`TraceError::Cancelled`] when the work is to end.
    pub(crate) fn proceed(&self) -> Result<(), TraceError> {
        if self.is_cancelled() {
            return Err(TraceError::Cancelled);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks to stop once, then forgets about it.
    struct Forgetful(AtomicBool);

    impl Observer for Forgetful {
        fn is_cancelled(&self) -> bool {
            self.0.swap(false, Ordering::Relaxed)
        }
    }

    #[test]
    fn a_request_to_stop_is_not_forgotten() {
        let forgetful = Forgetful(AtomicBool::new(true));
        let tuning = Tuning::default();
        let task = Task::new(&forgetful, &tuning);
        assert!(task.is_cancelled());
        assert!(task.is_cancelled(), "the second time");
        assert!(matches!(task.proceed(), Err(TraceError::Cancelled)));
    }
}
