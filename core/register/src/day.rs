//! Days of the calendar, of no time zone.
//!
//! # Shapes and units
//! `YYYY-MM-DD` of the Gregorian calendar, which sorts as text.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A day of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(String);

impl Day {
    /// The day `YYYY-MM-DD`; none where there is no such day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let is_formed = bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !is_formed {
            return None;
        }
        let number = |range| {
            text.get(range)
                .and_then(|part: &str| part.parse::<u32>().ok())
        };
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days).contains(&day).then(|| Self(text.to_owned()))
    }

    /// Today, in UTC.
    #[must_use]
    pub fn today() -> Self {
        Self::of(&Timestamp::now())
    }

    /// The day of a time, in UTC.
    #[must_use]
    pub fn of(time: &Timestamp) -> Self {
        Self(time.as_str().chars().take(10).collect())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("no day of the form YYYY-MM-DD: {text:?}"))
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_are_none_are_refused() {
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1",
            "2026/01/01",
            "",
            "2026-04-31",
            "+026-01-01",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        assert!(Day::parse("2028-02-29").is_some() && Day::parse("2000-02-29").is_some());
    }
}
