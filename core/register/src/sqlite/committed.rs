//! Commitments to deliveries, and the evidence key on record.

use std::collections::HashSet;

use countermark_evidence::{Commitment, EvidenceKey};
use countermark_mark::Payload;
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::{Value, json};

use super::{SqliteRegister, ledger};
use crate::{
    Access, DeliveryId, DistributorId, RegisterError, Timestamp, TitleId, evidence_key,
    ledger::Act, proof,
};

/// Whether an entry begins a delivery without a commitment, and no later one makes up for it. In JSON text the quoted word
/// stands for the field alone: within a value its last quotation mark would follow a backslash.
const UNCOMMITTED: &str = "SELECT EXISTS (SELECT 1 FROM ledger WHERE act = 'delivery-begun' AND instr(details, '\"commitment\":') = 0 \
     AND json_valid(details) AND json_extract(details, '$.delivery') NOT IN \
     (SELECT json_extract(details, '$.delivery') FROM ledger WHERE act = 'delivery-committed' AND json_valid(details)))";

impl SqliteRegister {
    /// The commitments to a delivery's key and payload.
    pub(super) fn commitments(
        &self,
        delivery: DeliveryId,
        payload: Payload,
        of: (DistributorId, TitleId),
    ) -> (Commitment, Commitment) {
        proof::commitments(self, delivery, payload, of)
    }

    /// Puts commitments on record to deliveries that an older program had begun, each in an entry of its own. A ledger that
    /// does not hold is left alone.
    pub(super) fn commit_older(&self) -> Result<(), RegisterError> {
        let is_due: bool = self.read(|db| db.query_row(UNCOMMITTED, [], |row| row.get(0)))?;
        if !is_due {
            return Ok(());
        }
        let testimony = self.hear_ledger()?;
        if testimony.broken().is_some() {
            return Ok(());
        }
        self.act(|db| {
            // Inside the transaction: several programs may open an old vault at once.
            let committed = committed(db)?;
            let now = Timestamp::now();
            for delivery in testimony.deliveries() {
                if committed.contains(&delivery.id.to_string()) {
                    continue;
                }
                let of = (delivery.distributor_id, delivery.title_id);
                let (commitment, payload) = self.commitments(delivery.id, delivery.payload, of);
                let details = json!({
                    "delivery": delivery.id.to_string(),
                    "commitment": commitment.to_string(),
                    "payload_commitment": payload.to_string(),
                });
                ledger::append(
                    db,
                    &now,
                    Act::DeliveryCommitted,
                    &details,
                    self.ledger_key(),
                )?;
            }
            Ok(())
        })
    }

    /// The evidence key, made and put on record where it is not.
    pub(super) fn evidence_key_on_record(&self) -> Result<EvidenceKey, RegisterError> {
        let key = if let Some(key) = evidence_key::load(&self.root)? {
            key
        } else {
            self.writable()?;
            evidence_key::create(&self.root)?
        };
        let public = key.public().to_string();
        let is_known = |db: &Connection| {
            let last = "SELECT json_extract(details, '$.key') FROM ledger WHERE act = 'evidence-key-made' \
                        AND json_valid(details) ORDER BY seq DESC LIMIT 1";
            let last: Option<Option<String>> =
                db.query_row(last, [], |row| row.get(0)).optional()?;
            Ok(last.flatten().as_ref() == Some(&public))
        };
        if self.access == Access::ReadWrite && !self.read(is_known)? {
            // Looked at again inside the transaction: another process may have been faster.
            self.act(|db| {
                if is_known(db)? {
                    return Ok(());
                }
                let details = json!({"key": public});
                ledger::append(
                    db,
                    &Timestamp::now(),
                    Act::EvidenceKeyMade,
                    &details,
                    self.ledger_key(),
                )
            })?;
        }
        Ok(key)
    }
}

/// Deliveries of which an entry holds the commitment.
fn committed(db: &Connection) -> rusqlite::Result<HashSet<String>> {
    let mut found = HashSet::new();
    ledger::walk(db, &mut |entry| {
        let acts = [Act::DeliveryBegun.as_str(), Act::DeliveryCommitted.as_str()];
        if acts.contains(&entry.act.as_str())
            && let Ok(details) = serde_json::from_str::<Value>(&entry.details)
            && details["commitment"].is_string()
            && let Some(delivery) = details["delivery"].as_str()
        {
            found.insert(delivery.to_owned());
        }
        true
    })?;
    Ok(found)
}
