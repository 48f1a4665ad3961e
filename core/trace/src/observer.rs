//! How an examination tells what it is doing, and is told to end. Libraries never print.
//!
//! ```text
//! stage -> progress* -> stage -> ...          notes at any time; is_cancelled is asked at least every few frames
//! ```
//!
//! A cancelled examination answers [`TraceError::Cancelled`]: what was found until then is dropped, nothing is left behind.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::TraceError;

mod audit;
mod note;
mod recorder;
mod stage;

pub use audit::{Audit, EvidencePart};
pub use note::Note;
pub use recorder::Recorder;
pub use stage::Stage;

/// Hears of progress, and may end the work. Every method has an empty default. Several threads call it at once.
pub trait Observer: Sync {
    /// A new stage begins; `total` steps of it are to be done, when their number is known.
    fn stage(&self, stage: Stage, total: Option<u64>) {
        let _ = (stage, total);
    }

    /// So many steps of the stage, most often frames, are done, counted from its start.
    fn progress(&self, done: u64) {
        let _ = done;
    }

    /// Something the analyst should know, that is no error.
    fn note(&self, note: &Note) {
        let _ = note;
    }

    /// Whether to stop. Once it says so the work ends, whatever it says later. It is asked often: it must not block.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// Who audits the evidence, for experiments; nobody as a rule.
    fn audit(&self) -> Option<&dyn Audit> {
        None
    }
}

impl dyn Observer + '_ {
    /// # Errors
    /// [`TraceError::Cancelled`] when the work is to end.
    pub(crate) fn proceed(&self) -> Result<(), TraceError> {
        if self.is_cancelled() {
            return Err(TraceError::Cancelled);
        }
        Ok(())
    }
}

/// Hears nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silence;

impl Observer for Silence {}

/// Passes everything on and remembers a request to stop: loops that end early are told apart from those that were done by
/// asking once more.
pub(crate) struct Latch<'a> {
    next: &'a dyn Observer,
    cancelled: AtomicBool,
}

impl<'a> Latch<'a> {
    pub(crate) fn new(next: &'a dyn Observer) -> Self {
        Self {
            next,
            cancelled: AtomicBool::new(false),
        }
    }
}

impl Observer for Latch<'_> {
    fn stage(&self, stage: Stage, total: Option<u64>) {
        self.next.stage(stage, total);
    }

    fn progress(&self, done: u64) {
        self.next.progress(done);
    }

    fn note(&self, note: &Note) {
        self.next.note(note);
    }

    fn is_cancelled(&self) -> bool {
        // The flag guards no other memory.
        if !self.cancelled.load(Ordering::Relaxed) && self.next.is_cancelled() {
            self.cancelled.store(true, Ordering::Relaxed);
        }
        self.cancelled.load(Ordering::Relaxed)
    }

    fn audit(&self) -> Option<&dyn Audit> {
        self.next.audit()
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
        let latch: &dyn Observer = &Latch::new(&forgetful);
        assert!(latch.is_cancelled());
        assert!(latch.is_cancelled(), "the second time");
        assert!(matches!(latch.proceed(), Err(TraceError::Cancelled)));
    }
}
