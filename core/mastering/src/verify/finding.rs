//! What can be wrong with a copy, and what else there is to know of one.
//!
//! # Shapes and units
//! As in [`crate::verify`].

use std::fmt;

use countermark_mark::Payload;
use countermark_register::{DeliveryId, FileHash};

/// Whose signal a score of this size is for certain: that of another delivery has it once in 10^13.
pub const LEAST_SCORE: f64 = 8.0;

/// Something that is wrong with a file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// Another file than the one on record.
    OtherFile {
        /// Its SHA-256.
        found: FileHash,
        /// That on record.
        recorded: FileHash,
    },
    /// A player could not open it.
    Unreadable {
        /// Why.
        why: String,
    },
    /// The keys of the delivery read nothing.
    NoMark {
        /// Its score.
        score: f64,
    },
    /// It carries another delivery's mark.
    OtherMark {
        /// Whose.
        delivery: DeliveryId,
        /// For whom that was made.
        distributor: String,
        /// The score of it.
        score: f64,
    },
    /// The address code says another payload.
    OtherPayload {
        /// What it says.
        found: Option<Payload>,
        /// What it should.
        wanted: Payload,
    },
    /// The mark has not the strength that was ordered.
    Strength {
        /// As a share of what it had when it was delivered, or should have.
        share: f64,
    },
    /// Pictures are missing, or too many.
    Pictures {
        /// How many there are.
        found: u64,
        /// How many there should be.
        wanted: u64,
    },
    /// Shorter or longer than the master.
    Length {
        /// Its seconds.
        found_seconds: f64,
        /// Those of the master.
        wanted_seconds: f64,
    },
    /// Its pictures are not the master's.
    OtherPictures {
        /// Where.
        seconds: f64,
        /// How like they are.
        likeness: f64,
    },
    /// A stream is not there.
    StreamMissing {
        /// Which.
        stream: String,
    },
    /// A stream is there that should not be.
    StreamAdded {
        /// Which.
        stream: String,
    },
    /// A stream has another content.
    StreamDiffers {
        /// Which.
        stream: String,
        /// In what.
        why: String,
    },
    /// Something inside of the pictures' stream, or a tag, is not there or another.
    Differs {
        /// What.
        what: &'static str,
        /// As it should be.
        wanted: String,
        /// As it is.
        found: String,
    },
}

impl Fault {
    /// A word for scripts.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::OtherFile { .. } => "other-file",
            Self::Unreadable { .. } => "unreadable",
            Self::NoMark { .. } => "no-mark",
            Self::OtherMark { .. } => "other-mark",
            Self::OtherPayload { .. } => "other-payload",
            Self::Strength { .. } => "strength",
            Self::Pictures { .. } => "pictures",
            Self::Length { .. } => "length",
            Self::OtherPictures { .. } => "other-pictures",
            Self::StreamMissing { .. } => "stream-missing",
            Self::StreamAdded { .. } => "stream-added",
            Self::StreamDiffers { .. } => "stream-differs",
            Self::Differs { .. } => "differs",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherFile { found, recorded } => write!(
                f,
                "it is not the file on record: SHA-256 {found}, recorded {recorded}"
            ),
            Self::Unreadable { why } => write!(f, "it cannot be opened: {why}"),
            Self::NoMark { score } => write!(
                f,
                "the mark of its delivery is not in it: score {score:.1}, at least {LEAST_SCORE} is wanted"
            ),
            Self::OtherMark {
                delivery,
                distributor,
                score,
            } => write!(
                f,
                "it carries the mark of delivery {delivery} to {distributor}: score {score:.1}"
            ),
            Self::OtherPayload {
                found: Some(found),
                wanted,
            } => write!(f, "its address code says payload {found}, not {wanted}"),
            Self::OtherPayload {
                found: None,
                wanted,
            } => {
                write!(
                    f,
                    "its address code says no payload, but {wanted} is wanted"
                )
            }
            Self::Strength { share } => {
                write!(f, "its mark has {:.0} % of its strength", 100.0 * share)
            }
            Self::Pictures { found, wanted } => {
                write!(f, "it has {found} pictures, the master {wanted}")
            }
            Self::Length {
                found_seconds,
                wanted_seconds,
            } => write!(
                f,
                "it lasts {found_seconds:.2} s, the master {wanted_seconds:.2} s"
            ),
            Self::OtherPictures { seconds, likeness } => write!(
                f,
                "at {seconds:.2} s its pictures are not the master's: likeness {likeness:.2}"
            ),
            Self::StreamMissing { stream } => write!(f, "it lacks {stream}"),
            Self::StreamAdded { stream } => write!(f, "it has {stream}, which is not expected"),
            Self::StreamDiffers { stream, why } => write!(f, "{stream} is another: {why}"),
            Self::Differs {
                what,
                wanted,
                found,
            } => write!(f, "its {what} is {found}, not {wanted}"),
        }
    }
}

/// Something that was not looked at, or that is weak.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Remark {
    /// The master is not at hand: quality and strength were not looked at.
    NoMaster,
    /// Nothing on record says what streams the copy had.
    StreamsUnknown,
    /// The master has moments of other timing than the copy: no window could be compared.
    NothingCompared,
    /// The windows carry too little of a mark for the address code.
    PayloadUnread,
    /// After a recompression at CRF 28 the address code is not read, though the fingerprint is.
    PayloadFragile,
    /// The recompression could not be made.
    NotRecompressed {
        /// Why.
        why: String,
    },
    /// Its mark hardly outlives a recompression at CRF 28.
    Fragile {
        /// The score after it.
        score: f64,
    },
    /// The copy's pictures are another size than the master's: strength and PSNR are not compared.
    OtherSize,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = match self {
            Self::NotRecompressed { why } => {
                return write!(f, "a recompression of it could not be made: {why}");
            }
            Self::Fragile { score } => {
                return write!(
                    f,
                    "its mark hardly outlives a recompression at CRF 28: score {score:.1}"
                );
            }
            Self::NoMaster => {
                "without the master its quality and the strength of its mark are not looked at"
            }
            Self::StreamsUnknown => {
                "no verification is on record from its making: its streams are not looked at"
            }
            Self::NothingCompared => "no picture of it has the moment of one of the master's",
            Self::PayloadUnread => "its address code is not read, though its fingerprint is",
            Self::PayloadFragile => {
                "after CRF 28 its address code is not read, though its fingerprint is"
            }
            Self::OtherSize => {
                "its pictures have another size than the master's: PSNR and strength are not compared"
            }
        };
        f.write_str(said)
    }
}
