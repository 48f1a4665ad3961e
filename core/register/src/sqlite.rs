//! The register of one machine: SQLite in a folder.
//!
//! ```text
//! <vault>/vault.db           titles, distributors, deliveries, the ledger (WAL)
//! <vault>/secret/owner.key   the owner secret, mode 0600 in a 0700 directory
//! <vault>/running/*.lock     claims on what is being made
//! ```
//!
//! Acts are immediate transactions, so that two processes queue (for up to 30 s) instead of failing. A handle is shared
//! between threads; each query has a connection of its own. An older schema is migrated when it is opened. Where the
//! place is write-protected, the register is read from a copy in memory.

use std::{
    collections::HashMap,
    fmt, io,
    path::{Path, PathBuf},
    sync::Mutex,
};

use countermark_mark::key::{CarrierKey, ScopedPayloadKey};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde_json::json;

use crate::{
    Access, Claim, Claims, DeliveryId, DeliveryOutcome, DeliveryRecord, DistributorId,
    DistributorRecord, LedgerEntry, MasterFacts, NewDelivery, Place, Randomness, Register,
    RegisterError, Settlement, Timestamp, TitleDraft, TitleId, TitleRecord,
    ledger::Act,
    secret::{self, StoredSecret},
};

mod columns;
mod deliveries;
mod distributors;
mod failure;
mod ledger;
mod migrate;
mod opening;
mod pool;
mod snapshot;
mod titles;

use failure::{database_error, is_taken, migration_error};
use migrate::Occasion;
use opening::{Opened, newer, open_database, schema_of};
use pool::{Mode, Pool, connect};

const DATABASE: &str = "vault.db";

/// A register in a folder.
pub struct SqliteRegister {
    root: PathBuf,
    pool: Pool,
    access: Access,
    /// Whether it cannot be written because its disk is full.
    full: bool,
    secret: StoredSecret,
    randomness: Randomness,
    claims: Claims,
    held: Mutex<HashMap<DeliveryId, Claim>>,
}

impl fmt::Debug for SqliteRegister {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteRegister")
            .field("root", &self.root)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

impl SqliteRegister {
    /// Makes a register in the folder `root` with a fresh owner secret. Finishes one whose making was interrupted.
    ///
    /// # Errors
    /// [`RegisterError::AlreadyExists`] where a whole one is; [`RegisterError::File`], [`RegisterError::DiskFull`] and
    /// [`RegisterError::Backend`] when nothing can be written.
    pub fn init(root: &Path) -> Result<Self, RegisterError> {
        Self::init_with(root, Randomness::system())
    }

    /// As [`SqliteRegister::init`], with secret and identifiers drawn from `randomness`.
    ///
    /// # Errors
    /// As [`SqliteRegister::init`].
    pub fn init_with(root: &Path, randomness: Randomness) -> Result<Self, RegisterError> {
        std::fs::create_dir_all(root).map_err(RegisterError::file("create", root))?;
        let database = root.join(DATABASE);
        let place = Place::folder(root);
        let failure = |error| database_error(&database, error);
        let mut db = connect(&database, Mode::Create).map_err(failure)?;
        match schema_of(&database, &db)? {
            0 => {}
            found if found > migrate::LATEST => return Err(newer(place, found)),
            _ => return Err(RegisterError::AlreadyExists { place }),
        }
        let secret = StoredSecret::create(root, &randomness)?;
        let claims = Claims::of_vault(root);
        claims.alone(migrate::LOCK, || {
            if schema_of(&database, &db)? > 0 {
                return Err(RegisterError::AlreadyExists { place });
            }
            let birth = Occasion::Birth {
                owner_secret_check: secret.check.clone(),
            };
            migrate::migrate(&mut db, birth).map_err(|e| migration_error(&database, e))
        })??;
        Ok(Self {
            root: root.to_path_buf(),
            pool: Pool::of_file(database, Mode::ReadWrite, db),
            access: Access::ReadWrite,
            full: false,
            secret,
            randomness,
            claims,
            held: Mutex::default(),
        })
    }

    /// Opens the register in the folder `root`, and migrates an older one.
    ///
    /// # Errors
    /// [`RegisterError::Missing`], [`RegisterError::Unfinished`], [`RegisterError::Newer`],
    /// [`RegisterError::NotARegister`], and the errors of the owner secret, among them
    /// [`RegisterError::SecretExposed`].
    pub fn open(root: &Path) -> Result<Self, RegisterError> {
        let database = root.join(DATABASE);
        match database.metadata() {
            Ok(metadata) if metadata.is_file() => {}
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(RegisterError::file("open", &database)(error));
            }
            _ => {
                return Err(RegisterError::Missing {
                    place: Place::folder(root),
                });
            }
        }
        let claims = Claims::of_vault(root);
        let Opened { pool, access, full } = open_database(root, &database, &claims)?;
        let register = Self {
            root: root.to_path_buf(),
            pool,
            access,
            full,
            secret: StoredSecret::load(root)?,
            randomness: Randomness::system(),
            claims,
            held: Mutex::default(),
        };
        let check: String = register.read(|db| {
            db.query_row(
                "SELECT value FROM meta WHERE name = 'owner_secret_check'",
                [],
                |row| row.get(0),
            )
        })?;
        if check != register.secret.check {
            return Err(RegisterError::SecretForeign {
                secret: secret::path(root),
            });
        }
        Ok(register)
    }

    /// The same register, with identifiers and payloads drawn from `randomness` from now on.
    #[must_use]
    pub fn drawing_from(self, randomness: Randomness) -> Self {
        Self { randomness, ..self }
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn randomness(&self) -> &Randomness {
        &self.randomness
    }

    fn claims(&self) -> &Claims {
        &self.claims
    }

    fn held(&self) -> &Mutex<HashMap<DeliveryId, Claim>> {
        &self.held
    }

    /// Refuses acts on a register that cannot be written, before anything is drawn or claimed.
    fn writable(&self) -> Result<(), RegisterError> {
        match self.access {
            Access::ReadWrite => Ok(()),
            Access::ReadOnly if self.full => Err(RegisterError::DiskFull {
                place: self.place(),
            }),
            Access::ReadOnly => Err(RegisterError::ReadOnly {
                place: self.place(),
            }),
        }
    }

    /// Queries.
    fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, RegisterError> {
        self.pool
            .with(query)
            .map_err(|source| database_error(&self.root.join(DATABASE), source))
    }

    /// One act and its ledger entry: both or neither.
    fn act<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, RegisterError> {
        self.writable()?;
        self.read(|db| {
            let transaction = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })
    }
}

impl Register for SqliteRegister {
    fn place(&self) -> Place {
        Place::folder(&self.root)
    }

    fn access(&self) -> Access {
        self.access
    }

    fn draft_title(&self, name: &str) -> Result<TitleDraft, RegisterError> {
        self.new_title(name)
    }

    fn add_title(
        &self,
        draft: &TitleDraft,
        master: MasterFacts,
        reference_file: &str,
    ) -> Result<TitleRecord, RegisterError> {
        self.insert_title(draft, master, reference_file)
    }

    fn titles(&self) -> Result<Vec<TitleRecord>, RegisterError> {
        self.all_titles()
    }

    fn title(&self, id: TitleId) -> Result<TitleRecord, RegisterError> {
        self.find_title("id", id)?.ok_or_else(|| {
            let place = self.place();
            RegisterError::NoTitle { id, place }
        })
    }

    fn title_named(&self, name: &str) -> Result<TitleRecord, RegisterError> {
        self.find_title("name", name)?.ok_or_else(|| {
            let (name, place) = (name.to_owned(), self.place());
            RegisterError::UnknownTitle { name, place }
        })
    }

    fn add_distributor(&self, name: &str) -> Result<DistributorRecord, RegisterError> {
        self.insert_distributor(name)
    }

    fn distributors(&self) -> Result<Vec<DistributorRecord>, RegisterError> {
        self.all_distributors()
    }

    fn distributor(&self, id: DistributorId) -> Result<DistributorRecord, RegisterError> {
        self.find_distributor("id", id)?.ok_or_else(|| {
            let place = self.place();
            RegisterError::NoDistributor { id, place }
        })
    }

    fn distributor_named(&self, name: &str) -> Result<DistributorRecord, RegisterError> {
        self.find_distributor("name", name)?.ok_or_else(|| {
            let (name, place) = (name.to_owned(), self.place());
            RegisterError::UnknownDistributor { name, place }
        })
    }

    fn begin_delivery(&self, new: &NewDelivery<'_>) -> Result<DeliveryRecord, RegisterError> {
        self.begin(new)
    }

    fn record_outcome(
        &self,
        id: DeliveryId,
        outcome: &DeliveryOutcome,
    ) -> Result<DeliveryRecord, RegisterError> {
        self.record_made(id, outcome)
    }

    fn complete_delivery(&self, id: DeliveryId) -> Result<DeliveryRecord, RegisterError> {
        self.complete(id)
    }

    fn fail_delivery(&self, id: DeliveryId, reason: &str) -> Result<DeliveryRecord, RegisterError> {
        self.fail(id, reason)
    }

    fn leave_delivery(&self, id: DeliveryId) {
        self.leave(id);
    }

    fn delivery(&self, id: DeliveryId) -> Result<DeliveryRecord, RegisterError> {
        self.one_delivery(id)
    }

    fn deliveries(&self, title: Option<TitleId>) -> Result<Vec<DeliveryRecord>, RegisterError> {
        self.all_deliveries(title)
    }

    fn settle(&self, cancelled: &dyn Fn() -> bool) -> Result<Vec<Settlement>, RegisterError> {
        match self.access {
            Access::ReadWrite => self.settle_abandoned(cancelled),
            Access::ReadOnly => Ok(Vec::new()),
        }
    }

    fn walk_ledger(&self, visit: &mut dyn FnMut(LedgerEntry) -> bool) -> Result<(), RegisterError> {
        self.read(|db| ledger::entries(db, visit))
    }

    fn entries_given(&self) -> Result<i64, RegisterError> {
        self.read(ledger::entries_numbered)
    }

    fn record_key_export(
        &self,
        title: TitleId,
        distributors: &[DistributorId],
        file: &str,
    ) -> Result<(), RegisterError> {
        let ids: Vec<String> = distributors.iter().map(DistributorId::to_string).collect();
        let details = json!({"title": title.to_string(), "distributors": ids, "file": file});
        self.act(|db| ledger::append(db, &Timestamp::now(), Act::KeyExported, &details))
    }

    fn carrier_key(&self, title: TitleId) -> CarrierKey {
        self.secret.secret.carrier(title.for_keys())
    }

    fn scoped_payload_key(&self, distributor: DistributorId, title: TitleId) -> ScopedPayloadKey {
        self.secret
            .secret
            .payload_key(distributor.for_keys())
            .scoped(title.for_keys())
    }
}
