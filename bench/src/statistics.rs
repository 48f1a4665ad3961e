//! Rates with their uncertainty, medians and percentiles.
//!
//! ```text
//! Wilson: (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n),   z = 1.959964 for 95 %
//! ```
//!
//! # References
//! E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22(158).

use serde::{Deserialize, Serialize};

/// `hits` out of `trials`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Share {
    /// Successes.
    pub hits: u64,
    /// Tries.
    pub trials: u64,
}

impl Share {
    /// The observed rate; none without trials.
    #[must_use]
    pub fn rate(self) -> Option<f64> {
        (self.trials > 0).then(|| self.hits as f64 / self.trials as f64)
    }

    /// The Wilson interval of 95 %; the whole of [0, 1] without trials.
    #[must_use]
    pub fn wilson(self) -> (f64, f64) {
        const Z: f64 = 1.959_963_984_540_054;
        let Some(p) = self.rate() else {
            return (0.0, 1.0);
        };
        let n = self.trials as f64;
        let centre = p + Z * Z / (2.0 * n);
        let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        (
            ((centre - spread) / scale).max(0.0),
            ((centre + spread) / scale).min(1.0),
        )
    }
}

/// The `percent`-th percentile with linear interpolation between ranks; none of nothing. Not-a-numbers sort last.
#[must_use]
pub fn percentile(values: &[f64], percent: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let rank = percent.clamp(0.0, 100.0) / 100.0 * last as f64;
    let low = rank.floor() as usize;
    let high = (low + 1).min(last);
    Some(sorted[low] + (sorted[high] - sorted[low]) * (rank - low as f64))
}

/// The middle value; none of nothing.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    percentile(values, 50.0)
}

/// The arithmetic mean; none of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_agrees_with_published_values() {
        // R: prop.test(x, n, correct = FALSE)
        for (hits, trials, low, high) in [
            (0, 10, 0.0, 0.277_533),
            (10, 10, 0.722_467, 1.0),
            (81, 263, 0.255_275, 0.366_222),
            (1, 29, 0.006_113, 0.171_755),
        ] {
            let (l, h) = Share { hits, trials }.wilson();
            assert!(
                (l - low).abs() < 1e-4 && (h - high).abs() < 1e-4,
                "{hits}/{trials}: {l} {h}"
            );
        }
        let nothing = Share { hits: 0, trials: 0 };
        assert_eq!(nothing.rate(), None);
        assert!(nothing.wilson().0 < 1e-12 && nothing.wilson().1 > 1.0 - 1e-12);
    }

    #[test]
    fn percentiles_interpolate_between_ranks() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(median(&values), Some(2.5));
        assert_eq!(percentile(&values, 0.0), Some(1.0));
        assert_eq!(percentile(&values, 100.0), Some(4.0));
        assert_eq!(percentile(&values, 25.0), Some(1.75));
        assert_eq!((median(&[]), mean(&[])), (None, None));
        assert_eq!(median(&[7.0]), Some(7.0));
    }
}
