//! Under what circumstances an answer came about: the command, the versions, the register, and what is on record of a delivery.
//!
//! # References
//! ISO/IEC 27037 (2012), 6.9: what a chain of evidence documents.

use countermark_evidence::{ProcessRecords, RecordedFile, RecordedStage};
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
    /// Working files of the titles on record: entry, time, stage and files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub working_files: Vec<StageOnRecord>,
}

/// Working files that came on record together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageOnRecord {
    /// The ledger's entry.
    pub entry: i64,
    /// When, in UTC.
    pub time: String,
    /// The stage of the making.
    pub stage: String,
    /// The files.
    pub files: Vec<RecordedFile>,
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
            command: Some(without_userinfo(command)),
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

    /// With the working files of the titles on record.
    #[must_use]
    pub fn with_working_files(mut self, records: Option<&ProcessRecords>) -> Self {
        let entries = records.iter().flat_map(|records| &records.entries);
        let stages = entries.filter_map(|entry| {
            let recorded = RecordedStage::of(entry)?;
            Some(StageOnRecord {
                entry: entry.seq,
                time: entry.time.clone(),
                stage: recorded.stage,
                files: recorded.files,
            })
        });
        self.working_files = stages.collect();
        self
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

/// A command without names and passwords in addresses.
fn without_userinfo(command: String) -> String {
    if !command.contains("://") {
        return command;
    }
    let (mut told, mut rest) = (String::new(), &command[..]);
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + 3);
        let ends = |c: char| c.is_whitespace() || "/?#'\"".contains(c);
        let (place, after) = address.split_at(address.find(ends).unwrap_or(address.len()));
        told.push_str(before);
        told.push_str(place.rsplit('@').next().unwrap_or(place));
        rest = after;
    }
    told + rest
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
    fn no_password_of_an_address_is_told() {
        let told = |command: &str| Circumstances::of_command(command.to_owned()).command;
        assert_eq!(
            told("countermark-detect trace 'a b.mp4' --vault postgres://me:p%40ss@db.example/vault http://u@h").as_deref(),
            Some("countermark-detect trace 'a b.mp4' --vault postgres://db.example/vault http://h")
        );
        assert_eq!(
            told("trace a@b.mp4 x://y").as_deref(),
            Some("trace a@b.mp4 x://y")
        );
    }

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
