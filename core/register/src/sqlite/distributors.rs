//! The table of distributors.

use rusqlite::{OptionalExtension as _, Row, ToSql, params};
use serde_json::json;

use super::{SqliteRegister, is_taken, ledger};
use crate::{
    DistributorId, DistributorRecord, Named, Register as _, RegisterError, Timestamp, ledger::Act,
    name,
};

const COLUMNS: &str = "id, name, added";

fn distributor_of(row: &Row<'_>) -> rusqlite::Result<DistributorRecord> {
    Ok(DistributorRecord {
        id: row.get(0)?,
        name: row.get(1)?,
        added: row.get(2)?,
        retired: None,
    })
}

impl SqliteRegister {
    pub(super) fn insert_distributor(
        &self,
        name: &str,
    ) -> Result<DistributorRecord, RegisterError> {
        self.writable()?;
        let name = name::accepted(Named::Distributor, name)?;
        let distributor = DistributorRecord {
            id: DistributorId::draw(self.randomness())?,
            name,
            added: Timestamp::now(),
            retired: None,
        };
        let added = self.act(|db| {
            db.execute(
                &format!("INSERT INTO distributors ({COLUMNS}) VALUES (?1, ?2, ?3)"),
                params![distributor.id, distributor.name, distributor.added],
            )?;
            let details =
                json!({"distributor": distributor.id.to_string(), "name": distributor.name});
            ledger::append(
                db,
                &distributor.added,
                Act::DistributorAdded,
                &details,
                self.ledger_key(),
            )
        });
        match added {
            Ok(()) => Ok(distributor),
            Err(error) if is_taken(&error) => Err(RegisterError::NameTaken {
                what: Named::Distributor,
                name: distributor.name,
                place: self.place(),
            }),
            Err(error) => Err(error),
        }
    }

    pub(super) fn all_distributors(&self) -> Result<Vec<DistributorRecord>, RegisterError> {
        self.read(|db| {
            db.prepare(&format!("SELECT {COLUMNS} FROM distributors ORDER BY name"))?
                .query_map([], distributor_of)?
                .collect()
        })
    }

    /// The distributor whose unique `column` holds `value`.
    pub(super) fn find_distributor(
        &self,
        column: &'static str,
        value: impl ToSql,
    ) -> Result<Option<DistributorRecord>, RegisterError> {
        self.read(|db| {
            db.query_row(
                &format!("SELECT {COLUMNS} FROM distributors WHERE {column} = ?1"),
                [value],
                distributor_of,
            )
            .optional()
        })
    }
}
