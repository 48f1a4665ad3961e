//! What a run tells about itself while it goes on.

use crate::gap::Gap;
use crate::trial::Trial;

/// Receives a run's progress, from any thread.
pub trait Observer: Sync {
    /// Results on record are measured anew: which and why.
    fn discarded(&self, _what: &str) {}
    /// So many trials of all are to be done; the others are on record.
    fn planned(&self, _new: usize, _all: usize) {}
    /// A clip, or a part of what is asked of it, is not measured.
    fn missing(&self, _gap: &Gap) {}
    /// Something that changes no result.
    fn note(&self, _text: &str) {}
    /// Core seconds that the run may take, on so many threads.
    fn expected(&self, _cost: f64, _threads: usize) {}
    /// So many of them are done.
    fn spent(&self, _cost: f64) {}
    /// A clip is being marked or measured.
    fn doing(&self, _clip: &str, _what: &str) {}
    /// A trial is done.
    fn done(&self, _trial: &Trial) {}
}

/// Nobody listens.
impl Observer for () {}
