//! What the process of a job says: the answer as soon as it is known, then what is kept beside it.
//!
//! ```text
//! running -> result: on record, its owner counted as told -> done, while page and bundle are made -> kept
//!        \-> error, or nothing more is heard: failed                                             \-> a note says why not
//! ```
//!
//! Whoever is told of a delivery is counted before: who ends a job after its verdict has had it.

use std::sync::Arc;

use countermark_register::desk::{Findings, JobKind, JobRecord, JobState, Sighting};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::ChildStdout;

use super::warned;
use crate::desk::Desk;

/// Why there is no answer of a process that ended without a word.
pub(super) const UNANSWERED: &str =
    "its process ended: the file may be damaged or hostile, or too large to be examined";
/// Bytes of all that a process says.
const MOST_SAID: u64 = 32 << 20;
/// Notes of one job that are told.
const MOST_NOTES: usize = 50;

/// What was heard so far.
pub(super) struct Heard {
    /// Whether the answer is on record.
    is_answered: bool,
    /// Notes that no result holds yet.
    notes: Vec<Value>,
    /// Notes that a result holds.
    told: usize,
    has_bundle: bool,
}

impl Heard {
    /// Nothing yet; of a job that is done, whose page and bundle are made again, the answer.
    pub(super) fn of(job: &JobRecord) -> Self {
        Self {
            is_answered: job.state == JobState::Done,
            notes: Vec::new(),
            told: 0,
            has_bundle: false,
        }
    }

    pub(super) fn is_answered(&self) -> bool {
        self.is_answered
    }

    /// Hears a process to its end, and puts its answer on record.
    ///
    /// # Errors
    /// Why it did not keep what it was to keep.
    pub(super) async fn listen(
        &mut self,
        desk: &Arc<Desk>,
        job: &JobRecord,
        output: ChildStdout,
    ) -> Result<(), String> {
        let mut lines = BufReader::new(output.take(MOST_SAID)).lines();
        let mut stage = under_way(job);
        while let Ok(Some(line)) = lines.next_line().await {
            let Ok(Value::Object(mut said)) = serde_json::from_str(&line) else {
                continue;
            };
            if let Some(Value::String(error)) = said.remove("error") {
                return Err(error);
            }
            if said.contains_key("kept") {
                return Ok(());
            }
            if let Some(result) = said.remove("result") {
                self.answer(desk, job, result).await?;
                stage = keeping();
            } else if said.contains_key("bundle") {
                self.has_bundle = true;
            } else if let Some(note) = said.remove("note") {
                if self.told + self.notes.len() < MOST_NOTES {
                    self.notes.push(note);
                }
            } else if self.is_answered {
                // How far the page is concerns nobody who waits for the answer.
            } else if let Some(name) = said.remove("stage") {
                stage = json!({"state": "running", "stage": name, "total": said.remove("total")});
                desk.events.tell(&job.id, stage.clone(), false);
            } else if let Some(done) = said.remove("done") {
                stage["done"] = done;
                desk.events.tell(&job.id, stage.clone(), false);
            }
        }
        Err(UNANSWERED.to_owned())
    }

    /// An answer goes on record, then is told. One that is there already stays, and with it the notes that it had.
    async fn answer(
        &mut self,
        desk: &Arc<Desk>,
        job: &JobRecord,
        mut result: Value,
    ) -> Result<(), String> {
        let notes = std::mem::take(&mut self.notes);
        self.told = notes.len();
        if self.is_answered {
            return Ok(());
        }
        if let Value::Object(result) = &mut result {
            result.insert("notes".to_owned(), Value::Array(notes));
        }
        let findings = found(job, &result);
        let (id, text) = (job.id.clone(), result.to_string());
        let ended = desk
            .record(move |store| store.end_job(&id, Ok(&text), &findings))
            .await;
        let fired = match ended {
            Ok(Some(fired)) => fired,
            Ok(None) => return Err("cancelled".to_owned()),
            Err(_) => return Err("its answer cannot be put on record".to_owned()),
        };
        self.is_answered = true;
        desk.events.end(&job.id);
        warned(desk, &fired);
        said(desk, job, "done");
        desk.events.tell(&job.id, keeping(), false);
        Ok(())
    }
}

/// What is told of a job when it is begun.
pub(super) fn under_way(job: &JobRecord) -> Value {
    if job.state == JobState::Done {
        keeping()
    } else {
        json!({"state": "running"})
    }
}

fn keeping() -> Value {
    json!({"state": "done", "keeping": true})
}

fn said(desk: &Desk, job: &JobRecord, state: &str) {
    let line = format!("job {} {} {state}", job.id, job.kind.as_str());
    desk.journal().line(&line);
}

/// What is kept of a job is there, or a note says why it is not.
pub(super) async fn kept(
    desk: &Arc<Desk>,
    job: &JobRecord,
    heard: Heard,
    ended: Result<(), String>,
) {
    let mut notes = heard.notes;
    if let Err(why) = ended {
        notes.push(json!(format!(
            "page and bundle could not be made in full: {why}"
        )));
    }
    let (id, has_bundle) = (job.id.clone(), heard.has_bundle);
    let recorded = desk
        .record(move |store| store.kept_of_job(&id, has_bundle, &notes))
        .await;
    if let Err(problem) = recorded {
        let why = problem.cause.unwrap_or(problem.detail);
        desk.journal()
            .warn(&format!("what is kept is not on record: {why}"));
    }
}

/// A job has failed, or was cancelled meanwhile; which.
pub(super) async fn failed(desk: &Arc<Desk>, job: &JobRecord, why: String) -> &'static str {
    let id = job.id.clone();
    let ended = desk
        .record(move |store| store.end_job(&id, Err(&why), &Findings::default()))
        .await;
    let state = match &ended {
        Ok(None) => "cancelled",
        _ => "failed",
    };
    said(desk, job, state);
    if let Ok(Some(fired)) = &ended {
        warned(desk, fired);
    }
    state
}

/// The sightings of a result, and the deliveries that its owner is told of.
fn found(job: &JobRecord, result: &Value) -> Findings {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let list = |name: &str| result[name].as_array().cloned().unwrap_or_default();
    let told: Vec<String> = list("deliveries")
        .iter()
        .filter_map(|one| text(&one["delivery"]))
        .collect();
    let sighting = |found: &Value| {
        let second = |at: usize| found["reference"][at].as_f64().unwrap_or(0.0);
        Some(Sighting {
            number: 0,
            job: Some(job.id.clone()),
            title: text(&found["title"]).or_else(|| text(&result["title"]))?,
            delivery: told.first().cloned().filter(|_| job.kind == JobKind::Trace),
            place: job
                .origin
                .platform
                .clone()
                .unwrap_or_else(|| job.name.clone()),
            span: [second(0), second(1)],
            seen: 0,
            origin: job.origin.clone(),
        })
    };
    let sightings = list("matches")
        .iter()
        .take(100)
        .filter_map(sighting)
        .collect();
    Findings {
        sightings,
        has_bundle: job.kind == JobKind::Trace && !told.is_empty(),
        told,
    }
}
