//! What a run tells about itself while it goes on.

use crate::store::Trial;

/// Receives a run's progress, from any thread.
pub trait Observer: Sync {
    /// So many trials are to be done, apart from those on record.
    fn planned(&self, _trials: usize) {}
    /// A file of the clips' folder is left out.
    fn skipped(&self, _clip: &str, _reason: &str) {}
    /// A clip is being marked or measured.
    fn doing(&self, _clip: &str, _what: &str) {}
    /// A trial is done.
    fn done(&self, _trial: &Trial) {}
}

/// Nobody listens.
impl Observer for () {}
