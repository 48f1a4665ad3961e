//! The containers that Countermark writes, chosen by the output's extension.

use std::path::Path;

use crate::MediaError;

/// The extensions that [`Container::of`] understands.
const ACCEPTED: &str = ".mp4, .m4v, .mov, .mkv, .webm, .ts, .mxf";

/// An output container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Mp4,
    Mov,
    Matroska,
    WebM,
    MpegTs,
    /// Operational pattern 1a: pictures and sound interleaved in one file.
    Mxf,
    /// OP-Atom: one essence a file.
    MxfOpAtom,
}

impl Container {
    /// The container that the extension of `path` names.
    pub(crate) fn of(path: &Path) -> Result<Self, MediaError> {
        let extension = path
            .extension()
            .map(|extension| extension.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        match extension.as_str() {
            "mp4" | "m4v" => Ok(Self::Mp4),
            "mov" => Ok(Self::Mov),
            "mkv" => Ok(Self::Matroska),
            "webm" => Ok(Self::WebM),
            "ts" => Ok(Self::MpegTs),
            "mxf" => Ok(Self::Mxf),
            _ => Err(MediaError::UnknownContainer {
                path: path.to_owned(),
                extension,
                accepted: ACCEPTED,
            }),
        }
    }

    /// FFmpeg's name of the muxer.
    pub(crate) fn muxer(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::Matroska => "matroska",
            Self::WebM => "webm",
            Self::MpegTs => "mpegts",
            Self::Mxf => "mxf",
            Self::MxfOpAtom => "mxf_opatom",
        }
    }

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::Matroska => "mkv",
            Self::WebM => "webm",
            Self::MpegTs => "ts",
            Self::Mxf | Self::MxfOpAtom => "mxf",
        }
    }

    pub(crate) fn is_mxf(self) -> bool {
        matches!(self, Self::Mxf | Self::MxfOpAtom)
    }

    /// Whether a time code can be written that players show.
    pub(crate) fn holds_timecode(self) -> bool {
        self.is_iso_media() || self.is_mxf() || self == Self::Matroska
    }

    pub(crate) fn holds_chapters(self) -> bool {
        self.is_iso_media() || matches!(self, Self::Matroska | Self::WebM)
    }

    /// The family of ISO base media files, which have edit lists and a display matrix.
    pub(crate) fn is_iso_media(self) -> bool {
        matches!(self, Self::Mp4 | Self::Mov)
    }

    pub(crate) fn muxer_options(self) -> &'static [(&'static str, &'static str)] {
        if self.is_iso_media() {
            &[("movflags", "+faststart")]
        } else {
            &[]
        }
    }
}

/// Whether the container that the extension of `path` names has a place for a C2PA manifest that this program knows.
#[must_use]
pub fn holds_manifest(path: &Path) -> bool {
    Container::of(path).is_ok_and(Container::is_iso_media)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extension_decides_without_regard_to_case() {
        let of = |name: &str| Container::of(Path::new(name));
        assert_eq!(of("a.MP4").ok(), Some(Container::Mp4));
        assert_eq!(of("dir.mp4/a.mkv").ok(), Some(Container::Matroska));
    }

    #[test]
    fn unknown_extension_names_the_accepted_ones() {
        for name in ["a.avi", "a", ".mp4"] {
            let message = Container::of(Path::new(name))
                .expect_err("refused")
                .to_string();
            assert!(message.contains(".mp4, .m4v, .mov, .mkv"), "{message}");
        }
    }
}
