//! Jobs: asked for, followed, ended.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use countermark_register::desk::{JobKind, JobRecord, NewJob, Role};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::asking::{Rows, list as as_list, once, own_job as own};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::problem::{Answer, Problem};
use crate::{shape, worker};

/// Times that somebody may be told of one delivery within a day before the next clips wait.
const ALIKE: u64 = 20;
/// How long they wait, milliseconds.
const WAIT: i64 = 60_000;
/// Seconds between two signs of life of a stream of events.
const ALIVE: u64 = 15;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    kind: String,
    upload: String,
    title: Option<String>,
    case: Option<String>,
}

/// `POST /v1/jobs`.
pub(super) async fn begin(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    headers: HeaderMap,
    Json(asked): Json<Asked>,
) -> Answer<Response> {
    let kind = JobKind::parse(&asked.kind).ok_or_else(|| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "there is no such kind of job",
        )
    })?;
    if caller.role == Some(Role::Platform) && kind != JobKind::Identify {
        return Err(Problem::forbidden(
            "a platform may have clips identified only",
        ));
    }
    let request = format!(
        "job {} {} {:?} {:?}",
        asked.kind, asked.upload, asked.title, asked.case
    );
    once(&desk, (&caller, &headers, request), async {
        let job = added(&desk, &caller, kind, asked).await?;
        Ok((StatusCode::ACCEPTED, shape::job(&job)))
    })
    .await
}

async fn added(
    desk: &Arc<Desk>,
    caller: &Caller,
    kind: JobKind,
    asked: Asked,
) -> Answer<JobRecord> {
    if let Some(title) = asked.title.clone() {
        let titles = desk.wait(Desk::titles).await?;
        if titles.iter().all(|known| known.name != title) {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "there is no such title",
            ));
        }
    }
    let (owner, who) = (caller.name.clone(), caller.clone());
    let (job, slowed) = desk
        .record(move |store| {
            let upload = store.upload(&asked.upload)?;
            if !who.may_see(&upload.owner) {
                return Err(countermark_register::desk::DeskError::Missing {
                    what: "upload",
                    id: String::new(),
                });
            }
            // Whoever asks about one delivery again and again may be building its signal.
            let alike = store
                .most_asked(&owner)?
                .filter(|asked| asked.times >= ALIKE);
            let slowed = kind != JobKind::Identify && alike.is_some();
            let job = store.add_job(&NewJob {
                kind,
                upload: &asked.upload,
                name: &upload.name,
                title: asked.title.as_deref(),
                case: asked.case.as_deref(),
                owner: &owner,
                not_before: if slowed { now() + WAIT } else { 0 },
            })?;
            Ok((job, alike.filter(|_| slowed)))
        })
        .await?;
    if let Some(alike) = slowed {
        let (who, times, delivery) = (&caller.name, alike.times, alike.delivery);
        desk.journal().warn(&format!(
            "{who} was told of delivery {delivery} {times} times within a day: its jobs wait"
        ));
    }
    desk.events.waiting.notify_one();
    Ok(job)
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_millis() as i64
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    case: Option<String>,
    limit: Option<u32>,
    before: Option<i64>,
}

/// `GET /v1/jobs`, the newest first.
pub(super) async fn list(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Answer<Json<Value>> {
    let rows: Rows =
        serde_json::from_value(json!({"limit": wanted.limit, "before": wanted.before}))
            .map_err(|_| Problem::bad("limit or before is no number"))?;
    let (page, owner) = (rows.page(), caller.sees().map(str::to_owned));
    let jobs = desk
        .record(move |store| store.jobs(owner.as_deref(), wanted.case.as_deref(), page))
        .await?;
    let last = jobs.last().map(|job| job.number);
    Ok(Json(as_list(
        &jobs.iter().map(shape::job).collect::<Vec<_>>(),
        page.limit,
        last,
    )))
}

/// `GET /v1/jobs/{id}`.
pub(super) async fn one(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<Value>> {
    Ok(Json(shape::job(&own(&desk, &caller, id).await?)))
}

/// `GET /v1/jobs/{id}/result`: the JSON of the command line.
pub(super) async fn result(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Response> {
    let job = own(&desk, &caller, id).await?;
    let result = job
        .result
        .ok_or_else(|| Problem::new(StatusCode::CONFLICT, "the job has no result"))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], result).into_response())
}

/// `DELETE /v1/jobs/{id}`: cancels it.
pub(super) async fn cancel(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<Value>> {
    let job = own(&desk, &caller, id).await?;
    let cancelled = job.id.clone();
    if desk
        .record(move |store| store.cancel_job(&cancelled))
        .await?
    {
        desk.events.cancel(&job.id);
        desk.events
            .tell(&job.id, json!({"state": "cancelled"}), true);
        worker::forget(&desk, &job.upload).await?;
    }
    Ok(Json(shape::job(&own(&desk, &caller, job.id).await?)))
}

/// Whether nothing more is told of a job.
fn is_over(job: &JobRecord) -> bool {
    job.state.is_final() && !job.is_keeping
}

/// `GET /v1/jobs/{id}/events`: what happens to it, as server-sent events, until it ends.
pub(super) async fn events(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Response> {
    // Before the record is looked at, so that nothing is missed between.
    let mut listener = desk.events.listen();
    let job = own(&desk, &caller, id).await?;
    let (sender, receiver) = mpsc::channel::<Result<Bytes, Infallible>>(64);
    tokio::spawn(async move {
        let said = |body: &Value| Ok(Bytes::from(format!("data: {body}\n\n")));
        let first = desk.events.last(&job.id);
        let first = first.unwrap_or_else(|| json!({"state": job.state.as_str()}));
        if sender.send(said(&first)).await.is_err() || is_over(&job) {
            return;
        }
        loop {
            let alive = std::time::Duration::from_secs(ALIVE);
            let body = match tokio::time::timeout(alive, listener.recv()).await {
                Ok(Ok(event)) if event.job == job.id => event.body,
                Ok(Err(tokio::sync::broadcast::error::RecvError::Closed)) => return,
                Ok(_) => continue,
                Err(_) => {
                    // A server that was started again tells of no job that ended before.
                    let id = job.id.clone();
                    let state = desk.record(move |store| store.job(&id)).await;
                    match state {
                        Ok(job) if is_over(&job) => json!({"state": job.state.as_str()}),
                        _ => {
                            let alive = Ok(Bytes::from_static(b": alive\n\n"));
                            if sender.send(alive).await.is_err() {
                                return;
                            }
                            continue;
                        }
                    }
                }
            };
            let is_open = body["state"] == "running" || body["state"] == "queued";
            let is_last = !is_open && body["keeping"] != true;
            if sender.send(said(&body)).await.is_err() || is_last {
                return;
            }
        }
    });
    let body = Body::from_stream(ReceiverStream::new(receiver));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, body).into_response())
}
