//! Ctrl-C and friends (SIGINT, SIGTERM, SIGHUP): the work at hand is told to end, and leaves nothing half done.

use std::sync::{Mutex, PoisonError};

use countermark_mastering::CancelToken;

/// The one listener: a process has one handler of signals.
static LISTENER: Mutex<Option<CancelToken>> = Mutex::new(None);

/// A token that a signal sets; the same one for whoever asks in this process.
///
/// # Errors
/// When the system allows no handler, or somebody else installed one.
pub fn cancelled_by_signals() -> Result<CancelToken, ctrlc::Error> {
    // A thread that panicked has left a whole value: it is only ever replaced.
    let mut listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(token) = listener.as_ref() {
        return Ok(token.clone());
    }
    let token = CancelToken::new();
    let heard = token.clone();
    ctrlc::set_handler(move || heard.cancel())?;
    *listener = Some(token.clone());
    Ok(token)
}
