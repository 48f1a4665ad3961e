//! The two codes that share every frame: the address code and the fingerprint code.
//!
//! # Shapes and units
//! Coded bits are `u8` 0 or 1; bit 0 is sign +1, bit 1 is sign -1. A positive log-likelihood ratio (LLR) speaks for
//! bit 0; its scale is free, as every decision here is invariant to it.

pub mod fingerprint;
pub mod polar;
pub mod whitening;
