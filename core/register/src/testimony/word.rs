//! Titles, distributors and deliveries as the ledger's entries tell of them.
//!
//! ```text
//! title-added, title-noted           -> title:        name, master, files
//! distributor-added                  -> distributor:  name
//! delivery-begun, -made, -completed, -failed  -> delivery
//! segment-noted                      -> segment of the index
//! ```
//!
//! Entries of newer programs are passed over; one that should be understood and is not is named.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
};

use countermark_mark::Payload;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Checksum, DeliveryId, DeliveryRecord, DeliveryState, DistributorId, DistributorRecord,
    FileHash, FrameRate, LedgerEntry, Licence, MasterFacts, TitleFiles, TitleId, TitleRecord,
    hex::from_hex, ledger::Act,
};

/// A title in the ledger.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TitleWord {
    pub(crate) name: String,
    pub(crate) added: crate::Timestamp,
    /// File name of the master, and its frames.
    pub(crate) master: (String, u64),
    /// The rest; not in the entries of schemas 1 and 2.
    pub(crate) facts: Option<MasterFacts>,
    pub(crate) files: Option<TitleFiles>,
}

/// All that the ledger's entries tell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Word {
    pub(crate) titles: BTreeMap<TitleId, TitleWord>,
    pub(crate) distributors: BTreeMap<DistributorId, DistributorRecord>,
    /// In the order in which they were begun.
    pub(crate) deliveries: Vec<DeliveryRecord>,
    pub(crate) segments: BTreeMap<String, Checksum>,
    places: HashMap<DeliveryId, usize>,
}

#[derive(Deserialize)]
struct TitleForm {
    title: String,
    name: Option<String>,
    master_file: String,
    frames: u64,
    width: Option<u32>,
    height: Option<u32>,
    rotation_degrees: Option<i32>,
    bit_depth: Option<u8>,
    frame_rate: Option<String>,
    duration_seconds: Option<f64>,
    reference_file: Option<String>,
    #[serde(default)]
    reference: Value,
    #[serde(default)]
    print: Value,
}

#[derive(Deserialize)]
struct DistributorForm {
    distributor: String,
    name: String,
}

#[derive(Deserialize)]
struct BegunForm {
    delivery: String,
    payload: String,
    title: String,
    distributor: String,
    licensee: Option<String>,
    strength: f64,
    format_version: u32,
    encoder_settings: Value,
    output_file: String,
}

#[derive(Deserialize)]
struct MadeForm {
    delivery: String,
    frames: u64,
    psnr_y_db: Option<f64>,
    output_sha256: String,
}

#[derive(Deserialize)]
struct FailedForm {
    delivery: String,
    reason: String,
}

#[derive(Deserialize)]
struct LicenceForm {
    delivery: String,
    licence: Licence,
}

#[derive(Deserialize)]
struct TitleNameForm {
    title: String,
    name: String,
}

#[derive(Deserialize)]
struct SegmentForm {
    file: String,
    checksum: Value,
}

impl Word {
    /// Takes what the next entry tells; `None` when it cannot be understood.
    pub(crate) fn hear(&mut self, entry: &LedgerEntry) -> Option<()> {
        let act = entry.act.as_str();
        let details = entry.details.as_str();
        if act == Act::TitleAdded.as_str() || act == Act::TitleNoted.as_str() {
            self.title(entry, serde_json::from_str(details).ok()?)
        } else if act == Act::DistributorAdded.as_str() {
            self.distributor(entry, serde_json::from_str(details).ok()?)
        } else if act == Act::DeliveryBegun.as_str() {
            self.begun(entry, serde_json::from_str(details).ok()?)
        } else if act == Act::DeliveryMade.as_str() {
            self.made(&serde_json::from_str(details).ok()?, None)
        } else if act == Act::DeliveryCompleted.as_str() {
            self.made(&serde_json::from_str(details).ok()?, Some(entry))
        } else if act == Act::DeliveryFailed.as_str() {
            let form: FailedForm = serde_json::from_str(details).ok()?;
            if let Some(delivery) = self.delivery_mut(&form.delivery) {
                delivery.state = DeliveryState::Failed;
                delivery.failure = Some(form.reason);
                delivery.settled = Some(entry.time.clone());
            }
            Some(())
        } else if act == Act::SegmentNoted.as_str() {
            let form: SegmentForm = serde_json::from_str(details).ok()?;
            self.segments
                .insert(form.file, Checksum::of_json(&form.checksum)?);
            Some(())
        } else {
            self.licences(entry)
        }
    }

    /// What changes licences, names and who is delivered to.
    fn licences(&mut self, entry: &LedgerEntry) -> Option<()> {
        let (act, details) = (entry.act.as_str(), entry.details.as_str());
        if act == Act::LicenceSet.as_str() {
            let form: LicenceForm = serde_json::from_str(details).ok()?;
            if let Some(delivery) = self.delivery_mut(&form.delivery) {
                delivery.licence = form.licence;
            }
        } else if act == Act::DeliveryRevoked.as_str() {
            let form: FailedForm = serde_json::from_str(details).ok()?;
            if let Some(delivery) = self.delivery_mut(&form.delivery) {
                delivery.revoked = Some((entry.time.clone(), form.reason));
            }
        } else if act == Act::TitleRenamed.as_str() {
            let form: TitleNameForm = serde_json::from_str(details).ok()?;
            let id = TitleId::parse(&form.title)?;
            if let Some(title) = self.titles.get_mut(&id) {
                title.name.clone_from(&form.name);
            }
            let own = self.deliveries.iter_mut().filter(|it| it.title_id == id);
            own.for_each(|delivery| delivery.title.clone_from(&form.name));
        } else if act == Act::DistributorRenamed.as_str() {
            let form: DistributorForm = serde_json::from_str(details).ok()?;
            let id = DistributorId::parse(&form.distributor)?;
            if let Some(distributor) = self.distributors.get_mut(&id) {
                distributor.name.clone_from(&form.name);
            }
            let own = self.deliveries.iter_mut();
            own.filter(|it| it.distributor_id == id)
                .for_each(|delivery| delivery.distributor.clone_from(&form.name));
        } else if act == Act::DistributorRetired.as_str() {
            let form: DistributorForm = serde_json::from_str(details).ok()?;
            let id = DistributorId::parse(&form.distributor)?;
            if let Some(distributor) = self.distributors.get_mut(&id) {
                distributor.retired = Some(entry.time.clone());
            }
        }
        Some(())
    }

    fn title(&mut self, entry: &LedgerEntry, form: TitleForm) -> Option<()> {
        let id = TitleId::parse(&form.title)?;
        let facts = form.facts();
        let files = form.reference_file.as_ref().map(|file| TitleFiles {
            reference_file: file.clone(),
            reference: Checksum::of_json(&form.reference),
            print: Checksum::of_json(&form.print),
        });
        if let Some(known) = self.titles.get_mut(&id) {
            known.facts = known.facts.take().or(facts);
            known.files = files.or(known.files.take());
        } else {
            let word = TitleWord {
                name: form.name?,
                added: entry.time.clone(),
                master: (form.master_file, form.frames),
                facts,
                files,
            };
            self.titles.insert(id, word);
        }
        Some(())
    }

    fn distributor(&mut self, entry: &LedgerEntry, form: DistributorForm) -> Option<()> {
        let distributor = DistributorRecord {
            id: DistributorId::parse(&form.distributor)?,
            name: form.name,
            added: entry.time.clone(),
            retired: None,
        };
        self.distributors
            .entry(distributor.id)
            .or_insert(distributor);
        Some(())
    }

    fn begun(&mut self, entry: &LedgerEntry, form: BegunForm) -> Option<()> {
        let title_id = TitleId::parse(&form.title)?;
        let distributor_id = DistributorId::parse(&form.distributor)?;
        let title = self.titles.get(&title_id);
        let distributor = self.distributors.get(&distributor_id);
        // Of a row that somebody put into its table by hand: nobody can be named by it.
        let (Some(title), Some(distributor)) = (title, distributor) else {
            return Some(());
        };
        let delivery = DeliveryRecord {
            id: DeliveryId::parse(&form.delivery)?,
            payload: Payload::new(u64::from_be_bytes(from_hex(&form.payload)?)),
            title_id,
            distributor_id,
            title: title.name.clone(),
            distributor: distributor.name.clone(),
            licensee: form.licensee,
            strength: form.strength,
            format_version: form.format_version,
            encoder_settings: form.encoder_settings.to_string(),
            output_file: form.output_file,
            output_path: None,
            state: DeliveryState::Pending,
            frames: None,
            psnr_y_db: None,
            output_sha256: None,
            failure: None,
            created: entry.time.clone(),
            settled: None,
            licence: Licence::default(),
            revoked: None,
        };
        self.places.insert(delivery.id, self.deliveries.len());
        self.deliveries.push(delivery);
        Some(())
    }

    fn made(&mut self, form: &MadeForm, completed: Option<&LedgerEntry>) -> Option<()> {
        let sha256 = FileHash::parse(&form.output_sha256)?;
        if let Some(delivery) = self.delivery_mut(&form.delivery) {
            delivery.frames = Some(form.frames);
            delivery.psnr_y_db = form.psnr_y_db;
            delivery.output_sha256 = Some(sha256);
            if let Some(entry) = completed {
                delivery.state = DeliveryState::Complete;
                delivery.settled = Some(entry.time.clone());
            }
        }
        Some(())
    }

    fn delivery_mut(&mut self, id: &str) -> Option<&mut DeliveryRecord> {
        let place = *self.places.get(&DeliveryId::parse(id)?)?;
        self.deliveries.get_mut(place)
    }

    /// Where a delivery's copy was to be written is in its row alone.
    pub(crate) fn place_output(&mut self, id: DeliveryId, path: Option<&str>) {
        if let Some(place) = self.places.get(&id) {
            self.deliveries[*place].output_path = path.map(PathBuf::from);
        }
    }

    /// The title `id` whole, with `row` for what old entries do not tell.
    pub(crate) fn title_record(
        &self,
        id: TitleId,
        row: Option<&TitleRecord>,
    ) -> Option<TitleRecord> {
        let word = self.titles.get(&id)?;
        let mut master = word.facts.clone().or_else(|| Some(row?.master.clone()))?;
        (master.file, master.frames) = word.master.clone();
        let reference_file = match &word.files {
            Some(files) => files.reference_file.clone(),
            None => row?.reference_file.clone(),
        };
        Some(TitleRecord {
            id,
            name: word.name.clone(),
            master,
            reference_file,
            added: word.added.clone(),
        })
    }
}

impl TitleForm {
    fn facts(&self) -> Option<MasterFacts> {
        Some(MasterFacts {
            file: self.master_file.clone(),
            width: self.width?,
            height: self.height?,
            rotation_degrees: self.rotation_degrees?,
            bit_depth: self.bit_depth?,
            frame_rate: FrameRate::parse(self.frame_rate.as_ref()?)?,
            duration_seconds: self.duration_seconds?,
            frames: self.frames,
        })
    }
}
