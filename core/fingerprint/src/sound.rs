//! Sound fingerprints: words that a copy shares with its original, and the lines on which shared words lie.
//!
//! ```text
//! samples -> spectrogram -> peaks (time, pitch) -> words (pairs and triplets of peaks) -> hits -> lines
//! pair    = (pitch 1, interval 1-2, gap 1-2)                     the same speed, within 2 %
//! triplet = (interval 1-2, interval 1-3, (t2 - t1) / (t3 - t1))  any speed from 0.75 to 1.35, with its pitch or without
//! line    : reference = offset + speed * query
//! ```
//!
//! A title's [`SoundPeaks::reference_words`] go into an index; a clip's [`SoundPeaks::query_words`] are looked up in it,
//! and the times of equal words are [`SoundHit`]s, of which [`sound_lines`] makes [`SoundLine`]s.
//!
//! # Shapes and units
//! One channel at [`SOUND_RATE`] samples a second, full scale 1; any level will do. Times in seconds of media time.
//! # References
//! A. L. Wang, An industrial-strength audio search algorithm, ISMIR 2003 (pairs); J. Six, M. Leman, Panako: a scalable
//! acoustic fingerprinting system handling time-scale and pitch modification, ISMIR 2014 (triplets).
//! # Determinism
//! Fixed summation order, no fused multiply-add, no library's transcendental functions.

mod lines;
mod peaks;
mod rate;
mod transform;
mod words;

pub use lines::{SoundHit, SoundLine, sound_lines};
use peaks::{Peak, PeakFinder};
pub use rate::SOUND_RATE;
pub use words::SoundWord;

/// A block that begins so far from where it is due does not continue the one before.
const LARGEST_JITTER_SECONDS: f64 = 0.02;

/// Finds the peaks of sound that comes in blocks.
#[derive(Debug)]
pub struct SoundFinder {
    peaks: PeakFinder,
}

impl Default for SoundFinder {
    fn default() -> Self {
        Self::new()
    }
}

impl SoundFinder {
    /// Ready for the first block.
    #[must_use]
    pub fn new() -> Self {
        Self {
            peaks: PeakFinder::new(),
        }
    }

    /// Takes samples whose first is at `media_time` seconds. Blocks come in the order of time; one that does not follow
    /// the one before it within 20 ms begins anew after a hole.
    pub fn push(&mut self, media_time: f64, samples: &[f32]) {
        let continues = self
            .peaks
            .due_seconds()
            .is_some_and(|due| (due - media_time).abs() <= LARGEST_JITTER_SECONDS);
        if !continues {
            self.peaks.restart(media_time);
        }
        self.peaks.push(samples);
    }

    /// The peaks of all that was heard.
    #[must_use]
    pub fn finish(self) -> SoundPeaks {
        SoundPeaks {
            peaks: self.peaks.finish(),
        }
    }
}

/// What stands out of a piece of sound.
#[derive(Debug, Clone, PartialEq)]
pub struct SoundPeaks {
    peaks: Vec<Peak>,
}

impl SoundPeaks {
    /// Words for the index, in the order of time: at most 60 in each second.
    #[must_use]
    pub fn reference_words(&self) -> Vec<SoundWord> {
        words::words(&self.peaks, &words::REFERENCE)
    }

    /// Words to look up, in the order of time: denser than those of the index, and with the neighbours of what lies on
    /// the border between two words.
    #[must_use]
    pub fn query_words(&self) -> Vec<SoundWord> {
        words::words(&self.peaks, &words::QUERY)
    }

    /// When they are and how high, in seconds and octaves above 220 Hz: what [`Self::of_places`] takes.
    pub(crate) fn places(&self) -> Vec<(f64, f64)> {
        self.peaks.iter().map(|p| (p.time, p.pitch)).collect()
    }

    /// Peaks in the order of time, all of which are looked at.
    pub(crate) fn of_places(places: &[(f64, f64)]) -> Self {
        let peak = |&(time, pitch)| Peak {
            time,
            pitch,
            rank: 0,
        };
        Self {
            peaks: places.iter().map(peak).collect(),
        }
    }

    /// Those of them that fewer than `ranks` others within half a second surpass.
    #[must_use]
    pub fn strongest(&self, ranks: usize) -> Self {
        let strong = self.peaks.iter().filter(|peak| peak.rank < ranks);
        Self {
            peaks: strong.copied().collect(),
        }
    }

    /// Whether nothing stands out: silence.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.peaks.is_empty()
    }

    /// Peaks found.
    #[must_use]
    pub fn len(&self) -> usize {
        self.peaks.len()
    }
}

#[cfg(test)]
mod tests;
