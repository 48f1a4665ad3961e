//! The evidence behind an answer, for null experiments: every hypothesis that is scored is handed over before it is.
//!
//! ```text
//! trace, registered:  Together, then Match(0), Match(1), .. and Alternative { of } when there are several; Doubtful
//! trace, nobody accused: OtherTitle for each other title that is followed to the end
//! trace, blind:       Shift for every shift that is followed
//! read:               Section(n) for every shift that is decoded, after each section; Shift for those followed to the end
//! ```

use countermark_mark::evidence::Evidence;

/// Which hypothesis of geometry and time a piece of evidence belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EvidencePart {
    /// A shift that the synchronisation chips allow, by keys alone.
    Shift,
    /// A shift that is decoded once so many sections of the clip were taken in before the present one.
    Section(u64),
    /// All matches of the clip with the title together.
    Together,
    /// One match alone: its place among the matches of the title.
    Match(usize),
    /// A match along another time map.
    Alternative {
        /// Place of the match that it would replace.
        of: usize,
    },
    /// All matches together, under the keys of a title that the clip does not show: what they say is told, and accuses nobody.
    OtherTitle,
    /// Spans whose pictures may not be the title's, together: what they say is withheld.
    Doubtful,
}

/// Is shown the evidence that decisions are made from.
pub trait Audit: Sync {
    /// The soft values of one hypothesis, before any delivery is scored against them.
    fn evidence(&self, part: EvidencePart, evidence: &Evidence);
}
