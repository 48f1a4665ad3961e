//! What is kept of a job beside its result: the proof bundle, the page to hand on, the frames that were compared.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use countermark_register::desk::JobRecord;

use super::asking::own_job;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::examine::BUNDLE;
use crate::kept;
use crate::problem::{Answer, Problem};

/// How long is waited for what is being made.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often is looked whether it is there.
const LOOK: Duration = Duration::from_millis(100);

/// A job of the caller's, once what is kept of it was made.
async fn made(desk: &Arc<Desk>, caller: &Caller, id: String) -> Answer<JobRecord> {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        let job = own_job(desk, caller, id.clone()).await?;
        if !job.is_keeping {
            return Ok(job);
        }
        if tokio::time::Instant::now() >= until {
            let still = "its page and bundle are still being made";
            return Err(Problem::new(StatusCode::CONFLICT, still));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// `GET /v1/jobs/{id}/bundle`: the proof bundle, where somebody is accused.
pub(super) async fn bundle(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Response> {
    let job = made(&desk, &caller, id).await?;
    if !job.has_bundle {
        return Err(Problem::missing(
            "bundle: nobody is accused, or it was not kept",
        ));
    }
    let zip = kept::file(&desk, &job.id, BUNDLE).await?;
    // Who has it can make the accused delivery's signal.
    let (who, id) = (&caller.name, &job.id);
    desk.journal().line(&format!(
        "{who} took the bundle of job {id}, which opens the keys of the accused deliveries"
    ));
    Ok(download("application/zip", &format!("{id}.zip"), zip))
}

/// `GET /v1/jobs/{id}/report`: the page to hand on, one file.
pub(super) async fn report(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Response> {
    let job = made(&desk, &caller, id).await?;
    let html = kept::file(&desk, &job.id, "report.html").await?;
    let name = format!("{}.html", job.id);
    Ok(download("text/html; charset=utf-8", &name, html))
}

/// `GET /v1/jobs/{id}/frames/{name}`: a frame that was compared, `N-clip.png` or `N-master.png`.
pub(super) async fn frame(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Path((id, name)): Path<(String, String)>,
) -> Answer<Response> {
    let (number, side) = name.split_once('-').unwrap_or_default();
    let is_frame = matches!(side, "clip.png" | "master.png")
        && number.len() == 1
        && number.bytes().all(|digit| digit.is_ascii_digit());
    if !is_frame {
        return Err(Problem::missing("frame"));
    }
    let job = made(&desk, &caller, id).await?;
    let png = kept::file(&desk, &job.id, &name).await?;
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}

/// A file that a browser saves and does not show: a report has styles of its own, which the page's policy forbids.
fn download(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, bytes).into_response()
}
