//! Rules of early warning, and that they fired.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use countermark_register::desk::{Condition, DeskStore};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::asking::{Rows, list as as_list, once};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::problem::{Answer, Problem};
use crate::shape;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRule {
    name: String,
    kind: String,
    title: Option<String>,
    clips: Option<u32>,
    within_seconds: Option<u32>,
    before: Option<i64>,
}

impl NewRule {
    fn condition(&self) -> Answer<Condition> {
        let wrong = |why| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why);
        match (&*self.kind, self.clips, self.within_seconds, self.before) {
            ("burst", Some(clips), Some(seconds), None) => Ok(Condition::Burst {
                clips,
                within_millis: i64::from(seconds) * 1000,
            }),
            ("first", None, None, before) => Ok(Condition::First { before }),
            ("burst", ..) => Err(wrong("a burst has clips and within_seconds, and no before")),
            ("first", ..) => Err(wrong("a first sighting has neither clips nor a window")),
            _ => Err(wrong("there is no such kind of rule")),
        }
    }
}

/// `POST /v1/rules`.
pub(super) async fn add(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    headers: HeaderMap,
    Json(new): Json<NewRule>,
) -> Answer<Response> {
    let condition = new.condition()?;
    if let Some(title) = new.title.clone() {
        let titles = desk.wait(Desk::titles).await?;
        if titles.iter().all(|known| known.name != title) {
            let why = "there is no such title";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why));
        }
    }
    let owner = caller.name.clone();
    let request = serde_json::to_string(&new).map_err(Problem::ours)?;
    once(
        &desk,
        (&caller, &headers, format!("rule {request}")),
        async {
            let rule = desk
                .record(move |store| {
                    store.add_rule(&owner, &new.name, new.title.as_deref(), condition)
                })
                .await?;
            Ok((StatusCode::CREATED, shape::rule(&rule)))
        },
    )
    .await
}

/// `GET /v1/rules`.
pub(super) async fn list(State(desk): State<Arc<Desk>>) -> Answer<Json<Value>> {
    let rules = desk.record(DeskStore::rules).await?;
    let items: Vec<Value> = rules.iter().map(shape::rule).collect();
    Ok(Json(as_list(&items, u32::MAX, None)))
}

/// `DELETE /v1/rules/{id}`.
pub(super) async fn remove(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    desk.record(move |store| store.remove_rule(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/firings`, the newest first.
pub(super) async fn firings(
    State(desk): State<Arc<Desk>>,
    Query(rows): Query<Rows>,
) -> Answer<Json<Value>> {
    let page = rows.page();
    let firings = desk.record(move |store| store.firings(page)).await?;
    let items: Vec<Value> = firings.iter().map(shape::firing).collect();
    let last = firings.last().map(|one| one.number);
    Ok(Json(as_list(&items, page.limit, last)))
}
