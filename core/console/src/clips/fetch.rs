//! From what was named to a file that can be examined: standard input is kept in a file for as long as it takes, a file without its
//! index is repaired.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use countermark_media::{MediaError, Repair, probe, repair};
use countermark_report::visible::path_name;
use tempfile::TempPath;

use super::Named;

/// A clip at hand.
#[derive(Debug)]
pub struct Clip {
    name: String,
    /// As it came.
    original: PathBuf,
    /// What is examined in its place.
    examined: Option<TempPath>,
    repair: Option<Repair>,
    /// Standard input, kept.
    _kept: Option<TempPath>,
}

impl Named {
    /// How it is called in answers.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(path) | Self::Nothing(path, _) => path_name(path),
            Self::StandardInput => "-".to_owned(),
        }
    }

    /// Gets the file; one that lacks its index is repaired with `sister`, where there is one.
    ///
    /// # Errors
    /// When the name leads to no clip, standard input cannot be kept, or the file cannot be repaired.
    pub fn fetch(self, sister: Option<&Path>) -> anyhow::Result<Clip> {
        let name = self.name();
        let (original, kept) = match self {
            Self::Nothing(_, error) => return Err(error),
            Self::File(path) => (path, None),
            Self::StandardInput => {
                let kept = keep(&mut io::stdin().lock()).context("cannot keep standard input")?;
                (kept.to_path_buf(), Some(kept))
            }
        };
        let repaired = sister
            .map(|sister| repaired(&original, sister))
            .transpose()?
            .flatten();
        let (examined, repair) = repaired.unzip();
        Ok(Clip {
            name,
            original,
            examined,
            repair,
            _kept: kept,
        })
    }
}

impl Clip {
    /// How it is called in answers.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file as it came.
    #[must_use]
    pub fn original(&self) -> &Path {
        &self.original
    }

    /// The file to examine.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.examined.as_deref().unwrap_or(&self.original)
    }

    /// What was recovered, where the file lacked its index.
    #[must_use]
    pub fn repair(&self) -> Option<Repair> {
        self.repair
    }
}

/// A repaired copy of a file that lacks its index; none of any other.
fn repaired(clip: &Path, sister: &Path) -> anyhow::Result<Option<(TempPath, Repair)>> {
    if !matches!(probe(clip), Err(MediaError::NoIndex { .. })) {
        return Ok(None);
    }
    let place = temporary(".avi")?.into_temp_path();
    let done = repair(clip, sister, &place)?;
    Ok(Some((place, done)))
}

/// Writes what comes to a temporary file, whose name says what it begins with: pictures are told apart by their name.
fn keep(input: &mut impl io::Read) -> io::Result<TempPath> {
    let mut head = Vec::new();
    input.take(16).read_to_end(&mut head)?;
    let suffix = match &head[..] {
        [0xFF, 0xD8, ..] => ".jpg",
        [0x89, b'P', b'N', b'G', ..] => ".png",
        _ => ".bin",
    };
    let mut kept = temporary(suffix)?;
    kept.write_all(&head)?;
    io::copy(input, kept.as_file_mut())?;
    kept.as_file().sync_data()?;
    Ok(kept.into_temp_path())
}

fn temporary(suffix: &str) -> io::Result<tempfile::NamedTempFile<File>> {
    tempfile::Builder::new()
        .prefix("countermark-")
        .suffix(suffix)
        .tempfile()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_is_kept_whole_and_gone_with_the_clip() {
        let bytes: Vec<u8> = b"\xFF\xD8"
            .iter()
            .copied()
            .chain((0..100_000).map(|at| at as u8))
            .collect();
        let kept = keep(&mut &bytes[..]).expect("room");
        let path = kept.to_path_buf();
        assert!(path.to_string_lossy().ends_with(".jpg"));
        assert_eq!(std::fs::read(&path).expect("kept"), bytes);
        drop(kept);
        assert!(!path.exists());
        assert!(keep(&mut &b""[..]).is_ok());
    }
}
