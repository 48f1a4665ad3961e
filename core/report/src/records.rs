//! What is put on record for a studio, and what is on record: as JSON and in words.
//!
//! ```text
//! TitleAdded | Marked | Listing -> to_json: the body of a json::Document
//!                               \-> Display: what a terminal shows, no line end
//! ```
//!
//! # Shapes and units
//! `seconds` is the time the work took, `fps` frames a second of it; `psnr_y_db` compares the marked luma with the
//! master's before encoding. Identifiers and payloads are hex text.

use std::fmt;
use std::path::PathBuf;

use countermark_mastering::verify::Verification;
use countermark_mastering::{Carriage, Delivered};
use countermark_register::{DeliveryRecord, LedgerCheck, Timestamp, TitleRecord};
use serde_json::{Value, json};

use crate::json::rounded;
use crate::verification::{found_json, found_words};
use crate::visible::Visible;

/// A registered master.
#[derive(Debug)]
pub struct TitleAdded {
    /// The record.
    pub title: TitleRecord,
    /// Bytes of the reference proxy.
    pub reference_bytes: u64,
    /// Time it took.
    pub seconds: f64,
}

/// A marked copy.
#[derive(Debug)]
pub struct Marked {
    /// The record.
    pub delivery: DeliveryRecord,
    /// The copy.
    pub output: PathBuf,
    /// Frames marked.
    pub frames: u64,
    /// Luma PSNR of the mark, dB; none if nothing was changed.
    pub psnr_y_db: Option<f64>,
    /// Luma PSNR of the written file, mark and encoder together, dB; none where it was not compared.
    pub written_psnr_y_db: Option<f64>,
    /// Everything of the master beside its pictures.
    pub carriage: Vec<Kept>,
    /// What was found when the file was read back; none where that was not asked for.
    pub verification: Option<Verification>,
    /// Time it took.
    pub seconds: f64,
}

/// One thing of the master beside its pictures, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// A word for scripts, such as `timecode`.
    pub kind: &'static str,
    /// The thing.
    pub what: String,
    /// `carried`, `converted` or `dropped`.
    pub fate: &'static str,
    /// Into what, or why.
    pub why: Option<String>,
}

/// The deliveries on record.
#[derive(Debug)]
pub struct Listing {
    /// Oldest first.
    pub deliveries: Vec<DeliveryRecord>,
    /// Whether the ledger's chain holds.
    pub ledger: LedgerCheck,
}

impl TitleAdded {
    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let master = &self.title.master;
        json!({
            "title": self.title.name,
            "id": self.title.id.to_string(),
            "master": master.file,
            "width": master.width,
            "height": master.height,
            "rotation_degrees": master.rotation_degrees,
            "bit_depth": master.bit_depth,
            "frame_rate": master.frame_rate.to_string(),
            "duration_seconds": rounded(master.duration_seconds, 3),
            "frames": master.frames,
            "reference": self.title.reference_file,
            "reference_bytes": self.reference_bytes,
            "seconds": rounded(self.seconds, 3),
        })
    }
}

impl Marked {
    /// Of a copy that was made in so many seconds.
    #[must_use]
    pub fn of(copy: Delivered, seconds: f64) -> Self {
        Self {
            psnr_y_db: copy.delivery.psnr_y_db,
            written_psnr_y_db: copy.written_psnr_y_db.filter(|db| db.is_finite()),
            carriage: copy.transcode.carriage.iter().map(Kept::of).collect(),
            verification: copy.verification,
            frames: copy.transcode.frames,
            delivery: copy.delivery,
            output: copy.output,
            seconds,
        }
    }

    fn frames_a_second(&self) -> f64 {
        self.frames as f64 / self.seconds.max(1e-3)
    }

    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let delivery = &self.delivery;
        let mut encoder = settings_of(delivery);
        // It stands beside the encoder, as the written file was found.
        if let Some(settings) = encoder.as_object_mut() {
            settings.remove("carriage");
        }
        json!({
            "delivery": delivery.id.to_string(),
            "payload": delivery.payload.to_string(),
            "title": delivery.title,
            "distributor": delivery.distributor,
            "licensee": delivery.licensee,
            "output": self.output.display().to_string(),
            "frames": self.frames,
            "psnr_y_db": self.psnr_y_db.map(|db| rounded(db, 2)),
            "written_psnr_y_db": self.written_psnr_y_db.map(|db| rounded(db, 2)),
            "carriage": self.carriage.iter().map(Kept::to_json).collect::<Vec<_>>(),
            "verification": self.verification.as_ref().map(found_json),
            "seconds": rounded(self.seconds, 3),
            "fps": rounded(self.frames_a_second(), 1),
            "strength": delivery.strength,
            "format_version": delivery.format_version,
            "encoder": encoder,
        })
    }
}

impl Kept {
    fn of(item: &Carriage) -> Self {
        let (fate, why) = item.fate.told();
        Self {
            kind: item.kind.as_str(),
            what: item.what.clone(),
            fate,
            why: why.map(str::to_owned),
        }
    }

    fn to_json(&self) -> Value {
        json!({"kind": self.kind, "what": self.what, "fate": self.fate, "why": self.why})
    }
}

impl Listing {
    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let deliveries: Vec<Value> = self
            .deliveries
            .iter()
            .map(|delivery| {
                json!({
                    "delivery": delivery.id.to_string(),
                    "payload": delivery.payload.to_string(),
                    "title": delivery.title,
                    "distributor": delivery.distributor,
                    "licensee": delivery.licensee,
                    "licence": Some(&delivery.licence).filter(|licence| !licence.is_empty()),
                    "revoked": delivery.revoked.as_ref().map(|(_, reason)| reason),
                    "state": delivery.state.as_str(),
                    "output": delivery.output_file,
                    "output_sha256": delivery.output_sha256.map(|hash| hash.to_string()),
                    "frames": delivery.frames,
                    "psnr_y_db": delivery.psnr_y_db.map(|db| rounded(db, 2)),
                    "strength": delivery.strength,
                    "format_version": delivery.format_version,
                    "encoder": settings_of(delivery),
                    "failure": delivery.failure,
                    "created": delivery.created.as_str(),
                    "settled": delivery.settled.as_ref().map(Timestamp::as_str),
                })
            })
            .collect();
        json!({
            "deliveries": deliveries,
            "ledger": {
                "entries": self.ledger.entries,
                "head": self.ledger.head,
                "broken": self.ledger.broken.map(|broken| broken.to_string()),
            },
        })
    }
}

mod lists;
mod selection;

pub use lists::{Changed, DistributorList, TitleList};
pub use selection::Selection;

fn settings_of(delivery: &DeliveryRecord) -> Value {
    serde_json::from_str(&delivery.encoder_settings).unwrap_or(Value::Null)
}

impl fmt::Display for TitleAdded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let master = &self.title.master;
        write!(
            f,
            "added the title {}: {}x{}, {} frames, {:.3} s; reference proxy {:.1} MB",
            Visible(&self.title.name),
            master.width,
            master.height,
            master.frames,
            master.duration_seconds,
            self.reference_bytes as f64 / 1e6,
        )
    }
}

impl fmt::Display for Marked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let delivery = &self.delivery;
        writeln!(f, "marked {}", Visible(self.output.display()))?;
        writeln!(f, "  delivery     {}", delivery.id)?;
        writeln!(f, "  payload      {}", delivery.payload)?;
        writeln!(f, "  title        {}", Visible(&delivery.title))?;
        writeln!(f, "  distributor  {}", Visible(&delivery.distributor))?;
        if let Some(licensee) = &delivery.licensee {
            writeln!(f, "  licensee     {}", Visible(licensee))?;
        }
        if let Some(db) = self.psnr_y_db {
            writeln!(f, "  PSNR-Y       {db:.2} dB")?;
        }
        if let Some(db) = self.written_psnr_y_db {
            writeln!(f, "  as written   {db:.2} dB")?;
        }
        if let Some(digest) = settings_of(delivery)["c2pa"]["certificate_sha256"].as_str() {
            writeln!(
                f,
                "  manifest     C2PA, with the certificate {}",
                Visible(digest)
            )?;
        }
        if let Some(found) = &self.verification {
            writeln!(f, "  verified     {}", found_words(found))?;
        }
        for kept in self.carriage.iter().filter(|kept| kept.fate != "carried") {
            let why = kept.why.as_deref().unwrap_or_default();
            let what = Visible(&kept.what);
            writeln!(f, "  {:11}  {what}: {}", kept.fate, Visible(why))?;
        }
        write!(
            f,
            "  frames       {} in {:.1} s, {:.1} frames/s",
            self.frames,
            self.seconds,
            self.frames_a_second()
        )
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.deliveries.is_empty() {
            return f.write_str("no deliveries");
        }
        let mut rows = vec![
            [
                "CREATED",
                "STATE",
                "PAYLOAD",
                "TITLE",
                "DISTRIBUTOR",
                "LICENSEE",
                "FILE",
            ]
            .map(str::to_owned),
        ];
        rows.extend(self.deliveries.iter().map(|delivery| {
            [
                delivery.created.to_string(),
                delivery.state.to_string(),
                delivery.payload.to_string(),
                Visible(&delivery.title).to_string(),
                Visible(&delivery.distributor).to_string(),
                Visible(delivery.licensee.as_deref().unwrap_or("-")).to_string(),
                Visible(&delivery.output_file).to_string(),
            ]
        }));
        let mut widths = [0; 7];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for (number, row) in rows.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            let [cells @ .., last] = row;
            for (cell, width) in cells.iter().zip(widths) {
                write!(f, "{cell:width$}  ")?;
            }
            f.write_str(last)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
