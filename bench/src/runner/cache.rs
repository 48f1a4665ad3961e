//! Marked copies and references that several suites share, in a folder that any number of runs may use at a time.
//!
//! ```text
//! entry = SHA-256(program, system, clip, cut, format, seed, title, copies made, deliveries on record)
//! ```
//!
//! An entry is a folder that appears whole or not at all (written beside, then renamed), and is copied out, never used in
//! place: a register changes when it is asked. Each file is held against its hash; a damaged entry counts as none. An entry
//! of another build has another name, so old ones do no harm and may be deleted at any time.
//!
//! # Shapes and units
//! Hashes are SHA-256 in 64 hex digits.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::provenance::{RunHead, hash_of, hex};
use crate::subject::{MarkedCopy, Preparation, Prepared};

/// What an entry holds, in `entry.json`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Entry {
    /// Hash of each file by its path in the entry.
    files: BTreeMap<PathBuf, String>,
    /// The master in it; none where the clip itself is marked.
    master: Option<PathBuf>,
    copies: Vec<Copy>,
    frames: u64,
    seconds_a_copy: f64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Copy {
    distributor: String,
    payload: String,
    file: PathBuf,
}

/// A folder of entries.
#[derive(Debug)]
pub(super) struct Cache<'a> {
    folder: &'a Path,
    head: &'a RunHead,
    /// What is under test, by a name that changes with it.
    system: String,
}

const MANIFEST: &str = "entry.json";

/// Folders that are being written have names of their own.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

impl<'a> Cache<'a> {
    pub(super) fn new(folder: &'a Path, head: &'a RunHead, system: String) -> Self {
        Self {
            folder,
            head,
            system,
        }
    }

    fn entry(&self, clip: &str, first_seconds: Option<f64>, with: &Preparation<'_>) -> PathBuf {
        let hash = self.head.measured.clips.get(clip);
        let parts = [
            "countermark bench cache 1",
            &self.head.measured.program,
            &self.system,
            hash.map_or("", String::as_str),
            &format!("{first_seconds:?}"),
            &self.head.format.to_string(),
            &hex(&with.seed),
            with.title,
            &with.marked.to_string(),
            &with.registered.to_string(),
            &format!("{:?}", self.head.measured.libraries),
        ];
        let mut key = Sha256::new();
        for part in parts {
            key.update((part.len() as u64).to_le_bytes());
            key.update(part);
        }
        self.folder.join(hex(&key.finalize()))
    }

    /// Copies an entry into `folder`, whose register is then `with.register`; none if there is no such entry.
    ///
    /// # Errors
    /// When an entry is damaged or cannot be copied; `folder` may hold a part of it.
    pub(super) fn take(
        &self,
        (clip, file): (&str, &Path),
        first_seconds: Option<f64>,
        with: &Preparation<'_>,
        folder: &Path,
    ) -> Result<Option<Prepared>> {
        let from = self.entry(clip, first_seconds, with);
        let manifest = from.join(MANIFEST);
        if !manifest.exists() {
            return Ok(None);
        }
        let entry: Entry = serde_json::from_slice(&fs::read(&manifest)?)?;
        copy_tree(&from, folder)?;
        fs::remove_file(folder.join(MANIFEST))?;
        for (name, hash) in &entry.files {
            let found = hash_of(&folder.join(name))?;
            ensure!(found == *hash, "{} is damaged", name.display());
        }
        let copies = entry.copies.into_iter().map(|copy| MarkedCopy {
            distributor: copy.distributor,
            payload: copy.payload,
            file: folder.join(copy.file),
        });
        let master = entry
            .master
            .map_or_else(|| file.to_owned(), |master| folder.join(master));
        Ok(Some(Prepared {
            copies: copies.collect(),
            frames: entry.frames,
            seconds_a_copy: entry.seconds_a_copy,
            ..with.without_copies(&master, folder)
        }))
    }

    /// Keeps what was just prepared in its folder, before anything is asked of it.
    ///
    /// # Errors
    /// When it cannot be written: the run goes on without.
    pub(super) fn keep(
        &self,
        clip: &str,
        first_seconds: Option<f64>,
        with: &Preparation<'_>,
        prepared: &Prepared,
    ) -> Result<()> {
        let target = self.entry(clip, first_seconds, with);
        if target.exists() {
            return Ok(());
        }
        let within = |file: &Path| file.strip_prefix(&prepared.folder).map(Path::to_owned);
        let copies = prepared.copies.iter().map(|copy| {
            Ok(Copy {
                distributor: copy.distributor.clone(),
                payload: copy.payload.clone(),
                file: within(&copy.file)?,
            })
        });
        let mut entry = Entry {
            files: BTreeMap::new(),
            master: within(&prepared.master).ok(),
            copies: copies.collect::<Result<_>>()?,
            frames: prepared.frames,
            seconds_a_copy: prepared.seconds_a_copy,
        };
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let beside = self
            .folder
            .join(format!("new-{}-{number}", std::process::id()));
        let written = copy_tree(&prepared.folder, &beside).and_then(|files| {
            for file in files {
                let hash = hash_of(&beside.join(&file))?;
                entry.files.insert(file, hash);
            }
            fs::write(beside.join(MANIFEST), serde_json::to_string(&entry)?)?;
            // Another run may have been faster: its entry is as good.
            fs::rename(&beside, &target)
                .or_else(|error| if target.exists() { Ok(()) } else { Err(error) })?;
            Ok(())
        });
        if beside.exists() {
            fs::remove_dir_all(&beside)?;
        }
        written.with_context(|| format!("cannot keep copies in {}", self.folder.display()))
    }
}

/// Copies a folder with its permissions into `to`, which is made; the files by their paths in it.
fn copy_tree(from: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let (source, target) = (from.join(&folder), to.join(&folder));
        fs::create_dir_all(&target).with_context(|| format!("cannot make {}", target.display()))?;
        for entry in fs::read_dir(&source)? {
            let entry = entry?;
            let name = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(name);
            } else {
                fs::copy(entry.path(), to.join(&name))?;
                files.push(name);
            }
        }
        fs::set_permissions(&target, fs::metadata(&source)?.permissions())?;
    }
    Ok(files)
}
