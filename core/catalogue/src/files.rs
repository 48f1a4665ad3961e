//! The catalogue's files beside their checksums on record.
//!
//! ```text
//! record (ledger) == size, SHA-256 of the file
//! ```
//!
//! # Shapes and units
//! Sizes in bytes.

use std::{
    collections::HashMap,
    fs::Metadata,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use countermark_register::Checksum;

/// A file as it was when it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    inode: u64,
    size: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    #[cfg(unix)]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self {
            inode: metadata.ino(),
            size: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            inode: 0,
            size: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

/// Something that is wrong with a file of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileFinding {
    /// A title's file is gone.
    #[error("{} of the title {title:?} is missing", path.display())]
    Missing {
        /// The title's name.
        title: String,
        /// The file.
        path: PathBuf,
    },
    /// A file is not the one that is on record.
    #[error("{} ({}) is not the file on record: {found}", path.display(), of_title(title.as_deref()))]
    Changed {
        /// The title's name; none for a segment of several.
        title: Option<String>,
        /// The file.
        path: PathBuf,
        /// What is there instead.
        found: Difference,
    },
    /// A segment of several titles that is not on record.
    #[error("{} is no segment on record", path.display())]
    Unrecorded {
        /// The file.
        path: PathBuf,
    },
    /// A file of no title on record.
    #[error("{} is of no title on record", path.display())]
    Orphan {
        /// The file.
        path: PathBuf,
    },
    /// A file that cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
}

/// How a file differs from the one on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Difference {
    /// Another size.
    #[error("it has {found} bytes, not {recorded}")]
    Size {
        /// Bytes on record.
        recorded: u64,
        /// Bytes of the file.
        found: u64,
    },
    /// Other bytes.
    #[error("its SHA-256 is another one")]
    Contents,
}

impl FileFinding {
    /// A word for scripts.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "file-missing",
            Self::Changed { .. } => "file-changed",
            Self::Unrecorded { .. } => "file-unrecorded",
            Self::Orphan { .. } => "orphan",
            Self::Unreadable { .. } => "file-unreadable",
        }
    }
}

fn of_title(title: Option<&str>) -> String {
    title.map_or_else(
        || "of several titles".to_owned(),
        |title| format!("title {title:?}"),
    )
}

/// Checksums of files that were read, for as long as they stay the files they were.
#[derive(Debug, Default)]
pub(crate) struct Sums(Mutex<HashMap<PathBuf, (Stamp, Checksum)>>);

impl Sums {
    /// What is wrong with the file at `path`, which should be the one on record; none once `cancelled` says so.
    pub(crate) fn compare(
        &self,
        path: &Path,
        title: Option<&str>,
        recorded: Checksum,
        cancelled: &dyn Fn() -> bool,
    ) -> Option<FileFinding> {
        let title = title.map(str::to_owned);
        let path_buf = path.to_path_buf();
        let unreadable = |error: &io::Error| FileFinding::Unreadable {
            path: path.to_path_buf(),
            reason: error.to_string(),
        };
        let metadata = match path.metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let title = title.unwrap_or_default();
                return Some(FileFinding::Missing {
                    title,
                    path: path_buf,
                });
            }
            Err(error) => return Some(unreadable(&error)),
        };
        if metadata.len() != recorded.bytes {
            let found = Difference::Size {
                recorded: recorded.bytes,
                found: metadata.len(),
            };
            return Some(FileFinding::Changed {
                title,
                path: path_buf,
                found,
            });
        }
        let sum = match self.of(path, Stamp::of(&metadata), cancelled) {
            Ok(sum) => sum?,
            Err(error) => return Some(unreadable(&error)),
        };
        (sum != recorded).then_some(FileFinding::Changed {
            title,
            path: path_buf,
            found: Difference::Contents,
        })
    }

    fn of(
        &self,
        path: &Path,
        stamp: Stamp,
        cancelled: &dyn Fn() -> bool,
    ) -> io::Result<Option<Checksum>> {
        let known = self.lock().get(path).copied();
        if let Some((known, sum)) = known
            && known == stamp
        {
            return Ok(Some(sum));
        }
        let sum = Checksum::of_file(path, cancelled)?;
        if let Some(sum) = sum {
            self.lock().insert(path.to_path_buf(), (stamp, sum));
        }
        Ok(sum)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, (Stamp, Checksum)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
