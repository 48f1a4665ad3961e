//! Tokens: who may ask what.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use countermark_register::desk::{DeskStore, Role};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::problem::{Answer, Problem};
use crate::shape;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    name: String,
    role: String,
}

/// `POST /v1/tokens`: the token's text is told this once.
pub(super) async fn add(
    State(desk): State<Arc<Desk>>,
    Json(new): Json<NewToken>,
) -> Answer<(StatusCode, Json<Value>)> {
    let role = Role::parse(&new.role)
        .ok_or_else(|| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "there is no such role"))?;
    if new.name.trim() == "local" {
        let why = "this name is that of the printed token";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why));
    }
    let (record, token) = desk
        .record(move |store| store.add_token(&new.name, role))
        .await?;
    let mut body = shape::token(&record);
    body["token"] = json!(token);
    Ok((StatusCode::CREATED, Json(body)))
}

/// `GET /v1/tokens`.
pub(super) async fn list(State(desk): State<Arc<Desk>>) -> Answer<Json<Value>> {
    let tokens = desk.record(DeskStore::tokens).await?;
    let items: Vec<Value> = tokens.iter().map(shape::token).collect();
    Ok(Json(json!({"items": items, "next": null})))
}

/// `DELETE /v1/tokens/{id}`.
pub(super) async fn revoke(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    desk.record(move |store| store.revoke_token(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
