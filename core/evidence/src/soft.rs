//! The soft values that a score was made of, as a file that any language reads.
//!
//! ```text
//! row   = epoch (u64) || 512 soft values (IEEE 754 binary32), all little-endian: 2056 bytes
//! sum   = over rows e, then lanes l = 0 .. 31: binary64 of (binary32 sum over words w = 0 .. 15 of s[e, 32 w + l] r[e, 32 w + l])
//! t     = sum / sqrt(sum over rows, positions of r^2), both sums in binary64, in the order of the file
//! ```
//!
//! Every operation is an addition, a product, a division or a square root of IEEE 754, rounded to nearest: whoever repeats them in
//! that order has the same `t` to the last bit.
//!
//! # Shapes and units
//! Epochs ascend; soft values are finite and have no unit.

use countermark_mark::{
    NormalisedScore,
    code::fingerprint::{self, FINGERPRINT_POSITIONS, Row},
    key::DeliveryKey,
};

/// Bytes of a row.
pub const ROW_BYTES: usize = 8 + 4 * FINGERPRINT_POSITIONS;

/// The soft values of the fingerprint code, row by row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SoftRows(Vec<(u64, [f32; FINGERPRINT_POSITIONS])>);

impl SoftRows {
    /// Of rows with their epochs.
    #[must_use]
    pub fn of_rows(rows: impl IntoIterator<Item = (u64, [f32; FINGERPRINT_POSITIONS])>) -> Self {
        Self(rows.into_iter().collect())
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.len()
    }

    /// First and last epoch.
    #[must_use]
    pub fn span(&self) -> Option<[u64; 2]> {
        Some([self.0.first()?.0, self.0.last()?.0])
    }

    /// As a file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * ROW_BYTES);
        for (epoch, values) in &self.0 {
            bytes.extend(epoch.to_le_bytes());
            bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }
        bytes
    }

    /// Out of such a file; none when it has half a row, epochs that do not ascend, or values that are not finite.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (rows, rest) = bytes.as_chunks::<ROW_BYTES>();
        if !rest.is_empty() {
            return None;
        }
        let rows: Vec<_> = rows.iter().map(of_row).collect();
        let ascends = rows.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let finite = rows
            .iter()
            .all(|(_, values)| values.iter().all(|v| v.is_finite()));
        (ascends && finite).then_some(Self(rows))
    }

    /// How much alike two are, -1 to 1: `sum a b / (||a|| ||b||)` over the epochs of both; rows of one alone count against it.
    #[must_use]
    pub fn correlation(&self, other: &Self) -> f64 {
        let energy = |rows: &Self| {
            let values = rows.0.iter().flat_map(|(_, values)| values);
            values.map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>()
        };
        let mut shared = 0.0;
        for (epoch, values) in &self.0 {
            if let Ok(at) = other.0.binary_search_by_key(epoch, |(epoch, _)| *epoch) {
                let pairs = values.iter().zip(&other.0[at].1);
                shared += pairs
                    .map(|(a, b)| f64::from(*a) * f64::from(*b))
                    .sum::<f64>();
            }
        }
        let norm = (energy(self) * energy(other)).sqrt();
        if norm > 0.0 { shared / norm } else { 0.0 }
    }

    /// The score of a delivery.
    #[must_use]
    pub fn score(&self, key: &DeliveryKey) -> NormalisedScore {
        let rows = self.0.iter().map(|(epoch, values)| Row {
            epoch: *epoch,
            values,
        });
        let rows: Vec<Row<'_>> = rows.collect();
        NormalisedScore::new(fingerprint::score(key, &rows), fingerprint::energy(&rows))
    }
}

fn of_row(row: &[u8; ROW_BYTES]) -> (u64, [f32; FINGERPRINT_POSITIONS]) {
    let (epoch, values) = row.split_at(8);
    let epoch = epoch.try_into().map_or(0, u64::from_le_bytes);
    let (values, _) = values.as_chunks::<4>();
    (
        epoch,
        std::array::from_fn(|at| f32::from_le_bytes(values[at])),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_soft_values_round_trips_and_a_damaged_one_is_refused() {
        let row = |epoch| (epoch, std::array::from_fn(|at| at as f32 - 255.5));
        let rows = SoftRows::of_rows([row(3), row(9)]);
        let bytes = rows.to_bytes();
        assert_eq!(SoftRows::of_bytes(&bytes).as_ref(), Some(&rows));
        assert_eq!((rows.rows(), rows.span()), (2, Some([3, 9])));
        assert!((rows.correlation(&rows) - 1.0).abs() < 1e-12);
        let half = SoftRows::of_rows([row(3)]);
        assert!((rows.correlation(&half) - 0.5_f64.sqrt()).abs() < 1e-12);
        assert!(SoftRows::of_rows([row(4)]).correlation(&rows).abs() < 1e-12);
        assert_eq!(SoftRows::of_bytes(&bytes[1..]), None);
        let twice = SoftRows::of_rows([row(3), row(3)]);
        assert_eq!(SoftRows::of_bytes(&twice.to_bytes()), None);
        let mut endless = bytes;
        endless[8..12].copy_from_slice(&f32::INFINITY.to_le_bytes());
        assert_eq!(SoftRows::of_bytes(&endless), None);
    }
}
