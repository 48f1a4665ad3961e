//! Whether the desk lives, and how it does.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use countermark_register::desk::{DeskStore, JobState};
use serde_json::{Value, json};

use crate::desk::{BUCKETS, Desk};
use crate::problem::Answer;

/// `GET /health`: whether the record and the register can be asked.
pub(super) async fn health(State(desk): State<Arc<Desk>>) -> Answer<Json<Value>> {
    desk.record(DeskStore::job_counts).await?;
    Ok(Json(
        json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}),
    ))
}

/// `GET /v1/openapi.json`: the document that is checked in, which a test holds against the routes.
pub(super) async fn document() -> impl IntoResponse {
    let kind = (CONTENT_TYPE, "application/json");
    ([kind], include_str!("../../openapi.json"))
}

/// `GET /metrics`: Prometheus' text format.
pub(super) async fn metrics(State(desk): State<Arc<Desk>>) -> Answer<String> {
    let counts = desk.record(DeskStore::job_counts).await?;
    let mut text = String::from("# TYPE desk_jobs gauge\n");
    for (state, count) in JobState::ALL.into_iter().zip(counts) {
        let _ = writeln!(text, "desk_jobs{{state=\"{}\"}} {count}", state.as_str());
    }
    text.push_str("# TYPE desk_answers_total counter\n");
    for (class, count) in desk.meters.answers.iter().enumerate().skip(2) {
        let count = count.load(Ordering::Relaxed);
        let _ = writeln!(text, "desk_answers_total{{status=\"{class}xx\"}} {count}");
    }
    text.push_str("# TYPE desk_verify_seconds histogram\n");
    let mut sum = 0;
    for (at, count) in desk.meters.verified.iter().enumerate() {
        sum += count.load(Ordering::Relaxed);
        let end = BUCKETS
            .get(at)
            .map_or_else(|| "+Inf".to_owned(), f64::to_string);
        let _ = writeln!(text, "desk_verify_seconds_bucket{{le=\"{end}\"}} {sum}");
    }
    let millis = desk.meters.verified_millis.load(Ordering::Relaxed);
    let _ = writeln!(text, "desk_verify_seconds_sum {}", millis as f64 / 1000.0);
    let _ = writeln!(text, "desk_verify_seconds_count {sum}");
    Ok(text)
}
