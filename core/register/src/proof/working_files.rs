//! Working files of a title on record: that they existed is older than the next stamp.

use std::io;
use std::path::Path;

use countermark_evidence::ProcessRecords;
use serde_json::json;

use super::Proofs;
use super::about::names;
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

/// Puts the digests of working files of a title on record.
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

/// The entries about working files of titles, opened in a tree of so many entries.
///
/// # Errors
/// As for every method of [`Register`].
pub fn records_of(
    register: &dyn Register,
    proofs: &Proofs,
    titles: &[TitleId],
    size: u64,
) -> Result<ProcessRecords, RegisterError> {
    let titles: Vec<String> = titles.iter().map(ToString::to_string).collect();
    let mut records = ProcessRecords::default();
    register.walk_ledger(&mut |entry| {
        let is_about = entry.act == Act::FilesRecorded.as_str()
            && titles.iter().any(|title| names(&entry, "title", title));
        if is_about && entry.seq.unsigned_abs() > size {
            records.later += 1;
        } else if is_about {
            records.entries.extend(proofs.opened(&entry, size));
        }
        true
    })?;
    Ok(records)
}
