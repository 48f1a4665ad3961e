//! The page: one HTML file that holds all it shows.
//!
//! ```text
//! verdict and accused, file, seconds, frames, scores, what was tried, what a chance means, notes
//! ```
//!
//! # Shapes and units
//! Well-formed as XML too, below the first line. Follows the reader's choice of light or dark; from 360 pixels on nothing is
//! wider than the page; prints in light.

use std::fmt::Write as _;

use crate::markup::Text;
use crate::words::{self, placed};
use crate::{Custody, ReportError};
use countermark_mark::Payload;
use countermark_trace::exhibits::{Exhibits, Standing};
use countermark_trace::result::{Accusation, Match, Verdict};

mod basis;
mod frames;
mod scores;
mod statement;
mod time_map;

pub use statement::{Statement, Work};

const STYLE: &str = include_str!("html/style.css");

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
    /// Draws it.
    ///
    /// # Errors
    /// When a picture cannot be encoded.
    pub fn to_html(&self) -> Result<String, ReportError> {
        let Self {
            statement,
            exhibits,
            ..
        } = self;
        let mut out = format!(
            "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\"/>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
             <meta name=\"color-scheme\" content=\"light dark\"/>\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\"/>\n\
             <title>{}: {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
            Text(&self.custody.file_name),
            self.verdict(),
        );
        self.header(&mut out);
        out.push_str("<main>\n");
        let mut sections = vec![
            ("Where the clip lies in the title", self.seconds()),
            ("Frames side by side", frames::section(&exhibits.pairs)?),
        ];
        if matches!(statement.work, Work::Trace(_)) {
            let scores = scores::section(&exhibits.standings);
            sections.push(("Scores against the threshold", scores));
        }
        sections.extend([
            ("What was tried", basis::tried(statement.work)),
            (
                "What the answer means",
                basis::meaning(statement.work).to_owned(),
            ),
            ("Notes", basis::notes(&exhibits.notes)),
        ]);
        for (title, content) in sections {
            let _ = write!(out, "<section>\n<h2>{title}</h2>\n{content}</section>\n");
        }
        out.push_str("</main>\n</body>\n</html>\n");
        Ok(out)
    }

    fn verdict(&self) -> String {
        match (self.statement.verdict, self.statement.work) {
            (Verdict::TitleOnly, Work::Identify(_)) => "title found".to_owned(),
            (verdict, _) => words::verdict(verdict).to_owned(),
        }
    }

    fn header(&self, out: &mut String) {
        let (statement, custody) = (&self.statement, self.custody);
        let class = match statement.verdict {
            Verdict::Traced => "traced",
            Verdict::TitleOnly => "title",
            Verdict::NotFound => "nothing",
        };
        let _ = write!(
            out,
            "<header>\n<p class=\"kicker\">Countermark: analysis of a clip</p>\n<h1>{}</h1>\n\
             <div class=\"verdict {class}\">\n<strong>{}</strong>\n<p>{}</p>\n</div>\n",
            Text(&custody.file_name),
            capital(&self.verdict()),
            Text(&self.sentence()),
        );
        for accused in of_each_copy(statement.accused) {
            self.copy(out, &accused);
        }
        let program = format!("countermark-detect {}", custody.version);
        let facts = [
            ("title", statement.title.unwrap_or("none found").to_owned()),
            ("file", custody.file_name.clone()),
            ("length", format!("{} bytes", custody.bytes)),
            ("SHA-256", custody.sha256.clone()),
            ("analysed", custody.analysed.clone()),
            ("program", program),
            ("taking", format!("{:.1} s", statement.seconds)),
        ];
        out.push_str(&basis::facts(&facts).replacen("facts", "facts file", 1));
        out.push_str("</header>\n");
    }

    fn sentence(&self) -> String {
        let title = self.statement.title.map(|title| format!("{title:?}"));
        let of_another = |found: &Match| found.title.as_deref() != self.statement.title;
        let several = self.statement.matches.iter().any(of_another);
        match (self.statement.verdict, title) {
            (Verdict::Traced, title) => {
                let copies = of_each_copy(self.statement.accused);
                let mut names: Vec<&str> = Vec::new();
                for copy in &copies {
                    let name = copy[0].distributor.as_str();
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
                let copy = if copies.len() == 1 { "copy" } else { "copies" };
                // The copies may be of different titles then.
                let title = title.filter(|_| !several);
                let of = title.map_or(String::new(), |title| format!(" of {title}"));
                format!(
                    "The clip was made from the {copy}{of} delivered to {}.",
                    listed(&names)
                )
            }
            (Verdict::TitleOnly, Some(title)) => match self.statement.work {
                Work::Trace(_) => {
                    format!("The clip shows {title}. No delivery came below the threshold.")
                }
                Work::Identify(_) => format!("The clip shows {title}."),
            },
            _ => "The clip was not found in any title that was tried.".to_owned(),
        }
    }

    fn copy(&self, out: &mut String, accusations: &[&Accusation]) {
        let first = accusations[0];
        let delivery = match &first.delivery {
            Some(delivery) => format!("<code>{delivery}</code>"),
            None => "not on record".to_owned(),
        };
        let _ = write!(
            out,
            "<div class=\"copy\">\n<dl>\n<dt>distributor</dt><dd><b>{}</b></dd>\n",
            Text(&first.distributor)
        );
        if let Some(licensee) = &first.licensee {
            let _ = writeln!(out, "<dt>licensee</dt><dd>{}</dd>", Text(licensee));
        }
        let on_record = |standing: &&Standing| Some(&standing.delivery) == first.delivery.as_ref();
        if let Some(standing) = self.exhibits.standings.iter().find(on_record) {
            let _ = writeln!(out, "<dt>title</dt><dd>{}</dd>", Text(&standing.title));
        }
        let _ = write!(
            out,
            "<dt>delivery</dt><dd>{delivery}</dd>\n<dt>payload</dt><dd><code>{}</code></dd>\n</dl>\n<ul>\n",
            first.payload
        );
        for accusation in accusations {
            let _ = writeln!(
                out,
                "<li>{}: {}</li>",
                capital(words::decision(accusation.path)),
                Text(&words::certainty(accusation))
            );
        }
        out.push_str("</ul>\n</div>\n");
    }

    fn seconds(&self) -> String {
        let Statement { matches, title, .. } = self.statement;
        if matches.is_empty() {
            return "<p class=\"none\">No span of the clip was placed in a title.</p>\n".to_owned();
        }
        let mut out = time_map::plots(matches, title);
        out.push_str("<ul>\n");
        for found in matches {
            let mut words = placed(found, title);
            if !found.payloads.is_empty() {
                let _ = write!(
                    words,
                    "; this span alone proves payload {}",
                    joined(&found.payloads)
                );
            }
            let _ = writeln!(out, "<li>{}</li>", Text(&words));
        }
        out.push_str("</ul>\n");
        out
    }
}

fn joined(payloads: &[Payload]) -> String {
    let texts: Vec<String> = payloads.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

/// The accusations of each copy, in the order given: both decisions may name it.
fn of_each_copy(accused: &[Accusation]) -> Vec<Vec<&Accusation>> {
    let mut copies: Vec<Vec<&Accusation>> = Vec::new();
    for accusation in accused {
        let same = |copy: &&mut Vec<&Accusation>| {
            copy[0].payload == accusation.payload && copy[0].distributor == accusation.distributor
        };
        match copies.iter_mut().find(same) {
            Some(copy) => copy.push(accusation),
            None => copies.push(vec![accusation]),
        }
    }
    copies
}

/// `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests;
