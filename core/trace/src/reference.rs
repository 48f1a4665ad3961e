//! The reference proxy of a title, seen through its lattice.
//!
//! # Shapes and units
//! A thumbnail is the mean of every block, mean removed, unit norm: one `f32` a block. Times in seconds of media time.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use countermark_fingerprint::Grey;
use countermark_mark::lattice::{BLOCK, LatticeGeometry};
use countermark_mark::observe::{Observation, Placement};
use countermark_media::{Luma, ReadOptions, VideoReader};
use countermark_register::{TitleRecord, Vault};

use crate::clip::observe;
use crate::error::{PictureError, TraceError};
use crate::observer::Observer;
use crate::registration::{grey, means};

mod reel;
mod spans;

pub(crate) use reel::Reel;
pub use spans::Spans;

/// Seconds read on either side of a wanted span, for seeking lands on frames, not on times.
const MARGIN: f64 = 0.3;

/// Seconds without a frame from which what follows is read on its own.
const GAP: f64 = 4.0;

/// A title's proxy, or some spans of it: the thumbnails of their frames are held, everything else is decoded again when
/// wanted.
pub struct Reference<'a> {
    path: PathBuf,
    lattice: LatticeGeometry,
    spans: Spans,
    /// Seconds from one frame to the next.
    frame_seconds: f64,
    times: Vec<f64>,
    thumbnails: Vec<Vec<f32>>,
    /// May end the work while frames are decoded.
    observer: &'a dyn Observer,
}

impl<'a> Reference<'a> {
    /// Reads the thumbnails of some spans of a proxy.
    ///
    /// # Errors
    /// When the proxy is missing, cannot be decoded, or has no frame there, or when the work is to end.
    pub fn open(
        path: PathBuf,
        lattice: LatticeGeometry,
        spans: Spans,
        observer: &'a dyn Observer,
    ) -> Result<Self, TraceError> {
        let mut reference = Self {
            path,
            lattice,
            spans,
            frame_seconds: 0.0,
            times: Vec::new(),
            thumbnails: Vec::new(),
            observer,
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
                let blocks = means(luma, self.lattice.cols(), self.lattice.rows())?;
                frames.push((
                    media_time,
                    normalised(blocks.samples().to_vec(), FLAT_MEANS),
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
    pub fn of_title(
        vault: &Vault,
        title: &TitleRecord,
        spans: Spans,
        observer: &'a dyn Observer,
    ) -> Result<Self, TraceError> {
        Self::open(
            vault.reference_path(title),
            lattice_of(title)?,
            spans,
            observer,
        )
        .map_err(|error| error.of_title(&title.name))
    }

    /// Whether the work is to end.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.observer.is_cancelled()
    }

    /// # Errors
    /// When the work is to end.
    pub(crate) fn proceed(&self) -> Result<(), TraceError> {
        self.observer.proceed()
    }

    /// The title's lattice.
    #[must_use]
    pub fn lattice(&self) -> LatticeGeometry {
        self.lattice
    }

    /// Seconds from one frame to the next, as a rule.
    #[must_use]
    pub fn frame_seconds(&self) -> f64 {
        self.frame_seconds
    }

    /// Times of all frames, ascending.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Thumbnails of all frames.
    #[must_use]
    pub fn thumbnails(&self) -> &[Vec<f32>] {
        &self.thumbnails
    }

    /// The frame nearest in time.
    #[must_use]
    pub fn nearest(&self, media_time: f64) -> usize {
        nearest(&self.times, media_time)
    }

    /// All frames of a span of time.
    ///
    /// # Errors
    /// When the proxy cannot be decoded.
    pub fn observations(&self, from: f64, to: f64) -> Result<Vec<Observation>, TraceError> {
        let mut observations = Vec::new();
        self.decode(Self::span(from, to), |observation| {
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
    pub fn pictures(&self, moments: &[f64]) -> Result<Vec<Grey>, TraceError> {
        let wanted: Vec<usize> = moments.iter().map(|time| self.nearest(*time)).collect();
        let mut times: Vec<f64> = wanted.iter().map(|index| self.times[*index]).collect();
        times.sort_by(f64::total_cmp);
        let mut found: Vec<Option<Grey>> = vec![None; wanted.len()];
        for near in times.chunk_by(|a, b| b - a < GAP) {
            let (Some(first), Some(last)) = (near.first(), near.last()) else {
                continue;
            };
            self.each_luma_of(Self::span(*first, *last), |media_time, luma| {
                let index = self.nearest(media_time);
                for (found, _) in found.iter_mut().zip(&wanted).filter(|(_, w)| **w == index) {
                    *found = Some(grey(luma)?);
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
    pub fn each_luma(
        &self,
        mut each: impl FnMut(f64, Luma<'_>) -> Result<(), PictureError>,
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
        let reader = self.reader(Self::span(from, to))?;
        Ok(Reel::new(reader, self.path.clone()))
    }

    fn span(from: f64, to: f64) -> ReadOptions {
        // A clip may begin before the title does, or end before it begins.
        let start = (from - MARGIN).max(0.0);
        ReadOptions {
            duration_seconds: Some(to.max(start) + MARGIN - start),
            ..from_moment(start)
        }
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
        mut each: impl FnMut(f64, Luma<'_>) -> Result<(), PictureError>,
    ) -> Result<(), TraceError> {
        let mut reader = self.reader(options)?;
        let undecoded = TraceError::reference(&self.path);
        while let Some(frame) = reader.next_frame().map_err(&undecoded)? {
            self.observer.proceed()?;
            each(frame.media_time(), frame.luma())
                .map_err(TraceError::reference_picture(&self.path))?;
        }
        Ok(())
    }
}

/// A proxy from some moment on: its encoder closes every group of pictures.
fn from_moment(media_time: f64) -> ReadOptions {
    ReadOptions {
        seek_seconds: (media_time > 0.0).then_some(media_time),
        has_closed_groups: true,
        ..ReadOptions::default()
    }
}

/// The lattice of a title.
///
/// # Errors
/// When its pictures cannot carry a mark.
pub(crate) fn lattice_of(title: &TitleRecord) -> Result<LatticeGeometry, TraceError> {
    let (width, height) = (title.master.width as usize, title.master.height as usize);
    LatticeGeometry::for_picture(width, height).map_err(|source| TraceError::CannotCarry {
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
    frame
        .map(|frame| grey(frame.luma()))
        .transpose()
        .map_err(|error| TraceError::reference_picture(path)(error.into()))
}

/// The usual distance of ascending times: spans may lie far apart.
fn frame_seconds(times: &[f64]) -> f64 {
    let mut steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_by(f64::total_cmp);
    steps.get(steps.len() / 2).copied().unwrap_or(0.0)
}

/// The means of the blocks that a frame shows, mean removed, unit norm.
pub(crate) struct Partial {
    /// Ascending.
    pub(crate) seen: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

impl Partial {
    /// Of blocks, ascending, and the mean of each in code values of 8 bits.
    pub(crate) fn new(seen: Vec<usize>, means: Vec<f32>) -> Self {
        let values = normalised(means, FLAT_MEANS);
        Self { seen, values }
    }

    pub(crate) fn of(observation: &Observation) -> Self {
        let levels = observation.coefficients.coefficient(0);
        let hidden = |block: &usize| observation.unseen.binary_search(&(*block as u32)).is_ok();
        let seen: Vec<usize> = (0..levels.len()).filter(|block| !hidden(block)).collect();
        let values = normalised(seen.iter().map(|&block| levels[block]).collect(), FLAT);
        Self { seen, values }
    }

    /// Pearson's correlation with another frame's thumbnail.
    pub(crate) fn correlation(&self, thumbnail: &[f32]) -> f64 {
        let (mut cross, mut sum, mut energy) = (0.0_f32, 0.0_f32, 0.0_f32);
        for (&block, x) in self.seen.iter().zip(&self.values) {
            let r = thumbnail[block];
            cross += x * r;
            sum += r;
            energy += r * r;
        }
        let spread = energy - sum * sum / self.seen.len().max(1) as f32;
        // A thumbnail has unit norm: what is left of a flat part is rounding.
        if spread > 1e-6 {
            f64::from(cross / spread.sqrt())
        } else {
            0.0
        }
    }
}

/// Index of the time nearest to `wanted` among ascending `times`.
pub(crate) fn nearest(times: &[f64], wanted: f64) -> usize {
    let after = times.partition_point(|time| *time < wanted);
    if after == 0 {
        return 0;
    }
    if after == times.len() || wanted - times[after - 1] <= times[after] - wanted {
        return after - 1;
    }
    after
}

/// The means of all blocks, mean removed, unit norm; zeros for a flat frame.
pub(crate) fn thumbnail(observation: &Observation) -> Vec<f32> {
    normalised(observation.coefficients.coefficient(0).to_vec(), FLAT)
}

/// Energy below which block means are flat, in squared code values of 8 bits times 64.
const FLAT: f32 = 1.0;

/// The same in squared code values of 8 bits.
const FLAT_MEANS: f32 = FLAT / (BLOCK * BLOCK) as f32;

/// Mean removed, unit norm; zeros when their energy is not above `flat`.
pub(crate) fn normalised(mut values: Vec<f32>, flat: f32) -> Vec<f32> {
    let mean = values.iter().sum::<f32>() / values.len().max(1) as f32;
    let energy: f32 = values.iter().map(|m| (m - mean) * (m - mean)).sum();
    let scale = if energy > flat {
        1.0 / energy.sqrt()
    } else {
        0.0
    };
    for value in &mut values {
        *value = (*value - mean) * scale;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::{MARGIN, Reference, frame_seconds, nearest};

    #[test]
    fn what_lies_before_a_title_is_read_as_its_beginning() {
        for (from, to, start, end) in [
            (-0.6, -0.6, 0.0, MARGIN),
            (-0.6, 2.0, 0.0, 2.0 + MARGIN),
            (5.0, 7.0, 5.0 - MARGIN, 7.0 + MARGIN),
        ] {
            let options = Reference::span(from, to);
            let first = options.seek_seconds.unwrap_or(0.0);
            let length = options.duration_seconds.expect("a length");
            assert!((first - start).abs() < 1e-9, "{from} {first}");
            assert!((first + length - end).abs() < 1e-9, "{to} {length}");
        }
    }

    #[test]
    fn a_gap_between_spans_is_no_frame() {
        let times: Vec<f64> = (0..10)
            .chain(500..520)
            .map(|n| f64::from(n) / 25.0)
            .collect();
        assert!((frame_seconds(&times) - 0.04).abs() < 1e-9);
        assert!(frame_seconds(&[3.0]).abs() < f64::EPSILON);
    }

    #[test]
    fn nearest_takes_the_closer_neighbour() {
        let times = [0.0, 1.0, 2.0];
        for (wanted, index) in [(-3.0, 0), (0.4, 0), (0.6, 1), (1.5, 1), (1.6, 2), (9.0, 2)] {
            assert_eq!(nearest(&times, wanted), index, "{wanted}");
        }
    }
}
