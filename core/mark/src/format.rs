//! The numbers that fix the embedded signal: change one and old copies cannot be read.
//!
//! Every delivery record stores [`FORMAT_VERSION`]. A change of embedded bits or of scores bumps it.
//!
//! # Shapes and units
//! Positions are counted per epoch; an epoch is a span of media time in which no chip changes sign.

/// Version of the embedded signal and of its scores.
pub const FORMAT_VERSION: u32 = 2;

/// Media time in seconds over which every chip keeps its sign.
pub const EPOCH_SECONDS: f64 = 0.5;

/// Coded bits of the address code, whole in every epoch.
pub const CODED_BITS: usize = 512;

/// Signs of the fingerprint code in every epoch.
pub const FINGERPRINT_POSITIONS: usize = 512;

/// Lowest and highest diagonal `u + v` of the block frequencies that carry the mark.
pub const BAND_DIAGONALS: (u8, u8) = (1, 6);

/// Amplitude of the chips of each diagonal of the band, lowest first; the mean square over the band is 1.
pub const DIAGONAL_AMPLITUDES: [f32; 6] = [1.75, 1.35, 1.08, 0.88, 0.78, 0.68];

/// One chip in so many carries the synchronisation pattern; the others carry the two codes in equal parts.
pub const SYNC_CHIP_SHARE: usize = 8;

/// The share of an epoch, at either end, in which chips fade into those of the neighbouring epoch.
pub const CROSSFADE: f64 = 0.125;
