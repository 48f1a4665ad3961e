//! Motion between two successive frames, as VMAF weighs it.
//!
//! ```text
//! motion = mean of |(B * current) - (B * previous)|,   B = b b^T, b = [0.0545, 0.2442, 0.4026, 0.2442, 0.0545]
//! ```
//!
//! The mean runs over every `height / 128`-th row only (all rows below 256 lines, at most every 16th), spread evenly;
//! each of them is filtered from all the rows around it, so nothing is decimated. Against `integer_motion` of libvmaf:
//! see [`crate::quality`].
//!
//! # Shapes and units
//! Code values of 8 bits, whatever the bit depth.
//! # References
//! Netflix VMAF v0.6.1, feature `integer_motion`; its `motion2` is the smaller one of a frame's motion and the next's.

use super::filter::{Field, Line, Rows, assert_same_size, gaussian, sum_of, weigh};
use crate::lattice::cpu::CpuLevel;
use countermark_picture::{AnyPlane, PlaneGeometry, PlaneView, Sample, by_depth};

/// Rows that an estimate rests on, about.
const SAMPLED_ROWS: usize = 128;

/// Largest distance of two sampled rows.
const MAX_STEP: usize = 16;

const TAPS: usize = 5;

/// Workspace that remembers the last plane it was shown.
#[derive(Debug, Clone)]
pub struct MotionMeter {
    picture: PlaneGeometry,
    level: CpuLevel,
    step: usize,
    line: Line,
    /// The blurred rows of the last plane, and room for those of the next.
    blurred: [Field; 2],
    primed: bool,
}

impl MotionMeter {
    /// Prepares for planes of that width and height; the stride may differ from plane to plane.
    #[must_use]
    pub fn new(picture: PlaneGeometry, level: CpuLevel) -> Self {
        let step = (picture.height() / SAMPLED_ROWS).clamp(1, MAX_STEP);
        let field = Field::new(picture.width(), picture.height().div_ceil(step));
        Self {
            picture,
            level,
            step,
            line: Line::new(picture.width()),
            blurred: [field.clone(), field],
            primed: false,
        }
    }

    /// Forgets the last plane, for the next one does not follow it.
    pub fn reset(&mut self) {
        self.primed = false;
    }

    /// Motion from the last plane to this one; `None` for the first plane.
    ///
    /// # Panics
    /// When the plane does not have the size that the workspace was made for.
    pub fn motion<T: Sample>(&mut self, plane: &PlaneView<'_, T>) -> Option<f32> {
        let motion = self.run(AnyPlane::of(*plane));
        std::mem::replace(&mut self.primed, true).then_some(motion)
    }

    // Not generic: a caller's crate would compile the kernel once more.
    fn run(&mut self, plane: AnyPlane<'_>) -> f32 {
        assert_same_size(plane.geometry(), self.picture);
        #[cfg(target_arch = "x86_64")]
        if self.level.has_avx2() {
            return super::x86::motion(self, plane);
        }
        self.kernel(plane)
    }

    #[cfg(target_arch = "x86_64")]
    pub(super) fn level(&self) -> CpuLevel {
        self.level
    }

    #[inline(always)]
    pub(super) fn kernel(&mut self, plane: AnyPlane<'_>) -> f32 {
        self.blurred.swap(0, 1);
        let [previous, current] = &mut self.blurred;
        let taps = gaussian::<TAPS>(1.0);
        let (width, reach) = (current.width(), (TAPS / 2) as isize);
        let mut total = 0.0;
        for i in 0..current.height() {
            let y = (i * self.step + self.step / 2).min(plane.height() - 1);
            by_depth!(plane, |plane| weigh(
                plane.window::<TAPS>(y as isize - reach),
                taps.map(|tap| tap * plane.unit()),
                self.line.samples_mut(),
            ));
            self.line.mirror();
            let shifts = std::array::from_fn(|k| self.line.shifted(k as isize - reach));
            let row = current.row_mut(i);
            weigh(shifts, taps, row);
            // The difference takes the place of the older row, which is not needed again.
            let before = previous.row_mut(i);
            for (before, &now) in before.iter_mut().zip(&*row) {
                *before = (now - *before).abs();
            }
            total += sum_of(&before[..width], |difference| difference);
        }
        (total / (width * current.height()) as f64) as f32
    }
}
