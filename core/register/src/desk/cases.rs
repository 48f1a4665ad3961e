//! Cases: clips that belong together, and what people noted.

use rusqlite::{OptionalExtension as _, Row, params};

use super::store::{DeskError, DeskStore, fresh, now, text};

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRecord {
    /// Its identifier.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whose token made it.
    pub owner: String,
    /// When.
    pub created: i64,
}

/// A note in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseNote {
    /// Whose token.
    pub author: String,
    /// What.
    pub text: String,
    /// When.
    pub created: i64,
}

impl DeskStore {
    /// Begins a case.
    ///
    /// # Errors
    /// [`DeskError::Refused`] for the name.
    pub fn add_case(&self, owner: &str, name: &str) -> Result<CaseRecord, DeskError> {
        let record = CaseRecord {
            id: fresh()?,
            name: text(name, 200)?.to_owned(),
            owner: owner.to_owned(),
            created: now(),
        };
        self.act(|db| {
            let act = "INSERT INTO cases (id, name, owner, created) VALUES (?1, ?2, ?3, ?4)";
            db.execute(act, params![record.id, record.name, owner, record.created])?;
            Ok(())
        })?;
        Ok(record)
    }

    /// The newest cases, `most` of them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn cases(&self, most: u32) -> Result<Vec<CaseRecord>, DeskError> {
        self.act(|db| {
            let query =
                "SELECT id, name, owner, created FROM cases ORDER BY created DESC, id LIMIT ?1";
            let mut query = db.prepare(query)?;
            let rows = query.query_map(params![most], record)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// A case and its notes, the oldest first.
    ///
    /// # Errors
    /// [`DeskError::Missing`].
    pub fn case(&self, id: &str) -> Result<(CaseRecord, Vec<CaseNote>), DeskError> {
        self.act(|db| {
            let query = "SELECT id, name, owner, created FROM cases WHERE id = ?1";
            let case = db.query_row(query, params![id], record).optional()?;
            let case = case.ok_or_else(|| DeskError::Missing {
                what: "case",
                id: id.chars().take(64).collect(),
            })?;
            let query = "SELECT author, text, created FROM notes WHERE case_id = ?1 ORDER BY id";
            let mut query = db.prepare(query)?;
            let rows = query.query_map(params![id], |row| {
                Ok(CaseNote {
                    author: row.get(0)?,
                    text: row.get(1)?,
                    created: row.get(2)?,
                })
            })?;
            Ok((case, rows.collect::<Result<_, _>>()?))
        })
    }

    /// Adds a note to a case.
    ///
    /// # Errors
    /// [`DeskError::Missing`], [`DeskError::Refused`].
    pub fn add_note(&self, case: &str, author: &str, note: &str) -> Result<(), DeskError> {
        let note = text(note, 10_000)?;
        self.case(case)?;
        self.act(|db| {
            let act = "INSERT INTO notes (case_id, author, text, created) VALUES (?1, ?2, ?3, ?4)";
            db.execute(act, params![case, author, note, now()])?;
            Ok(())
        })
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<CaseRecord> {
    Ok(CaseRecord {
        id: row.get(0)?,
        name: row.get(1)?,
        owner: row.get(2)?,
        created: row.get(3)?,
    })
}
