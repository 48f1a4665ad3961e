//! What was found where and when, and who asked how often about a delivery.

use rusqlite::{Connection, params};

use super::messages::fired;
use super::origin::Origin;
use super::rules::{Firing, Seen, look};
use super::store::{DeskError, DeskStore, now};

/// A title that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// Its place in the order of sightings; 0 before it is on record.
    pub number: i64,
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
    /// Where the clip comes from.
    pub origin: Origin,
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
    /// Puts a sighting on record, as of now; the rules that fire.
    ///
    /// # Errors
    /// Those of the database.
    pub fn add_sighting(&self, new: &Sighting) -> Result<Vec<Firing>, DeskError> {
        self.act(|db| sighted(db, std::slice::from_ref(new), now()))
    }

    /// How many clips were seen in each of `steps` steps of time that end now, the oldest first: of one title or of all.
    ///
    /// # Errors
    /// Those of the database.
    pub fn sighting_curve(
        &self,
        title: Option<&str>,
        (steps, step_millis): (usize, i64),
    ) -> Result<Vec<u64>, DeskError> {
        let from = now() - steps as i64 * step_millis;
        self.act(|db| {
            let mut query = db.prepare(
                "SELECT (seen - ?2) / ?3, count(DISTINCT coalesce(job, id)) FROM sightings
                 WHERE seen >= ?2 AND (?1 IS NULL OR title = ?1) GROUP BY 1",
            )?;
            let rows = query.query_map(params![title, from, step_millis], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
            })?;
            let mut curve = vec![0; steps];
            for row in rows {
                let (step, clips) = row?;
                // What came while this was asked belongs to the last step.
                let step = usize::try_from(step).unwrap_or(0).min(steps.max(1) - 1);
                curve[step] += clips as u64;
            }
            Ok(curve)
        })
    }

    /// The newest sightings, of one title or of all.
    ///
    /// # Errors
    /// Those of the database.
    pub fn sightings(&self, title: Option<&str>, most: u32) -> Result<Vec<Sighting>, DeskError> {
        self.act(|db| {
            let mut query = db.prepare(
                "SELECT id, job, title, delivery, place, first_second, last_second, seen, source, uploader FROM sightings
                 WHERE ?1 IS NULL OR title = ?1 ORDER BY id DESC LIMIT ?2",
            )?;
            let rows = query.query_map(params![title, most], |row| {
                Ok(Sighting {
                    number: row.get(0)?,
                    job: row.get(1)?,
                    title: row.get(2)?,
                    delivery: row.get(3)?,
                    place: row.get(4)?,
                    span: [row.get(5)?, row.get(6)?],
                    seen: row.get(7)?,
                    origin: Origin {
                        source: row.get(8)?,
                        uploader: row.get(9)?,
                        platform: None,
                    },
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

/// Puts what one clip shows on record, as of `at`; the rules that fire.
pub(super) fn sighted(
    db: &Connection,
    clip: &[Sighting],
    at: i64,
) -> Result<Vec<Firing>, DeskError> {
    let mut titles: Vec<&Sighting> = Vec::new();
    for new in clip {
        db.execute(
            "INSERT INTO sightings (job, title, delivery, place, first_second, last_second, seen, source, uploader)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                new.job,
                new.title,
                new.delivery,
                new.place,
                new.span[0],
                new.span[1],
                at,
                new.origin.source,
                new.origin.uploader
            ],
        )?;
        if titles.iter().all(|known| known.title != new.title) {
            titles.push(new);
        }
    }
    let mut firings = Vec::new();
    for title in titles {
        let seen = Seen {
            title: &title.title,
            job: title.job.as_deref(),
            place: &title.place,
            origin: &title.origin,
            at,
        };
        firings.extend(look(db, &seen)?);
    }
    fired(db, &firings)?;
    Ok(firings)
}

/// Somebody was told that a clip carries a delivery's signal.
pub(super) fn asked(db: &Connection, owner: &str, delivery: &str) -> Result<(), DeskError> {
    let act = "INSERT INTO questions (owner, delivery, asked) VALUES (?1, ?2, ?3)";
    db.execute(act, params![owner, delivery, now()])?;
    Ok(())
}
