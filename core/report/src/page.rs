//! The page for a clip, and its parts, for pages that show more than one answer.
//!
//! ```text
//! verdict and accused, file, seconds, frames, scores, what was tried, what a chance means, notes
//! ```
//!
//! # Shapes and units
//! Times in seconds; chances as `log10 p`. Parts are [`Markup`], whose text is escaped.

use countermark_trace::exhibits::Exhibits;
use maud::{Markup, html};

use crate::html::document;
use crate::{Custody, ReportError};

mod basis;
mod frames;
mod scores;
mod statement;
mod time_map;
mod verdict;

pub use basis::{meaning, notes, tried};
pub use frames::pairs;
pub use scores::scores;
pub use statement::{Statement, Work};
pub use time_map::{seconds, time_maps};
pub use verdict::{copies, custody, verdict, verdict_words};

/// All that a page shows.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The answer.
    pub statement: Statement<'a>,
    /// The file that it is about.
    pub custody: &'a Custody,
    /// What it is shown with.
    pub exhibits: &'a Exhibits,
}

impl Page<'_> {
    /// Draws it as one HTML file.
    ///
    /// # Errors
    /// When a picture cannot be encoded.
    pub fn to_html(&self) -> Result<String, ReportError> {
        let Self {
            statement,
            custody: file,
            exhibits,
        } = self;
        let title = format!("{}: {}", file.file_name, verdict_words(statement));
        let pairs = pairs(&exhibits.pairs)?;
        let body = html! {
            header {
                p.kicker { "Countermark: analysis of a clip" }
                h1 { (file.file_name) }
                (verdict(statement))
                (copies(statement, &exhibits.standings))
                (custody(file, statement))
            }
            main {
                (section("Where the clip lies in the title", &seconds(statement)))
                (section("Frames side by side", &pairs))
                @if let Work::Trace(_) = statement.work {
                    (section("Scores against the threshold", &scores(&exhibits.standings)))
                }
                (section("What was tried", &tried(statement.work)))
                (section("What the answer means", &meaning(statement.work)))
                (section("Notes", &notes(&exhibits.notes)))
            }
        };
        Ok(document(&title, &body))
    }
}

fn section(title: &str, content: &Markup) -> Markup {
    html! {
        section {
            h2 { (title) }
            (content)
        }
    }
}

#[cfg(test)]
mod tests;
