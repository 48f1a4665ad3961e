//! Master to marked file: luma is edited between decoder and encoder, everything else is carried over.
//!
//! Carried over unchanged: timestamps (variable frame rates and late starts included), the bytes of all audio and
//! subtitle packets, chapters, tags, dispositions, rotation, sample aspect, colour properties, HDR10 static metadata,
//! field order, attachments, cover art. What cannot be carried is an error or stands in the [`TranscodeReport`].

use std::error::Error;
use std::fmt;
use std::path::Path;

use crate::carry::{DroppedStream, carry_streams};
use crate::clip::{Clip, Part};
use crate::container::Container;
use crate::convert::Converter;
use crate::ffi::{Output, Stream, encoder_formats};
use crate::info::frame_rate;
use crate::partial::{PartialFile, same_file};
use crate::pipeline::{Decoded, Preparation, run};
use crate::reader::thread_budget;
use crate::sink::{Sink, VideoPlan, Written};
use crate::source::FrameSource;
use crate::{EncodeSettings, Integrity, LumaMut, MediaError, Observer, VideoInfo};

/// Which frame an edit is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameTime {
    /// Seconds since the start of the video stream: the same as [`crate::VideoFrame::media_time`] of that frame.
    pub media_time: f64,
    /// Position in the video, from 0.
    pub index: u64,
}

/// An edit of one picture's luma, in place.
pub type LumaEdit<'a> =
    dyn FnMut(LumaMut<'_>, FrameTime) -> Result<(), Box<dyn Error + Send + Sync>> + 'a;

/// What a transcode did.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TranscodeReport {
    /// Frames written; as many as the input has.
    pub frames: u64,
    /// Size of the output.
    pub bytes: u64,
    /// FFmpeg's name of the encoder.
    pub encoder: &'static str,
    /// FFmpeg's name of the pixel format that was encoded.
    pub pixel_format: String,
    /// Streams carried over as they are.
    pub copied_streams: usize,
    /// Streams that are not in the output.
    pub dropped_streams: Vec<DroppedStream>,
    /// What is not exactly as it was.
    pub notes: Vec<Note>,
    /// What was lost of the input; anything but complete only with [`EncodeSettings::accept_damaged`].
    pub integrity: Integrity,
}

/// Something in the output that is not exactly as in the input.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// The encoder does not take the input's pixel format at this size.
    PixelFormatConverted {
        /// FFmpeg's name of the input's format.
        from: String,
        /// FFmpeg's name of the output's format.
        to: String,
    },
    /// Broadcast time was moved so that the file starts at 0.
    TimestampsShifted {
        /// Added to every timestamp.
        seconds: f64,
    },
    /// Timestamps that stood still or ran backwards were moved forward by the least step.
    TimestampsAdjusted {
        /// How many.
        count: u64,
    },
    /// Interlaced pictures stay interlaced, with their field order.
    Interlaced,
    /// Dolby Vision metadata describes the old bit stream and was left out.
    DolbyVisionRemoved,
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PixelFormatConverted { from, to } => {
                write!(formatter, "pixel format converted from {from} to {to}")
            }
            Self::TimestampsShifted { seconds } => {
                write!(formatter, "all timestamps shifted by {seconds:.6} s")
            }
            Self::TimestampsAdjusted { count } => write!(
                formatter,
                "{count} timestamps that did not increase were moved forward"
            ),
            Self::Interlaced => write!(formatter, "interlaced pictures kept interlaced"),
            Self::DolbyVisionRemoved => write!(formatter, "Dolby Vision metadata left out"),
        }
    }
}

/// Decodes `input`, lets `edit` change the luma of each picture, and writes `output`.
///
/// The container follows the output's extension: .mp4, .m4v, .mov, .mkv, .webm or .ts. The output appears under its
/// name only when it is complete. Pictures whose size 4:2:0 or 4:2:2 cannot express in the output's codec (odd width
/// or height) are encoded in 4:4:4, luma untouched.
///
/// # Errors
/// When the input cannot be read whole (unless [`EncodeSettings::accept_damaged`]), the settings or the container do
/// not fit, audio cannot be carried, or `edit` fails. No output is left then.
pub fn transcode(
    input: &Path,
    output: &Path,
    settings: &EncodeSettings,
    edit: &mut LumaEdit<'_>,
    observer: &dyn Observer,
) -> Result<TranscodeReport, MediaError> {
    let container = check_request(input, output, settings)?;
    if settings.codec == crate::VideoCodec::H264Rgb {
        return Err(MediaError::InvalidSetting {
            setting: "codec",
            accepted: "an encoder of luma: pictures are edited in it".to_owned(),
            value: settings.codec.encoder().to_owned(),
        });
    }
    let threads = thread_budget(settings.threads);
    let clip = Clip::open(input, threads, Part::default())?;
    let source = clip.source();
    refuse_damage(input, source.integrity(), settings)?;
    let file = PartialFile::create(output, settings.overwrite)?;
    let stream = video_stream(source);
    let info = VideoInfo::of(source.input(), source.video());
    let mut notes = Vec::new();
    if stream.has_dolby_vision() {
        notes.push(Note::DolbyVisionRemoved);
    }
    let shift_microseconds = shift(source, container);
    if shift_microseconds != 0 {
        notes.push(Note::TimestampsShifted {
            seconds: shift_microseconds as f64 / 1e6,
        });
    }
    let mut muxer = open_output(&file, container)?;
    let carried = carry_streams(
        source.input(),
        source.video(),
        &mut muxer,
        container,
        output,
    )?;
    muxer
        .describe_file_as(source.input(), shift_microseconds as f64 / 1e6)
        .map_err(|source| MediaError::Ffmpeg {
            path: output.to_owned(),
            action: "copy chapters to the output",
            source,
        })?;
    let plan = plan_video(settings, threads, stream);
    let (copied_streams, dropped_streams) = (carried.copies.len(), carried.dropped.clone());
    let sink = Sink::new(file, container, muxer, carried.video, plan);
    let preparation = Preparation {
        converter: encoder_converter(settings)?,
        size: None,
        canvas: None,
        writable: true,
        carried: Some(carried),
        shift_microseconds,
    };
    observer.started(info.frames);
    let mut index = 0;
    let (sink, decoded) = run(clip, preparation, sink, &mut |timed, send| {
        let Some(mut timed) = timed else {
            return Ok(());
        };
        let time = FrameTime {
            media_time: timed.media_time,
            index,
        };
        let Some(luma) = timed.frame.luma_mut() else {
            unreachable!("the decode thread sends only writable frames with planar luma")
        };
        edit(luma, time).map_err(|source| MediaError::Edit {
            path: input.to_owned(),
            frame: index,
            source,
        })?;
        send(timed);
        index += 1;
        observer.frames_done(index);
        Ok(())
    })?;
    refuse_damage(input, &decoded.integrity, settings)?;
    let written = sink.finish()?;
    notes.extend(late_notes(&decoded, &written));
    Ok(TranscodeReport {
        frames: written.frames,
        bytes: written.bytes,
        encoder: settings.codec.encoder(),
        pixel_format: written.pixel_format,
        copied_streams,
        dropped_streams,
        notes,
        integrity: decoded.integrity,
    })
}

/// Everything that can be refused before a file is opened.
pub(crate) fn check_request(
    input: &Path,
    output: &Path,
    settings: &EncodeSettings,
) -> Result<Container, MediaError> {
    settings.validate()?;
    let container = Container::of(output)?;
    if !settings.codec.fits(container) {
        return Err(MediaError::ContainerCannotHold {
            path: output.to_owned(),
            container: container.extension(),
            what: format!("video of {}", settings.codec.encoder()),
            remedy: "write a .mkv file instead",
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

pub(crate) fn open_output(file: &PartialFile, container: Container) -> Result<Output, MediaError> {
    Output::create(file.temporary(), container.muxer()).map_err(|source| MediaError::Ffmpeg {
        path: file.target().to_owned(),
        action: "open the output",
        source,
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
    }
}

pub(crate) fn encoder_converter(settings: &EncodeSettings) -> Result<Converter, MediaError> {
    let encoder = settings.codec.encoder();
    let formats = encoder_formats(encoder).ok_or(MediaError::EncoderMissing { encoder })?;
    Ok(Converter::for_encoder(formats))
}

/// Broadcast streams start at any time of day; in a file that keeps edit lists this would become hours of nothing.
fn shift(source: &FrameSource, container: Container) -> i64 {
    if !source.input().has_discontinuous_time() || container == Container::MpegTs {
        return 0;
    }
    source
        .input()
        .start_microseconds()
        .map_or(0, i64::wrapping_neg)
}

fn late_notes(decoded: &Decoded, written: &Written) -> Vec<Note> {
    let mut notes = Vec::new();
    if let Some((from, to)) = decoded.converted {
        notes.push(Note::PixelFormatConverted {
            from: from.name(),
            to: to.name(),
        });
    }
    if decoded.interlaced {
        notes.push(Note::Interlaced);
    }
    if written.adjusted_times > 0 {
        notes.push(Note::TimestampsAdjusted {
            count: written.adjusted_times,
        });
    }
    notes
}

#[cfg(test)]
mod tests;
