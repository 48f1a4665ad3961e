//! Files of a title whose checksums are on record.
//!
//! # Shapes and units
//! Sizes in bytes; SHA-256 of all of them.

use std::{io, path::Path};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::FileHash;

/// Size and SHA-256 of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksum {
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 of them.
    pub sha256: FileHash,
}

impl Checksum {
    /// That of the file at `path`; none once `cancelled` says so.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of_file(path: &Path, cancelled: &dyn Fn() -> bool) -> io::Result<Option<Self>> {
        let Some(sha256) = FileHash::of_file(path, cancelled)? else {
            return Ok(None);
        };
        let bytes = path.metadata()?.len();
        Ok(Some(Self { bytes, sha256 }))
    }

    /// That of `bytes`.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            sha256: FileHash::from_bytes(Sha256::digest(bytes).into()),
        }
    }

    /// As the ledger has it.
    pub(crate) fn to_json(self) -> Value {
        json!({"bytes": self.bytes, "sha256": self.sha256.to_string()})
    }

    pub(crate) fn of_json(value: &Value) -> Option<Self> {
        Some(Self {
            bytes: value.get("bytes")?.as_u64()?,
            sha256: FileHash::parse(value.get("sha256")?.as_str()?)?,
        })
    }
}

/// The files that a catalogue keeps of a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitleFiles {
    /// The file name of its reference.
    pub reference_file: String,
    /// The reference; none where it was not there when it was put on record.
    pub reference: Option<Checksum>,
    /// What the index keeps of it; none where it was not there when it was put on record.
    pub print: Option<Checksum>,
}

impl TitleFiles {
    /// A title whose reference has this name, without checksums.
    #[must_use]
    pub fn named(reference_file: &str) -> Self {
        Self {
            reference_file: reference_file.to_owned(),
            reference: None,
            print: None,
        }
    }
}
