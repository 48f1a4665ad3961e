//! Master to marked file: luma is edited between decoder and encoder, everything else is carried over.
//!
//! Carried over unchanged: timestamps (variable frame rates and late starts included), the bytes of all audio and
//! subtitle packets, chapters, tags, dispositions, rotation, sample aspect, colour properties, HDR10 static metadata,
//! field order, attachments, cover art. What cannot be carried is an error or stands in the [`TranscodeReport`].

use std::error::Error;
use std::fmt;
use std::path::Path;

use crate::carry::DroppedStream;
use crate::fan_out::{CopyOrder, CopyPicture, PictureEditor, transcode_many};
use countermark_picture::AnyPlaneMut;

use crate::{EncodeSettings, Integrity, MediaError, Observer};

/// Which frame an edit is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameTime {
    /// Seconds since the start of the video stream: the same as [`crate::VideoFrame::media_time`] of that frame.
    pub media_time: f64,
    /// Position in the video, from 0.
    pub index: u64,
}

/// An edit of one picture's luma, in place.
pub type LumaEdit<'a> =
    dyn FnMut(AnyPlaneMut<'_>, FrameTime) -> Result<(), Box<dyn Error + Send + Sync>> + 'a;

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
    /// What is not exactly as it was.
    pub notes: Vec<Note>,
    /// What was lost of the input; anything but complete only with [`EncodeSettings::accept_damaged`].
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

/// Decodes `input`, lets `edit` change the luma of each picture, and writes `output`.
///
/// The container follows the output's extension: .mp4, .m4v, .mov, .mkv, .webm or .ts. The output appears under its
/// name only when it is complete. Pictures whose size 4:2:0 or 4:2:2 cannot express in the output's codec (odd width
/// or height) are encoded in 4:4:4, luma untouched. [`transcode_many`] makes several copies of one decode.
///
/// # Errors
/// When the input cannot be read whole (unless [`EncodeSettings::accept_damaged`]), the settings or the container do
/// not fit, audio cannot be carried, `edit` fails, or the observer's token is set. No output is left then.
pub fn transcode(
    input: &Path,
    output: &Path,
    settings: &EncodeSettings,
    edit: &mut LumaEdit<'_>,
    observer: &dyn Observer,
) -> Result<TranscodeReport, MediaError> {
    let order = CopyOrder {
        output: output.to_owned(),
        settings: settings.clone(),
    };
    let copies = transcode_many(input, &[order], &mut Alone(edit), observer)?;
    let mut published = copies.into_iter().map(|copy| copy?.publish());
    published
        .next()
        .unwrap_or_else(|| unreachable!("one order makes one copy"))
}

/// The editor of one copy.
struct Alone<'a, 'b>(&'a mut LumaEdit<'b>);

impl PictureEditor for Alone<'_, '_> {
    fn edit(
        &mut self,
        pictures: Vec<CopyPicture<'_>>,
        time: FrameTime,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        pictures
            .into_iter()
            .try_for_each(|picture| (self.0)(picture.luma, time))
    }
}

#[cfg(test)]
mod tests;
