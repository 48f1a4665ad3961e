//! What can go wrong with a read key's file. No message quotes its contents.

use std::{io, path::PathBuf};

use countermark_mark::UnknownFormat;

use crate::RegisterError;

/// What can go wrong with a read key's file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadKeyError {
    /// The file cannot be read.
    #[error("cannot read the key file {}", path.display())]
    Unreadable {
        /// The key file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The file is there and was not to be replaced.
    #[error("the key file {} exists", path.display())]
    Exists {
        /// The key file.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error("cannot write the key file {}", path.display())]
    Unwritable {
        /// The key file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// A folder, a device, a pipe.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// What was given.
        path: PathBuf,
    },
    /// Not a read key at all.
    #[error("{} is not a countermark read key", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// A read key of another program version.
    #[error("the key file {} has version {found}, this program reads versions up to {known}", path.display())]
    OtherVersion {
        /// The key file.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// The newest version known here.
        known: u32,
    },
    /// Made for another format of the mark.
    #[error("the key file {} is for mark format {}, which this program does not know", path.display(), source.version())]
    OtherFormat {
        /// The key file.
        path: PathBuf,
        /// Which format, and which are known.
        #[source]
        source: UnknownFormat,
    },
    /// A field is missing or damaged.
    #[error("the key file {} is damaged at {field}", path.display())]
    Damaged {
        /// The key file.
        path: PathBuf,
        /// Which field.
        field: &'static str,
    },
    /// The register could not be used.
    #[error(transparent)]
    Register(#[from] RegisterError),
}
