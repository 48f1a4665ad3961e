//! What a file says about itself, without decoding it.

use std::path::Path;

use crate::album::Album;
use crate::head::head_of;
use crate::info::{MediaInfo, VideoInfo};
use crate::opening::open_input;
use crate::{CancelToken, Integrity, MediaError, StreamSummary, integrity};

/// Reads what the file at `path` says about itself, without decoding it.
///
/// # Errors
/// When the file cannot be read, is no media file, or has no video stream.
pub fn probe(path: &Path) -> Result<MediaInfo, MediaError> {
    if let Some(album) = Album::open(path, &head_of(path)?)? {
        return Ok(MediaInfo {
            container: album.info.codec.clone(),
            duration_seconds: album.info.duration_seconds,
            integrity: album.integrity.clone(),
            video: album.info,
            other_streams: Vec::new(),
            chapters: 0,
            metadata: Vec::new(),
        });
    }
    let (opened, video) = open_input(path, &CancelToken::new())?;
    let input = opened.input;
    let mut integrity = Integrity::default();
    integrity.missing_bytes = integrity::missing_bytes(path);
    integrity.missing_segments = opened.missing_segments;
    Ok(MediaInfo {
        container: input.format_name(),
        video: VideoInfo::of(&input, video),
        other_streams: input
            .streams()
            .filter(|stream| stream.index() != video)
            .map(StreamSummary::of)
            .collect(),
        duration_seconds: input.duration_seconds(),
        chapters: input.chapter_count(),
        metadata: input.metadata(),
        integrity,
    })
}
