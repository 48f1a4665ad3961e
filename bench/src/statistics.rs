//! Rates with their uncertainty, medians and percentiles.
//!
//! ```text
//! Wilson:   (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n),   z = 1.959964 for 95 %
//! Chernoff: P(hits >= n p) <= exp(-n (p ln(p/q) + (1-p) ln((1-p)/(1-q)))),   p > q, the true rate
//! ```
//!
//! # References
//! E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22(158).
//! H. Chernoff (1952), A measure of asymptotic efficiency for tests of a hypothesis based on the sum of observations, Ann. Math. Stat. 23(4).

use countermark_attack::Random;
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

    /// A bound on the chance of as many hits or more where each trial hits with probability `rate` at most: for few hits too,
    /// where an interval by the normal law is too narrow.
    #[must_use]
    pub fn chance(self, rate: f64) -> f64 {
        let Some(p) = self.rate().filter(|p| *p > rate) else {
            return 1.0;
        };
        let term = |p: f64, q: f64| if p > 0.0 { p * (p / q).ln() } else { 0.0 };
        let divergence = term(p, rate) + term(1.0 - p, 1.0 - rate);
        (-(self.trials as f64) * divergence).exp()
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

/// The interval of 95 % at least of the median of what the values were drawn from, whatever its distribution; none of fewer than
/// six values.
///
/// ```text
/// [x(k), x(n + 1 - k)],  k = the largest with P(B < k) <= 0.025,  B = binomial(n, 1/2)
/// ```
#[must_use]
pub fn median_interval(values: &[f64]) -> Option<(f64, f64)> {
    const TAIL: f64 = 0.025;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let mut term = 0.5_f64.powi(i32::try_from(n).ok()?);
    let (mut below, mut k) = (0.0, 0);
    while below + term <= TAIL && k < n {
        below += term;
        term *= (n - k) as f64 / (k + 1) as f64;
        k += 1;
    }
    let low = k.checked_sub(1)?;
    Some((sorted[low], sorted[n - 1 - low]))
}

/// The interval of 95 % of a statistic of clips by drawing as many of them again, with repetition, `draws` times: the percentiles
/// 2.5 and 97.5 of what `of` makes of the drawn places. The draws are the same in every run.
///
/// # References
/// B. Efron (1979), Bootstrap methods: another look at the jackknife, Ann. Statist. 7(1).
pub fn bootstrap(
    count: usize,
    draws: usize,
    mut of: impl FnMut(&[usize]) -> f64,
) -> Option<(f64, f64)> {
    if count < 2 {
        return None;
    }
    let mut random = Random::new([0x5a; 32]);
    let told: Vec<f64> = (0..draws)
        .map(|_| {
            let places: Vec<usize> = (0..count).map(|_| random.below(count)).collect();
            of(&places)
        })
        .collect();
    let mut sorted = told;
    sorted.sort_by(f64::total_cmp);
    // Without interpolation: a statistic may be infinite.
    let at = |share: f64| sorted[((share * draws as f64) as usize).min(draws - 1)];
    Some((at(0.025), at(0.975)))
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
    fn chances_are_no_smaller_than_those_of_the_binomial_law() {
        // 1 - 0.99^200 = 0.866; P(X >= 20) = 1.98e-3 for a hundred and a tenth.
        for (hits, trials, rate, exact) in [(1, 200, 0.01, 0.866), (20, 100, 0.1, 1.98e-3)] {
            let bound = Share { hits, trials }.chance(rate);
            assert!(bound >= exact && bound <= 10.0 * exact, "{bound}");
        }
        assert!((Share { hits: 3, trials: 3 }.chance(0.1) - 1e-3).abs() < 1e-12);
        let usual = Share {
            hits: 10,
            trials: 1000,
        };
        assert!((usual.chance(0.02) - 1.0).abs() < f64::EPSILON);
        assert!((Share::default().chance(0.5) - 1.0).abs() < f64::EPSILON);
    }

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
    fn medians_lie_in_their_interval() {
        // Tables of the sign test: ranks 1 and 6 of 6, 2 and 9 of 10, 6 and 15 of 20.
        for (n, low, high) in [(6, 1.0, 6.0), (10, 2.0, 9.0), (20, 6.0, 15.0)] {
            let values: Vec<f64> = (1..=n).map(f64::from).collect();
            assert_eq!(median_interval(&values), Some((low, high)), "{n}");
        }
        assert_eq!(median_interval(&[1.0; 5]), None);
    }

    #[test]
    fn drawing_again_gives_the_textbooks_interval_of_a_mean() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let of =
            |places: &[usize]| places.iter().map(|&i| values[i]).sum::<f64>() / places.len() as f64;
        let (low, high) = bootstrap(100, 2000, of).expect("an interval");
        // 49.5 -+ 1.96 sigma / sqrt(n), sigma = 28.866.
        assert!(
            (low - 43.84).abs() < 0.7 && (high - 55.16).abs() < 0.7,
            "{low} {high}"
        );
        assert_eq!(bootstrap(1, 10, of), None);
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
