//! Text subtitles into the form that a container has.

use std::path::{Path, PathBuf};

use super::open_failure;
use crate::container::Container;
use crate::ffi::{FfmpegError, Output, Packet, Stream, SubtitleTranslator};
use crate::{MediaError, Rational};

/// Codecs whose subtitles are text.
const TEXT: [&str; 7] = ["subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text"];

/// Microseconds, as FFmpeg's subtitle functions have it.
pub(super) const TIME_BASE: Rational = Rational::new(1, 1_000_000);

/// Subtitles on their way into another form.
pub(crate) struct SubtitleConversion {
    translator: SubtitleTranslator,
    path: PathBuf,
}

impl SubtitleConversion {
    /// The encoder for the subtitles of `codec` in a container that does not hold them as they are.
    pub(crate) fn target(codec: &str, container: Container) -> Option<&'static str> {
        if !TEXT.contains(&codec) {
            return None;
        }
        match container {
            Container::Mp4 | Container::Mov => Some("mov_text"),
            Container::Matroska => Some("subrip"),
            Container::WebM => Some("webvtt"),
            Container::MpegTs | Container::Mxf | Container::MxfOpAtom => None,
        }
    }

    /// Opens the way from `stream` into `index` of `output`, and describes that.
    pub(crate) fn open(
        stream: Stream<'_>,
        encoder: &'static str,
        output: &mut Output,
        index: usize,
        path: &Path,
    ) -> Result<Self, MediaError> {
        let translator = SubtitleTranslator::open(stream, encoder)
            .map_err(|failure| open_failure(path, encoder, failure))?;
        let conversion = Self {
            translator,
            path: path.to_owned(),
        };
        conversion
            .translator
            .describe(output, index)
            .map_err(|source| conversion.failure(source))?;
        Ok(conversion)
    }

    pub(super) fn convert(
        &mut self,
        mut packet: Packet,
        time_base: Rational,
    ) -> Result<Vec<Packet>, MediaError> {
        packet.rescale(time_base, TIME_BASE);
        match self.translator.translate(&mut packet) {
            Ok(translated) => Ok(translated.into_iter().collect()),
            Err(source) => Err(self.failure(source)),
        }
    }

    fn failure(&self, source: FfmpegError) -> MediaError {
        MediaError::Ffmpeg {
            path: self.path.clone(),
            action: "convert a subtitle",
            source,
        }
    }
}
