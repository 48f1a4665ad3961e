//! All that a verification found.
//!
//! # Shapes and units
//! As in [`crate::verify`].

use countermark_mark::Payload;
use countermark_register::FileHash;

use super::finding::{Fault, Remark};
use super::stock::FileStock;

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Verification {
    /// What is wrong: empty for a file that may be handed on.
    pub faults: Vec<Fault>,
    /// What could not be looked at, or is weak.
    pub remarks: Vec<Remark>,
    /// SHA-256 of the file.
    pub sha256: Option<FileHash>,
    /// What the file holds.
    pub stock: Option<FileStock>,
    /// The mark as it was read.
    pub reading: Option<Reading>,
    /// The mark after a recompression at CRF 28.
    pub recompressed: Option<Reading>,
    /// The file's pictures against the master's, by window.
    pub windows: Vec<Quality>,
    /// The moment that was looked at beside the usual ones.
    pub also_seconds: Option<f64>,
    /// Whether the ledger tells of the copy as it was delivered.
    pub(super) is_recorded: bool,
    /// Luma PSNR of the file against the master over all windows, dB; none where the sizes differ.
    pub psnr_y_db: Option<f64>,
}

/// A mark, read with the keys of one delivery.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Reading {
    /// Frames that were read.
    pub frames: u64,
    /// The fingerprint score of the delivery.
    pub score: f64,
    /// The payload that the address code says.
    pub payload: Option<Payload>,
    /// Amplitude as a share of what marking gives these frames; none where that is not known.
    pub strength: Option<f64>,
}

/// One window of the file.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Quality {
    /// Media time of its first frame.
    pub seconds: f64,
    /// Luma PSNR against the master, dB; infinite for equal pictures.
    pub psnr_y_db: f64,
    /// Correlation of its pictures with the master's on the lattice.
    pub likeness: f64,
}

impl Verification {
    /// Whether the file may be handed on.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }

    /// The window that is least like the master.
    #[must_use]
    pub fn worst(&self) -> Option<Quality> {
        let by_psnr = |a: &&Quality, b: &&Quality| a.psnr_y_db.total_cmp(&b.psnr_y_db);
        self.windows.iter().min_by(by_psnr).copied()
    }

    /// All faults on one line.
    #[must_use]
    pub fn in_one_line(&self) -> String {
        let faults: Vec<String> = self.faults.iter().map(Fault::to_string).collect();
        faults.join("; ")
    }
}
