//! The portable kernels, compiled once more for AVX2: the same bits, as in the lattice.

#![expect(
    unsafe_code,
    reason = "a function compiled for AVX2 may only be called where AVX2 was seen"
)]

use super::{Degradation, HostFeatures, MotionMeter, QualityMeter};
use countermark_picture::{PlaneView, Sample};

pub(super) fn describe<T: Sample>(
    meter: &mut QualityMeter,
    host: &PlaneView<'_, T>,
    features: &mut HostFeatures,
) {
    #[target_feature(enable = "avx2")]
    fn avx2<T: Sample>(
        meter: &mut QualityMeter,
        host: &PlaneView<'_, T>,
        features: &mut HostFeatures,
    ) {
        meter.describe_kernel(host, features);
    }
    assert!(meter.level.has_avx2());
    // SAFETY: the assertion above; only `CpuLevel::probe` makes such a level.
    unsafe { avx2(meter, host, features) }
}

pub(super) fn compare<T: Sample>(
    meter: &mut QualityMeter,
    host: &HostFeatures,
    marked: &PlaneView<'_, T>,
) -> Degradation {
    #[target_feature(enable = "avx2")]
    fn avx2<T: Sample>(
        meter: &mut QualityMeter,
        host: &HostFeatures,
        marked: &PlaneView<'_, T>,
    ) -> Degradation {
        meter.compare_kernel(host, marked)
    }
    assert!(meter.level.has_avx2());
    // SAFETY: the assertion above; only `CpuLevel::probe` makes such a level.
    unsafe { avx2(meter, host, marked) }
}

pub(super) fn motion<T: Sample>(meter: &mut MotionMeter, plane: &PlaneView<'_, T>) -> f32 {
    #[target_feature(enable = "avx2")]
    fn avx2<T: Sample>(meter: &mut MotionMeter, plane: &PlaneView<'_, T>) -> f32 {
        meter.kernel(plane)
    }
    assert!(meter.level().has_avx2());
    // SAFETY: the assertion above; only `CpuLevel::probe` makes such a level.
    unsafe { avx2(meter, plane) }
}
