//! Opening a file, with errors that say what it is where it is no video.
//!
//! ```text
//! file -> is it a list, a lone segment, an animated PNG? -> what FFmpeg is to read, and with which demuxer -> Input
//! ```

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::ffi::{Input, MOST_PIXELS, Stream, guessed_format};
use crate::fragment::{is_lone_segment, with_init};
use crate::iso::{IsoBox, top_level, u32_at};
use crate::playlist::{Joined, Wanted, is_dash, is_hls, join_dash, join_hls};
use crate::{CancelToken, MediaError, StreamSummary, album};

/// Bytes at the beginning of a file that tell what it is.
const HEAD_BYTES: u64 = 64 << 10;

/// Codecs that draw what a text says: no leak is one, and a drawing may ask for other files.
const DRAWN: [&str; 6] = ["svg", "ansi", "bintext", "xbin", "idf", "text"];

/// An opened file.
pub(crate) struct Opened {
    pub(crate) input: Input,
    /// Segments of a list that are not there, and the first of them.
    pub(crate) missing_segments: u64,
    pub(crate) first_missing: Option<String>,
}

impl Opened {
    /// All of a file is there.
    pub(crate) fn whole(input: Input) -> Self {
        Self {
            input,
            missing_segments: 0,
            first_missing: None,
        }
    }
}

/// Opens a file and picks its video stream, with an error that says what the file is instead.
pub(crate) fn open_input(path: &Path, cancel: &CancelToken) -> Result<(Opened, usize), MediaError> {
    let opened = open_container(path, Wanted::Pictures, cancel)?;
    let Some(video) = opened.input.best_video().map(Stream::index) else {
        return Err(MediaError::NoVideo {
            path: path.to_owned(),
            streams: describe_streams(&opened.input),
        });
    };
    let codec = opened.input.stream(video).map(Stream::codec_name);
    if let Some(codec) = codec.filter(|codec| DRAWN.contains(&&**codec)) {
        return Err(MediaError::NotVideo {
            path: path.to_owned(),
            format: format!("a drawing or a text ({codec})"),
        });
    }
    Ok((opened, video))
}

/// Opens a media file, whatever it holds; of a list the rendition that is wanted.
pub(crate) fn open_container(
    path: &Path,
    wanted: Wanted,
    cancel: &CancelToken,
) -> Result<Opened, MediaError> {
    let head = head_of(path)?;
    if is_hls(&head) {
        return open_list(path, join_hls(path, wanted)?, cancel);
    }
    if is_dash(&head) {
        return open_list(path, join_dash(path, wanted)?, cancel);
    }
    if album::is_album(&head) {
        return Err(MediaError::NotVideo {
            path: path.to_owned(),
            format: "pictures that can be examined, but not worked on".to_owned(),
        });
    }
    if let Some(size) = png_size(&head) {
        check_size(path, size)?;
    }
    let boxes = if is_iso(&head) {
        top_level(path).unwrap_or_default()
    } else {
        Vec::new()
    };
    let input = if is_lone_segment(&boxes) {
        Input::of_bytes(with_init(path, &boxes)?, Some("mov"), cancel)
    } else {
        let demuxer = is_animated_png(&head).then_some("apng");
        Input::open(path, demuxer, cancel)
    };
    let input = input.map_err(|source| {
        let fault = if lacks_index(&boxes) {
            MediaError::NoIndex {
                path: path.to_owned(),
            }
        } else {
            not_media(path, &head, source)
        };
        cancel.or(fault, path)
    })?;
    Ok(Opened::whole(input))
}

/// The first bytes of a regular file that is not empty.
pub(crate) fn head_of(path: &Path) -> Result<Vec<u8>, MediaError> {
    let io = |source| MediaError::Io {
        path: path.to_owned(),
        action: "open",
        source,
    };
    let metadata = std::fs::metadata(path).map_err(io)?;
    if !metadata.is_file() {
        return Err(MediaError::NotAFile {
            path: path.to_owned(),
        });
    }
    if metadata.len() == 0 {
        return Err(MediaError::Empty {
            path: path.to_owned(),
        });
    }
    // FFmpeg's own message for a file without read permission does not name the cause.
    let file = File::open(path).map_err(io)?;
    let mut head = Vec::new();
    file.take(HEAD_BYTES).read_to_end(&mut head).map_err(io)?;
    Ok(head)
}

/// Refuses pictures of more samples than are ever decoded.
pub(crate) fn check_size(path: &Path, (width, height): (u32, u32)) -> Result<(), MediaError> {
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(MediaError::TooLarge {
            path: path.to_owned(),
            width,
            height,
            most: MOST_PIXELS / 1_000_000,
        });
    }
    Ok(())
}

fn open_list(path: &Path, joined: Joined, cancel: &CancelToken) -> Result<Opened, MediaError> {
    let input = Input::of_bytes(joined.assembly, None, cancel).map_err(|source| {
        let fault = MediaError::Playlist {
            path: path.to_owned(),
            reason: format!("what it names is no readable media ({source})"),
        };
        cancel.or(fault, path)
    })?;
    Ok(Opened {
        input,
        missing_segments: joined.missing,
        first_missing: joined.first_missing,
    })
}

fn not_media(path: &Path, head: &[u8], source: crate::FfmpegError) -> MediaError {
    let path = path.to_owned();
    let is_off_the_list = source.log().iter().any(|line| line.contains("not on whitelist"));
    let named = is_off_the_list.then(|| guessed_format(head)).flatten();
    match named {
        Some(format) => MediaError::NotVideo { path, format },
        None => MediaError::NotMedia { path, source },
    }
}

fn is_iso(head: &[u8]) -> bool {
    const OPENERS: [&[u8]; 9] = [
        b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"styp", b"moof", b"sidx",
    ];
    head.get(4..8).is_some_and(|kind| OPENERS.contains(&kind))
}

/// Whether the box that says where everything lies is missing, and the data it would describe are there.
fn lacks_index(boxes: &[IsoBox]) -> bool {
    let has = |kind: &[u8; 4]| boxes.iter().any(|found| found.kind == *kind);
    has(b"mdat") && !has(b"moov") && !has(b"moof")
}

/// What a PNG says of its size: its decoder says nothing of one that it refuses.
fn png_size(head: &[u8]) -> Option<(u32, u32)> {
    let body = head.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    Some((u32_at(body, 8)?, u32_at(body, 12)?))
}

/// Whether a PNG has an animation: FFmpeg goes by the name, and shows the first picture of a `.png`.
fn is_animated_png(head: &[u8]) -> bool {
    let Some(mut rest) = head.strip_prefix(b"\x89PNG\r\n\x1a\n") else {
        return false;
    };
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        match after.get(..4) {
            Some(b"acTL") => return true,
            Some(b"IDAT") | None => return false,
            Some(_) => {}
        }
        let length = u32::from_be_bytes(*length) as usize;
        rest = after.get(length.saturating_add(8)..).unwrap_or_default();
    }
    false
}

fn describe_streams(input: &Input) -> String {
    let streams: Vec<String> = input
        .streams()
        .map(StreamSummary::of)
        .map(|stream| {
            let cover = if stream.attached_picture {
                " (cover art)"
            } else {
                ""
            };
            format!("{} {}{cover}", stream.kind, stream.codec)
        })
        .collect();
    if streams.is_empty() {
        "no streams at all".to_owned()
    } else {
        streams.join(", ")
    }
}
