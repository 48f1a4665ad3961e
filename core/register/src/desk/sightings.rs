//! What was found where and when, and who asked how often about a delivery.

use rusqlite::{Connection, params};

use super::store::{DeskError, DeskStore, now};

/// A title that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// The job that found it; none where a print was asked about.
    pub job: Option<String>,
    /// The title's name.
    pub title: String,
    /// The accused delivery.
    pub delivery: Option<String>,
    /// Where it was found: a platform, or the name of the clip.
    pub place: String,
    /// Seconds of the title.
    pub span: [f64; 2],
    /// When.
    pub seen: i64,
}

/// How often somebody's clips were traced to a delivery within a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The delivery.
    pub delivery: String,
    /// How often.
    pub times: u64,
}

impl DeskStore {
    /// Puts a sighting on record, as of now.
    ///
    /// # Errors
    /// Those of the database.
    pub fn add_sighting(&self, new: &Sighting) -> Result<(), DeskError> {
        self.act(|db| sighted(db, new))
    }

    /// The newest sightings, of one title or of all.
    ///
    /// # Errors
    /// Those of the database.
    pub fn sightings(&self, title: Option<&str>, most: u32) -> Result<Vec<Sighting>, DeskError> {
        self.act(|db| {
            let mut query = db.prepare(
                "SELECT job, title, delivery, place, first_second, last_second, seen FROM sightings
                 WHERE ?1 IS NULL OR title = ?1 ORDER BY id DESC LIMIT ?2",
            )?;
            let rows = query.query_map(params![title, most], |row| {
                Ok(Sighting {
                    job: row.get(0)?,
                    title: row.get(1)?,
                    delivery: row.get(2)?,
                    place: row.get(3)?,
                    span: [row.get(4)?, row.get(5)?],
                    seen: row.get(6)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The delivery that somebody was told of most often within a day.
    ///
    /// # Errors
    /// Those of the database.
    pub fn most_asked(&self, owner: &str) -> Result<Option<Question>, DeskError> {
        self.act(|db| {
            let since = now() - 24 * 3600 * 1000;
            let mut query = db.prepare(
                "SELECT delivery, count(*) AS times FROM questions WHERE owner = ?1 AND asked > ?2
                 GROUP BY delivery ORDER BY times DESC LIMIT 1",
            )?;
            let mut rows = query.query_map(params![owner, since], |row| {
                Ok(Question {
                    delivery: row.get(0)?,
                    times: row.get::<_, i64>(1)? as u64,
                })
            })?;
            Ok(rows.next().transpose()?)
        })
    }
}

/// Puts a sighting on record, as of now.
pub(super) fn sighted(db: &Connection, new: &Sighting) -> Result<(), DeskError> {
    db.execute(
        "INSERT INTO sightings (job, title, delivery, place, first_second, last_second, seen)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            new.job,
            new.title,
            new.delivery,
            new.place,
            new.span[0],
            new.span[1],
            now()
        ],
    )?;
    Ok(())
}

/// Somebody was told that a clip carries a delivery's signal.
pub(super) fn asked(db: &Connection, owner: &str, delivery: &str) -> Result<(), DeskError> {
    let act = "INSERT INTO questions (owner, delivery, asked) VALUES (?1, ?2, ?3)";
    db.execute(act, params![owner, delivery, now()])?;
    Ok(())
}
