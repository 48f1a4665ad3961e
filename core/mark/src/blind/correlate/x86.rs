//! The sum over epochs, compiled once more for AVX2: the same bits, as in the lattice.

#![expect(
    unsafe_code,
    reason = "a function compiled for AVX2 may only be called where AVX2 was seen"
)]

use super::{Correlator, Groups, Spectrum};

pub(super) fn sum(correlator: &Correlator, groups: &Groups, start: i64, sum: &mut Spectrum) {
    #[target_feature(enable = "avx2")]
    fn avx2(correlator: &Correlator, groups: &Groups, start: i64, sum: &mut Spectrum) {
        correlator.sum_kernel(groups, start, sum);
    }
    assert!(correlator.level.has_avx2());
    // SAFETY: the assertion above; only `CpuLevel::probe` makes such a level.
    unsafe { avx2(correlator, groups, start, sum) }
}
