//! The one place that writes to the terminal: results on stdout, everything else on stderr.
//!
//! ```text
//! result: words, line by line | a line of JSON        error, warning, note: one line each
//! ```
//!
//! Whatever a stranger's file name or tag holds, nothing of it acts on the terminal: see `countermark_report::visible`. Names inside of
//! words were made visible where the words were made, line ends too; here no other control passes.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use countermark_report::visible::{Visible, VisibleLines, visible_json};
use serde::Serialize;

use crate::{Common, Verbosity};

/// Writes results, notes and errors.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    json: bool,
    table: Option<Table>,
    verbosity: Verbosity,
    remedy: Option<Remedy>,
}

/// Whether the names of a table's columns were printed.
type Table = &'static AtomicBool;

/// The table on stdout: a program has but one.
static HEAD_IS_OUT: AtomicBool = AtomicBool::new(false);

/// Whether standard output is something else's.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// From now on results go to standard error: something else is written to standard output.
pub(crate) fn leave_stdout() {
    IS_TAKEN.store(true, Ordering::Relaxed);
}

/// What can be done about an error, where there is something: libraries say what is, a command what helps.
pub type Remedy = fn(&anyhow::Error) -> Option<String>;

impl Printer {
    /// A printer as the flags ask for.
    #[must_use]
    pub const fn new(common: &Common) -> Self {
        Self {
            json: common.json,
            table: None,
            verbosity: common.verbosity,
            remedy: None,
        }
    }

    /// A printer of words for a command without a vault.
    #[must_use]
    pub const fn of_words(verbosity: Verbosity) -> Self {
        Self {
            json: false,
            table: None,
            verbosity,
            remedy: None,
        }
    }

    /// The same printer, which prints rows of a table instead of words, if `wanted`.
    #[must_use]
    pub fn of_tables(self, wanted: bool) -> Self {
        Self {
            table: wanted.then_some(&HEAD_IS_OUT),
            ..self
        }
    }

    /// The same printer, which ends each error with its remedy.
    #[must_use]
    pub fn with_remedies(self, remedy: Remedy) -> Self {
        Self {
            remedy: Some(remedy),
            ..self
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
            line(&visible_json(&serde_json::to_string(document)?))
        } else if self.table.is_none() {
            line(&VisibleLines(words))
        } else {
            Ok(())
        }
    }

    /// Rows of a table, where one was asked for; `rows` is told whether they are the first, so that the names of the columns come.
    ///
    /// # Errors
    /// When stdout cannot be written, or the rows cannot be made.
    pub fn row<E: std::error::Error + Send + Sync + 'static>(
        self,
        rows: impl FnOnce(bool) -> Result<String, E>,
    ) -> io::Result<()> {
        let Some(head_is_out) = self.table else {
            return Ok(());
        };
        let is_first = !head_is_out.swap(true, Ordering::Relaxed);
        let rows = rows(is_first).map_err(io::Error::other)?;
        line(&VisibleLines(rows))
    }

    /// Which of several answers in words comes next, as in `3 of 40`.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn heading(self, number: Option<(usize, usize)>) -> io::Result<()> {
        match number {
            Some((number, all)) if !self.json && self.table.is_none() => {
                line(&format_args!("{number} of {all}"))
            }
            _ => Ok(()),
        }
    }

    /// What became of several clips, on stderr.
    pub fn summary(self, summary: &impl Display) {
        if !self.verbosity.quiet {
            // When stderr is gone there is nobody to tell.
            let _ = writeln!(io::stderr().lock(), "{}", VisibleLines(summary));
        }
    }

    /// A part of a job that failed while the job goes on: an error, and `document` where JSON was asked for.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn broken(self, document: &impl Serialize, error: &anyhow::Error) -> io::Result<()> {
        self.error(error);
        if self.json {
            line(&visible_json(&serde_json::to_string(document)?))
        } else {
            Ok(())
        }
    }

    /// An error, on one line.
    pub fn error(self, error: &anyhow::Error) {
        aside("error", &self.in_words(error));
    }

    /// An error with its causes, and its remedy at the end where there is one.
    #[must_use]
    pub fn in_words(self, error: &anyhow::Error) -> String {
        match self.remedy.and_then(|remedy| remedy(error)) {
            Some(remedy) => format!("{error:#}: {remedy}"),
            None => format!("{error:#}"),
        }
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
    if IS_TAKEN.load(Ordering::Relaxed) {
        return writeln!(io::stderr().lock(), "{text}");
    }
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

fn aside(kind: &str, text: &dyn Display) {
    // When stderr is gone there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{}", one_line(kind, text));
}

fn one_line(kind: &str, text: &dyn Display) -> String {
    format!("{kind}: {}", Visible(text))
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;
    use countermark_report::visible::acts;
    use proptest::prelude::*;

    use super::*;

    /// Characters that an attacker would put into a name.
    const HIDDEN: [char; 12] = [
        '\u{1b}', '\u{9b}', '\n', '\r', '\u{8}', '\0', '\u{7f}', '\u{202e}', '\u{2066}',
        '\u{200b}', '\u{feff}', '\u{2028}',
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn an_error_about_a_hostile_name_is_one_line_that_acts_on_nothing(
            name in proptest::collection::vec(
                prop_oneof![any::<char>(), proptest::sample::select(&HIDDEN[..])],
                0..16,
            ).prop_map(String::from_iter)
        ) {
            let printer = Printer::of_words(Verbosity::default());
            let error = anyhow!("no video in {name}").context(format!("reading {name}"));
            let line = one_line("error", &printer.in_words(&error));
            prop_assert!(!line.chars().any(acts), "{line:?}");
        }
    }

    #[test]
    fn a_remedy_follows_the_reason_whatever_is_said_before() {
        let plain = Printer::of_words(Verbosity::default());
        let helpful = plain.with_remedies(|error| {
            let is_gone = error.root_cause().to_string() == "gone";
            is_gone.then(|| "bring it back".to_owned())
        });
        let gone = anyhow!("gone").context("reading");
        assert_eq!(plain.in_words(&gone), "reading: gone");
        assert_eq!(helpful.in_words(&gone), "reading: gone: bring it back");
        assert_eq!(helpful.in_words(&anyhow!("lost")), "lost");
    }
}
