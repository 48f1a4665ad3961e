//! From a suspect frame to the lattice: the one stage that knows geometry.
//!
//! The whole picture, upright, takes the fast way through [`Sampler`]; any other perspective goes through
//! [`projected::ProjectedSampler`].
//!
//! # Shapes and units
//! Input: a luma plane of any size and the [`Placement`] of the master's picture in it. Output: the coefficients of
//! the mark's band and the mean, `u + v = 0` to the highest diagonal, in code values of 8 bits.

use thiserror::Error;

pub(crate) mod parts;
pub(crate) mod projected;

use parts::Parts;

use crate::lattice::cpu::CpuLevel;
use crate::lattice::dct::{Band, BlockDct, CoefficientPlane};
use crate::lattice::downsample::{Downsampler, RowSum};
use crate::lattice::{LatticeGeometry, LatticePlane};
use countermark_picture::{PlaneError, PlaneGeometry, PlaneView, Rect};

/// Where the whole picture of the master lies in the frames of a clip.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Placement {
    /// The frame is the picture, at whatever resolution and aspect.
    #[default]
    Whole,
    /// The picture fills a rectangle, as behind letterbox or pillarbox bars; in samples of the frame.
    Window {
        /// First column.
        x: usize,
        /// First row.
        y: usize,
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
    },
}

/// A frame cannot be put on the lattice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ObserveError {
    /// The window leaves the frame.
    #[error("the placement must lie inside a frame of {width}x{height}, got {placement:?}")]
    Placement {
        /// Columns of the frame.
        width: usize,
        /// Rows of the frame.
        height: usize,
        /// The placement asked for.
        placement: Placement,
    },
    /// The projection shows no block of the picture.
    #[error("a frame of {width}x{height} shows no whole block of the lattice")]
    Unseen {
        /// Columns of the frame.
        width: usize,
        /// Rows of the frame.
        height: usize,
    },
    /// The frame is not of the size that was prepared for.
    #[error("a sampler for frames of {}x{} takes no frame of {}x{}", expected.0, expected.1, found.0, found.1)]
    Size {
        /// Columns and rows prepared for.
        expected: (usize, usize),
        /// Columns and rows of the frame.
        found: (usize, usize),
    },
    /// The plane itself is refused.
    #[error(transparent)]
    Plane(#[from] PlaneError),
}

/// One frame of a clip, seen through the lattice.
#[derive(Clone, Debug)]
pub struct Observation {
    /// Seconds on the clip's own clock.
    pub media_time: f64,
    /// `[coefficient][block]`; coefficient 0 is the mean.
    pub coefficients: CoefficientPlane,
    /// Blocks that the frame does not show as a whole, ascending; their coefficients are zero.
    pub unseen: Vec<u32>,
    /// Those of them that it shows in part.
    pub parts: Parts,
}

/// Zeros in place of `unseen` blocks of `[coefficient][block]`.
pub fn mask_blocks(values: &mut [f32], blocks: usize, unseen: &[u32]) {
    if unseen.is_empty() {
        return;
    }
    for row in values.chunks_exact_mut(blocks) {
        for &block in unseen {
            row[block as usize] = 0.0;
        }
    }
}

/// Puts frames of one size on a lattice.
#[derive(Clone, Debug)]
pub struct Sampler {
    frame: (usize, usize),
    window: Rect,
    downsampler: Downsampler,
    dct: BlockDct,
    band: Band,
    plane: LatticePlane,
}

impl Sampler {
    /// Prepares for frames of one size, in columns and rows.
    ///
    /// # Errors
    /// [`ObserveError`] when the placement leaves the frame.
    pub fn new(
        frame: (usize, usize),
        placement: Placement,
        lattice: LatticeGeometry,
        level: CpuLevel,
    ) -> Result<Self, ObserveError> {
        let (x, y, width, height) = match placement {
            Placement::Whole => (0, 0, frame.0, frame.1),
            Placement::Window {
                x,
                y,
                width,
                height,
            } => (x, y, width, height),
        };
        let inside = |first: usize, length: usize, side: usize| {
            first.checked_add(length).is_some_and(|end| end <= side)
        };
        if !inside(x, width, frame.0) || !inside(y, height, frame.1) {
            let (width, height) = frame;
            return Err(ObserveError::Placement {
                width,
                height,
                placement,
            });
        }
        let packed = PlaneGeometry::packed(width, height)?;
        Ok(Self {
            frame,
            window: Rect {
                left: x,
                top: y,
                width,
                height,
            },
            downsampler: Downsampler::new(packed, lattice, level),
            dct: BlockDct::new(lattice, level),
            band: Band::observed(lattice),
            plane: LatticePlane::new(lattice),
        })
    }

    /// Columns and rows of the frames that this sampler takes.
    #[must_use]
    pub fn frame(&self) -> (usize, usize) {
        self.frame
    }

    /// The coefficients of a frame.
    ///
    /// # Errors
    /// [`ObserveError::Size`] when the frame is not of the sampler's size.
    pub fn observe<T: RowSum>(
        &mut self,
        frame: &PlaneView<'_, T>,
        media_time: f64,
    ) -> Result<Observation, ObserveError> {
        let found = (frame.width(), frame.height());
        if found != self.frame {
            return Err(ObserveError::Size {
                expected: self.frame,
                found,
            });
        }
        let view = frame.within(self.window);
        self.downsampler.run(&view, &mut self.plane);
        let mut coefficients = CoefficientPlane::new(self.plane.geometry(), &self.band);
        self.dct
            .forward_band(&self.plane, &self.band, &mut coefficients);
        Ok(Observation {
            media_time,
            coefficients,
            unseen: Vec::new(),
            parts: Parts::default(),
        })
    }
}
