//! What a command answers for one clip.

use std::fmt::Display;

use countermark_trace::result::{Bound, ClipReport, Identification, NotCounted, Verdict};
use serde::Serialize;

use crate::Audience;
use crate::json::Document;
use crate::page::Statement;
use crate::rows::{self, Row};
use crate::words::{InWords, WordsFor};

/// What a command answers for one clip: for programs, for a terminal, for a page.
pub trait Answer {
    /// Calls the clip by another name than its file's: as it was named by whoever asked.
    fn call(&mut self, name: &str);

    /// What a table shows.
    fn rows(&self) -> Vec<Row>;

    /// Whether the clip has what the command looks for.
    fn is_found(&self) -> bool;

    /// What JSON is made of.
    fn document(&self, audience: Audience) -> impl Serialize;

    /// What a terminal shows.
    fn words(&self, audience: Audience) -> impl Display;

    /// What a page states.
    fn statement(&self) -> Statement<'_>;
}

/// A line of JSON about a traced clip.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    report: &'a ClipReport,
    /// What was looked at and multiplies no bound.
    not_counted: Vec<NotCounted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    internal: Option<Scores>,
}

/// Scores that only the studio may know.
#[derive(Serialize)]
struct Scores {
    best: Option<Bound>,
    innocent: Option<Bound>,
}

impl Answer for ClipReport {
    fn call(&mut self, name: &str) {
        name.clone_into(&mut self.file);
    }

    fn rows(&self) -> Vec<Row> {
        let verdict = self.verdict.as_str();
        rows::of(&self.file, verdict, self.identity.as_ref(), Some(self))
    }

    fn is_found(&self) -> bool {
        self.verdict == Verdict::Traced
    }

    fn document(&self, audience: Audience) -> impl Serialize {
        Document::new(Line {
            report: self,
            not_counted: self.tried.not_counted(),
            internal: audience.is_internal().then_some(Scores {
                best: self.tried.best,
                innocent: self.tried.innocent,
            }),
        })
    }

    fn words(&self, audience: Audience) -> impl Display {
        WordsFor(self, audience)
    }

    fn statement(&self) -> Statement<'_> {
        self.into()
    }
}

/// An identification with its verdict.
#[derive(Serialize)]
struct Judged<'a> {
    verdict: Verdict,
    #[serde(flatten)]
    identification: &'a Identification,
}

impl Answer for Identification {
    fn call(&mut self, name: &str) {
        name.clone_into(&mut self.file);
    }

    fn rows(&self) -> Vec<Row> {
        let verdict = self.statement().verdict.as_str();
        rows::of(&self.file, verdict, Some(&self.identity), None)
    }

    fn is_found(&self) -> bool {
        self.identity.title.is_some()
    }

    fn document(&self, _audience: Audience) -> impl Serialize {
        Document::new(Judged {
            verdict: self.statement().verdict,
            identification: self,
        })
    }

    fn words(&self, _audience: Audience) -> impl Display {
        InWords(self)
    }

    fn statement(&self) -> Statement<'_> {
        self.into()
    }
}
