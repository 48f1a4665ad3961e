//! The register of one machine: SQLite in a folder.
//!
//! ```text
//! <vault>/vault.db           titles, distributors, deliveries, the ledger (WAL)
//! <vault>/secret/owner.key   the owner secret, mode 0600 in a 0700 directory
//! <vault>/secret/ledger.head the newest entry of the ledger, remembered outside of the database
//! <vault>/running/*.lock     claims on what is being made
//! ```
//!
//! Folders have mode 0700 and files 0600, whatever the umask. A register that others can write is refused. Acts are
//! immediate transactions, so that two processes queue (for up to 30 s) instead of failing. A handle is shared between threads;
//! each query has a connection of its own. An older schema is migrated when it is opened. Where the place is
//! write-protected, the register is read from a copy in memory.

use std::{
    collections::HashMap,
    fmt, io,
    path::{Path, PathBuf},
    sync::Mutex,
};

use countermark_evidence::EvidenceKey;
use countermark_mark::key::{CarrierKey, ScopedPayloadKey};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde_json::json;

use crate::{
    Access, Checksum, Claim, Claims, DeliveryId, DeliveryOutcome, DeliveryRecord, DistributorId,
    DistributorRecord, Finding, LedgerEntry, MasterFacts, NewDelivery, Place, Randomness, Register,
    RegisterError, Settlement, Testimony, Timestamp, TitleDraft, TitleFiles, TitleId, TitleRecord,
    exposure,
    ledger::{
        Act,
        head::{self, Remembered},
        key::LedgerKey,
    },
    private_file,
    secret::{self, StoredSecret},
};

pub(crate) mod backup;
mod columns;
mod committed;
mod deliveries;
mod distributors;
mod failure;
pub(crate) mod files;
mod ledger;
mod migrate;
mod opening;
mod pool;
mod remembering;
mod renaming;
mod snapshot;
mod testimony;
mod titles;

use failure::{database_error, is_taken, migration_error};
use files::{DATABASE, tighten};
use migrate::Occasion;
use opening::{Opened, newer, open_database, peek, schema_of};
use pool::{Mode, Pool, connect};

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
    /// Whether the schema on disk has MACs: an old register that cannot be written has none.
    has_macs: bool,
    /// The head as it was when the database was copied into memory.
    remembered: Option<Remembered>,
    /// What the ledger said when names were last held against it.
    heard: Mutex<Option<Testimony>>,
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
        private_file::create_root(root).map_err(RegisterError::file("create", root))?;
        let database = root.join(DATABASE);
        let place = Place::folder(root);
        refuse_if_lost(root, &database)?;
        private_file::create(&database).map_err(RegisterError::file("create", &database))?;
        refuse_if_writable(root, &database)?;
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
            migrate::migrate(&mut db, birth, &secret.ledger)
                .map_err(|e| migration_error(&database, e))?;
            secret::finished(root)
        })??;
        let register = Self {
            root: root.to_path_buf(),
            pool: Pool::of_file(database, Mode::ReadWrite, db),
            access: Access::ReadWrite,
            full: false,
            secret,
            randomness,
            claims,
            held: Mutex::default(),
            has_macs: true,
            remembered: None,
            heard: Mutex::default(),
        };
        register.remember_head(&register.claims);
        Ok(register)
    }

    /// Opens the register in the folder `root`, and migrates an older one.
    ///
    /// # Errors
    /// [`RegisterError::Missing`], [`RegisterError::Lost`], [`RegisterError::Unfinished`], [`RegisterError::Newer`],
    /// [`RegisterError::NotARegister`], [`RegisterError::Writable`], and the errors of the owner secret, among them
    /// [`RegisterError::SecretExposed`].
    pub fn open(root: &Path) -> Result<Self, RegisterError> {
        let database = root.join(DATABASE);
        refuse_if_lost(root, &database)?;
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
        refuse_if_writable(root, &database)?;
        let secret = match StoredSecret::load(root) {
            Ok(secret) => secret,
            Err(error) => {
                peek(root, &database)?;
                return Err(error);
            }
        };
        let claims = Claims::of_vault(root);
        // Before the database: of a copy in memory the head must not be newer than what was copied.
        let remembered = head::read(root, &secret.ledger).ok();
        let Opened {
            pool,
            access,
            full,
            was_latest,
        } = open_database(root, &database, &claims, &secret)?;
        let is_copy = matches!(pool, Pool::Memory(_));
        let register = Self {
            root: root.to_path_buf(),
            pool,
            access,
            full,
            secret,
            randomness: Randomness::system(),
            claims,
            held: Mutex::default(),
            has_macs: was_latest || access == Access::ReadWrite,
            remembered: remembered.filter(|_| is_copy),
            heard: Mutex::default(),
        };
        if access == Access::ReadWrite {
            secret::finished(root)?;
            if !was_latest {
                tighten(root);
                register.remember_head(&register.claims);
            }
            register.commit_older()?;
        }
        Ok(register)
    }

    /// The same register, with identifiers and payloads drawn from `randomness` from now on.
    #[must_use]
    pub fn drawing_from(self, randomness: Randomness) -> Self {
        Self { randomness, ..self }
    }

    /// Whether it has titles of which no entry of the ledger tells the files: those of an older program.
    ///
    /// # Errors
    /// As for every method of [`Register`].
    pub fn has_unnoted_titles(&self) -> Result<bool, RegisterError> {
        self.read(titles::are_unnoted)
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn ledger_key(&self) -> &LedgerKey {
        &self.secret.ledger
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
        let value = self.read(|db| {
            let transaction = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })?;
        self.remember_head(&self.claims);
        Ok(value)
    }

    /// An act that changes no row.
    fn note(&self, act: Act, details: &serde_json::Value) -> Result<(), RegisterError> {
        self.act(|db| ledger::append(db, &Timestamp::now(), act, details, self.ledger_key()))
    }
}

/// Refuses a database that is missing or empty beside a secret whose register was whole: a fresh one would hide the loss.
fn refuse_if_lost(root: &Path, database: &Path) -> Result<(), RegisterError> {
    let is_gone = match database.metadata() {
        Ok(metadata) => metadata.len() == 0,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    if is_gone && secret::had_a_register(root) {
        return Err(RegisterError::Lost {
            place: Place::folder(root),
            database: database.to_path_buf(),
        });
    }
    Ok(())
}

/// Refuses a register that others than its owner can write.
fn refuse_if_writable(root: &Path, database: &Path) -> Result<(), RegisterError> {
    for (path, wanted) in [(root, 0o700), (database, 0o600)] {
        exposure::refuse_writable(path, wanted)?;
    }
    Ok(())
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
        files: &TitleFiles,
    ) -> Result<TitleRecord, RegisterError> {
        self.insert_title(draft, master, files)
    }

    fn note_title(&self, title: &TitleRecord, files: &TitleFiles) -> Result<(), RegisterError> {
        self.note(Act::TitleNoted, &titles::details(title, files))
    }

    fn note_segment(&self, file: &str, checksum: Checksum) -> Result<(), RegisterError> {
        let details = json!({"file": file, "checksum": checksum.to_json()});
        self.note(Act::SegmentNoted, &details)
    }

    fn testimony(&self) -> Result<Testimony, RegisterError> {
        self.hear_ledger()
    }

    fn odd_objects(&self) -> Result<Vec<Finding>, RegisterError> {
        self.oddities()
    }

    fn attest(
        &self,
        title: &TitleRecord,
        distributors: &[&DistributorRecord],
    ) -> Result<(), RegisterError> {
        self.hold_against_ledger(title, distributors)
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
        let found = match self.find_title("name", name)? {
            None => self.find_title("name", crate::name::composed(name))?,
            found => found,
        };
        found.ok_or_else(|| {
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
        let found = match self.find_distributor("name", name)? {
            None => self.find_distributor("name", crate::name::composed(name))?,
            found => found,
        };
        found.ok_or_else(|| {
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

    fn rename_title(&self, id: TitleId, name: &str) -> Result<TitleRecord, RegisterError> {
        self.give_title_name(id, name)
    }

    fn rename_distributor(
        &self,
        id: DistributorId,
        name: &str,
    ) -> Result<DistributorRecord, RegisterError> {
        self.give_distributor_name(id, name)
    }

    fn enter(&self, act: Act, details: &serde_json::Value) -> Result<(), RegisterError> {
        self.note(act, details)
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
        self.read(|db| ledger::walk(db, visit))
    }

    fn entries_given(&self) -> Result<i64, RegisterError> {
        self.read(ledger::numbered)
    }

    fn record_key_export(
        &self,
        title: TitleId,
        distributors: &[DistributorId],
        file: &str,
    ) -> Result<(), RegisterError> {
        let ids: Vec<String> = distributors.iter().map(DistributorId::to_string).collect();
        let details = json!({"title": title.to_string(), "distributors": ids, "file": file});
        self.note(Act::KeyExported, &details)
    }

    fn evidence_key(&self) -> Result<EvidenceKey, RegisterError> {
        self.evidence_key_on_record()
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
