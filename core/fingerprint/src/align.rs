//! Direct alignment: a homography refined on the samples themselves.
//!
//! ```text
//! minimise over H   sum_x  w(x) (s(H x) - r(x))^2,     r, s: the pictures, each locally normalised on r's grid
//! H  <-  H W(d)^-1,   A d = b,   A = sum w J' J,   b = sum w J' (s(H x) - r(x)),   J = grad r . dW/dd
//! ```
//!
//! Gauss-Newton in its inverse compositional form with Levenberg's damping, from coarse to fine. The gradients are those
//! of the clean reference, so noise in the suspect leaves no bias. Local normalisation takes out gain, offset, gamma and
//! vignettes; the weights `w` take out what was pasted over. Pairs that share one geometry share one `A` and one `b`. What no
//! homography explains may be a smooth bend: see [`bend_all`].
//!
//! # Shapes and units
//! References have one size, suspects have one size. Homographies map samples of the reference to samples of the suspect.
//! # Determinism
//! No fused multiply-add, fixed summation order.
//! # References
//! Baker and Matthews, "Lucas-Kanade 20 Years On: A Unifying Framework", IJCV 56(3), 2004, eq. 31-37.
//! Benhimane and Malis, "Homography-based 2D Visual Tracking and Servoing", IJRR 26(7), 2007 (generators of W).

mod bent;
mod level;
mod motion;
mod normalised;
mod pattern;
mod pyramid;
#[cfg(test)]
mod tests;
mod view;
mod x86;

pub use bent::{Bent, bend_all, bend_from, is_fine as bend_is_fine, likeness as bent_likeness};
use countermark_picture::{Grey, Homography};
use level::{Level, Refined};
pub use pyramid::Pyramid;
use pyramid::alike;

/// How much of a projective map may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freedom {
    /// Two parameters: translation.
    Shift,
    /// Three: translation, scale.
    Level,
    /// Four: translation, a scale for each side.
    Stretch,
    /// Four: translation, scale, rotation.
    Similarity,
    /// Six: similarity and shear.
    Affine,
    /// Eight: affine and perspective.
    Projective,
}

impl Freedom {
    /// The generators of its motions, see [`motion`].
    fn generators(self) -> &'static [usize] {
        match self {
            Self::Shift => &[0, 1],
            Self::Level => &[0, 1, 2],
            Self::Stretch => &[0, 1, 2, 4],
            Self::Similarity => &[0, 1, 2, 3],
            Self::Affine => &[0, 1, 2, 3, 4, 5],
            Self::Projective => &[0, 1, 2, 3, 4, 5, 6, 7],
        }
    }

    /// What a small picture tells: its samples are too few for more.
    fn of_small(self) -> Self {
        match self {
            Self::Affine | Self::Projective => Self::Similarity,
            Self::Stretch => Self::Level,
            other => other,
        }
    }
}

/// Where the suspect shows the reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aligned {
    /// From samples of the reference to samples of the suspect.
    pub homography: Homography,
    /// Correlation of the two normalised pictures over the overlap, robustly weighted; 1 is perfect.
    pub correlation: f64,
    /// Share of the reference's area that the suspect shows.
    pub overlap: f64,
}

/// Below this share of common area a map is not constrained.
const MIN_OVERLAP: f64 = 0.08;

/// From this short side on a level constrains all parameters; below, perspective is within the noise.
const PROJECTIVE_SIDE: usize = 64;

/// Loss of correlation that is numerical and not a failure.
const CORRELATION_SLACK: f64 = 1e-3;

/// Refines `start` on one pair of pictures that show the same moment.
///
/// None when the overlap is under 8 %, nothing constrains the map, or the correlation ends lower than it began.
#[must_use]
pub fn align(
    reference: &Grey,
    suspect: &Grey,
    start: &Homography,
    freedom: Freedom,
) -> Option<Aligned> {
    let pyramid = |picture: &Grey| Pyramid::new(picture.clone());
    align_all(&[(&pyramid(reference), &pyramid(suspect))], start, freedom)
}

/// Refines `start` on pairs `(reference, suspect)` that share one geometry; the noise falls with their number.
///
/// None as for [`align`], and when there is no pair or the sizes differ between pairs.
#[must_use]
pub fn align_all(
    pairs: &[(&Pyramid, &Pyramid)],
    start: &Homography,
    freedom: Freedom,
) -> Option<Aligned> {
    let depth = alike(pairs)?.0.scales().len();
    // A coarse level can lead away from a start that was better than what it shows.
    let whole = descend(pairs, depth, start, freedom).filter(Descent::is_gain);
    let end = whole
        .or_else(|| descend(pairs, 1, start, freedom).filter(Descent::is_gain))?
        .end;
    end.aligned(pairs)
}

/// As [`align_all`], from a start that is off by a sample or two at most.
#[must_use]
pub fn realign_all(
    pairs: &[(&Pyramid, &Pyramid)],
    start: &Homography,
    freedom: Freedom,
) -> Option<Aligned> {
    alike(pairs)?;
    let near = descend(pairs, 1, start, freedom).filter(Descent::is_gain)?;
    near.end.aligned(pairs)
}

impl Refined {
    fn aligned(self, pairs: &[(&Pyramid, &Pyramid)]) -> Option<Aligned> {
        let (reference, suspect) = *pairs.first()?;
        let overlap = view::overlap(reference.size(), suspect.size(), &self.map);
        (overlap >= MIN_OVERLAP).then_some(Aligned {
            homography: self.map,
            correlation: self.correlation,
            overlap,
        })
    }
}

/// Where the finest level ends, and the correlation of the start there.
struct Descent {
    end: Refined,
    before: f64,
}

impl Descent {
    fn is_gain(&self) -> bool {
        self.end.correlation + CORRELATION_SLACK >= self.before
    }
}

/// Refines on the finest `depth` levels, coarsest first.
fn descend(
    pairs: &[(&Pyramid, &Pyramid)],
    depth: usize,
    start: &Homography,
    freedom: Freedom,
) -> Option<Descent> {
    let mut map = *start;
    for index in (1..depth).rev() {
        let level = Level::new(pairs, index, &map)?;
        let freedom = if level.short_side() < PROJECTIVE_SIDE {
            freedom.of_small()
        } else {
            freedom
        };
        map = level.refine(&map, freedom.generators())?.map;
    }
    let level = Level::new(pairs, 0, &map)?;
    let end = level.refine(&map, freedom.generators())?;
    let before = if map == *start {
        end.before
    } else {
        level.correlation(start)?
    };
    Some(Descent { end, before })
}
