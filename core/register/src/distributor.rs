//! Distributors: licensees that copies are delivered to.

use rusqlite::{OptionalExtension as _, Row, params};
use serde_json::json;

use crate::{DistributorId, Timestamp, Vault, VaultError, ledger, name, title::is_taken};

/// A distributor on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistributorRecord {
    /// Identifier; the payload key derives from it.
    pub id: DistributorId,
    /// Unique name.
    pub name: String,
    /// When it was added.
    pub added: Timestamp,
}

const COLUMNS: &str = "id, name, added";

fn distributor_of(row: &Row<'_>) -> rusqlite::Result<DistributorRecord> {
    Ok(DistributorRecord {
        id: row.get(0)?,
        name: row.get(1)?,
        added: row.get(2)?,
    })
}

impl Vault {
    /// Records a distributor.
    ///
    /// # Errors
    /// [`VaultError::BadName`], [`VaultError::NameTaken`], [`VaultError::Database`].
    pub fn add_distributor(&self, name: &str) -> Result<DistributorRecord, VaultError> {
        name::check("distributor", name)?;
        let distributor = DistributorRecord {
            id: DistributorId::draw(self.randomness())?,
            name: name.to_owned(),
            added: Timestamp::now(),
        };
        let added = self.act(|db| {
            db.execute(
                &format!("INSERT INTO distributors ({COLUMNS}) VALUES (?1, ?2, ?3)"),
                params![distributor.id, distributor.name, distributor.added],
            )?;
            let details = json!({"distributor": distributor.id.to_string(), "name": name});
            ledger::append(db, &distributor.added, "distributor-added", &details)
        });
        match added {
            Ok(()) => Ok(distributor),
            Err(error) if is_taken(&error) => Err(VaultError::NameTaken {
                what: "distributor",
                name: name.to_owned(),
                vault: self.root().to_path_buf(),
            }),
            Err(error) => Err(error),
        }
    }

    /// The distributor named `name`.
    ///
    /// # Errors
    /// [`VaultError::UnknownDistributor`], [`VaultError::Database`].
    pub fn distributor(&self, name: &str) -> Result<DistributorRecord, VaultError> {
        self.read(|db| {
            db.query_row(
                &format!("SELECT {COLUMNS} FROM distributors WHERE name = ?1"),
                [name],
                distributor_of,
            )
            .optional()
        })?
        .ok_or_else(|| VaultError::UnknownDistributor {
            name: name.to_owned(),
            vault: self.root().to_path_buf(),
        })
    }

    /// Every distributor, by name.
    ///
    /// # Errors
    /// [`VaultError::Database`].
    pub fn distributors(&self) -> Result<Vec<DistributorRecord>, VaultError> {
        self.read(|db| {
            db.prepare(&format!("SELECT {COLUMNS} FROM distributors ORDER BY name"))?
                .query_map([], distributor_of)?
                .collect()
        })
    }
}
