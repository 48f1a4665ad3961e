//! Whether a written copy is what was ordered: read back as a player and a detector would, before it gets its name or later.
//!
//! ```text
//! copy, master -> streams: pictures, length, every stream's bytes            stocktake
//!              -> sample windows: the master's own frames beside the copy's  PSNR, likeness
//!                 residual against the master -> delivery's keys             fingerprint score t, payload of the address code
//!                 residual against what marking makes of the master          strength
//!              -> pictures of one through H.264 at CRF 28 -> the same        does the mark outlive a recompression?
//! ```
//!
//! The master is at hand and the copy's clock is its clock: the host is known, no search is needed, and one delivery is asked for.
//! Without the master ([`Request::master`]) the host is predicted along time, and streams are held against what the ledger says of
//! the copy that was delivered.
//!
//! # Shapes and units
//! Media time is seconds since the first frame; PSNR is dB over luma; a score `t` has the variance 1 for any other delivery's keys.

use std::path::Path;

use countermark_catalogue::Vault;
use countermark_mark::TitleMark;
use countermark_media::{CancelToken, Carriage, MediaError, Stocktake, inventory, stocktake};
use countermark_register::{DeliveryId, DeliveryRecord, FileHash, RegisterError};
use serde_json::{Value, json};

use crate::MasteringError;

mod finding;
mod reading;
mod recompression;
mod sight;
mod sound;
mod stock;
mod streams;
mod verification;
mod windows;

pub use finding::{Fault, LEAST_SCORE, Remark};
pub use stock::{FileStock, StreamFacts};
pub use verification::{Quality, Reading, Verification};

/// A file to be verified.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The file.
    pub file: &'a Path,
    /// The delivery that it is to be.
    pub delivery: &'a DeliveryRecord,
    /// The title's master, where it is at hand.
    pub master: Option<&'a Path>,
    /// What the master holds, if it was read through already.
    pub master_stock: Option<&'a Stocktake>,
    /// What of the master's streams was to go into the copy; where the copy was made earlier, the ledger tells of the copy itself.
    pub carriage: Option<&'a [Carriage]>,
    /// A moment that is looked at beside the usual ones: the second in which the mark is strongest.
    pub also_seconds: Option<f64>,
    /// SHA-256 of the file, if it is known already.
    pub sha256: Option<FileHash>,
    /// What all deliveries of the title have in common at the size of the file, if it was made already.
    pub title_mark: Option<&'a TitleMark>,
}

impl<'a> Request<'a> {
    /// The file as it is, without its master.
    #[must_use]
    pub const fn new(file: &'a Path, delivery: &'a DeliveryRecord) -> Self {
        Self {
            file,
            delivery,
            master: None,
            master_stock: None,
            carriage: None,
            also_seconds: None,
            sha256: None,
            title_mark: None,
        }
    }
}

/// Verifies a file. What is wrong with it is a result, not an error.
///
/// # Errors
/// When the master or the register cannot be read, the file is not there, or `cancel` is set.
pub fn verify(
    vault: &Vault,
    request: &Request<'_>,
    cancel: &CancelToken,
) -> Result<Verification, MasteringError> {
    let mut verification = Verification::default();
    let hash = match request.sha256 {
        Some(hash) => hash,
        None => FileHash::of_file(request.file, &|| cancel.is_cancelled())
            .map_err(|source| MasteringError::File {
                act: "read",
                path: request.file.to_owned(),
                source,
            })?
            .ok_or(MasteringError::Cancelled)?,
    };
    verification.sha256 = Some(hash);
    if let Some(recorded) = request.delivery.output_sha256.filter(|it| *it != hash) {
        verification.faults.push(Fault::OtherFile {
            found: hash,
            recorded,
        });
    }
    let file = stocktake(request.file, cancel)
        .and_then(|stock| Ok((FileStock::of(&stock, &inventory(request.file)?), stock)));
    let (found, stock) = match file {
        Ok(found) => found,
        Err(MediaError::Cancelled { .. }) => return Err(MasteringError::Cancelled),
        Err(error) => {
            let why = crate::error::chain(&error);
            verification.faults.push(Fault::Unreadable { why });
            return Ok(verification);
        }
    };
    streams::pictures(request.delivery.frames, &found, &mut verification.faults);
    let mut request = *request;
    let mut usual_strength = 1.0;
    let counted = match (request.master, request.master_stock) {
        (Some(master), None) => Some(stocktake(master, cancel)?),
        _ => None,
    };
    let before = request.master_stock.or(counted.as_ref());
    let before = request.master.zip(before);
    if let (Some(before), Some(carriage)) = (before, request.carriage) {
        let after = (request.file, &stock);
        streams::against_master(before, after, carriage, &mut verification, cancel)?;
    } else if let Some(recorded) = stock::recorded(vault, request.delivery.id)? {
        recorded.stock.compare(&found, &mut verification.faults);
        request.also_seconds = request.also_seconds.or(recorded.also_seconds);
        usual_strength = recorded.strength.unwrap_or(1.0);
        verification.is_recorded = true;
    } else if request.carriage.is_none() {
        verification.remarks.push(Remark::StreamsUnknown);
    }
    verification.also_seconds = request.also_seconds;
    verification.stock = Some(found);
    let stocks = (before, &stock);
    reading::read(
        vault,
        &request,
        stocks,
        usual_strength,
        &mut verification,
        cancel,
    )?;
    if cancel.is_cancelled() {
        return Err(MasteringError::Cancelled);
    }
    Ok(verification)
}

/// Puts what was found on record, in the ledger.
///
/// # Errors
/// When the register cannot be written.
pub fn record(
    vault: &Vault,
    delivery: DeliveryId,
    file: &Path,
    found: &Verification,
) -> Result<(), RegisterError> {
    let faults = found.faults.iter();
    let faults: Vec<Value> = faults
        .map(|fault| json!({"kind": fault.kind(), "text": fault.to_string()}))
        .collect();
    let reading = |reading: Reading| {
        json!({
            "frames": reading.frames,
            "score": rounded(reading.score),
            "payload": reading.payload.map(|payload| payload.to_string()),
            "strength": reading.strength.map(rounded),
        })
    };
    let details = json!({
        "file": file.file_name().unwrap_or_default().to_string_lossy(),
        "sha256": found.sha256.map(|hash| hash.to_string()),
        "faults": faults,
        "reading": found.reading.map(reading),
        "recompressed": found.recompressed.map(reading),
        "psnr_y_db": found.psnr_y_db.filter(|db| db.is_finite()).map(rounded),
        "also_seconds": found.also_seconds,
        "stock": found.stock,
    });
    vault.register().record_verification(delivery, details)
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
