//! The watermark: keys, payload, codes, lattice, visibility model, embedding, scoring.
//!
//! ```text
//! embed:   picture -> lattice -> visibility -> rate control -> upsample -> picture
//! detect:  picture -> observe -> residual -> soft -> sync -> evidence -> bound
//! blind:   picture -> blind (stack, residues, search, footprint) -> soft -> sync -> evidence -> bound
//! ```
//!
//! Pure computation: no files, no clocks, no media library. What goes on the lattice is planned by [`chips`] from a
//! title's carrier key; what a delivery says there comes from the two codes in [`code`].

pub mod blind;
pub mod bound;
pub mod chips;
pub mod code;
pub mod embed;
pub mod epoch;
pub mod evidence;
pub mod format;
pub mod inner;
pub mod key;
pub mod lattice;
pub mod observe;
pub mod payload;
pub mod plane;
pub mod quality;
pub mod residual;
pub mod soft;
pub mod sync;
pub mod visibility;
