//! The result of a run: a row per attack, a row per clip, what fell short, and the files that show it.
//!
//! ```text
//! a row holds  <=>  trials > 0  and  wrong = 0  and  false matches = 0  and  exact / trials >= min_rate
//!                   and  (exact + part) / trials >= min_any_rate  and  right / fragments >= min_fragment_rate
//! ```
//!
//! | file | what |
//! |---|---|
//! | `results.json` | everything but times, the same bytes for the same results: [`json`] |
//! | `timings.json` | the times, by the same keys |
//! | `results.csv` | a line for each trial |
//! | `junit.xml` | a case for each floor |
//! | `report.html` | all of it to look at, in one file |
//! | `report.md` | the tables in Markdown |
//!
//! # Shapes and units
//! Rates from 0 to 1 in files, in percent where people read them; PSNR in decibels; `log10 p` as proved; detector
//! seconds a minute of clip.

mod check;
pub mod comparison;
mod csv;
mod family;
mod html;
pub mod json;
mod junit;
mod markdown;
mod page;
mod pictures;
mod row;
mod tail;

use std::collections::BTreeSet;

use countermark_report::ReportError;

use crate::statistics::Share;
use crate::store::{Marking, NullTail, Quality, Store, Trial};
use crate::suite::{DetectorPath, NullRule, QualityFloor, Suite};

pub use check::{Check, Verdict};
pub use comparison::Comparison;
pub use page::Page;
pub use pictures::WorstFrame;
pub use row::{AttackRow, Shortest};
pub use tail::tail_plot;

/// What a run measured, in any order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measured<'a> {
    /// Attacks on clips.
    pub trials: &'a [Trial],
    /// What the mark costs.
    pub qualities: &'a [Quality],
    /// How long marking took.
    pub markings: &'a [Marking],
    /// Wrong keys.
    pub tails: &'a [NullTail],
}

impl<'a> From<&'a Store> for Measured<'a> {
    fn from(store: &'a Store) -> Self {
        Self {
            trials: store.trials(),
            qualities: store.qualities(),
            markings: store.markings(),
            tails: store.tails(),
        }
    }
}

/// A run, gathered and in order: rows as in the suite, all else by clip.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    suite: String,
    seed: u64,
    first_seconds: Option<f64>,
    floor: Option<QualityFloor>,
    null: Option<NullRule>,
    /// Whether clips are left out of the register, in which nothing may be found.
    asks_unknown: bool,
    rows: Vec<AttackRow>,
    trials: Vec<Trial>,
    qualities: Vec<Quality>,
    markings: Vec<Marking>,
    tails: Vec<NullTail>,
}

impl Report {
    /// Gathers what was measured of `suite`; trials of attacks that it does not have are left out.
    #[must_use]
    pub fn new<'a>(name: &str, suite: &Suite, measured: impl Into<Measured<'a>>) -> Self {
        let measured = measured.into();
        let place = |trial: &Trial| {
            let mut rows = suite.rows.iter();
            rows.position(|row| row.path == trial.path && row.attack.to_string() == trial.attack)
        };
        let mut placed: Vec<(usize, Trial)> = measured
            .trials
            .iter()
            .filter_map(|trial| Some((place(trial)?, trial.clone())))
            .collect();
        placed.sort_by(|(row, a), (other, b)| (&a.clip, row).cmp(&(&b.clip, other)));
        let trials: Vec<Trial> = placed.into_iter().map(|(_, trial)| trial).collect();
        let mut qualities = measured.qualities.to_vec();
        qualities.sort_by(|a, b| a.clip.cmp(&b.clip));
        let mut markings = measured.markings.to_vec();
        markings.sort_by(|a, b| a.clip.cmp(&b.clip));
        let mut tails = measured.tails.to_vec();
        tails.sort_by(|a, b| (&a.clip, a.marked).cmp(&(&b.clip, b.marked)));
        Self {
            suite: name.to_owned(),
            seed: suite.seed,
            first_seconds: suite.clips.first_seconds,
            floor: suite.quality,
            null: suite.null,
            asks_unknown: suite
                .catalogue
                .as_ref()
                .is_some_and(|all| !all.unknown.is_empty()),
            rows: row::rows(suite, &trials),
            trials,
            qualities,
            markings,
            tails,
        }
    }

    /// The rows, in the order of the suite.
    #[must_use]
    pub fn rows(&self) -> &[AttackRow] {
        &self.rows
    }

    /// Unknown clips that rightly nothing was found in, over all rows.
    #[must_use]
    pub fn unknown(&self) -> Share {
        self.rows.iter().fold(Share::default(), |sum, row| Share {
            hits: sum.hits + row.unknown.hits,
            trials: sum.trials + row.unknown.trials,
        })
    }

    /// The clips that anything was measured on, by name.
    #[must_use]
    pub fn clips(&self) -> Vec<&str> {
        let trials = self.trials.iter().map(|t| t.clip.as_str());
        let qualities = self.qualities.iter().map(|q| q.clip.as_str());
        let markings = self.markings.iter().map(|m| m.clip.as_str());
        let tails = self.tails.iter().map(|t| t.clip.as_str());
        let all: BTreeSet<&str> = trials
            .chain(qualities)
            .chain(markings)
            .chain(tails)
            .collect();
        all.into_iter().collect()
    }

    /// What was asked of the run and what came of it, in the order of the suite.
    #[must_use]
    pub fn checks(&self) -> Vec<Check> {
        check::checks(self)
    }

    /// What fell short, a line each; empty when the suite holds.
    #[must_use]
    pub fn shortfalls(&self) -> Vec<String> {
        let checks = self.checks().into_iter();
        checks
            .filter_map(|check| match check.verdict {
                Verdict::Short(line) => Some(line),
                Verdict::Held | Verdict::Skipped(_) => None,
            })
            .collect()
    }

    /// The tables in Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        markdown::to_markdown(self)
    }

    /// The files of the report with their names, `pictures` and the comparison with an older run where there are any.
    ///
    /// # Errors
    /// When a value cannot be written.
    pub fn files(
        &self,
        pictures: &[WorstFrame],
        comparison: Option<&Comparison>,
    ) -> Result<Vec<(&'static str, String)>, ReportError> {
        let mut tables = self.to_markdown();
        if let Some(comparison) = comparison {
            tables.push('\n');
            tables.push_str(&comparison.to_markdown());
        }
        Ok(vec![
            (
                "results.json",
                json::results(self).map_err(ReportError::Json)?,
            ),
            (
                "timings.json",
                json::timings(self).map_err(ReportError::Json)?,
            ),
            ("results.csv", csv::to_csv(self)?),
            ("junit.xml", junit::to_xml(self)?),
            ("report.html", html::to_html(self, pictures, comparison)),
            ("report.md", tables),
        ])
    }
}

/// A path as it stands in tables.
fn path_name(path: DetectorPath) -> &'static str {
    match path {
        DetectorPath::Read => "read",
        DetectorPath::Trace => "trace",
        DetectorPath::Identify => "identify",
    }
}

/// A number, or a dash where there is none.
fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or("-".to_owned(), |v| format!("{v:.digits$}"))
}

#[cfg(test)]
mod specimen;
#[cfg(test)]
mod tests;
