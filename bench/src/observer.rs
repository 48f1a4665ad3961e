//! What a run tells about itself while it goes on.

use crate::trial::Trial;

/// Receives a run's progress, from any thread.
pub trait Observer: Sync {
    /// Results on record are measured anew: which and why.
    fn discarded(&self, _what: &str) {}
    /// So many trials of all are to be done; the others are on record.
    fn planned(&self, _new: usize, _all: usize) {}
    /// A file of the clips' folder is left out.
    fn skipped(&self, _clip: &str, _reason: &str) {}
    /// A clip is being marked or measured.
    fn doing(&self, _clip: &str, _what: &str) {}
    /// A trial is done.
    fn done(&self, _trial: &Trial) {}
}

/// Nobody listens.
impl Observer for () {}
