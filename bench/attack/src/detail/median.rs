//! The median of a square of samples.
//!
//! ```text
//! out[y][x] = the middle one of in[y + i][x + k],   |i|, |k| <= r,   outside the plane its edge
//! ```
//!
//! Forgetful selection: of `n/2 + 2` candidates neither the least nor the greatest can be the median of all `n`, so both
//! are forgotten and one more is taken in, until one is left. Eight columns at a time.
//!
//! # Shapes and units
//! Side `2 r + 1` = 3 or 5, so `n` = 9 or 25.
//! # References
//! J. L. Smith (1996), Implementing median filters in XC4000E FPGAs, Xcell 23.

use crate::Plane;

const LANES: usize = 8;

/// One candidate of eight neighbouring medians.
type Lanes = [f32; LANES];

/// A plane with its edge repeated around it, wide enough that eight columns can always be read.
struct Padded {
    samples: Vec<f32>,
    stride: usize,
}

impl Padded {
    fn of(plane: &Plane, reach: usize) -> Self {
        let (width, height) = (plane.width(), plane.height());
        let stride = width.next_multiple_of(LANES) + 2 * reach;
        let mut samples = Vec::with_capacity(stride * (height + 2 * reach));
        for y in 0..height + 2 * reach {
            let row = plane.row(y.saturating_sub(reach).min(height - 1));
            samples.extend(std::iter::repeat_n(row[0], reach));
            samples.extend_from_slice(row);
            samples.extend(std::iter::repeat_n(row[width - 1], stride - reach - width));
        }
        Self { samples, stride }
    }

    fn lanes(&self, x: usize, y: usize) -> Lanes {
        let mut lanes = [0.0; LANES];
        lanes.copy_from_slice(&self.samples[y * self.stride + x..][..LANES]);
        lanes
    }
}

/// Medians over squares with a side of three.
pub(super) fn median_of_9(plane: &Plane) -> Plane {
    filtered::<9>(plane, 3)
}

/// Medians over squares with a side of five.
pub(super) fn median_of_25(plane: &Plane) -> Plane {
    filtered::<25>(plane, 5)
}

fn filtered<const N: usize>(plane: &Plane, side: usize) -> Plane {
    let padded = Padded::of(plane, side / 2);
    let mut out = Plane::filled(plane.width(), plane.height(), 0.0);
    for (y, row) in out.rows_mut().enumerate() {
        for (block, out) in row.chunks_mut(LANES).enumerate() {
            let candidates =
                std::array::from_fn(|i| padded.lanes(block * LANES + i % side, y + i / side));
            out.copy_from_slice(&middle::<N>(candidates)[..out.len()]);
        }
    }
    out
}

/// The median of `N` candidates, in each lane by itself.
fn middle<const N: usize>(mut values: [Lanes; N]) -> Lanes {
    let end = N / 2 + 2;
    let mut first = 0;
    for next in end..=N {
        let count = end - first;
        for i in 0..count / 2 {
            order(&mut values, first + i, end - 1 - i);
        }
        for i in 1..count.div_ceil(2) {
            order(&mut values, first, first + i);
        }
        for i in count / 2..count - 1 {
            order(&mut values, first + i, end - 1);
        }
        first += 1;
        if next < N {
            values[end - 1] = values[next];
        }
    }
    values[first]
}

/// Puts the lesser at `low` and the greater at `high`.
#[inline]
fn order<const N: usize>(values: &mut [Lanes; N], low: usize, high: usize) {
    let (a, b) = (values[low], values[high]);
    // Comparisons, not `min` and `max`: those must look out for NaN, which costs twice as much.
    values[low] = std::array::from_fn(|i| if b[i] < a[i] { b[i] } else { a[i] });
    values[high] = std::array::from_fn(|i| if b[i] < a[i] { a[i] } else { b[i] });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Random;

    #[test]
    fn every_sample_is_the_middle_one_of_its_sorted_square() {
        let mut random = Random::new([2; 32]);
        // No multiple of eight columns, ties among the values.
        let plane = Plane::from_fn(21, 11, |_, _| random.below(40) as f32);
        for (reach, medians) in [(1, median_of_9(&plane)), (2, median_of_25(&plane))] {
            for y in 0..11 {
                for x in 0..21 {
                    let mut square: Vec<f32> = (-reach..=reach)
                        .flat_map(|i| (-reach..=reach).map(move |k| (x + k, y + i)))
                        .map(|(x, y)| plane.clamped(x, y))
                        .collect();
                    square.sort_by(f32::total_cmp);
                    let expected = square[square.len() / 2];
                    assert!((medians.clamped(x, y) - expected).abs() < 1e-6, "{x} {y}");
                }
            }
        }
    }
}
