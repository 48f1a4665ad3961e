//! What follows one another, as steps from one to the next: times, and levels of waves.
//!
//! # Shapes and units
//! Times in seconds, steps in parts of one; levels in steps of [`PrintPictures::level_step`](super::PrintPictures::level_step).

use super::MEANS;
use super::waves;

/// By how many steps a wave may differ from its level and keep it.
const KEPT: f32 = 0.7;

/// What waves were before, and how they changed.
pub(super) struct Changes {
    levels: [i32; MEANS],
    last: [u32; MEANS],
    beside: u32,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            levels: [0; MEANS],
            last: [0; MEANS],
            beside: 0,
        }
    }
}

impl Changes {
    /// The change of a wave to a level, and which probabilities tell whether it changes, and by how much. What hardly differs from the
    /// level that it had keeps it, or noise would cost as much as what moves.
    pub(super) fn before(&self, place: usize, level: f32) -> (i32, usize, usize) {
        let band = waves::band(place);
        let known = (3 * self.last[place].min(2) + self.beside.min(2)) as usize;
        let change = level - self.levels[place] as f32;
        let change = if change.abs() < KEPT {
            0.0
        } else {
            change.round()
        };
        (change as i32, 9 * band + known, band)
    }

    /// The level after a change.
    pub(super) fn note(&mut self, place: usize, change: i32) -> i32 {
        // Waves of 8 bits are below 2^11, in steps of a sixteenth at least.
        self.levels[place] = (self.levels[place] + change).clamp(-(1 << 15), 1 << 15);
        self.last[place] = change.unsigned_abs();
        self.beside = change.unsigned_abs();
        self.levels[place]
    }
}

/// Times as steps from one to the next.
pub(super) struct Clock {
    at: u64,
    rate: f64,
}

impl Clock {
    pub(super) fn new(rate: f64) -> Self {
        Self { at: 0, rate }
    }

    pub(super) fn step(&mut self, seconds: f64) -> u32 {
        let at = (seconds.max(0.0) * self.rate).round() as u64;
        let step = at.saturating_sub(self.at).min((1 << 24) - 2);
        self.at += step;
        step as u32
    }

    pub(super) fn next(&mut self, step: u32) -> f64 {
        self.at += u64::from(step);
        self.at as f64 / self.rate
    }
}
