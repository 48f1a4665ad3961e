//! The rate at which sound is fingerprinted: pitches up to 4 kHz.
//!
//! # Shapes and units
//! Samples a second.

/// Samples a second that a [`SoundFinder`](super::SoundFinder) takes.
pub const SOUND_RATE: u32 = 8000;
