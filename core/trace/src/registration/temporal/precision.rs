//! How precise a line of time is: by how much it may be shifted before the pictures object.
//!
//! ```text
//! R(d)  = mean over moments i of 1 - c[i](l(t[i]) + d)
//! x     = the largest d to either side up to which R stays below (1 + g) (R(0) + f) - f          half a frame at least
//! ```
//!
//! A line may be the best one and yet be wrong for a part of its moments, where the clip runs along a course that was not told:
//!
//! ```text
//! R(d; w) = mean over a few moments w in a row
//! y       = the largest over w of |argmin R(d; w)|, of those w that object to d = 0 as above
//! ```
//!
//! Where a shot stands still, `x` is long: it shows one of those seconds, and the pictures do not tell which.
//!
//! # Shapes and units
//! Seconds of media.

use crate::registration::temporal::curve::{Curve, Frames, floor};
use crate::registration::temporal::line::TimeMap;

/// The precision of a line by some moments.
pub(crate) fn precision(curves: &[Curve], frames: Frames<'_>, line: TimeMap) -> f64 {
    let count = curves.len().max(1) as f64;
    let left = |shift: f64| {
        let each = curves
            .iter()
            .map(|curve| 1.0 - curve.at(frames, line.at(curve.clip_time) + shift));
        each.sum::<f64>() / count
    };
    tolerated(left, frames)
}

/// How far a line that leaves more of its moments unexplained than it should is off for some of them in a row: the largest shift at
/// which such are explained instead; none where nobody objects.
pub(crate) fn untold(curves: &[Curve], frames: Frames<'_>, line: TimeMap) -> f64 {
    let tuning = &frames.tuning.precision;
    let step = frames.frame_seconds.max(1e-3);
    let steps = (tuning.max_untold_seconds / step) as i32;
    let floor = floor(curves, frames);
    let off = curves.windows(tuning.untold_moments).filter_map(|few| {
        let left = |shift: f64| -> f64 {
            let each = few
                .iter()
                .map(|curve| 1.0 - curve.at(frames, line.at(curve.clip_time) + shift));
            each.sum::<f64>() / few.len() as f64
        };
        if few.iter().any(|curve| curve.is_foreign(frames)) {
            return None;
        }
        let shifts = (-steps..=steps).map(|n| f64::from(n) * step);
        let (least, shift) = shifts
            .map(|shift| (left(shift), shift))
            .reduce(|best, next| if next.0 < best.0 { next } else { best })?;
        let objects = left(0.0) + floor > (1.0 + tuning.max_residual_gain) * (least + floor);
        objects.then_some(shift.abs() + step / 2.0)
    });
    off.fold(0.0, f64::max)
}

/// How far a line may be shifted of which shifts leave so much unexplained.
pub(crate) fn tolerated(left: impl Fn(f64) -> f64, frames: Frames<'_>) -> f64 {
    let tuning = &frames.tuning.precision;
    let floor = frames.tuning.segmentation.residual_floor;
    let step = frames.frame_seconds.max(1e-3) / 2.0;
    let most = (1.0 + tuning.max_residual_gain) * (left(0.0) + floor) - floor;
    let steps = (tuning.max_seconds / step) as u32;
    let far = |side: f64| {
        let objects = (1..=steps)
            .map(|n| f64::from(n) * step)
            .find(|shift| left(side * shift) > most);
        objects.unwrap_or(tuning.max_seconds) - step
    };
    far(1.0).max(far(-1.0)).max(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tuning::RegistrationTuning;

    const FRAME: f64 = 0.04;

    /// The precision by `tell` of a line through second 10 at speed 1, of a clip of two seconds that shows what `shown` says, whose
    /// pictures lose that much likeness a second.
    fn told(
        tell: fn(&[Curve], Frames<'_>, TimeMap) -> f64,
        loss: f64,
        shown: impl Fn(f64) -> f64,
    ) -> f64 {
        let times: Vec<f64> = (0..500).map(|n| f64::from(n) * FRAME).collect();
        let curves: Vec<Curve> = (0..16)
            .map(|n| f64::from(n) / 8.0)
            .map(|clip_time| Curve {
                clip_time,
                correlations: times
                    .iter()
                    .map(|time| (0.99 - loss * (time - shown(clip_time)).abs()) as f32)
                    .collect(),
                seen: Vec::new(),
                values: Vec::new(),
            })
            .collect();
        let frames = Frames {
            times: &times,
            frame_seconds: FRAME,
            thumbnails: &[],
            tuning: &RegistrationTuning::default(),
        };
        let line = TimeMap {
            offset: 10.0,
            speed: 1.0,
        };
        tell(&curves, frames, line)
    }

    fn of(loss: f64) -> f64 {
        told(precision, loss, |t| 10.0 + t)
    }

    #[test]
    fn what_moves_tells_its_time_to_half_a_frame_and_what_stands_does_not() {
        assert!((of(1.0) - FRAME / 2.0).abs() < 1e-9, "{}", of(1.0));
        // A gain of a fifth of 0.012 is 0.0024: at 0.01 a second a quarter of a second.
        let slow = of(0.01);
        assert!((slow - 0.24).abs() < 1.5 * FRAME, "{slow}");
        // To the ends of the title, which lie ten seconds before the clip and eight after it.
        let still = of(0.0);
        assert!((still - 10.0).abs() < 0.2, "{still}");
    }

    #[test]
    fn a_line_that_part_of_the_moments_leaves_is_as_imprecise_as_they_say() {
        // Twice as fast from the middle on: half a second off at three quarters, a second at the end, right on average nowhere.
        let shown = |t: f64| 10.0 + t + (t - 1.0).max(0.0);
        let most = told(untold, 0.1, shown);
        assert!((0.6..1.0).contains(&most), "{most}");
        assert!(told(precision, 0.1, shown) < most);
        // Nobody objects to a line that is right.
        assert!(told(untold, 0.1, |t| 10.0 + t).abs() < 1e-9);
    }
}
