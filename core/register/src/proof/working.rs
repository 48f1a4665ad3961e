//! Working files of a title, whose digests are put on record.

use std::io;
use std::path::Path;

use serde_json::json;

use crate::{Act, Checksum, FileHash, Register, RegisterError, TitleId};

/// A working file of a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingFile {
    /// Its name without its folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its digest.
    pub sha256: FileHash,
}

impl WorkingFile {
    /// The file at `path`; none once `cancelled` says so.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of_file(path: &Path, cancelled: &dyn Fn() -> bool) -> io::Result<Option<Self>> {
        let found = Checksum::of_file(path, cancelled)?;
        let name = path.file_name().unwrap_or_default();
        Ok(found.map(|Checksum { bytes, sha256 }| Self {
            name: name.to_string_lossy().into_owned(),
            bytes,
            sha256,
        }))
    }
}

/// Puts the digests of working files of a title on record: that they existed is then older than the next stamp.
///
/// # Errors
/// As for every act.
pub fn record_files(
    register: &dyn Register,
    title: TitleId,
    stage: &str,
    files: &[WorkingFile],
) -> Result<(), RegisterError> {
    let each = files.iter().map(
        |file| json!({"name": file.name, "bytes": file.bytes, "sha256": file.sha256.to_string()}),
    );
    let details = json!({
        "title": title.to_string(),
        "stage": stage,
        "files": each.collect::<Vec<_>>(),
    });
    register.enter(Act::FilesRecorded, &details)
}
