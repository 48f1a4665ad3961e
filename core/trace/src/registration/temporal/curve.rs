//! How a probe correlates with every frame of a reference.
//!
//! ```text
//! c[i](m)  = correlation of probe i with the reference's frame at media time m, over the blocks that the probe shows
//! ```
//!
//! # Shapes and units
//! Correlations from -1 to 1; times in seconds.

use crate::reference::Reference;
use crate::reference::times::nearest;

use crate::registration::temporal::line::TimeMap;
use crate::tuning::RegistrationTuning;

/// A sighted probe and how it correlates with every frame of the reference.
#[derive(Debug, Clone)]
pub(crate) struct Curve {
    pub(crate) clip_time: f64,
    /// One value for each frame of the reference.
    pub(crate) correlations: Vec<f32>,
    /// Blocks that the probe shows, ascending, and their means without their mean, of unit norm.
    pub(crate) seen: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

impl Curve {
    /// The highest correlation.
    pub(crate) fn best(&self) -> f64 {
        f64::from(self.correlations.iter().copied().fold(-1.0, f32::max))
    }

    pub(crate) fn at(&self, frames: Frames<'_>, media_time: f64) -> f64 {
        let tuning = &frames.tuning.time_fit;
        let index = nearest(frames.times, media_time);
        // Only spans of a title may be known: far from any frame of them nothing is.
        let known = frames.times.get(index).is_some_and(|time| {
            (time - media_time).abs() <= frames.frame_seconds + tuning.frame_tolerance_seconds
        });
        if known {
            f64::from(self.correlations[index])
        } else {
            -1.0
        }
    }

    /// Whether it is like no frame at all.
    pub(crate) fn is_foreign(&self, frames: Frames<'_>) -> bool {
        self.best() < frames.tuning.time_fit.min_correlation
    }

    /// Whether the frame on the line is like the probe, and nearly as like as the likest.
    pub(crate) fn agrees(&self, frames: Frames<'_>, line: TimeMap) -> bool {
        let tuning = &frames.tuning.time_fit;
        let here = self.at(frames, line.at(self.clip_time));
        here > tuning.min_correlation && here > self.best() - tuning.max_loss_on_map
    }
}

/// The frames of a reference: media times and thumbnails.
#[derive(Clone, Copy)]
pub(crate) struct Frames<'a> {
    pub(crate) times: &'a [f64],
    /// Seconds from one to the next, as a rule.
    pub(crate) frame_seconds: f64,
    pub(crate) thumbnails: &'a [Vec<f32>],
    pub(crate) tuning: &'a RegistrationTuning,
}

impl<'a> Frames<'a> {
    pub(crate) fn of(reference: &'a Reference<'a>) -> Self {
        Self {
            times: reference.times(),
            frame_seconds: reference.frame_seconds(),
            thumbnails: reference.thumbnails(),
            tuning: &reference.tuning().registration,
        }
    }
}

/// `f` of the costs of some moments: what half of them leave of the frames that they are most like, within bounds. Clean pictures
/// that move slowly part by less than any two that were encoded hard.
pub(crate) fn floor(curves: &[Curve], frames: Frames<'_>) -> f64 {
    let tuning = &frames.tuning.segmentation;
    let mut left: Vec<f64> = curves
        .iter()
        .filter(|curve| !curve.is_foreign(frames))
        .map(|curve| 1.0 - curve.best())
        .collect();
    left.sort_by(f64::total_cmp);
    let middle = left.get(left.len() / 2).copied();
    let bounds = (tuning.least_residual_floor, tuning.residual_floor);
    middle.unwrap_or(bounds.1).clamp(bounds.0, bounds.1)
}
