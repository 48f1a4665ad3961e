//! What the rate control of every delivery follows in the host: its motion, its cuts and when to look closer.
//!
//! ```text
//! change = mean |h[t] - h[t-1]| over the lattice;   cut where change > 14 and change > 3 times the one before
//! m      = motion on which two successive frames agree: it falls at once and rises slowly
//! ```
//!
//! A frame is sampled at the start, at cuts and then once a second.
//!
//! # Shapes and units
//! Motion and change in code values of 8 bits, times in seconds.

use countermark_picture::cut::{self, CutRule};

use crate::lattice::LatticePlane;
use crate::lattice::cpu::CpuLevel;
use crate::quality::MotionMeter;
use countermark_picture::{PlaneGeometry, PlaneView, Sample};

/// Seconds between samples within a shot.
const SAMPLE_SECONDS: f64 = 1.0;

/// The share of the way to a calmer frame's motion that a frame goes: quality falls at once.
const CALMING_RATE: f32 = 0.5;

/// The share of the way to a livelier frame's motion that a frame goes.
const RISING_RATE: f32 = 0.15;

/// Follows the frames of one master.
#[derive(Debug)]
pub(super) struct ContentFollower {
    meter: MotionMeter,
    motion: Motion,
    /// The frame before, on the lattice.
    previous: Vec<f32>,
    change_before: f32,
    sampled: Option<f64>,
}

/// What the rate control needs to know of a frame.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Content {
    /// Motion as far as it can be relied on.
    pub(super) motion: f32,
    /// Whether the frame's quality is to be measured.
    pub(super) sampled: bool,
}

/// Motion as far as it can be relied on.
#[derive(Debug, Default)]
struct Motion {
    last: f32,
    held: f32,
}

impl Motion {
    /// Falls at once with calm frames, rises slowly; two frames must agree.
    fn push(&mut self, motion: f32) {
        let calmer = motion.min(self.last);
        self.last = motion;
        let rate = if calmer < self.held {
            CALMING_RATE
        } else {
            RISING_RATE
        };
        self.held += rate * (calmer - self.held);
    }
}

impl ContentFollower {
    pub(super) fn new(geometry: PlaneGeometry, level: CpuLevel) -> Self {
        Self {
            meter: MotionMeter::new(geometry, level),
            motion: Motion::default(),
            previous: Vec::new(),
            change_before: 0.0,
            sampled: None,
        }
    }

    /// Takes in the next frame, as it is and on the lattice.
    pub(super) fn push<T: Sample>(
        &mut self,
        plane: &PlaneView<'_, T>,
        host: &LatticePlane,
        media_time: f64,
    ) -> Content {
        if let Some(motion) = self.meter.motion(plane) {
            self.motion.push(motion);
        }
        let starts_a_shot = self.is_cut(host);
        let due = self
            .sampled
            .is_none_or(|last| (media_time - last).abs() >= SAMPLE_SECONDS);
        let sampled = starts_a_shot || due;
        if sampled {
            self.sampled = Some(media_time);
        }
        Content {
            motion: self.motion.held,
            sampled,
        }
    }

    /// Whether the next frame begins a shot.
    fn is_cut(&mut self, host: &LatticePlane) -> bool {
        let samples = host.samples();
        let first = self.previous.is_empty();
        let change = cut::mean_absolute_change(&self.previous, samples);
        let cut = CutRule::SUDDEN.is_cut(change, self.change_before);
        self.change_before = change;
        self.previous.clear();
        self.previous.extend_from_slice(samples);
        cut || first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn motion_needs_two_frames_that_agree() {
        let mut motion = Motion::default();
        motion.push(30.0);
        assert!(motion.held < f32::EPSILON);
        motion.push(2.0);
        assert!(motion.held > 0.0 && motion.held < 2.0);
    }
}
