//! One decode, any number of marked files.
//!
//! ```text
//! input -> decode -> editor: copy 0, copy 1, .. -> N encoders -> N complete files under temporary names -> publish
//! ```
//!
//! A copy is the same file, bit for bit, whether it is made alone or together with others: its encoder is given the same
//! pictures and the same number of threads. (x264 reads memory that it has not written: a process that is to repeat an
//! encode calls [`crate::clear_fresh_memory`] first.)
//!
//! # Threads
//! [`EncodeSettings::threads`] is the budget of one copy: its encoder has as many threads as it has alone, because x264
//! and x265 write other bytes for another number. The decoder has the largest budget among the copies, once. The
//! encoders share the machine's cores, and the slowest holds all back: at most a few pictures wait at each.

use std::error::Error;
use std::path::{Path, PathBuf};

use crate::carriage::{missing, of_pictures, refuse_losses};
use crate::carry::{DroppedStream, carry_streams};
use crate::clip::{Clip, Part};
use crate::container::Container;
use crate::convert::Converter;
use crate::partial::PartialFile;
use crate::piped::Piped;
use crate::pipeline::{Decoded, Feeds, Lane, Picture, Preparation, run};
use crate::plan::{
    check_request, encoder_converter, open_output, plan_video, refuse_damage, start_shift,
    video_stream,
};
use crate::report::{Note, TranscodeReport};
use crate::sink::{Sink, VideoPlan, Written};
use crate::source::FrameSource;
use crate::threads::thread_budget;
use countermark_picture::AnyPlaneMut;

use crate::{
    CancelToken, Carriage, EncodeSettings, FinishedCopy, Inventory, MediaError, Observer,
    VideoCodec, VideoInfo, inventory,
};

/// One file to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyOrder {
    /// Its name; the extension names the container.
    pub output: PathBuf,
    /// How to encode it.
    pub settings: EncodeSettings,
}

/// One copy's own picture, on its way to that copy's encoder.
pub struct CopyPicture<'a> {
    /// Position of the copy among the orders.
    pub copy: usize,
    /// Copies of one rendition show the same samples before editing; those of another may differ in bit depth.
    pub rendition: usize,
    /// The samples, to be changed in place.
    pub luma: AnyPlaneMut<'a>,
}

/// Which frame an edit is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameTime {
    /// Seconds since the start of the video stream: the same as [`crate::VideoFrame::media_time`] of that frame.
    pub media_time: f64,
    /// Position in the video, from 0.
    pub index: u64,
}

/// Edits the pictures of all copies.
pub trait PictureEditor {
    /// Edits one picture of the input, in every copy that is still being made.
    ///
    /// # Errors
    /// Ends the work on all copies.
    fn edit(
        &mut self,
        pictures: Vec<CopyPicture<'_>>,
        time: FrameTime,
    ) -> Result<(), Box<dyn Error + Send + Sync>>;
}

/// Decodes `input` once, lets `editor` change the luma of each picture in each copy, and writes every order's file, still
/// under its temporary name. Answers one result an order, in their order: a copy that cannot be made does not end the
/// others.
///
/// # Errors
/// What ends all copies: the input cannot be opened or decoded, `editor` fails, the observer's token is set. No file is
/// left then.
pub fn transcode_many(
    input: &Path,
    orders: &[CopyOrder],
    editor: &mut dyn PictureEditor,
    observer: &dyn Observer,
) -> Result<Vec<Result<FinishedCopy, MediaError>>, MediaError> {
    let open =
        |threads: usize, cancel: &CancelToken| Clip::open(input, threads, Part::default(), cancel);
    transcode_clip(input, &open, orders, editor, observer)
}

/// As [`transcode_many`], of what comes through a pipe.
///
/// # Errors
/// As [`transcode_many`]; when the pipe was read before.
pub fn transcode_piped(
    input: &Piped,
    orders: &[CopyOrder],
    editor: &mut dyn PictureEditor,
    observer: &dyn Observer,
) -> Result<Vec<Result<FinishedCopy, MediaError>>, MediaError> {
    let path = input.path();
    let open = |threads: usize, cancel: &CancelToken| {
        let source = FrameSource::of_pipe(&path, input.take()?, threads, cancel)?;
        Clip::over(source, Part::default())
    };
    transcode_clip(&path, &open, orders, editor, observer)
}

/// Opens a clip for so many decoder threads.
type Open<'a> = dyn Fn(usize, &CancelToken) -> Result<Clip, MediaError> + 'a;

/// `input` can be looked at like a file of the clip, which is decoded once.
fn transcode_clip(
    input: &Path,
    open: &Open<'_>,
    orders: &[CopyOrder],
    editor: &mut dyn PictureEditor,
    observer: &dyn Observer,
) -> Result<Vec<Result<FinishedCopy, MediaError>>, MediaError> {
    let cancel = observer.cancel_token().cloned().unwrap_or_default();
    let containers: Vec<_> = orders
        .iter()
        .map(|order| container_of(input, order))
        .collect();
    if containers.iter().all(Result::is_err) {
        return Ok(containers
            .into_iter()
            .filter_map(Result::err)
            .map(Err)
            .collect());
    }
    let budgets = orders
        .iter()
        .map(|order| thread_budget(order.settings.threads));
    let threads = budgets.max().unwrap_or(1);
    let clip = open(threads, &cancel)?;
    let source = clip.source();
    let found = inventory(input)?;
    let info = VideoInfo::of(source.input(), source.video());
    let mut renditions = Renditions::default();
    let (mut lanes, mut numbers) = (Vec::new(), Vec::new());
    let mut begun: Vec<Result<Begun, MediaError>> = Vec::with_capacity(orders.len());
    for (number, (order, container)) in orders.iter().zip(containers).enumerate() {
        let opened = container.and_then(|container| {
            open_copy(source, &found, order, container, &mut renditions, &cancel)
        });
        begun.push(opened.map(|(lane, begun)| {
            lanes.push(lane);
            numbers.push(number);
            begun
        }));
    }
    if lanes.is_empty() {
        return Ok(begun.into_iter().filter_map(Result::err).map(Err).collect());
    }
    let places: Vec<_> = numbers
        .into_iter()
        .zip(lanes.iter().map(|lane| lane.rendition))
        .collect();
    let preparation = Preparation {
        converters: renditions.converters,
        size: None,
        sizes: renditions.sizes,
        canvas: None,
        writable: true,
    };
    observer.started(info.frames);
    let mut index = 0;
    let stage = &mut |picture: Option<Picture>, feeds: &mut Feeds| {
        let Some(picture) = picture else {
            return Ok(());
        };
        let time = FrameTime {
            media_time: picture.media_time,
            index,
        };
        edit(editor, picture, time, &places, feeds).map_err(|source| MediaError::Edit {
            path: input.to_owned(),
            frame: index,
            source,
        })?;
        index += 1;
        observer.frames_done(index);
        Ok(())
    };
    let done = run(clip, preparation, lanes, stage, &cancel)?;
    let mut copies = done.copies.into_iter();
    Ok(begun
        .into_iter()
        .map(|begun| {
            let begun = begun?;
            let Some(copy) = copies.next() else {
                unreachable!("every copy that was begun has a lane")
            };
            let (file, written) = copy?;
            begun.finished(file, &written, &done.decoded, &found)
        })
        .collect())
}

/// Everything that can be refused before a file is opened: ranges, the output's container, an output that is the input.
///
/// # Errors
/// As [`transcode_many`] answers for that copy.
pub fn check_order(input: &Path, order: &CopyOrder) -> Result<(), MediaError> {
    container_of(input, order).map(|_| ())
}

pub(crate) fn container_of(input: &Path, order: &CopyOrder) -> Result<Container, MediaError> {
    let container = check_request(input, &order.output, &order.settings)?;
    if order.settings.codec == VideoCodec::H264Rgb {
        return Err(MediaError::InvalidSetting {
            setting: "codec",
            accepted: "an encoder of luma: pictures are edited in it".to_owned(),
            value: order.settings.codec.encoder().to_owned(),
        });
    }
    Ok(container)
}

/// The encoders in use: the formats that each takes, and the size asked for, decide what its copies show.
#[derive(Default)]
struct Renditions {
    asked: Vec<EncodeSettings>,
    converters: Vec<Converter>,
    sizes: Vec<Option<(u32, u32)>>,
}

impl Renditions {
    /// The number of the rendition that these settings ask for.
    fn number_of(&mut self, settings: &EncodeSettings) -> Result<usize, MediaError> {
        let known = self.asked.iter().position(|asked| {
            (asked.codec, &asked.profile, &asked.formats, asked.size)
                == (
                    settings.codec,
                    &settings.profile,
                    &settings.formats,
                    settings.size,
                )
        });
        if let Some(number) = known {
            return Ok(number);
        }
        self.converters.push(encoder_converter(settings)?);
        self.sizes.push(settings.size);
        self.asked.push(settings.clone());
        Ok(self.asked.len() - 1)
    }
}

/// What is known of a copy before its first picture.
struct Begun {
    settings: EncodeSettings,
    container: Container,
    rendition: usize,
    copied_streams: usize,
    dropped_streams: Vec<DroppedStream>,
    carriage: Vec<Carriage>,
    notes: Vec<Note>,
}

/// Reserves the output's temporary name and adds all its streams.
fn open_copy(
    source: &FrameSource,
    found: &Inventory,
    order: &CopyOrder,
    container: Container,
    renditions: &mut Renditions,
    cancel: &CancelToken,
) -> Result<(Lane, Begun), MediaError> {
    let (output, settings) = (&order.output, &order.settings);
    refuse_damage(source.path(), source.integrity(), settings)?;
    if settings.size.is_some() && found.top_first.is_some() {
        return Err(MediaError::InvalidSetting {
            setting: "size",
            accepted: "the master's: pictures of two fields are not scaled".to_owned(),
            value: "another one".to_owned(),
        });
    }
    let rendition = renditions.number_of(settings)?;
    let file = PartialFile::create(output, settings.overwrite)?;
    let stream = video_stream(source);
    let mut notes = Vec::new();
    if stream.has_dolby_vision() {
        notes.push(Note::DolbyVisionRemoved);
    }
    let shift_microseconds = start_shift(source, container);
    if shift_microseconds != 0 {
        notes.push(Note::TimestampsShifted {
            seconds: shift_microseconds as f64 / 1e6,
        });
    }
    let mut muxer = open_output(&file, container, cancel)?;
    let (input, video) = (source.input(), source.video());
    let mut carried = carry_streams(input, video, &mut muxer, container, output, settings)?;
    let format = stream.pixel_format().map(|format| {
        let size = settings.size.unwrap_or((stream.width(), stream.height()));
        renditions.converters[rendition].target(format, size)
    });
    let mut carriage = std::mem::take(&mut carried.fates);
    carriage.extend(of_pictures(found, container, settings, format));
    refuse_losses(output, &carriage, settings)?;
    muxer
        .describe_file_as(source.input(), shift_microseconds as f64 / 1e6)
        .map_err(|source| MediaError::Ffmpeg {
            path: output.to_owned(),
            action: "copy chapters to the output",
            source,
        })?;
    muxer.tag_stream(carried.video, "timecode", found.timecode.as_deref());
    let plan = VideoPlan {
        top_first: found.top_first,
        timecode: found.timecode.clone(),
        is_faithful: true,
        ..plan_video(settings, thread_budget(settings.threads), stream)
    };
    let begun = Begun {
        settings: settings.clone(),
        container,
        rendition,
        copied_streams: carried.copies.len() - carried.conversions.len(),
        dropped_streams: carried.dropped.clone(),
        carriage,
        notes,
    };
    let conversions = std::mem::take(&mut carried.conversions);
    let sink = Sink::new(file, container, muxer, carried.video, plan, cancel.clone());
    let lane = Lane {
        sink: sink.converting(conversions),
        rendition,
        carried: Some(carried),
        shift_microseconds,
        accept_damaged: settings.accept_damaged,
    };
    Ok((lane, begun))
}

impl Begun {
    fn finished(
        mut self,
        file: PartialFile,
        written: &Written,
        decoded: &Decoded,
        master: &Inventory,
    ) -> Result<FinishedCopy, MediaError> {
        self.notes
            .extend(late_notes(decoded, self.rendition, written));
        let copy = inventory(file.temporary())?;
        let lost = missing(master, &copy, &self.settings, self.container);
        self.carriage
            .retain(|item| lost.iter().all(|lost| lost.kind != item.kind));
        self.carriage.extend(lost);
        refuse_losses(file.target(), &self.carriage, &self.settings)?;
        let report = TranscodeReport {
            frames: written.frames,
            bytes: file.size()?,
            encoder: self.settings.codec.encoder(),
            pixel_format: written.pixel_format.clone(),
            copied_streams: self.copied_streams,
            dropped_streams: self.dropped_streams,
            carriage: self.carriage,
            notes: self.notes,
            integrity: decoded.integrity.clone(),
        };
        Ok(FinishedCopy { file, report })
    }
}

/// Lets the editor change the copies that are still being made, and hands them on.
fn edit(
    editor: &mut dyn PictureEditor,
    picture: Picture,
    time: FrameTime,
    places: &[(usize, usize)],
    feeds: &mut Feeds,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut frames: Vec<_> = picture
        .frames
        .into_iter()
        .enumerate()
        .filter(|(lane, _)| feeds.is_open(*lane))
        .collect();
    let pictures = frames
        .iter_mut()
        .map(|(lane, frame)| {
            let Some(luma) = frame.luma_mut() else {
                unreachable!("the decode thread sends only writable frames with planar luma")
            };
            let (copy, rendition) = places[*lane];
            CopyPicture {
                copy,
                rendition,
                luma,
            }
        })
        .collect();
    editor.edit(pictures, time)?;
    for (lane, frame) in frames {
        feeds.send(lane, frame);
    }
    Ok(())
}

fn late_notes(decoded: &Decoded, rendition: usize, written: &Written) -> Vec<Note> {
    let mut notes = Vec::new();
    if let Some((from, to)) = decoded.converted[rendition] {
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
