//! Why a plane is refused, and the longest side that none exceeds.
//!
//! # Shapes and units
//! Sides, strides and lengths in samples.

use thiserror::Error;

/// Longest side of a plane, in samples.
pub const MAX_SIDE: usize = 32_768;

/// Why a plane was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlaneError {
    /// A side is zero or too long.
    #[error("plane sides must lie in 1..={MAX_SIDE}, got {width}x{height}")]
    Side {
        /// Samples in a row.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// A row does not fit between two row starts.
    #[error("the stride must lie in {width}..={max}, got {stride}", max = usize::MAX / MAX_SIDE)]
    Stride {
        /// Samples in a row.
        width: usize,
        /// Samples between row starts.
        stride: usize,
    },
    /// The buffer ends before the last visible sample.
    #[error("the plane needs {needed} samples, got {len}")]
    TooShort {
        /// Samples up to the end of the last row.
        needed: usize,
        /// Samples given.
        len: usize,
    },
    /// The bit depth is outside what any plane carries.
    #[error("the bit depth must lie in 8..=16, got {0}")]
    BitDepth(u8),
    /// The bit depth does not fit the sample type.
    #[error("samples of {sample_bits} bits cannot carry a bit depth of {bit_depth}")]
    SampleType {
        /// Size of the sample type.
        sample_bits: u8,
        /// Bit depth asked for.
        bit_depth: u8,
    },
}
