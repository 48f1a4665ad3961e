//! Connections to one database, each used by one thread at a time.
//!
//! A connection is taken out for a query and put back after it; a thread that finds none opens one. What lives in memory
//! has one connection, and threads queue for it.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

/// How long one process waits for another one's transaction.
const PATIENCE: Duration = Duration::from_secs(30);

/// Connections that are kept open while nobody uses them.
const IDLE: usize = 4;

/// How the file of a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Create,
    ReadWrite,
    ReadOnly,
}

/// Connections to one database.
#[derive(Debug)]
pub(super) enum Pool {
    File {
        database: PathBuf,
        mode: Mode,
        idle: Mutex<Vec<Connection>>,
    },
    Memory(Mutex<Connection>),
}

impl Pool {
    /// The database in a file, with a connection that is open already.
    pub(super) fn of_file(database: PathBuf, mode: Mode, open: Connection) -> Self {
        Self::File {
            database,
            mode,
            idle: Mutex::new(vec![open]),
        }
    }

    /// Runs `work` on a connection of its own.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        match self {
            Self::Memory(connection) => work(&lock(connection)),
            Self::File {
                database,
                mode,
                idle,
            } => {
                let taken = lock(idle).pop();
                let connection = match taken {
                    Some(connection) => connection,
                    None => connect(database, *mode)?,
                };
                let result = work(&connection);
                let mut idle = lock(idle);
                if idle.len() < IDLE {
                    idle.push(connection);
                }
                result
            }
        }
    }
}

/// A thread that panicked has put nothing back, and nothing half.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection to the database in a file.
pub(super) fn connect(database: &std::path::Path, mode: Mode) -> rusqlite::Result<Connection> {
    let flags = match mode {
        Mode::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Mode::ReadWrite => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Mode::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let db = Connection::open_with_flags(database, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(PATIENCE)?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "synchronous", "FULL")?;
    if mode == Mode::Create {
        switch_to_wal(&db)?;
    }
    Ok(db)
}

/// SQLite does not wait for others while it changes the journal's mode, so this does. Only the making of a register can
/// meet another process here: afterwards the mode is stored in the file.
fn switch_to_wal(db: &Connection) -> rusqlite::Result<()> {
    let mut patience = 100;
    loop {
        match db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))
        {
            Err(error) if patience > 0 && is_busy(&error) => {
                patience -= 1;
                std::thread::sleep(Duration::from_millis(50));
            }
            result => return result.map(|_| ()),
        }
    }
}

/// Whether another process has the database.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}
