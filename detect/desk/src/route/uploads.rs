//! Uploads that go on where they were cut off.
//!
//! ```text
//! POST {name, size} -> id;   PATCH with Upload-Offset n, bytes -> 204, Upload-Offset n';   HEAD -> Upload-Offset
//! ```
//!
//! # References
//! The headers are those of tus 1.0; expiry and creation are our own.

use std::io::SeekFrom;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use countermark_register::desk::{Origin, UploadRecord};
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::Value;
use tokio::fs::File;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};

use super::asking::once;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::problem::{Answer, Problem};
use crate::{shape, worker};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUpload {
    name: String,
    size: u64,
    source: Option<String>,
    uploader: Option<String>,
    platform: Option<String>,
}

/// `POST /v1/uploads`.
pub(super) async fn begin(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    headers: HeaderMap,
    Json(new): Json<NewUpload>,
) -> Answer<Response> {
    let own = [&new.source, &new.uploader, &new.platform].map(|own| own.as_deref());
    let origin = Origin::new(own[0], own[1], own[2])?;
    let request = format!("upload {} {} {origin:?}", new.size, new.name);
    once(&desk, (&caller, &headers, request), async {
        let upload = room(&desk, &caller, (&new.name, &origin), new.size).await?;
        Ok((StatusCode::CREATED, shape::upload(&upload, 0)))
    })
    .await
}

/// Puts an upload on record and makes its file, where there is room for it.
pub(crate) async fn room(
    desk: &Arc<Desk>,
    caller: &Caller,
    (name, origin): (&str, &Origin),
    size: u64,
) -> Answer<UploadRecord> {
    if size == 0 {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "the file is empty",
        ));
    }
    let (most, stored) = (desk.settings.most_upload, desk.settings.most_stored);
    if size > most {
        let why = format!("an upload has at most {most} bytes");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, why));
    }
    let (owner, name, origin) = (caller.name.clone(), plain_name(name), origin.clone());
    let upload = desk
        .record(move |store| {
            let all: u64 = store.uploads()?.iter().map(|upload| upload.size).sum();
            let fits = all.saturating_add(size) <= stored;
            fits.then(|| store.add_upload(&owner, &name, size, &origin))
                .transpose()
        })
        .await?;
    let full = || {
        Problem::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "there is no room for more uploads now",
        )
    };
    let upload = upload.ok_or_else(full)?;
    let mut options = countermark_register::private_file::owners_alone();
    options.write(true).create_new(true);
    let path = path(desk, &upload.id);
    tokio::task::spawn_blocking(move || options.open(path))
        .await
        .map_err(Problem::ours)?
        .map_err(Problem::ours)?;
    Ok(upload)
}

/// The last part of a name: what comes before it is of the machine that sent it.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let shown: String = last.chars().filter(|c| !c.is_control()).take(200).collect();
    match shown.as_str() {
        "" | "." | ".." => "clip".to_owned(),
        _ => shown,
    }
}

/// Identifiers are hex: nothing else becomes a part of a path.
fn path(desk: &Desk, id: &str) -> PathBuf {
    desk.store.uploads_folder().join(id)
}

async fn own(desk: &Arc<Desk>, caller: &Caller, id: String) -> Answer<UploadRecord> {
    let upload = desk.record(move |store| store.upload(&id)).await?;
    let seen = caller.may_see(&upload.owner).then_some(upload);
    seen.ok_or_else(|| Problem::missing("upload"))
}

async fn stored(desk: &Desk, id: &str) -> Answer<u64> {
    let about = tokio::fs::metadata(path(desk, id)).await;
    about
        .map(|about| about.len())
        .map_err(|_| Problem::missing("upload"))
}

fn at(status: StatusCode, offset: u64, size: u64) -> Response {
    let mut response = status.into_response();
    let headers = response.headers_mut();
    headers.insert("upload-offset", HeaderValue::from(offset));
    headers.insert("upload-length", HeaderValue::from(size));
    response
}

/// `HEAD /v1/uploads/{id}`: how far it is.
pub(super) async fn offset(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Response> {
    let upload = own(&desk, &caller, id).await?;
    let offset = stored(&desk, &upload.id).await?;
    Ok(at(StatusCode::OK, offset, upload.size))
}

/// `GET /v1/uploads/{id}`.
pub(super) async fn one(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<Value>> {
    let upload = own(&desk, &caller, id).await?;
    let offset = stored(&desk, &upload.id).await?;
    Ok(Json(shape::upload(&upload, offset)))
}

/// `PATCH /v1/uploads/{id}`: the bytes from `Upload-Offset` on. What came before a connection broke is kept.
pub(super) async fn append(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    let upload = own(&desk, &caller, id).await?;
    if upload.complete {
        return Err(Problem::new(StatusCode::CONFLICT, "the upload is whole"));
    }
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
    let offset = number("upload-offset").ok_or_else(|| Problem::bad("Upload-Offset is missing"))?;
    let have = stored(&desk, &upload.id).await?;
    if offset != have {
        let mut response =
            Problem::new(StatusCode::CONFLICT, "the upload is at another offset").into_response();
        response
            .headers_mut()
            .insert("upload-offset", HeaderValue::from(have));
        return Ok(response);
    }
    let left = upload.size - have.min(upload.size);
    if number(header::CONTENT_LENGTH.as_str()).is_some_and(|length| length > left) {
        let why = "more bytes than the upload was to have";
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, why));
    }
    let offset = written(&desk, &upload.id, body, (have, upload.size)).await?;
    if offset == upload.size {
        let (id, size) = (upload.id.clone(), upload.size);
        desk.record(move |store| store.complete_upload(&id, size))
            .await?;
    }
    Ok(at(StatusCode::NO_CONTENT, offset, upload.size))
}

/// Writes a body behind what is there; how much there is then.
///
/// # Errors
/// When it is longer than it may be, or nothing comes any more; what came is kept.
pub(crate) async fn written(
    desk: &Desk,
    id: &str,
    mut body: Body,
    (have, most): (u64, u64),
) -> Answer<u64> {
    let mut options = File::options();
    options.write(true);
    let mut file = options.open(path(desk, id)).await.map_err(Problem::ours)?;
    // Two requests at once: one of them is behind.
    let std_file = file
        .try_clone()
        .await
        .map_err(Problem::ours)?
        .into_std()
        .await;
    if std_file.try_lock().is_err() {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "another request writes to the upload",
        ));
    }
    file.seek(SeekFrom::Start(have))
        .await
        .map_err(Problem::ours)?;
    let mut at = have;
    loop {
        let frame = tokio::time::timeout(desk.settings.patience, body.frame()).await;
        let frame = frame
            .map_err(|_| Problem::new(StatusCode::REQUEST_TIMEOUT, "no byte came any more"))?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|_| Problem::bad("the body was cut off"))?;
        let Some(bytes) = frame.data_ref() else {
            continue;
        };
        let next = at + bytes.len() as u64;
        if next > most {
            let why = "more bytes than the upload was to have";
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, why));
        }
        file.write_all(bytes)
            .await
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::StorageFull => {
                    Problem::new(StatusCode::INSUFFICIENT_STORAGE, "the disk is full")
                }
                _ => Problem::ours(error),
            })?;
        at = next;
    }
    file.flush().await.map_err(Problem::ours)?;
    Ok(at)
}

/// `DELETE /v1/uploads/{id}`.
pub(super) async fn remove(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    let upload = own(&desk, &caller, id).await?;
    worker::forget(&desk, &upload.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_is_of_another_machine() {
        for (sent, kept) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\leak.mp4", "leak.mp4"),
            ("..", "clip"),
            ("a\nb\u{1b}[31m.mp4", "ab[31m.mp4"),
            ("\u{0}", "clip"),
        ] {
            assert_eq!(plain_name(sent), kept);
        }
    }
}
