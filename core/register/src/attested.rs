//! A register that answers with its ledger's word.
//!
//! ```text
//! titles, distributors, deliveries:  what the ledger says, whatever the tables say
//! everything else:                   the register itself
//! ```
//!
//! Whoever names somebody reads this one. The ledger is heard once, and again when it has a new entry.

use std::sync::{Arc, Mutex, PoisonError};

use countermark_evidence::EvidenceKey;
use countermark_mark::key::{CarrierKey, ScopedPayloadKey};
use serde_json::Value;

use crate::{
    Access, Act, Checksum, DeliveryId, DeliveryOutcome, DeliveryRecord, DistributorId,
    DistributorRecord, Finding, LedgerEntry, MasterFacts, NewDelivery, Place, Register,
    RegisterError, Settlement, Testimony, TitleDraft, TitleFiles, TitleId, TitleRecord,
};

/// A register whose names are those of its ledger.
#[derive(Debug)]
pub struct Attested {
    register: Arc<dyn Register>,
    /// What was heard when the database had given out so many numbers of entries.
    heard: Mutex<(i64, Arc<Testimony>)>,
}

impl Attested {
    /// The register behind its ledger.
    ///
    /// # Errors
    /// [`RegisterError::LedgerBroken`] when the ledger does not hold; those of [`Register::testimony`].
    pub fn new(register: Arc<dyn Register>) -> Result<Self, RegisterError> {
        let given = register.entries_given()?;
        let heard = Mutex::new((given, Arc::new(hear(&*register)?)));
        Ok(Self { register, heard })
    }

    /// What the ledger says now.
    ///
    /// # Errors
    /// As [`Attested::new`].
    pub fn heard(&self) -> Result<Arc<Testimony>, RegisterError> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let given = self.register.entries_given()?;
        if given != heard.0 {
            *heard = (given, Arc::new(hear(&*self.register)?));
        }
        Ok(Arc::clone(&heard.1))
    }
}

/// What a ledger that holds says.
fn hear(register: &dyn Register) -> Result<Testimony, RegisterError> {
    let testimony = register.testimony()?;
    match testimony.broken() {
        None => Ok(testimony),
        Some(why) => Err(RegisterError::LedgerBroken {
            place: register.place(),
            why: Box::new(why.clone()),
        }),
    }
}

impl Register for Attested {
    fn place(&self) -> Place {
        self.register.place()
    }

    fn access(&self) -> Access {
        self.register.access()
    }

    fn draft_title(&self, name: &str) -> Result<TitleDraft, RegisterError> {
        self.register.draft_title(name)
    }

    fn add_title(
        &self,
        draft: &TitleDraft,
        master: MasterFacts,
        files: &TitleFiles,
    ) -> Result<TitleRecord, RegisterError> {
        self.register.add_title(draft, master, files)
    }

    fn note_title(&self, title: &TitleRecord, files: &TitleFiles) -> Result<(), RegisterError> {
        self.register.note_title(title, files)
    }

    fn note_segment(&self, file: &str, checksum: Checksum) -> Result<(), RegisterError> {
        self.register.note_segment(file, checksum)
    }

    fn titles(&self) -> Result<Vec<TitleRecord>, RegisterError> {
        Ok(self.heard()?.titles().to_vec())
    }

    fn title(&self, id: TitleId) -> Result<TitleRecord, RegisterError> {
        let heard = self.heard()?;
        let known = heard.titles().iter().find(|title| title.id == id);
        known.cloned().ok_or_else(|| RegisterError::NoTitle {
            id,
            place: self.place(),
        })
    }

    fn title_named(&self, name: &str) -> Result<TitleRecord, RegisterError> {
        let heard = self.heard()?;
        let composed = crate::name::composed(name);
        let mut known = heard.titles().iter();
        let known = known.find(|title| title.name == name || title.name == composed);
        known.cloned().ok_or_else(|| RegisterError::UnknownTitle {
            name: name.to_owned(),
            place: self.place(),
        })
    }

    fn add_distributor(&self, name: &str) -> Result<DistributorRecord, RegisterError> {
        self.register.add_distributor(name)
    }

    fn distributors(&self) -> Result<Vec<DistributorRecord>, RegisterError> {
        Ok(self.heard()?.distributors().to_vec())
    }

    fn distributor(&self, id: DistributorId) -> Result<DistributorRecord, RegisterError> {
        let heard = self.heard()?;
        let known = heard.distributors().iter().find(|known| known.id == id);
        known.cloned().ok_or_else(|| RegisterError::NoDistributor {
            id,
            place: self.place(),
        })
    }

    fn distributor_named(&self, name: &str) -> Result<DistributorRecord, RegisterError> {
        let heard = self.heard()?;
        let composed = crate::name::composed(name);
        let mut known = heard.distributors().iter();
        let known = known.find(|known| known.name == name || known.name == composed);
        known
            .cloned()
            .ok_or_else(|| RegisterError::UnknownDistributor {
                name: name.to_owned(),
                place: self.place(),
            })
    }

    fn begin_delivery(&self, new: &NewDelivery<'_>) -> Result<DeliveryRecord, RegisterError> {
        self.register.begin_delivery(new)
    }

    fn record_outcome(
        &self,
        id: DeliveryId,
        outcome: &DeliveryOutcome,
    ) -> Result<DeliveryRecord, RegisterError> {
        self.register.record_outcome(id, outcome)
    }

    fn complete_delivery(&self, id: DeliveryId) -> Result<DeliveryRecord, RegisterError> {
        self.register.complete_delivery(id)
    }

    fn fail_delivery(&self, id: DeliveryId, reason: &str) -> Result<DeliveryRecord, RegisterError> {
        self.register.fail_delivery(id, reason)
    }

    fn rename_title(&self, id: TitleId, name: &str) -> Result<TitleRecord, RegisterError> {
        self.register.rename_title(id, name)
    }

    fn rename_distributor(
        &self,
        id: DistributorId,
        name: &str,
    ) -> Result<DistributorRecord, RegisterError> {
        self.register.rename_distributor(id, name)
    }

    fn enter(&self, act: Act, details: &Value) -> Result<(), RegisterError> {
        self.register.enter(act, details)
    }

    fn leave_delivery(&self, id: DeliveryId) {
        self.register.leave_delivery(id);
    }

    fn delivery(&self, id: DeliveryId) -> Result<DeliveryRecord, RegisterError> {
        let heard = self.heard()?;
        let known = heard.deliveries().iter().find(|known| known.id == id);
        known.cloned().ok_or_else(|| RegisterError::NoDelivery {
            id,
            place: self.place(),
        })
    }

    fn deliveries(&self, title: Option<TitleId>) -> Result<Vec<DeliveryRecord>, RegisterError> {
        let heard = self.heard()?;
        let mut deliveries = heard.deliveries().to_vec();
        deliveries.retain(|delivery| title.is_none_or(|title| delivery.title_id == title));
        Ok(deliveries)
    }

    fn settle(&self, cancelled: &dyn Fn() -> bool) -> Result<Vec<Settlement>, RegisterError> {
        self.register.settle(cancelled)
    }

    fn walk_ledger(&self, visit: &mut dyn FnMut(LedgerEntry) -> bool) -> Result<(), RegisterError> {
        self.register.walk_ledger(visit)
    }

    fn entries_given(&self) -> Result<i64, RegisterError> {
        self.register.entries_given()
    }

    fn testimony(&self) -> Result<Testimony, RegisterError> {
        Ok(Testimony::clone(&*self.heard()?))
    }

    fn odd_objects(&self) -> Result<Vec<Finding>, RegisterError> {
        self.register.odd_objects()
    }

    fn attest(
        &self,
        title: &TitleRecord,
        distributors: &[&DistributorRecord],
    ) -> Result<(), RegisterError> {
        self.register.attest(title, distributors)
    }

    fn record_key_export(
        &self,
        title: TitleId,
        distributors: &[DistributorId],
        file: &str,
    ) -> Result<(), RegisterError> {
        self.register.record_key_export(title, distributors, file)
    }

    fn evidence_key(&self) -> Result<EvidenceKey, RegisterError> {
        self.register.evidence_key()
    }

    fn carrier_key(&self, title: TitleId) -> CarrierKey {
        self.register.carrier_key(title)
    }

    fn scoped_payload_key(&self, distributor: DistributorId, title: TitleId) -> ScopedPayloadKey {
        self.register.scoped_payload_key(distributor, title)
    }
}
