//! The points of a line, compiled once more for AVX2: the same bits, as in the lattice.

#![expect(
    unsafe_code,
    reason = "a function compiled for AVX2 may only be called where AVX2 was seen"
)]

use super::points::{PointRow, RUN};
use crate::lattice::cpu::CpuLevel;

pub(super) fn add(
    row: &PointRow<'_>,
    columns: &[[f64; RUN]],
    hidden: &[bool],
    cells: &mut [f32],
    level: CpuLevel,
) {
    #[target_feature(enable = "avx2")]
    fn avx2(row: &PointRow<'_>, columns: &[[f64; RUN]], hidden: &[bool], cells: &mut [f32]) {
        row.kernel(columns, hidden, cells);
    }
    assert!(level.has_avx2());
    // SAFETY: the assertion above; only `CpuLevel::probe` makes such a level.
    unsafe { avx2(row, columns, hidden, cells) }
}
