//! The watermark: keys, payload, codes, lattice, visibility model, embedding, scoring.

pub mod bound;
pub mod code;
pub mod format;
pub mod key;
pub mod lattice;
pub mod payload;
pub mod plane;
pub mod quality;
