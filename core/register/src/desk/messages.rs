//! What webhooks are to be told, and every attempt to tell it.
//!
//! ```text
//! message: waiting -> sent | given-up        n-th attempt, next after 1 s, 5 s, 30 s, 2 min, 10 min, 1 h, 4 h, 12 h
//! ```
//!
//! A message is put on record in the transaction of what it tells: a desk that is killed tells it later. It may be told twice, under one
//! identifier, never not at all: unless its target does not take it within nine attempts.
//!
//! # Shapes and units
//! Times are milliseconds since 1970.

use rusqlite::{Connection, Row, params};
use serde_json::{Value, json};

use super::rules::Firing;
use super::store::{DeskError, DeskStore, Page, fresh, now};
use crate::Timestamp;

/// Milliseconds until a message is tried again.
const WAITS: [i64; 8] = [
    1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000, 14_400_000, 43_200_000,
];
/// How long whoever has begun with a message may take.
const LEASE: i64 = 60_000;
/// Messages that wait for one webhook.
const MOST_WAITING: i64 = 10_000;
/// How long it is known what was told.
const KEPT: i64 = 30 * 24 * 3600 * 1000;

/// A message that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its identifier, the same at every attempt.
    pub id: String,
    /// The webhook.
    pub webhook: String,
    /// Where.
    pub url: String,
    /// What: JSON.
    pub body: String,
}

/// An attempt to tell a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its place in the order of attempts.
    pub number: i64,
    /// The message.
    pub message: String,
    /// What it tells of.
    pub event: String,
    /// What became of the message until now: `waiting`, `sent`, `given-up`.
    pub state: String,
    /// The status that was answered.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
    /// How long it took.
    pub millis: i64,
    /// When.
    pub tried: i64,
}

impl DeskStore {
    /// Messages whose time has come, `most` of them: whoever takes them tells them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn begin_messages(&self, most: u32) -> Result<Vec<Message>, DeskError> {
        self.act(|db| {
            let act = "UPDATE messages SET next_at = ?1 + ?2 WHERE id IN
                (SELECT id FROM messages WHERE state = 'waiting' AND next_at <= ?1 ORDER BY next_at LIMIT ?3)
                RETURNING id, webhook, (SELECT url FROM webhooks WHERE id = webhook), body";
            let mut act = db.prepare(act)?;
            let rows = act.query_map(params![now(), LEASE, most], |row| {
                Ok(Message {
                    id: row.get(0)?,
                    webhook: row.get(1)?,
                    url: row.get(2)?,
                    body: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// What an attempt came to; whether the message is given up.
    ///
    /// # Errors
    /// Those of the database.
    pub fn end_attempt(
        &self,
        message: &str,
        outcome: Result<u16, &str>,
        millis: i64,
    ) -> Result<bool, DeskError> {
        self.act(|db| {
            let query = "UPDATE messages SET attempts = attempts + 1 WHERE id = ?1 RETURNING attempts";
            let mut rows = db.prepare(query)?;
            let mut rows = rows.query_map(params![message], |row| row.get::<_, i64>(0))?;
            // The webhook was taken away meanwhile.
            let Some(attempts) = rows.next().transpose()? else {
                return Ok(false);
            };
            drop(rows);
            let act = "INSERT INTO attempts (message, status, error, millis, tried) VALUES (?1, ?2, ?3, ?4, ?5)";
            db.execute(act, params![message, outcome.ok(), outcome.err(), millis, now()])?;
            let wait = usize::try_from(attempts - 1).ok().and_then(|at| WAITS.get(at));
            let (state, next) = match (outcome, wait) {
                (Ok(200..=299), _) => ("sent", 0),
                // Gone: the target says that it wants no more.
                (Ok(410), _) | (_, None) => ("given-up", 0),
                (_, Some(wait)) => ("waiting", now() + wait),
            };
            let act = "UPDATE messages SET state = ?2, next_at = ?3 WHERE id = ?1";
            db.execute(act, params![message, state, next])?;
            Ok(state == "given-up")
        })
    }

    /// Attempts to tell a webhook something, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn attempts(&self, webhook: &str, page: Page) -> Result<Vec<Attempt>, DeskError> {
        self.act(|db| {
            let mut query = db.prepare(
                "SELECT number, message, event, state, status, error, millis, tried FROM attempts JOIN messages ON messages.id = message
                 WHERE webhook = ?1 AND (?2 IS NULL OR number < ?2) ORDER BY number DESC LIMIT ?3",
            )?;
            let rows = query.query_map(params![webhook, page.before, page.limit], attempt)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// A job has ended: what is told of it.
pub(super) fn job_ended(db: &Connection, data: &Value) -> Result<(), DeskError> {
    post(db, ("job.ended", "on_jobs"), data)
}

/// Rules fired.
pub(super) fn fired(db: &Connection, firings: &[Firing]) -> Result<(), DeskError> {
    for one in firings {
        let data = json!({
            "rule": one.rule,
            "name": one.name,
            "title": one.title,
            "clips": one.clips,
            "job": one.job,
            "place": one.place,
            "source": one.origin.source,
            "uploader": one.origin.uploader,
        });
        post(db, ("rule.fired", "on_rules"), &data)?;
    }
    Ok(())
}

/// Puts a message on record for each webhook that hears of such events.
fn post(
    db: &Connection,
    (event, column): (&str, &'static str),
    data: &Value,
) -> Result<(), DeskError> {
    let mut query = db.prepare_cached(&format!("SELECT id FROM webhooks WHERE {column}"))?;
    let webhooks = query.query_map([], |row| row.get::<_, String>(0))?;
    let webhooks: Vec<String> = webhooks.collect::<Result<_, _>>()?;
    if webhooks.is_empty() {
        return Ok(());
    }
    let at = now();
    let act = "DELETE FROM messages WHERE state != 'waiting' AND created < ?1";
    db.execute(act, params![at - KEPT])?;
    let time = Timestamp::at_unix_millis(at.max(0) as u64).to_string();
    let body = json!({"type": event, "timestamp": time, "data": data}).to_string();
    for webhook in webhooks {
        let query = "SELECT count(*) FROM messages WHERE webhook = ?1 AND state = 'waiting'";
        let waiting: i64 = db.query_row(query, params![webhook], |row| row.get(0))?;
        // A target that is gone must not fill the disk: what it is not told is on record all the same.
        let state = if waiting < MOST_WAITING {
            "waiting"
        } else {
            "given-up"
        };
        db.execute(
            "INSERT INTO messages (id, webhook, event, body, state, next_at, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
            params![format!("msg_{}", fresh()?), webhook, event, body, state, at],
        )?;
    }
    Ok(())
}

fn attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    Ok(Attempt {
        number: row.get(0)?,
        message: row.get(1)?,
        event: row.get(2)?,
        state: row.get(3)?,
        status: row.get(4)?,
        error: row.get(5)?,
        millis: row.get(6)?,
        tried: row.get(7)?,
    })
}

#[cfg(test)]
mod tests;
