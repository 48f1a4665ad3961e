//! Progress, reported to whoever shows it, and the way to end the work.

use crate::CancelToken;

/// Receives progress, called from the thread that started the work, and can end it.
pub trait Observer: Sync {
    /// Work begins on about this many frames; `None` when the file does not say.
    fn started(&self, _total_frames: Option<u64>) {}

    /// This many frames are done, counted from the start.
    fn frames_done(&self, _frames: u64) {}

    /// The token that ends the work; asked for once, when the work begins. `None`: it cannot be ended.
    fn cancel_token(&self) -> Option<&CancelToken> {
        None
    }
}

/// Nobody watches.
impl Observer for () {}
