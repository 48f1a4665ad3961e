//! Why an attack could not be carried out.

use std::path::PathBuf;

use countermark_media::MediaError;
use image::ImageError;
use thiserror::Error;

/// Why an attack could not be carried out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AttackError {
    /// A file could not be decoded or encoded.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// The picture could not be written.
    #[error("cannot write {}", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ImageError,
    },
    /// An intermediate or the picture could not be made.
    #[error("cannot use {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The pictures are in no layout that attacks on pictures know.
    #[error("cannot attack pictures of {width}x{height}: no 4:2:0 planes")]
    Layout {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// A file that the attack begins with was not given.
    #[error("{attack} needs {what}")]
    Missing {
        /// The attack.
        attack: String,
        /// What it lacks.
        what: &'static str,
    },
    /// Copies that are mixed must be copies of one title.
    #[error("{} is no copy of the same title as {}: it has {is}, not {wanted}", other.display(), first.display())]
    Unlike {
        /// The first file.
        first: PathBuf,
        /// The one that differs.
        other: PathBuf,
        /// What it has.
        is: String,
        /// What the first one has.
        wanted: String,
    },
    /// No picture was left to write.
    #[error("the attack leaves no picture for {}", path.display())]
    NothingLeft {
        /// The output.
        path: PathBuf,
    },
    /// There is no frame at the random place.
    #[error("{} has no frame at {seconds:.3} s", path.display())]
    NoFrame {
        /// The file.
        path: PathBuf,
        /// Where one was looked for.
        seconds: f64,
    },
}
