//! What SQLite's errors mean for a register.

use std::{io, path::Path};

use rusqlite::{
    ErrorCode,
    ffi::{SQLITE_CONSTRAINT_UNIQUE, SQLITE_IOERR_SHMSIZE},
};

use super::pool::is_busy;
use crate::{Place, RegisterError};

/// Whether an error says that something beside the database cannot be written, so that it can still be read.
pub(super) fn is_write_refused(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
    ) || is_index_unwritable(error)
}

/// The index of the log is made when a database is opened, and has no room on a full disk.
pub(super) fn is_index_unwritable(error: &rusqlite::Error) -> bool {
    error
        .sqlite_error()
        .is_some_and(|error| error.extended_code == SQLITE_IOERR_SHMSIZE)
}

pub(super) fn is_protected(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::StorageFull
    )
}

pub(super) fn database_error(database: &Path, source: rusqlite::Error) -> RegisterError {
    let place = Place::folder(database);
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => RegisterError::NotARegister {
            database: database.to_path_buf(),
        },
        Some(ErrorCode::DiskFull) => RegisterError::DiskFull { place },
        _ if is_index_unwritable(&source) => RegisterError::DiskFull { place },
        Some(ErrorCode::ReadOnly) => RegisterError::ReadOnly { place },
        _ if is_busy(&source) => RegisterError::Busy { place },
        Some(ErrorCode::CannotOpen) => {
            RegisterError::file("open", database)(io::Error::other(source))
        }
        _ => RegisterError::Backend {
            place,
            source: source.into(),
        },
    }
}

pub(super) fn migration_error(database: &Path, error: rusqlite_migration::Error) -> RegisterError {
    match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => database_error(database, err),
        other => RegisterError::Backend {
            place: Place::folder(database),
            source: other.into(),
        },
    }
}

/// Whether an insertion failed because another row has the name.
pub(super) fn is_taken(error: &RegisterError) -> bool {
    matches!(error, RegisterError::Backend { source, .. } if source
        .downcast_ref::<rusqlite::Error>()
        .and_then(rusqlite::Error::sqlite_error)
        .is_some_and(|error| error.extended_code == SQLITE_CONSTRAINT_UNIQUE))
}
