//! The fixed low-resolution grid in which the mark lives, whatever the resolution of the picture.
//!
//! The picture `[0, W] x [0, H]` maps linearly on the lattice `[0, 8 cols] x [0, 8 rows]`, each axis by its own factor:
//!
//! ```text
//! k     = min(blocks of the format, floor(min(W, H) / 16))         blocks on the short side
//! other = max(k, round(k max(W, H) / min(W, H)))                   blocks on the long side
//! ```
//!
//! So a lattice sample never covers less than two picture samples on the short side, where the mark would fall to the
//! first recompression.
//!
//! # Shapes and units
//! [`LatticePlane`]: `rows * 8` lines of `cols * 8` samples, row major, in code values of 8 bits whatever the picture's
//! bit depth (a 10-bit sample of 514 is 128.5).

use thiserror::Error;

pub mod cpu;
pub mod dct;
pub mod dither;
pub mod downsample;
mod interpolation;
pub mod upsample;
#[cfg(target_arch = "x86_64")]
mod x86;

/// Samples on the side of a block.
pub const BLOCK: usize = 8;

/// Fewest blocks on the short side: a picture of 144 lines.
pub const MIN_SHORT_SIDE_BLOCKS: usize = 9;

/// Shortest short side of a picture, in samples.
pub const MIN_SHORT_SIDE: usize = 2 * BLOCK * MIN_SHORT_SIDE_BLOCKS;

/// Longest short side of a picture, in samples.
pub const MAX_SHORT_SIDE: usize = 4320;

/// The highest diagonal `u + v` of a block.
const MAX_DIAGONAL: u8 = 14;

/// Largest ratio of the long to the short side.
pub const MAX_ASPECT: usize = 8;

/// Why there is no lattice for a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LatticeError {
    /// The short side is outside the supported range.
    #[error(
        "the short side must lie in {MIN_SHORT_SIDE}..={MAX_SHORT_SIDE} samples, got {width}x{height}"
    )]
    ShortSide {
        /// Samples in a row of the picture.
        width: usize,
        /// Rows of the picture.
        height: usize,
    },
    /// The picture is too long for its short side.
    #[error("the sides' ratio must be at most {MAX_ASPECT}:1, got {width}x{height}")]
    Aspect {
        /// Samples in a row of the picture.
        width: usize,
        /// Rows of the picture.
        height: usize,
    },
    /// The mark would lie on no diagonal, or on one that a block has not.
    #[error("the mark's highest diagonal must lie in 1..={MAX_DIAGONAL}, got {highest_diagonal}")]
    Diagonal {
        /// Highest diagonal asked for.
        highest_diagonal: u8,
    },
    /// The asked-for number of blocks is outside the supported range.
    #[error("the short side must have {MIN_SHORT_SIDE_BLOCKS} to {max} blocks, got {blocks}", max = MAX_SHORT_SIDE / 16)]
    Blocks {
        /// Blocks asked for.
        blocks: usize,
    },
}

/// Blocks of the lattice in both directions, and the frequencies of a block that carry the mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LatticeGeometry {
    cols: usize,
    rows: usize,
    highest_diagonal: u8,
}

impl LatticeGeometry {
    /// The lattice of a picture with at most `blocks` blocks on its short side, fewer when the picture is too small, and
    /// the mark on the diagonals `u + v` from 1 to the highest. A format knows both numbers:
    /// [`crate::FormatSpec::lattice`].
    ///
    /// # Errors
    /// [`LatticeError::Blocks`], [`LatticeError::Diagonal`], [`LatticeError::ShortSide`] or [`LatticeError::Aspect`].
    pub fn for_picture(
        width: usize,
        height: usize,
        blocks: usize,
        highest_diagonal: u8,
    ) -> Result<Self, LatticeError> {
        if !(1..=MAX_DIAGONAL).contains(&highest_diagonal) {
            return Err(LatticeError::Diagonal { highest_diagonal });
        }
        if !(MIN_SHORT_SIDE_BLOCKS..=MAX_SHORT_SIDE / (2 * BLOCK)).contains(&blocks) {
            return Err(LatticeError::Blocks { blocks });
        }
        let (short, long) = (width.min(height), width.max(height));
        if !(MIN_SHORT_SIDE..=MAX_SHORT_SIDE).contains(&short) {
            return Err(LatticeError::ShortSide { width, height });
        }
        if long > MAX_ASPECT * short {
            return Err(LatticeError::Aspect { width, height });
        }
        let k = blocks.min(short / (2 * BLOCK));
        let other = ((2 * k * long + short) / (2 * short)).max(k);
        let (cols, rows) = if width >= height {
            (other, k)
        } else {
            (k, other)
        };
        Ok(Self {
            cols,
            rows,
            highest_diagonal,
        })
    }

    /// The mark lies on the frequencies with `1 <= u + v` up to this.
    #[must_use]
    pub const fn highest_diagonal(self) -> u8 {
        self.highest_diagonal
    }

    /// Blocks in a row.
    #[must_use]
    pub const fn cols(self) -> usize {
        self.cols
    }

    /// Rows of blocks.
    #[must_use]
    pub const fn rows(self) -> usize {
        self.rows
    }

    /// Blocks of the lattice.
    #[must_use]
    pub const fn blocks(self) -> usize {
        self.cols * self.rows
    }

    /// Samples in a line, `8 cols`.
    #[must_use]
    pub const fn width(self) -> usize {
        BLOCK * self.cols
    }

    /// Lines, `8 rows`.
    #[must_use]
    pub const fn height(self) -> usize {
        BLOCK * self.rows
    }
}

/// One value for each sample of a lattice, row major, in code values of 8 bits.
#[derive(Debug, Clone, PartialEq)]
pub struct LatticePlane {
    samples: Vec<f32>,
    geometry: LatticeGeometry,
}

impl LatticePlane {
    /// A plane of zeros.
    #[must_use]
    pub fn new(geometry: LatticeGeometry) -> Self {
        Self {
            samples: vec![0.0; geometry.width() * geometry.height()],
            geometry,
        }
    }

    /// Blocks in both directions.
    #[must_use]
    pub fn geometry(&self) -> LatticeGeometry {
        self.geometry
    }

    /// All samples, row major.
    #[must_use]
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// All samples, row major, to change.
    #[must_use]
    pub fn samples_mut(&mut self) -> &mut [f32] {
        &mut self.samples
    }

    /// The lines from top to bottom.
    #[must_use]
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.samples.chunks_exact(self.geometry.width())
    }

    /// The lines from top to bottom, to change.
    pub fn lines_mut(&mut self) -> impl ExactSizeIterator<Item = &mut [f32]> {
        self.samples.chunks_exact_mut(self.geometry.width())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_pictures_have_known_lattices() {
        let lattice = |w, h| LatticeGeometry::for_picture(w, h, 12, 6);
        let blocks = |w, h| lattice(w, h).map(|g| (g.cols(), g.rows()));
        assert_eq!(blocks(1920, 1080), Ok((21, 12)));
        assert_eq!(blocks(1080, 1920), Ok((12, 21)));
        assert_eq!(blocks(3840, 2160), Ok((21, 12)));
        assert_eq!(blocks(1000, 1000), Ok((12, 12)));
        assert_eq!(blocks(400, 170), Ok((24, 10)));
        assert_eq!(blocks(144, 145), Ok((9, 9)));
        assert_eq!(
            blocks(143, 200),
            Err(LatticeError::ShortSide {
                width: 143,
                height: 200
            })
        );
        assert_eq!(
            blocks(2400, 299),
            Err(LatticeError::Aspect {
                width: 2400,
                height: 299
            })
        );
    }

    #[test]
    fn a_mark_has_frequencies_to_lie_on() {
        let lattice = |highest| LatticeGeometry::for_picture(1280, 720, 12, highest);
        let highest = lattice(14).map(LatticeGeometry::highest_diagonal);
        assert_eq!(highest, Ok(14));
        for highest_diagonal in [0, 15] {
            assert_eq!(
                lattice(highest_diagonal),
                Err(LatticeError::Diagonal { highest_diagonal })
            );
        }
        assert_eq!(
            LatticeGeometry::for_picture(1280, 720, 8, 6),
            Err(LatticeError::Blocks { blocks: 8 })
        );
    }

    proptest! {
        #[test]
        fn short_side_covers_two_samples_each(short in 144_usize..4321, ratio in 1.0_f64..7.99, portrait: bool) {
            let long = (short as f64 * ratio) as usize;
            let (w, h) = if portrait { (short, long) } else { (long, short) };
            let lattice = LatticeGeometry::for_picture(w, h, 12, 6).expect("in range");
            prop_assert!(2 * lattice.width().min(lattice.height()) <= short);
            // Rounding to blocks: half a block on at least nine.
            let anisotropy = (lattice.width() * h) as f64 / (lattice.height() * w) as f64;
            prop_assert!((anisotropy - 1.0).abs() < 0.056, "{anisotropy}");
        }
    }
}
