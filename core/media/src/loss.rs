//! What of a master is in its copy, and what is not.

use std::fmt;

/// A kind of thing that a master has and a copy may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LossKind {
    /// A second video stream.
    Video,
    /// A sound track.
    Audio,
    /// A subtitle track.
    Subtitle,
    /// A data track.
    Data,
    /// An attached file, cover art among them.
    Attachment,
    /// Chapters.
    Chapters,
    /// The time code.
    Timecode,
    /// Closed captions inside of the pictures' stream (CTA-608, 708).
    Captions,
    /// The active format description.
    Afd,
    /// Which field is first, and that there are fields.
    FieldOrder,
    /// Transparency.
    Alpha,
    /// HDR10 static metadata.
    Hdr,
    /// HDR metadata that changes with the pictures: Dolby Vision, HDR10+.
    DynamicHdr,
    /// Colour tags: primaries, transfer, matrix, range.
    Colour,
    /// Rotation by the player.
    Rotation,
}

impl LossKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::Video,
        Self::Audio,
        Self::Subtitle,
        Self::Data,
        Self::Attachment,
        Self::Chapters,
        Self::Timecode,
        Self::Captions,
        Self::Afd,
        Self::FieldOrder,
        Self::Alpha,
        Self::Hdr,
        Self::DynamicHdr,
        Self::Colour,
        Self::Rotation,
    ];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Subtitle => "subtitle",
            Self::Data => "data",
            Self::Attachment => "attachment",
            Self::Chapters => "chapters",
            Self::Timecode => "timecode",
            Self::Captions => "captions",
            Self::Afd => "afd",
            Self::FieldOrder => "field-order",
            Self::Alpha => "alpha",
            Self::Hdr => "hdr",
            Self::DynamicHdr => "dynamic-hdr",
            Self::Colour => "colour",
            Self::Rotation => "rotation",
        }
    }

    /// The kind of this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for LossKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One thing of the master, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Carriage {
    /// Its kind.
    pub kind: LossKind,
    /// The thing itself, such as `stream 2 (audio, pcm_s24le)` or `timecode 01:00:00:00`.
    pub what: String,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a thing of the master.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// It is in the copy as it was.
    Carried,
    /// It is in the copy in another form.
    Converted {
        /// The form.
        into: String,
    },
    /// It is not in the copy.
    Dropped {
        /// Why.
        reason: String,
    },
}

impl Fate {
    /// Its word, and the form or the reason where there is one.
    #[must_use]
    pub fn told(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Carried => ("carried", None),
            Self::Converted { into } => ("converted", Some(into)),
            Self::Dropped { reason } => ("dropped", Some(reason)),
        }
    }
}

impl Carriage {
    pub(crate) fn carried(kind: LossKind, what: String) -> Self {
        Self {
            kind,
            what,
            fate: Fate::Carried,
        }
    }

    pub(crate) fn converted(kind: LossKind, what: String, into: &str) -> Self {
        Self {
            kind,
            what,
            fate: Fate::Converted {
                into: into.to_owned(),
            },
        }
    }

    pub(crate) fn dropped(kind: LossKind, what: String, reason: &str) -> Self {
        Self {
            kind,
            what,
            fate: Fate::Dropped {
                reason: reason.to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_word() {
        for kind in LossKind::ALL {
            assert_eq!(LossKind::named(kind.as_str()), Some(kind));
        }
        assert_eq!(LossKind::named("sound"), None);
    }
}
