//! The register as its callers see it: a trait, so that one machine's file and many machines' database answer alike.
//!
//! Every act is one transaction together with its entry in the append-only ledger: both or neither. Reads see one
//! committed state. Handles are shared between threads.

use std::fmt;

use countermark_evidence::EvidenceKey;
use countermark_mark::key::{CarrierKey, ScopedPayloadKey};
use serde_json::{Value, json};

use crate::{
    Alike, Checksum, DeliveryId, DeliveryOutcome, DeliveryRecord, DistributorId, DistributorRecord,
    FileHash, Finding, LedgerCheck, LedgerEntry, Licence, MasterFacts, Named, NewDelivery, Place,
    RegisterError, Settlement, Testimony, Timestamp, TitleDraft, TitleFiles, TitleId, TitleRecord,
    ledger::{Act, Chain},
    name,
};

/// What can be done with an open register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// It is read and written.
    ReadWrite,
    /// It is read alone: its place is write-protected. Acts give [`RegisterError::ReadOnly`].
    ReadOnly,
}

/// Titles, distributors, deliveries, their ledger and their keys.
///
/// Every method gives [`RegisterError::Busy`] when another process does not let go, [`RegisterError::Backend`] when the
/// database refuses, and every act [`RegisterError::ReadOnly`] where the register cannot be written and
/// [`RegisterError::DiskFull`] where it is full.
pub trait Register: fmt::Debug + Send + Sync {
    /// Where it is, for messages.
    fn place(&self) -> Place;

    /// Whether it can be written.
    fn access(&self) -> Access;

    /// Reserves nothing, but tells at once when `name` cannot be used, before minutes are spent on a proxy.
    ///
    /// # Errors
    /// [`RegisterError::BadName`], [`RegisterError::NameTaken`].
    fn draft_title(&self, name: &str) -> Result<TitleDraft, RegisterError>;

    /// Records a title whose reference is whole, with the checksums of the catalogue's `files`.
    ///
    /// # Errors
    /// [`RegisterError::NameTaken`] when another process was faster.
    fn add_title(
        &self,
        draft: &TitleDraft,
        master: MasterFacts,
        files: &TitleFiles,
    ) -> Result<TitleRecord, RegisterError>;

    /// Puts the facts of a title and the checksums of its files on record as they are now: of one that was added before they
    /// were, or whose files were made again.
    ///
    /// # Errors
    /// As for every act.
    fn note_title(&self, title: &TitleRecord, files: &TitleFiles) -> Result<(), RegisterError>;

    /// Puts the checksum of a segment of the index on record that holds several titles.
    ///
    /// # Errors
    /// As for every act.
    fn note_segment(&self, file: &str, checksum: Checksum) -> Result<(), RegisterError>;

    /// Every title, by name.
    ///
    /// # Errors
    /// As for every method.
    fn titles(&self) -> Result<Vec<TitleRecord>, RegisterError>;

    /// The title `id`.
    ///
    /// # Errors
    /// [`RegisterError::NoTitle`].
    fn title(&self, id: TitleId) -> Result<TitleRecord, RegisterError>;

    /// The title named `name`.
    ///
    /// # Errors
    /// [`RegisterError::UnknownTitle`].
    fn title_named(&self, name: &str) -> Result<TitleRecord, RegisterError>;

    /// Records a distributor.
    ///
    /// # Errors
    /// [`RegisterError::BadName`], [`RegisterError::NameTaken`].
    fn add_distributor(&self, name: &str) -> Result<DistributorRecord, RegisterError>;

    /// Every distributor, by name.
    ///
    /// # Errors
    /// As for every method.
    fn distributors(&self) -> Result<Vec<DistributorRecord>, RegisterError>;

    /// The distributor `id`.
    ///
    /// # Errors
    /// [`RegisterError::NoDistributor`].
    fn distributor(&self, id: DistributorId) -> Result<DistributorRecord, RegisterError>;

    /// The distributor named `name`.
    ///
    /// # Errors
    /// [`RegisterError::UnknownDistributor`].
    fn distributor_named(&self, name: &str) -> Result<DistributorRecord, RegisterError>;

    /// Puts a delivery on record, with a fresh payload, before its file is made. It is this handle's until it is
    /// completed or failed: nobody settles it meanwhile.
    ///
    /// # Errors
    /// [`RegisterError::BadName`] for the licensee's text, [`RegisterError::File`] when it cannot be claimed, and those of
    /// [`Register::attest`].
    fn begin_delivery(&self, new: &NewDelivery<'_>) -> Result<DeliveryRecord, RegisterError>;

    /// Records what was made, before the file gets its final name: from here on a copy may be about, and before not.
    ///
    /// # Errors
    /// [`RegisterError::Settled`] unless it is pending, [`RegisterError::NoDelivery`].
    fn record_outcome(
        &self,
        id: DeliveryId,
        outcome: &DeliveryOutcome,
    ) -> Result<DeliveryRecord, RegisterError>;

    /// Records that the delivery's file has its final name.
    ///
    /// # Errors
    /// [`RegisterError::NothingMade`] unless the outcome is on record, [`RegisterError::Settled`] unless it is pending,
    /// [`RegisterError::NoDelivery`].
    fn complete_delivery(&self, id: DeliveryId) -> Result<DeliveryRecord, RegisterError>;

    /// Records that the delivery was given up and no file of it is left.
    ///
    /// # Errors
    /// [`RegisterError::Settled`] unless it is pending, [`RegisterError::NoDelivery`].
    fn fail_delivery(&self, id: DeliveryId, reason: &str) -> Result<DeliveryRecord, RegisterError>;

    /// Gives a title another name. Its marks are the same: keys follow from identifiers.
    ///
    /// # Errors
    /// [`RegisterError::NoTitle`], [`RegisterError::BadName`], [`RegisterError::NameTaken`].
    fn rename_title(&self, id: TitleId, name: &str) -> Result<TitleRecord, RegisterError>;

    /// Gives a distributor another name, under which all that it ever got is listed from now on.
    ///
    /// # Errors
    /// [`RegisterError::NoDistributor`], [`RegisterError::BadName`], [`RegisterError::NameTaken`].
    fn rename_distributor(
        &self,
        id: DistributorId,
        name: &str,
    ) -> Result<DistributorRecord, RegisterError>;

    /// Lets nothing more be delivered to a distributor. What it got is traced as ever.
    ///
    /// # Errors
    /// [`RegisterError::NoDistributor`].
    fn retire_distributor(&self, id: DistributorId) -> Result<DistributorRecord, RegisterError> {
        let distributor = self.distributor(id)?;
        let details = json!({"distributor": id.to_string(), "name": distributor.name});
        self.enter(Act::DistributorRetired, &details)?;
        Ok(distributor)
    }

    /// Puts the licence of a delivery on record, in place of the one before.
    ///
    /// # Errors
    /// [`RegisterError::NoDelivery`], and those of [`Licence::accepted`].
    fn set_licence(&self, id: DeliveryId, licence: &Licence) -> Result<(), RegisterError> {
        self.delivery(id)?;
        let details = json!({"delivery": id.to_string(), "licence": licence.accepted()?});
        self.enter(Act::LicenceSet, &details)
    }

    /// Says that a delivery is no longer allowed. It is traced as ever.
    ///
    /// # Errors
    /// [`RegisterError::NoDelivery`], [`RegisterError::BadName`] for the reason.
    fn revoke_delivery(&self, id: DeliveryId, reason: &str) -> Result<(), RegisterError> {
        self.delivery(id)?;
        let reason = name::accepted(Named::Licence, reason)?;
        let details = json!({"delivery": id.to_string(), "reason": reason});
        self.enter(Act::DeliveryRevoked, &details)
    }

    /// Puts an act on record that changes no row, such as a licence, a head or a stamp: what it says is in the ledger alone.
    ///
    /// # Errors
    /// As for every act.
    fn enter(&self, act: Act, details: &Value) -> Result<(), RegisterError>;

    /// Puts on record what was found when a copy of the delivery was read back: `details`, an object.
    ///
    /// # Errors
    /// As for every act; [`RegisterError::NoDelivery`].
    fn record_verification(&self, id: DeliveryId, mut details: Value) -> Result<(), RegisterError> {
        self.delivery(id)?;
        details["delivery"] = id.to_string().into();
        self.enter(Act::DeliveryVerified, &details)
    }

    /// What was found whenever a copy of the delivery was read back, oldest first. Reads the whole ledger.
    ///
    /// # Errors
    /// As for every method.
    fn verifications(&self, id: DeliveryId) -> Result<Vec<(Timestamp, Value)>, RegisterError> {
        let (act, id) = (Act::DeliveryVerified.as_str(), id.to_string());
        let mut found = Vec::new();
        self.walk_ledger(&mut |entry| {
            if entry.act == act
                && let Ok(details) = serde_json::from_str::<Value>(&entry.details)
                && details["delivery"] == *id
            {
                found.push((entry.time, details));
            }
            true
        })?;
        Ok(found)
    }

    /// Gives up this handle's claim on a delivery that it cannot settle: it stays pending until somebody settles it.
    fn leave_delivery(&self, id: DeliveryId);

    /// The delivery `id`.
    ///
    /// # Errors
    /// [`RegisterError::NoDelivery`].
    fn delivery(&self, id: DeliveryId) -> Result<DeliveryRecord, RegisterError>;

    /// The deliveries of `title`, or of all titles, oldest first: pending, complete and failed ones.
    ///
    /// # Errors
    /// As for every method.
    fn deliveries(&self, title: Option<TitleId>) -> Result<Vec<DeliveryRecord>, RegisterError>;

    /// Settles the deliveries that killed processes left behind; see [`crate::settle`]. Those of a living process are
    /// left alone, and all of a register that cannot be written.
    ///
    /// # Errors
    /// [`RegisterError::Cancelled`] once `cancelled` says so; what was settled before stays settled.
    fn settle(&self, cancelled: &dyn Fn() -> bool) -> Result<Vec<Settlement>, RegisterError>;

    /// Shows every entry of the ledger to `visit`, oldest first, until it answers `false`.
    ///
    /// # Errors
    /// As for every method.
    fn walk_ledger(&self, visit: &mut dyn FnMut(LedgerEntry) -> bool) -> Result<(), RegisterError>;

    /// How many entries were ever written, those that somebody removed among them.
    ///
    /// # Errors
    /// As for every method.
    fn entries_given(&self) -> Result<i64, RegisterError>;

    /// What the ledger says, chain and MACs checked, and where the tables say otherwise. Reads all of it.
    ///
    /// # Errors
    /// As for every method; a ledger that does not hold is a result, not an error.
    fn testimony(&self) -> Result<Testimony, RegisterError>;

    /// What of the database itself is damaged, or not as this program makes it.
    ///
    /// # Errors
    /// As for every method.
    fn odd_objects(&self) -> Result<Vec<Finding>, RegisterError>;

    /// Holds the names of a title and of distributors against the ledger, before something is made under them.
    ///
    /// # Errors
    /// [`RegisterError::LedgerBroken`], [`RegisterError::Edited`].
    fn attest(
        &self,
        title: &TitleRecord,
        distributors: &[&DistributorRecord],
    ) -> Result<(), RegisterError>;

    /// The names on record that people may take for `name`.
    ///
    /// # Errors
    /// As for every method.
    fn names_like(&self, what: Named, name: &str) -> Result<Vec<Alike>, RegisterError> {
        let known: Vec<String> = match what {
            Named::Title => self.titles()?.into_iter().map(|t| t.name).collect(),
            Named::Distributor => self.distributors()?.into_iter().map(|d| d.name).collect(),
            Named::Licensee | Named::Licence => Vec::new(),
        };
        Ok(name::alike(what, name, known))
    }

    /// Puts the export of a read key on record.
    ///
    /// # Errors
    /// As for every method.
    fn record_key_export(
        &self,
        title: TitleId,
        distributors: &[DistributorId],
        file: &str,
    ) -> Result<(), RegisterError>;

    /// The key that signs heads and bundles; it is made, and its public half put on record, when there is none.
    ///
    /// # Errors
    /// As for every act, and those of a secret's file.
    fn evidence_key(&self) -> Result<EvidenceKey, RegisterError>;

    /// The key of a title's carrier.
    fn carrier_key(&self, title: TitleId) -> CarrierKey;

    /// The key of a distributor's payloads, confined to one title. Delivery keys derive from it.
    fn scoped_payload_key(&self, distributor: DistributorId, title: TitleId) -> ScopedPayloadKey;

    /// Every act on record, oldest first.
    ///
    /// # Errors
    /// As for every method.
    fn ledger(&self) -> Result<Vec<LedgerEntry>, RegisterError> {
        let mut entries = Vec::new();
        self.walk_ledger(&mut |entry| {
            entries.push(entry);
            true
        })?;
        Ok(entries)
    }

    /// The delivery whose copy is the file with this SHA-256.
    ///
    /// # Errors
    /// As for every method.
    fn delivery_of_file(&self, sha256: FileHash) -> Result<Option<DeliveryRecord>, RegisterError> {
        let mut deliveries = self.deliveries(None)?.into_iter();
        Ok(deliveries.rfind(|it| it.output_sha256 == Some(sha256)))
    }

    /// Walks the chain and names the first link that does not hold.
    ///
    /// # Errors
    /// As for every method; a broken chain is a result, not an error.
    fn verify_ledger(&self) -> Result<LedgerCheck, RegisterError> {
        // Read first: an entry that is written meanwhile must not look removed.
        let given = self.entries_given()?;
        let mut chain = Chain::new();
        self.walk_ledger(&mut |entry| chain.follow(&entry))?;
        Ok(chain.finish(given))
    }
}
