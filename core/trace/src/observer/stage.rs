//! What is being done.

use std::fmt;

/// A stage of an examination. [`fmt::Display`] says it in the words of a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// The clip's frames are decoded. Steps are frames.
    Decoding,
    /// The index is searched for titles.
    SearchingIndex,
    /// Frames of the clip are looked for in a reference. Steps are frames of the clip that are looked for.
    Registering,
    /// Deliveries are scored, payloads decoded.
    Scoring,
    /// The mark is read from the picture as it is.
    ReadingWhole,
    /// The mark is looked for at other speeds of the picture as it is.
    SearchingSpeeds,
    /// The mark is looked for in geometries of one kind: `crops`, `quarter turns`, ...
    SearchingGeometries(&'static str),
    /// The payload is decoded.
    DecodingPayload,
    /// Frames are laid beside those of the master, for a page.
    ComparingFrames,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decoding => f.write_str("decoding"),
            Self::SearchingIndex => f.write_str("searching the index"),
            Self::Registering => f.write_str("registering"),
            Self::Scoring => f.write_str("scoring"),
            Self::ReadingWhole => f.write_str("reading the whole picture"),
            Self::SearchingSpeeds => f.write_str("searching speeds of the whole picture"),
            Self::SearchingGeometries(kind) => write!(f, "searching {kind}"),
            Self::DecodingPayload => f.write_str("decoding the payload"),
            Self::ComparingFrames => f.write_str("comparing frames"),
        }
    }
}
