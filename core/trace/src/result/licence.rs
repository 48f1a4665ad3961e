//! What the copy of an accused delivery may be used for, and whether the clip came to light outside of that.
//!
//! Only what is known is said: the day of the examination against the window on record. Where and for what a clip was shown is not
//! in it.

use std::fmt;

use countermark_register::{Day, DeliveryRecord, Licence, Outside};
use serde::Serialize;

/// The licence of an accused delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LicenceStanding {
    /// What is on record.
    #[serde(flatten)]
    pub licence: Licence,
    /// The day of the examination, UTC.
    pub examined: Day,
    /// How that day lies outside of the licence's window; as JSON `before` or `after`.
    #[serde(serialize_with = "side")]
    pub outside: Option<Outside>,
    /// Since when the delivery is revoked, and why.
    pub revoked: Option<String>,
}

impl LicenceStanding {
    /// Of a delivery whose clip is examined on a day; none where nothing is on record.
    pub(crate) fn of(delivery: &DeliveryRecord, examined: Day) -> Option<Self> {
        let revoked = delivery.revoked.as_ref();
        if delivery.licence.is_empty() && revoked.is_none() {
            return None;
        }
        Some(Self {
            licence: delivery.licence.clone(),
            outside: delivery.licence.outside(&examined),
            examined,
            revoked: revoked.map(|(time, reason)| format!("{}: {reason}", Day::of(time))),
        })
    }
}

impl fmt::Display for LicenceStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.licence.is_empty() {
            f.write_str("none on record")?;
        } else {
            self.licence.fmt(f)?;
        }
        if let Some(outside) = &self.outside {
            write!(f, "; the clip was examined on {}, {outside}", self.examined)?;
        }
        if let Some(revoked) = &self.revoked {
            write!(f, "; revoked on {revoked}")?;
        }
        Ok(())
    }
}

/// `before`, `after` or null.
#[expect(clippy::ref_option, reason = "serde passes references")]
fn side<S: serde::Serializer>(outside: &Option<Outside>, serializer: S) -> Result<S::Ok, S::Error> {
    let word = outside.as_ref().map(|outside| match outside {
        Outside::Before(_) => "before",
        Outside::After(_) => "after",
    });
    word.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_on_record_is_said() {
        let day = |text: &str| Day::parse(text).expect("a day");
        let licence = Licence {
            contract: Some("K-7".into()),
            territories: vec!["DE".into(), "AT".into()],
            until: Some(day("2026-05-31")),
            ..Licence::default()
        };
        let standing = |examined: &str| LicenceStanding {
            outside: licence.outside(&day(examined)),
            licence: licence.clone(),
            examined: day(examined),
            revoked: None,
        };
        assert_eq!(
            standing("2026-05-31").to_string(),
            "contract K-7; DE, AT; until 2026-05-31"
        );
        assert_eq!(
            standing("2026-06-01").to_string(),
            "contract K-7; DE, AT; until 2026-05-31; the clip was examined on 2026-06-01, after the licence ended on 2026-05-31"
        );
        let json = serde_json::to_value(standing("2026-06-01")).expect("json");
        assert_eq!(json["outside"], "after");
        assert_eq!(json["until"], "2026-05-31");
    }
}
