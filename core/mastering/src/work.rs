//! Notes of work under way, so that what a killed process leaves can be told from what a live one is at.
//!
//! ```text
//! <register>/work/<id>.title      a proxy is being rendered
//! <register>/work/<id>.delivery   line 1: where the copy goes;  line 2: what it is, written before it has its name
//! ```
//!
//! The process at work holds an exclusive lock (`flock`) on its note, which the system releases with the process: a note
//! that can be locked is of a process that is gone. The second line is on disk before the copy is published, so a note
//! without it says that the copy never had its name. Where the file system knows no locks, every note counts as live.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use countermark_register::{DeliveryId, DeliveryOutcome, TitleId};
use serde::{Deserialize, Serialize};

use crate::MasteringError;

const FOLDER: &str = "work";
const TITLE: &str = "title";
const DELIVERY: &str = "delivery";

/// A note of this process. Dropped, it is removed.
#[derive(Debug)]
pub(crate) struct WorkNote {
    path: PathBuf,
    file: File,
    keep: bool,
}

/// A note that a process left which is gone, locked while it is looked at.
pub(crate) struct AbandonedNote {
    path: PathBuf,
    _locked: File,
    pub(crate) about: About,
}

/// What a note is about.
pub(crate) enum About {
    /// The proxy of a title that may not be on record.
    Title(TitleId),
    Delivery {
        id: DeliveryId,
        /// Where the copy was to go; none where the process was killed before it could say so.
        output: Option<PathBuf>,
        /// What the copy is; none before it was complete.
        outcome: Option<DeliveryOutcome>,
    },
}

/// Paths are bytes and hashes are long: both as hex.
#[derive(Serialize, Deserialize)]
struct OutputLine {
    output: String,
}

#[derive(Serialize, Deserialize)]
struct OutcomeLine {
    frames: u64,
    /// None for an unchanged picture, whose ratio is infinite.
    psnr_y_db: Option<f64>,
    sha256: String,
}

impl WorkNote {
    /// Says that the proxy of the title `id` is being made.
    pub(crate) fn of_title(root: &Path, id: TitleId) -> Result<Self, MasteringError> {
        Self::create(root, &format!("{id}.{TITLE}"))
    }

    /// Says that the copy of delivery `id` is being made as `output`.
    pub(crate) fn of_delivery(
        root: &Path,
        id: DeliveryId,
        output: &Path,
    ) -> Result<Self, MasteringError> {
        let mut note = Self::create(root, &format!("{id}.{DELIVERY}"))?;
        let absolute = std::path::absolute(output).unwrap_or_else(|_| output.to_owned());
        note.write_line(&OutputLine {
            output: to_hex(absolute.as_os_str().as_bytes()),
        })?;
        Ok(note)
    }

    /// Says what the copy is that is about to be published.
    pub(crate) fn outcome(&mut self, outcome: &DeliveryOutcome) -> Result<(), MasteringError> {
        self.write_line(&OutcomeLine {
            frames: outcome.frames,
            psnr_y_db: outcome.psnr_y_db.is_finite().then_some(outcome.psnr_y_db),
            sha256: to_hex(&outcome.output_sha256),
        })
    }

    /// Leaves the note for whoever settles it: this process cannot.
    pub(crate) fn leave(mut self) {
        self.keep = true;
    }

    fn create(root: &Path, name: &str) -> Result<Self, MasteringError> {
        let folder = root.join(FOLDER);
        let failure = |act, path: &Path| {
            let path = path.to_owned();
            move |source| MasteringError::File { act, path, source }
        };
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failure("create", &folder)(error));
            }
            _ => {}
        }
        let path = folder.join(name);
        loop {
            let file = OpenOptions::new()
                .append(true)
                .create_new(true)
                .open(&path)
                .map_err(failure("create", &path))?;
            match file.try_lock() {
                // Somebody who settles took it for abandoned in the moment before, and removes it.
                Err(TryLockError::WouldBlock) => {
                    let _ = fs::remove_file(&path);
                }
                Ok(()) if !is_at(&file, &path) => {}
                // Without locks nobody settles it either.
                Ok(()) | Err(TryLockError::Error(_)) => {
                    return Ok(Self {
                        path,
                        file,
                        keep: false,
                    });
                }
            }
        }
    }

    /// One line, on disk when this returns.
    fn write_line(&mut self, line: &impl Serialize) -> Result<(), MasteringError> {
        let mut text = serde_json::to_string(line).unwrap_or_default();
        text.push('\n');
        self.file
            .write_all(text.as_bytes())
            .and_then(|()| self.file.sync_all())
            .map_err(|source| MasteringError::File {
                act: "write",
                path: self.path.clone(),
                source,
            })
    }
}

impl Drop for WorkNote {
    fn drop(&mut self) {
        if !self.keep {
            // A note that stays is settled later.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl AbandonedNote {
    /// Removes the note: its matter is settled.
    pub(crate) fn remove(self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// The titles that notes are about, of live processes or not.
pub(crate) fn noted_titles(root: &Path) -> BTreeSet<TitleId> {
    paths(root)
        .filter(|path| path.extension().is_some_and(|kind| kind == TITLE))
        .filter_map(|path| TitleId::parse(path.file_stem()?.to_str()?))
        .collect()
}

/// The notes of processes that are gone.
pub(crate) fn abandoned(root: &Path) -> Vec<AbandonedNote> {
    paths(root)
        .filter_map(|path| open_abandoned(&path))
        .collect()
}

fn paths(root: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(root.join(FOLDER));
    entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
}

fn open_abandoned(path: &Path) -> Option<AbandonedNote> {
    let id = path.file_stem()?.to_str()?.to_owned();
    let kind = path.extension()?.to_str()?;
    let mut file = OpenOptions::new().read(true).write(true).open(path).ok()?;
    file.try_lock().ok()?;
    if !is_at(&file, path) {
        return None;
    }
    let about = match kind {
        TITLE => About::Title(TitleId::parse(&id)?),
        DELIVERY => {
            let mut text = String::new();
            file.read_to_string(&mut text).ok()?;
            let mut lines = text.lines();
            About::Delivery {
                id: DeliveryId::parse(&id)?,
                output: lines.next().and_then(output_of),
                outcome: lines.next().and_then(outcome_of),
            }
        }
        _ => return None,
    };
    Some(AbandonedNote {
        path: path.to_owned(),
        _locked: file,
        about,
    })
}

fn output_of(line: &str) -> Option<PathBuf> {
    let line: OutputLine = serde_json::from_str(line).ok()?;
    let bytes = from_hex(&line.output)?;
    Some(PathBuf::from(std::ffi::OsString::from_vec(bytes)))
}

fn outcome_of(line: &str) -> Option<DeliveryOutcome> {
    let line: OutcomeLine = serde_json::from_str(line).ok()?;
    Some(DeliveryOutcome {
        frames: line.frames,
        psnr_y_db: line.psnr_y_db.unwrap_or(f64::INFINITY),
        output_sha256: from_hex(&line.sha256)?.try_into().ok()?,
    })
}

/// Whether `path` still names the open `file`.
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(file), Ok(path)) => file.dev() == path.dev() && file.ino() == path.ino(),
        _ => false,
    }
}

fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

fn from_hex(hex: &str) -> Option<Vec<u8>> {
    if !hex.is_ascii() || !hex.len().is_multiple_of(2) {
        return None;
    }
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> DeliveryId {
        DeliveryId::parse("000102030405060708090a0b0c0d0e0f").expect("32 digits")
    }

    #[test]
    fn a_live_note_is_not_abandoned_and_a_dropped_one_is_gone() {
        let root = tempfile::tempdir().expect("a folder");
        let note = WorkNote::of_delivery(root.path(), id(), Path::new("a.mp4")).expect("a note");
        assert!(abandoned(root.path()).is_empty());
        drop(note);
        assert!(abandoned(root.path()).is_empty());
        assert_eq!(
            fs::read_dir(root.path().join(FOLDER))
                .expect("a folder")
                .count(),
            0
        );
    }

    #[test]
    fn a_note_that_was_left_says_what_its_process_knew() {
        let root = tempfile::tempdir().expect("a folder");
        let output = Path::new("/films/Br\u{fc}cke\n.mp4");
        let outcome = DeliveryOutcome {
            frames: 48,
            psnr_y_db: f64::INFINITY,
            output_sha256: [7; 32],
        };
        let mut note = WorkNote::of_delivery(root.path(), id(), output).expect("a note");
        note.outcome(&outcome).expect("written");
        note.leave();
        let [note] = &abandoned(root.path())[..] else {
            panic!("one note")
        };
        let About::Delivery {
            id: found,
            output: to,
            outcome: made,
        } = &note.about
        else {
            panic!("a delivery's")
        };
        assert_eq!((*found, to.as_deref()), (id(), Some(output)));
        assert_eq!(made.as_ref(), Some(&outcome));
    }

    #[test]
    fn a_line_cut_short_is_no_outcome() {
        let root = tempfile::tempdir().expect("a folder");
        let note = WorkNote::of_delivery(root.path(), id(), Path::new("/a.mp4")).expect("a note");
        let path = note.path.clone();
        note.leave();
        let mut file = OpenOptions::new()
            .append(true)
            .open(path)
            .expect("the note");
        file.write_all(b"{\"frames\":48,\"psn").expect("written");
        let [note] = &abandoned(root.path())[..] else {
            panic!("one note")
        };
        assert!(matches!(
            &note.about,
            About::Delivery {
                output: Some(_),
                outcome: None,
                ..
            }
        ));
    }
}
