//! Decoding of sound: one channel at a fixed rate, with its media time on the clock of the pictures.
//!
//! ```text
//! media_time = pts * time_base - start,     start = the video stream's start time, else the first sound's
//! ```
//!
//! Where the file's timestamps break, sound goes on where it is due, by a [`Clock`] as that of the pictures.
//!
//! Sound that goes on within 50 ms of where it is due is one run, whose time counts samples; a larger jump of the
//! timestamps (a hole, a splice) begins a new one.
//!
//! # Shapes and units
//! Samples are a weighted mean of all channels, as FFmpeg mixes them down; full scale 1. Seconds of media time.

use std::path::Path;

use crate::clip::check_seconds;
use crate::clock::Clock;
use crate::ffi::{FfmpegError, Frame, Resampler};
use crate::head::{head_of, is_album};
use crate::source::{Event, FrameSource};
use crate::{Integrity, MediaError};

/// Seeking aims this much before the wanted time: codecs need a few packets until they are in step.
const SEEK_MARGIN_SECONDS: f64 = 1.0;

/// A larger jump of the timestamps is a hole. Containers round to 1 ms, and broken muxers to a packet of 23 ms.
const LARGEST_JITTER_SECONDS: f64 = 0.05;

/// Which part of the sound to read, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoundOptions {
    /// Samples a second wanted.
    pub sample_rate: u32,
    /// Media time of the first sample wanted, in seconds.
    pub seek_seconds: Option<f64>,
    /// Length of the wanted part, in seconds of media time.
    pub duration_seconds: Option<f64>,
}

impl SoundOptions {
    /// All of a file's sound at `sample_rate` samples a second.
    #[must_use]
    pub const fn new(sample_rate: u32) -> Self {
        Self {
            sample_rate,
            seek_seconds: None,
            duration_seconds: None,
        }
    }
}

/// The sound of a file being decoded.
pub struct SoundReader {
    source: FrameSource,
    clock: Clock,
    resampler: Resampler,
    sample_rate: f64,
    /// Media time 0 on the clock of the file, in seconds; unknown before the first sound of a file without pictures.
    zero_seconds: Option<f64>,
    start_seconds: f64,
    end_seconds: f64,
    /// A seek that no sound has confirmed yet.
    unconfirmed_seek: bool,
    run: Option<Run>,
    /// Sound that begins a new run, once the old one is out.
    next: Option<Frame>,
    block: Vec<f32>,
    ended: bool,
}

/// Sound without a hole.
struct Run {
    start_seconds: f64,
    /// Length of what was fed, in seconds.
    fed_seconds: f64,
    /// Samples that came out.
    delivered: u64,
}

/// A piece of decoded sound, as long as the reader is left alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoundBlock<'a> {
    samples: &'a [f32],
    media_time: f64,
}

impl<'a> SoundBlock<'a> {
    /// The samples, full scale 1; at least one.
    #[must_use]
    pub fn samples(&self) -> &'a [f32] {
        self.samples
    }

    /// Time of the first sample, in seconds since the start of the video stream. Negative for sound before it.
    #[must_use]
    pub fn media_time(&self) -> f64 {
        self.media_time
    }
}

impl SoundReader {
    /// Opens the sound of the file at `path` at the wanted time; `None` for a file without sound.
    ///
    /// # Errors
    /// When the file cannot be read, is no media file, no decoder is there for its sound, or an option is out of range.
    pub fn open(path: &Path, options: SoundOptions) -> Result<Option<Self>, MediaError> {
        Self::open_one(path, None, options)
    }

    /// As [`SoundReader::open`], of the stream at this index of the file; `None` where that is no sound.
    ///
    /// # Errors
    /// As [`SoundReader::open`].
    pub fn open_stream(
        path: &Path,
        index: usize,
        options: SoundOptions,
    ) -> Result<Option<Self>, MediaError> {
        Self::open_one(path, Some(index), options)
    }

    fn open_one(
        path: &Path,
        wanted: Option<usize>,
        options: SoundOptions,
    ) -> Result<Option<Self>, MediaError> {
        let start = check_seconds("seek_seconds", options.seek_seconds)?;
        let duration = check_seconds("duration_seconds", options.duration_seconds)?;
        if !(1_000..=384_000).contains(&options.sample_rate) {
            return Err(MediaError::InvalidSetting {
                setting: "sample_rate",
                accepted: "1000 to 384000 Hz".to_owned(),
                value: options.sample_rate.to_string(),
            });
        }
        if is_album(&head_of(path)?) {
            return Ok(None);
        }
        let Some(source) = FrameSource::open_sound(path, wanted)? else {
            return Ok(None);
        };
        let from = start.unwrap_or(0.0);
        let mut reader = Self {
            zero_seconds: source.zero_seconds(),
            clock: source.clock(Some(0)),
            source,
            resampler: Resampler::new(options.sample_rate),
            sample_rate: f64::from(options.sample_rate),
            start_seconds: start.unwrap_or(f64::NEG_INFINITY),
            end_seconds: duration.map_or(f64::INFINITY, |duration| from + duration),
            unconfirmed_seek: false,
            run: None,
            next: None,
            block: Vec::new(),
            ended: false,
        };
        // Where a clock may jump, its timestamps do not tell where a moment lies.
        if from > SEEK_MARGIN_SECONDS && !reader.source.input().has_discontinuous_time() {
            let wanted = from - SEEK_MARGIN_SECONDS + reader.zero_seconds.unwrap_or(0.0);
            // A file without an index is decoded from its start instead.
            reader.unconfirmed_seek = reader.source.seek_seconds(wanted).is_ok();
        }
        Ok(Some(reader))
    }

    /// What has been lost of the file so far. Meaningful for the whole file once [`SoundReader::next_block`] has
    /// answered `None`.
    #[must_use]
    pub fn integrity(&self) -> &Integrity {
        self.source.integrity()
    }

    /// The next piece of sound; `None` after the last one. It follows the one before without a hole unless its media
    /// time says otherwise.
    ///
    /// # Errors
    /// When sound cannot be converted. Damaged packets are left out, and a file that ends too early answers `None`
    /// here; [`SoundReader::integrity`] tells of both.
    pub fn next_block(&mut self) -> Result<Option<SoundBlock<'_>>, MediaError> {
        while !self.ended {
            self.block.clear();
            let Some(time) = self.advance().map_err(|source| MediaError::Ffmpeg {
                path: self.source.path().to_owned(),
                action: "convert the sound",
                source,
            })?
            else {
                break;
            };
            let index_at = |seconds: f64| {
                let samples = ((seconds - time) * self.sample_rate).round();
                samples.clamp(0.0, self.block.len() as f64) as usize
            };
            let (from, to) = (index_at(self.start_seconds), index_at(self.end_seconds));
            if time >= self.end_seconds {
                break;
            }
            if from < to {
                return Ok(Some(SoundBlock {
                    samples: &self.block[from..to],
                    media_time: time + from as f64 / self.sample_rate,
                }));
            }
            if from > 0 {
                self.source.forget_damage();
            }
        }
        self.ended = true;
        Ok(None)
    }

    /// Fills the block, perhaps with nothing, and answers the time of its first sample; `None` at the end.
    fn advance(&mut self) -> Result<Option<f64>, FfmpegError> {
        let Some(frame) = self.next.take().or_else(|| self.decode()) else {
            return self.finish_run();
        };
        let length = frame.sample_count() as f64 / f64::from(frame.sample_rate().max(1));
        let pts = frame.pts().unwrap_or_default();
        // The clock answers timestamps as they are, of which zero is not yet taken off: its origin is 0.
        let on_file_clock = self.clock.time(pts, Some(self.ticks(length)), false);
        let time = on_file_clock - *self.zero_seconds.get_or_insert(on_file_clock);
        if std::mem::take(&mut self.unconfirmed_seek)
            && time > self.start_seconds + LARGEST_JITTER_SECONDS
        {
            let start = self.zero_seconds.unwrap_or(0.0).min(0.0);
            if self.source.seek_seconds(start).is_ok() {
                self.clock.forget();
                return Ok(Some(time));
            }
        }
        if let Some(run) = &self.run {
            let due = run.start_seconds + run.fed_seconds;
            if (time - due).abs() > LARGEST_JITTER_SECONDS || !self.resampler.continues(&frame) {
                self.next = Some(frame);
                return self.finish_run();
            }
        }
        let run = self.run.get_or_insert(Run {
            start_seconds: time,
            fed_seconds: 0.0,
            delivered: 0,
        });
        self.resampler.convert(&frame, &mut self.block)?;
        run.fed_seconds += length;
        Ok(Some(run.deliver(self.block.len(), self.sample_rate)))
    }

    /// A length in ticks of the stream's time base.
    fn ticks(&self, seconds: f64) -> i64 {
        (seconds / self.source.time_base().as_f64().max(f64::MIN_POSITIVE)).round() as i64
    }

    /// The next decoded sound that is not empty.
    fn decode(&mut self) -> Option<Frame> {
        loop {
            match self.source.next() {
                Event::Frame(frame) if frame.sample_count() > 0 => return Some(frame),
                Event::Frame(_) | Event::Packet(_) => {}
                Event::End => return None,
            }
        }
    }

    fn finish_run(&mut self) -> Result<Option<f64>, FfmpegError> {
        let Some(mut run) = self.run.take() else {
            return Ok(None);
        };
        self.resampler.flush(&mut self.block)?;
        Ok(Some(run.deliver(self.block.len(), self.sample_rate)))
    }
}

impl Run {
    /// Time of the next sample, of which `samples` come out now.
    fn deliver(&mut self, samples: usize, sample_rate: f64) -> f64 {
        let time = self.start_seconds + self.delivered as f64 / sample_rate;
        self.delivered += samples as u64;
        time
    }
}
