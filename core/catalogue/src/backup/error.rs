//! What can go wrong with a backup.

use std::io;
use std::path::{Path, PathBuf};

use countermark_register::RegisterError;

use crate::CatalogueError;

/// An error of a backup.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The name is taken: nothing is overwritten.
    #[error("{} exists", path.display())]
    Exists {
        /// What is there.
        path: PathBuf,
    },
    /// No backup of a vault, or not a whole one.
    #[error("{} is no whole backup of a vault", path.display())]
    NotABackup {
        /// The folder.
        path: PathBuf,
    },
    /// Written by a newer program.
    #[error("the backup has the version {found}, newer than this program's")]
    Newer {
        /// Its version.
        found: u64,
    },
    /// A file is not the one that the manifest names.
    #[error("{} is not the file that the manifest names", path.display())]
    Differs {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("cannot {act} {}", path.display())]
    File {
        /// What was tried: `read`, `write`, `create`.
        act: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The register could not be used.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The catalogue could not be used.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

impl BackupError {
    pub(super) fn file(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { act, path, source }
    }
}
