//! Decodes a clip, leads its pictures through stages and encodes what comes out, a few pictures at a time.

use std::num::NonZeroUsize;
use std::path::Path;

use countermark_media::{
    EncodeSettings, Rational, ReadOptions, VideoCodec, VideoReader, VideoWriter,
    VideoWriterSettings, probe,
};

use super::AttackError;
use super::effect::{ClipShape, Next, Shown, Stage};
use super::lie::Trail;
use super::picture::Picture;

/// What is known of the clip at `path` before it is decoded.
pub(super) fn shape_of(path: &Path) -> Result<ClipShape, AttackError> {
    let info = probe(path)?;
    let video = &info.video;
    let rate = video.frame_rate;
    Ok(ClipShape {
        width: video.width as usize / 2 * 2,
        height: video.height as usize / 2 * 2,
        frame_rate: if rate.is_known() { rate.as_f64() } else { 25.0 },
        seconds: video
            .length_seconds(None)
            .or(info.duration_seconds)
            .unwrap_or(0.0),
    })
}

/// When the first picture from `start` on is shown; none where the file ends before.
pub(super) fn first_shown(path: &Path, start: f64) -> Result<Option<f64>, AttackError> {
    let options = ReadOptions {
        threads: Some(NonZeroUsize::MIN),
        seek_seconds: Some(start),
        max_frames: Some(1),
        ..ReadOptions::default()
    };
    let frame = VideoReader::open(path, options)?.next_frame()?;
    Ok(frame.map(|frame| frame.media_time()))
}

/// What a pass reads and how it writes.
pub(super) struct Edit<'a> {
    /// Start and length of the part that is read, in seconds; everything if `None`.
    pub(super) cut: Option<(f64, f64)>,
    /// Pictures a second of the result.
    pub(super) frame_rate: f64,
    /// How the result is encoded. H.264 and H.265 keep 10 bits.
    pub(super) encode: &'a EncodeSettings,
}

/// Leads the pictures of `input` through `stages` into `output`; where they lie before is `trail`, and after is handed back.
pub(super) fn run(
    input: &Path,
    output: &Path,
    stages: &mut [Box<dyn Stage>],
    (edit, trail): (&Edit<'_>, &Trail),
) -> Result<Trail, AttackError> {
    let info = probe(input)?.video;
    let keeps_depth = matches!(edit.encode.codec, VideoCodec::H264 | VideoCodec::Hevc);
    let bit_depth = if keeps_depth && info.bit_depth > 8 {
        10
    } else {
        8
    };
    let mut reader = Pictures::open(input, edit.cut, bit_depth, edit.encode.threads)?;
    let mut file = Output::new(output, edit.encode, edit.frame_rate, bit_depth);
    let mut origin = None;
    let mut after = Trail::begin();
    let mut write = |shown: Shown| {
        after.tell(shown.seconds, shown.picture.lies);
        file.write(&shown.picture, shown.seconds)
    };
    while let Some(Shown {
        mut picture,
        seconds,
    }) = reader.next()?
    {
        picture.lies = trail.at(seconds);
        let seconds = seconds - *origin.get_or_insert(seconds);
        push(stages, Shown { picture, seconds }, &mut write)?;
    }
    end(stages, &mut write)?;
    file.finish()?;
    Ok(after)
}

/// The pictures of a file in 4:2:0.
pub(super) struct Pictures(VideoReader);

impl Pictures {
    /// Opens `part` of the file at `path`, given by its start and length in seconds; all of it if `None`.
    pub(super) fn open(
        path: &Path,
        part: Option<(f64, f64)>,
        bit_depth: u8,
        threads: Option<NonZeroUsize>,
    ) -> Result<Self, AttackError> {
        let options = ReadOptions {
            threads,
            seek_seconds: part.map(|(start, _)| start),
            duration_seconds: part.map(|(_, seconds)| seconds),
            format: Some(Picture::format(bit_depth)),
            ..ReadOptions::default()
        };
        Ok(Self(VideoReader::open(path, options)?))
    }

    /// The next one, with its media time.
    pub(super) fn next(&mut self) -> Result<Option<Shown>, AttackError> {
        let Some(frame) = self.0.next_frame()? else {
            return Ok(None);
        };
        let picture = Picture::of(&frame).ok_or_else(|| AttackError::Layout {
            width: self.0.info().width,
            height: self.0.info().height,
        })?;
        Ok(Some(Shown {
            picture,
            seconds: frame.media_time(),
        }))
    }
}

/// One picture through all stages.
fn push(
    stages: &mut [Box<dyn Stage>],
    shown: Shown,
    last: &mut Next<'_>,
) -> Result<(), AttackError> {
    match stages.split_first_mut() {
        None => last(shown),
        Some((first, rest)) => first.push(shown, &mut |shown| push(rest, shown, last)),
    }
}

/// What the stages still hold, in the order in which they stand.
fn end(stages: &mut [Box<dyn Stage>], last: &mut Next<'_>) -> Result<(), AttackError> {
    match stages.split_first_mut() {
        None => Ok(()),
        Some((first, rest)) => {
            first.end(&mut |shown| push(rest, shown, last))?;
            end(rest, last)
        }
    }
}

/// A file that is begun with its first picture, which alone knows the size.
pub(super) struct Output<'a> {
    path: &'a Path,
    encode: &'a EncodeSettings,
    frame_rate: Rational,
    bit_depth: u8,
    writer: Option<VideoWriter>,
}

impl<'a> Output<'a> {
    pub(super) fn new(
        path: &'a Path,
        encode: &'a EncodeSettings,
        frame_rate: f64,
        bit_depth: u8,
    ) -> Self {
        Self {
            path,
            encode,
            // All rates in use are multiples of 1/1001.
            frame_rate: Rational::new((frame_rate * 1001.0).round() as i32, 1001),
            bit_depth,
            writer: None,
        }
    }

    pub(super) fn write(&mut self, picture: &Picture, seconds: f64) -> Result<(), AttackError> {
        if self.writer.is_none() {
            let settings = VideoWriterSettings {
                format: Picture::format(self.bit_depth),
                full_range: picture.full_range,
                ..VideoWriterSettings::new(
                    picture.width() as u32,
                    picture.height() as u32,
                    self.frame_rate,
                    self.encode.clone(),
                )
            };
            self.writer = Some(VideoWriter::create(self.path, settings)?);
        }
        if let Some(writer) = &mut self.writer {
            picture.write(self.bit_depth, |planes| {
                writer.write_frame_at(seconds, planes)
            })?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<(), AttackError> {
        let writer = self.writer.ok_or_else(|| AttackError::NothingLeft {
            path: self.path.to_owned(),
        })?;
        writer.finish()?;
        Ok(())
    }
}
