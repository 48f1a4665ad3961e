//! What is settled before the first picture: the request's own contradictions, the output's container, the encoder.

use std::path::Path;

use crate::container::Container;
use crate::convert::Converter;
use crate::ffi::{Output, Stream, encoder_formats};
use crate::info::frame_rate;
use crate::partial::{PartialFile, same_file};
use crate::sink::VideoPlan;
use crate::source::FrameSource;
use crate::{CancelToken, EncodeSettings, Integrity, MediaError};

/// Everything that can be refused before a file is opened.
pub(crate) fn check_request(
    input: &Path,
    output: &Path,
    settings: &EncodeSettings,
) -> Result<Container, MediaError> {
    settings.validate()?;
    let container = match Container::of(output)? {
        Container::Mxf if settings.op_atom => Container::MxfOpAtom,
        container => container,
    };
    if !settings.codec.fits(container) {
        return Err(MediaError::ContainerCannotHold {
            path: output.to_owned(),
            container: container.extension(),
            what: format!("video of {}", settings.codec.encoder()),
            remedy: settings.codec.remedy(),
        });
    }
    if same_file(input, output) {
        return Err(MediaError::OutputIsInput {
            path: output.to_owned(),
        });
    }
    Ok(container)
}

pub(crate) fn refuse_damage(
    path: &Path,
    integrity: &Integrity,
    settings: &EncodeSettings,
) -> Result<(), MediaError> {
    if integrity.is_complete() || settings.accept_damaged {
        return Ok(());
    }
    Err(MediaError::Damaged {
        path: path.to_owned(),
        integrity: integrity.clone(),
    })
}

pub(crate) fn video_stream(source: &FrameSource) -> Stream<'_> {
    source
        .input()
        .stream(source.video())
        .expect("the index came from this input's streams")
}

pub(crate) fn open_output(
    file: &PartialFile,
    container: Container,
    cancel: &CancelToken,
) -> Result<Output, MediaError> {
    Output::create(file.temporary(), container.muxer(), cancel).map_err(|source| {
        MediaError::Ffmpeg {
            path: file.target().to_owned(),
            action: "open the output",
            source,
        }
    })
}

pub(crate) fn plan_video(
    settings: &EncodeSettings,
    threads: usize,
    stream: Stream<'_>,
) -> VideoPlan {
    VideoPlan {
        settings: settings.clone(),
        threads,
        time_base: stream.time_base(),
        frame_rate: frame_rate(stream),
        sample_aspect: stream.sample_aspect(),
        colour: stream.colour(),
        hdr10: stream.hdr10(),
        top_first: stream.interlaced(),
        stored_fields: stream.stored_fields(),
        timecode: None,
        is_faithful: false,
    }
}

pub(crate) fn encoder_converter(settings: &EncodeSettings) -> Result<Converter, MediaError> {
    let encoder = settings.codec.encoder();
    let formats = encoder_formats(encoder).ok_or(MediaError::EncoderMissing { encoder })?;
    let mut formats = settings
        .codec
        .choose_formats(settings.profile.as_deref(), formats);
    if !settings.formats.is_empty() {
        formats.retain(|format| settings.formats.contains(&format.name()));
        if formats.is_empty() {
            return Err(MediaError::InvalidSetting {
                setting: "formats",
                accepted: format!("pixel formats of {encoder} and its profile"),
                value: settings.formats.join(", "),
            });
        }
    }
    Ok(Converter::for_encoder(formats))
}

/// Broadcast streams start at any time of day; in a file that keeps edit lists this would become hours of nothing.
/// Answers what is added to every timestamp, in microseconds.
pub(crate) fn start_shift(source: &FrameSource, container: Container) -> i64 {
    if !source.input().has_discontinuous_time() || container == Container::MpegTs {
        return 0;
    }
    source
        .input()
        .start_microseconds()
        .map_or(0, i64::wrapping_neg)
}
