//! Who can read and write the files of a register in a folder.
//!
//! ```text
//! <vault> 0700    vault.db, -wal, -shm 0600    secret 0700, its files 0600    running 0700, its files 0600
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
};

pub use crate::exposure::refuse_writable;
use crate::{Finding, claim, exposure::finding_of, secret, sqlite};

/// What is open to others of the register in the folder `root`, whether it can be opened or not.
#[must_use]
pub fn open_files(root: &Path) -> Vec<Finding> {
    let mut found: Vec<Finding> = finding_of(root, 0o700).into_iter().collect();
    let database = sqlite::files::files(root).into_iter();
    found.extend(database.filter_map(|file| finding_of(&file, 0o600)));
    found.extend(open_in(&secret::directory(root)));
    found.extend(open_in(&claim::folder_in(root)));
    found
}

/// What is open to others of a folder and the files and folders in it; one that is not there is no finding.
#[must_use]
pub fn open_in(folder: &Path) -> Vec<Finding> {
    let mut found: Vec<Finding> = finding_of(folder, 0o700).into_iter().collect();
    let mut paths: Vec<PathBuf> = match fs::read_dir(folder) {
        Ok(entries) => entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect(),
        // What cannot be looked into was named above, or is not there.
        Err(_) => Vec::new(),
    };
    paths.sort();
    for path in paths {
        let is_folder = path.symlink_metadata().is_ok_and(|entry| entry.is_dir());
        if is_folder {
            found.extend(open_in(&path));
        } else {
            found.extend(finding_of(&path, 0o600));
        }
    }
    found
}
