//! How a command ends.
//!
//! ```text
//! 0 done, found, held      1 nothing found, fallen short      2 error
//! ```

use std::io;
use std::process::ExitCode;

use crate::Printer;

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; what was looked for was found; every floor held.
    Done,
    /// Done, and nothing was found, or something fell short.
    Nothing,
    /// An error, which was printed.
    Failed,
}

impl Exit {
    /// The exit code: 0, 1 or 2.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Nothing => 1,
            Self::Failed => 2,
        }
    }

    /// The end of a command that came to `result`; prints its error. A reader of stdout that has seen enough is an error
    /// that is not worth a message.
    #[must_use]
    pub fn of(result: anyhow::Result<Self>, printer: Printer) -> Self {
        result.unwrap_or_else(|error| {
            let is_closed = error
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
            if !is_closed {
                printer.error(&error);
            }
            Self::Failed
        })
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
