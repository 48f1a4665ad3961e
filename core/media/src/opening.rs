//! Opening a file, with errors that say what it is where it is no video.

use std::path::Path;

use crate::ffi::{Input, Stream};
use crate::{CancelToken, MediaError, StreamSummary};

/// Demuxers that follow references to other files, or render text as video.
const REFUSED_FORMATS: [&str; 6] = ["tty", "hls", "dash", "concat", "lavfi", "ffmetadata"];

/// Opens a file and picks its video stream, with an error that says what the file is instead.
pub(crate) fn open_input(path: &Path, cancel: &CancelToken) -> Result<(Input, usize), MediaError> {
    let input = open_container(path, cancel)?;
    let Some(video) = input.best_video().map(Stream::index) else {
        return Err(MediaError::NoVideo {
            path: path.to_owned(),
            streams: describe_streams(&input),
        });
    };
    Ok((input, video))
}

/// Opens a media file, whatever it holds.
pub(crate) fn open_container(path: &Path, cancel: &CancelToken) -> Result<Input, MediaError> {
    let metadata = std::fs::metadata(path).map_err(|source| MediaError::Io {
        path: path.to_owned(),
        action: "open",
        source,
    })?;
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
    std::fs::File::open(path).map_err(|source| MediaError::Io {
        path: path.to_owned(),
        action: "open",
        source,
    })?;
    let input = Input::open(path, cancel).map_err(|source| {
        let path = path.to_owned();
        cancel.or(
            MediaError::NotMedia {
                path: path.clone(),
                source,
            },
            &path,
        )
    })?;
    let format = input.format_name();
    if format
        .split(',')
        .any(|name| REFUSED_FORMATS.contains(&name))
    {
        return Err(MediaError::NotVideo {
            path: path.to_owned(),
            format,
        });
    }
    Ok(input)
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
