//! Several seeds of one suite, both ends included: one seed shows one draw of keys and places.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Seeds from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seeds {
    first: u64,
    last: u64,
}

/// The text names no seeds.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("seeds are A..B, such as 1..5, with A at most B and 100 of them at most: {0}")]
pub struct SeedsError(String);

impl FromStr for Seeds {
    type Err = SeedsError;

    fn from_str(text: &str) -> Result<Self, SeedsError> {
        const MOST: u64 = 100;
        let parsed = text.split_once("..").and_then(|(first, last)| {
            let last = last.strip_prefix('=').unwrap_or(last);
            Some((first.parse().ok()?, last.parse().ok()?))
        });
        match parsed {
            Some((first, last)) if first <= last && last - first < MOST => Ok(Self { first, last }),
            _ => Err(SeedsError(text.to_owned())),
        }
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}..{}", self.first, self.last)
    }
}

impl Seeds {
    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = u64> {
        self.first..=self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_meant() {
        for text in ["1..5", "1..=5"] {
            let seeds: Seeds = text.parse().expect("seeds");
            assert_eq!(seeds.iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        }
        for text in ["", "3", "5..1", "1..1000", "a..b", ".."] {
            assert!(text.parse::<Seeds>().is_err(), "{text}");
        }
    }
}
