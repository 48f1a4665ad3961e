//! Titles: works, or episodes of one.

use std::fmt;

use crate::{Timestamp, TitleId};

/// Frames a second as a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRate {
    /// Numerator.
    pub num: u32,
    /// Denominator, not 0.
    pub den: u32,
}

impl FrameRate {
    /// Frames a second.
    #[must_use]
    pub fn per_second(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// The fraction written as `num/den`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (num, den) = text.split_once('/')?;
        let rate = Self {
            num: num.parse().ok()?,
            den: den.parse().ok()?,
        };
        (rate.den > 0).then_some(rate)
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

/// What the register keeps of a master's video.
#[derive(Debug, Clone, PartialEq)]
pub struct MasterFacts {
    /// File name without its folder.
    pub file: String,
    /// Coded width in samples.
    pub width: u32,
    /// Coded height in samples.
    pub height: u32,
    /// Clockwise rotation that players apply before showing it, 0 to 359.
    pub rotation_degrees: i32,
    /// Bits a luma sample.
    pub bit_depth: u8,
    /// Nominal frame rate.
    pub frame_rate: FrameRate,
    /// Length in seconds.
    pub duration_seconds: f64,
    /// Frames decoded.
    pub frames: u64,
}

/// A title on record.
#[derive(Debug, Clone, PartialEq)]
pub struct TitleRecord {
    /// Identifier; the carrier key derives from it.
    pub id: TitleId,
    /// Unique name.
    pub name: String,
    /// The master.
    pub master: MasterFacts,
    /// File name of its reference in the catalogue.
    pub reference_file: String,
    /// When it was added.
    pub added: Timestamp,
}

/// A title about to be added: its name was free, its identifier is drawn, nothing of it is on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitleDraft {
    id: TitleId,
    name: String,
}

impl TitleDraft {
    pub(crate) const fn new(id: TitleId, name: String) -> Self {
        Self { id, name }
    }

    /// The identifier that the title will have.
    #[must_use]
    pub const fn id(&self) -> TitleId {
        self.id
    }

    /// The name that the title will have.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
