//! The one place that writes to the terminal: results on stdout, everything else on stderr.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;

use crate::{Common, Verbosity};

/// Writes results, notes and errors.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    json: bool,
    verbosity: Verbosity,
}

impl Printer {
    /// A printer as the flags ask for.
    #[must_use]
    pub const fn new(common: &Common) -> Self {
        Self {
            json: common.json,
            verbosity: common.verbosity,
        }
    }

    /// A printer of words for a command without a vault.
    #[must_use]
    pub const fn of_words(verbosity: Verbosity) -> Self {
        Self {
            json: false,
            verbosity,
        }
    }

    /// Whether a progress bar can be drawn.
    #[must_use]
    pub fn draws_progress(self) -> bool {
        let Verbosity { quiet, verbose } = self.verbosity;
        !self.json && !quiet && !verbose && io::stderr().is_terminal()
    }

    /// A result: `document` where JSON was asked for, else `words`.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn result(self, document: &impl Serialize, words: &impl Display) -> io::Result<()> {
        if self.json {
            line(&serde_json::to_string(document)?)
        } else {
            line(words)
        }
    }

    /// A part of a job that failed while the job goes on: an error, and `document` where JSON was asked for.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn broken(self, document: &impl Serialize, error: &anyhow::Error) -> io::Result<()> {
        self.error(error);
        if self.json {
            line(&serde_json::to_string(document)?)
        } else {
            Ok(())
        }
    }

    /// An error, on one line.
    pub fn error(self, error: &anyhow::Error) {
        aside("error", &format_args!("{error:#}"));
    }

    /// Something the user should know.
    pub fn warning(self, text: &str) {
        if !self.verbosity.quiet {
            aside("warning", &text);
        }
    }

    /// What is being done.
    pub fn detail(self, text: &str) {
        if self.verbosity.verbose {
            aside("note", &text);
        }
    }
}

fn line(text: &impl Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

fn aside(kind: &str, text: &dyn Display) {
    // When stderr is gone there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{kind}: {text}");
}
