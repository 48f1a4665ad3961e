//! What many requests have in common: pages of lists, and keys under which an answer is kept.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use countermark_register::desk::{JobRecord, Page, token_hash};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::desk::Desk;
use crate::problem::{Answer, Problem};

/// Rows of a list, when nobody says how many, and at most.
const USUAL: u32 = 50;
const MOST: u32 = 200;

/// Which rows of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Rows {
    limit: Option<u32>,
    before: Option<i64>,
}

impl Rows {
    /// The newest rows, so many where it is said.
    pub(crate) fn of(limit: Option<u32>) -> Self {
        Self {
            limit,
            before: None,
        }
    }

    pub(crate) fn page(&self) -> Page {
        Page {
            limit: self.limit.unwrap_or(USUAL).clamp(1, MOST),
            before: self.before,
        }
    }
}

/// A list and where the next one begins.
pub(crate) fn list(items: &[Value], limit: u32, last: Option<i64>) -> Value {
    let next = last.filter(|_| items.len() == limit as usize);
    json!({"items": items, "next": next})
}

/// JSON with a status.
pub(crate) fn answered(status: StatusCode, body: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, body.to_string()).into_response()
}

/// Does something once for each `Idempotency-Key` of a caller: whoever asks again hears the first answer.
pub(crate) async fn once<F>(
    desk: &Arc<Desk>,
    (caller, headers, request): (&Caller, &HeaderMap, String),
    work: F,
) -> Answer<Response>
where
    F: Future<Output = Answer<(StatusCode, Value)>>,
{
    let key = headers.get("idempotency-key").map(|key| {
        let text = key
            .to_str()
            .ok()
            .filter(|text| !text.is_empty() && text.len() <= 200);
        text.ok_or_else(|| Problem::bad("the idempotency key is empty, too long, or no text"))
    });
    let Some(key) = key.transpose()?.map(str::to_owned) else {
        let (status, body) = work.await?;
        return Ok(answered(status, &body));
    };
    let (owner, request) = (caller.name.clone(), token_hash(&request));
    let asked = (owner.clone(), key.clone(), request.clone());
    let known = desk
        .record(move |store| store.kept_answer((&asked.0, &asked.1, &asked.2)))
        .await?;
    if let Some((status, body)) = known {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let kind = [(header::CONTENT_TYPE, "application/json")];
        return Ok((status, kind, body).into_response());
    }
    let (status, body) = work.await?;
    let text = body.to_string();
    let kept = (status.as_u16(), text);
    desk.record(move |store| store.keep_answer((&owner, &key, &request), (kept.0, &kept.1)))
        .await?;
    Ok(answered(status, &body))
}

/// A job, if the caller may see it.
pub(crate) async fn own_job(desk: &Arc<Desk>, caller: &Caller, id: String) -> Answer<JobRecord> {
    let job = desk.record(move |store| store.job(&id)).await?;
    let seen = caller.may_see(&job.owner).then_some(job);
    seen.ok_or_else(|| Problem::missing("job"))
}
