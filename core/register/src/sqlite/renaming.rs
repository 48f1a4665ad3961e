//! New names of titles and distributors, and distributors to whom nothing more is delivered.
//!
//! Keys follow from identifiers: a name changes no mark.

use rusqlite::{OptionalExtension as _, params};
use serde_json::json;

use super::{SqliteRegister, is_taken, ledger};
use crate::{
    DistributorId, DistributorRecord, Named, Register as _, RegisterError, Timestamp, TitleId,
    TitleRecord, ledger::Act, name,
};

impl SqliteRegister {
    pub(super) fn give_title_name(
        &self,
        id: TitleId,
        wanted: &str,
    ) -> Result<TitleRecord, RegisterError> {
        let known = self.title(id)?;
        let name = name::accepted(Named::Title, wanted)?;
        let details = json!({"title": id.to_string(), "name": name, "before": known.name});
        let renamed = self.act(|db| {
            db.execute(
                "UPDATE titles SET name = ?2 WHERE id = ?1",
                params![id, name],
            )?;
            ledger::append(
                db,
                &Timestamp::now(),
                Act::TitleRenamed,
                &details,
                self.ledger_key(),
            )
        });
        self.unless_taken(renamed, Named::Title, &name)?;
        Ok(TitleRecord { name, ..known })
    }

    pub(super) fn give_distributor_name(
        &self,
        id: DistributorId,
        wanted: &str,
    ) -> Result<DistributorRecord, RegisterError> {
        let known = self.distributor(id)?;
        let name = name::accepted(Named::Distributor, wanted)?;
        let details = json!({"distributor": id.to_string(), "name": name, "before": known.name});
        let renamed = self.act(|db| {
            db.execute(
                "UPDATE distributors SET name = ?2 WHERE id = ?1",
                params![id, name],
            )?;
            ledger::append(
                db,
                &Timestamp::now(),
                Act::DistributorRenamed,
                &details,
                self.ledger_key(),
            )
        });
        self.unless_taken(renamed, Named::Distributor, &name)?;
        Ok(DistributorRecord { name, ..known })
    }

    /// Refuses a distributor that the ledger says is retired.
    pub(super) fn refuse_retired(
        &self,
        distributor: &DistributorRecord,
    ) -> Result<(), RegisterError> {
        let retired: Option<i64> = self.read(|db| {
            db.query_row(
                "SELECT seq FROM ledger WHERE act = ?1 AND json_valid(details) \
                 AND json_extract(details, '$.distributor') = ?2 LIMIT 1",
                params![Act::DistributorRetired.as_str(), distributor.id.to_string()],
                |row| row.get(0),
            )
            .optional()
        })?;
        match retired {
            None => Ok(()),
            Some(_) => Err(RegisterError::Retired {
                name: distributor.name.clone(),
            }),
        }
    }

    fn unless_taken(
        &self,
        done: Result<(), RegisterError>,
        what: Named,
        name: &str,
    ) -> Result<(), RegisterError> {
        match done {
            Err(error) if is_taken(&error) => Err(RegisterError::NameTaken {
                what,
                name: name.to_owned(),
                place: self.place(),
            }),
            done => done,
        }
    }
}
