//! The blocks of a frame that its border cuts.
//!
//! # Shapes and units
//! `[block][coefficient]` of the mark's band ([`Part`] says of what), code values of 8 bits.

use crate::lattice::dct::Band;
use crate::lattice::dct::part::Part;
use crate::lattice::{BLOCK, LatticePlane};

/// What a frame shows of blocks that it does not show as a whole.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Parts {
    blocks: Vec<(u32, Part)>,
    values: Vec<f32>,
}

impl Parts {
    /// Of a plane, where samples that are not seen may hold anything.
    pub(crate) fn of(plane: &LatticePlane, blocks: Vec<(u32, Part)>, band: &Band) -> Self {
        let (width, cols) = (plane.geometry().width(), plane.geometry().cols());
        let mut values = vec![0.0; blocks.len() * band.len()];
        for (&(block, part), values) in blocks.iter().zip(values.chunks_exact_mut(band.len())) {
            let (row, col) = (block as usize / cols, block as usize % cols);
            let first = row * BLOCK * width + col * BLOCK;
            let sample = |i: usize| plane.samples()[first + i / BLOCK * width + i % BLOCK];
            part.window()
                .forward(&std::array::from_fn(sample), band, values);
        }
        Self { blocks, values }
    }

    /// Whether no block is cut.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Each block, ascending: its number, what of it is seen, and the coefficients of that.
    pub fn iter(&self) -> impl Iterator<Item = (u32, Part, &[f32])> {
        let band = self.values.len() / self.blocks.len().max(1);
        let values = self.values.chunks_exact(band.max(1));
        let each = self.blocks.iter().zip(values);
        each.map(|(&(block, part), values)| (block, part, values))
    }
}
