//! The portable kernels, compiled once more for AVX2: the same bits, as in the lattice.

#![expect(
    unsafe_code,
    reason = "a function compiled for AVX2 may only be called where AVX2 was seen"
)]

use super::{Degradation, HostFeatures, MotionMeter, QualityMeter};
use countermark_picture::AnyPlane;

pub(super) fn describe(meter: &mut QualityMeter, host: AnyPlane<'_>, features: &mut HostFeatures) {
    #[target_feature(enable = "avx2")]
    fn avx2(meter: &mut QualityMeter, host: AnyPlane<'_>, features: &mut HostFeatures) {
        meter.describe_kernel(host, features);
    }
    assert!(meter.level.has_avx2());
    // SAFETY: the assertion above; only `CpuLevel::probe` makes such a level.
    unsafe { avx2(meter, host, features) }
}

pub(super) fn compare(
    meter: &mut QualityMeter,
    host: &HostFeatures,
    marked: AnyPlane<'_>,
) -> Degradation {
    #[target_feature(enable = "avx2")]
    fn avx2(meter: &mut QualityMeter, host: &HostFeatures, marked: AnyPlane<'_>) -> Degradation {
        meter.compare_kernel(host, marked)
    }
    assert!(meter.level.has_avx2());
    // SAFETY: the assertion above; only `CpuLevel::probe` makes such a level.
    unsafe { avx2(meter, host, marked) }
}

pub(super) fn motion(meter: &mut MotionMeter, plane: AnyPlane<'_>) -> f32 {
    #[target_feature(enable = "avx2")]
    fn avx2(meter: &mut MotionMeter, plane: AnyPlane<'_>) -> f32 {
        meter.kernel(plane)
    }
    assert!(meter.level().has_avx2());
    // SAFETY: the assertion above; only `CpuLevel::probe` makes such a level.
    unsafe { avx2(meter, plane) }
}
