//! Under what circumstances an answer came about: the command, the versions, the register, and what is on record of a delivery.
//!
//! # References
//! ISO/IEC 27037 (2012), 6.9: what a chain of evidence documents.

use countermark_register::{DeliveryId, DeliveryRecord, Register, RegisterError};
use serde::Serialize;

/// What does not depend on the clip.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Circumstances {
    /// The command as it was typed, without places in the vault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Libraries and their versions.
    pub libraries: Vec<(String, String)>,
    /// The register as it was read; none without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register: Option<RegisterState>,
    /// What is on record of the deliveries that are named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<OnRecord>,
}

/// The register as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegisterState {
    /// Titles, distributors and deliveries on record.
    pub titles: usize,
    /// Distributors on record.
    pub distributors: usize,
    /// Deliveries on record.
    pub deliveries: usize,
    /// Entries of the ledger.
    pub ledger_entries: i64,
    /// Hash of the last of them, hex.
    pub ledger_head: String,
    /// Whether every link of the ledger holds.
    pub ledger_holds: bool,
}

/// A delivery on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OnRecord {
    /// The delivery.
    pub delivery: String,
    /// Its title's name.
    pub title: String,
    /// Whose copy.
    pub distributor: String,
    /// When it was begun, in UTC.
    pub begun: String,
    /// When it was completed, in UTC.
    pub completed: Option<String>,
    /// SHA-256 of the copy, hex.
    pub sha256: Option<String>,
    /// Frames that were marked.
    pub frames: Option<u64>,
    /// File name of the copy.
    pub file: String,
    /// The ledger's entries about it: number, time, act.
    pub ledger: Vec<(i64, String, String)>,
}

impl Circumstances {
    /// Of a command, with the libraries that are linked.
    #[must_use]
    pub fn of_command(command: String) -> Self {
        Self {
            command: Some(command),
            libraries: countermark_media::library_versions().into_iter().collect(),
            ..Self::default()
        }
    }

    /// With the register as it is now.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub fn with_register(mut self, register: &dyn Register) -> Result<Self, RegisterError> {
        let check = register.verify_ledger()?;
        self.register = Some(RegisterState {
            titles: register.titles()?.len(),
            distributors: register.distributors()?.len(),
            deliveries: register.deliveries(None)?.len(),
            ledger_entries: check.entries,
            ledger_head: check.head,
            ledger_holds: check.broken.is_none(),
        });
        Ok(self)
    }

    /// With what is on record of these deliveries.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub fn with_deliveries(
        mut self,
        register: &dyn Register,
        ids: &[DeliveryId],
    ) -> Result<Self, RegisterError> {
        for id in ids {
            self.deliveries.push(OnRecord::of(&register.delivery(*id)?));
        }
        if !self.deliveries.is_empty() {
            register.walk_ledger(&mut |entry| {
                for known in &mut self.deliveries {
                    if entry.details.contains(&known.delivery) {
                        let told = (entry.seq, entry.time.to_string(), entry.act.clone());
                        known.ledger.push(told);
                    }
                }
                true
            })?;
        }
        Ok(self)
    }
}

impl OnRecord {
    fn of(record: &DeliveryRecord) -> Self {
        Self {
            delivery: record.id.to_string(),
            title: record.title.clone(),
            distributor: record.distributor.clone(),
            begun: record.created.to_string(),
            completed: record.settled.as_ref().map(ToString::to_string),
            sha256: record.output_sha256.as_ref().map(ToString::to_string),
            frames: record.frames,
            file: record.output_file.clone(),
            ledger: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_register_nothing_is_said_of_one() {
        let circumstances = Circumstances {
            command: Some("countermark-detect read a.mp4 --key k".to_owned()),
            ..Circumstances::default()
        };
        let json = serde_json::to_value(&circumstances).expect("JSON");
        assert_eq!(json.get("register"), None);
        assert_eq!(json["command"], "countermark-detect read a.mp4 --key k");
    }
}
