//! A register of what an expert is given: one title with its keys, and the delivery that a bundle accuses.
//!
//! ```text
//! expert package: read key of the title, reference    bundle: delivery, payload, distributor    -> a register that can be read
//! ```
//!
//! It has no ledger and no owner secret: it says what the package and the bundle say, and whoever traces with it repeats the
//! studio's way from the pixels to the soft values. Acts are refused.

use countermark_evidence::EvidenceKey;
use countermark_mark::{
    Payload,
    key::{CarrierKey, ScopedPayloadKey},
};
use serde_json::Value;

use crate::{
    Access, Act, Checksum, DeliveryId, DeliveryOutcome, DeliveryRecord, DeliveryState,
    DistributorId, DistributorRecord, Finding, LedgerEntry, Licence, MasterFacts, NewDelivery,
    Place, ReadKeyFile, Register, RegisterError, Settlement, Testimony, Timestamp, TitleDraft,
    TitleFiles, TitleId, TitleRecord,
};

/// What a bundle says of the delivery that it accuses.
#[derive(Debug, Clone, Copy)]
pub struct AccusedDelivery<'a> {
    /// The delivery.
    pub id: DeliveryId,
    /// Its payload.
    pub payload: Payload,
    /// Whose copy.
    pub distributor: &'a str,
}

/// A register of one title.
#[derive(Debug)]
pub struct ExpertRegister {
    place: Place,
    key: ReadKeyFile,
    title: TitleRecord,
    distributors: Vec<DistributorRecord>,
    deliveries: Vec<DeliveryRecord>,
}

impl ExpertRegister {
    /// Of a read key, and of the delivery whose distributor it names; none when it names another title's keys or not that distributor.
    #[must_use]
    pub fn new(place: Place, key: ReadKeyFile, accused: AccusedDelivery<'_>) -> Option<Self> {
        let now = Timestamp::now();
        let title = TitleRecord {
            id: key.title,
            name: key.title_name.clone(),
            master: MasterFacts {
                file: String::new(),
                width: key.width,
                height: key.height,
                rotation_degrees: key.rotation_degrees,
                bit_depth: 8,
                frame_rate: key.frame_rate,
                duration_seconds: key.duration_seconds,
                frames: (key.duration_seconds * key.frame_rate.per_second()).round() as u64,
            },
            reference_file: format!("{}.mp4", key.title),
            added: now.clone(),
        };
        let distributors: Vec<DistributorRecord> = (key.distributors.iter().enumerate())
            .map(|(at, distributor)| DistributorRecord {
                id: numbered(at),
                name: distributor.name.clone(),
                added: now.clone(),
                retired: None,
            })
            .collect();
        let whose = distributors
            .iter()
            .find(|it| it.name == accused.distributor)?;
        let delivery = DeliveryRecord {
            id: accused.id,
            payload: accused.payload,
            title: title.name.clone(),
            title_id: title.id,
            distributor: whose.name.clone(),
            distributor_id: whose.id,
            licensee: None,
            strength: 1.0,
            format_version: key.format.version(),
            encoder_settings: "{}".to_owned(),
            output_file: String::new(),
            output_path: None,
            state: DeliveryState::Complete,
            frames: None,
            psnr_y_db: None,
            output_sha256: None,
            failure: None,
            created: now,
            settled: None,
            licence: Licence::default(),
            revoked: None,
        };
        Some(Self {
            place,
            key,
            title,
            distributors,
            deliveries: vec![delivery],
        })
    }

    fn refused<T>(&self) -> Result<T, RegisterError> {
        Err(RegisterError::ReadOnly {
            place: self.place.clone(),
        })
    }
}

/// Keys are found by number: the package does not tell the studio's identifiers.
fn numbered(at: usize) -> DistributorId {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&(at as u64).to_be_bytes());
    DistributorId::from_bytes(bytes)
}

impl Register for ExpertRegister {
    fn place(&self) -> Place {
        self.place.clone()
    }

    fn access(&self) -> Access {
        Access::ReadOnly
    }

    fn draft_title(&self, _: &str) -> Result<TitleDraft, RegisterError> {
        self.refused()
    }

    fn add_title(
        &self,
        _: &TitleDraft,
        _: MasterFacts,
        _: &TitleFiles,
    ) -> Result<TitleRecord, RegisterError> {
        self.refused()
    }

    fn note_title(&self, _: &TitleRecord, _: &TitleFiles) -> Result<(), RegisterError> {
        self.refused()
    }

    fn note_segment(&self, _: &str, _: Checksum) -> Result<(), RegisterError> {
        self.refused()
    }

    fn titles(&self) -> Result<Vec<TitleRecord>, RegisterError> {
        Ok(vec![self.title.clone()])
    }

    fn title(&self, id: TitleId) -> Result<TitleRecord, RegisterError> {
        let known = (id == self.title.id).then(|| self.title.clone());
        known.ok_or_else(|| RegisterError::NoTitle {
            id,
            place: self.place(),
        })
    }

    fn title_named(&self, name: &str) -> Result<TitleRecord, RegisterError> {
        let known = (name == self.title.name).then(|| self.title.clone());
        known.ok_or_else(|| RegisterError::UnknownTitle {
            name: name.to_owned(),
            place: self.place(),
        })
    }

    fn add_distributor(&self, _: &str) -> Result<DistributorRecord, RegisterError> {
        self.refused()
    }

    fn distributors(&self) -> Result<Vec<DistributorRecord>, RegisterError> {
        Ok(self.distributors.clone())
    }

    fn distributor(&self, id: DistributorId) -> Result<DistributorRecord, RegisterError> {
        let known = self.distributors.iter().find(|known| known.id == id);
        known.cloned().ok_or_else(|| RegisterError::NoDistributor {
            id,
            place: self.place(),
        })
    }

    fn distributor_named(&self, name: &str) -> Result<DistributorRecord, RegisterError> {
        let known = self.distributors.iter().find(|known| known.name == name);
        known
            .cloned()
            .ok_or_else(|| RegisterError::UnknownDistributor {
                name: name.to_owned(),
                place: self.place(),
            })
    }

    fn begin_delivery(&self, _: &NewDelivery<'_>) -> Result<DeliveryRecord, RegisterError> {
        self.refused()
    }

    fn record_outcome(
        &self,
        _: DeliveryId,
        _: &DeliveryOutcome,
    ) -> Result<DeliveryRecord, RegisterError> {
        self.refused()
    }

    fn complete_delivery(&self, _: DeliveryId) -> Result<DeliveryRecord, RegisterError> {
        self.refused()
    }

    fn fail_delivery(&self, _: DeliveryId, _: &str) -> Result<DeliveryRecord, RegisterError> {
        self.refused()
    }

    fn rename_title(&self, _: TitleId, _: &str) -> Result<TitleRecord, RegisterError> {
        self.refused()
    }

    fn rename_distributor(
        &self,
        _: DistributorId,
        _: &str,
    ) -> Result<DistributorRecord, RegisterError> {
        self.refused()
    }

    fn enter(&self, _: Act, _: &Value) -> Result<(), RegisterError> {
        self.refused()
    }

    fn leave_delivery(&self, _: DeliveryId) {}

    fn delivery(&self, id: DeliveryId) -> Result<DeliveryRecord, RegisterError> {
        let known = self.deliveries.iter().find(|known| known.id == id);
        known.cloned().ok_or_else(|| RegisterError::NoDelivery {
            id,
            place: self.place(),
        })
    }

    fn deliveries(&self, title: Option<TitleId>) -> Result<Vec<DeliveryRecord>, RegisterError> {
        let is_own = title.is_none_or(|title| title == self.title.id);
        Ok(if is_own {
            self.deliveries.clone()
        } else {
            Vec::new()
        })
    }

    fn settle(&self, _: &dyn Fn() -> bool) -> Result<Vec<Settlement>, RegisterError> {
        Ok(Vec::new())
    }

    fn walk_ledger(&self, _: &mut dyn FnMut(LedgerEntry) -> bool) -> Result<(), RegisterError> {
        Ok(())
    }

    fn entries_given(&self) -> Result<i64, RegisterError> {
        Ok(0)
    }

    fn testimony(&self) -> Result<Testimony, RegisterError> {
        let title = vec![self.title.clone()];
        Ok(Testimony::stated(
            title,
            self.distributors.clone(),
            self.deliveries.clone(),
        ))
    }

    fn odd_objects(&self) -> Result<Vec<Finding>, RegisterError> {
        Ok(Vec::new())
    }

    fn attest(&self, _: &TitleRecord, _: &[&DistributorRecord]) -> Result<(), RegisterError> {
        Ok(())
    }

    fn record_key_export(
        &self,
        _: TitleId,
        _: &[DistributorId],
        _: &str,
    ) -> Result<(), RegisterError> {
        self.refused()
    }

    fn evidence_key(&self) -> Result<EvidenceKey, RegisterError> {
        self.refused()
    }

    fn carrier_key(&self, _: TitleId) -> CarrierKey {
        self.key.carrier.clone()
    }

    fn scoped_payload_key(&self, distributor: DistributorId, _: TitleId) -> ScopedPayloadKey {
        let at = self
            .distributors
            .iter()
            .position(|known| known.id == distributor);
        let own = at.and_then(|at| self.key.distributors.get(at));
        // Of a distributor whom it does not know there is no key; 32 zeros are none.
        own.map_or_else(
            || ScopedPayloadKey::from_bytes([0; 32]),
            |own| own.key.clone(),
        )
    }
}
