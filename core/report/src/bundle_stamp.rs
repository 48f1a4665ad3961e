//! What became of the stamp of a bundle: as JSON and in words.

use std::fmt;
use std::path::PathBuf;

use countermark_evidence::stamp::StampFacts;
use serde_json::{Value, json};

/// The stamp of a bundle.
#[derive(Debug)]
pub enum BundleStamp {
    /// The request was written.
    Requested(PathBuf),
    /// The answer verified, and is in the bundle.
    Taken(StampFacts),
}

impl BundleStamp {
    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Requested(path) => json!({"request": path.display().to_string()}),
            Self::Taken(facts) => json!({"stamp": facts}),
        }
    }
}

impl fmt::Display for BundleStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requested(path) => write!(
                f,
                "the request is in {}: have it answered, and give the answer to `stamp --response`",
                path.display()
            ),
            Self::Taken(facts) => write!(
                f,
                "the bundle was stamped {} under policy {}, serial number {}",
                facts.time, facts.policy, facts.serial
            ),
        }
    }
}
