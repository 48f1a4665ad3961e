//! Opening a file, with errors that say what it is where it is no video.
//!
//! ```text
//! file -> is it a list, a lone segment, an animated PNG? -> what FFmpeg is to read, and with which demuxer -> Input
//! ```

use std::path::Path;

use crate::ffi::{Input, Stream, guessed_format};
use crate::fragment::{is_lone_segment, with_init};
use crate::head::{check_size, head_of, is_album, is_animated_png, is_iso, png_size};
use crate::integrity::MissingSegments;
use crate::iso::{IsoBox, top_level};
use crate::playlist::{Joined, Wanted, is_dash, is_hls, join_dash, join_hls};
use crate::sequence::Sequence;
use crate::{CancelToken, MediaError, StreamSummary};

/// Codecs that draw what a text says: no leak is one, and a drawing may ask for other files.
const DRAWN: [&str; 6] = ["svg", "ansi", "bintext", "xbin", "idf", "text"];

/// An opened file.
pub(crate) struct Opened {
    pub(crate) input: Input,
    /// Segments of a list that are not there.
    pub(crate) missing_segments: Option<Box<MissingSegments>>,
}

impl Opened {
    /// All of a file is there.
    pub(crate) fn whole(input: Input) -> Self {
        Self {
            input,
            missing_segments: None,
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
    if is_album(&head) {
        return Err(MediaError::NotVideo {
            path: path.to_owned(),
            format: "pictures that can be examined, but not worked on".to_owned(),
        });
    }
    if let Some(size) = png_size(&head) {
        check_size(path, size)?;
    }
    if let Some(sequence) = Sequence::of(path)? {
        return Input::of_sequence(&sequence, cancel)
            .map(Opened::whole)
            .map_err(|source| cancel.or(not_media(path, &head, source), path));
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
        missing_segments: joined.missing.map(Box::new),
    })
}

fn not_media(path: &Path, head: &[u8], source: crate::FfmpegError) -> MediaError {
    let path = path.to_owned();
    let is_off_the_list = source
        .log()
        .iter()
        .any(|line| line.contains("not on whitelist"));
    let named = is_off_the_list.then(|| guessed_format(head)).flatten();
    match named {
        Some(format) => MediaError::NotVideo { path, format },
        None => MediaError::NotMedia { path, source },
    }
}

/// Whether the box that says where everything lies is missing, and the data it would describe are there.
fn lacks_index(boxes: &[IsoBox]) -> bool {
    let has = |kind: &[u8; 4]| boxes.iter().any(|found| found.kind == *kind);
    has(b"mdat") && !has(b"moov") && !has(b"moof")
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
