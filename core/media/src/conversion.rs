//! Streams that the container wants in another form: sound, and subtitles of text.
//!
//! ```text
//! packet -> decoder -> samples, text -> encoder -> packets of the output's stream
//! ```

mod sound;
mod subtitle;

use std::path::Path;

pub use sound::SoundCodec;
pub(crate) use sound::{SoundConversion, SoundForm};
pub(crate) use subtitle::SubtitleConversion;

use crate::ffi::{OpenFailure, Packet};
use crate::{MediaError, Rational};

/// A stream on its way into another form.
pub(crate) enum Conversion {
    Sound(Box<SoundConversion>),
    Subtitle(Box<SubtitleConversion>),
}

impl Conversion {
    /// What `packet`, or the end of the stream if `None`, makes ready; times are in [`Conversion::time_base`].
    pub(crate) fn convert(
        &mut self,
        packet: Option<Packet>,
        time_base: Rational,
    ) -> Result<Vec<Packet>, MediaError> {
        match (self, packet) {
            (Self::Sound(sound), packet) => sound.convert(packet.as_ref(), time_base),
            (Self::Subtitle(subtitle), Some(packet)) => subtitle.convert(packet, time_base),
            (Self::Subtitle(_), None) => Ok(Vec::new()),
        }
    }

    pub(crate) fn time_base(&self) -> Rational {
        match self {
            Self::Sound(sound) => sound.time_base(),
            Self::Subtitle(_) => subtitle::TIME_BASE,
        }
    }
}

fn open_failure(path: &Path, encoder: &'static str, failure: OpenFailure) -> MediaError {
    match failure {
        OpenFailure::Missing => MediaError::EncoderMissing { encoder },
        OpenFailure::UnknownOption(option) => MediaError::UnknownEncoderOption { encoder, option },
        OpenFailure::Refused(source) => MediaError::Ffmpeg {
            path: path.to_owned(),
            action: "convert a stream",
            source,
        },
    }
}
