//! The one place that writes to the terminal: results on stdout, everything else on stderr.

use std::io::{self, IsTerminal as _, Write as _};

use countermark_report::Answer;
use countermark_report::json::{Broken, Document};

use crate::{args::Common, remedy};

/// Writes results, notes and errors.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    json: bool,
    quiet: bool,
    verbose: bool,
}

impl Printer {
    /// A printer as the flags ask for.
    #[must_use]
    pub fn new(common: &Common) -> Self {
        Self {
            json: common.json,
            quiet: common.quiet,
            verbose: common.verbose,
        }
    }

    /// Whether a progress bar can be drawn.
    #[must_use]
    pub fn draws_progress(self) -> bool {
        !self.json && !self.quiet && !self.verbose && io::stderr().is_terminal()
    }

    /// A clip's result.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn answer(self, answer: &impl Answer) -> io::Result<()> {
        if self.json {
            line(&serde_json::to_string(&answer.document())?)
        } else {
            line(&answer.words().to_string())
        }
    }

    /// A clip that could not be analysed.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn broken_clip(self, file: &str, error: &anyhow::Error) -> io::Result<()> {
        self.error(error);
        if self.json {
            line(&serde_json::to_string(&Document::new(Broken::new(
                file,
                &remedy::line(error),
            )))?)
        } else {
            Ok(())
        }
    }

    /// An error, on one line.
    pub fn error(self, error: &anyhow::Error) {
        aside("error", &remedy::line(error));
    }

    /// Something the analyst should know.
    pub fn warning(self, text: &str) {
        if !self.quiet {
            aside("warning", text);
        }
    }

    /// What is being done.
    pub fn detail(self, text: &str) {
        if self.verbose {
            aside("note", text);
        }
    }
}

fn line(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

fn aside(kind: &str, text: &str) {
    // When stderr is gone there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{kind}: {text}");
}
