//! Tests for pairs: the same row on the same clip, once in the older run and once in the newer.
//!
//! ```text
//! signs   n clips differ, k for the better:  p = min(1, 2 sum_{i <= min(k, n-k)} C(n, i) 2^-n)
//! losses  k of n clips change one way:       p = min(1, 2 sum_{i >= k} C(n, i) (1/4)^i (3/4)^(n-i))
//! ranks   W = sum of ranks of |d| with d > 0, each sign + or - by chance: p = P(|W - E W| >= |w - E W|)
//! ```
//!
//! *Losses* is for fewer than six clips, of which the sign test can say nothing. Where nothing changed, a clip is exact with
//! the same chance `q` in both runs, and goes from exact to not exact with the chance `q (1 - q) <= 1/4`, whatever `q` is and
//! however clips differ; draws that are alike in both runs change even more rarely. Four of four, and three of three, are
//! beyond chance.
//!
//! *Ranks* is Wilcoxon's signed-rank test with midranks for ties and without zeros. Up to [`EXACT`] pairs the distribution
//! under random signs is computed exactly, above it is taken as normal with the variance `sum r^2 / 4`.
//!
//! # Shapes and units
//! `p` two-sided. Differences in the unit of what is compared.
//! # References
//! Q. McNemar (1947), Note on the sampling error of the difference between correlated proportions or percentages,
//! Psychometrika 12(2). W. J. Dixon, A. M. Mood (1946), The statistical sign test, JASA 41(236). F. Wilcoxon (1945),
//! Individual comparisons by ranking methods, Biometrics Bulletin 1(6). J. W. Pratt, J. D. Gibbons (1981), Concepts of
//! Nonparametric Theory, 3.7 (midranks, exact under sign changes).

use crate::statistics::median;

/// The level of each test.
pub(super) const LEVEL: f64 = 0.05;

/// Scores nearer to one another than this are the same: rounding, not evidence.
pub(super) const SAME_LOG10_P: f64 = 1e-6;

/// Pairs of which the distribution of ranks is computed.
const EXACT: usize = 200;

/// Clips below which the sign test never reaches the level.
const FEW: u64 = 6;

/// Which way something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Better beyond noise.
    Better,
    /// Worse beyond noise.
    Worse,
    /// Within noise.
    Unchanged,
}

/// A probability as it is written.
#[must_use]
pub fn p_in_words(p: f64) -> String {
    if p < 0.001 {
        "below 0.001".to_owned()
    } else {
        format!("{p:.3}")
    }
}

/// Clips that differ between two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Discordant {
    /// Better in the new run.
    pub better: u64,
    /// Worse in the new run.
    pub worse: u64,
}

impl Discordant {
    /// The two-sided probability of so lopsided a split by chance.
    #[must_use]
    pub fn p(self) -> f64 {
        let n = self.better + self.worse;
        let mut log_term = -(n as f64) * std::f64::consts::LN_2;
        let mut sum = 0.0;
        for i in 0..=self.better.min(self.worse) {
            sum += log_term.exp();
            log_term += ((n - i) as f64 / (i + 1) as f64).ln();
        }
        (2.0 * sum).min(1.0)
    }

    /// The probability that so many of `clips` change one way by chance: of few clips a bound, of many the sign test.
    #[must_use]
    pub fn p_of_losses(self, clips: u64) -> f64 {
        if clips >= FEW {
            return self.p();
        }
        let most = self.better.max(self.worse);
        let mut sum = 0.0;
        let mut ways = 1.0;
        for i in 0..=clips {
            if i >= most {
                sum += ways * 0.25_f64.powi(i as i32) * 0.75_f64.powi((clips - i) as i32);
            }
            ways *= (clips - i) as f64 / (i + 1) as f64;
        }
        (2.0 * sum).min(1.0)
    }

    /// [`p`](Self::p) as it is written.
    #[must_use]
    pub fn p_in_words(self) -> String {
        p_in_words(self.p())
    }

    /// Which way, if `p` is below the level.
    #[must_use]
    pub fn direction(self, p: f64, level: f64) -> Direction {
        if p >= level || self.better == self.worse {
            Direction::Unchanged
        } else if self.better > self.worse {
            Direction::Better
        } else {
            Direction::Worse
        }
    }
}

/// Differences of pairs, newer less older, in order of their size.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SignedRanks {
    /// Pairs that differ.
    pub pairs: usize,
    /// The median of all differences, zeros among them; none without pairs.
    pub median: Option<f64>,
    /// The two-sided probability of such ranks by chance.
    pub p: f64,
}

impl SignedRanks {
    /// Of these differences; those up to `same` are zeros.
    #[must_use]
    pub fn of(differences: &[f64], same: f64) -> Self {
        let mut sizes: Vec<(f64, bool)> = differences
            .iter()
            .filter(|d| d.abs() > same)
            .map(|d| (d.abs(), *d > 0.0))
            .collect();
        sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Doubled, so that midranks are whole.
        let mut ranks: Vec<usize> = vec![0; sizes.len()];
        let mut begin = 0;
        while begin < sizes.len() {
            let ties = sizes[begin..]
                .iter()
                .take_while(|s| s.0.total_cmp(&sizes[begin].0).is_eq());
            let end = begin + ties.count();
            ranks[begin..end].fill(begin + end + 1);
            begin = end;
        }
        let positive = sizes.iter().zip(&ranks).filter(|((_, up), _)| *up);
        let w: usize = positive.map(|(_, rank)| rank).sum();
        Self {
            pairs: sizes.len(),
            median: median(differences),
            p: if ranks.len() <= EXACT {
                exact(&ranks, w)
            } else {
                normal(&ranks, w)
            },
        }
    }
}

/// `P(|W - E W| >= |w - E W|)` over all choices of signs.
fn exact(ranks: &[usize], w: usize) -> f64 {
    let total: usize = ranks.iter().sum();
    // The share of choices for each sum.
    let mut shares = vec![0.0; total + 1];
    shares[0] = 1.0;
    let mut reached = 0;
    for &rank in ranks {
        reached += rank;
        for sum in (0..=reached).rev() {
            let with = if sum >= rank { shares[sum - rank] } else { 0.0 };
            shares[sum] = 0.5 * (shares[sum] + with);
        }
    }
    let distance = |sum: usize| (2 * sum).abs_diff(total);
    let far = (0..=total).filter(|&sum| distance(sum) >= distance(w));
    far.map(|sum| shares[sum]).sum::<f64>().min(1.0)
}

fn normal(ranks: &[usize], w: usize) -> f64 {
    let total: usize = ranks.iter().sum();
    let variance: f64 = ranks.iter().map(|&rank| (rank * rank) as f64).sum::<f64>() / 4.0;
    // Half a step towards the middle: sums are whole, midranks doubled.
    let distance = ((2 * w).abs_diff(total) as f64 / 2.0 - 1.0).max(0.0);
    erfc(distance / (2.0 * variance).sqrt())
}

/// The complementary error function of `x >= 0`, to a relative 1.2e-7.
///
/// W. H. Press et al., Numerical Recipes, 6.2.2.
fn erfc(x: f64) -> f64 {
    const TERMS: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let t = 1.0 / (1.0 + 0.5 * x);
    let sum = TERMS.iter().rev().fold(0.0, |sum, term| sum * t + term);
    t * (sum - x * x).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_is_that_of_the_exact_binomial_test() {
        // R: binom.test(better, better + worse)$p.value
        for (better, worse, p) in [
            (0, 0, 1.0),
            (5, 0, 0.0625),
            (6, 0, 0.031_25),
            (0, 10, 0.001_953_125),
            (3, 9, 0.145_996_1),
            (8, 8, 1.0),
            (40, 60, 0.056_887_93),
        ] {
            let found = Discordant { better, worse }.p();
            assert!((found - p).abs() < 1e-6, "{better}:{worse}: {found}");
        }
        // Thousands of clips do not underflow.
        let many = Discordant {
            better: 1_500,
            worse: 1_500,
        };
        assert!(many.p() > 0.99, "{}", many.p());
    }

    #[test]
    fn all_of_three_four_or_five_clips_lost_are_beyond_chance() {
        // R: 2 * pbinom(worse - 1, clips, 0.25, lower.tail = FALSE)
        for (clips, worse, p) in [
            (2, 2, 0.125),
            (3, 3, 0.031_25),
            (4, 4, 0.007_812_5),
            (4, 3, 0.101_562_5),
            (5, 4, 0.031_25),
            (4, 0, 1.0),
        ] {
            let found = Discordant { better: 0, worse }.p_of_losses(clips);
            assert!((found - p).abs() < 1e-9, "{worse} of {clips}: {found}");
        }
        let six = Discordant {
            better: 0,
            worse: 6,
        };
        assert!((six.p_of_losses(6) - six.p()).abs() < 1e-12);
    }

    /// Every choice of signs, one by one.
    fn by_hand(differences: &[f64]) -> f64 {
        let n = differences.len();
        let rank = |i: usize| -> f64 {
            let size = differences[i].abs();
            let below = differences.iter().filter(|d| d.abs() < size).count();
            let same = differences
                .iter()
                .filter(|d| d.abs().total_cmp(&size).is_eq())
                .count();
            below as f64 + f64::midpoint(same as f64, 1.0)
        };
        let total: f64 = (0..n).map(rank).sum();
        let distance = |signs: u32| {
            let w: f64 = (0..n).filter(|i| signs >> i & 1 == 1).map(rank).sum();
            (w - total / 2.0).abs()
        };
        let own = (0..n).fold(0, |signs, i| signs | u32::from(differences[i] > 0.0) << i);
        let all = 1_u32 << n;
        let far = (0..all).filter(|&signs| distance(signs) >= distance(own) - 1e-9);
        far.count() as f64 / f64::from(all)
    }

    #[test]
    fn ranks_are_those_of_every_choice_of_signs() {
        for differences in [
            &[1.0, 2.0, 3.0, 4.0, 5.0][..],
            &[-1.0, 2.0, 2.0, -2.0, 5.0, 7.0, 7.0],
            &[0.5, -0.5, 1.5, 1.5, -9.0, 3.0, 4.0, 4.0, 4.0, -4.0, 0.1],
            &[-3.0],
        ] {
            let (found, wanted) = (SignedRanks::of(differences, 0.0).p, by_hand(differences));
            assert!(
                (found - wanted).abs() < 1e-12,
                "{differences:?}: {found} {wanted}"
            );
        }
        // R: wilcox.test(c(1.83,.5,1.62,2.48,1.68,1.88,1.55,3.06,1.3) - c(.878,.647,.598,2.05,1.06,1.29,1.06,3.14,1.29))
        let depression = [0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01];
        let found = SignedRanks::of(&depression, 0.0);
        assert!((found.p - 0.039_062_5).abs() < 1e-9, "{found:?}");
        assert_eq!((found.pairs, found.median), (9, Some(0.49)));
    }

    #[test]
    fn zeros_are_no_evidence_and_nothing_is_no_change() {
        assert!((SignedRanks::of(&[], 0.0).p - 1.0).abs() < 1e-12);
        let found = SignedRanks::of(&[1e-9, -1e-9, 0.0], 1e-6);
        assert_eq!(found.pairs, 0);
        assert!((found.p - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_normal_distribution_takes_over_without_a_step() {
        let differences: Vec<f64> = (0..EXACT)
            .map(|i| (i % 13) as f64 + 0.5 - if i % 7 < 3 { 11.0 } else { 0.0 })
            .collect();
        let found = SignedRanks::of(&differences, 0.0);
        let mut sizes: Vec<f64> = differences.iter().map(|d| d.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let more: Vec<f64> = differences.iter().copied().chain([0.001]).collect();
        let above = SignedRanks::of(&more, 0.0);
        assert!((found.p - above.p).abs() < 0.02, "{} {}", found.p, above.p);
        // R: erfc(x) = 2 * pnorm(-x * sqrt(2))
        for (x, value) in [
            (0.0, 1.0),
            (0.5, 0.479_500_1),
            (1.0, 0.157_299_2),
            (3.0, 2.209_05e-5),
        ] {
            assert!((erfc(x) / value - 1.0).abs() < 1e-5, "{x}: {}", erfc(x));
        }
    }
}
