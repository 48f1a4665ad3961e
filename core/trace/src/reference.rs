//! The reference proxy of a title, seen through its lattice.
//!
//! # Shapes and units
//! A thumbnail is the mean of every block, mean removed, unit norm: one `f32` a block. Times in seconds of media time.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use countermark_catalogue::Vault;
use countermark_fingerprint::Feature;
use countermark_mark::FormatSpec;
use countermark_mark::lattice::LatticeGeometry;
use countermark_mark::{Observation, Placement};
use countermark_media::{ReadOptions, VideoReader};
use countermark_picture::{AnyPlane, Grey};
use countermark_register::TitleRecord;
use rayon::prelude::*;

use crate::error::{PictureError, TraceError};
use crate::query::sampling::observe;
use crate::query::thumbnail::grey;
use crate::reference::cursor::SequentialCursor;
use crate::reference::kept::Known;
use crate::reference::shown::Shown;
use crate::reference::spans::{Spans, from_moment, window};
use crate::reference::store::Store;
use crate::reference::thumbnail::{FLAT_MEAN_ENERGY, Partial, normalised};
use crate::reference::times::{frame_seconds, nearest};
use crate::still::Still;
use crate::task::Task;
use crate::tuning::Tuning;

pub(crate) mod cursor;
pub(crate) mod kept;
pub(crate) mod key_frames;
mod shown;
pub(crate) mod spans;
mod store;
pub(crate) mod thumbnail;
pub(crate) mod times;

/// Seconds without a frame from which what follows is read on its own.
const MAX_GAP_SECONDS: f64 = 4.0;

/// Observations that are held of one proxy: of 20 kB each they take 80 MiB.
const OBSERVED: usize = 4096;

/// A title's proxy, or some spans of it. Thumbnails of all frames are held, the frames themselves as far as they fit, and what
/// was made of them.
pub(crate) struct Reference<'a> {
    path: PathBuf,
    lattice: LatticeGeometry,
    spans: Spans,
    /// Seconds from one frame to the next.
    frame_seconds: f64,
    times: Vec<f64>,
    thumbnails: Vec<Vec<f32>>,
    store: Mutex<Store>,
    /// Features of key frames, by the bits of their media times.
    features: Mutex<BTreeMap<u64, Arc<[Feature]>>>,
    /// Frames on the lattice, by the bits of their media times.
    observed: Mutex<BTreeMap<u64, Arc<Observation>>>,
    /// Thumbnails that were made when it was open before, by the bits of their media times.
    before: BTreeMap<u64, Vec<f32>>,
    /// May end the work while frames are decoded.
    task: &'a Task<'a>,
}

/// What another thread that panicked left is whole: values are put in at once.
fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
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
        let Known {
            store,
            features,
            observed,
            thumbnails,
        } = task.kept().take(&path);
        let mut reference = Self {
            path,
            lattice,
            spans,
            frame_seconds: 0.0,
            times: Vec::new(),
            thumbnails: Vec::new(),
            store: Mutex::new(store),
            features: Mutex::new(features),
            observed: Mutex::new(observed),
            before: thumbnails,
            task,
        };
        let frames = reference.frames(reference.spans.options())?;
        if frames.is_empty() {
            return Err(TraceError::ReferenceEmpty {
                path: reference.path.clone(),
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
            store: Mutex::default(),
            features: Mutex::default(),
            observed: Mutex::default(),
            before: BTreeMap::new(),
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

    /// Holds no more than a span from now on.
    pub(crate) fn narrow(&mut self, [from, to]: [f64; 2]) {
        self.spans = Spans::of(vec![[from.max(0.0), to]]);
        let times = std::mem::take(&mut self.times).into_iter();
        let all = times.zip(std::mem::take(&mut self.thumbnails));
        let within = all.filter(|(time, _)| (from..=to).contains(time));
        (self.times, self.thumbnails) = within.unzip();
    }

    /// Times and thumbnails of some spans of the proxy.
    fn frames(&self, spans: Vec<ReadOptions>) -> Result<Vec<(f64, Vec<f32>)>, TraceError> {
        let mut frames = Vec::new();
        for options in spans {
            self.each_luma_of(options, |media_time, luma| {
                let known = self.before.get(&media_time.to_bits());
                let thumbnail = known.cloned().unwrap_or_else(|| {
                    let blocks = luma.averaged(self.lattice.cols(), self.lattice.rows());
                    normalised(blocks.samples().to_vec(), FLAT_MEAN_ENERGY)
                });
                frames.push((media_time, thumbnail));
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

    /// All frames of a span of time, on the lattice.
    ///
    /// # Errors
    /// When the proxy cannot be decoded.
    pub(crate) fn observations(
        &self,
        from: f64,
        to: f64,
    ) -> Result<Vec<Arc<Observation>>, TraceError> {
        let mut observations = Vec::new();
        let mut sampler = None;
        self.each_luma_of(window(from, to), |media_time, luma| {
            let known = locked(&self.observed).get(&media_time.to_bits()).cloned();
            let observation = if let Some(known) = known {
                known
            } else {
                let place = Placement::Whole;
                let new = observe(&mut sampler, self.lattice, luma, place, media_time)?;
                let (new, mut known) = (Arc::new(new), locked(&self.observed));
                if known.len() < OBSERVED {
                    known.insert(media_time.to_bits(), Arc::clone(&new));
                }
                new
            };
            observations.push(observation);
            Ok(())
        })?;
        Ok(observations)
    }

    /// The features of a frame, if they were found before.
    pub(crate) fn features(&self, media_time: f64) -> Option<Arc<[Feature]>> {
        locked(&self.features).get(&media_time.to_bits()).cloned()
    }

    /// Keeps the features of a frame.
    pub(crate) fn keep_features(&self, media_time: f64, features: Arc<[Feature]>) {
        locked(&self.features).insert(media_time.to_bits(), features);
    }

    /// How a part of a picture correlates with each frame.
    #[must_use]
    pub(crate) fn correlations(&self, part: &Partial) -> Vec<f32> {
        part.correlations(&self.thumbnails)
    }

    /// The frames nearest to some moments, in the order of the moments.
    ///
    /// # Errors
    /// When the proxy cannot be decoded.
    pub(crate) fn pictures(&self, moments: &[f64]) -> Result<Vec<Arc<Grey>>, TraceError> {
        let wanted: Vec<usize> = moments.iter().map(|time| self.nearest(*time)).collect();
        let each: BTreeSet<usize> = wanted.iter().copied().collect();
        let mut times: Vec<f64> = each.iter().map(|index| self.times[*index]).collect();
        times.sort_by(f64::total_cmp);
        let mut stills: BTreeMap<usize, Arc<Still>> = BTreeMap::new();
        for near in times.chunk_by(|a, b| b - a < MAX_GAP_SECONDS) {
            let (Some(first), Some(last)) = (near.first(), near.last()) else {
                continue;
            };
            self.each_still_of(window(*first, *last), |still| {
                let index = self.nearest(still.media_time());
                if each.contains(&index) {
                    stills.insert(index, still.kept());
                }
                Ok(())
            })?;
        }
        let stills: Vec<(usize, Arc<Still>)> = stills.into_iter().collect();
        let pictures: BTreeMap<usize, Arc<Grey>> = stills
            .par_iter()
            .map(|(index, still)| (*index, Arc::new(grey(still.luma()))))
            .collect();
        let found = wanted.iter().map(|index| pictures.get(index).cloned());
        found
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
    /// When the proxy cannot be decoded.
    pub(crate) fn reel(&self, from: f64, to: f64) -> Result<SequentialCursor, TraceError> {
        let options = window(from, to);
        let [from, to] = range(&options);
        let wanted = |reference: &Self| locked(&reference.store).held(from, to);
        if wanted(self).1.is_some() {
            self.each_still_of(options, |_| Ok(()))?;
        }
        match wanted(self) {
            (held, None) => Ok(SequentialCursor::held(held, self.path.clone())),
            (_, Some(_)) => Ok(SequentialCursor::new(
                self.reader(options)?,
                self.path.clone(),
            )),
        }
    }

    fn reader(&self, options: ReadOptions) -> Result<VideoReader, TraceError> {
        VideoReader::open(&self.path, options).map_err(TraceError::reference(&self.path))
    }

    fn each_luma_of(
        &self,
        options: ReadOptions,
        mut each: impl FnMut(f64, AnyPlane<'_>) -> Result<(), PictureError>,
    ) -> Result<(), TraceError> {
        self.each_still_of(options, |shown| each(shown.media_time(), shown.luma()))
    }

    /// Shows the frames that are held, and decodes the others.
    fn each_still_of(
        &self,
        options: ReadOptions,
        mut each: impl FnMut(Shown<'_>) -> Result<(), PictureError>,
    ) -> Result<(), TraceError> {
        let unfit = TraceError::reference_picture(&self.path);
        let [mut at, to] = range(&options);
        loop {
            let (held, gap) = locked(&self.store).held(at, to);
            for still in &held {
                self.task.proceed()?;
                each(Shown::Held(still)).map_err(&unfit)?;
            }
            let Some([start, end]) = gap else {
                return Ok(());
            };
            self.fill([start, end], |shown| each(shown).map_err(&unfit))?;
            at = end;
        }
    }

    /// Decodes a gap between frames that are held, and holds its frames as far as they fit.
    fn fill(
        &self,
        [start, end]: [f64; 2],
        mut each: impl FnMut(Shown<'_>) -> Result<(), TraceError>,
    ) -> Result<(), TraceError> {
        let options = ReadOptions {
            duration_seconds: end.is_finite().then_some(end - start),
            ..from_moment(start)
        };
        let mut reader = self.reader(options)?;
        locked(&self.store).tick(reader.info().time_base.as_f64());
        let undecoded = TraceError::reference(&self.path);
        let mut fits = true;
        while let Some(frame) = reader.next_frame().map_err(&undecoded)? {
            self.task.proceed()?;
            let (luma, media_time) = (frame.luma(), frame.media_time());
            if fits {
                let still = Arc::new(Still::of(luma, media_time));
                fits = locked(&self.store).take(start, Arc::clone(&still));
                each(Shown::Held(&still))?;
            } else {
                each(Shown::Passing(media_time, luma))?;
            }
        }
        if fits {
            locked(&self.store).close(start, end);
        }
        Ok(())
    }
}

/// What is known of it is kept for whoever opens it again.
impl Drop for Reference<'_> {
    fn drop(&mut self) {
        fn whole<T: Default>(value: &mut Mutex<T>) -> T {
            std::mem::take(value.get_mut().unwrap_or_else(PoisonError::into_inner))
        }
        let mut thumbnails = std::mem::take(&mut self.before);
        let times = self.times.iter().map(|time| time.to_bits());
        thumbnails.extend(times.zip(std::mem::take(&mut self.thumbnails)));
        let known = Known {
            store: whole(&mut self.store),
            features: whole(&mut self.features),
            observed: whole(&mut self.observed),
            thumbnails,
        };
        self.task.kept().put(std::mem::take(&mut self.path), known);
    }
}

/// From which moment to which frames are wanted.
fn range(options: &ReadOptions) -> [f64; 2] {
    let start = options.seek_seconds.unwrap_or(0.0);
    let end = options.duration_seconds;
    [start, end.map_or(f64::INFINITY, |seconds| start + seconds)]
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
