//! The database as it is at one moment, in a file of its own.
//!
//! ```text
//! vault.db and its log, read under one lock -> a new file, without a log -> PRAGMA integrity_check
//! ```
//!
//! # References
//! SQLite, "Online Backup API": one step over all pages holds the lock of a reader, so that writers go on beside it.

use std::path::Path;

use rusqlite::{Connection, backup::Backup};

use super::failure::database_error;
use super::pool::{Mode, connect};
use super::snapshot::{self, SnapshotError};
use crate::{RegisterError, private_file};

/// Copies the database at `from` into the new file `to`, mode 0600, and looks through the copy.
///
/// # Errors
/// [`RegisterError::NotARegister`] where the copy is no sound database; when a file cannot be read or written.
pub fn copy_database(from: &Path, to: &Path) -> Result<(), RegisterError> {
    private_file::create(to).map_err(RegisterError::file("create", to))?;
    let source = match connect(from, Mode::ReadOnly).and_then(|db| readable(&db).map(|()| db)) {
        Ok(db) => db,
        // Without a place for the log's index it is read from memory.
        Err(_) => snapshot::load(from).map_err(|error| match error {
            SnapshotError::Database(error) => database_error(from, error),
            SnapshotError::Io(error) => RegisterError::file("copy", from)(error),
            other => RegisterError::Backend {
                place: crate::Place::folder(from),
                source: other.into(),
            },
        })?,
    };
    let failure = |error| database_error(to, error);
    let mut copy = connect(to, Mode::ReadWrite).map_err(failure)?;
    Backup::new(&source, &mut copy)
        .and_then(|backup| backup.step(-1))
        .map_err(failure)?;
    let found: String = copy
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .map_err(failure)?;
    copy.close().map_err(|(_, error)| failure(error))?;
    if found != "ok" {
        return Err(RegisterError::NotARegister {
            database: from.to_path_buf(),
        });
    }
    Ok(())
}

fn readable(db: &Connection) -> rusqlite::Result<()> {
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}
