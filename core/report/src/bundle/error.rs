//! Why there is no bundle.

use countermark_evidence::EvidenceError;
use countermark_register::{ReadKeyError, RegisterError};
use countermark_trace::TraceError;

use crate::ReportError;

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The register.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The bundle itself.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The key of an expert package.
    #[error(transparent)]
    Key(#[from] ReadKeyError),
    /// The clip could not be traced again.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The page in it.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The evidence of an accused was not kept: the clip is too long.
    #[error(
        "the soft values by which {distributor} is accused were not kept: the clip is too long for a bundle"
    )]
    NotKept {
        /// Whose copy.
        distributor: String,
    },
    /// The accused delivery's distributor or title is not on record.
    #[error("the payload {payload} is of no distributor and title on record")]
    Unnamed {
        /// The payload.
        payload: String,
    },
    /// What says how the clip was acquired is no JSON.
    #[error("how the clip was acquired is not said in JSON")]
    Acquired(#[source] serde_json::Error),
    /// It could not be encrypted to its recipient.
    #[cfg(feature = "age")]
    #[error("the bundle cannot be encrypted: {0}")]
    NotEncrypted(String),
    /// A part cannot be written as JSON.
    #[error("a part of the bundle cannot be written")]
    Json(#[source] serde_json::Error),
}
