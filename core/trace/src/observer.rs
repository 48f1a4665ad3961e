//! How an examination tells what it is doing, and is told to end. Libraries never print.
//!
//! ```text
//! stage -> progress* -> stage -> ...          notes at any time; is_cancelled is asked at least every few frames
//! ```
//!
//! A cancelled examination answers [`TraceError::Cancelled`](crate::TraceError::Cancelled): what was found until then is dropped, nothing is left behind.

mod audit;
mod keeper;
mod note;
mod recorder;
mod stage;

pub use audit::{Audit, EvidencePart};
pub use keeper::EvidenceKeeper;
pub use note::Note;
pub use recorder::Recorder;
pub use stage::Stage;

use crate::result::{ClipReport, Identification};

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

    /// The answer of a trace is known, and its notes were made: what is still done is for exhibits alone, and changes nothing of it.
    fn traced(&self, report: &ClipReport) {
        let _ = report;
    }

    /// As [`Self::traced`], of an identification.
    fn identified(&self, identification: &Identification) {
        let _ = identification;
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

/// Hears nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silence;

impl Observer for Silence {}
