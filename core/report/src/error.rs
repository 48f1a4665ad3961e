//! Why a page cannot be made.

use std::io;
use std::path::PathBuf;

/// Why a page cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The clip cannot be read once more for its digest.
    #[error("no report: cannot read {} again for its SHA-256", clip.display())]
    Clip {
        /// The clip.
        clip: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file cannot be decoded for its pictures.
    #[error("no page: the pictures of {} cannot be read", path.display())]
    Media {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: countermark_media::MediaError,
    },
    /// A frame cannot be encoded.
    #[error("no report: a frame does not go into a PNG")]
    Picture(#[source] image::ImageError),
    /// A value cannot be written as JSON.
    #[error("no report: a value does not go into JSON")]
    Json(#[source] serde_json::Error),
    /// A table cannot be written.
    #[error("no table")]
    Csv(#[source] csv::Error),
    /// Cases cannot be written as JUnit XML.
    #[error("no JUnit file")]
    Junit(#[source] quick_junit::SerializeError),
    /// A file of the folder cannot be written.
    #[error("cannot write the report {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}
