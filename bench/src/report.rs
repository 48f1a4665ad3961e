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
//! | `systems.csv` | a line for each clip: which system was asked, what its mark costs |
//! | `junit.xml` | a case for each floor |
//! | `badge.json` | the verdict for a README |
//! | `report.html` | all of it to look at, in one file |
//! | `report.md` | the tables in Markdown |
//!
//! # Shapes and units
//! Rates from 0 to 1 in files, in percent where people read them; PSNR in decibels; `log10 p` as proved; detector
//! seconds a minute of clip.

mod badge;
mod cell;
mod check;
pub mod comparison;
mod csv;
mod family;
mod gathered;
pub mod github;
mod headline;
mod html;
pub mod json;
mod junit;
mod markdown;
mod page;
mod pictures;
mod row;
mod systems;
mod tail;

use countermark_report::ReportError;

pub use check::{Check, Verdict};
pub use comparison::Comparison;
pub use family::{Strength, strengths};
pub use gathered::{Measured, Report};
pub use headline::{Headline, Standing};
pub use page::Page;
pub use pictures::WorstFrame;
pub use row::{AttackRow, Shortest};
pub use tail::tail_plot;

impl Report {
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
                Verdict::Held | Verdict::Error(_) | Verdict::Unchecked(_) => None,
            })
            .collect()
    }

    /// What could not be looked at, a line each.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        let checks = self.checks().into_iter();
        checks
            .filter_map(|check| match check.verdict {
                Verdict::Error(line) => Some(line),
                Verdict::Held | Verdict::Short(_) | Verdict::Unchecked(_) => None,
            })
            .collect()
    }

    /// What was not looked at and why, a line each.
    #[must_use]
    pub fn unchecked(&self) -> Vec<String> {
        let checks = self.checks().into_iter();
        checks
            .filter_map(|check| match check.verdict {
                Verdict::Unchecked(why) => Some(format!("{}: {why}", check.name)),
                Verdict::Held | Verdict::Short(_) | Verdict::Error(_) => None,
            })
            .collect()
    }

    /// The verdict on the run.
    #[must_use]
    pub fn headline(&self) -> Headline {
        Headline::of(&self.checks())
    }

    /// The tables in Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        markdown::to_markdown(self, None)
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
        let tables = markdown::to_markdown(self, comparison);
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
            ("systems.csv", systems::to_csv(self)?),
            ("junit.xml", junit::to_xml(self)?),
            (
                "badge.json",
                badge::to_json(self).map_err(ReportError::Json)?,
            ),
            ("report.html", html::to_html(self, pictures, comparison)),
            ("report.md", tables),
        ])
    }
}

#[cfg(test)]
mod specimen;
#[cfg(test)]
mod tests;
