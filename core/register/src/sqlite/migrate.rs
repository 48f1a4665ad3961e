//! The road from any schema to the newest: one transaction, in which the ledger's entry of it is written as well.
//!
//! ```text
//! user_version   0 empty   1 that of 0.1.0   2 paths of copies   3 MACs of entries
//! ```
//!
//! A process that is killed half way leaves the schema that was there. Programs that migrate at once queue: the version is
//! looked at again by the one that comes second. A newer schema is left alone.

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use rusqlite_migration::{M, Migrations};
use serde_json::json;

use super::ledger;
use crate::{
    Timestamp,
    ledger::{Act, key::LedgerKey},
};

/// The schema that this program reads and writes.
pub(super) const LATEST: i64 = 3;

/// The claim on migrating: one process at a time.
pub(super) const LOCK: &str = "migration.lock";

/// Marks the file as a Countermark register: `CMrk` in ASCII.
pub(super) const APPLICATION_ID: i64 = 0x434d_726b;

/// What a migration puts on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Occasion {
    /// The register is being made, for the secret of this check value.
    Birth {
        /// Tells the secret of another register apart.
        owner_secret_check: String,
    },
    /// An older register is brought up to date.
    Upgrade {
        /// Its schema.
        from: i64,
    },
    /// A copy in memory is: nothing happened to the register itself.
    Copy,
}

/// Brings the schema up to [`LATEST`].
///
/// Its entry in the ledger is the first with a MAC, under `key`, unless it is being made: then every entry has one.
pub(super) fn migrate(
    db: &mut Connection,
    occasion: Occasion,
    key: &LedgerKey,
) -> rusqlite_migration::Result<()> {
    db.set_transaction_behavior(TransactionBehavior::Immediate);
    let key = key.clone();
    let migrations = Migrations::new(vec![
        M::up(include_str!("schema_1.sql")),
        M::up(include_str!("schema_2.sql")),
        M::up_with_hook(include_str!("schema_3.sql"), move |db: &Transaction<'_>| {
            Ok(record(db, &occasion, &key)?)
        }),
    ]);
    migrations.to_latest(db)
}

fn record(db: &Transaction<'_>, occasion: &Occasion, key: &LedgerKey) -> rusqlite::Result<()> {
    let now = Timestamp::now();
    match occasion {
        Occasion::Birth { owner_secret_check } => {
            db.execute(
                "INSERT INTO meta (name, value) VALUES ('owner_secret_check', ?1)",
                params![owner_secret_check],
            )?;
            ledger::append(db, &now, Act::VaultCreated, &json!({"schema": LATEST}), key)
        }
        Occasion::Upgrade { from } => {
            let details = json!({"from": from, "to": LATEST});
            ledger::append(db, &now, Act::VaultMigrated, &details, key)
        }
        Occasion::Copy => Ok(()),
    }
}

/// The schema's version, 0 for an empty database; none when the file is no register.
pub(super) fn version(db: &Connection) -> rusqlite::Result<Option<i64>> {
    let query = |pragma: &str| db.query_row(pragma, [], |row| row.get::<_, i64>(0));
    let version = query("PRAGMA user_version")?;
    let tables = query("SELECT count(*) FROM sqlite_schema")?;
    let foreign =
        (version != 0 || tables != 0) && query("PRAGMA application_id")? != APPLICATION_ID;
    Ok((!foreign).then_some(version))
}

/// Kind, name and text of every object of a database, sorted.
pub(super) fn objects(db: &Connection) -> rusqlite::Result<Vec<(String, Option<String>)>> {
    db.prepare("SELECT type || ' ' || name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY 1")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// The same of a register that was just made.
pub(super) fn objects_of_a_new_one() -> rusqlite_migration::Result<Vec<(String, Option<String>)>> {
    let mut db = Connection::open_in_memory()?;
    migrate(&mut db, Occasion::Copy, &LedgerKey::of(&[0; 32]))?;
    Ok(objects(&db)?)
}

#[cfg(test)]
mod tests;
