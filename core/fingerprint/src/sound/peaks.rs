//! Peaks of the spectrogram: what stands out in time and in pitch.
//!
//! ```text
//! peak (t, k):  P[t, k] > P[t', k'] for all others with |t' - t| <= T, |k' - k| <= r(k),   r(k) = max(3, k / 12)
//! strength    = k P[t, k]                        3 dB an octave in favour of the high, where sound is weaker
//! rank        = number of stronger peaks within half a second
//! pitch       = log2(frequency / 220 Hz),        place between bins and frames by the parabola through ln P
//! ```
//!
//! The neighbourhood is a fixed interval of pitch, so that a copy played faster keeps its peaks. The rank is a quota that
//! does not depend on where a clip begins: so many a second are taken wherever the sound is loud or soft.
//!
//! # Shapes and units
//! Powers as of [`Transform`]; times in seconds at the middle of a window, pitch in octaves.
//! # References
//! A. L. Wang, An industrial-strength audio search algorithm, ISMIR 2003.

use super::rate::SOUND_RATE;
use super::transform::{BINS, SIZE, Transform};
use crate::elementary::ln;

/// Samples from one window to the next: 16 ms.
const HOP: usize = 128;

/// Frames before and after over which a peak is the largest: 96 ms, less than a window.
const TIME_RADIUS: usize = 6;

/// Frequencies with peaks, in bins of 7.8 Hz: 219 Hz to 3594 Hz, which telephone and low bit rates carry.
const FIRST_BIN: usize = 28;
const LAST_BIN: usize = 460;

/// Power below which nothing is heard: a sine of 1e-4 of full scale, a few steps of 16-bit samples.
const LEAST_POWER: f32 = 1e-8;

/// Seconds before and after within which peaks rival each other.
const RIVALRY_SECONDS: f64 = 0.5;

/// Peaks of a higher rank are not kept.
const MOST_RANK: usize = 24;

/// A place of the spectrogram that is found again in copies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Peak {
    /// Seconds of media time.
    pub(super) time: f64,
    /// Octaves above 220 Hz.
    pub(super) pitch: f64,
    /// Stronger peaks within half a second.
    pub(super) rank: usize,
}

/// A peak before its rivals are known.
#[derive(Debug, Clone, Copy)]
struct Found {
    time: f64,
    pitch: f64,
    strength: f32,
}

/// Finds peaks while sound comes in.
#[derive(Debug)]
pub(super) struct PeakFinder {
    transform: Transform,
    /// Samples that no window has left behind yet.
    pending: Vec<f32>,
    /// The last `2 T + 1` frames, oldest first.
    frames: Vec<Vec<f32>>,
    /// Frames so far.
    count: u64,
    start_seconds: f64,
    samples: u64,
    found: Vec<Found>,
}

impl PeakFinder {
    pub(super) fn new() -> Self {
        Self {
            transform: Transform::new(),
            pending: Vec::new(),
            frames: Vec::new(),
            count: 0,
            start_seconds: 0.0,
            samples: 0,
            found: Vec::new(),
        }
    }

    /// When the next sample is due, in seconds of media time; `None` before the first.
    pub(super) fn due_seconds(&self) -> Option<f64> {
        let seconds = self.samples as f64 / f64::from(SOUND_RATE);
        (self.samples > 0).then_some(self.start_seconds + seconds)
    }

    /// Forgets the spectrogram, not the peaks: what comes next begins at `start_seconds`.
    pub(super) fn restart(&mut self, start_seconds: f64) {
        self.pending.clear();
        self.frames.clear();
        self.count = 0;
        self.samples = 0;
        self.start_seconds = start_seconds;
    }

    pub(super) fn push(&mut self, samples: &[f32]) {
        self.samples += samples.len() as u64;
        // What is no number would spread over whole windows.
        let heard = |x: &f32| {
            if x.is_finite() {
                x.clamp(-8.0, 8.0)
            } else {
                0.0
            }
        };
        self.pending.extend(samples.iter().map(heard));
        let mut from = 0;
        while self.pending.len() - from >= SIZE {
            let mut frame = if self.frames.len() > 2 * TIME_RADIUS {
                self.frames.remove(0)
            } else {
                Vec::with_capacity(BINS)
            };
            self.transform
                .powers(&self.pending[from..from + SIZE], &mut frame);
            self.frames.push(frame);
            self.count += 1;
            from += HOP;
            if self.frames.len() > 2 * TIME_RADIUS {
                self.search();
            }
        }
        self.pending.drain(..from);
    }

    /// All peaks in the order of time, weak ones left out.
    pub(super) fn finish(mut self) -> Vec<Peak> {
        self.found.sort_by(|a, b| {
            (a.time, a.pitch)
                .partial_cmp(&(b.time, b.pitch))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        ranked(&self.found)
    }

    /// Finds the peaks of the middle frame.
    fn search(&mut self) {
        let middle = &self.frames[TIME_RADIUS];
        for k in FIRST_BIN..=LAST_BIN {
            let power = middle[k];
            if power < LEAST_POWER || middle[k - 1] >= power || middle[k + 1] > power {
                continue;
            }
            let radius = (k / 12).max(3);
            let near = k - radius..(k + radius + 1).min(BINS);
            let beaten = self.frames.iter().enumerate().any(|(t, frame)| {
                near.clone().any(|other| {
                    // Of equal neighbours the first in time and frequency stands.
                    let first = (t, other) < (TIME_RADIUS, k);
                    frame[other] > power || (first && frame[other] >= power)
                })
            });
            if beaten {
                continue;
            }
            let along_frequency = vertex(middle[k - 1], power, middle[k + 1]);
            let (before, after) = (&self.frames[TIME_RADIUS - 1], &self.frames[TIME_RADIUS + 1]);
            let along_time = vertex(before[k], power, after[k]);
            let frame = (self.count - 1) as f64 - TIME_RADIUS as f64 + along_time;
            let samples = frame * HOP as f64 + (SIZE / 2) as f64;
            let hertz = (k as f64 + along_frequency) * f64::from(SOUND_RATE) / SIZE as f64;
            self.found.push(Found {
                time: self.start_seconds + samples / f64::from(SOUND_RATE),
                pitch: ln(hertz / 220.0) / std::f64::consts::LN_2,
                strength: power * k as f32,
            });
        }
    }
}

/// Where between -1/2 and 1/2 the parabola through the logarithms of three powers has its top.
fn vertex(before: f32, middle: f32, after: f32) -> f64 {
    // Far below any neighbour of a peak; keeps the logarithm of silence finite.
    let level = |power: f32| ln(f64::from(power).max(1e-12));
    let (a, b, c) = (level(before), level(middle), level(after));
    let bend = a - 2.0 * b + c;
    if bend < -1e-9 {
        ((a - c) / (2.0 * bend)).clamp(-0.5, 0.5)
    } else {
        0.0
    }
}

/// Keeps the peaks that few rivals surpass.
fn ranked(found: &[Found]) -> Vec<Peak> {
    let mut first = 0;
    let mut peaks = Vec::new();
    for peak in found {
        while found[first].time < peak.time - RIVALRY_SECONDS {
            first += 1;
        }
        let rank = found[first..]
            .iter()
            .take_while(|rival| rival.time <= peak.time + RIVALRY_SECONDS)
            .filter(|rival| rival.strength > peak.strength)
            .count();
        if rank < MOST_RANK {
            peaks.push(Peak {
                time: peak.time,
                pitch: peak.pitch,
                rank,
            });
        }
    }
    peaks
}
