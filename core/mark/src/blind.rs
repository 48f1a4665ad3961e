//! Reading without a reference: the mark found in any geometry, at any speed, by keys alone.
//!
//! ```text
//! frames -> stack of windows -> residues -> spectra -> correlation with the keyed patterns of all epochs -> peaks
//! peak -> refined footprint -> residues through it on the lattice -> soft values -> sync -> evidence
//! ```
//!
//! The synchronisation chips choose geometry and time; they say nothing about a delivery's own signs, so the search costs
//! no hypothesis. Every footprint that is decoded does.
//!
//! # Shapes and units
//! A footprint maps lattice samples to samples of the clip's frames. Times in seconds of the clip's clock; starts in
//! quarters of a second of the media.

pub mod correlate;
pub mod demodulate;
pub mod footprint;
pub mod looks;
mod pattern;
pub mod refine;
pub mod residue;
mod spectrum;
pub mod stack;
#[cfg(test)]
mod tests;
