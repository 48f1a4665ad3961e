//! Which streams of the master go into the marked file as they are, which in another form, and which cannot.

use std::collections::BTreeMap;
use std::path::Path;

use crate::container::Container;
use crate::conversion::{Conversion, SoundConversion, SoundForm, SubtitleConversion};
use crate::ffi::{FfmpegError, Input, Output, Stream, StreamKind, container_holds};
use crate::{Carriage, EncodeSettings, LossKind, MediaError, Rational, StreamSummary};

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

const NOT_HELD: &str = "the container cannot hold it";

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
    /// By output stream, what its packets go through.
    pub(crate) conversions: BTreeMap<usize, Conversion>,
    pub(crate) dropped: Vec<DroppedStream>,
    /// What became of every stream but the video.
    pub(crate) fates: Vec<Carriage>,
}

enum Decision {
    Copy,
    Sound(SoundForm),
    Subtitle(&'static str),
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
    settings: &EncodeSettings,
) -> Result<Carried, MediaError> {
    let failure = |source: FfmpegError| MediaError::Ffmpeg {
        path: path.to_owned(),
        action: "add a stream to the output",
        source,
    };
    let mut carried = Carried {
        video: 0,
        copies: BTreeMap::new(),
        conversions: BTreeMap::new(),
        dropped: Vec::new(),
        fates: Vec::new(),
    };
    for stream in input.streams() {
        if stream.index() == video {
            let may_turn = settings.allow_loss.contains(&LossKind::Rotation);
            carried.video = add_video(stream, output, container, path, may_turn)?;
            continue;
        }
        let decision = decide(stream, container, settings);
        carried
            .fates
            .extend(fate_of(stream, &decision, container, settings, path)?);
        match decision {
            Decision::Copy => {
                let index = output.add_copy(stream).map_err(failure)?;
                carried
                    .copies
                    .insert(stream.index(), (index, stream.time_base()));
            }
            Decision::Sound(form) => {
                let index = add_described(stream, output).map_err(failure)?;
                let sound = SoundConversion::open(stream, form, output, index, path)?;
                carried.convert(stream, index, Conversion::Sound(Box::new(sound)));
            }
            Decision::Subtitle(encoder) => {
                let index = add_described(stream, output).map_err(failure)?;
                let text = SubtitleConversion::open(stream, encoder, output, index, path)?;
                carried.convert(stream, index, Conversion::Subtitle(Box::new(text)));
            }
            Decision::Attach { name, mime_type } => {
                output
                    .add_picture_attachment(stream, name, mime_type)
                    .map_err(failure)?;
            }
            Decision::Drop(reason) => carried.drop(stream, reason),
            Decision::Refuse => carried.drop(stream, NOT_HELD),
            Decision::Omit => {}
        }
    }
    Ok(carried)
}

/// What becomes of every stream of `input` but the video, asked without an output.
pub(crate) fn fates(
    input: &Input,
    video: usize,
    container: Container,
    path: &Path,
    settings: &EncodeSettings,
) -> Result<Vec<Carriage>, MediaError> {
    let mut fates = Vec::new();
    for stream in input.streams().filter(|stream| stream.index() != video) {
        let decision = decide(stream, container, settings);
        fates.extend(fate_of(stream, &decision, container, settings, path)?);
    }
    Ok(fates)
}

/// None for what is no content; an error for sound that has no place and may not be lost.
fn fate_of(
    stream: Stream<'_>,
    decision: &Decision,
    container: Container,
    settings: &EncodeSettings,
    path: &Path,
) -> Result<Option<Carriage>, MediaError> {
    let (kind, what) = (kind_of(stream), name_of(stream));
    let mut fate = match decision {
        Decision::Copy | Decision::Attach { .. } => Carriage::carried(kind, what),
        Decision::Sound(form) => Carriage::converted(kind, what, &form.describe()),
        Decision::Subtitle(encoder) => Carriage::converted(kind, what, encoder),
        Decision::Drop(reason) => Carriage::dropped(kind, what, reason),
        Decision::Refuse if settings.allow_loss.contains(&LossKind::Audio) => {
            Carriage::dropped(kind, what, NOT_HELD)
        }
        Decision::Refuse => {
            let codec = stream.codec_name();
            return Err(MediaError::ContainerCannotHold {
                path: path.to_owned(),
                container: container.extension(),
                what: format!("the {codec} audio of stream {}", stream.index()),
                remedy: "write a .mkv file instead",
            });
        }
        Decision::Omit => return Ok(None),
    };
    fate.stream = Some(stream.index());
    Ok(Some(fate))
}

impl Carried {
    fn convert(&mut self, stream: Stream<'_>, index: usize, conversion: Conversion) {
        self.copies
            .insert(stream.index(), (index, stream.time_base()));
        self.conversions.insert(index, conversion);
    }

    fn drop(&mut self, stream: Stream<'_>, reason: &'static str) {
        self.dropped.push(DroppedStream {
            stream: StreamSummary::of(stream),
            reason,
        });
    }
}

/// A stream with the tags of `source`, to be described by its encoder.
fn add_described(source: Stream<'_>, output: &mut Output) -> Result<usize, FfmpegError> {
    let index = output.add_stream()?;
    output.describe_as(index, source);
    Ok(index)
}

fn kind_of(stream: Stream<'_>) -> LossKind {
    match stream.kind() {
        StreamKind::Video if stream.is_attached_picture() => LossKind::Attachment,
        StreamKind::Video => LossKind::Video,
        StreamKind::Audio => LossKind::Audio,
        StreamKind::Subtitle => LossKind::Subtitle,
        StreamKind::Data => LossKind::Data,
        StreamKind::Attachment => LossKind::Attachment,
    }
}

/// The stream, for one line of a report.
fn name_of(stream: Stream<'_>) -> String {
    let summary = StreamSummary::of(stream);
    let codec = match (summary.codec.as_str(), &summary.tag) {
        _ if is_ancillary(stream) => "SMPTE 436M, which holds captions and AFD".to_owned(),
        ("none" | "bin_data", Some(tag)) => tag.clone(),
        (codec, _) => codec.to_owned(),
    };
    let kind = if summary.attached_picture {
        "cover art"
    } else {
        summary.kind
    };
    let language = summary
        .language
        .filter(|language| language != "und")
        .map_or(String::new(), |language| format!(", {language}"));
    let channels = match summary.channels {
        0 => String::new(),
        channels => format!(", {channels} channels"),
    };
    format!(
        "stream {} ({kind}, {codec}{channels}{language})",
        summary.index
    )
}

/// Whether a data track of MXF has the lines of vertical ancillary data. FFmpeg 5.1 names them by a tag alone, and writes none.
fn is_ancillary(stream: Stream<'_>) -> bool {
    let tags = stream.metadata();
    tags.iter()
        .any(|(key, value)| key == "data_type" && value == "vbi_vanc_smpte_436M")
}

/// Adds the stream that the encoder will fill.
pub(crate) fn add_video(
    stream: Stream<'_>,
    output: &mut Output,
    container: Container,
    path: &Path,
    may_turn: bool,
) -> Result<usize, MediaError> {
    let rotation = stream.rotation_degrees();
    if rotation != 0 && !container.is_iso_media() && !may_turn {
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

fn decide(stream: Stream<'_>, container: Container, settings: &EncodeSettings) -> Decision {
    if stream.is_internal() {
        return Decision::Omit;
    }
    match stream.kind() {
        StreamKind::Video if stream.is_attached_picture() => decide_cover(stream, container),
        StreamKind::Video => Decision::Drop("a second video would leave the house unmarked"),
        StreamKind::Audio if container == Container::MxfOpAtom => {
            Decision::Drop("OP-Atom holds one essence a file")
        }
        StreamKind::Audio => decide_sound(stream, container, settings),
        // The demuxer shows the time code as a tag of the video, from which the muxer makes a track again.
        StreamKind::Data if stream.tag().as_deref() == Some("tmcd") => Decision::Omit,
        _ if holds(stream, container) => Decision::Copy,
        StreamKind::Subtitle => SubtitleConversion::target(&stream.codec_name(), container).map_or(
            Decision::Drop("the container holds no form of it"),
            Decision::Subtitle,
        ),
        _ => Decision::Drop(NOT_HELD),
    }
}

fn decide_sound(stream: Stream<'_>, container: Container, settings: &EncodeSettings) -> Decision {
    let asked = settings
        .sound
        .map(|codec| SoundForm::of(codec, stream.sample_bits()));
    match asked {
        Some(form) if form.encoder != stream.codec_name() => Decision::Sound(form),
        _ if holds(stream, container) => Decision::Copy,
        _ => SoundForm::target(stream, container).map_or(Decision::Refuse, Decision::Sound),
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
        (Container::Mxf | Container::MxfOpAtom, StreamKind::Audio) => {
            stream.sample_rate() == 48_000 && matches!(codec.as_str(), "pcm_s16le" | "pcm_s24le")
        }
        // FFmpeg's tables name more than its muxers write.
        (Container::Mp4, StreamKind::Audio) if codec.starts_with("pcm_") => false,
        (Container::Mov, StreamKind::Audio)
            if matches!(codec.as_str(), "flac" | "opus" | "vorbis" | "truehd") =>
        {
            false
        }
        (Container::MpegTs, _) => TRANSPORT_STREAM_CODECS.contains(&codec.as_str()),
        (Container::Matroska, StreamKind::Attachment) => {
            let metadata = stream.metadata();
            ["filename", "mimetype"]
                .iter()
                .all(|wanted| metadata.iter().any(|(key, _)| key == wanted))
        }
        (_, StreamKind::Attachment)
        | (Container::Matroska | Container::WebM, StreamKind::Data)
        | (Container::Mxf | Container::MxfOpAtom, _) => false,
        _ => said(),
    }
}
