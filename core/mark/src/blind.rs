//! Reading without a reference: the mark found in any geometry, at any speed, by keys alone.
//!
//! ```text
//! frames -> stack of windows -> residuals -> spectra -> correlation with the keyed patterns of all epochs -> peaks
//!                                                          on a coarse grid, then around its best peaks on a fine one
//! peak -> refined pose -> residuals through it on the lattice -> soft values -> sync -> evidence
//! ```
//!
//! The synchronisation chips choose geometry and time; they say nothing about a delivery's own signs, so the search costs
//! no hypothesis. Every pose that is decoded does.
//!
//! # Shapes and units
//! A pose maps lattice samples to samples of the clip's frames. Times in seconds of the clip's clock; starts in
//! quarters of a second of the media.

pub mod correlate;
pub mod demodulate;
pub mod hypothesis;
mod pattern;
pub mod pose;
pub mod refine;
pub mod search_grid;
mod spectrum;
pub mod speeds;
pub mod stack;
#[cfg(test)]
mod tests;
pub mod whitened;
