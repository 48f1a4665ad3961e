//! What can go wrong in a catalogue.

use std::{
    io,
    path::{Path, PathBuf},
};

use countermark_register::RegisterError;

/// An error of the catalogue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogueError {
    /// A file of the catalogue could not be read or written.
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
    /// A title whose reference was not written before it was to be recorded.
    #[error("the reference {} is missing", path.display())]
    ReferenceMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The register could not be used.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

impl CatalogueError {
    pub(crate) fn file(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { act, path, source }
    }
}
