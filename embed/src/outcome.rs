//! What a command came to: as JSON and in words.
//!
//! # Shapes and units
//! `seconds` is the time the work took, `fps` frames a second of it; `psnr_y_db` compares the marked luma with the
//! master's before encoding. Identifiers and payloads are hex text.

use std::{fmt, path::PathBuf};

use countermark_register::{DeliveryRecord, DistributorRecord, LedgerCheck, TitleRecord};
use serde::Serialize;
use serde_json::{Value, json};

/// The version of the JSON.
pub const SCHEMA: u32 = 1;

/// The result of a command.
#[derive(Debug)]
pub enum Outcome {
    /// `vault init`
    VaultMade(PathBuf),
    /// `vault index`
    IndexMended(IndexMended),
    /// `title add`
    TitleAdded(TitleAdded),
    /// `distributor add`
    DistributorAdded(DistributorRecord),
    /// `mark`
    Marked(Box<Marked>),
    /// `deliveries`
    Listed(Listing),
    /// `key export`
    KeyExported(KeyExported),
}

/// The index of fingerprints as it is now.
#[derive(Debug)]
pub struct IndexMended {
    /// Titles on record.
    pub titles: u64,
    /// Those of them that could not be read.
    pub lost: u64,
    /// Files that a search looks into.
    pub segments: u64,
    /// Bytes of them.
    pub bytes: u64,
}

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
    /// Time it took.
    pub seconds: f64,
}

/// The deliveries on record.
#[derive(Debug)]
pub struct Listing {
    /// Oldest first.
    pub deliveries: Vec<DeliveryRecord>,
    /// Whether the ledger's chain holds.
    pub ledger: LedgerCheck,
}

/// A written read key.
#[derive(Debug)]
pub struct KeyExported {
    /// The key file.
    pub file: PathBuf,
    /// Name of the title.
    pub title: String,
    /// Names of the distributors.
    pub distributors: Vec<String>,
}

#[derive(Serialize)]
struct Document<T> {
    schema: u32,
    #[serde(flatten)]
    body: T,
}

impl Outcome {
    /// One line of JSON.
    ///
    /// # Errors
    /// None for outcomes of this program.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let body = match self {
            Self::VaultMade(vault) => json!({"vault": vault.display().to_string()}),
            Self::IndexMended(index) => json!({
                "titles": index.titles,
                "lost": index.lost,
                "segments": index.segments,
                "bytes": index.bytes,
            }),
            Self::TitleAdded(added) => added.to_json(),
            Self::DistributorAdded(distributor) => json!({
                "distributor": distributor.name,
                "id": distributor.id.to_string(),
                "added": distributor.added.as_str(),
            }),
            Self::Marked(marked) => marked.to_json(),
            Self::Listed(listing) => listing.to_json(),
            Self::KeyExported(exported) => json!({
                "key_file": exported.file.display().to_string(),
                "title": exported.title,
                "distributors": exported.distributors,
            }),
        };
        serde_json::to_string(&Document {
            schema: SCHEMA,
            body,
        })
    }
}

impl TitleAdded {
    fn to_json(&self) -> Value {
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
    fn frames_a_second(&self) -> f64 {
        self.frames as f64 / self.seconds.max(1e-3)
    }

    fn to_json(&self) -> Value {
        let delivery = &self.delivery;
        json!({
            "delivery": delivery.id.to_string(),
            "payload": delivery.payload.to_string(),
            "title": delivery.title,
            "distributor": delivery.distributor,
            "licensee": delivery.licensee,
            "output": self.output.display().to_string(),
            "frames": self.frames,
            "psnr_y_db": self.psnr_y_db.map(|db| rounded(db, 2)),
            "seconds": rounded(self.seconds, 3),
            "fps": rounded(self.frames_a_second(), 1),
            "strength": delivery.strength,
            "format_version": delivery.format_version,
            "encoder": settings_of(delivery),
        })
    }
}

impl Listing {
    fn to_json(&self) -> Value {
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
                    "settled": delivery.settled.as_ref().map(countermark_register::Timestamp::as_str),
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

fn settings_of(delivery: &DeliveryRecord) -> Value {
    serde_json::from_str(&delivery.encoder_settings).unwrap_or(Value::Null)
}

fn rounded(value: f64, decimals: i32) -> f64 {
    let unit = 10_f64.powi(decimals);
    (value * unit).round() / unit
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VaultMade(vault) => write!(
                f,
                "made the vault {}; back up its secret/owner.key: without it no copy can be read",
                vault.display()
            ),
            Self::IndexMended(index) => write!(
                f,
                "the index holds {} of {} titles in {} files, {:.1} MB",
                index.titles - index.lost,
                index.titles,
                index.segments,
                index.bytes as f64 / 1e6,
            ),
            Self::TitleAdded(added) => added.fmt(f),
            Self::DistributorAdded(distributor) => {
                write!(f, "added the distributor {}", distributor.name)
            }
            Self::Marked(marked) => marked.fmt(f),
            Self::Listed(listing) => listing.fmt(f),
            Self::KeyExported(exported) => write!(
                f,
                "wrote the read key {} for {} and {}; it is a secret: whoever has it can also forge and erase these marks",
                exported.file.display(),
                exported.title,
                exported.distributors.join(", "),
            ),
        }
    }
}

impl fmt::Display for TitleAdded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let master = &self.title.master;
        write!(
            f,
            "added the title {}: {}x{}, {} frames, {:.3} s; reference proxy {:.1} MB",
            self.title.name,
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
        writeln!(f, "marked {}", self.output.display())?;
        writeln!(f, "  delivery     {}", delivery.id)?;
        writeln!(f, "  payload      {}", delivery.payload)?;
        writeln!(f, "  title        {}", delivery.title)?;
        writeln!(f, "  distributor  {}", delivery.distributor)?;
        if let Some(licensee) = &delivery.licensee {
            writeln!(f, "  licensee     {licensee}")?;
        }
        if let Some(db) = self.psnr_y_db {
            writeln!(f, "  PSNR-Y       {db:.2} dB")?;
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
                delivery.title.clone(),
                delivery.distributor.clone(),
                delivery.licensee.clone().unwrap_or_else(|| "-".to_owned()),
                delivery.output_file.clone(),
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
            let (last, cells) = row.split_last().expect("seven cells");
            for (cell, width) in cells.iter().zip(widths) {
                write!(f, "{cell:width$}  ")?;
            }
            f.write_str(last)?;
        }
        Ok(())
    }
}
