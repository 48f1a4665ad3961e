//! How strong the mark is asked to be, and what cannot be marked at all.
//!
//! # Shapes and units
//! A factor without unit on the amplitude that the quality budget allows.

use thiserror::Error;

use crate::lattice::LatticeError;
use countermark_picture::PlaneError;

/// Factor on the amplitude that the quality budget allows: 1 is the default that all figures hold for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Strength(f32);

/// Why a master cannot be marked.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// The strength is out of range.
    #[error("strength must be above 0 and at most {max}, got {value}", max = Strength::MAX)]
    Strength {
        /// The value given.
        value: f32,
    },
    /// The picture has no lattice.
    #[error(transparent)]
    Lattice(#[from] LatticeError),
    /// The picture is refused.
    #[error(transparent)]
    Plane(#[from] PlaneError),
}

impl Strength {
    /// Strongest mark that can be asked for.
    pub const MAX: f32 = 4.0;

    /// The default strength.
    pub const DEFAULT: Self = Self(1.0);

    /// Proves the range.
    ///
    /// # Errors
    /// [`EmbedError::Strength`] outside 0 to [`Self::MAX`].
    pub fn new(value: f32) -> Result<Self, EmbedError> {
        if value > 0.0 && value <= Self::MAX {
            Ok(Self(value))
        } else {
            Err(EmbedError::Strength { value })
        }
    }

    /// The factor.
    #[must_use]
    pub const fn value(self) -> f32 {
        self.0
    }
}
