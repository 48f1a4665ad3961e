//! What a command answers for one clip.

use std::fmt::Display;

use countermark_trace::result::{ClipReport, Identification, Verdict};
use serde::Serialize;

use crate::json::Document;
use crate::page::Statement;
use crate::words::InWords;

/// What a command answers for one clip: for programs, for a terminal, for a page.
pub trait Answer {
    /// Whether the clip has what the command looks for.
    fn is_found(&self) -> bool;

    /// What JSON is made of.
    fn document(&self) -> impl Serialize;

    /// What a terminal shows.
    fn words(&self) -> impl Display;

    /// What a page states.
    fn statement(&self) -> Statement<'_>;
}

impl Answer for ClipReport {
    fn is_found(&self) -> bool {
        self.verdict == Verdict::Traced
    }

    fn document(&self) -> impl Serialize {
        Document::new(self)
    }

    fn words(&self) -> impl Display {
        InWords(self)
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
    fn is_found(&self) -> bool {
        self.identity.title.is_some()
    }

    fn document(&self) -> impl Serialize {
        Document::new(Judged {
            verdict: self.statement().verdict,
            identification: self,
        })
    }

    fn words(&self) -> impl Display {
        InWords(self)
    }

    fn statement(&self) -> Statement<'_> {
        self.into()
    }
}
