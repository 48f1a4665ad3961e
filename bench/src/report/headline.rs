//! The verdict on a run in a sentence, and what it means for whoever waits for it.
//!
//! ```text
//! short > broken > unchecked > holds:   one shortfall outweighs all that could not be looked at
//! ```

use std::fmt;

use super::check::{Check, Verdict};

/// What a run comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Everything that was asked was measured and holds.
    Holds,
    /// Nothing fell short, but something was not checked: a floor without its measure, a row without a floor.
    Unchecked,
    /// Nothing fell short, but something could not be measured.
    Broken,
    /// Something fell short.
    Short,
}

/// How many checks came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Headline {
    /// Held.
    pub held: usize,
    /// Fell short.
    pub short: usize,
    /// Could not be made.
    pub broken: usize,
    /// Were not made.
    pub unchecked: usize,
}

impl Headline {
    pub(super) fn of(checks: &[Check]) -> Self {
        let mut counts = Self::default();
        for check in checks {
            match check.verdict {
                Verdict::Held => counts.held += 1,
                Verdict::Short(_) => counts.short += 1,
                Verdict::Error(_) => counts.broken += 1,
                Verdict::Unchecked(_) => counts.unchecked += 1,
            }
        }
        counts
    }

    /// What the run comes to.
    #[must_use]
    pub fn standing(self) -> Standing {
        match self {
            Self { short: 1.., .. } => Standing::Short,
            Self { broken: 1.., .. } => Standing::Broken,
            Self { unchecked: 1.., .. } => Standing::Unchecked,
            _ => Standing::Holds,
        }
    }
}

impl fmt::Display for Headline {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.held + self.short + self.broken + self.unchecked;
        let mut parts = Vec::new();
        if self.short > 0 {
            parts.push(format!("{} of {all} checks fell short", self.short));
        }
        if self.broken > 0 {
            parts.push(format!("{} could not be made", self.broken));
        }
        if self.unchecked > 0 {
            parts.push(format!("{} not checked", self.unchecked));
        }
        match self.standing() {
            Standing::Holds => write!(formatter, "All floors hold: {all} checks"),
            Standing::Unchecked => write!(
                formatter,
                "Floors hold, but {}: {} of {all} checks hold",
                parts.join(", "),
                self.held
            ),
            Standing::Broken | Standing::Short => {
                write!(formatter, "{}; {} hold", parts.join(", "), self.held)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(held: usize, short: usize, broken: usize, unchecked: usize) -> (String, Standing) {
        let headline = Headline {
            held,
            short,
            broken,
            unchecked,
        };
        (headline.to_string(), headline.standing())
    }

    #[test]
    fn what_was_not_looked_at_is_in_the_sentence() {
        assert_eq!(
            told(43, 0, 0, 0),
            ("All floors hold: 43 checks".to_owned(), Standing::Holds)
        );
        assert_eq!(
            told(35, 0, 0, 8),
            (
                "Floors hold, but 8 not checked: 35 of 43 checks hold".to_owned(),
                Standing::Unchecked
            )
        );
        assert_eq!(
            told(40, 2, 1, 8),
            (
                "2 of 51 checks fell short, 1 could not be made, 8 not checked; 40 hold".to_owned(),
                Standing::Short
            )
        );
        assert_eq!(told(40, 0, 1, 8).1, Standing::Broken);
        assert!(Standing::Short > Standing::Broken && Standing::Unchecked > Standing::Holds);
    }
}
