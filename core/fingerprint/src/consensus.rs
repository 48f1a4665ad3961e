//! The map between two pictures that most of their feature pairs agree on.
//!
//! ```text
//! hypothesis of a pair:   q = to + s R(theta) (p - from),   s = to_scale / from_scale,  theta = to_angle - from_angle
//! agreeing pair:          |map(from) - to| <= tolerance,  scale within 1.6,  angle within 25 degrees
//! score = (n KL(k / n || p) - ln n) / ln 10,   KL(a || b) = a ln(a / b) + (1 - a) ln((1 - a) / (1 - b))
//! ```
//!
//! Every pair is tried once, nothing is drawn at random. The best hypotheses are refined to affine maps and, where that
//! explains more, homographies, by least squares under a shrinking tolerance.
//!
//! # The score
//! `10^-score` bounds how many hypotheses of `n` pairs that lie independently and uniformly would be expected to have as
//! many agreeing pairs (Chernoff's bound of the binomial tail, times the `n` hypotheses). `k` is the agreeing pairs at
//! distinct places less the three or four that fix the map, `p` the share of the picture within the last tolerance times
//! the share of angles. Real pictures repeat themselves: the threshold is to be measured.
//!
//! # Shapes and units
//! Places in samples of the two pictures, of `(width, height)` samples each. Tolerances are shares of the second
//! picture's short side.
//! # References
//! D. G. Lowe, IJCV 60 (2004), section 7.3; A. Desolneux, L. Moisan, J.-M. Morel, From Gestalt theory to image analysis
//! (2008), chapter 3.

mod agreement;
mod plausibility;

use crate::elementary::ln;
use crate::matching::Pair;
use agreement::{Scene, TURN_SHARE};
use countermark_picture::{Homography, WeightedPair};

/// Tolerances of the refinement.
const TOLERANCES: [f64; 5] = [0.04, 0.04, 0.03, 0.02, 0.015];
/// The tolerance of the result.
const LAST_TOLERANCE: f64 = 0.02;

/// So many hypotheses are refined.
const REFINED: usize = 6;

/// Fewer agreeing pairs at distinct places are no consensus.
const LEAST_INLIERS: usize = 6;
/// From so many on a homography is tried.
const LEAST_FOR_HOMOGRAPHY: usize = 12;

/// Standard deviation of the inliers across their narrow direction, as a share of the short side.
const LEAST_SPREAD: f64 = 0.02;
const LEAST_SPREAD_FOR_HOMOGRAPHY: f64 = 0.08;

/// How far a homography must lower the variance of the residuals, as a factor.
const BETTER: f64 = 0.9;

/// What many pairs agree on.
#[derive(Debug, Clone, PartialEq)]
pub struct Consensus {
    /// From the first picture to the second.
    pub homography: Homography,
    /// Indices of the pairs that agree, ascending.
    pub inliers: Vec<usize>,
    /// `-log10` of the expected number of such agreements among unrelated pairs; see the module's head.
    pub score: f64,
}

/// The map from a picture of `from` samples (width, height) to one of `to` samples that has the highest score; none when
/// fewer than six pairs at distinct places agree, or only on a line, or on a map that no copy is made by.
#[must_use]
pub fn consensus(pairs: &[Pair], from: (usize, usize), to: (usize, usize)) -> Option<Consensus> {
    if pairs.len() < LEAST_INLIERS {
        return None;
    }
    let scene = Scene::new(pairs, from, to);
    let mut best: Option<Consensus> = None;
    for start in scene.best_hypotheses(REFINED, TOLERANCES[0]) {
        let Some(found) = refined(&scene, start) else {
            continue;
        };
        if best.as_ref().is_none_or(|best| found.score > best.score) {
            best = Some(found);
        }
    }
    best
}

/// Least squares under the shrinking tolerances, first affine, then with perspective.
fn refined(scene: &Scene<'_>, start: Homography) -> Option<Consensus> {
    let shrink = |mut map: Homography, tolerances: &[f64], fit: Fit| {
        for &tolerance in tolerances {
            map = fit(&scene.points(&scene.agreeing(&map, tolerance)))?;
            if !plausibility::is_plausible(&map, scene.from) {
                return None;
            }
        }
        Some(map)
    };
    let affine = shrink(start, &TOLERANCES, Homography::fit_affine_weighted);
    let affine = affine.and_then(|map| finished(scene, map, 3));
    let loose = shrink(start, &TOLERANCES[..2], Homography::fit_affine_weighted)?;
    let inliers = scene.distinct(&scene.agreeing(&loose, TOLERANCES[1]));
    if inliers.len() < LEAST_FOR_HOMOGRAPHY || scene.spread(&inliers) < LEAST_SPREAD_FOR_HOMOGRAPHY
    {
        return affine;
    }
    let tilted = shrink(loose, &TOLERANCES[1..], Homography::fit_weighted);
    let tilted = tilted.and_then(|map| finished(scene, map, 4));
    let Some(affine) = affine else { return tilted };
    Some(
        tilted
            .filter(|tilted| explains_more(scene, tilted, &affine))
            .unwrap_or(affine),
    )
}

type Fit = fn(&[WeightedPair]) -> Option<Homography>;

/// Whether perspective is more than noise: many more inliers, or as many and nearer ones, both per degree of freedom.
fn explains_more(scene: &Scene<'_>, tilted: &Consensus, affine: &Consensus) -> bool {
    let variance = |found: &Consensus, parameters: usize| {
        let equations = (2 * found.inliers.len()).saturating_sub(parameters).max(1);
        scene.squared_residuals(&found.homography, &found.inliers) / equations as f64
    };
    let spread = scene.spread(&tilted.inliers) >= LEAST_SPREAD_FOR_HOMOGRAPHY;
    let many_more = 10 * tilted.inliers.len() >= 11 * affine.inliers.len();
    let as_many = 20 * tilted.inliers.len() >= 19 * affine.inliers.len();
    let nearer = variance(tilted, 8) < BETTER * variance(affine, 6);
    spread && tilted.inliers.len() >= LEAST_FOR_HOMOGRAPHY && (many_more || (as_many && nearer))
}

/// A map with its inliers and its score, `fixing` of which any map has.
fn finished(scene: &Scene<'_>, homography: Homography, fixing: usize) -> Option<Consensus> {
    let inliers = scene.agreeing(&homography, LAST_TOLERANCE);
    let distinct = scene.distinct(&inliers);
    if distinct.len() < LEAST_INLIERS || scene.spread(&distinct) < LEAST_SPREAD {
        return None;
    }
    let (n, k) = (scene.pairs.len() as f64, (distinct.len() - fixing) as f64);
    let p = scene.disc_share(LAST_TOLERANCE) * TURN_SHARE;
    let share = k / n;
    if share <= p {
        return None;
    }
    let divergence = share * ln(share / p) + (1.0 - share) * ln((1.0 - share) / (1.0 - p));
    Some(Consensus {
        homography,
        inliers,
        score: (n * divergence - ln(n)) / std::f64::consts::LN_10,
    })
}

#[cfg(test)]
mod tests;
