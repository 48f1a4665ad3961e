//! Records of the making of a work: digests of its working files, put on the ledger as they came about.
//!
//! ```text
//! entry "files-recorded": {"title", "stage", "files": [{"name", "bytes", "sha256"}, ..]}      before the head, so before its stamp
//! ```
//!
//! Whoever holds a file of that digest shows by it that the file existed by then; nothing of the file is told.

use serde::{Deserialize, Serialize};

use crate::OpenedEntry;

/// The act of an entry about working files.
pub const FILES_RECORDED: &str = "files-recorded";

/// The entries about the working files of a case's titles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessRecords {
    /// Those that the head holds.
    pub entries: Vec<OpenedEntry>,
    /// How many came after it.
    pub later: u64,
}

/// A working file on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedFile {
    /// Its name without its folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of it, hex.
    pub sha256: String,
}

/// What an entry about working files says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RecordedStage {
    /// The title, hex.
    pub title: String,
    /// The stage of the making.
    pub stage: String,
    /// The files.
    pub files: Vec<RecordedFile>,
}

impl RecordedStage {
    /// What an entry says; none when it is about something else, or cannot be read.
    #[must_use]
    pub fn of(entry: &OpenedEntry) -> Option<Self> {
        let is_about = entry.act == FILES_RECORDED;
        is_about.then(|| serde_json::from_str(&entry.details).ok())?
    }
}
