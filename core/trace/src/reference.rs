//! The reference proxy of a title, seen through its lattice.
//!
//! # Shapes and units
//! A thumbnail is the mean of every block, mean removed, unit norm: one `f32` a block. Times in seconds of media time.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use countermark_catalogue::Vault;
use countermark_mark::FormatSpec;
use countermark_mark::lattice::LatticeGeometry;
use countermark_mark::{Observation, Placement};
use countermark_media::{ReadOptions, VideoReader};
use countermark_picture::{AnyPlane, Grey};
use countermark_register::TitleRecord;

use crate::error::{PictureError, TraceError};
use crate::query::sampling::observe;
use crate::query::thumbnail::grey;
use crate::reference::cursor::Reel;
use crate::reference::spans::{Spans, from_moment, window};
use crate::reference::thumbnail::{FLAT_MEAN_ENERGY, Partial, normalised};
use crate::reference::times::{frame_seconds, nearest};
use crate::task::Task;
use crate::tuning::Tuning;

pub(crate) mod cursor;
pub(crate) mod key_frames;
pub(crate) mod spans;
pub(crate) mod thumbnail;
pub(crate) mod times;

/// Seconds without a frame from which what follows is read on its own.
const MAX_GAP_SECONDS: f64 = 4.0;

/// A title's proxy, or some spans of it: the thumbnails of their frames are held, everything else is decoded again when
/// wanted.
pub(crate) struct Reference<'a> {
    path: PathBuf,
    lattice: LatticeGeometry,
    spans: Spans,
    /// Seconds from one frame to the next.
    frame_seconds: f64,
    times: Vec<f64>,
    thumbnails: Vec<Vec<f32>>,
    /// May end the work while frames are decoded.
    task: &'a Task<'a>,
}

impl<'a> Reference<'a> {
    /// Reads the thumbnails of some spans of a proxy.
    ///
    /// # Errors
    /// When the proxy is missing, cannot be decoded, or has no frame there, or when the work is to end.
    pub(crate) fn open(
        path: PathBuf,
        lattice: LatticeGeometry,
        spans: Spans,
        task: &'a Task<'a>,
    ) -> Result<Self, TraceError> {
        let mut reference = Self {
            path,
            lattice,
            spans,
            frame_seconds: 0.0,
            times: Vec::new(),
            thumbnails: Vec::new(),
            task,
        };
        let frames = reference.frames(reference.spans.options())?;
        if frames.is_empty() {
            return Err(TraceError::ReferenceEmpty {
                path: reference.path,
            });
        }
        (reference.times, reference.thumbnails) = frames.into_iter().unzip();
        reference.frame_seconds = frame_seconds(&reference.times);
        Ok(reference)
    }

    /// Frames that are in no file, for what needs their times and thumbnails alone.
    #[cfg(test)]
    pub(crate) fn of_frames(
        lattice: LatticeGeometry,
        times: Vec<f64>,
        thumbnails: Vec<Vec<f32>>,
        task: &'a Task<'a>,
    ) -> Self {
        let ends = times.first().zip(times.last());
        Self {
            path: PathBuf::from("no file"),
            lattice,
            spans: Spans::of(ends.map(|(a, b)| [*a, *b]).into_iter().collect()),
            frame_seconds: frame_seconds(&times),
            times,
            thumbnails,
            task,
        }
    }

    /// Reads on beyond some ends of the spans, for so many seconds; whether there was anything.
    ///
    /// # Errors
    /// When the proxy cannot be decoded.
    pub(crate) fn widen(&mut self, ends: &[f64], seconds: f64) -> Result<bool, TraceError> {
        let beyond = self.spans.beyond(ends, seconds);
        let new = self.frames(Spans::Some(beyond.clone()).options())?;
        for span in beyond {
            self.spans.add(span);
        }
        let known = self.times.len();
        let times = std::mem::take(&mut self.times).into_iter();
        let mut all: Vec<(f64, Vec<f32>)> =
            times.zip(std::mem::take(&mut self.thumbnails)).collect();
        all.extend(new);
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Spans are read with some frames on either side.
        all.dedup_by(|a, b| a.0.total_cmp(&b.0).is_eq());
        (self.times, self.thumbnails) = all.into_iter().unzip();
        Ok(self.times.len() > known)
    }

    /// Times and thumbnails of some spans of the proxy.
    fn frames(&self, spans: Vec<ReadOptions>) -> Result<Vec<(f64, Vec<f32>)>, TraceError> {
        let mut frames = Vec::new();
        for options in spans {
            self.each_luma_of(options, |media_time, luma| {
                let blocks = luma.averaged(self.lattice.cols(), self.lattice.rows());
                frames.push((
                    media_time,
                    normalised(blocks.samples().to_vec(), FLAT_MEAN_ENERGY),
                ));
                Ok(())
            })?;
        }
        Ok(frames)
    }

    /// The spans that are held.
    #[must_use]
    pub(crate) fn spans(&self) -> &Spans {
        &self.spans
    }

    /// Spans of the reference of a title, on the title's lattice.
    ///
    /// # Errors
    /// When the title cannot carry a mark, or its proxy is missing or cannot be decoded.
    pub(crate) fn of_title(
        vault: &Vault,
        title: &TitleRecord,
        spans: Spans,
        task: &'a Task<'a>,
    ) -> Result<Self, TraceError> {
        Self::open(
            vault.catalogue().reference_path(title),
            lattice_of(title)?,
            spans,
            task,
        )
        .map_err(|error| error.of_title(&title.name))
    }

    /// The values that decide.
    pub(crate) fn tuning(&self) -> &'a Tuning {
        self.task.tuning()
    }

    /// Whether the work is to end.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.task.is_cancelled()
    }

    /// # Errors
    /// When the work is to end.
    pub(crate) fn proceed(&self) -> Result<(), TraceError> {
        self.task.proceed()
    }

    /// The title's lattice.
    #[must_use]
    pub(crate) fn lattice(&self) -> LatticeGeometry {
        self.lattice
    }

    /// Seconds from one frame to the next, as a rule.
    #[must_use]
    pub(crate) fn frame_seconds(&self) -> f64 {
        self.frame_seconds
    }

    /// Times of all frames, ascending.
    #[must_use]
    pub(crate) fn times(&self) -> &[f64] {
        &self.times
    }

    /// Thumbnails of all frames.
    #[must_use]
    pub(crate) fn thumbnails(&self) -> &[Vec<f32>] {
        &self.thumbnails
    }

    /// The frame nearest in time.
    #[must_use]
    pub(crate) fn nearest(&self, media_time: f64) -> usize {
        nearest(&self.times, media_time)
    }

    /// All frames of a span of time.
    ///
    /// # Errors
    /// When the proxy cannot be decoded.
    pub(crate) fn observations(&self, from: f64, to: f64) -> Result<Vec<Observation>, TraceError> {
        let mut observations = Vec::new();
        self.decode(window(from, to), |observation| {
            observations.push(observation);
        })?;
        Ok(observations)
    }

    /// How a part of a picture correlates with each frame.
    #[must_use]
    pub(crate) fn correlations(&self, part: &Partial) -> Vec<f32> {
        self.thumbnails
            .iter()
            .map(|shown| part.correlation(shown) as f32)
            .collect()
    }

    /// The frames nearest to some moments, in the order of the moments.
    ///
    /// # Errors
    /// When the proxy cannot be decoded.
    pub(crate) fn pictures(&self, moments: &[f64]) -> Result<Vec<Grey>, TraceError> {
        let wanted: Vec<usize> = moments.iter().map(|time| self.nearest(*time)).collect();
        let mut times: Vec<f64> = wanted.iter().map(|index| self.times[*index]).collect();
        times.sort_by(f64::total_cmp);
        let mut found: Vec<Option<Grey>> = vec![None; wanted.len()];
        for near in times.chunk_by(|a, b| b - a < MAX_GAP_SECONDS) {
            let (Some(first), Some(last)) = (near.first(), near.last()) else {
                continue;
            };
            self.each_luma_of(window(*first, *last), |media_time, luma| {
                let index = self.nearest(media_time);
                for (found, _) in found.iter_mut().zip(&wanted).filter(|(_, w)| **w == index) {
                    *found = Some(grey(luma));
                }
                Ok(())
            })?;
        }
        found
            .into_iter()
            .collect::<Option<_>>()
            .ok_or_else(|| TraceError::ReferenceShort {
                path: self.path.clone(),
            })
    }

    /// Shows every frame of the spans and its media time.
    ///
    /// # Errors
    /// When the proxy cannot be decoded, or `each` fails.
    pub(crate) fn each_luma(
        &self,
        mut each: impl FnMut(f64, AnyPlane<'_>) -> Result<(), PictureError>,
    ) -> Result<(), TraceError> {
        self.spans
            .options()
            .into_iter()
            .try_for_each(|options| self.each_luma_of(options, &mut each))
    }

    /// The frames from some moment to another, to be followed.
    ///
    /// # Errors
    /// When the proxy cannot be opened.
    pub(crate) fn reel(&self, from: f64, to: f64) -> Result<Reel, TraceError> {
        let reader = self.reader(window(from, to))?;
        Ok(Reel::new(reader, self.path.clone()))
    }

    fn decode(
        &self,
        options: ReadOptions,
        mut each: impl FnMut(Observation),
    ) -> Result<(), TraceError> {
        let mut sampler = None;
        self.each_luma_of(options, |media_time, luma| {
            each(observe(
                &mut sampler,
                self.lattice,
                luma,
                Placement::Whole,
                media_time,
            )?);
            Ok(())
        })
    }

    fn reader(&self, options: ReadOptions) -> Result<VideoReader, TraceError> {
        VideoReader::open(&self.path, options).map_err(TraceError::reference(&self.path))
    }

    fn each_luma_of(
        &self,
        options: ReadOptions,
        mut each: impl FnMut(f64, AnyPlane<'_>) -> Result<(), PictureError>,
    ) -> Result<(), TraceError> {
        let mut reader = self.reader(options)?;
        let undecoded = TraceError::reference(&self.path);
        while let Some(frame) = reader.next_frame().map_err(&undecoded)? {
            self.task.proceed()?;
            each(frame.media_time(), frame.luma())
                .map_err(TraceError::reference_picture(&self.path))?;
        }
        Ok(())
    }
}

/// The lattice of a title.
///
/// # Errors
/// When its pictures cannot carry a mark.
pub(crate) fn lattice_of(title: &TitleRecord) -> Result<LatticeGeometry, TraceError> {
    let (width, height) = (title.master.width as usize, title.master.height as usize);
    FormatSpec::CURRENT
        .lattice(width, height)
        .map_err(|source| TraceError::CannotCarry {
            title: title.name.clone(),
            source,
        })
}

/// The frame of a reference that is shown from some moment on; none behind its end.
///
/// # Errors
/// When the proxy is missing or cannot be decoded.
pub(crate) fn picture_at(path: &Path, media_time: f64) -> Result<Option<Grey>, TraceError> {
    let options = ReadOptions {
        max_frames: Some(1),
        // Moments are looked at side by side.
        threads: Some(NonZeroUsize::MIN),
        ..from_moment(media_time)
    };
    let undecoded = TraceError::reference(path);
    let mut reader = VideoReader::open(path, options).map_err(&undecoded)?;
    let frame = reader.next_frame().map_err(undecoded)?;
    Ok(frame.map(|frame| grey(frame.luma())))
}
