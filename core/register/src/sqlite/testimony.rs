//! Entries and rows, read in one transaction, for the ledger to testify.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, types::ValueRef};

use super::{SqliteRegister, ledger, migrate, titles};
use crate::{
    Discrepancy, DistributorRecord, Finding, Register as _, RegisterError, Row, Testimony,
    TitleRecord,
    ledger::head,
    proof::Proofs,
    testimony::{
        Beside, Hearing,
        rows::{DELIVERY_FIELDS, DISTRIBUTOR_FIELDS, Rows, TITLE_FIELDS},
    },
};

/// Whether a head of the ledger was ever signed: the tree is not made without.
const HAS_HEADS: &str = "SELECT EXISTS (SELECT 1 FROM ledger WHERE act IN ('ledger-head-signed', 'ledger-head-stamped'))";

impl SqliteRegister {
    /// What the ledger says now.
    pub(super) fn hear_ledger(&self) -> Result<Testimony, RegisterError> {
        let head_path = head::path(&self.root);
        // Before the entries: one that is written meanwhile makes the head older than the ledger, not newer.
        let remembered = match &self.remembered {
            Some(remembered) => remembered.clone(),
            None => head::read(&self.root, self.ledger_key())
                .map_err(RegisterError::file("read", &head_path))?,
        };
        let has_macs = self.has_macs;
        let testimony = self.read(|db| {
            let db = db.unchecked_transaction()?;
            let mut hearing = Hearing::new(self.ledger_key(), remembered);
            ledger::walk(&db, &mut |entry| hearing.hear(entry))?;
            Ok(hearing.finish(Beside {
                numbered: ledger::numbered(&db)?,
                has_macs,
                head_path,
                rows: Rows {
                    titles: table(&db, "titles", TITLE_FIELDS)?,
                    distributors: table(&db, "distributors", DISTRIBUTOR_FIELDS)?,
                    deliveries: table(&db, "deliveries", DELIVERY_FIELDS)?,
                },
                titles: titles::readable(&db)?,
                outputs: outputs(&db)?,
            }))
        })?;
        let has_heads: bool = self.read(|db| db.query_row(HAS_HEADS, [], |row| row.get(0)))?;
        if !has_heads || testimony.broken().is_some() {
            return Ok(testimony);
        }
        Ok(testimony.with_findings(Proofs::of(self)?.findings()))
    }

    /// Refuses to work with names that the ledger does not know by these identifiers: what is put on record or handed out
    /// under a false name accuses the wrong one later.
    pub(super) fn hold_against_ledger(
        &self,
        title: &TitleRecord,
        distributors: &[&DistributorRecord],
    ) -> Result<(), RegisterError> {
        let mut heard = self
            .heard
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // A name that the ledger once said of an identifier stays said.
        let known = heard.as_ref();
        if known.is_some_and(|heard| contradiction(heard, title, distributors).is_none()) {
            return Ok(());
        }
        let testimony = self.hear_ledger()?;
        if let Some(why) = testimony.broken() {
            return Err(RegisterError::LedgerBroken {
                place: self.place(),
                why: Box::new(why.clone()),
            });
        }
        let contradiction = contradiction(&testimony, title, distributors);
        *heard = Some(testimony);
        contradiction.map_or(Ok(()), |found| Err(RegisterError::Edited(Box::new(found))))
    }

    /// What of the database is not as this program makes it.
    pub(super) fn oddities(&self) -> Result<Vec<Finding>, RegisterError> {
        let own = migrate::objects_of_a_new_one()
            .map_err(|error| super::migration_error(&self.root.join(super::DATABASE), error))?;
        self.read(|db| {
            let damaged: Option<String> = db
                .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
                .optional()?;
            let mut found: Vec<Finding> = damaged
                .filter(|what| what != "ok")
                .map(|what| Finding::Database { what })
                .into_iter()
                .collect();
            if self.has_macs {
                let there = migrate::objects(db)?;
                found.extend(
                    own.iter()
                        .filter(|object| !there.contains(object))
                        .chain(there.iter().filter(|object| !own.contains(object)))
                        .map(|(object, _)| object.clone())
                        .collect::<std::collections::BTreeSet<_>>()
                        .into_iter()
                        .map(|object| Finding::Schema { object }),
                );
            }
            Ok(found)
        })
    }
}

/// Where the ledger knows a title or distributors by other names, or not at all.
fn contradiction(
    testimony: &Testimony,
    title: &TitleRecord,
    distributors: &[&DistributorRecord],
) -> Option<Discrepancy> {
    let known = testimony.titles().iter().find(|known| known.id == title.id);
    let of_title = of_name(
        Row::Title(title.id),
        known.map(|known| known.name.as_str()),
        &title.name,
    );
    of_title.or_else(|| {
        distributors.iter().find_map(|asked| {
            let mut all = testimony.distributors().iter();
            let known = all.find(|known| known.id == asked.id);
            of_name(
                Row::Distributor(asked.id),
                known.map(|known| known.name.as_str()),
                &asked.name,
            )
        })
    })
}

fn of_name(row: Row, recorded: Option<&str>, found: &str) -> Option<Discrepancy> {
    match recorded {
        Some(recorded) if recorded == found => None,
        Some(recorded) => Some(Discrepancy::Edited {
            row,
            field: "name",
            recorded: Some(recorded.to_owned()),
            found: Some(found.to_owned()),
        }),
        None => Some(Discrepancy::Unrecorded {
            row,
            name: found.to_owned(),
        }),
    }
}

/// The `fields` of a table as text, by identifier.
fn table(
    db: &Connection,
    table: &str,
    fields: &[&str],
) -> rusqlite::Result<BTreeMap<String, Vec<Option<String>>>> {
    let mut query = db.prepare(&format!("SELECT id, {} FROM {table}", fields.join(", ")))?;
    let mut rows = query.query([])?;
    let mut values = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let id = text(row.get_ref(0)?).unwrap_or_default();
        let own = (1..=fields.len())
            .map(|at| row.get_ref(at).map(text))
            .collect::<rusqlite::Result<_>>()?;
        values.insert(id, own);
    }
    Ok(values)
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

/// Where copies were to be written, of deliveries whose identifier can be read.
fn outputs(db: &Connection) -> rusqlite::Result<Vec<(crate::DeliveryId, String)>> {
    let mut query =
        db.prepare("SELECT id, output_path FROM deliveries WHERE output_path IS NOT NULL")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.filter_map(Result::ok).collect())
}
