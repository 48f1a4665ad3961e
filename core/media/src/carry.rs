//! Which streams of the master go into the marked file as they are, and which cannot.

use std::collections::BTreeMap;
use std::path::Path;

use crate::container::Container;
use crate::ffi::{FfmpegError, Input, Output, Stream, StreamKind, container_holds};
use crate::{MediaError, Rational, StreamSummary};

/// Codecs that an MPEG transport stream names in its tables; anything else would become unreadable private data.
const TRANSPORT_STREAM_CODECS: [&str; 14] = [
    "mp1",
    "mp2",
    "mp3",
    "aac",
    "aac_latm",
    "ac3",
    "eac3",
    "dts",
    "truehd",
    "opus",
    "s302m",
    "dvb_subtitle",
    "dvb_teletext",
    "klv",
];

/// A stream that is not in the output.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DroppedStream {
    /// The stream.
    pub stream: StreamSummary,
    /// Why it is not there.
    pub reason: &'static str,
}

/// Where each stream goes.
pub(crate) struct Carried {
    /// The output stream of the encoded video.
    pub(crate) video: usize,
    /// Output stream and time base by input stream.
    pub(crate) copies: BTreeMap<usize, (usize, Rational)>,
    pub(crate) dropped: Vec<DroppedStream>,
}

enum Decision {
    Copy,
    Attach {
        name: &'static str,
        mime_type: &'static str,
    },
    Drop(&'static str),
    Refuse,
    /// Not content: the muxer makes its own.
    Omit,
}

/// Adds all streams of `input` to `output`, in the input's order.
pub(crate) fn carry_streams(
    input: &Input,
    video: usize,
    output: &mut Output,
    container: Container,
    path: &Path,
) -> Result<Carried, MediaError> {
    let failure = |source: FfmpegError| MediaError::Ffmpeg {
        path: path.to_owned(),
        action: "add a stream to the output",
        source,
    };
    let mut carried = Carried {
        video: 0,
        copies: BTreeMap::new(),
        dropped: Vec::new(),
    };
    for stream in input.streams() {
        let summary = || StreamSummary::of(stream);
        if stream.index() == video {
            carried.video = add_video(stream, output, container, path)?;
            continue;
        }
        match decide(stream, container) {
            Decision::Copy => {
                let index = output.add_copy(stream).map_err(failure)?;
                carried
                    .copies
                    .insert(stream.index(), (index, stream.time_base()));
            }
            Decision::Attach { name, mime_type } => {
                output
                    .add_picture_attachment(stream, name, mime_type)
                    .map_err(failure)?;
            }
            Decision::Drop(reason) => carried.dropped.push(DroppedStream {
                stream: summary(),
                reason,
            }),
            Decision::Refuse => {
                return Err(MediaError::ContainerCannotHold {
                    path: path.to_owned(),
                    container: container.extension(),
                    what: format!("the {} audio of stream {}", summary().codec, stream.index()),
                    remedy: "write a .mkv file instead",
                });
            }
            Decision::Omit => {}
        }
    }
    Ok(carried)
}

/// Adds the stream that the encoder will fill.
pub(crate) fn add_video(
    stream: Stream<'_>,
    output: &mut Output,
    container: Container,
    path: &Path,
) -> Result<usize, MediaError> {
    let rotation = stream.rotation_degrees();
    if rotation != 0 && !container.is_iso_media() {
        return Err(MediaError::ContainerCannotHold {
            path: path.to_owned(),
            container: container.extension(),
            what: format!("the video's rotation by {rotation} degrees"),
            remedy: "write a .mp4 or .mov file instead",
        });
    }
    let index = output
        .add_stream()
        .and_then(|index| {
            output.describe_as(index, stream);
            output.copy_picture_side_data(index, stream)?;
            Ok(index)
        })
        .map_err(|source| MediaError::Ffmpeg {
            path: path.to_owned(),
            action: "add the video stream to the output",
            source,
        })?;
    Ok(index)
}

fn decide(stream: Stream<'_>, container: Container) -> Decision {
    if stream.is_internal() {
        return Decision::Omit;
    }
    match stream.kind() {
        StreamKind::Video if stream.is_attached_picture() => decide_cover(stream, container),
        StreamKind::Video => Decision::Drop("a second video would leave the house unmarked"),
        StreamKind::Audio if holds(stream, container) => Decision::Copy,
        StreamKind::Audio => Decision::Refuse,
        StreamKind::Data if stream.tag().as_deref() == Some("tmcd") && container.is_iso_media() => {
            // The demuxer shows the time code as a tag of the video, from which the muxer makes a track again.
            Decision::Omit
        }
        _ if holds(stream, container) => Decision::Copy,
        _ => Decision::Drop("the container cannot hold it"),
    }
}

fn decide_cover(stream: Stream<'_>, container: Container) -> Decision {
    let codec = stream.codec_name();
    match (container, codec.as_str()) {
        (Container::Mp4 | Container::Mov, "mjpeg" | "png" | "bmp") => Decision::Copy,
        (Container::Matroska, "mjpeg") => Decision::Attach {
            name: "cover.jpg",
            mime_type: "image/jpeg",
        },
        (Container::Matroska, "png") => Decision::Attach {
            name: "cover.png",
            mime_type: "image/png",
        },
        _ => Decision::Drop("the container cannot hold it as cover art"),
    }
}

fn holds(stream: Stream<'_>, container: Container) -> bool {
    let codec = stream.codec_name();
    let said = || container_holds(container.muxer(), stream) == Some(true);
    match (container, stream.kind()) {
        (Container::MpegTs, _) => TRANSPORT_STREAM_CODECS.contains(&codec.as_str()),
        (Container::Matroska, StreamKind::Attachment) => {
            let metadata = stream.metadata();
            ["filename", "mimetype"]
                .iter()
                .all(|wanted| metadata.iter().any(|(key, _)| key == wanted))
        }
        (_, StreamKind::Attachment) | (Container::Matroska | Container::WebM, StreamKind::Data) => {
            false
        }
        _ => said(),
    }
}
