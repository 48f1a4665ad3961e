//! The vault itself: making one, opening one, transactions, keys.
//!
//! Reads see one committed state; acts are immediate transactions, so that two processes queue (for up to 30 s) instead
//! of failing.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use countermark_mark::key::{CarrierKey, ScopedPayloadKey};
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, params};
use serde_json::json;

use crate::{
    DistributorId, Randomness, Timestamp, TitleRecord, VaultError, ledger, schema,
    secret::{self, StoredSecret},
};

const DATABASE: &str = "vault.db";
const REFERENCES: &str = "references";
/// How long one process waits for another one's transaction.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open vault.
pub struct Vault {
    root: PathBuf,
    db: Connection,
    secret: StoredSecret,
    randomness: Randomness,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

impl Vault {
    /// Makes a vault at `root` with a fresh owner secret. Finishes one whose making was interrupted.
    ///
    /// # Errors
    /// [`VaultError::AlreadyExists`] where a whole vault is; [`VaultError::File`] and [`VaultError::Database`] when
    /// nothing can be written.
    pub fn init(root: &Path) -> Result<Self, VaultError> {
        Self::init_with(root, Randomness::system())
    }

    /// As [`Vault::init`], with secret and identifiers drawn from `randomness`.
    ///
    /// # Errors
    /// As [`Vault::init`].
    pub fn init_with(root: &Path, randomness: Randomness) -> Result<Self, VaultError> {
        let references = root.join(REFERENCES);
        fs::create_dir_all(&references).map_err(|source| VaultError::File {
            act: "create",
            path: references.clone(),
            source,
        })?;
        let database = root.join(DATABASE);
        let db = connect(&database, OpenFlags::SQLITE_OPEN_CREATE)?;
        let found = schema_version(root, &db)?;
        if found > schema::VERSION {
            let known = schema::VERSION;
            return Err(VaultError::Newer {
                vault: root.to_path_buf(),
                found,
                known,
            });
        }
        if found > 0 {
            return Err(VaultError::AlreadyExists {
                vault: root.to_path_buf(),
            });
        }
        let secret = StoredSecret::create(root, &randomness)?;
        let vault = Self {
            root: root.to_path_buf(),
            db,
            secret,
            randomness,
        };
        let made_here = vault.act(|db| {
            if db.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))? != 0 {
                return Ok(false);
            }
            db.execute_batch(schema::CREATE)?;
            db.execute(
                "INSERT INTO meta (name, value) VALUES ('owner_secret_check', ?1)",
                params![vault.secret.check],
            )?;
            db.pragma_update(None, "application_id", schema::APPLICATION_ID)?;
            db.pragma_update(None, "user_version", schema::VERSION)?;
            ledger::append(
                db,
                &Timestamp::now(),
                "vault-created",
                &json!({"schema": schema::VERSION}),
            )?;
            Ok(true)
        })?;
        if made_here {
            Ok(vault)
        } else {
            Err(VaultError::AlreadyExists { vault: vault.root })
        }
    }

    /// Opens the vault at `root`.
    ///
    /// # Errors
    /// [`VaultError::Missing`], [`VaultError::Unfinished`], [`VaultError::Newer`], [`VaultError::NotAVault`], and the
    /// errors of the owner secret, among them [`VaultError::SecretExposed`].
    pub fn open(root: &Path) -> Result<Self, VaultError> {
        let database = root.join(DATABASE);
        if !database.is_file() {
            return Err(VaultError::Missing {
                vault: root.to_path_buf(),
            });
        }
        let db = connect(&database, OpenFlags::empty())?;
        match schema_version(root, &db)? {
            0 => {
                return Err(VaultError::Unfinished {
                    vault: root.to_path_buf(),
                });
            }
            found if found > schema::VERSION => {
                let known = schema::VERSION;
                return Err(VaultError::Newer {
                    vault: root.to_path_buf(),
                    found,
                    known,
                });
            }
            _ => {}
        }
        let secret = StoredSecret::load(root)?;
        let vault = Self {
            root: root.to_path_buf(),
            db,
            secret,
            randomness: Randomness::system(),
        };
        let check: String = vault.read(|db| {
            db.query_row(
                "SELECT value FROM meta WHERE name = 'owner_secret_check'",
                [],
                |row| row.get(0),
            )
        })?;
        if check != vault.secret.check {
            return Err(VaultError::SecretForeign {
                secret: secret::path(root),
            });
        }
        Ok(vault)
    }

    /// The same vault, with identifiers and payloads drawn from `randomness` from now on.
    #[must_use]
    pub fn drawing_from(self, randomness: Randomness) -> Self {
        Self { randomness, ..self }
    }

    pub(crate) fn randomness(&self) -> &Randomness {
        &self.randomness
    }

    /// The vault's directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The reference proxy of a title.
    #[must_use]
    pub fn reference_path(&self, title: &TitleRecord) -> PathBuf {
        self.root.join(REFERENCES).join(&title.reference_file)
    }

    /// The folder of the reference proxies.
    #[must_use]
    pub fn references(&self) -> PathBuf {
        self.root.join(REFERENCES)
    }

    /// The key of a title's carrier.
    #[must_use]
    pub fn carrier_key(&self, title: &TitleRecord) -> CarrierKey {
        self.secret.secret.carrier(title.id.for_keys())
    }

    /// The key of a distributor's payloads, confined to one title. Delivery keys derive from it.
    #[must_use]
    pub fn scoped_payload_key(
        &self,
        distributor: DistributorId,
        title: &TitleRecord,
    ) -> ScopedPayloadKey {
        self.secret
            .secret
            .payload_key(distributor.for_keys())
            .scoped(title.id.for_keys())
    }

    pub(crate) fn database_error(&self, source: rusqlite::Error) -> VaultError {
        database_error(&self.root.join(DATABASE), source)
    }

    /// Queries.
    pub(crate) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, VaultError> {
        query(&self.db).map_err(|source| self.database_error(source))
    }

    /// One act and its ledger entry: both or neither.
    pub(crate) fn act<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, VaultError> {
        let run = || {
            let transaction = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run().map_err(|source| self.database_error(source))
    }
}

fn connect(database: &Path, flags: OpenFlags) -> Result<Connection, VaultError> {
    let open = || {
        let db = Connection::open_with_flags(
            database,
            flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        db.busy_timeout(PATIENCE)?;
        db.pragma_update(None, "foreign_keys", true)?;
        db.pragma_update(None, "synchronous", "FULL")?;
        if flags.contains(OpenFlags::SQLITE_OPEN_CREATE) {
            switch_to_wal(&db)?;
        }
        Ok(db)
    };
    open().map_err(|source| database_error(database, source))
}

/// SQLite does not wait for others while it changes the journal's mode, so this does. Only the making of a vault can
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

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// The schema's version, 0 for an empty database.
fn schema_version(root: &Path, db: &Connection) -> Result<i64, VaultError> {
    let database = root.join(DATABASE);
    let query = |pragma: &str| {
        db.query_row(pragma, [], |row| row.get::<_, i64>(0))
            .map_err(|source| database_error(&database, source))
    };
    let version = query("PRAGMA user_version")?;
    let tables = query("SELECT count(*) FROM sqlite_schema")?;
    if (version != 0 || tables != 0) && query("PRAGMA application_id")? != schema::APPLICATION_ID {
        return Err(VaultError::NotAVault { database });
    }
    Ok(version)
}

fn database_error(database: &Path, source: rusqlite::Error) -> VaultError {
    let database = database.to_path_buf();
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => VaultError::NotAVault { database },
        Some(ErrorCode::DiskFull) => VaultError::DiskFull { database },
        Some(ErrorCode::ReadOnly) => VaultError::ReadOnly { database },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => VaultError::Busy { database },
        Some(ErrorCode::CannotOpen) => VaultError::File {
            act: "open",
            path: database,
            source: io::Error::other(source),
        },
        _ => VaultError::Database { database, source },
    }
}
