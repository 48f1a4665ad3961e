//! What is compared of a frame: the means of its blocks.
//!
//! ```text
//! x = (m - mean of m) / ||m - mean of m||        m the block means; 0 where their energy tells of nothing but noise
//! c = <x, y> / ||y - mean of y||                 of a part of a frame with those blocks y of another
//! ```
//!
//! # Shapes and units
//! One `f32` a block, row major; correlations from -1 to 1.

use countermark_mark::Observation;
use countermark_mark::lattice::BLOCK;

/// The means of the blocks that a frame shows, mean removed, unit norm.
pub(crate) struct Partial {
    /// Ascending.
    pub(crate) seen: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

impl Partial {
    /// Of blocks, ascending, and the mean of each in code values of 8 bits.
    pub(crate) fn new(seen: Vec<usize>, means: Vec<f32>) -> Self {
        let values = normalised(means, FLAT_MEAN_ENERGY);
        Self { seen, values }
    }

    pub(crate) fn of(observation: &Observation) -> Self {
        let levels = observation.coefficients.coefficient(0);
        let hidden = |block: &usize| observation.unseen.binary_search(&(*block as u32)).is_ok();
        let seen: Vec<usize> = (0..levels.len()).filter(|block| !hidden(block)).collect();
        let values = normalised(
            seen.iter().map(|&block| levels[block]).collect(),
            FLAT_ENERGY,
        );
        Self { seen, values }
    }

    /// Pearson's correlation with another frame's thumbnail.
    pub(crate) fn correlation(&self, thumbnail: &[f32]) -> f64 {
        let (mut cross, mut sum, mut energy) = (0.0_f32, 0.0_f32, 0.0_f32);
        for (&block, x) in self.seen.iter().zip(&self.values) {
            let r = thumbnail[block];
            cross += x * r;
            sum += r;
            energy += r * r;
        }
        let spread = energy - sum * sum / self.seen.len().max(1) as f32;
        // A thumbnail has unit norm: what is left of a flat part is rounding.
        if spread > 1e-6 {
            f64::from(cross / spread.sqrt())
        } else {
            0.0
        }
    }
}

/// The means of all blocks, mean removed, unit norm; zeros for a flat frame.
pub(crate) fn thumbnail(observation: &Observation) -> Vec<f32> {
    normalised(
        observation.coefficients.coefficient(0).to_vec(),
        FLAT_ENERGY,
    )
}

/// Energy below which block means are flat, in squared code values of 8 bits times 64.
const FLAT_ENERGY: f32 = 1.0;

/// The same in squared code values of 8 bits.
pub(crate) const FLAT_MEAN_ENERGY: f32 = FLAT_ENERGY / (BLOCK * BLOCK) as f32;

/// Mean removed, unit norm; zeros when their energy is not above `flat`.
pub(crate) fn normalised(mut values: Vec<f32>, flat: f32) -> Vec<f32> {
    let mean = values.iter().sum::<f32>() / values.len().max(1) as f32;
    let energy: f32 = values.iter().map(|m| (m - mean) * (m - mean)).sum();
    let scale = if energy > flat {
        1.0 / energy.sqrt()
    } else {
        0.0
    };
    for value in &mut values {
        *value = (*value - mean) * scale;
    }
    values
}
