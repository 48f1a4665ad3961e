//! Progress, reported to whoever shows it.

/// Receives progress; called from the thread that started the work.
pub trait Observer: Sync {
    /// Work begins on about this many frames; `None` when the file does not say.
    fn started(&self, _total_frames: Option<u64>) {}

    /// This many frames are done, counted from the start.
    fn frames_done(&self, _frames: u64) {}
}

/// Nobody watches.
impl Observer for () {}
