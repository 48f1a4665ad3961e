//! The ledger's entries about a delivery, its title and its distributor.

use countermark_evidence::OpenedEntry;
use serde_json::Value;

use super::Proofs;
use crate::{Act, DeliveryId, DeliveryRecord, LedgerEntry, Register, RegisterError};

/// The number of the entry that began a delivery; none without one.
///
/// # Errors
/// As for every method of [`Register`].
pub fn begun_at(
    register: &dyn Register,
    delivery: DeliveryId,
) -> Result<Option<i64>, RegisterError> {
    let mut found = None;
    let id = delivery.to_string();
    register.walk_ledger(&mut |entry| {
        let is_begun = entry.act == Act::DeliveryBegun.as_str() && names(&entry, "delivery", &id);
        if is_begun {
            found = Some(entry.seq);
        }
        !is_begun
    })?;
    Ok(found)
}

/// The number of the entry that a text names: itself, or the delivery that it began.
///
/// # Errors
/// When the ledger cannot be read. Text that is neither is no entry's.
pub fn entry_named(register: &dyn Register, text: &str) -> Result<Option<i64>, RegisterError> {
    match DeliveryId::parse(text) {
        Some(delivery) => begun_at(register, delivery),
        None => Ok(text.parse().ok()),
    }
}

/// The last entry that names the title or the distributor of a delivery: what they are called is in no older one.
///
/// # Errors
/// As for every method of [`Register`].
pub fn named_at(
    register: &dyn Register,
    delivery: &DeliveryRecord,
) -> Result<Option<i64>, RegisterError> {
    let mut found = None;
    register.walk_ledger(&mut |entry| {
        if is_naming(&entry, delivery) {
            found = Some(entry.seq);
        }
        true
    })?;
    Ok(found)
}

/// The entries about a delivery, its title and its distributor, opened in a tree of so many entries.
///
/// # Errors
/// As for every method of [`Register`].
pub fn entries_about(
    register: &dyn Register,
    proofs: &Proofs,
    delivery: &DeliveryRecord,
    size: u64,
) -> Result<Vec<OpenedEntry>, RegisterError> {
    let own = delivery.id.to_string();
    let mut opened = Vec::new();
    register.walk_ledger(&mut |entry| {
        let is_own = entry.act.starts_with("delivery-") && names(&entry, "delivery", &own);
        if is_own || is_naming(&entry, delivery) {
            opened.extend(proofs.opened(&entry, size));
        }
        entry.seq.unsigned_abs() < size
    })?;
    Ok(opened)
}

/// Whether an entry says what the title or the distributor of a delivery is called.
fn is_naming(entry: &LedgerEntry, delivery: &DeliveryRecord) -> bool {
    let act = entry.act.as_str();
    if act == Act::TitleAdded.as_str() || act == Act::TitleRenamed.as_str() {
        names(entry, "title", &delivery.title_id.to_string())
    } else if act == Act::DistributorAdded.as_str() || act == Act::DistributorRenamed.as_str() {
        names(entry, "distributor", &delivery.distributor_id.to_string())
    } else {
        false
    }
}

pub(super) fn names(entry: &LedgerEntry, field: &str, value: &str) -> bool {
    // Most entries need not be parsed.
    entry.details.contains(value)
        && serde_json::from_str::<Value>(&entry.details)
            .is_ok_and(|details| details[field] == value)
}
