//! What keeps a clip from being examined. Finding nothing in it is no error.
//!
//! ```text
//! TraceError -> ErrorKind: whose fault it is (a service answers 422 for the clip, 500 for the register)
//! ```
//!
//! No message names a command or a remedy: who calls adds what can be done about it. [`TraceError::in_full`] is the message
//! with all of its causes on one line.

use std::error::Error as _;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use countermark_catalogue::CatalogueError;
use countermark_fingerprint::print::PrintError;
use countermark_mark::ObserveError;
use countermark_mark::lattice::LatticeError;
use countermark_media::MediaError;
use countermark_register::{ReadKeyError, RegisterError};

/// Why a clip was not examined. Never carries a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The clip, or its sound, cannot be opened or decoded. The message names its file.
    #[error(transparent)]
    Clip(MediaError),
    /// The clip is a print that is damaged or of another version.
    #[error("{}", path.display())]
    Print {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        source: PrintError,
    },
    /// Pictures are needed, and the clip is a print: titles can be named by it, deliveries cannot.
    #[error("{} is a print, which carries no mark", path.display())]
    PrintOnly {
        /// Its file.
        path: PathBuf,
    },
    /// A frame of the clip has a size or a depth that cannot be analysed.
    #[error("cannot analyse {}", path.display())]
    ClipPicture {
        /// The clip.
        path: PathBuf,
        /// What is wrong with the frame.
        source: PictureError,
    },
    /// The register cannot be read.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The index cannot be read.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// A file of read keys cannot be used.
    #[error(transparent)]
    KeyFile(#[from] ReadKeyError),
    /// The reference of a title is missing or cannot be decoded.
    #[error("cannot read the reference {}", path.display())]
    Reference {
        /// Its file.
        path: PathBuf,
        /// Why.
        source: MediaError,
    },
    /// A frame of a reference has a size or a depth that cannot be analysed.
    #[error("cannot analyse the reference {}", path.display())]
    ReferencePicture {
        /// Its file.
        path: PathBuf,
        /// What is wrong with the frame.
        source: PictureError,
    },
    /// A reference has no frame where one is wanted.
    #[error("the reference {} has no frames", path.display())]
    ReferenceEmpty {
        /// Its file.
        path: PathBuf,
    },
    /// A reference ends before its own frames do.
    #[error("the reference {} ends early", path.display())]
    ReferenceShort {
        /// Its file.
        path: PathBuf,
    },
    /// The pictures of a title on record are too small for the lattice, or shaped unlike any.
    #[error("the title {title:?} cannot carry a mark")]
    CannotCarry {
        /// Its name.
        title: String,
        /// Why.
        source: LatticeError,
    },
    /// The same of the title that a read key is of.
    #[error("the read key is of a title that cannot be marked: {title:?}")]
    KeyCannotCarry {
        /// Its name.
        title: String,
        /// Why.
        source: LatticeError,
    },
    /// What went wrong with one title among several.
    #[error("title {title:?}")]
    OfTitle {
        /// Its name.
        title: String,
        /// What.
        source: Box<TraceError>,
    },
    /// The observer asked to stop.
    #[error("cancelled")]
    Cancelled,
}

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The clip's: another clip may well be examined.
    Clip,
    /// The register's or its index's: no clip can be examined.
    Register,
    /// A title's reference is missing or damaged: other titles can be examined.
    Reference,
    /// A title that cannot have been marked.
    Title,
    /// The file of read keys'.
    KeyFile,
    /// Nobody's: the caller asked to stop.
    Cancelled,
}

/// Why a decoded frame cannot be analysed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// It does not fit on the lattice.
    #[error(transparent)]
    Observe(#[from] ObserveError),
}

impl TraceError {
    /// Whose fault it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Clip(_)
            | Self::ClipPicture { .. }
            | Self::Print { .. }
            | Self::PrintOnly { .. } => ErrorKind::Clip,
            Self::Register(_) | Self::Catalogue(_) => ErrorKind::Register,
            Self::KeyFile(_) => ErrorKind::KeyFile,
            Self::Reference { .. }
            | Self::ReferencePicture { .. }
            | Self::ReferenceEmpty { .. }
            | Self::ReferenceShort { .. } => ErrorKind::Reference,
            Self::CannotCarry { .. } | Self::KeyCannotCarry { .. } => ErrorKind::Title,
            Self::OfTitle { source, .. } => source.kind(),
            Self::Cancelled => ErrorKind::Cancelled,
        }
    }

    /// The message and those of all causes: `message: cause: cause of the cause`.
    #[must_use]
    pub fn in_full(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            // Writing to a string never fails.
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        text
    }

    /// The same without the title that it is about, for a text that names it.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::OfTitle { source, .. } => source.reason(),
            other => other.in_full(),
        }
    }

    /// A frame of the clip that cannot be analysed.
    pub(crate) fn clip_picture(path: &Path) -> impl Fn(PictureError) -> Self {
        move |source| Self::ClipPicture {
            path: path.to_owned(),
            source,
        }
    }

    /// A frame of a reference that cannot be analysed.
    pub(crate) fn reference_picture(path: &Path) -> impl Fn(PictureError) -> Self {
        move |source| Self::ReferencePicture {
            path: path.to_owned(),
            source,
        }
    }

    /// A reference that cannot be decoded.
    pub(crate) fn reference(path: &Path) -> impl Fn(MediaError) -> Self {
        move |source| Self::Reference {
            path: path.to_owned(),
            source,
        }
    }

    /// Says which title it is about.
    pub(crate) fn of_title(self, title: &str) -> Self {
        Self::OfTitle {
            title: title.to_owned(),
            source: Box::new(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_s_error_is_told_whole_and_keeps_its_kind() {
        let path = PathBuf::from("r.mp4");
        let error = TraceError::reference(&path)(MediaError::Empty { path: path.clone() });
        let error = error.of_title("Drama");
        assert_eq!(error.kind(), ErrorKind::Reference);
        assert_eq!(
            error.in_full(),
            "title \"Drama\": cannot read the reference r.mp4: the file is empty (0 bytes): r.mp4"
        );
    }

    #[test]
    fn errors_cross_threads() {
        fn crosses<T: Send + Sync + 'static>() {}
        crosses::<TraceError>();
    }
}
