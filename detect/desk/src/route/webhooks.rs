//! Webhooks: who is told of what happens, and whether it was told.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use countermark_register::desk::{DeskStore, Events};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asking::{Rows, list as as_list};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::problem::{Answer, Problem};
use crate::shape;
use crate::webhook::{Target, secret_in_words};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWebhook {
    url: String,
    events: Vec<String>,
}

/// `POST /v1/webhooks`: the secret is told this once.
pub(super) async fn add(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Json(new): Json<NewWebhook>,
) -> Answer<(StatusCode, Json<Value>)> {
    let wrong = |why| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why);
    Target::checked(&new.url, desk.settings.private_targets).map_err(wrong)?;
    let mut events = Events {
        jobs: false,
        rules: false,
    };
    for event in &new.events {
        match event.as_str() {
            "job.ended" => events.jobs = true,
            "rule.fired" => events.rules = true,
            _ => return Err(wrong("there are two events: job.ended and rule.fired")),
        }
    }
    let owner = caller.name;
    let (webhook, secret) = desk
        .record(move |store| store.add_webhook(&owner, &new.url, events))
        .await?;
    let mut body = shape::webhook(&webhook);
    body["secret"] = json!(secret_in_words(&secret));
    Ok((StatusCode::CREATED, Json(body)))
}

/// `GET /v1/webhooks`.
pub(super) async fn list(State(desk): State<Arc<Desk>>) -> Answer<Json<Value>> {
    let webhooks = desk.record(DeskStore::webhooks).await?;
    let items: Vec<Value> = webhooks.iter().map(shape::webhook).collect();
    Ok(Json(as_list(&items, u32::MAX, None)))
}

/// `DELETE /v1/webhooks/{id}`.
pub(super) async fn remove(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    desk.record(move |store| store.remove_webhook(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/webhooks/{id}/attempts`, the newest first.
pub(super) async fn attempts(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    Query(rows): Query<Rows>,
) -> Answer<Json<Value>> {
    let page = rows.page();
    let attempts = desk
        .record(move |store| {
            store.webhook(&id)?;
            store.attempts(&id, page)
        })
        .await?;
    let items: Vec<Value> = attempts.iter().map(shape::attempt).collect();
    let last = attempts.last().map(|one| one.number);
    Ok(Json(as_list(&items, page.limit, last)))
}
