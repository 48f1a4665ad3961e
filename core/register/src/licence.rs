//! Licences: what a delivery may be used for, where, and when.
//!
//! ```text
//! window = [from, until], both days included;   a day is outside where it is before the one or after the other
//! ```
//!
//! A licence is in the ledger alone: each change is an entry with its MAC, and the last one holds.
//!
//! # Shapes and units
//! Days are `YYYY-MM-DD` of the Gregorian calendar, of no time zone. Everything may be left open.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Day;

/// What a delivery may be used for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Licence {
    /// Number of the contract.
    pub contract: Option<String>,
    /// Where it may be shown, as codes or names; everywhere or unknown if none is named.
    pub territories: Vec<String>,
    /// First day.
    pub from: Option<Day>,
    /// Last day.
    pub until: Option<Day>,
    /// What it may be used for, such as `svod`.
    pub uses: Vec<String>,
    /// Free text.
    pub note: Option<String>,
}

/// On which side of a licence's window a day lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outside {
    /// Before its first day.
    Before(Day),
    /// After its last day.
    After(Day),
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before(from) => write!(f, "before the licence begins on {from}"),
            Self::After(until) => write!(f, "after the licence ended on {until}"),
        }
    }
}

impl Licence {
    /// Whether nothing is known of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How a day lies outside of its window, as far as that is known.
    #[must_use]
    pub fn outside(&self, day: &Day) -> Option<Outside> {
        let before = self.from.as_ref().filter(|from| day < from);
        let after = self.until.as_ref().filter(|until| day > until);
        before
            .cloned()
            .map(Outside::Before)
            .or_else(|| after.cloned().map(Outside::After))
    }

    /// This licence with what `change` says in place of its own.
    #[must_use]
    pub fn changed_by(&self, change: &Self) -> Self {
        let list = |own: &[String], new: &[String]| if new.is_empty() { own } else { new }.to_vec();
        Self {
            contract: change.contract.clone().or_else(|| self.contract.clone()),
            territories: list(&self.territories, &change.territories),
            from: change.from.clone().or_else(|| self.from.clone()),
            until: change.until.clone().or_else(|| self.until.clone()),
            uses: list(&self.uses, &change.uses),
            note: change.note.clone().or_else(|| self.note.clone()),
        }
    }
}

impl fmt::Display for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(contract) = &self.contract {
            parts.push(format!("contract {contract}"));
        }
        if !self.territories.is_empty() {
            parts.push(self.territories.join(", "));
        }
        match (&self.from, &self.until) {
            (Some(from), Some(until)) => parts.push(format!("{from} to {until}")),
            (Some(from), None) => parts.push(format!("from {from}")),
            (None, Some(until)) => parts.push(format!("until {until}")),
            (None, None) => {}
        }
        if !self.uses.is_empty() {
            parts.push(self.uses.join(", "));
        }
        parts.extend(self.note.clone());
        f.write_str(&parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    #[test]
    fn both_ends_of_a_window_are_inside() {
        let licence = Licence {
            from: Some(day("2026-03-01")),
            until: Some(day("2026-05-31")),
            ..Licence::default()
        };
        assert_eq!(licence.outside(&day("2026-03-01")), None);
        assert_eq!(licence.outside(&day("2026-05-31")), None);
        let after = licence.outside(&day("2026-06-01"));
        assert_eq!(after, Some(Outside::After(day("2026-05-31"))));
        let before = licence.outside(&day("2026-02-28"));
        assert_eq!(before, Some(Outside::Before(day("2026-03-01"))));
        assert_eq!(Licence::default().outside(&day("2026-03-01")), None);
    }
}
