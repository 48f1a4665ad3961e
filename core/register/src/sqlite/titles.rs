//! The table of titles.

use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};
use serde_json::{Value, json};

use super::{SqliteRegister, is_taken, ledger};
use crate::{
    Checksum, FrameRate, MasterFacts, Named, Register as _, RegisterError, Timestamp, TitleDraft,
    TitleFiles, TitleId, TitleRecord, ledger::Act, name,
};

const COLUMNS: &str = "id, name, master_file, width, height, rotation_degrees, bit_depth, frame_rate_num, \
    frame_rate_den, duration_seconds, frames, reference_file, added";

fn title_of(row: &Row<'_>) -> rusqlite::Result<TitleRecord> {
    Ok(TitleRecord {
        id: row.get(0)?,
        name: row.get(1)?,
        master: MasterFacts {
            file: row.get(2)?,
            width: row.get(3)?,
            height: row.get(4)?,
            rotation_degrees: row.get(5)?,
            bit_depth: row.get(6)?,
            frame_rate: FrameRate {
                num: row.get(7)?,
                den: row.get(8)?,
            },
            duration_seconds: row.get(9)?,
            frames: row.get(10)?,
        },
        reference_file: row.get(11)?,
        added: row.get(12)?,
    })
}

/// What the ledger has of a title beside its name.
pub(super) fn details(title: &TitleRecord, files: &TitleFiles) -> Value {
    let master = &title.master;
    json!({
        "title": title.id.to_string(),
        "master_file": master.file,
        "frames": master.frames,
        "width": master.width,
        "height": master.height,
        "rotation_degrees": master.rotation_degrees,
        "bit_depth": master.bit_depth,
        "frame_rate": master.frame_rate.to_string(),
        "duration_seconds": master.duration_seconds,
        "reference_file": files.reference_file,
        "reference": files.reference.map(Checksum::to_json),
        "print": files.print.map(Checksum::to_json),
    })
}

/// Whether there are more titles than entries of the ledger tell the files of.
pub(super) fn are_unnoted(db: &Connection) -> rusqlite::Result<bool> {
    db.query_row(
        "SELECT (SELECT count(*) FROM titles) > \
         (SELECT count(DISTINCT json_extract(details, '$.title')) FROM ledger \
          WHERE act IN ('title-added', 'title-noted') AND json_valid(details) \
          AND json_extract(details, '$.reference_file') IS NOT NULL)",
        [],
        |row| row.get(0),
    )
}

/// The titles whose rows can be read.
pub(super) fn readable(db: &Connection) -> rusqlite::Result<Vec<TitleRecord>> {
    let mut query = db.prepare(&format!("SELECT {COLUMNS} FROM titles"))?;
    let rows = query.query_map([], title_of)?;
    Ok(rows.filter_map(Result::ok).collect())
}

impl SqliteRegister {
    pub(super) fn new_title(&self, name: &str) -> Result<TitleDraft, RegisterError> {
        self.writable()?;
        let name = name::accepted(Named::Title, name)?;
        if self.find_title("name", &name)?.is_some() {
            return Err(self.title_taken(&name));
        }
        Ok(TitleDraft::new(TitleId::draw(self.randomness())?, name))
    }

    pub(super) fn insert_title(
        &self,
        draft: &TitleDraft,
        master: MasterFacts,
        files: &TitleFiles,
    ) -> Result<TitleRecord, RegisterError> {
        let title = TitleRecord {
            id: draft.id(),
            name: draft.name().to_owned(),
            master,
            reference_file: files.reference_file.clone(),
            added: Timestamp::now(),
        };
        let added = self.act(|db| {
            let master = &title.master;
            db.execute(
                &format!(
                    "INSERT INTO titles ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
                ),
                params![
                    title.id,
                    title.name,
                    master.file,
                    master.width,
                    master.height,
                    master.rotation_degrees,
                    master.bit_depth,
                    master.frame_rate.num,
                    master.frame_rate.den,
                    master.duration_seconds,
                    master.frames,
                    title.reference_file,
                    title.added,
                ],
            )?;
            let mut details = details(&title, files);
            details["name"] = json!(title.name);
            ledger::append(db, &title.added, Act::TitleAdded, &details, self.ledger_key())
        });
        match added {
            Ok(()) => Ok(title),
            Err(error) if is_taken(&error) => Err(self.title_taken(&title.name)),
            Err(error) => Err(error),
        }
    }

    pub(super) fn all_titles(&self) -> Result<Vec<TitleRecord>, RegisterError> {
        self.read(|db| {
            db.prepare(&format!("SELECT {COLUMNS} FROM titles ORDER BY name"))?
                .query_map([], title_of)?
                .collect()
        })
    }

    /// The title whose unique `column` holds `value`.
    pub(super) fn find_title(
        &self,
        column: &'static str,
        value: impl ToSql,
    ) -> Result<Option<TitleRecord>, RegisterError> {
        self.read(|db| {
            db.query_row(
                &format!("SELECT {COLUMNS} FROM titles WHERE {column} = ?1"),
                [value],
                title_of,
            )
            .optional()
        })
    }

    fn title_taken(&self, name: &str) -> RegisterError {
        RegisterError::NameTaken {
            what: Named::Title,
            name: name.to_owned(),
            place: self.place(),
        }
    }
}
