//! Examinations that were asked for, and what became of them.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Value, json};

use super::messages::job_ended;
use super::origin::Origin;
use super::rules::Firing;
use super::sightings::{Sighting, asked, sighted};
use super::store::{DeskError, DeskStore, Page, fresh, now};

/// Times that a job is begun at most. A job whose own process ends has failed at once; what ends its server again and again is given up.
const MOST_ATTEMPTS: i64 = 25;

/// What is asked of a clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Whose copy it is.
    Trace,
    /// Which title.
    Identify,
    /// What its mark says by itself.
    Read,
}

impl JobKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Trace, Self::Identify, Self::Read];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Identify => "identify",
            Self::Read => "read",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// It waits.
    Queued,
    /// It is worked on.
    Running,
    /// It has a result.
    Done,
    /// It has an error.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl JobState {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more becomes of it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }

    fn parse(word: &str) -> Self {
        // The table takes no other word.
        let known = Self::ALL.into_iter().find(|state| state.as_str() == word);
        known.unwrap_or(Self::Failed)
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct NewJob<'a> {
    /// What of the clip.
    pub kind: JobKind,
    /// The upload.
    pub upload: &'a str,
    /// What the clip is called.
    pub name: &'a str,
    /// The title, where it is known.
    pub title: Option<&'a str>,
    /// The case it belongs to.
    pub case: Option<&'a str>,
    /// Whose token.
    pub owner: &'a str,
    /// When it may begin.
    pub not_before: i64,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord {
    /// Its place in the order of asking.
    pub number: i64,
    /// Its identifier.
    pub id: String,
    /// What of the clip.
    pub kind: JobKind,
    /// How far it is.
    pub state: JobState,
    /// The upload.
    pub upload: String,
    /// What the clip is called.
    pub name: String,
    /// The title, where it was known.
    pub title: Option<String>,
    /// The case it belongs to.
    pub case: Option<String>,
    /// Whose token.
    pub owner: String,
    /// When it was asked for, begun, ended.
    pub created: i64,
    /// When it was begun last.
    pub started: Option<i64>,
    /// When it ended.
    pub ended: Option<i64>,
    /// The JSON of the command line.
    pub result: Option<String>,
    /// Why there is none.
    pub error: Option<String>,
    /// Where the clip comes from.
    pub origin: Origin,
    /// Whether there is a proof bundle, or it is being made.
    pub has_bundle: bool,
    /// Whether its page and its bundle are still being made: its state is final before.
    pub is_keeping: bool,
}

/// What an examination came to beside its answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Findings {
    /// What was found.
    pub sightings: Vec<Sighting>,
    /// The deliveries that the job's owner is told of.
    pub told: Vec<String>,
    /// Whether a proof bundle is to be made.
    pub has_bundle: bool,
}

const COLUMNS: &str = "number, id, kind, state, upload, name, title, case_id, owner, created, started, ended, result, error, source, \
    uploader, platform, bundle, keeping > 0";

impl DeskStore {
    /// Puts a job on record.
    ///
    /// # Errors
    /// [`DeskError::Missing`] for the upload and the case, [`DeskError::Refused`] for an upload that is not whole.
    pub fn add_job(&self, new: &NewJob<'_>) -> Result<JobRecord, DeskError> {
        let id = fresh()?;
        self.act(|db| {
            let query = "SELECT complete FROM uploads WHERE id = ?1";
            let complete = db.query_row(query, params![new.upload], |row| row.get::<_, bool>(0));
            match complete.optional()? {
                None => return Err(missing("upload", new.upload)),
                Some(false) => return Err(DeskError::Refused("the upload is not whole yet")),
                Some(true) => (),
            }
            if let Some(case) = new.case {
                let query = "SELECT 1 FROM cases WHERE id = ?1";
                let known = db.query_row(query, params![case], |_| Ok(())).optional()?;
                known.ok_or_else(|| missing("case", case))?;
            }
            db.execute(
                "INSERT INTO jobs (id, kind, state, upload, name, title, case_id, owner, not_before, created, source, uploader, platform)
                 SELECT ?1, ?2, 'queued', ?3, ?4, ?5, ?6, ?7, ?8, ?9, source, uploader, platform FROM uploads WHERE id = ?3",
                params![id, new.kind.as_str(), new.upload, new.name, new.title, new.case, new.owner, new.not_before, now()],
            )?;
            one(db, &id)
        })
    }

    /// A job.
    ///
    /// # Errors
    /// [`DeskError::Missing`].
    pub fn job(&self, id: &str) -> Result<JobRecord, DeskError> {
        self.act(|db| one(db, id))
    }

    /// Jobs, the newest first: of one owner, of one case, or all.
    ///
    /// # Errors
    /// Those of the database.
    pub fn jobs(
        &self,
        owner: Option<&str>,
        case: Option<&str>,
        page: Page,
    ) -> Result<Vec<JobRecord>, DeskError> {
        self.act(|db| {
            let query = format!(
                "SELECT {COLUMNS} FROM jobs WHERE (?1 IS NULL OR owner = ?1) AND (?2 IS NULL OR case_id = ?2)
                 AND (?3 IS NULL OR number < ?3) ORDER BY number DESC LIMIT ?4"
            );
            let mut query = db.prepare(&query)?;
            let rows = query.query_map(params![owner, case, page.before, page.limit], record)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// How many jobs there are in each state, in the order of [`JobState::ALL`].
    ///
    /// # Errors
    /// Those of the database.
    pub fn job_counts(&self) -> Result<[u64; 5], DeskError> {
        self.act(|db| {
            let mut counts = [0; 5];
            let mut query = db.prepare("SELECT state, count(*) FROM jobs GROUP BY state")?;
            let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
            for row in rows {
                let (state, count): (String, i64) = row?;
                counts[JobState::parse(&state) as usize] = count as u64;
            }
            Ok(counts)
        })
    }

    /// The next job that may begin, which is running from now on; none while there is none. One that is done already, and of which what is
    /// kept is to be made again, comes last and stays done.
    ///
    /// # Errors
    /// Those of the database.
    pub fn begin_job(&self) -> Result<Option<JobRecord>, DeskError> {
        self.act(|db| {
            let act = "UPDATE jobs SET state = 'running', attempts = attempts + 1, started = ?1 WHERE number =
                (SELECT number FROM jobs WHERE state = 'queued' AND not_before <= ?1 ORDER BY number LIMIT 1)
                RETURNING id";
            let again = "UPDATE jobs SET keeping = 1, attempts = attempts + 1 WHERE number =
                (SELECT number FROM jobs WHERE keeping = 2 ORDER BY number LIMIT 1) RETURNING id";
            let id = |row: &Row<'_>| row.get::<_, String>(0);
            let begun = db.query_row(act, params![now()], id).optional()?;
            let begun = match begun {
                None => db.query_row(again, [], id).optional()?,
                begun => begun,
            };
            begun.map(|id| one(db, &id)).transpose()
        })
    }

    /// Ends a running job with a result or an error; the rules that fire, none if it was not running. One that was cancelled meanwhile stays so. What was found
    /// is put on record with it, and of which deliveries its owner was told: all of it or nothing, and before anybody is told. What is
    /// kept of a result is made from now on, until [`Self::kept_of_job`].
    ///
    /// # Errors
    /// Those of the database.
    pub fn end_job(
        &self,
        id: &str,
        outcome: Result<&str, &str>,
        findings: &Findings,
    ) -> Result<Option<Vec<Firing>>, DeskError> {
        let state = if outcome.is_ok() { "done" } else { "failed" };
        self.act(|db| {
            let act = "UPDATE jobs SET state = ?2, ended = ?3, result = ?4, error = ?5, keeping = ?6, bundle = ?7
                WHERE id = ?1 AND state = 'running'";
            let keeping = outcome.is_ok();
            let ended = params![id, state, now(), outcome.ok(), outcome.err(), keeping, findings.has_bundle];
            if db.execute(act, ended)? == 0 {
                return Ok(None);
            }
            let job = one(db, id)?;
            job_ended(db, &told_of(&job))?;
            let owner = job.owner;
            let Findings {
                sightings, told, ..
            } = findings;
            let fired = sighted(db, sightings, now())?;
            told.iter()
                .try_for_each(|delivery| asked(db, &owner, delivery))?;
            Ok(Some(fired))
        })
    }

    /// What is kept of a job that is done was made, with or without a bundle, or cannot be had. `notes` are added to those of its result.
    ///
    /// # Errors
    /// [`DeskError::Missing`].
    pub fn kept_of_job(
        &self,
        id: &str,
        has_bundle: bool,
        notes: &[Value],
    ) -> Result<(), DeskError> {
        self.act(|db| {
            let result = one(db, id)?.result.map(|text| with_notes(&text, notes));
            let act = "UPDATE jobs SET keeping = 0, bundle = ?2, result = ?3 WHERE id = ?1 AND keeping = 1";
            db.execute(act, params![id, has_bundle, result])?;
            Ok(())
        })
    }

    /// The bundle of a job is kept no longer.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_bundle(&self, id: &str) -> Result<(), DeskError> {
        self.act(|db| {
            db.execute("UPDATE jobs SET bundle = 0 WHERE id = ?1", params![id])?;
            Ok(())
        })
    }

    /// Cancels a job that has not ended; whether it had not.
    ///
    /// # Errors
    /// [`DeskError::Missing`].
    pub fn cancel_job(&self, id: &str) -> Result<bool, DeskError> {
        self.act(|db| {
            one(db, id)?;
            let act = "UPDATE jobs SET state = 'cancelled', ended = ?2 WHERE id = ?1 AND state IN ('queued', 'running')";
            let was_open = db.execute(act, params![id, now()])? > 0;
            if was_open {
                job_ended(db, &told_of(&one(db, id)?))?;
            }
            Ok(was_open)
        })
    }

    /// What a server that is gone was working on waits again; what ended servers too often is given up. How many wait.
    ///
    /// # Errors
    /// Those of the database.
    pub fn resume_jobs(&self) -> Result<usize, DeskError> {
        self.act(|db| {
            let act = "UPDATE jobs SET state = 'failed', ended = ?1, error = ?2 WHERE state = 'running' AND attempts >= ?3
                RETURNING id";
            let why = "its server ended while it ran, again and again";
            let mut given_up = db.prepare(act)?;
            let given_up = given_up.query_map(params![now(), why, MOST_ATTEMPTS], |row| {
                row.get::<_, String>(0)
            })?;
            for id in given_up.collect::<Result<Vec<_>, _>>()? {
                job_ended(db, &told_of(&one(db, &id)?))?;
            }
            let act = "UPDATE jobs SET keeping = CASE WHEN attempts < ?1 THEN 2 ELSE 0 END WHERE keeping = 1";
            let again = db.execute(act, params![MOST_ATTEMPTS])?;
            let act = "UPDATE jobs SET state = 'queued' WHERE state = 'running'";
            Ok(again + db.execute(act, [])?)
        })
    }
}

/// What webhooks are told of a job that has ended: no score.
fn told_of(job: &JobRecord) -> Value {
    let result = job.result.as_deref();
    let result: Value = result
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let deliveries = result["deliveries"].as_array().into_iter().flatten();
    let deliveries: Vec<&Value> = deliveries.map(|one| &one["delivery"]).collect();
    json!({
        "job": job.id,
        "kind": job.kind.as_str(),
        "state": job.state.as_str(),
        "name": job.name,
        "source": job.origin.source,
        "uploader": job.origin.uploader,
        "verdict": result["verdict"],
        "title": result["title"],
        "deliveries": deliveries,
        "error": job.error,
    })
}

/// A result with more notes.
fn with_notes(result: &str, notes: &[Value]) -> String {
    let parsed: Option<Value> = serde_json::from_str(result).ok();
    let Some(mut whole) = parsed.filter(|_| !notes.is_empty()) else {
        return result.to_owned();
    };
    if let Some(own) = whole["notes"].as_array_mut() {
        own.extend_from_slice(notes);
    }
    whole.to_string()
}

fn one(db: &Connection, id: &str) -> Result<JobRecord, DeskError> {
    let query = format!("SELECT {COLUMNS} FROM jobs WHERE id = ?1");
    let found = db.query_row(&query, params![id], record).optional()?;
    found.ok_or_else(|| missing("job", id))
}

fn missing(what: &'static str, id: &str) -> DeskError {
    DeskError::Missing {
        what,
        id: id.chars().take(64).collect(),
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<JobRecord> {
    let (kind, state): (String, String) = (row.get(2)?, row.get(3)?);
    Ok(JobRecord {
        number: row.get(0)?,
        id: row.get(1)?,
        // The table takes no other word.
        kind: JobKind::parse(&kind).unwrap_or(JobKind::Identify),
        state: JobState::parse(&state),
        upload: row.get(4)?,
        name: row.get(5)?,
        title: row.get(6)?,
        case: row.get(7)?,
        owner: row.get(8)?,
        created: row.get(9)?,
        started: row.get(10)?,
        ended: row.get(11)?,
        result: row.get(12)?,
        error: row.get(13)?,
        origin: Origin {
            source: row.get(14)?,
            uploader: row.get(15)?,
            platform: row.get(16)?,
        },
        has_bundle: row.get(17)?,
        is_keeping: row.get(18)?,
    })
}
