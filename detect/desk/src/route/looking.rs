//! What is on record: titles, deliveries, sightings.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asking::Rows;
use crate::desk::Desk;
use crate::problem::{Answer, Problem, full};
use crate::shape;

#[derive(Deserialize)]
pub(super) struct Wanted {
    title: Option<String>,
    offset: Option<usize>,
    limit: Option<u32>,
}

/// Rows of a list from `offset` on, and where the next begin.
fn cut(all: Vec<Value>, wanted: &Wanted) -> Value {
    let from = wanted.offset.unwrap_or(0).min(all.len());
    let limit = wanted.limit.unwrap_or(100).clamp(1, 1000) as usize;
    let rest = all.len() - from;
    let items: Vec<Value> = all.into_iter().skip(from).take(limit).collect();
    let next = (rest > limit).then_some(from + limit);
    json!({"items": items, "next": next})
}

/// `GET /v1/titles`.
pub(super) async fn titles(
    State(desk): State<Arc<Desk>>,
    Query(wanted): Query<Wanted>,
) -> Answer<Json<Value>> {
    let titles = desk.wait(Desk::titles).await?;
    let is_wanted = |name: &str| {
        wanted
            .title
            .as_deref()
            .is_none_or(|text| name.contains(text))
    };
    let all = titles.iter().filter(|title| is_wanted(&title.name));
    Ok(Json(cut(all.map(shape::title).collect(), &wanted)))
}

/// `GET /v1/deliveries`, of one title or of all.
pub(super) async fn deliveries(
    State(desk): State<Arc<Desk>>,
    Query(wanted): Query<Wanted>,
) -> Answer<Json<Value>> {
    let name = wanted.title.clone();
    let all = desk
        .wait(move |desk| {
            let failed = |error| Problem::ours(full(&error));
            // Names are the ledger's, whatever the tables say.
            let (vault, _) = desk
                .vault
                .attested()
                .map_err(|error| Problem::ours(full(&error)))?;
            let register = vault.register();
            let title = match &name {
                None => None,
                Some(name) => {
                    let known = register.titles().map_err(failed)?;
                    let known = known.into_iter().find(|title| title.name == *name);
                    Some(known.ok_or_else(|| Problem::missing("title"))?.id)
                }
            };
            let deliveries = register.deliveries(title).map_err(failed)?;
            let shaped = deliveries.iter().map(shape::delivery);
            Ok(shaped.collect::<Vec<Value>>())
        })
        .await?;
    Ok(Json(cut(all, &wanted)))
}

#[derive(Deserialize)]
pub(super) struct WantedSightings {
    title: Option<String>,
    limit: Option<u32>,
}

/// `GET /v1/sightings`, the newest first.
pub(super) async fn sightings(
    State(desk): State<Arc<Desk>>,
    Query(wanted): Query<WantedSightings>,
) -> Answer<Json<Value>> {
    let most = Rows::of(wanted.limit).page().limit;
    let sightings = desk
        .record(move |store| store.sightings(wanted.title.as_deref(), most))
        .await?;
    let items: Vec<Value> = sightings.iter().map(shape::sighting).collect();
    Ok(Json(json!({"items": items, "next": null})))
}
