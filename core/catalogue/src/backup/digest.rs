//! What tells files apart, as long as nobody gives up.

use std::path::Path;

use countermark_register::{Checksum, FileHash, RegisterError};

use super::BackupError;

/// Length and SHA-256 of a file; a cancel is an error.
pub(super) fn checksum(path: &Path, cancelled: &dyn Fn() -> bool) -> Result<Checksum, BackupError> {
    Checksum::of_file(path, cancelled)
        .map_err(BackupError::file("read", path))?
        .ok_or_else(|| RegisterError::Cancelled.into())
}

/// SHA-256 of a file; a cancel is an error.
pub(super) fn hash(path: &Path, cancelled: &dyn Fn() -> bool) -> Result<FileHash, BackupError> {
    checksum(path, cancelled).map(|checksum| checksum.sha256)
}
