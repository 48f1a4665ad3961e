//! Deliveries: marked copies.
//!
//! ```text
//! begin_delivery -> pending -> complete_delivery -> complete
//!                           -> fail_delivery     -> failed
//! ```
//!
//! A delivery is on record before its file exists under its final name. One that a killed process left behind stays
//! `pending`: its copy may exist, so it is scored like a complete one.

use std::fmt;

use countermark_mark::{FormatSpec, Payload};
use rusqlite::{
    OptionalExtension as _, Row, params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};
use serde_json::{Value, json};

use crate::{
    DeliveryId, DistributorId, DistributorRecord, Timestamp, TitleRecord, Vault, VaultError,
    id::{column_hex, to_hex},
    ledger, name,
    title::is_taken,
};

/// How far a delivery got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Being made, or left behind by a killed process.
    Pending,
    /// Its file is whole.
    Complete,
    /// Given up; its file was removed.
    Failed,
}

impl DeliveryState {
    /// The word in the register and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Complete => "complete",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ToSql for DeliveryState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for DeliveryState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "pending" => Ok(Self::Pending),
            "complete" => Ok(Self::Complete),
            "failed" => Ok(Self::Failed),
            other => Err(FromSqlError::Other(
                format!("{other:?} is not a delivery's state").into(),
            )),
        }
    }
}

/// What is known of a delivery before it is made.
#[derive(Debug, Clone, Copy)]
pub struct NewDelivery<'a> {
    /// The title.
    pub title: &'a TitleRecord,
    /// To whom.
    pub distributor: &'a DistributorRecord,
    /// Free text: who watches it, under which contract.
    pub licensee: Option<&'a str>,
    /// Strength of the mark, 1 the default.
    pub strength: f64,
    /// The encoder's settings, for the record.
    pub encoder_settings: &'a Value,
    /// File name of the copy without its folder.
    pub output_file: &'a str,
}

/// What is known of a delivery once its file is whole.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryOutcome {
    /// Frames marked.
    pub frames: u64,
    /// Peak signal-to-noise ratio of the marked luma before encoding, dB.
    pub psnr_y_db: f64,
    /// SHA-256 of the file.
    pub output_sha256: [u8; 32],
}

/// A delivery on record.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryRecord {
    /// Identifier.
    pub id: DeliveryId,
    /// The 64 bits in the picture; unique in the vault.
    pub payload: Payload,
    /// Name of the title.
    pub title: String,
    /// Name of the distributor.
    pub distributor: String,
    /// The distributor, for [`Vault::scoped_payload_key`].
    pub distributor_id: DistributorId,
    /// Free text given at marking.
    pub licensee: Option<String>,
    /// Strength of the mark.
    pub strength: f64,
    /// Version of the mark's format, for [`FormatSpec::of`].
    pub format_version: u32,
    /// The encoder's settings, JSON text.
    pub encoder_settings: String,
    /// File name of the copy.
    pub output_file: String,
    /// How far it got.
    pub state: DeliveryState,
    /// Frames marked, once complete.
    pub frames: Option<u64>,
    /// Luma PSNR of the mark, dB, once complete.
    pub psnr_y_db: Option<f64>,
    /// SHA-256 of the file, hex, once complete.
    pub output_sha256: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
    /// When it was begun.
    pub created: Timestamp,
    /// When it was completed or failed.
    pub settled: Option<Timestamp>,
}

impl DeliveryRecord {
    /// Whether a copy may be about: all but failed ones. Those are the ones to score.
    #[must_use]
    pub fn may_exist(&self) -> bool {
        self.state != DeliveryState::Failed
    }
}

const SELECT: &str = "SELECT d.id, d.payload, t.name, p.name, p.id, d.licensee, d.strength, d.format_version, \
                      d.encoder_settings, d.output_file, d.state, d.frames, d.psnr_y_db, d.output_sha256, d.failure, \
                      d.created, d.settled \
                      FROM deliveries d JOIN titles t ON t.id = d.title JOIN distributors p ON p.id = d.distributor";

fn delivery_of(row: &Row<'_>) -> rusqlite::Result<DeliveryRecord> {
    Ok(DeliveryRecord {
        id: row.get(0)?,
        payload: row.get::<_, StoredPayload>(1)?.0,
        title: row.get(2)?,
        distributor: row.get(3)?,
        distributor_id: row.get(4)?,
        licensee: row.get(5)?,
        strength: row.get(6)?,
        format_version: row.get(7)?,
        encoder_settings: row.get(8)?,
        output_file: row.get(9)?,
        state: row.get(10)?,
        frames: row.get(11)?,
        psnr_y_db: row.get(12)?,
        output_sha256: row.get(13)?,
        failure: row.get(14)?,
        created: row.get(15)?,
        settled: row.get(16)?,
    })
}

struct StoredPayload(Payload);

impl FromSql for StoredPayload {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        column_hex(value).map(|bytes| Self(Payload::new(u64::from_be_bytes(bytes))))
    }
}

impl Vault {
    /// Puts a delivery on record, with a fresh payload, before its file is made.
    ///
    /// # Errors
    /// [`VaultError::BadName`] for the licensee's text, [`VaultError::Database`].
    pub fn begin_delivery(&self, new: &NewDelivery<'_>) -> Result<DeliveryRecord, VaultError> {
        if let Some(licensee) = new.licensee {
            name::check("licensee", licensee)?;
        }
        loop {
            match self.try_begin(new) {
                // Two equal draws of 64 bits: draw again.
                Err(error) if is_taken(&error) => {}
                result => return result,
            }
        }
    }

    fn try_begin(&self, new: &NewDelivery<'_>) -> Result<DeliveryRecord, VaultError> {
        let delivery = DeliveryRecord {
            id: DeliveryId::draw(self.randomness())?,
            payload: Payload::new(u64::from_be_bytes(self.randomness().bytes()?)),
            title: new.title.name.clone(),
            distributor: new.distributor.name.clone(),
            distributor_id: new.distributor.id,
            licensee: new.licensee.map(str::to_owned),
            strength: new.strength,
            format_version: FormatSpec::CURRENT.version(),
            encoder_settings: new.encoder_settings.to_string(),
            output_file: new.output_file.to_owned(),
            state: DeliveryState::Pending,
            frames: None,
            psnr_y_db: None,
            output_sha256: None,
            failure: None,
            created: Timestamp::now(),
            settled: None,
        };
        self.act(|db| {
            db.execute(
                "INSERT INTO deliveries (id, payload, title, distributor, licensee, strength, format_version, \
                 encoder_settings, output_file, state, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    delivery.id,
                    delivery.payload.to_string(),
                    new.title.id,
                    new.distributor.id,
                    delivery.licensee,
                    delivery.strength,
                    delivery.format_version,
                    delivery.encoder_settings,
                    delivery.output_file,
                    delivery.state,
                    delivery.created,
                ],
            )?;
            let details = json!({
                "delivery": delivery.id.to_string(),
                "payload": delivery.payload.to_string(),
                "title": new.title.id.to_string(),
                "distributor": new.distributor.id.to_string(),
                "licensee": delivery.licensee,
                "strength": delivery.strength,
                "format_version": delivery.format_version,
                "encoder_settings": new.encoder_settings,
                "output_file": delivery.output_file,
            });
            ledger::append(db, &delivery.created, "delivery-begun", &details)
        })?;
        Ok(delivery)
    }

    /// Records that the delivery's file is whole.
    ///
    /// # Errors
    /// [`VaultError::Settled`] unless it is pending, [`VaultError::UnknownDelivery`], [`VaultError::Database`].
    pub fn complete_delivery(
        &self,
        id: DeliveryId,
        outcome: &DeliveryOutcome,
    ) -> Result<DeliveryRecord, VaultError> {
        let sha256 = to_hex(&outcome.output_sha256);
        // JSON and SQLite know no infinity, which a mark of no energy would have.
        let psnr_y_db = outcome.psnr_y_db.is_finite().then_some(outcome.psnr_y_db);
        let details = json!({
            "delivery": id.to_string(),
            "frames": outcome.frames,
            "psnr_y_db": psnr_y_db,
            "output_sha256": sha256,
        });
        self.settle(id, "delivery-completed", &details, |db, time| {
            db.execute(
                "UPDATE deliveries SET state = 'complete', frames = ?2, psnr_y_db = ?3, output_sha256 = ?4, \
                 settled = ?5 WHERE id = ?1 AND state = 'pending'",
                params![id, outcome.frames, psnr_y_db, sha256, time],
            )
        })
    }

    /// Records that the delivery was given up and its file removed.
    ///
    /// # Errors
    /// [`VaultError::Settled`] unless it is pending, [`VaultError::UnknownDelivery`], [`VaultError::Database`].
    pub fn fail_delivery(
        &self,
        id: DeliveryId,
        reason: &str,
    ) -> Result<DeliveryRecord, VaultError> {
        let details = json!({"delivery": id.to_string(), "reason": reason});
        self.settle(id, "delivery-failed", &details, |db, time| {
            db.execute(
                "UPDATE deliveries SET state = 'failed', failure = ?2, settled = ?3 \
                 WHERE id = ?1 AND state = 'pending'",
                params![id, reason, time],
            )
        })
    }

    fn settle(
        &self,
        id: DeliveryId,
        act: &str,
        details: &Value,
        update: impl FnOnce(&rusqlite::Connection, &Timestamp) -> rusqlite::Result<usize>,
    ) -> Result<DeliveryRecord, VaultError> {
        let time = Timestamp::now();
        let changed = self.act(|db| {
            let changed = update(db, &time)?;
            if changed > 0 {
                ledger::append(db, &time, act, details)?;
            }
            Ok(changed > 0)
        })?;
        let delivery = self.delivery(id)?;
        if changed {
            Ok(delivery)
        } else {
            Err(VaultError::Settled {
                id,
                state: delivery.state,
            })
        }
    }

    /// The delivery `id`.
    ///
    /// # Errors
    /// [`VaultError::UnknownDelivery`], [`VaultError::Database`].
    pub fn delivery(&self, id: DeliveryId) -> Result<DeliveryRecord, VaultError> {
        self.read(|db| {
            db.query_row(&format!("{SELECT} WHERE d.id = ?1"), [id], delivery_of)
                .optional()
        })?
        .ok_or_else(|| VaultError::UnknownDelivery {
            id,
            vault: self.root().to_path_buf(),
        })
    }

    /// The deliveries of `title`, or of all titles, oldest first: pending, complete and failed ones.
    ///
    /// # Errors
    /// [`VaultError::Database`].
    pub fn deliveries(
        &self,
        title: Option<&TitleRecord>,
    ) -> Result<Vec<DeliveryRecord>, VaultError> {
        const ORDER: &str = "ORDER BY d.created, d.rowid";
        self.read(|db| match title {
            Some(title) => db
                .prepare(&format!("{SELECT} WHERE d.title = ?1 {ORDER}"))?
                .query_map([title.id], delivery_of)?
                .collect(),
            None => db
                .prepare(&format!("{SELECT} {ORDER}"))?
                .query_map([], delivery_of)?
                .collect(),
        })
    }
}
