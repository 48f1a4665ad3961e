//! `results.json` of an older run, as far as a comparison needs it.
//!
//! # Shapes and units
//! Those of [`json`](super::super::json); fields that this version does not know are passed over.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use super::super::json::{ResultsHead, SCHEMA, TrialEntry};
use crate::store::Quality;

/// Why there is nothing to compare with.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AgainstError {
    /// The file cannot be read.
    #[error("cannot read the older run {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is none of results.
    #[error("no results.json of a run: {}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// Another version wrote it.
    #[error(
        "{} was written by version {version} with schema {schema}, this version compares schema {SCHEMA}: measure the \
         older run again with this version",
        path.display()
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        schema: u32,
        /// The program's version that wrote it.
        version: String,
    },
}

/// Read first: a file of another schema may have other fields.
#[derive(Deserialize)]
struct Head {
    schema: u32,
    #[serde(default)]
    version: String,
}

#[derive(Deserialize)]
struct Content {
    #[serde(flatten)]
    head: ResultsHead,
    trials: Vec<TrialEntry>,
    qualities: Vec<Quality>,
}

/// An older run.
#[derive(Debug, Clone, PartialEq)]
pub struct OldResults {
    /// Where it was read.
    pub file: PathBuf,
    /// Which run it is.
    pub head: ResultsHead,
    /// Its trials.
    pub trials: Vec<TrialEntry>,
    /// Its clips' quality.
    pub qualities: Vec<Quality>,
}

impl OldResults {
    /// Reads `results.json`.
    ///
    /// # Errors
    /// When it is not there, is none, or has another schema.
    pub fn read(path: &Path) -> Result<Self, AgainstError> {
        let text = std::fs::read_to_string(path).map_err(|source| AgainstError::Read {
            path: path.to_owned(),
            source,
        })?;
        let malformed = |source| AgainstError::Malformed {
            path: path.to_owned(),
            source,
        };
        let head: Head = serde_json::from_str(&text).map_err(malformed)?;
        if head.schema != SCHEMA {
            return Err(AgainstError::Schema {
                path: path.to_owned(),
                schema: head.schema,
                version: head.version,
            });
        }
        let content: Content = serde_json::from_str(&text).map_err(malformed)?;
        Ok(Self {
            file: path.to_owned(),
            head: content.head,
            trials: content.trials,
            qualities: content.qualities,
        })
    }
}
