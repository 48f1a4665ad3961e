//! A vault in a folder of its own, and back.
//!
//! ```text
//! vault -> .NAME.tmp: remembered head, database, secrets, references, index -> gone through as a vault -> manifest -> NAME
//! NAME  -> manifest: every file and its SHA-256 -> .VAULT.tmp -> gone through as a vault -> VAULT
//! ```
//!
//! Both are whole or not there: a killed process leaves a hidden folder and nothing under the name. The remembered head is copied
//! before the database, because a ledger may be newer than it and never older. What a desk has on record comes with it: its database, as it
//! is at one moment while the desk serves, and the key of its webhooks. Clips that were sent to a desk, what it keeps of jobs beside their
//! results, and claims of work under way do not.
//!
//! # Shapes and units
//! `manifest.json` names every other file of the backup by its path in it, with its bytes and SHA-256. Folders have mode 0700, files
//! 0600: a backup holds the secrets of the vault.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use countermark_register::{Checksum, RegisterError, Timestamp, copy_database, private_file};
use serde::{Deserialize, Serialize};

use crate::{Vault, VaultCheck};

mod digest;
mod error;
mod folder;

use digest::checksum;
pub use error::BackupError;
use folder::{Draft, copy, files_below};

const MANIFEST: &str = "manifest.json";
/// Version of a backup's form; without a desk's record older programs read it as well.
const VERSION: u32 = 2;
const WITHOUT_DESK: u32 = 1;
const DATABASE: &str = "vault.db";
const REMEMBERED_HEAD: &str = "secret/ledger.head";
/// Whatever else belongs to a vault.
const FOLDERS: [&str; 3] = ["secret", "references", "index"];
/// What a desk has on record.
const DESK_DATABASE: &str = "desk/desk.db";
const DESK_KEY: &str = "desk/webhooks.key";
/// Says that the vault's making was interrupted, which is over where a backup is made.
const UNFINISHED: &str = "secret/unfinished";

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this form.
    pub countermark_backup: u32,
    /// When it was made, RFC 3339.
    pub made: String,
    /// Entries of the ledger; none where the vault could not be opened.
    pub entries: Option<i64>,
    /// Hash of the newest one.
    pub head: Option<String>,
    /// Every file, by name.
    pub files: Vec<BackedUp>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackedUp {
    /// Its path, with `/` between names.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// SHA-256 of them, hex.
    pub sha256: String,
}

/// A backup that was made, or a vault that was restored.
#[derive(Debug)]
#[non_exhaustive]
pub struct Copied {
    /// What it holds.
    pub manifest: Manifest,
    /// What going through the new folder as a vault came to.
    pub check: VaultCheck,
}

impl Manifest {
    /// Bytes of all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// Writes a backup of the vault at `root` into the new folder `target`, while others may work with the vault.
///
/// # Errors
/// [`BackupError::Exists`]; when the vault cannot be read or the backup not be written: nothing has its name then.
pub fn backup(
    root: &Path,
    target: &Path,
    cancelled: &dyn Fn() -> bool,
) -> Result<Copied, BackupError> {
    if !root.join(DATABASE).is_file() {
        let place = countermark_register::Place::folder(root);
        return Err(RegisterError::Missing { place }.into());
    }
    let draft = Draft::of(target)?;
    let inside = draft.path();
    copy(root, inside, Path::new(REMEMBERED_HEAD), cancelled)?;
    copy_database(&root.join(DATABASE), &inside.join(DATABASE))?;
    let has_desk = root.join(DESK_DATABASE).is_file();
    if has_desk {
        copy(root, inside, Path::new(DESK_KEY), cancelled)?;
        copy_database(&root.join(DESK_DATABASE), &inside.join(DESK_DATABASE))?;
    }
    for folder in FOLDERS {
        for path in files_below(root, Path::new(folder))? {
            let is_copied = inside.join(&path).exists();
            if !is_copied && path != Path::new(UNFINISHED) {
                copy(root, inside, &path, cancelled)?;
            }
        }
    }
    // Before anything is hashed: a vault that is opened may remember a newer head.
    let check = Vault::check(inside, None, cancelled)?;
    draft.forget("running")?;
    let is_known = check.entries > 0;
    let manifest = Manifest {
        countermark_backup: if has_desk { VERSION } else { WITHOUT_DESK },
        made: Timestamp::now().to_string(),
        entries: is_known.then_some(check.entries),
        head: is_known.then(|| check.head.clone()),
        files: described(inside, cancelled)?,
    };
    let path = inside.join(MANIFEST);
    let text = serde_json::to_vec_pretty(&manifest).map_err(io::Error::from);
    text.and_then(|text| private_file::write(&path, &text, private_file::Existing::Keep))
        .map_err(BackupError::file("write", &path))?;
    draft.publish()?;
    Ok(Copied { manifest, check })
}

/// Makes the vault at `root` from a backup. `noted_head` is a head that somebody noted elsewhere: a ledger that does not know it is
/// older than that, which [`VaultCheck::problems`] says.
///
/// # Errors
/// [`BackupError::Exists`] where `root` is there; [`BackupError::NotABackup`], [`BackupError::Newer`], [`BackupError::Differs`];
/// when something cannot be read or written: nothing has the vault's name then.
pub fn restore(
    backup: &Path,
    root: &Path,
    noted_head: Option<&str>,
    cancelled: &dyn Fn() -> bool,
) -> Result<Copied, BackupError> {
    let manifest = manifest_of(backup)?;
    let draft = Draft::of(root)?;
    for file in &manifest.files {
        let path = inside_path(backup, &file.path)?;
        copy(backup, draft.path(), &path, cancelled)?;
        let copied = draft.path().join(&path);
        let found = checksum(&copied, cancelled)?;
        if (found.bytes, found.sha256.to_string()) != (file.bytes, file.sha256.clone()) {
            let path = backup.join(path);
            return Err(BackupError::Differs { path });
        }
    }
    let check = Vault::check(draft.path(), noted_head, cancelled)?;
    draft.publish()?;
    Ok(Copied { manifest, check })
}

/// The manifest of the backup at `backup`.
///
/// # Errors
/// [`BackupError::NotABackup`], [`BackupError::Newer`].
pub fn manifest_of(backup: &Path) -> Result<Manifest, BackupError> {
    let no_backup = || BackupError::NotABackup {
        path: backup.to_path_buf(),
    };
    let path = backup.join(MANIFEST);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(BackupError::file("read", &path)(error));
        }
        Err(_) => return Err(no_backup()),
    };
    let value: serde_json::Value = serde_json::from_slice(&text).map_err(|_| no_backup())?;
    match value["countermark_backup"].as_u64() {
        Some(found) if found > u64::from(VERSION) => Err(BackupError::Newer { found }),
        Some(_) => serde_json::from_value(value).map_err(|_| no_backup()),
        None => Err(no_backup()),
    }
}

/// A path of a manifest, which leads nowhere but into the backup.
fn inside_path(backup: &Path, name: &str) -> Result<PathBuf, BackupError> {
    let path = PathBuf::from(name);
    let is_inside = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let is_alone = [DATABASE, DESK_DATABASE, DESK_KEY].contains(&name);
    let is_of_a_vault = is_alone || FOLDERS.iter().any(|folder| path.starts_with(folder));
    if is_inside && is_of_a_vault {
        Ok(path)
    } else {
        Err(BackupError::NotABackup {
            path: backup.to_path_buf(),
        })
    }
}

/// Every file that a backup is to hold, read back from the disk.
fn described(inside: &Path, cancelled: &dyn Fn() -> bool) -> Result<Vec<BackedUp>, BackupError> {
    let mut paths = vec![PathBuf::from(DATABASE)];
    let desk = [DESK_DATABASE, DESK_KEY].map(PathBuf::from);
    paths.extend(desk.into_iter().filter(|path| inside.join(path).is_file()));
    for folder in FOLDERS {
        paths.extend(files_below(inside, Path::new(folder))?);
    }
    let described = paths.into_iter().map(|path| {
        let Checksum { bytes, sha256 } = checksum(&inside.join(&path), cancelled)?;
        let names: Vec<_> = path.iter().map(|name| name.to_string_lossy()).collect();
        Ok(BackedUp {
            path: names.join("/"),
            bytes,
            sha256: sha256.to_string(),
        })
    });
    described.collect()
}
