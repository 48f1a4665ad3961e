//! The files of a register in a folder.

use std::path::{Path, PathBuf};

use crate::private_file;

pub(super) const DATABASE: &str = "vault.db";

/// The database and what SQLite keeps beside it.
pub(crate) fn files(root: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|ending| root.join(format!("{DATABASE}{ending}")))
}

/// Takes from others what 0.1.0 let them read. What cannot be changed is named by a check.
pub(super) fn tighten(root: &Path) {
    let _ = private_file::close(root, 0o700);
    for file in files(root) {
        let _ = private_file::close(&file, 0o600);
    }
}
