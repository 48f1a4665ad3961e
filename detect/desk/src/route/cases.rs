//! Cases and what people noted in them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::asking::{Rows, once};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::problem::Answer;
use crate::shape;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCase {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNote {
    text: String,
}

/// `GET /v1/cases`.
pub(super) async fn list(
    State(desk): State<Arc<Desk>>,
    Query(rows): Query<Rows>,
) -> Answer<Json<Value>> {
    let most = rows.page().limit;
    let cases = desk.record(move |store| store.cases(most)).await?;
    let items: Vec<Value> = cases.iter().map(shape::case).collect();
    Ok(Json(json!({"items": items, "next": null})))
}

/// `POST /v1/cases`.
pub(super) async fn begin(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    headers: HeaderMap,
    Json(new): Json<NewCase>,
) -> Answer<Response> {
    let owner = caller.name.clone();
    let request = format!("case {}", new.name);
    once(&desk, (&caller, &headers, request), async {
        let case = desk
            .record(move |store| store.add_case(&owner, &new.name))
            .await?;
        Ok((StatusCode::CREATED, shape::case(&case)))
    })
    .await
}

/// `GET /v1/cases/{id}`: with its notes and jobs.
pub(super) async fn one(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    Query(rows): Query<Rows>,
) -> Answer<Json<Value>> {
    let page = rows.page();
    let (case, notes, jobs) = desk
        .record(move |store| {
            let (case, notes) = store.case(&id)?;
            let jobs = store.jobs(None, Some(&id), page)?;
            Ok((case, notes, jobs))
        })
        .await?;
    let mut body = shape::case(&case);
    body["notes"] = notes.iter().map(shape::note).collect();
    body["jobs"] = jobs.iter().map(shape::job).collect();
    Ok(Json(body))
}

/// `POST /v1/cases/{id}/notes`.
pub(super) async fn note(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(new): Json<NewNote>,
) -> Answer<(StatusCode, Json<Value>)> {
    let author = caller.name;
    let kept = (author.clone(), new.text.clone());
    desk.record(move |store| store.add_note(&id, &kept.0, &kept.1))
        .await?;
    let body = json!({"author": author, "text": new.text});
    Ok((StatusCode::CREATED, Json(body)))
}
