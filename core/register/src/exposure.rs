//! Files and folders that are open to others, refused or named.

use std::{io, path::Path};

use crate::{Finding, RegisterError, private_file};

/// Refuses a file or folder that others than its owner can write. One that is not there, or cannot be looked at, passes.
///
/// # Errors
/// [`RegisterError::Writable`].
pub fn refuse_writable(path: &Path, wanted: u32) -> Result<(), RegisterError> {
    match private_file::exposed_mode(path) {
        Ok(Some(mode)) if mode & 0o022 != 0 => Err(RegisterError::Writable {
            path: path.to_path_buf(),
            mode,
            wanted,
        }),
        _ => Ok(()),
    }
}

/// What others can read or write of a file or folder that should have the mode `wanted`; one that is not there is no finding.
pub(crate) fn finding_of(path: &Path, wanted: u32) -> Option<Finding> {
    let path_buf = || path.to_path_buf();
    match private_file::exposed_mode(path) {
        Ok(mode) => mode.map(|mode| Finding::Open {
            path: path_buf(),
            mode,
            wanted,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => Some(Finding::Hidden {
            path: path_buf(),
            reason: error.to_string(),
        }),
    }
}
