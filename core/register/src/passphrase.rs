//! The passphrase of a sealed register, and who is asked for it.
//!
//! ```text
//! a command at its start: ask_with(..)      a sealed secret that is read: the place -> the passphrase
//! ```
//!
//! A process has one terminal, and so one who is asked: registers are opened in many places, which need not know whether one is sealed.
//! A passphrase is in no error, no log and no argument.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

/// A passphrase.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Characters at least of one that a register is sealed with.
    pub const LEAST: usize = 8;

    /// The text, without the line end that it was typed with.
    #[must_use]
    pub fn new(mut text: Zeroizing<String>) -> Self {
        let kept = text.strip_suffix('\n').unwrap_or(&text);
        let kept = kept.strip_suffix('\r').unwrap_or(kept).len();
        text.truncate(kept);
        Self(text)
    }

    /// The text. It belongs nowhere but into a private channel.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

impl PartialEq for Passphrase {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

/// Answers the passphrase of the register in a folder; none where nobody can be asked.
pub type Ask = dyn Fn(&Path) -> io::Result<Option<Passphrase>> + Send + Sync;

static ASKED: RwLock<Option<Arc<Ask>>> = RwLock::new(None);

/// From now on this one is asked.
pub fn ask_with(ask: impl Fn(&Path) -> io::Result<Option<Passphrase>> + Send + Sync + 'static) {
    let mut asked = ASKED.write().unwrap_or_else(PoisonError::into_inner);
    *asked = Some(Arc::new(ask));
}

/// The passphrase of the register at `root`, from whoever is asked.
///
/// # Errors
/// When the one who is asked cannot answer.
pub fn of(root: &Path) -> io::Result<Option<Passphrase>> {
    let asked = ASKED.read().unwrap_or_else(PoisonError::into_inner).clone();
    asked.map_or(Ok(None), |ask| ask(root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_ends_before_its_line_end_and_shows_itself_to_nobody() {
        let of = |text: &str| Passphrase::new(Zeroizing::new(text.to_owned()));
        assert_eq!(of("correct horse\r\n").text(), "correct horse");
        assert_eq!(of(" correct horse \n\n").text(), " correct horse \n");
        assert_eq!(format!("{:?}", of("correct horse")), "Passphrase(..)");
    }
}
