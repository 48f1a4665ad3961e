//! What was looked at of references, kept for the next prints: features of frames, and small frames of every four seconds.
//!
//! # Shapes and units
//! Small frames have a short side of [`SMALL_SIDE`], in 1/128 of a code value of 8 bits. At most [`MOST_FRAMES`] frames of features,
//! 43 kB each, and [`MOST_CHUNKS`] chunks of small ones, 0.6 MB each. Times in seconds of media time.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use countermark_fingerprint::{FeatureFinder, Projection};
use countermark_media::{ReadOptions, VideoReader};
use countermark_register::TitleId;

use crate::error::TraceError;
use crate::reference::picture_at;
use crate::reference::spans::from_moment;

/// Short side of small frames.
const SMALL_SIDE: usize = 36;
const LEVELS: f32 = 128.0;
/// Seconds of a chunk.
pub(crate) const CHUNK_SECONDS: f64 = 4.0;
/// Frames nearer than that to the one before are passed over.
const LEAST_STEP: f64 = 1.0 / 32.0;
const MOST_FRAMES: usize = 1000;
const MOST_CHUNKS: usize = 240;

/// A feature of a reference.
pub(crate) struct ShelfFeature {
    pub(crate) place: (f64, f64),
    pub(crate) scale: f64,
    pub(crate) angle: f64,
    pub(crate) projection: Projection,
}

/// A frame of a reference, with its columns and rows.
pub(crate) struct ShelfFrame {
    pub(crate) features: Vec<ShelfFeature>,
    pub(crate) size: (usize, usize),
}

/// Small frames of a reference.
#[derive(Default)]
pub(crate) struct Chunk {
    pub(crate) size: (usize, usize),
    pub(crate) times: Vec<f64>,
    samples: Vec<u16>,
}

impl Chunk {
    /// Of frames as they are kept.
    #[cfg(test)]
    pub(crate) fn of(size: (usize, usize), times: Vec<f64>, samples: Vec<u16>) -> Self {
        Self {
            size,
            times,
            samples,
        }
    }

    /// The samples of a frame.
    pub(crate) fn frame(&self, index: usize) -> &[u16] {
        let length = self.size.0 * self.size.1;
        &self.samples[index * length..(index + 1) * length]
    }
}

/// A title, and the bits of a moment or the number of a chunk.
type Place = (TitleId, u64);

/// Everything that was looked at lately.
#[derive(Default)]
pub(crate) struct Shelf {
    frames: Mutex<Kept<Place, Option<Arc<ShelfFrame>>>>,
    chunks: Mutex<Kept<Place, Arc<Chunk>>>,
}

impl Shelf {
    /// The frame of a title at some moment; none behind its end.
    ///
    /// # Errors
    /// When the reference cannot be decoded.
    pub(crate) fn frame(
        &self,
        title: TitleId,
        reference: &Path,
        media_time: f64,
        most_features: usize,
    ) -> Result<Option<Arc<ShelfFrame>>, TraceError> {
        let key = (title, media_time.to_bits());
        if let Some(known) = kept(&self.frames).get(key) {
            return Ok(known);
        }
        let shown = picture_at(reference, media_time)?;
        let frame = shown.map(|shown| {
            let features = FeatureFinder::new().find(&shown, most_features);
            let feature = |feature: countermark_fingerprint::Feature| ShelfFeature {
                place: (feature.x, feature.y),
                scale: feature.scale,
                angle: feature.angle,
                projection: Projection::new(&feature.descriptor),
            };
            Arc::new(ShelfFrame {
                features: features.into_iter().map(feature).collect(),
                size: (shown.width(), shown.height()),
            })
        });
        kept(&self.frames).put(key, frame.clone(), MOST_FRAMES);
        Ok(frame)
    }

    /// The small frames of the chunk of that number.
    ///
    /// # Errors
    /// When the reference cannot be decoded.
    pub(crate) fn chunk(
        &self,
        title: TitleId,
        reference: &Path,
        number: u64,
    ) -> Result<Arc<Chunk>, TraceError> {
        let key = (title, number);
        if let Some(known) = kept(&self.chunks).get(key) {
            return Ok(known);
        }
        let chunk = Arc::new(read(reference, number)?);
        kept(&self.chunks).put(key, Arc::clone(&chunk), MOST_CHUNKS);
        Ok(chunk)
    }
}

fn read(reference: &Path, number: u64) -> Result<Chunk, TraceError> {
    let start = number as f64 * CHUNK_SECONDS;
    let undecoded = TraceError::reference(reference);
    let options = ReadOptions {
        duration_seconds: Some(CHUNK_SECONDS),
        // Chunks are read side by side.
        threads: Some(NonZeroUsize::MIN),
        ..from_moment(start)
    };
    let mut chunk = Chunk::default();
    let mut reader = VideoReader::open(reference, options).map_err(&undecoded)?;
    while let Some(frame) = reader.next_frame().map_err(&undecoded)? {
        let media_time = frame.media_time();
        let is_due = chunk
            .times
            .last()
            .is_none_or(|last| media_time >= last + LEAST_STEP);
        if !(start..start + CHUNK_SECONDS).contains(&media_time) || !is_due {
            continue;
        }
        let small = frame.luma().with_short_side(SMALL_SIDE);
        let size = (small.width(), small.height());
        if chunk.times.is_empty() {
            chunk.size = size;
        }
        if chunk.size == size {
            let samples = small.samples().iter();
            chunk
                .samples
                .extend(samples.map(|s| (s * LEVELS).round() as u16));
            chunk.times.push(media_time);
        }
    }
    Ok(chunk)
}

fn kept<T>(value: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Values are put in whole.
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was asked for lately.
struct Kept<K, V> {
    known: BTreeMap<K, (u64, V)>,
    clock: u64,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self {
            known: BTreeMap::new(),
            clock: 0,
        }
    }
}

impl<K: Ord + Copy, V: Clone> Kept<K, V> {
    fn get(&mut self, key: K) -> Option<V> {
        self.clock += 1;
        let (used, value) = self.known.get_mut(&key)?;
        *used = self.clock;
        Some(value.clone())
    }

    /// Puts a value in; of more than `most` the quarter that was not asked for the longest goes.
    fn put(&mut self, key: K, value: V, most: usize) {
        self.clock += 1;
        self.known.insert(key, (self.clock, value));
        if self.known.len() > most {
            let mut uses: Vec<u64> = self.known.values().map(|(used, _)| *used).collect();
            uses.sort_unstable();
            let oldest = uses[uses.len() / 4];
            self.known.retain(|_, (used, _)| *used > oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_for_the_longest_goes_first() {
        let mut kept = Kept::default();
        for key in 0..8 {
            kept.put(key, key, 8);
        }
        assert_eq!(kept.get(0), Some(0));
        kept.put(8, 8, 8);
        assert_eq!(kept.get(0), Some(0));
        assert_eq!((kept.get(1), kept.get(8)), (None, Some(8)));
        assert!(kept.known.len() < 9);
    }
}
