//! Marking a copy again, over the mark that it has.
//!
//! ```text
//! "remarked"            once, by another studio with keys of its own, at strength 1
//! "remarked-" N "x" S   N times, each by another studio, at strength S
//! "resold-" N "x" S     N times by the same studio, as deliveries of the same title to its distributors in turn
//! ```
//!
//! # Shapes and units
//! `N` from 1 to 5, `S` a factor on the amplitude that the quality budget allows, from 1 to 4.

use std::fmt;

use super::ParseAttackError;
use super::strength::whole;

/// Whose marks are laid over the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// Those of other studios, each with keys of its own.
    Another,
    /// Those of the same studio: further deliveries of the title.
    Same,
}

/// How often a copy is marked again, by whom and how strongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remark {
    /// By whom.
    pub by: Marker,
    /// How often.
    pub times: u32,
    /// A factor on the usual amplitude.
    pub strength: u32,
}

impl Remark {
    /// Once by another studio, as its tools do it.
    pub const ONCE: Self = Self {
        by: Marker::Another,
        times: 1,
        strength: 1,
    };

    /// Reads a step; `None` if it is none of these.
    pub(super) fn parse(step: &str) -> Option<Result<Self, ParseAttackError>> {
        if step == "remarked" {
            return Some(Ok(Self::ONCE));
        }
        let (head, how) = step.split_once('-')?;
        let by = match head {
            "remarked" => Marker::Another,
            "resold" => Marker::Same,
            _ => return None,
        };
        let accepted = "1x1 to 5x4, times and strength";
        let (times, strength) = how.split_once('x').unwrap_or((how, ""));
        let parsed = whole(step, times, &(1..=5), accepted).and_then(|times| {
            Ok(Self {
                by,
                times,
                strength: whole(step, strength, &(1..=4), accepted)?,
            })
        });
        Some(parsed)
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ONCE {
            return f.write_str("remarked");
        }
        let head = match self.by {
            Marker::Another => "remarked",
            Marker::Same => "resold",
        };
        write!(f, "{head}-{}x{}", self.times, self.strength)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_who_marks_how_often_and_how_strongly() {
        let one = |by, times, strength| Remark {
            by,
            times,
            strength,
        };
        for (name, expected) in [
            ("remarked", Remark::ONCE),
            ("remarked-3x1", one(Marker::Another, 3, 1)),
            ("remarked-1x4", one(Marker::Another, 1, 4)),
            ("resold-1x1", one(Marker::Same, 1, 1)),
            ("resold-5x4", one(Marker::Same, 5, 4)),
        ] {
            assert_eq!(Remark::parse(name), Some(Ok(expected)), "{name}");
            assert_eq!(expected.to_string(), name);
        }
        for name in [
            "remarked-0x1",
            "remarked-6x1",
            "resold-2x5",
            "resold-2",
            "remarked-",
        ] {
            assert!(matches!(Remark::parse(name), Some(Err(_))), "{name}");
        }
        assert_eq!(Remark::parse("resold"), None);
    }
}
