//! The inner product that every correlation here is made of.
//!
//! ```text
//! <x, y> = sum_i x[i] y[i]
//! ```
//!
//! # Determinism
//! Eight lanes of f32 in a fixed order, added up as f64: no CPU sums differently.

/// Sums kept side by side: one AVX2 register.
const LANES: usize = 8;

/// The inner product of two vectors; what one has over the other's length does not count.
#[must_use]
pub fn inner(x: &[f32], y: &[f32]) -> f64 {
    let mut lanes = [0.0_f32; LANES];
    let (x_whole, x_rest) = x.as_chunks::<LANES>();
    let (y_whole, y_rest) = y.as_chunks::<LANES>();
    for (x, y) in x_whole.iter().zip(y_whole) {
        for l in 0..LANES {
            lanes[l] += x[l] * y[l];
        }
    }
    let rest: f32 = x_rest.iter().zip(y_rest).map(|(x, y)| x * y).sum();
    lanes.iter().map(|&lane| f64::from(lane)).sum::<f64>() + f64::from(rest)
}

#[cfg(test)]
mod tests {
    use super::inner;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_the_sum_in_f64(pairs in prop::collection::vec((-9.0_f32..9.0, -9.0_f32..9.0), 0..70)) {
            let (x, y): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let expected: f64 = x.iter().zip(&y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
            // Seventy products of at most 81, each rounded to 24 bits.
            prop_assert!((inner(&x, &y) - expected).abs() < 1e-2);
        }
    }
}
