//! Why results cannot be kept.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why results cannot be kept.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file cannot be read or written.
    #[error("cannot keep results in {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A whole line is no record.
    #[error("line {line} of {} is no result of a run", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The file holds results of another suite.
    #[error("{} holds results of another suite; choose another folder: {found}", path.display())]
    OtherSuite {
        /// The file.
        path: PathBuf,
        /// The suite.
        found: String,
    },
    /// Another run has the folder.
    #[error("another run writes its results there: {}", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// There are no results.
    #[error("no results of a run of this version: {}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
}
