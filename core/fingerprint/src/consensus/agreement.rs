//! Which pairs agree with a map.
//!
//! ```text
//! J = d map / d (x, y) at `from`,   s = sqrt(det J),   turn = (J00 + J11, J10 - J01)
//! agrees:  |map(from) - to| <= tolerance * short side,   1/1.6 <= (to_scale / from_scale) / s <= 1.6,
//!          cos(angle between turn and to_angle - from_angle) >= cos 25 degrees
//! ```
//!
//! # Shapes and units
//! Samples; tolerances as shares of the second picture's short side.

use std::f64::consts::{PI, TAU};

use super::plausibility::jacobian;
use crate::elementary::cos_sin;
use crate::matching::Pair;
use countermark_picture::{Homography, WeightedPair};

/// Factor between the scale of a pair and that of the map.
const SCALE_FACTOR: f64 = 1.6;
/// Cosine of 25 degrees.
const LEAST_COSINE: f64 = 0.906_307_787;
/// Share of all angles within 25 degrees of one.
pub(super) const TURN_SHARE: f64 = 50.0 / 360.0;

/// Places nearer than this share of the short side are one place.
const SAME_PLACE: f64 = 0.012;

/// From this scale on, in samples of the second picture, the inaccuracy of a place grows with the scale.
const EXACT_SCALE: f64 = 4.0;

/// The pairs of two pictures.
pub(super) struct Scene<'a> {
    pub(super) pairs: &'a [Pair],
    pub(super) from: (f64, f64),
    to: (f64, f64),
    /// Scale, cosine and sine of the turn of every pair.
    turns: Vec<[f64; 3]>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(pairs: &'a [Pair], from: (usize, usize), to: (usize, usize)) -> Self {
        let turn = |pair: &Pair| {
            let (cos, sin) = cos_sin((pair.to_angle - pair.from_angle) / TAU);
            [pair.to_scale / pair.from_scale, cos, sin]
        };
        Self {
            pairs,
            from: (from.0 as f64, from.1 as f64),
            to: (to.0 as f64, to.1 as f64),
            turns: pairs.iter().map(turn).collect(),
        }
    }

    /// The similarities of the pairs that most others agree with, the best first, none of which agrees with another.
    pub(super) fn best_hypotheses(&self, most: usize, tolerance: f64) -> Vec<Homography> {
        let reach = tolerance * self.to.0.min(self.to.1);
        let agrees = |i: usize, j: usize| {
            let (pair, other) = (&self.pairs[i], &self.pairs[j]);
            let ([s, cos, sin], [t, other_cos, other_sin]) = (self.turns[i], self.turns[j]);
            let (x, y) = (other.from.0 - pair.from.0, other.from.1 - pair.from.1);
            let dx = pair.to.0 + s * (cos * x - sin * y) - other.to.0;
            let dy = pair.to.1 + s * (sin * x + cos * y) - other.to.1;
            dx * dx + dy * dy <= reach * reach
                && t <= s * SCALE_FACTOR
                && s <= t * SCALE_FACTOR
                && cos * other_cos + sin * other_sin >= LEAST_COSINE
        };
        let count = |i: usize| (0..self.pairs.len()).filter(|&j| agrees(i, j)).count();
        let mut order: Vec<_> = (0..self.pairs.len()).map(|i| (count(i), i)).collect();
        order.sort_by_key(|&(count, i)| (std::cmp::Reverse(count), i));
        let mut chosen: Vec<usize> = Vec::new();
        for (_, i) in order {
            if chosen.len() < most && chosen.iter().all(|&before| !agrees(before, i)) {
                chosen.push(i);
            }
        }
        chosen
            .into_iter()
            .filter_map(|i| self.similarity(i))
            .collect()
    }

    fn similarity(&self, i: usize) -> Option<Homography> {
        let (pair, [s, cos, sin]) = (&self.pairs[i], self.turns[i]);
        let (a, b) = (s * cos, s * sin);
        let x = pair.to.0 - (a * pair.from.0 - b * pair.from.1);
        let y = pair.to.1 - (b * pair.from.0 + a * pair.from.1);
        Homography::affine([a, -b, x, b, a, y])
    }

    /// The pairs that agree with a map, ascending.
    pub(super) fn agreeing(&self, map: &Homography, tolerance: f64) -> Vec<usize> {
        let reach = tolerance * self.to.0.min(self.to.1);
        let agrees = |&i: &usize| {
            let Some(squared) = self.squared_residual(map, i) else {
                return false;
            };
            let [a, b, c, d] = jacobian(map, self.pairs[i].from);
            let scale = (a * d - b * c).max(0.0).sqrt();
            let (along, across) = (a + d, c - b);
            let length = (along * along + across * across).sqrt();
            let [s, cos, sin] = self.turns[i];
            squared <= reach * reach
                && s <= scale * SCALE_FACTOR
                && scale <= s * SCALE_FACTOR
                && along * cos + across * sin >= LEAST_COSINE * length
        };
        (0..self.pairs.len()).filter(agrees).collect()
    }

    fn squared_residual(&self, map: &Homography, i: usize) -> Option<f64> {
        let (x, y) = map.map(self.pairs[i].from)?;
        let (dx, dy) = (x - self.pairs[i].to.0, y - self.pairs[i].to.1);
        Some(dx * dx + dy * dy)
    }

    /// Sum over some pairs.
    pub(super) fn squared_residuals(&self, map: &Homography, of: &[usize]) -> f64 {
        of.iter()
            .filter_map(|&i| self.squared_residual(map, i))
            .sum()
    }

    /// What a map is fitted to. A coarse feature is found less exactly than a fine one.
    pub(super) fn points(&self, of: &[usize]) -> Vec<WeightedPair> {
        let point = |&i: &usize| {
            let pair = &self.pairs[i];
            let blur = pair.to_scale / EXACT_SCALE;
            ((pair.from, pair.to), 1.0 / (1.0 + blur * blur))
        };
        of.iter().map(point).collect()
    }

    /// One pair for each place, in both pictures.
    pub(super) fn distinct(&self, of: &[usize]) -> Vec<usize> {
        let apart = |a: (f64, f64), b: (f64, f64), size: (f64, f64)| {
            let (dx, dy, reach) = (a.0 - b.0, a.1 - b.1, SAME_PLACE * size.0.min(size.1));
            dx * dx + dy * dy > reach * reach
        };
        let mut kept: Vec<usize> = Vec::new();
        for &i in of {
            let new = |&before: &usize| {
                let (a, b) = (&self.pairs[i], &self.pairs[before]);
                apart(a.from, b.from, self.from) && apart(a.to, b.to, self.to)
            };
            if kept.iter().all(new) {
                kept.push(i);
            }
        }
        kept
    }

    /// Standard deviation of some pairs across their narrow direction, as a share of the short side, in the picture in
    /// which it is smaller.
    pub(super) fn spread(&self, of: &[usize]) -> f64 {
        let from = of.iter().map(|&i| self.pairs[i].from);
        let to = of.iter().map(|&i| self.pairs[i].to);
        let from = narrow_deviation(from) / self.from.0.min(self.from.1);
        from.min(narrow_deviation(to) / self.to.0.min(self.to.1))
    }

    /// The share of the second picture within a tolerance of a place.
    pub(super) fn disc_share(&self, tolerance: f64) -> f64 {
        let reach = tolerance * self.to.0.min(self.to.1);
        PI * reach * reach / (self.to.0 * self.to.1)
    }
}

/// Square root of the smaller eigenvalue of the covariance.
fn narrow_deviation(points: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let mut count = 0.0;
    let mut mean = (0.0, 0.0);
    for (x, y) in points.clone() {
        count += 1.0;
        mean = (mean.0 + x, mean.1 + y);
    }
    if count < 1.0 {
        return 0.0;
    }
    mean = (mean.0 / count, mean.1 / count);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in points {
        let (x, y) = (x - mean.0, y - mean.1);
        (xx, xy, yy) = (xx + x * x / count, xy + x * y / count, yy + y * y / count);
    }
    let gap = ((xx - yy) * (xx - yy) + 4.0 * xy * xy).sqrt();
    ((xx + yy - gap) / 2.0).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_narrow_however_it_runs() {
        let line = (0..20).map(|i| (3.0 * f64::from(i), 7.0 * f64::from(i)));
        assert!(narrow_deviation(line) < 1e-6);
        let square = [(0.0, 0.0), (2.0, 0.0), (0.0, 2.0), (2.0, 2.0)];
        assert!((narrow_deviation(square.into_iter()) - 1.0).abs() < 1e-12);
        assert!(narrow_deviation(std::iter::empty()).abs() < 1e-12);
    }
}
