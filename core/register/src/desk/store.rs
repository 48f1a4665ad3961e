//! The desk's database.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use rusqlite_migration::{M, Migrations};

use crate::private_file;

/// Seconds for which answers are kept for the same key.
const KEPT_MILLIS: i64 = 24 * 3600 * 1000;

/// The schema, step by step.
const MIGRATIONS: &[M<'_>] = &[
    M::up(include_str!("desk_1.sql")),
    M::up(include_str!("desk_2.sql")),
    M::up(include_str!("desk_3.sql")),
    M::up(include_str!("desk_4.sql")),
    M::up(include_str!("desk_5.sql")),
];

/// What keeps the desk's record from being used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// Another server works on this vault.
    #[error("another desk serves this vault")]
    Taken,
    /// A file cannot be used.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database refuses.
    #[error("the desk's record cannot be used")]
    Database(#[from] rusqlite::Error),
    /// Its schema is newer than this program, or cannot be made.
    #[error("the desk's record cannot be brought up to date")]
    Schema(#[from] rusqlite_migration::Error),
    /// The system gives no random bytes.
    #[error("no random bytes: {0}")]
    NoRandomness(getrandom::Error),
    /// There is no such thing.
    #[error("there is no {what} {id}")]
    Missing {
        /// What.
        what: &'static str,
        /// Its identifier.
        id: String,
    },
    /// A name or a text cannot be used.
    #[error("{0}")]
    Refused(&'static str),
    /// A name is on record already that is given once.
    #[error("{0}")]
    Known(&'static str),
    /// The same key was sent with another request.
    #[error("this idempotency key was used for another request")]
    KeyReused,
}

/// Which rows of a list: the newest first, from before that number on.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Rows at most.
    pub limit: u32,
    /// Only those with a lower number.
    pub before: Option<i64>,
}

/// The desk's record, shared between threads.
#[derive(Debug)]
pub struct DeskStore {
    folder: PathBuf,
    db: Mutex<Connection>,
    /// Nobody else serves the vault meanwhile.
    _lock: File,
}

impl DeskStore {
    /// Opens the record of the vault in the folder `root`, for one server at a time; makes it where there is none.
    ///
    /// # Errors
    /// [`DeskError::Taken`] and those of files and the database.
    pub fn open(root: &Path) -> Result<Self, DeskError> {
        let folder = root.join("desk");
        let (uploads, kept) = (folder.join("uploads"), folder.join("kept"));
        for new in [&folder, &uploads, &kept] {
            private_file::create_directory(new).map_err(|source| DeskError::File {
                path: new.clone(),
                source,
            })?;
        }
        let path = folder.join("desk.lock");
        let lock = private_file::create(&path).and_then(|()| File::open(&path));
        let lock = lock.map_err(|source| DeskError::File { path, source })?;
        lock.try_lock().map_err(|_| DeskError::Taken)?;
        let path = folder.join("desk.db");
        private_file::create(&path).map_err(|source| DeskError::File {
            path: path.clone(),
            source,
        })?;
        let mut db = Connection::open(&path)?;
        db.busy_timeout(std::time::Duration::from_secs(30))?;
        db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "foreign_keys", true)?;
        db.set_transaction_behavior(TransactionBehavior::Immediate);
        Migrations::from_slice(MIGRATIONS).to_latest(&mut db)?;
        Ok(Self {
            folder,
            db: Mutex::new(db),
            _lock: lock,
        })
    }

    /// Where the bytes of uploads are.
    #[must_use]
    pub fn uploads_folder(&self) -> PathBuf {
        self.folder.join("uploads")
    }

    /// The desk's own folder in the vault.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where pages, frames and bundles of jobs are, a folder for each job.
    #[must_use]
    pub fn kept_folder(&self) -> PathBuf {
        self.folder.join("kept")
    }

    /// Runs `work` in one transaction: all of it or nothing.
    pub(super) fn act<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        // A transaction that a panic ended was rolled back.
        let mut db = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = db.transaction()?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// What was answered to a request with that key, of whoever sent it.
    ///
    /// # Errors
    /// [`DeskError::KeyReused`] when it was another request.
    pub fn kept_answer(
        &self,
        (owner, key, request): (&str, &str, &str),
    ) -> Result<Option<(u16, String)>, DeskError> {
        let known = self.act(|db| {
            let old = now() - KEPT_MILLIS;
            db.execute("DELETE FROM kept_answers WHERE created < ?1", params![old])?;
            let query =
                "SELECT request, status, body FROM kept_answers WHERE owner = ?1 AND key = ?2";
            let row = db.query_row(query, params![owner, key], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
            });
            Ok(row.optional()?)
        })?;
        match known {
            None => Ok(None),
            Some((same, status, body)) if same == request => Ok(Some((status, body))),
            Some(_) => Err(DeskError::KeyReused),
        }
    }

    /// Keeps an answer for whoever sends the same request with the same key again.
    ///
    /// # Errors
    /// Those of the database.
    pub fn keep_answer(
        &self,
        (owner, key, request): (&str, &str, &str),
        (status, body): (u16, &str),
    ) -> Result<(), DeskError> {
        self.act(|db| {
            db.execute(
                "INSERT OR IGNORE INTO kept_answers VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![owner, key, request, status, body, now()],
            )?;
            Ok(())
        })
    }
}

/// Milliseconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_millis() as i64
}

/// A fresh identifier.
pub(super) fn fresh() -> Result<String, DeskError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(DeskError::NoRandomness)?;
    Ok(crate::hex::to_hex(&bytes))
}

/// A name or text that may be kept and shown.
pub(super) fn text(text: &str, most: usize) -> Result<&str, DeskError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DeskError::Refused("a name or text is empty"));
    }
    if text.chars().count() > most {
        return Err(DeskError::Refused("a name or text is too long"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(DeskError::Refused("a name or text has control characters"));
    }
    Ok(text)
}
