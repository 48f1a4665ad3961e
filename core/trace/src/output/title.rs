//! The answer of `identify` for one clip.

use std::fmt;

use serde::Serialize;

use super::{Identity, Line, Report, SCHEMA, in_words, time};

/// Which title a clip shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Identification {
    /// The clip's file as given.
    pub file: String,
    /// The title and the spans of it; no title when none was found.
    #[serde(flatten)]
    pub identity: Identity,
    /// Frames of the clip that were sighted in the title.
    pub sighted: u64,
    /// Frames of the clip that were looked for.
    pub probes: u64,
    /// Those of them with features enough to be recognised.
    pub telling: u64,
    /// Titles that were tried.
    pub titles: u64,
    /// Time the analysis took.
    #[serde(serialize_with = "time")]
    pub seconds: f64,
}

#[derive(Serialize)]
struct Body<'a> {
    verdict: &'static str,
    #[serde(flatten)]
    body: &'a Identification,
}

impl Report for Identification {
    fn is_found(&self) -> bool {
        self.identity.title.is_some()
    }

    fn line(&self) -> impl Serialize {
        let verdict = if self.is_found() {
            "title-only"
        } else {
            "not-found"
        };
        Line {
            schema: SCHEMA,
            body: Body {
                verdict,
                body: self,
            },
        }
    }
}

impl fmt::Display for Identification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.identity.title {
            Some(title) => write!(f, "{}: title found\n  title        {title}", self.file)?,
            None => write!(f, "{}: not found", self.file)?,
        }
        for found in &self.identity.matches {
            write!(
                f,
                "\n  seconds      {}",
                in_words(found, self.identity.title.as_deref())
            )?;
        }
        write!(
            f,
            "\n  tried        {} {} in {} {}, {} sighted",
            self.probes,
            if self.probes == 1 { "frame" } else { "frames" },
            self.titles,
            if self.titles == 1 { "title" } else { "titles" },
            self.sighted,
        )?;
        if self.telling < self.probes {
            let flat = self.probes - self.telling;
            write!(f, "; {flat} too flat or too dark to be recognised")?;
        }
        Ok(())
    }
}
