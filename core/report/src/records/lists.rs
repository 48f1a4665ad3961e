//! Titles, distributors and changed deliveries: as JSON, as tables, in words.
//!
//! # Shapes and units
//! As in [`crate::records`].

use std::fmt;

use countermark_register::{
    DeliveryRecord, DistributorRecord, Register, RegisterError, Timestamp, TitleRecord,
};
use serde_json::{Value, json};

use super::Listing;
use crate::json::rounded;
use crate::visible::Visible;
use crate::{ReportError, csv};

/// A delivery whose licence was changed, or that was revoked.
#[derive(Debug)]
pub struct Changed {
    /// The record as it is now.
    pub delivery: DeliveryRecord,
    /// What was done.
    pub what: &'static str,
}

/// The titles on record.
#[derive(Debug)]
pub struct TitleList {
    /// By name.
    pub titles: Vec<TitleRecord>,
    /// All deliveries, to be counted.
    pub deliveries: Vec<DeliveryRecord>,
}

/// The distributors on record.
#[derive(Debug)]
pub struct DistributorList {
    /// By name.
    pub distributors: Vec<DistributorRecord>,
    /// All deliveries, to be counted.
    pub deliveries: Vec<DeliveryRecord>,
}

impl Changed {
    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let delivery = &self.delivery;
        json!({
            "delivery": delivery.id.to_string(),
            "title": delivery.title,
            "distributor": delivery.distributor,
            "licence": delivery.licence,
            "revoked": delivery.revoked.as_ref().map(|(_, reason)| reason),
        })
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let delivery = &self.delivery;
        let (title, distributor) = (Visible(&delivery.title), Visible(&delivery.distributor));
        write!(
            f,
            "{} delivery {} of {title} to {distributor}",
            self.what, delivery.id
        )?;
        if !delivery.licence.is_empty() {
            write!(f, "\n  licence      {}", Visible(&delivery.licence))?;
        }
        if let Some((time, reason)) = &delivery.revoked {
            write!(f, "\n  revoked      {time}: {}", Visible(reason))?;
        }
        Ok(())
    }
}

impl TitleList {
    /// All that are on record.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub fn of(register: &dyn Register) -> Result<Self, RegisterError> {
        Ok(Self {
            titles: register.titles()?,
            deliveries: register.deliveries(None)?,
        })
    }

    fn deliveries_of(&self, title: &TitleRecord) -> usize {
        let own = self.deliveries.iter().filter(|it| it.title_id == title.id);
        own.filter(|it| it.may_exist()).count()
    }

    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let titles = self.titles.iter().map(|title| {
            json!({
                "title": title.name,
                "id": title.id.to_string(),
                "master": title.master.file,
                "frames": title.master.frames,
                "duration_seconds": rounded(title.master.duration_seconds, 3),
                "added": title.added.as_str(),
                "deliveries": self.deliveries_of(title),
            })
        });
        json!({"titles": titles.collect::<Vec<_>>()})
    }
}

impl fmt::Display for TitleList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.titles.is_empty() {
            return f.write_str("no titles");
        }
        for (number, title) in self.titles.iter().enumerate() {
            let end = if number == 0 { "" } else { "\n" };
            let master = &title.master;
            write!(
                f,
                "{end}{}: {}x{}, {:.1} s, {} deliveries",
                Visible(&title.name),
                master.width,
                master.height,
                master.duration_seconds,
                self.deliveries_of(title)
            )?;
        }
        Ok(())
    }
}

impl DistributorList {
    /// All that are on record.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub fn of(register: &dyn Register) -> Result<Self, RegisterError> {
        Ok(Self {
            distributors: register.distributors()?,
            deliveries: register.deliveries(None)?,
        })
    }

    fn deliveries_to(&self, distributor: &DistributorRecord) -> usize {
        let own = self.deliveries.iter();
        let own = own.filter(|it| it.distributor_id == distributor.id);
        own.filter(|it| it.may_exist()).count()
    }

    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let distributors = self.distributors.iter().map(|distributor| {
            json!({
                "distributor": distributor.name,
                "id": distributor.id.to_string(),
                "added": distributor.added.as_str(),
                "retired": distributor.retired.as_ref().map(Timestamp::as_str),
                "deliveries": self.deliveries_to(distributor),
            })
        });
        json!({"distributors": distributors.collect::<Vec<_>>()})
    }
}

impl fmt::Display for DistributorList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.distributors.is_empty() {
            return f.write_str("no distributors");
        }
        for (number, distributor) in self.distributors.iter().enumerate() {
            let end = if number == 0 { "" } else { "\n" };
            let count = self.deliveries_to(distributor);
            write!(f, "{end}{}: {count} deliveries", Visible(&distributor.name))?;
            if let Some(time) = &distributor.retired {
                write!(f, ", retired {time}")?;
            }
        }
        Ok(())
    }
}

impl Listing {
    /// The deliveries for a spreadsheet.
    ///
    /// # Errors
    /// None that a table in memory can have.
    pub fn to_csv(&self) -> Result<String, ReportError> {
        let head = [
            "created",
            "state",
            "delivery",
            "payload",
            "title",
            "distributor",
            "licensee",
            "contract",
            "territories",
            "from",
            "until",
            "uses",
            "note",
            "revoked",
            "output",
            "output_sha256",
            "frames",
            "psnr_y_db",
            "failure",
        ];
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        csv::table(
            head,
            self.deliveries.iter().map(|it| {
                let licence = &it.licence;
                [
                    it.created.to_string(),
                    it.state.to_string(),
                    it.id.to_string(),
                    it.payload.to_string(),
                    it.title.clone(),
                    it.distributor.clone(),
                    text(&it.licensee),
                    text(&licence.contract),
                    licence.territories.join(";"),
                    licence
                        .from
                        .as_ref()
                        .map_or(String::new(), ToString::to_string),
                    licence
                        .until
                        .as_ref()
                        .map_or(String::new(), ToString::to_string),
                    licence.uses.join(";"),
                    text(&licence.note),
                    it.revoked
                        .as_ref()
                        .map_or(String::new(), |(_, reason)| reason.clone()),
                    it.output_file.clone(),
                    it.output_sha256
                        .map_or(String::new(), |hash| hash.to_string()),
                    it.frames.map_or(String::new(), |frames| frames.to_string()),
                    it.psnr_y_db.map_or(String::new(), |db| format!("{db:.2}")),
                    text(&it.failure),
                ]
            }),
        )
    }
}
