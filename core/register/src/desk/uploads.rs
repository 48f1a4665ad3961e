//! Clips and prints that were sent.

use rusqlite::{OptionalExtension as _, Row, params};

use super::origin::Origin;
use super::store::{DeskError, DeskStore, fresh, now, text};

/// What is being sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRecord {
    /// Its identifier, and the name of its file.
    pub id: String,
    /// As it was called by whoever sent it.
    pub name: String,
    /// Bytes it will have.
    pub size: u64,
    /// Whose token.
    pub owner: String,
    /// Whether all of it is there.
    pub complete: bool,
    /// When it began.
    pub created: i64,
    /// Where it comes from.
    pub origin: Origin,
}

const COLUMNS: &str = "id, name, size, owner, complete, created, source, uploader, platform";

impl DeskStore {
    /// Puts an upload on record that is to come.
    ///
    /// # Errors
    /// [`DeskError::Refused`] for the name, and those of the database.
    pub fn add_upload(
        &self,
        owner: &str,
        name: &str,
        size: u64,
        origin: &Origin,
    ) -> Result<UploadRecord, DeskError> {
        let record = UploadRecord {
            id: fresh()?,
            name: text(name, 255)?.to_owned(),
            size,
            owner: owner.to_owned(),
            complete: false,
            created: now(),
            origin: origin.clone(),
        };
        self.act(|db| {
            db.execute(
                "INSERT INTO uploads (id, name, size, owner, created, source, uploader, platform) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![record.id, record.name, size as i64, owner, record.created, origin.source, origin.uploader, origin.platform],
            )?;
            Ok(())
        })?;
        Ok(record)
    }

    /// An upload.
    ///
    /// # Errors
    /// [`DeskError::Missing`].
    pub fn upload(&self, id: &str) -> Result<UploadRecord, DeskError> {
        let found = self.act(|db| {
            let query = format!("SELECT {COLUMNS} FROM uploads WHERE id = ?1");
            Ok(db.query_row(&query, params![id], record).optional()?)
        })?;
        found.ok_or_else(|| DeskError::Missing {
            what: "upload",
            id: id.to_owned(),
        })
    }

    /// All uploads on record.
    ///
    /// # Errors
    /// Those of the database.
    pub fn uploads(&self) -> Result<Vec<UploadRecord>, DeskError> {
        self.act(|db| {
            let mut query = db.prepare(&format!("SELECT {COLUMNS} FROM uploads"))?;
            let rows = query.query_map([], record)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Uploads that jobs were about, all of which have ended: a desk that was killed has not taken them away.
    ///
    /// # Errors
    /// Those of the database.
    pub fn spent_uploads(&self) -> Result<Vec<String>, DeskError> {
        self.act(|db| {
            let mut query = db.prepare(
                "SELECT id FROM uploads WHERE EXISTS (SELECT 1 FROM jobs WHERE upload = uploads.id)
                 AND NOT EXISTS (SELECT 1 FROM jobs WHERE upload = uploads.id AND (state IN ('queued', 'running') OR keeping > 0))",
            )?;
            let rows = query.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// All of it is there, `size` bytes.
    ///
    /// # Errors
    /// Those of the database.
    pub fn complete_upload(&self, id: &str, size: u64) -> Result<(), DeskError> {
        self.act(|db| {
            let act = "UPDATE uploads SET complete = 1, size = ?2 WHERE id = ?1";
            db.execute(act, params![id, size as i64])?;
            Ok(())
        })
    }

    /// Forgets an upload that no job has to look at any more; whether it did.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_upload(&self, id: &str) -> Result<bool, DeskError> {
        self.act(|db| {
            let act = "DELETE FROM uploads WHERE id = ?1 AND NOT EXISTS
                (SELECT 1 FROM jobs WHERE upload = ?1 AND (state IN ('queued', 'running') OR keeping > 0))";
            Ok(db.execute(act, params![id])? > 0)
        })
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<UploadRecord> {
    Ok(UploadRecord {
        id: row.get(0)?,
        name: row.get(1)?,
        size: row.get::<_, i64>(2)?.max(0) as u64,
        owner: row.get(3)?,
        complete: row.get(4)?,
        created: row.get(5)?,
        origin: Origin {
            source: row.get(6)?,
            uploader: row.get(7)?,
            platform: row.get(8)?,
        },
    })
}
