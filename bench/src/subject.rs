//! What the bench asks of the tools under test.
//!
//! One narrow trait, so that the runner can be tested without a mark and the mark be exchanged without touching the
//! runner. The real tools are [`crate::tools::Tools`].

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::null::Tail;

/// A marked copy of one clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedCopy {
    /// Whose copy.
    pub distributor: String,
    /// The payload in it, 16 hex digits.
    pub payload: String,
    /// The file.
    pub file: PathBuf,
}

/// A clip with its register and its copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The clean file.
    pub master: PathBuf,
    /// Folder of everything made of it.
    pub folder: PathBuf,
    /// Name in the register.
    pub title: String,
    /// Copies for different distributors, at least two: siblings that must not be accused.
    pub copies: Vec<MarkedCopy>,
}

/// What the detector said about one attacked clip.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Finding {
    /// Accused payloads, 16 hex digits.
    pub accused: Vec<String>,
    /// The lowest proved log10 of the false-accusation probability; none when nothing could be scored.
    pub log10_p: Option<f64>,
    /// Seconds that the detector took.
    pub seconds: f64,
}

/// The tools under test.
pub trait Subject: Sync {
    /// Makes a register in `folder`, adds `master` to it, and marks it for two distributors.
    ///
    /// # Errors
    /// When the tools refuse.
    fn prepare(&self, master: &Path, folder: &Path) -> Result<Prepared>;

    /// Marks the clip once more for the first distributor, the marked frames encoded without loss.
    ///
    /// # Errors
    /// When the tools refuse.
    fn mark_lossless(&self, prepared: &Prepared) -> Result<PathBuf>;

    /// Reads `clip` with the exported keys of the title.
    ///
    /// # Errors
    /// When the clip cannot be read.
    fn read(&self, prepared: &Prepared, clip: &Path) -> Result<Finding>;

    /// Traces `clip` with the register.
    ///
    /// # Errors
    /// When the clip cannot be read.
    fn trace(&self, prepared: &Prepared, clip: &Path) -> Result<Finding>;

    /// Scores `keys` delivery keys that have nothing to do with `clip` on its blind soft values.
    ///
    /// # Errors
    /// When the clip cannot be read.
    fn wrong_keys(&self, prepared: &Prepared, clip: &Path, keys: u64, seed: u64) -> Result<Tail>;
}
