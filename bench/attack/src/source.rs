//! What an attack begins with, when that is not one marked copy: several copies, none, or one that was tampered with.
//!
//! ```text
//! source = MIX "-of-" N        N copies of one title in one:
//!            average | median | min | max        of each sample
//!            blocks                              each 64x64 block of each second from one of them, at random
//!            segments                            each two seconds from one of them, at random
//!            splice                              one after the other, equal parts
//!        | "unmarked"          the master itself
//!        | "stranger"          a film that no register holds
//!        | "wrong-keys"        a marked copy, which is asked about with the keys and the register of another studio
//!        | "joined"            the copy, and behind it another title, unmarked
//!        | "stacked"           the copy above another title, both at a time
//!        | "beside"            the middle of the copy beside that of another title
//!        | "grid"              the middles of the copy and of three other titles, two above two
//!        | "interleaved-" SECONDS "s"      so many seconds of the copy, so many of another title, in turns
//!        | "remarked"          a copy that was marked once more, under the keys of another studio
//!        | "remarked-" N "x" S | "resold-" N "x" S    see [`Remark`]
//!        | "pasted"            the mark of a copy, estimated, on the pictures of another title
//!        | "lifted"            the mark of a copy, all of it, on the pictures of another title
//!        | "trailer-lifted" | "lifted-trailer"    the same before or behind three seconds of the clean title
//!        | "transplanted-" LINES    the mark of a stream of another's copy on one's own copy of the same title
//! ```
//!
//! # Shapes and units
//! Seconds of media time. `N` from 2 to 32, `LINES` of the stream's short side. The copies that a clip needs to have are [`Source::copies`].

use std::fmt;

use super::ParseAttackError;
use super::remark::Remark;
use super::strength::{number, whole};

/// How copies are mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mix {
    /// The mean of each sample.
    Average,
    /// The middle value of each sample; of an even number the mean of both in the middle.
    Median,
    /// The lowest.
    Min,
    /// The highest.
    Max,
    /// Each block of each second from one of them.
    Blocks,
    /// Each two seconds from one of them.
    Segments,
    /// One after the other.
    Splice,
}

impl Mix {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Average, "average"),
        (Self::Median, "median"),
        (Self::Min, "min"),
        (Self::Max, "max"),
        (Self::Blocks, "blocks"),
        (Self::Segments, "segments"),
        (Self::Splice, "splice"),
    ];
}

/// Where a piece of the clean title stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trailer {
    /// Before the rest.
    Before,
    /// Behind it.
    Behind,
}

/// How a copy and another title are put together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Together {
    /// One behind the other.
    Joined,
    /// One above the other.
    Stacked,
    /// The middles of both, side by side.
    Beside,
    /// Those of four titles, two above two.
    Grid,
    /// In turns.
    Interleaved {
        /// Of each turn.
        seconds: f64,
    },
}

/// What a chain begins with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Source {
    /// Several copies in one.
    Mixed {
        /// How.
        mix: Mix,
        /// How many.
        copies: usize,
    },
    /// The master.
    Unmarked,
    /// A film that no register holds.
    Stranger,
    /// A marked copy and somebody else's keys.
    WrongKeys,
    /// A copy together with another title.
    Together(Together),
    /// A copy with a second mark, or more of them.
    Remarked(Remark),
    /// A copy's mark on another title, as far as it can be told from the copy alone.
    Pasted,
    /// A copy's mark on another title, taken off with the master; beside a piece of the clean title.
    Lifted(Option<Trailer>),
    /// The mark of the first copy, recorded off a stream, on the second copy.
    Transplanted {
        /// Of the stream's short side.
        lines: u32,
    },
}

impl Source {
    /// Reads a source; `None` if the step is none.
    pub(super) fn parse(step: &str) -> Option<Result<Self, ParseAttackError>> {
        match step {
            "unmarked" => return Some(Ok(Self::Unmarked)),
            "stranger" => return Some(Ok(Self::Stranger)),
            "wrong-keys" => return Some(Ok(Self::WrongKeys)),
            "joined" => return Some(Ok(Self::Together(Together::Joined))),
            "stacked" => return Some(Ok(Self::Together(Together::Stacked))),
            "beside" => return Some(Ok(Self::Together(Together::Beside))),
            "grid" => return Some(Ok(Self::Together(Together::Grid))),
            "pasted" => return Some(Ok(Self::Pasted)),
            "lifted" => return Some(Ok(Self::Lifted(None))),
            "trailer-lifted" => return Some(Ok(Self::Lifted(Some(Trailer::Before)))),
            "lifted-trailer" => return Some(Ok(Self::Lifted(Some(Trailer::Behind)))),
            _ => {}
        }
        if let Some(remark) = Remark::parse(step) {
            return Some(remark.map(Self::Remarked));
        }
        if let Some(lines) = step.strip_prefix("transplanted-") {
            let lines = whole(step, lines, &(96..=1080), "96 to 1080 lines");
            return Some(lines.map(|lines| Self::Transplanted { lines }));
        }
        if let Some(seconds) = step.strip_prefix("interleaved-") {
            let accepted = "0.5s to 600s";
            let seconds = seconds.strip_suffix('s').unwrap_or_default();
            let seconds = number(step, seconds, &(0.5..=600.0), accepted);
            return Some(seconds.map(|seconds| Self::Together(Together::Interleaved { seconds })));
        }
        let (name, count) = step.split_once("-of-")?;
        let (mix, _) = Mix::ALL.into_iter().find(|(_, known)| *known == name)?;
        Some(
            whole(step, count, &(2..=32), "of-2 to of-32").map(|copies| Self::Mixed {
                mix,
                copies: copies as usize,
            }),
        )
    }

    /// Marked copies of the clip that must be there.
    #[must_use]
    pub fn copies(self) -> usize {
        match self {
            Self::Mixed { copies, .. } => copies,
            Self::Unmarked | Self::Stranger => 0,
            Self::WrongKeys
            | Self::Together(_)
            | Self::Remarked(_)
            | Self::Pasted
            | Self::Lifted(_) => 1,
            Self::Transplanted { .. } => 2,
        }
    }

    /// Whether the mark lies on pictures of another title.
    #[must_use]
    pub fn is_foreign(self) -> bool {
        matches!(self, Self::Pasted | Self::Lifted(_))
    }

    /// Whether it begins with several copies, which must have the same frames.
    #[must_use]
    pub fn mixes_copies(self) -> bool {
        matches!(self, Self::Mixed { .. } | Self::Transplanted { .. })
    }

    /// How another title is put beside the copy, if one is.
    #[must_use]
    pub fn together(self) -> Option<Together> {
        match self {
            Self::Together(how) => Some(how),
            _ => None,
        }
    }

    /// Whether another title's file is needed.
    #[must_use]
    pub fn needs_other(self) -> bool {
        self.is_foreign() || self.together().is_some()
    }

    /// Titles beside the copy's whose files are needed.
    #[must_use]
    pub fn others(self) -> usize {
        match self {
            Self::Together(Together::Grid) => 3,
            other => usize::from(other.needs_other()),
        }
    }

    /// Copies that a right answer names, the first ones: none where the pictures are those of nobody, or the mark is not in its
    /// title. Of a transplant it is the victim, whose signal the clip carries.
    #[must_use]
    pub fn guilty(self) -> usize {
        match self {
            Self::Pasted | Self::Lifted(_) | Self::WrongKeys => 0,
            Self::Transplanted { .. } => 1,
            other => other.copies(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unmarked => f.write_str("unmarked"),
            Self::Stranger => f.write_str("stranger"),
            Self::WrongKeys => f.write_str("wrong-keys"),
            Self::Together(Together::Joined) => f.write_str("joined"),
            Self::Together(Together::Stacked) => f.write_str("stacked"),
            Self::Together(Together::Beside) => f.write_str("beside"),
            Self::Together(Together::Grid) => f.write_str("grid"),
            Self::Together(Together::Interleaved { seconds }) => {
                write!(f, "interleaved-{seconds}s")
            }
            Self::Remarked(remark) => write!(f, "{remark}"),
            Self::Pasted => f.write_str("pasted"),
            Self::Lifted(None) => f.write_str("lifted"),
            Self::Lifted(Some(Trailer::Before)) => f.write_str("trailer-lifted"),
            Self::Lifted(Some(Trailer::Behind)) => f.write_str("lifted-trailer"),
            Self::Transplanted { lines } => write!(f, "transplanted-{lines}"),
            Self::Mixed { mix, copies } => {
                let name = Mix::ALL.iter().find(|(known, _)| known == mix);
                write!(f, "{}-of-{copies}", name.map_or("", |(_, name)| name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_back_and_say_who_is_guilty() {
        for (name, copies, guilty) in [
            ("average-of-3", 3, 3),
            ("splice-of-2", 2, 2),
            ("blocks-of-10", 10, 10),
            ("unmarked", 0, 0),
            ("remarked", 1, 1),
            ("remarked-3x4", 1, 1),
            ("resold-1x1", 1, 1),
            ("stranger", 0, 0),
            ("wrong-keys", 1, 0),
            ("joined", 1, 1),
            ("stacked", 1, 1),
            ("beside", 1, 1),
            ("grid", 1, 1),
            ("interleaved-2.5s", 1, 1),
            ("pasted", 1, 0),
            ("lifted", 1, 0),
            ("trailer-lifted", 1, 0),
            ("lifted-trailer", 1, 0),
            ("transplanted-240", 2, 1),
        ] {
            let source = Source::parse(name).expect(name).expect(name);
            assert_eq!(source.to_string(), name);
            assert_eq!(
                (source.copies(), source.guilty()),
                (copies, guilty),
                "{name}"
            );
        }
        assert!(matches!(Source::parse("average-of-1"), Some(Err(_))));
        assert!(matches!(Source::parse("transplanted-8"), Some(Err(_))));
        assert!(Source::parse("average-3").is_none() && Source::parse("mode-of-3").is_none());
    }
}
