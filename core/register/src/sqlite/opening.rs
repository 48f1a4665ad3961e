//! Opening a database: the newest schema, written where it can be, else read.

use std::{path::Path, sync::Mutex};

use rusqlite::{Connection, MAIN_DB};

use super::{
    failure::{
        database_error, is_index_unwritable, is_protected, is_write_refused, migration_error,
    },
    migrate::{self, Occasion},
    pool::{Mode, Pool, connect},
    snapshot::{self, SnapshotError},
};
use crate::{
    Access, Claims, Place, RegisterError,
    ledger::key::LedgerKey,
    secret::{self, StoredSecret},
};

/// A database that is open.
pub(super) struct Opened {
    pub(super) pool: Pool,
    pub(super) access: Access,
    pub(super) full: bool,
    /// Whether the database on disk had the newest schema already.
    pub(super) was_latest: bool,
}

/// The database of an existing register with the newest schema, written where it can be.
pub(super) fn open_database(
    root: &Path,
    database: &Path,
    claims: &Claims,
    secret: &StoredSecret,
) -> Result<Opened, RegisterError> {
    let place = Place::folder(root);
    let refused = match connect(database, Mode::ReadWrite).and_then(|db| {
        let found = migrate::version(&db)?;
        Ok((db.is_readonly(MAIN_DB)?, found, db))
    }) {
        Ok((false, found, db)) => {
            let found = known(database, &place, found)?;
            check_secret(root, database, &db, secret)?;
            match migrated(database, db, found, claims, &secret.ledger) {
                Ok(db) => {
                    let pool = Pool::of_file(database.to_path_buf(), Mode::ReadWrite, db);
                    return Ok(Opened {
                        pool,
                        access: Access::ReadWrite,
                        full: false,
                        was_latest: found == migrate::LATEST,
                    });
                }
                Err(RegisterError::ReadOnly { .. }) => None,
                Err(RegisterError::File { source, .. }) if is_protected(&source) => None,
                Err(error) => return Err(error),
            }
        }
        Ok((true, ..)) => None,
        Err(error) if is_write_refused(&error) => Some(error),
        Err(error) => return Err(database_error(database, error)),
    };
    let full = refused.as_ref().is_some_and(is_index_unwritable);
    // Beside a writer SQLite reads what is there, and sees what comes.
    if let Ok(db) = connect(database, Mode::ReadOnly)
        && let Ok(found) = migrate::version(&db)
        && known(database, &place, found)? == migrate::LATEST
    {
        check_secret(root, database, &db, secret)?;
        let pool = Pool::of_file(database.to_path_buf(), Mode::ReadOnly, db);
        return Ok(Opened {
            pool,
            access: Access::ReadOnly,
            full,
            was_latest: true,
        });
    }
    let copied = snapshot::load(database).and_then(|mut db| {
        let found = migrate::version(&db)?;
        if found.is_some_and(|found| (1..migrate::LATEST).contains(&found)) {
            migrate::migrate(&mut db, Occasion::Copy, &secret.ledger)
                .map_err(SnapshotError::from)?;
        }
        db.pragma_update(None, "query_only", true)?;
        Ok((db, found))
    });
    match (copied, refused) {
        (Ok((db, found)), _) => {
            let found = known(database, &place, found)?;
            check_secret(root, database, &db, secret)?;
            Ok(Opened {
                pool: Pool::Memory(Mutex::new(db)),
                access: Access::ReadOnly,
                full,
                was_latest: found == migrate::LATEST,
            })
        }
        (Err(SnapshotError::Database(error)), _) | (Err(_), Some(error)) => {
            Err(database_error(database, error))
        }
        (Err(SnapshotError::Io(error)), None) => Err(RegisterError::file("copy", database)(error)),
        (Err(error), None) => Err(RegisterError::Backend {
            place,
            source: error.into(),
        }),
    }
}

/// Whether `database` is a register that this program can read, where its secret cannot be.
pub(super) fn peek(root: &Path, database: &Path) -> Result<(), RegisterError> {
    let found = connect(database, Mode::ReadOnly)
        .and_then(|db| migrate::version(&db))
        .map_err(|error| database_error(database, error))?;
    known(database, &Place::folder(root), found).map(|_| ())
}

/// Whether the secret is the register's, before anything is authenticated with it.
fn check_secret(
    root: &Path,
    database: &Path,
    db: &Connection,
    secret: &StoredSecret,
) -> Result<(), RegisterError> {
    let check: String = db
        .query_row(
            "SELECT value FROM meta WHERE name = 'owner_secret_check'",
            [],
            |row| row.get(0),
        )
        .map_err(|error| database_error(database, error))?;
    if check == secret.check {
        Ok(())
    } else {
        Err(RegisterError::SecretForeign {
            secret: secret::path(root),
        })
    }
}

/// The version, if this program can use it.
fn known(database: &Path, place: &Place, found: Option<i64>) -> Result<i64, RegisterError> {
    let place = place.clone();
    match found {
        None => Err(RegisterError::NotARegister {
            database: database.to_path_buf(),
        }),
        Some(0) => Err(RegisterError::Unfinished { place }),
        Some(found) if found > migrate::LATEST => Err(newer(place, found)),
        Some(found) => Ok(found),
    }
}

pub(super) fn newer(place: Place, found: i64) -> RegisterError {
    RegisterError::Newer {
        place,
        found,
        known: migrate::LATEST,
    }
}

/// Brings an older database up to date; programs that do so at once queue.
fn migrated(
    database: &Path,
    mut db: Connection,
    found: i64,
    claims: &Claims,
    key: &LedgerKey,
) -> Result<Connection, RegisterError> {
    if found == migrate::LATEST {
        return Ok(db);
    }
    claims.alone(migrate::LOCK, || {
        let from = schema_of(database, &db)?;
        if from >= migrate::LATEST {
            return Ok(());
        }
        match migrate::migrate(&mut db, Occasion::Upgrade { from }, key) {
            // Without locks another program may have come first.
            Err(_) if schema_of(database, &db)? >= migrate::LATEST => Ok(()),
            result => result.map_err(|error| migration_error(database, error)),
        }
    })??;
    Ok(db)
}

pub(super) fn schema_of(database: &Path, db: &Connection) -> Result<i64, RegisterError> {
    migrate::version(db)
        .map_err(|error| database_error(database, error))?
        .ok_or_else(|| RegisterError::NotARegister {
            database: database.to_path_buf(),
        })
}
