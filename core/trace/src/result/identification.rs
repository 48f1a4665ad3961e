//! The answer of `identify` for one clip.

use serde::Serialize;

use crate::result::{Identity, time};

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
