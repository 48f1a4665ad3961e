//! Ending work that another thread is at.
//!
//! Whoever waits for a worker polls the token: the decode, edit and encode threads before each item, the encoder's flush
//! before each packet, and FFmpeg's own input and output before each transfer. Work that a token ended answers
//! [`MediaError::Cancelled`] and leaves no file.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::MediaError;

/// A flag that its clones share: set once, never cleared.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that nobody has set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks all work that holds a clone to end. Safe to call from any thread, any number of times.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work is to end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Goes on with the work on `path`, or not.
    ///
    /// # Errors
    /// [`MediaError::Cancelled`] once the token is set.
    pub fn check(&self, path: &Path) -> Result<(), MediaError> {
        if self.is_cancelled() {
            Err(MediaError::Cancelled {
                path: path.to_owned(),
            })
        } else {
            Ok(())
        }
    }

    /// `error`, unless the token is set: then whatever failed did so because it was told to end.
    pub(crate) fn or(&self, error: MediaError, path: &Path) -> MediaError {
        self.check(path).err().unwrap_or(error)
    }

    /// The flag itself, for FFmpeg's callback.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_flag() {
        let token = CancelToken::new();
        let other = token.clone();
        token.check(Path::new("a.mp4")).expect("nobody asked");
        other.cancel();
        let ended = token.check(Path::new("a.mp4")).expect_err("asked");
        assert!(matches!(ended, MediaError::Cancelled { .. }), "{ended}");
        assert!(ended.to_string().ends_with("a.mp4"), "{ended}");
    }
}
