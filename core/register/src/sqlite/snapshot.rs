//! A register whose place cannot be written, read into memory.
//!
//! SQLite wants to write even while it reads a database with a write-ahead log: its index lies in a file beside it. Where that
//! cannot be made, database and log are copied to a private folder, read there, and the folder is removed at once. What
//! somebody else writes meanwhile is not seen; a copy that was taken while files changed is taken again.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use rusqlite::{Connection, backup::Backup};

use super::pool::{Mode, connect};

/// Copies taken before giving up on files that change all the time.
const ATTEMPTS: u32 = 5;

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub(super) enum SnapshotError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    #[error(transparent)]
    Migration(#[from] rusqlite_migration::Error),
    #[error("the files change while they are read")]
    Changing,
}

/// The database of `file` in memory, with what its log holds.
pub(super) fn load(file: &Path) -> Result<Connection, SnapshotError> {
    for _ in 0..ATTEMPTS {
        let folder = tempfile::Builder::new().prefix("countermark-").tempdir()?;
        let copy = folder.path().join("register.db");
        let before = stamps(file)?;
        fs::copy(file, &copy)?;
        match fs::copy(log_of(file), log_of(&copy)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        if stamps(file)? != before {
            continue;
        }
        writable(&copy)?;
        if log_of(&copy).exists() {
            writable(&log_of(&copy))?;
        }
        let source = connect(&copy, Mode::ReadWrite)?;
        let mut memory = Connection::open_in_memory()?;
        Backup::new(&source, &mut memory)?.step(-1)?;
        // A copied page 1 says "log", which memory has not.
        memory.pragma_update(None, "foreign_keys", true)?;
        return Ok(memory);
    }
    Err(SnapshotError::Changing)
}

/// `NAME-wal` beside the database.
fn log_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Size and time of database and log.
fn stamps(database: &Path) -> io::Result<[Option<(u64, SystemTime)>; 2]> {
    let stamp = |path: &Path| match fs::metadata(path) {
        Ok(metadata) => Ok(Some((metadata.len(), metadata.modified()?))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    };
    Ok([stamp(database)?, stamp(&log_of(database))?])
}

/// A copy has the permissions of what it is of.
#[cfg(unix)]
fn writable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn writable(path: &Path) -> io::Result<()> {
    let mut permissions = fs::metadata(path)?.permissions();
    permissions.set_readonly(false);
    fs::set_permissions(path, permissions)
}
