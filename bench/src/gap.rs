//! What a run was asked for and did not measure: a gap that nobody is told of looks like a result.
//!
//! # Shapes and units
//! Clips by their file stems, rows as `PATH ATTACK`.

use serde::{Deserialize, Serialize};

/// Whose doing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// The suite's rule: the clip is too small, too short, or not one that it names.
    Rule,
    /// It could not be measured: damaged, gone, or a tool failed.
    Error,
}

/// A clip, or a part of what was asked of it, that was not measured.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// File stem of the clip.
    pub clip: String,
    /// What of it: a row, `quality`, `wrong keys`; all of it if absent.
    pub part: Option<String>,
    /// Whose doing.
    pub cause: Cause,
    /// Why, in a line.
    pub reason: String,
}

impl Gap {
    /// A clip that the suite does not take.
    #[must_use]
    pub fn by_rule(clip: &str, reason: impl Into<String>) -> Self {
        Self {
            clip: clip.to_owned(),
            part: None,
            cause: Cause::Rule,
            reason: reason.into(),
        }
    }

    /// A clip, or a part of it, that could not be measured.
    #[must_use]
    pub fn by_error(clip: &str, part: Option<&str>, reason: impl Into<String>) -> Self {
        Self {
            clip: clip.to_owned(),
            part: part.map(str::to_owned),
            cause: Cause::Error,
            reason: reason.into(),
        }
    }

    /// Whether something failed, and not the suite's rule left it out.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.cause == Cause::Error
    }

    /// In a line.
    #[must_use]
    pub fn line(&self) -> String {
        let what = match (&self.part, self.cause) {
            (Some(part), _) => format!("{part} of {}", self.clip),
            (None, _) => self.clip.clone(),
        };
        match self.cause {
            Cause::Rule => format!("{what} is left out: {}", self.reason),
            Cause::Error => format!("{what} could not be measured: {}", self.reason),
        }
    }
}
