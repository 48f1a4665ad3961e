//! The answer of `identify` for one clip.

use serde::Serialize;

use crate::result::{Credentials, Identity, TitleName, time};

/// A title that the clip was looked for in and not found in: no finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NearTitle {
    /// The title.
    pub title: TitleName,
    /// Frames of the clip that were sighted in it, too few or on no line of time.
    pub sighted: u64,
    /// What the index and features say for it: higher is nearer, 0 nothing.
    #[serde(serialize_with = "time")]
    pub score: f64,
}

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
    /// Titles that come nearest and are no findings, where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<NearTitle>,
    /// The C2PA manifest in the clip's file.
    #[serde(rename = "c2pa", skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
    /// Time the analysis took.
    #[serde(serialize_with = "time")]
    pub seconds: f64,
}
