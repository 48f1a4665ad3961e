//! The registered reference of a title, for the player of the page: a proxy of the master, in pieces as a player asks for them.
//!
//! # Shapes and units
//! Bytes; one range of at most [`MOST_PIECE`] a request.
//!
//! # References
//! RFC 9110 (2022), 14.1.2 and 14.4: `Range`, `Content-Range`.

use std::io::SeekFrom;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::desk::Desk;
use crate::problem::{Answer, Problem};

/// Bytes of an answer. A player asks for the rest.
const MOST_PIECE: u64 = 1 << 20;

/// `GET /v1/titles/{id}/reference`.
pub(super) async fn piece(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    let path = desk
        .wait(move |desk| {
            let titles = desk.titles()?;
            let title = titles.iter().find(|title| title.id.to_string() == id);
            let title = title.ok_or_else(|| Problem::missing("title"))?;
            Ok(desk.vault.catalogue().reference_path(title))
        })
        .await?;
    let file = tokio::fs::File::open(path).await;
    let mut file = file.map_err(|_| Problem::missing("reference"))?;
    let size = file.metadata().await.map_err(Problem::ours)?.len();
    let asked = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok());
    let Some((from, to)) = range(asked, size) else {
        let headers = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
        let mut response =
            Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "there is no such range")
                .into_response();
        response.headers_mut().extend(headers_of(headers));
        return Ok(response);
    };
    let moved = file.seek(SeekFrom::Start(from)).await;
    moved.map_err(Problem::ours)?;
    let mut bytes = Vec::with_capacity((to - from) as usize);
    let read = file.take(to - from).read_to_end(&mut bytes).await;
    read.map_err(Problem::ours)?;
    let headers = [
        (header::CONTENT_TYPE, "video/mp4".to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (
            header::CONTENT_RANGE,
            format!("bytes {from}-{}/{size}", to.saturating_sub(1)),
        ),
    ];
    Ok((StatusCode::PARTIAL_CONTENT, headers, bytes).into_response())
}

fn headers_of<const N: usize>(
    headers: [(header::HeaderName, String); N],
) -> impl Iterator<Item = (header::HeaderName, axum::http::HeaderValue)> {
    headers
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.parse().ok()?)))
}

/// The first byte that is told and the one after the last; none where the file has no such.
fn range(asked: Option<&str>, size: u64) -> Option<(u64, u64)> {
    let asked = asked.and_then(|range| range.trim().strip_prefix("bytes="));
    let (from, last) = match asked.and_then(|range| range.split_once('-')) {
        None => (0, None),
        // The last so many bytes.
        Some(("", count)) => (size.saturating_sub(count.parse().ok()?), None),
        Some((from, "")) => (from.parse().ok()?, None),
        Some((from, last)) => (from.parse().ok()?, Some(last.parse::<u64>().ok()?)),
    };
    let to = last.map_or(size, |last| last.saturating_add(1).min(size));
    (from < to).then(|| (from, to.min(from + MOST_PIECE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_that_players_ask_for() {
        assert_eq!(range(None, 100), Some((0, 100)));
        assert_eq!(range(Some("bytes=0-"), 100), Some((0, 100)));
        assert_eq!(range(Some("bytes=10-19"), 100), Some((10, 20)));
        assert_eq!(range(Some("bytes=90-500"), 100), Some((90, 100)));
        assert_eq!(range(Some("bytes=-10"), 100), Some((90, 100)));
        assert_eq!(range(Some("bytes=-500"), 100), Some((0, 100)));
        assert_eq!(range(Some("bytes=0-"), 10 << 20), Some((0, MOST_PIECE)));
        for wrong in [
            "bytes=100-",
            "bytes=20-10",
            "bytes=a-b",
            "bytes=0-1,4-5",
            "bytes=-",
        ] {
            assert_eq!(range(Some(wrong), 100), None, "{wrong}");
        }
    }
}
