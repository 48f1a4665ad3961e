//! What a transcode did, and what is not in its output as it was in its input.

use std::fmt;

use crate::{Carriage, DroppedStream, Integrity};

/// What a transcode did.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TranscodeReport {
    /// Frames written; as many as the input has.
    pub frames: u64,
    /// Size of the output.
    pub bytes: u64,
    /// FFmpeg's name of the encoder.
    pub encoder: &'static str,
    /// FFmpeg's name of the pixel format that was encoded.
    pub pixel_format: String,
    /// Streams carried over as they are.
    pub copied_streams: usize,
    /// Streams that are not in the output.
    pub dropped_streams: Vec<DroppedStream>,
    /// Everything of the input beside the pictures, and what became of it; checked in the written file.
    pub carriage: Vec<Carriage>,
    /// What is not exactly as it was.
    pub notes: Vec<Note>,
    /// What was lost of the input; anything but complete only with [`crate::EncodeSettings::accept_damaged`].
    pub integrity: Integrity,
}

/// Something in the output that is not exactly as in the input.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// The encoder does not take the input's pixel format at this size.
    PixelFormatConverted {
        /// FFmpeg's name of the input's format.
        from: String,
        /// FFmpeg's name of the output's format.
        to: String,
    },
    /// Broadcast time was moved so that the file starts at 0.
    TimestampsShifted {
        /// Added to every timestamp.
        seconds: f64,
    },
    /// Timestamps that stood still or ran backwards were moved forward by the least step.
    TimestampsAdjusted {
        /// How many.
        count: u64,
    },
    /// Interlaced pictures stay interlaced, with their field order.
    Interlaced,
    /// Dolby Vision metadata describes the old bit stream and was left out.
    DolbyVisionRemoved,
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PixelFormatConverted { from, to } => {
                write!(formatter, "pixel format converted from {from} to {to}")
            }
            Self::TimestampsShifted { seconds } => {
                write!(formatter, "all timestamps shifted by {seconds:.6} s")
            }
            Self::TimestampsAdjusted { count } => write!(
                formatter,
                "{count} timestamps that did not increase were moved forward"
            ),
            Self::Interlaced => write!(formatter, "interlaced pictures kept interlaced"),
            Self::DolbyVisionRemoved => write!(formatter, "Dolby Vision metadata left out"),
        }
    }
}
