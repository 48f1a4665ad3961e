//! Whether a use is licensed, by what is on record.
//!
//! # Shapes and units
//! Territories are ISO 3166-1 codes of two letters, days `YYYY-MM-DD`. Names of platforms are compared without regard to case.
//!
//! A use is covered by a complete delivery of the title, not revoked, whose licence is not empty, names the territory or none, whose
//! window holds the day, and which is the platform's: it is the distributor, the licensee, or named among the uses.

use std::sync::Arc;

use countermark_register::{Attested, Day, DeliveryRecord, DeliveryState, TitleId};
use serde::Serialize;

/// A use of a title.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Use {
    pub(crate) platform: String,
    pub(crate) territory: String,
    pub(crate) day: Day,
}

/// What is on record of a use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "status")]
pub(crate) enum Covered {
    /// A licence on record covers it.
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

/// The licences of a register, by its ledger's word. A ledger that does not hold licenses nothing.
pub(crate) struct OnRecord(pub(crate) Arc<Attested>);

impl Licences for OnRecord {
    fn covering(&self, title: TitleId, wanted: &Use) -> Covered {
        let Ok(heard) = self.0.heard() else {
            return Covered::NoLicenceOnRecord;
        };
        let mut own = heard.deliveries().iter().filter(|it| it.title_id == title);
        own.find(|delivery| covers(delivery, wanted)).map_or(
            Covered::NoLicenceOnRecord,
            |delivery| {
                let licensee = delivery.licensee.as_ref().unwrap_or(&delivery.distributor);
                Covered::Licensed {
                    licensee: licensee.clone(),
                }
            },
        )
    }
}

fn covers(delivery: &DeliveryRecord, wanted: &Use) -> bool {
    let licence = &delivery.licence;
    let is = |known: &String, asked: &str| known.eq_ignore_ascii_case(asked);
    let territories = &licence.territories;
    let whose = [&delivery.distributor]
        .into_iter()
        .chain(&delivery.licensee)
        .chain(&licence.uses);
    delivery.state == DeliveryState::Complete
        && delivery.revoked.is_none()
        && !licence.is_empty()
        && licence.outside(&wanted.day).is_none()
        && (territories.is_empty() || territories.iter().any(|own| is(own, &wanted.territory)))
        && whose.into_iter().any(|own| is(own, &wanted.platform))
}

#[cfg(test)]
mod tests {
    use countermark_mark::Payload;
    use countermark_register::{DeliveryId, DistributorId, Licence, Timestamp};

    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    fn delivered(licence: Licence) -> DeliveryRecord {
        const ID: &str = "000102030405060708090a0b0c0d0e0f";
        DeliveryRecord {
            id: DeliveryId::parse(ID).expect("32 digits"),
            payload: Payload::new(1),
            title: "T".into(),
            title_id: TitleId::parse(ID).expect("32 digits"),
            distributor: "Nord".into(),
            distributor_id: DistributorId::parse(ID).expect("32 digits"),
            licensee: None,
            strength: 1.0,
            format_version: 2,
            encoder_settings: "{}".into(),
            output_file: "a.mp4".into(),
            output_path: None,
            state: DeliveryState::Complete,
            frames: Some(1),
            psnr_y_db: None,
            output_sha256: None,
            failure: None,
            created: Timestamp::now(),
            settled: None,
            licence,
            revoked: None,
        }
    }

    #[test]
    fn a_licence_covers_its_own_platform_territory_and_days() {
        let delivery = delivered(Licence {
            territories: vec!["DE".into(), "AT".into()],
            from: Some(day("2026-03-01")),
            until: Some(day("2026-05-31")),
            uses: vec!["Tube".into()],
            ..Licence::default()
        });
        let asked = |platform: &str, territory: &str, on: &str| {
            let wanted = Use {
                platform: platform.into(),
                territory: territory.into(),
                day: day(on),
            };
            covers(&delivery, &wanted)
        };
        assert!(asked("tube", "de", "2026-03-01") && asked("Nord", "AT", "2026-05-31"));
        assert!(!asked("tube", "FR", "2026-03-01"), "another territory");
        assert!(!asked("tube", "DE", "2026-06-01"), "after the window");
        assert!(!asked("clips", "DE", "2026-03-01"), "another platform");
    }

    #[test]
    fn revoked_failed_and_bare_deliveries_cover_nothing() {
        let wanted = Use {
            platform: "Nord".into(),
            territory: "DE".into(),
            day: day("2026-03-01"),
        };
        let known = || {
            delivered(Licence {
                contract: Some("K-7".into()),
                ..Licence::default()
            })
        };
        assert!(covers(&known(), &wanted));
        let mut revoked = known();
        revoked.revoked = Some((Timestamp::now(), "withdrawn".into()));
        let mut failed = known();
        failed.state = DeliveryState::Failed;
        for delivery in [revoked, failed, delivered(Licence::default())] {
            assert!(!covers(&delivery, &wanted), "{delivery:?}");
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
