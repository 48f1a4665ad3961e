//! A print in a file.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use countermark_fingerprint::print::{ClipPrint, MOST_BYTES};

use crate::error::TraceError;

/// The print that a file is; none where it is something else, or cannot be read: whoever takes it for a clip says why.
///
/// # Errors
/// [`TraceError::Print`] when it is a damaged print, or one of another version.
pub(crate) fn in_file(path: &Path) -> Result<Option<ClipPrint>, TraceError> {
    // What has no end is no print.
    let is_file = path.metadata().is_ok_and(|about| about.is_file());
    let Some(mut file) = is_file.then(|| File::open(path).ok()).flatten() else {
        return Ok(None);
    };
    let mut bytes = vec![0; 8];
    if file.read_exact(&mut bytes).is_err() || !ClipPrint::is_print(&bytes) {
        return Ok(None);
    }
    let rest = file.take(MOST_BYTES as u64).read_to_end(&mut bytes);
    if rest.is_err() {
        return Ok(None);
    }
    let print = ClipPrint::parse(&bytes).map_err(|source| TraceError::Print {
        path: path.to_path_buf(),
        source,
    })?;
    Ok(Some(print))
}
