//! The portable kernels, compiled once more for AVX2.
//!
//! Nothing is written anew here: each function only gives the compiler wider registers for the same source. Without
//! fused multiply-add and without reordering the results are the same bits.

#![expect(
    unsafe_code,
    reason = "a function compiled for AVX2 may only be called where AVX2 was seen"
)]

use super::LatticePlane;
use super::dct::{Band, BlockDct, CoefficientPlane};
use super::downsample::{Downsampler, RowSum};
use super::upsample::{AddChange, Rounding, Upsampler};
use countermark_picture::{PlaneView, PlaneViewMut};

pub(super) fn downsample<T: RowSum>(
    workspace: &mut Downsampler,
    plane: &PlaneView<'_, T>,
    out: &mut LatticePlane,
) {
    #[target_feature(enable = "avx2")]
    fn avx2<T: RowSum>(w: &mut Downsampler, plane: &PlaneView<'_, T>, out: &mut LatticePlane) {
        w.kernel(plane, out);
    }
    assert!(workspace.level().has_avx2());
    // SAFETY: the assertion above; only `CpuLevel::probe` makes such a level.
    unsafe { avx2(workspace, plane, out) }
}

pub(super) fn forward_band(
    workspace: &mut BlockDct,
    plane: &LatticePlane,
    band: &Band,
    out: &mut CoefficientPlane,
) {
    #[target_feature(enable = "avx2")]
    fn avx2(w: &mut BlockDct, plane: &LatticePlane, band: &Band, out: &mut CoefficientPlane) {
        w.forward_kernel(plane, band, out);
    }
    assert!(workspace.level().has_avx2());
    // SAFETY: the assertion above; only `CpuLevel::probe` makes such a level.
    unsafe { avx2(workspace, plane, band, out) }
}

pub(super) fn inverse_band(
    workspace: &mut BlockDct,
    coefficients: &CoefficientPlane,
    band: &Band,
    out: &mut LatticePlane,
) {
    #[target_feature(enable = "avx2")]
    fn avx2(w: &mut BlockDct, from: &CoefficientPlane, band: &Band, out: &mut LatticePlane) {
        w.inverse_kernel(from, band, out);
    }
    assert!(workspace.level().has_avx2());
    // SAFETY: the assertion above; only `CpuLevel::probe` makes such a level.
    unsafe { avx2(workspace, coefficients, band, out) }
}

pub(super) fn upsample<T: AddChange>(
    workspace: &mut Upsampler,
    pattern: &LatticePlane,
    rounding: &Rounding<'_>,
    plane: &mut PlaneViewMut<'_, T>,
) -> u64 {
    #[target_feature(enable = "avx2")]
    fn avx2<T: AddChange>(
        w: &mut Upsampler,
        pattern: &LatticePlane,
        rounding: &Rounding<'_>,
        plane: &mut PlaneViewMut<'_, T>,
    ) -> u64 {
        w.kernel(pattern, rounding, plane)
    }
    assert!(workspace.level().has_avx2());
    // SAFETY: the assertion above; only `CpuLevel::probe` makes such a level.
    unsafe { avx2(workspace, pattern, rounding, plane) }
}
