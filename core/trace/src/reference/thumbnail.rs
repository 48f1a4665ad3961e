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

/// Thumbnails that a part is correlated with at a time.
const TOGETHER: usize = 8;

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
        self.correlations_of([thumbnail])[0]
    }

    /// Those with many, as [`Self::correlation`] gives them.
    pub(crate) fn correlations(&self, thumbnails: &[Vec<f32>]) -> Vec<f32> {
        let (together, left) = thumbnails.as_chunks::<TOGETHER>();
        let several = together.iter().flat_map(|shown| {
            let shown = shown.each_ref().map(Vec::as_slice);
            self.correlations_of(shown)
        });
        let single = left.iter().map(|shown| self.correlation(shown));
        several.chain(single).map(|c| c as f32).collect()
    }

    /// A sum waits for the one before it: those of several thumbnails, each in its own order, keep the adder busy.
    fn correlations_of<const N: usize>(&self, thumbnails: [&[f32]; N]) -> [f64; N] {
        let blocks = thumbnails.iter().map(|shown| shown.len()).min();
        let shown = thumbnails.map(|shown| &shown[..blocks.unwrap_or(0)]);
        let (mut cross, mut sum, mut energy) = ([0.0_f32; N], [0.0_f32; N], [0.0_f32; N]);
        for (&block, x) in self.seen.iter().zip(&self.values) {
            for at in 0..N {
                let r = shown[at][block];
                cross[at] += x * r;
                sum[at] += r;
                energy[at] += r * r;
            }
        }
        std::array::from_fn(|at| self.told(cross[at], sum[at], energy[at]))
    }

    fn told(&self, cross: f32, sum: f32, energy: f32) -> f64 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_thumbnails_correlate_as_each_does_to_the_last_bit() {
        let noise = |i: usize| ((i as u32).wrapping_mul(2_654_435_761) >> 20) as f32;
        let thumbnails: Vec<Vec<f32>> = (0..21)
            .map(|frame| normalised((0..90).map(|i| noise(i + 97 * frame)).collect(), 1.0))
            .collect();
        let seen: Vec<usize> = (3..80).filter(|block| block % 7 != 0).collect();
        let means = seen.iter().map(|&block| noise(block + 97 * 4)).collect();
        let part = Partial::new(seen, means);
        let together = part.correlations(&thumbnails);
        let alone = thumbnails
            .iter()
            .map(|shown| part.correlation(shown) as f32);
        assert!(
            alone
                .clone()
                .zip(&together)
                .all(|(a, b)| a.to_bits() == b.to_bits())
        );
        assert_eq!(alone.len(), together.len());
        assert!(together[4] > 0.99 && together[5] < 0.9, "{together:?}");
    }
}
