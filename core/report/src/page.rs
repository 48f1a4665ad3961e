//! The page for a clip, and its parts, for pages that show more than one answer.
//!
//! ```text
//! verdict and accused, file, seconds, frames, scores, what was tried and counted, what a score means, notes
//! ```
//!
//! # Shapes and units
//! Times in seconds; bounds as one of so many analyses. Parts are [`Markup`], whose text is escaped.

use countermark_trace::exhibits::Exhibits;
use maud::{Markup, html};

use crate::html::{data_uri, document};
use crate::{Audience, Circumstances, Custody, ReportError};

mod basis;
mod circumstances;
mod credentials;
mod frames;
mod measured;
mod scores;
mod statement;
mod time_map;
mod verdict;

pub use basis::{counted, meaning, notes, tried};
pub use circumstances::{circumstances, records, working_files};
pub use credentials::credentials;
pub use frames::pairs;
pub(crate) use frames::{Encoded, drawn, encoded};
pub use measured::{MEASURED, Measured};
pub use scores::{scores, told_scores};
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
    /// The command, the versions, the register and the deliveries on record.
    pub circumstances: &'a Circumstances,
    /// A still of the clip in colour, a JPEG.
    pub still: Option<&'a [u8]>,
    /// For whom it is.
    pub audience: Audience,
}

impl Page<'_> {
    /// Draws it as one HTML file.
    ///
    /// # Errors
    /// When a picture cannot be encoded.
    pub fn to_html(&self) -> Result<String, ReportError> {
        Ok(self.with_encoded(&encoded(&self.exhibits.pairs)?))
    }

    /// The same with the pictures of its pairs, which are encoded.
    pub(crate) fn with_encoded(&self, pictures: &[Encoded]) -> String {
        let Self {
            statement,
            custody: file,
            exhibits,
            circumstances: around,
            still,
            audience,
        } = self;
        let title = format!("{}: {}", file.file_name, verdict_words(statement));
        let pairs = drawn(&exhibits.pairs, pictures);
        let body = html! {
            header {
                p.kicker { "Countermark: analysis of a clip" }
                h1 { (file.file_name) }
                @if audience.is_internal() && matches!(statement.work, Work::Trace(_)) { (for_the_studio()) }
                (verdict(statement))
                (copies(statement, &exhibits.standings))
                (custody(file, statement))
                @if let Some(still) = still {
                    figure.still {
                        img src=(data_uri("image/jpeg", still)) alt="a still of the clip, in colour";
                        figcaption { "A still of the clip as it was found." }
                    }
                }
            }
            main {
                (section("Where the clip lies in the title", &seconds(statement)))
                (section("Frames side by side", &pairs))
                @if let Work::Trace(work) = statement.work {
                    @let shown = match audience {
                        Audience::Internal => scores(&exhibits.standings),
                        Audience::Outgoing => told_scores(&exhibits.standings, work),
                    };
                    (section("Scores against the threshold", &shown))
                }
                @if let Some(found) = statement.credentials {
                    (section("The file\u{2019}s C2PA manifest", &credentials(found)))
                }
                (section("What was tried", &tried(statement)))
                @if let Work::Trace(_) = statement.work {
                    (section("What was counted", &counted(statement)))
                }
                (section("What the answer means", &meaning(statement.work, file.version)))
                @if !around.deliveries.is_empty() {
                    (section("What is on record", &records(&around.deliveries)))
                }
                @if !around.working_files.is_empty() {
                    (section("Working files on record", &working_files(&around.working_files)))
                }
                (section("How it was examined", &circumstances(around)))
                (section("Notes", &notes(&exhibits.notes)))
            }
        };
        document(&title, &body)
    }
}

/// For whom a page with all scores is, and why for nobody else.
fn for_the_studio() -> Markup {
    html! {
        p.internal {
            strong { "For the studio only: do not hand this page on. " }
            "It names licensees who are not accused, with their scores. Whoever learns such scores for clips of his choice can build a              licensee\u{2019}s signal out of noise and have that licensee accused. The page to hand on is the one without this line."
        }
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
