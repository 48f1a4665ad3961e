//! Rules of early warning: when they fire, and that they did.
//!
//! ```text
//! burst: clips of the title seen within the last W >= N, and it has not fired for the title within W
//! first: this clip is the first of the title that was ever seen, before the day of its release where one is given
//! ```
//!
//! Clips are counted, not pieces: what one job finds is one clip, and each print is one. A rule is looked at in the transaction that
//! puts the sighting on record: a desk that is killed has both or neither.
//!
//! # Shapes and units
//! Times are milliseconds since 1970, windows milliseconds.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::origin::Origin;
use super::store::{DeskError, DeskStore, Page, fresh, now, text};

/// Rules at most.
const MOST_RULES: i64 = 200;
/// Clips of a burst, and milliseconds of its window.
const CLIPS: std::ops::RangeInclusive<u32> = 1..=100_000;
const WINDOW: std::ops::RangeInclusive<i64> = 1_000..=31 * 24 * 3600 * 1000;

/// When a rule fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// So many clips of a title are seen within a time.
    Burst {
        /// How many.
        clips: u32,
        /// Within how many milliseconds.
        within_millis: i64,
    },
    /// A title is seen for the first time.
    First {
        /// Before this moment: that of its release; whenever it is, where none is given.
        before: Option<i64>,
    },
}

impl Condition {
    /// Its word.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Burst { .. } => "burst",
            Self::First { .. } => "first",
        }
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRecord {
    /// Its identifier.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// When it fires.
    pub condition: Condition,
    /// The title it is about; any, where none is named.
    pub title: Option<String>,
    /// Whose token made it.
    pub owner: String,
    /// When.
    pub created: i64,
}

/// That a rule fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    /// Its place in the order of firing.
    pub number: i64,
    /// The rule, which may be gone since.
    pub rule: String,
    /// What it was called.
    pub name: String,
    /// The title.
    pub title: String,
    /// Clips that were counted.
    pub clips: u64,
    /// The job that found the last of them; none where it was a print.
    pub job: Option<String>,
    /// Where that was seen.
    pub place: String,
    /// Where it comes from.
    pub origin: Origin,
    /// When.
    pub fired: i64,
}

/// A clip that shows a title, as it was put on record.
pub(super) struct Seen<'a> {
    pub(super) title: &'a str,
    pub(super) job: Option<&'a str>,
    pub(super) place: &'a str,
    pub(super) origin: &'a Origin,
    pub(super) at: i64,
}

impl DeskStore {
    /// Makes a rule.
    ///
    /// # Errors
    /// [`DeskError::Refused`] for its name and its numbers, [`DeskError::Known`] for its name.
    pub fn add_rule(
        &self,
        owner: &str,
        name: &str,
        title: Option<&str>,
        condition: Condition,
    ) -> Result<RuleRecord, DeskError> {
        match condition {
            Condition::Burst { clips, .. } if !CLIPS.contains(&clips) => {
                return Err(DeskError::Refused("a burst has 1 to 100000 clips"));
            }
            Condition::Burst { within_millis, .. } if !WINDOW.contains(&within_millis) => {
                return Err(DeskError::Refused("a window has a second to 31 days"));
            }
            Condition::First { before: Some(_) } if title.is_none() => {
                return Err(DeskError::Refused("a release is that of a title: name it"));
            }
            _ => (),
        }
        let rule = RuleRecord {
            id: fresh()?,
            name: text(name, 100)?.to_owned(),
            condition,
            title: title
                .map(|title| text(title, 500).map(str::to_owned))
                .transpose()?,
            owner: owner.to_owned(),
            created: now(),
        };
        let (clips, within, before) = match condition {
            Condition::Burst {
                clips,
                within_millis,
            } => (Some(clips), Some(within_millis), None),
            Condition::First { before } => (None, None, before),
        };
        self.act(|db| {
            let count = |query: &str, of: &[&str]| {
                db.query_row(query, rusqlite::params_from_iter(of), |row| row.get::<_, i64>(0))
            };
            if count("SELECT count(*) FROM rules", &[])? >= MOST_RULES {
                return Err(DeskError::Refused("there are too many rules"));
            }
            if count("SELECT count(*) FROM rules WHERE name = ?1", &[&rule.name])? > 0 {
                return Err(DeskError::Known("another rule has that name"));
            }
            db.execute(
                "INSERT INTO rules (id, name, kind, title, clips, within_millis, before, owner, created)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![rule.id, rule.name, condition.as_str(), rule.title, clips, within, before, owner, rule.created],
            )?;
            Ok(())
        })?;
        Ok(rule)
    }

    /// All rules, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn rules(&self) -> Result<Vec<RuleRecord>, DeskError> {
        self.act(rules)
    }

    /// Takes a rule away; that it fired stays on record.
    ///
    /// # Errors
    /// [`DeskError::Missing`].
    pub fn remove_rule(&self, id: &str) -> Result<(), DeskError> {
        let done =
            self.act(|db| Ok(db.execute("DELETE FROM rules WHERE id = ?1", params![id])?))?;
        if done == 0 {
            return Err(DeskError::Missing {
                what: "rule",
                id: id.chars().take(64).collect(),
            });
        }
        Ok(())
    }

    /// That rules fired, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn firings(&self, page: Page) -> Result<Vec<Firing>, DeskError> {
        self.act(|db| {
            let mut query = db.prepare(
                "SELECT number, rule, name, title, clips, job, place, source, uploader, fired FROM firings
                 WHERE ?1 IS NULL OR number < ?1 ORDER BY number DESC LIMIT ?2",
            )?;
            let rows = query.query_map(params![page.before, page.limit], firing)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// Looks at every rule after a clip of a title was put on record; which fire.
pub(super) fn look(db: &Connection, seen: &Seen<'_>) -> Result<Vec<Firing>, DeskError> {
    let mut fired = Vec::new();
    for rule in rules(db)? {
        if rule.title.as_ref().is_some_and(|title| title != seen.title) {
            continue;
        }
        let since = match rule.condition {
            Condition::Burst { within_millis, .. } => seen.at - within_millis,
            Condition::First { before } if before.is_some_and(|before| seen.at >= before) => {
                continue;
            }
            Condition::First { .. } => i64::MIN,
        };
        let clips = clips(db, seen.title, since)?;
        let is_due = match rule.condition {
            Condition::Burst { clips: least, .. } => clips >= u64::from(least),
            Condition::First { .. } => clips == 1,
        };
        let query = "SELECT 1 FROM firings WHERE rule = ?1 AND title = ?2 AND fired > ?3";
        let again = db.query_row(query, params![rule.id, seen.title, since], |_| Ok(()));
        if !is_due || again.optional()?.is_some() {
            continue;
        }
        let act =
            "INSERT INTO firings (rule, name, title, clips, job, place, source, uploader, fired)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             RETURNING number, rule, name, title, clips, job, place, source, uploader, fired";
        let (source, uploader) = (&seen.origin.source, &seen.origin.uploader);
        let told = params![
            rule.id,
            rule.name,
            seen.title,
            clips as i64,
            seen.job,
            seen.place,
            source,
            uploader,
            seen.at
        ];
        fired.push(db.query_row(act, told, firing)?);
    }
    Ok(fired)
}

/// Clips of a title that were seen since then.
fn clips(db: &Connection, title: &str, since: i64) -> Result<u64, DeskError> {
    let query =
        "SELECT count(DISTINCT coalesce(job, id)) FROM sightings WHERE title = ?1 AND seen > ?2";
    let count: i64 = db.query_row(query, params![title, since], |row| row.get(0))?;
    Ok(count as u64)
}

fn rules(db: &Connection) -> Result<Vec<RuleRecord>, DeskError> {
    let mut query = db.prepare_cached(
        "SELECT id, name, title, owner, created, kind, clips, within_millis, before FROM rules ORDER BY name",
    )?;
    let rows = query.query_map([], |row| {
        let kind: String = row.get(5)?;
        Ok(RuleRecord {
            id: row.get(0)?,
            name: row.get(1)?,
            title: row.get(2)?,
            owner: row.get(3)?,
            created: row.get(4)?,
            // The table takes no other word.
            condition: if kind == "burst" {
                Condition::Burst {
                    clips: row.get(6)?,
                    within_millis: row.get(7)?,
                }
            } else {
                Condition::First {
                    before: row.get(8)?,
                }
            },
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn firing(row: &Row<'_>) -> rusqlite::Result<Firing> {
    Ok(Firing {
        number: row.get(0)?,
        rule: row.get(1)?,
        name: row.get(2)?,
        title: row.get(3)?,
        clips: row.get::<_, i64>(4)? as u64,
        job: row.get(5)?,
        place: row.get(6)?,
        origin: Origin {
            source: row.get(7)?,
            uploader: row.get(8)?,
            platform: None,
        },
        fired: row.get(9)?,
    })
}

#[cfg(test)]
mod tests;
