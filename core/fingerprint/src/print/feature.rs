//! A feature of a print.

use crate::features::Feature;
use crate::word::Projection;

/// Steps of a place.
pub(super) const PLACES: f64 = 256.0;
/// Steps of a scale in an octave, and all of them.
const SCALES: f64 = 2.0;
const MOST_SCALE: u8 = 15;
/// Steps of a direction.
const TURNS: f64 = 32.0;

/// A feature, as little of it as is looked up and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrintFeature {
    pub(super) word: u32,
    /// As [`Projection::uncertain`].
    pub(super) uncertain: u32,
    pub(super) x: u8,
    pub(super) y: u8,
    pub(super) scale: u8,
    pub(super) turn: u8,
}

impl PrintFeature {
    /// Of a feature in a frame of `size` samples.
    #[must_use]
    pub fn new(feature: &Feature, size: (usize, usize)) -> Self {
        let projection = Projection::new(&feature.descriptor);
        let share = |place: f64, side: usize| {
            (place / side as f64 * PLACES)
                .floor()
                .clamp(0.0, PLACES - 1.0) as u8
        };
        let octaves = crate::elementary::ln(feature.scale.max(1.0)) / std::f64::consts::LN_2;
        Self {
            word: projection.word(),
            uncertain: projection.uncertain(),
            x: share(feature.x, size.0),
            y: share(feature.y, size.1),
            scale: ((octaves * SCALES).round() as u8).min(MOST_SCALE),
            turn: (feature.angle / std::f64::consts::TAU * TURNS)
                .round()
                .rem_euclid(TURNS) as u8,
        }
    }

    /// Its projection, as far as it is known.
    #[must_use]
    pub fn projection(&self) -> Projection {
        Projection::coarse(self.word, self.uncertain)
    }

    /// Its word and the bits of it that are uncertain, of the mirrored picture where that is asked for.
    #[must_use]
    pub fn word(&self, mirrored: bool) -> (u32, u32) {
        if mirrored {
            let mirrored = self.projection().mirrored();
            (mirrored.word(), self.uncertain)
        } else {
            (self.word, self.uncertain)
        }
    }

    /// Its place in a frame of `size` samples.
    #[must_use]
    pub fn place(&self, size: (usize, usize)) -> (f64, f64) {
        let at = |step: u8, side: usize| (f64::from(step) + 0.5) / PLACES * side as f64;
        (at(self.x, size.0), at(self.y, size.1))
    }

    /// Sigma of the blur at which it stands out, samples.
    #[must_use]
    pub fn scale(&self) -> f64 {
        crate::elementary::exp(f64::from(self.scale) / SCALES * std::f64::consts::LN_2)
    }

    /// The prevailing gradient, radians in `0..2 pi`.
    #[must_use]
    pub fn angle(&self) -> f64 {
        f64::from(self.turn) / TURNS * std::f64::consts::TAU
    }

    /// Column and row of its place in a grid of so many cells along each side.
    #[must_use]
    pub fn cell(&self, cells: usize) -> (usize, usize) {
        let at = |step: u8| usize::from(step) * cells / PLACES as usize;
        (at(self.x), at(self.y))
    }

    /// Bits in which its word differs from another one's.
    #[must_use]
    pub fn bits_apart(&self, other: &Self) -> u32 {
        (self.word ^ other.word).count_ones()
    }

    /// Whether another one is about the same place of a picture that stands still.
    #[must_use]
    pub fn repeats(&self, other: &Self) -> bool {
        self.x.abs_diff(other.x) <= 4
            && self.y.abs_diff(other.y) <= 4
            && self.bits_apart(other) <= 6
    }
}
