//! What the mark costs in VMAF, measured on the frame itself while embedding.
//!
//! ```text
//! VMAF = min(100, vmaf_ceiling(motion) - vmaf_drop),   vmaf_ceiling = 97.43 + 1.4 motion
//! vmaf_drop = 217.2 (1 - ADM2) + 53.7 (1 - VIF_2) + 74.4 (1 - VIF_3)
//! ```
//!
//! a fit of VMAF v0.6.1 for distortions like ours, good to 0.5 % of the drop; the finer scales of VIF hardly count.
//! [`Degradation`] holds the three losses of one frame, [`QualityMeter`] measures them, [`MotionMeter`] the motion.
//! [`HostFeatures`] hold what the host alone says: many marked planes are compared with one host at the cost of one
//! description and many comparisons.
//!
//! Measured on 60 frames of ten clips (272 to 1916 lines) with a mark-like pattern, worst frame, against libvmaf 3:
//!
//! | amplitude | drop | `integer_adm2` | `integer_vif_scale2` | `integer_vif_scale3` | drop, relative |
//! |---|---|---|---|---|---|
//! | 1.4 codes a coefficient | 1.8 to 4.1 | 0.7 % | 1.4 % | 3.3 % | 1.5 % |
//! | 0.7 codes a coefficient | 0.5 to 1.3 | 1.0 % | 5.7 % | 19 % | 5.3 % (0.04 points) |
//!
//! The rest is libvmaf's integer rounding, up to 4e-4 of a loss: its float features agree with ours to 0.5 % on
//! three of the clips. The whole prediction lies at most 0.16 points above VMAF, 0.06 on average. Motion agrees to 1.7 %.
//!
//! # Shapes and units
//! Host and marked plane: the same size and bit depth. Losses are shares of 1, drops are points of VMAF.
//! # Determinism
//! No fused multiply-add, no libm on data, fixed summation order: scalar and AVX2 agree bit for bit.

#![expect(
    clippy::inline_always,
    reason = "kernels must be compiled into the caller's instruction set"
)]

use crate::lattice::cpu::CpuLevel;
use countermark_picture::{AnyPlane, PlaneGeometry, PlaneView, Sample, by_depth};
use detail::{DetailMeter, HostDetail};
use filter::assert_same_size;
use information::{HostInformation, InformationMeter};
pub use motion::MotionMeter;

mod detail;
mod filter;
mod information;
mod motion;
#[cfg(test)]
mod oracle;
#[cfg(target_arch = "x86_64")]
mod x86;

/// What one marked frame lost.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Degradation {
    /// `1 - ADM2`.
    pub detail_loss: f32,
    /// `1 - VIF` at scales 2 and 3: a quarter and an eighth of the picture's sides.
    pub information_loss: [f32; 2],
}

impl Degradation {
    /// Points of VMAF below [`vmaf_ceiling`]; never negative.
    #[must_use]
    pub fn vmaf_drop(&self) -> f32 {
        let [quarter, eighth] = self.information_loss;
        (217.2 * self.detail_loss + 53.7 * quarter + 74.4 * eighth).max(0.0)
    }
}

/// VMAF of an unchanged frame, before it is clipped to 100, from VMAF's `motion2` in code values of 8 bits.
#[must_use]
pub fn vmaf_ceiling(motion: f32) -> f32 {
    97.43 + 1.4 * motion
}

/// Workspace that measures frames of one size.
#[derive(Debug, Clone)]
pub struct QualityMeter {
    picture: PlaneGeometry,
    level: CpuLevel,
    detail: DetailMeter,
    information: InformationMeter,
}

/// What the host alone says: its wavelet's detail, its scales and their variances.
#[derive(Debug, Clone, Default)]
pub struct HostFeatures {
    /// Columns and rows of the host.
    size: (usize, usize),
    detail: HostDetail,
    information: HostInformation,
}

impl QualityMeter {
    /// Prepares for planes of that width and height; the stride may differ from plane to plane.
    #[must_use]
    pub fn new(picture: PlaneGeometry, level: CpuLevel) -> Self {
        let (width, height) = (picture.width(), picture.height());
        Self {
            picture,
            level,
            detail: DetailMeter::new(width, height),
            information: InformationMeter::new(width, height),
        }
    }

    /// Takes in the host, in place of what the features held.
    ///
    /// # Panics
    /// When the plane does not have the size that the workspace was made for.
    pub fn describe<T: Sample>(&mut self, host: &PlaneView<'_, T>, features: &mut HostFeatures) {
        self.take_in(AnyPlane::of(*host), features);
    }

    /// Measures what the marked plane lost of the host.
    ///
    /// # Panics
    /// When the host or the plane does not have the size that the workspace was made for.
    pub fn compare<T: Sample>(
        &mut self,
        host: &HostFeatures,
        marked: &PlaneView<'_, T>,
    ) -> Degradation {
        self.measure(host, AnyPlane::of(*marked))
    }

    // Not generic: a caller's crate would compile the kernels once more.
    fn take_in(&mut self, host: AnyPlane<'_>, features: &mut HostFeatures) {
        assert_same_size(host.geometry(), self.picture);
        features.size = (self.picture.width(), self.picture.height());
        #[cfg(target_arch = "x86_64")]
        if self.level.has_avx2() {
            x86::describe(self, host, features);
            return;
        }
        self.describe_kernel(host, features);
    }

    fn measure(&mut self, host: &HostFeatures, marked: AnyPlane<'_>) -> Degradation {
        let size = (self.picture.width(), self.picture.height());
        assert_eq!(host.size, size, "host size");
        assert_same_size(marked.geometry(), self.picture);
        #[cfg(target_arch = "x86_64")]
        if self.level.has_avx2() {
            return x86::compare(self, host, marked);
        }
        self.compare_kernel(host, marked)
    }

    #[inline(always)]
    fn describe_kernel(&mut self, host: AnyPlane<'_>, features: &mut HostFeatures) {
        by_depth!(host, |host| {
            self.detail.describe_first(&host, &mut features.detail);
            self.information.halve(&host);
        });
        self.detail.describe_others(&mut features.detail);
        self.information.describe(&mut features.information);
    }

    #[inline(always)]
    fn compare_kernel(&mut self, host: &HostFeatures, marked: AnyPlane<'_>) -> Degradation {
        let first = by_depth!(marked, |marked| {
            self.information.halve(&marked);
            self.detail.first_restored(&host.detail, &marked)
        });
        Degradation {
            detail_loss: self.detail.loss(&host.detail, first),
            information_loss: self.information.losses(&host.information),
        }
    }
}

#[cfg(test)]
mod tests;
