//! Whether a use is licensed, by what is on record.
//!
//! # Shapes and units
//! Territories are ISO 3166-1 codes of two letters, days `YYYY-MM-DD`.

use countermark_register::TitleId;
use serde::Serialize;

/// A use of a title.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Use {
    pub(crate) platform: String,
    pub(crate) territory: String,
    pub(crate) day: String,
}

/// What is on record of a use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "status")]
pub(crate) enum Covered {
    /// A licence on record covers it.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "deliveries have no licence fields yet")
    )]
    Licensed {
        /// To whom.
        licensee: String,
    },
    /// None is on record.
    NoLicenceOnRecord,
}

/// Who knows licences.
pub(crate) trait Licences: Send + Sync {
    /// What covers a use of a title.
    fn covering(&self, title: TitleId, wanted: &Use) -> Covered;
}

/// Deliveries without licence fields: nothing is on record.
pub(crate) struct NoLicences;

impl Licences for NoLicences {
    fn covering(&self, _title: TitleId, _wanted: &Use) -> Covered {
        Covered::NoLicenceOnRecord
    }
}

/// Whether a text is a day of the calendar.
pub(crate) fn is_day(text: &str) -> bool {
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|p| p.parse::<u32>().ok());
    let digits = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let (Some(year), Some(month), Some(day)) = (part(0..4), part(5..7), part(8..10)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 31,
    };
    text.len() == 10 && digits && (1..=12).contains(&month) && (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for day in ["2026-11-30", "2024-02-29", "2000-02-29"] {
            assert!(is_day(day), "{day}");
        }
        for day in [
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-11-31",
            "2026-1-01",
            "20261130",
            "",
            "2026-11-30x",
            "+026-11-30",
        ] {
            assert!(!is_day(day), "{day}");
        }
    }

    #[test]
    fn what_is_licensed_says_to_whom() {
        let licensed = Covered::Licensed {
            licensee: "Nord".into(),
        };
        let json = serde_json::to_value(licensed).expect("JSON");
        assert_eq!(
            json,
            serde_json::json!({"status": "licensed", "licensee": "Nord"})
        );
    }
}
