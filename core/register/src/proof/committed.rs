//! Commitments to a delivery, and the delivery of a commitment.

use countermark_evidence::Commitment;
use countermark_mark::Payload;
use serde_json::Value;

use super::about::names;
use crate::{Act, DeliveryId, DistributorId, Register, RegisterError, TitleId};

/// The commitments to a delivery's key and payload, as its entry holds them.
pub fn commitments(
    register: &dyn Register,
    delivery: DeliveryId,
    payload: Payload,
    (distributor, title): (DistributorId, TitleId),
) -> (Commitment, Commitment) {
    let key = register
        .scoped_payload_key(distributor, title)
        .delivery(payload);
    let id = delivery.for_commitments();
    let of_payload = Commitment::of_payload(id, payload, &key);
    (Commitment::of_key(id, &key), of_payload)
}

/// The delivery whose payload the ledger has committed to as `commitment`, 64 hex digits; none where no entry says so.
///
/// # Errors
/// As for every method of [`Register`].
pub fn payload_committed_as(
    register: &dyn Register,
    commitment: &str,
) -> Result<Option<DeliveryId>, RegisterError> {
    // What a stranger wrote is no pattern: it is a commitment or nothing.
    if Commitment::parse(commitment).is_none() {
        return Ok(None);
    }
    let commitment = commitment.to_ascii_lowercase();
    let acts = [Act::DeliveryBegun, Act::DeliveryCommitted];
    let mut found = None;
    register.walk_ledger(&mut |entry| {
        if acts.iter().any(|act| entry.act == act.as_str())
            && names(&entry, "payload_commitment", &commitment)
        {
            let details = serde_json::from_str::<Value>(&entry.details).unwrap_or_default();
            found = details["delivery"].as_str().and_then(DeliveryId::parse);
        }
        found.is_none()
    })?;
    Ok(found)
}
