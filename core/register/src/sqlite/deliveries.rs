//! The table of deliveries.

use std::{collections::HashMap, path::PathBuf, sync::PoisonError};

use countermark_mark::Payload;
use rusqlite::{OptionalExtension as _, Row, params};
use serde_json::{Value, json};

use super::{SqliteRegister, columns::StoredPayload, is_taken, ledger};
use crate::{
    Claim, ClaimState, DeliveryId, DeliveryOutcome, DeliveryRecord, DeliveryState, Licence, Named,
    NewDelivery, Register as _, RegisterError, Settlement, Timestamp, TitleId, Work,
    ledger::Act,
    name,
    settle::{self, INTERRUPTED, Kept, Verdict},
};

const SELECT: &str = "SELECT d.id, d.payload, t.name, t.id, p.name, p.id, d.licensee, d.strength, d.format_version, \
                      d.encoder_settings, d.output_file, d.output_path, d.state, d.frames, d.psnr_y_db, \
                      d.output_sha256, d.failure, d.created, d.settled \
                      FROM deliveries d JOIN titles t ON t.id = d.title JOIN distributors p ON p.id = d.distributor";

const ORDER: &str = "ORDER BY d.created, d.rowid";

fn delivery_of(row: &Row<'_>) -> rusqlite::Result<DeliveryRecord> {
    Ok(DeliveryRecord {
        id: row.get(0)?,
        payload: row.get::<_, StoredPayload>(1)?.0,
        title: row.get(2)?,
        title_id: row.get(3)?,
        distributor: row.get(4)?,
        distributor_id: row.get(5)?,
        licensee: row.get(6)?,
        strength: row.get(7)?,
        format_version: row.get(8)?,
        encoder_settings: row.get(9)?,
        output_file: row.get(10)?,
        output_path: row.get::<_, Option<String>>(11)?.map(PathBuf::from),
        state: row.get(12)?,
        frames: row.get(13)?,
        psnr_y_db: row.get(14)?,
        output_sha256: row.get(15)?,
        failure: row.get(16)?,
        created: row.get(17)?,
        settled: row.get(18)?,
        licence: Licence::default(),
        revoked: None,
    })
}

impl SqliteRegister {
    pub(super) fn begin(&self, new: &NewDelivery<'_>) -> Result<DeliveryRecord, RegisterError> {
        self.writable()?;
        let licensee = new
            .licensee
            .map(|licensee| name::accepted(Named::Licensee, licensee))
            .transpose()?;
        self.attest(new.title, &[new.distributor])?;
        self.refuse_retired(new.distributor)?;
        let new = NewDelivery {
            licensee: licensee.as_deref(),
            ..*new
        };
        loop {
            match self.try_begin(&new) {
                // Two equal draws of 64 bits: draw again.
                Err(error) if is_taken(&error) => {}
                result => return result,
            }
        }
    }

    fn try_begin(&self, new: &NewDelivery<'_>) -> Result<DeliveryRecord, RegisterError> {
        let output =
            std::path::absolute(new.output).map_err(RegisterError::file("find", new.output))?;
        let delivery = DeliveryRecord {
            id: DeliveryId::draw(self.randomness())?,
            payload: Payload::new(u64::from_be_bytes(self.randomness().bytes()?)),
            title: new.title.name.clone(),
            title_id: new.title.id,
            distributor: new.distributor.name.clone(),
            distributor_id: new.distributor.id,
            licensee: new.licensee.map(str::to_owned),
            strength: new.strength,
            format_version: new.format.version(),
            encoder_settings: new.encoder_settings.to_string(),
            output_file: new
                .output
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            output_path: output.to_str().map(PathBuf::from),
            state: DeliveryState::Pending,
            frames: None,
            psnr_y_db: None,
            output_sha256: None,
            failure: None,
            created: Timestamp::now(),
            settled: None,
            licence: Licence::default(),
            revoked: None,
        };
        let (commitment, payload_commitment) = self.commitments(
            delivery.id,
            delivery.payload,
            (delivery.distributor_id, delivery.title_id),
        );
        // First, so that nobody sees a pending delivery without its claim.
        let claim = self.claims().claim(Work::Delivery(delivery.id))?;
        let begun = self.act(|db| {
            db.execute(
                "INSERT INTO deliveries (id, payload, title, distributor, licensee, strength, format_version, \
                 encoder_settings, output_file, output_path, state, created) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                params![
                    delivery.id,
                    delivery.payload.to_string(),
                    delivery.title_id,
                    delivery.distributor_id,
                    delivery.licensee,
                    delivery.strength,
                    delivery.format_version,
                    delivery.encoder_settings,
                    delivery.output_file,
                    output.to_str(),
                    delivery.state,
                    delivery.created,
                ],
            )?;
            let details = json!({
                "delivery": delivery.id.to_string(),
                "payload": delivery.payload.to_string(),
                "title": delivery.title_id.to_string(),
                "distributor": delivery.distributor_id.to_string(),
                "licensee": delivery.licensee,
                "strength": delivery.strength,
                "format_version": delivery.format_version,
                "encoder_settings": new.encoder_settings,
                "output_file": delivery.output_file,
                "commitment": commitment.to_string(),
                "payload_commitment": payload_commitment.to_string(),
            });
            ledger::append(
                db,
                &delivery.created,
                Act::DeliveryBegun,
                &details,
                self.ledger_key(),
            )
        });
        match begun {
            Ok(()) => {
                self.claimed(|claims| claims.insert(delivery.id, claim));
                Ok(delivery)
            }
            Err(error) => {
                claim.release();
                Err(error)
            }
        }
    }

    pub(super) fn record_made(
        &self,
        id: DeliveryId,
        outcome: &DeliveryOutcome,
    ) -> Result<DeliveryRecord, RegisterError> {
        // JSON and SQLite know no infinity, which a mark of no energy would have.
        let psnr_y_db = outcome.psnr_y_db.is_finite().then_some(outcome.psnr_y_db);
        let details = json!({
            "delivery": id.to_string(),
            "frames": outcome.frames,
            "psnr_y_db": psnr_y_db,
            "output_sha256": outcome.output_sha256.to_string(),
        });
        self.change(id, Act::DeliveryMade, &details, |db, _| {
            db.execute(
                "UPDATE deliveries SET frames = ?2, psnr_y_db = ?3, output_sha256 = ?4 \
                 WHERE id = ?1 AND state = 'pending'",
                params![id, outcome.frames, psnr_y_db, outcome.output_sha256],
            )
        })
    }

    pub(super) fn complete(&self, id: DeliveryId) -> Result<DeliveryRecord, RegisterError> {
        let made = self.one_delivery(id)?;
        let (Some(frames), Some(sha256)) = (made.frames, made.output_sha256) else {
            return Err(match made.state {
                DeliveryState::Pending => RegisterError::NothingMade { id },
                state => RegisterError::Settled { id, state },
            });
        };
        let details = json!({
            "delivery": id.to_string(),
            "frames": frames,
            "psnr_y_db": made.psnr_y_db,
            "output_sha256": sha256.to_string(),
        });
        let done = self.change(id, Act::DeliveryCompleted, &details, |db, time| {
            db.execute(
                "UPDATE deliveries SET state = 'complete', settled = ?2 WHERE id = ?1 AND state = 'pending'",
                params![id, time],
            )
        })?;
        self.release(id);
        Ok(done)
    }

    pub(super) fn fail(
        &self,
        id: DeliveryId,
        reason: &str,
    ) -> Result<DeliveryRecord, RegisterError> {
        let details = json!({"delivery": id.to_string(), "reason": reason});
        let failed = self.change(id, Act::DeliveryFailed, &details, |db, time| {
            db.execute(
                "UPDATE deliveries SET state = 'failed', failure = ?2, settled = ?3 \
                 WHERE id = ?1 AND state = 'pending'",
                params![id, reason, time],
            )
        })?;
        self.release(id);
        Ok(failed)
    }

    /// Changes a pending delivery.
    fn change(
        &self,
        id: DeliveryId,
        act: Act,
        details: &Value,
        update: impl FnOnce(&rusqlite::Connection, &Timestamp) -> rusqlite::Result<usize>,
    ) -> Result<DeliveryRecord, RegisterError> {
        let time = Timestamp::now();
        let changed = self.act(|db| {
            let changed = update(db, &time)?;
            if changed > 0 {
                ledger::append(db, &time, act, details, self.ledger_key())?;
            }
            Ok(changed > 0)
        })?;
        let delivery = self.one_delivery(id)?;
        if changed {
            Ok(delivery)
        } else {
            Err(RegisterError::Settled {
                id,
                state: delivery.state,
            })
        }
    }

    pub(super) fn one_delivery(&self, id: DeliveryId) -> Result<DeliveryRecord, RegisterError> {
        self.read(|db| {
            db.query_row(&format!("{SELECT} WHERE d.id = ?1"), [id], delivery_of)
                .optional()
        })?
        .ok_or_else(|| RegisterError::NoDelivery {
            id,
            place: self.place(),
        })
    }

    pub(super) fn all_deliveries(
        &self,
        title: Option<TitleId>,
    ) -> Result<Vec<DeliveryRecord>, RegisterError> {
        self.read(|db| match title {
            Some(title) => db
                .prepare(&format!("{SELECT} WHERE d.title = ?1 {ORDER}"))?
                .query_map([title], delivery_of)?
                .collect(),
            None => db
                .prepare(&format!("{SELECT} {ORDER}"))?
                .query_map([], delivery_of)?
                .collect(),
        })
    }

    fn pending_deliveries(&self) -> Result<Vec<DeliveryRecord>, RegisterError> {
        self.read(|db| {
            db.prepare(&format!("{SELECT} WHERE d.state = 'pending' {ORDER}"))?
                .query_map([], delivery_of)?
                .collect()
        })
    }

    pub(super) fn settle_abandoned(
        &self,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<Settlement>, RegisterError> {
        let mut settled = Vec::new();
        for delivery in self.pending_deliveries()? {
            let work = Work::Delivery(delivery.id);
            let ClaimState::Abandoned(claim) = self.claims().state(work)? else {
                continue;
            };
            let id = delivery.id;
            settled.push(match settle::judge(&delivery, cancelled)? {
                Verdict::Complete => Settlement::Completed(self.complete(id)?),
                Verdict::Fail => Settlement::Failed(self.fail(id, INTERRUPTED)?),
                Verdict::Keep(why) => {
                    if why == Kept::Unreachable {
                        // The claim stays, to be judged again.
                        settled.push(Settlement::Kept { delivery, why });
                        continue;
                    }
                    Settlement::Kept { delivery, why }
                }
            });
            claim.release();
        }
        self.sweep_claims()?;
        Ok(settled)
    }

    /// Removes claims whose process was killed before their delivery was on record, or after it was settled.
    fn sweep_claims(&self) -> Result<(), RegisterError> {
        for work in self.claims().works()? {
            let Work::Delivery(id) = work else { continue };
            if let ClaimState::Abandoned(claim) = self.claims().state(work)? {
                match self.one_delivery(id) {
                    Ok(delivery) if delivery.state == DeliveryState::Pending => {}
                    Ok(_) | Err(RegisterError::NoDelivery { .. }) => claim.release(),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// Lets the claim go as the end of the process would.
    pub(super) fn leave(&self, id: DeliveryId) {
        self.claimed(|claims| claims.remove(&id));
    }

    fn release(&self, id: DeliveryId) {
        if let Some(claim) = self.claimed(|claims| claims.remove(&id)) {
            claim.release();
        }
    }

    fn claimed<T>(&self, act: impl FnOnce(&mut HashMap<DeliveryId, Claim>) -> T) -> T {
        act(&mut self.held().lock().unwrap_or_else(PoisonError::into_inner))
    }
}
