//! Deliveries: marked copies.
//!
//! ```text
//! begin_delivery -> pending -> record_outcome -> pending, made -> (the file gets its final name) -> complete_delivery
//!                           \-> fail_delivery
//! ```
//!
//! A delivery is on record before its file exists, and what was made is on record before the file has its final name. So
//! of one that a killed process left behind it is known whether a copy can be about: none can when nothing is on record
//! of what was made (see [`crate::settle`]). A pending one is scored like a complete one.
//!
//! # Shapes and units
//! Payloads are 64 bits; PSNR is in dB, of the marked luma before encoding; SHA-256 is of the file's bytes.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use countermark_mark::{FormatSpec, Payload, UnknownFormat};
use serde_json::Value;

use crate::{
    DeliveryId, DistributorId, DistributorRecord, FileHash, Licence, Timestamp, TitleId,
    TitleRecord,
};

/// How far a delivery got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Being made, or left behind.
    Pending,
    /// Its file is whole.
    Complete,
    /// Given up: its file was removed, or put aside.
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
    /// Format of the mark.
    pub format: FormatSpec,
    /// The encoder's settings, for the record.
    pub encoder_settings: &'a Value,
    /// Where the copy will be. On record as an absolute path, and in the ledger as a name without its folder.
    pub output: &'a Path,
}

/// What is known of a delivery once its file is whole, before it has its final name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeliveryOutcome {
    /// Frames marked.
    pub frames: u64,
    /// Peak signal-to-noise ratio of the marked luma before encoding, dB.
    pub psnr_y_db: f64,
    /// SHA-256 of the file.
    pub output_sha256: FileHash,
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
    /// The title, for [`Register::carrier_key`](crate::Register::carrier_key).
    pub title_id: TitleId,
    /// Name of the distributor.
    pub distributor: String,
    /// The distributor, for [`Register::scoped_payload_key`](crate::Register::scoped_payload_key).
    pub distributor_id: DistributorId,
    /// Free text given at marking.
    pub licensee: Option<String>,
    /// Strength of the mark.
    pub strength: f64,
    /// Version of the mark's format; see [`DeliveryRecord::format`].
    pub format_version: u32,
    /// The encoder's settings, JSON text.
    pub encoder_settings: String,
    /// File name of the copy.
    pub output_file: String,
    /// Where the copy was to be written; none for deliveries begun by 0.1.0, or where the path is not Unicode.
    pub output_path: Option<PathBuf>,
    /// How far it got.
    pub state: DeliveryState,
    /// Frames marked, once the file was whole.
    pub frames: Option<u64>,
    /// Luma PSNR of the mark, dB, once the file was whole; none for a mark of no energy.
    pub psnr_y_db: Option<f64>,
    /// SHA-256 of the file, once it was whole.
    pub output_sha256: Option<FileHash>,
    /// Why it failed.
    pub failure: Option<String>,
    /// When it was begun.
    pub created: Timestamp,
    /// When it was completed or failed.
    pub settled: Option<Timestamp>,
    /// What it may be used for; only the ledger's word has it: see [`Attested`](crate::Attested).
    pub licence: Licence,
    /// When and why it was revoked; likewise.
    pub revoked: Option<(Timestamp, String)>,
}

impl DeliveryRecord {
    /// The format of its mark, which a detector follows.
    ///
    /// # Errors
    /// When a newer program made it.
    pub const fn format(&self) -> Result<FormatSpec, UnknownFormat> {
        FormatSpec::of(self.format_version)
    }

    /// Whether a copy may be about: all but those that failed before anything was made. Those are the ones to score. What was
    /// made and failed its verification was put aside, not destroyed.
    #[must_use]
    pub fn may_exist(&self) -> bool {
        self.state != DeliveryState::Failed || self.output_sha256.is_some()
    }
}
