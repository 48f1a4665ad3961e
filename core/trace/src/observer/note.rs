//! What the analyst should know beside the answer.
//!
//! # Shapes and units
//! Seconds of media time; bounds as decimal logarithms.

use std::fmt;

use countermark_catalogue::FileFinding;
use countermark_mark::Payload;
use countermark_media::{ClockBreak, Integrity};
use countermark_register::{Fact, Finding};

use crate::error::{ErrorKind, TraceError};

/// Something that is no error and that may explain an answer. [`fmt::Display`] says what is, not what can be done about it:
/// the commands add that.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// The clip's file is damaged or cut short; the rest was examined.
    ClipDamaged {
        /// What is missing.
        integrity: Integrity,
    },
    /// The file's timestamps restart, jump or overlap: the clip's seconds go on as a player shows them.
    ClockBroken {
        /// The first place.
        first: ClockBreak,
        /// How many more there are.
        others: usize,
    },
    /// The clip's pictures have next to no features.
    TooFlat,
    /// The clip's sound was not looked up.
    SoundUnread {
        /// Why, in full.
        reason: String,
    },
    /// The index does not hold all of a title: it was fingerprinted again, in memory.
    NotIndexed {
        /// Its name.
        title: String,
        /// Why, with the file.
        reason: String,
    },
    /// The index names no title, and together the titles are too long to be searched frame by frame.
    NotSearchedByFrame {
        /// How many titles there are.
        titles: usize,
        /// Their length together.
        seconds: f64,
    },
    /// Together the titles are too long for the mark to be looked for in other geometries than whole pictures.
    OnlyWholePictures {
        /// How many titles there are.
        titles: usize,
        /// Their length together.
        seconds: f64,
    },
    /// A title was left out, because of its reference as a rule.
    TitleLeftOut {
        /// Its name.
        title: String,
        /// Whose fault it is.
        kind: ErrorKind,
        /// Why, in full.
        reason: String,
    },
    /// Copies of a title are marked in a format that only a newer program knows: they were not looked for.
    OfNewerFormat {
        /// The title's name.
        title: String,
        /// How many.
        deliveries: usize,
    },
    /// Titles without a reference were read with their keys alone.
    ReadByKeysAlone {
        /// The first of them.
        titles: Vec<String>,
        /// How many more there are.
        others: usize,
    },
    /// A payload was read with keys alone, and its title's pictures could not be compared with the clip's.
    PicturesUnchecked {
        /// The title's name.
        title: String,
    },
    /// The mark of a copy answers, but the clip's pictures are not the title's: nobody is accused of it.
    Withheld {
        /// The payload that answers.
        payload: Payload,
        /// The decimal logarithm of its bound.
        log10_p: f64,
        /// The title's name.
        title: String,
    },
    /// The clip shows a title, and the mark of another title's delivery answers in it: nobody is accused of it.
    MarkedAsOther {
        /// The title that the pictures are of.
        title: String,
        /// The title whose keys the mark answers under.
        other: String,
        /// The payload that answers.
        payload: Payload,
        /// The decimal logarithm of its bound.
        log10_p: f64,
        /// Titles that were counted for it: those tried, and those asked beside them.
        titles: u64,
    },
    /// The register was edited, cut or put back where the answer depends on it: what its ledger says was used.
    Register {
        /// What is wrong.
        finding: Finding,
    },
    /// What an expert would ask about the register.
    RegisterFact {
        /// What is known.
        fact: Fact,
    },
    /// A reference is not the file on record.
    ReferenceChanged {
        /// The title's name.
        title: String,
        /// What is wrong.
        finding: FileFinding,
    },
    /// Frames of a title could not be laid beside the clip's.
    FramesNotCompared {
        /// The title's name.
        title: String,
        /// Why, in full.
        reason: String,
    },
}

impl Note {
    /// A title that is left out because of an error.
    pub(crate) fn left_out(title: &str, error: &TraceError) -> Self {
        Self::TitleLeftOut {
            title: title.to_owned(),
            kind: error.kind(),
            reason: error.reason(),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClipDamaged { integrity } => write!(f, "damaged or cut short: {integrity}"),
            Self::ClockBroken { first, others } => {
                let what = if first.file_seconds < first.expected_seconds {
                    "restarts"
                } else {
                    "jumps"
                };
                write!(
                    f,
                    "clock {what} at frame {}: timestamps go from {:.3} to {:.3} s, the clip's seconds go on at {:.3}",
                    first.frame, first.expected_seconds, first.file_seconds, first.clip_seconds
                )?;
                match others {
                    0 => Ok(()),
                    others => write!(f, "; {others} more such places"),
                }
            }
            Self::TooFlat => f.write_str("too flat or too dark to be recognised by its pictures"),
            Self::SoundUnread { reason } => write!(f, "the sound tells nothing: {reason}"),
            Self::NotIndexed { title, reason } => {
                write!(
                    f,
                    "the title {title:?} is not whole in the index ({reason})"
                )
            }
            Self::NotSearchedByFrame { titles, seconds } => write!(
                f,
                "the index has nothing like the clip; {titles} titles of {:.1} hours are not searched frame by frame",
                seconds / 3600.0
            ),
            Self::OnlyWholePictures { titles, seconds } => write!(
                f,
                "{titles} titles of {:.1} hours together: only whole pictures are looked for",
                seconds / 3600.0
            ),
            Self::TitleLeftOut { title, reason, .. } => write!(f, "title {title:?}: {reason}"),
            Self::OfNewerFormat { title, deliveries } => write!(
                f,
                "title {title:?}: {deliveries} deliveries are of a newer format, which this program does not know"
            ),
            Self::ReadByKeysAlone { titles, others } => {
                write!(
                    f,
                    "without a reference, read with keys alone: {}",
                    titles.join(", ")
                )?;
                match others {
                    0 => Ok(()),
                    others => write!(f, " and {others} more"),
                }
            }
            Self::PicturesUnchecked { title } => write!(
                f,
                "that the pictures are those of {title:?} was not checked: its reference is missing or damaged"
            ),
            Self::Withheld { payload, title, .. } => write!(
                f,
                "the mark of payload {payload} answers above the threshold, but the pictures are not those of \
                 {title:?}: it was lifted off that copy, or the clip is too damaged to be recognised; nobody is accused"
            ),
            Self::MarkedAsOther {
                title,
                other,
                payload,
                log10_p,
                titles,
            } => write!(
                f,
                "the clip shows {title:?}, and the mark of payload {payload} of {other:?} answers in it: by chance in fewer than \
                 one of 10^{:.0} analyses, {titles} titles counted; the copy was marked under the wrong title\u{2019}s name, or that mark \
                 was laid over these pictures; nobody is accused",
                (-log10_p.max(-30.0)).floor()
            ),
            Self::Register { finding } => {
                write!(f, "{finding}; the ledger's word is used")
            }
            Self::RegisterFact { fact } => fact.fmt(f),
            Self::ReferenceChanged { title, finding } => match finding {
                // A page names no place in the vault.
                FileFinding::Changed { found, .. } => write!(
                    f,
                    "the reference of {title:?} is not the file on record: {found}"
                ),
                _ => write!(f, "the reference of {title:?} cannot be read"),
            },
            Self::FramesNotCompared { title, reason } => {
                write!(f, "frames were not compared: title {title:?}: {reason}")
            }
        }
    }
}
