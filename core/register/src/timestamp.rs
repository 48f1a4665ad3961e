//! Times as RFC 3339 in UTC.
//!
//! ```text
//! days since 1970-01-01 -> year, month, day in the proleptic Gregorian calendar, over 400-year eras of 146,097 days
//! ```
//!
//! # References
//! Hinnant (2013), "chrono-compatible low-level date algorithms", `civil_from_days`.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

/// A time as `2026-11-20T23:11:04.512Z`: UTC, milliseconds; sorts as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(String);

impl Timestamp {
    /// The present.
    #[must_use]
    pub fn now() -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self::at_unix_millis(since.as_millis() as u64)
    }

    /// So many milliseconds after 1970 began.
    #[must_use]
    pub fn at_unix_millis(millis: u64) -> Self {
        let (seconds, millis) = (millis / 1000, millis % 1000);
        let (days, second_of_day) = (seconds / 86_400, seconds % 86_400);
        // Eras start on 1 March, so that the leap day is the last of its year.
        let days = days + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + 400 * era + u64::from(month <= 2);
        let (hour, minute, second) = (
            second_of_day / 3600,
            second_of_day / 60 % 60,
            second_of_day % 60,
        );
        Self(format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"
        ))
    }

    /// Milliseconds since 1970; none where the text is no time as this program writes it.
    ///
    /// ```text
    /// days = 365 y + y/4 - y/100 + y/400 + (153 m + 2)/5 + d - 719,469,  years from 1 March
    /// ```
    pub(crate) fn unix_millis(&self) -> Option<u64> {
        let number = |at: std::ops::Range<usize>| self.0.get(at)?.parse::<u64>().ok();
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        let millis = number(20..23)?;
        if !(1..=12).contains(&month) || year < 1970 {
            return None;
        }
        let year = year - u64::from(month <= 2);
        let shifted_month = (month + 9) % 12;
        let days =
            365 * year + year / 4 - year / 100 + year / 400 + (153 * shifted_month + 2) / 5 + day;
        let days = days.checked_sub(719_469)?;
        Some(((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + millis)
    }

    /// A time as a database gives it back; its text is kept as it is.
    pub(crate) const fn on_record(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (1_735_689_600_000, "2025-01-01T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            let time = Timestamp::at_unix_millis(millis);
            assert_eq!(time.as_str(), text);
            assert_eq!(time.unix_millis(), Some(millis));
        }
    }
}
