//! What became of one copy of a request.

use std::path::PathBuf;
use std::sync::Arc;

use countermark_media::TranscodeReport;
use countermark_register::{DeliveryId, DeliveryRecord, DeliveryState, RegisterError};

use crate::MasteringError;
use crate::verify::Verification;

/// A copy that was made.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Delivered {
    /// The record, with the payload, the PSNR of the mark and the SHA-256 of the file.
    pub delivery: DeliveryRecord,
    /// The copy.
    pub output: PathBuf,
    /// Luma PSNR of the written file against the master, mark and encoder together, over samples of it, dB; none where the copy
    /// has another size.
    pub written_psnr_y_db: Option<f64>,
    /// What was found when the file was read back; none where that was not asked for.
    pub verification: Option<Verification>,
    /// The second that marking changed most, and its luma PSNR before encoding, dB.
    pub worst_second: Option<(u64, f64)>,
    /// Frames, size, encoder, streams that were carried over and that were not, what is not exactly as it was.
    pub transcode: TranscodeReport,
}

/// A copy that was not made, or whose making could not be recorded.
#[derive(Debug, thiserror::Error)]
#[error("no copy {}, delivery {delivery} is {state}", output.display())]
#[non_exhaustive]
pub struct FailedCopy {
    /// The copy.
    pub output: PathBuf,
    /// Its delivery.
    pub delivery: DeliveryId,
    /// Failed; or pending, which is scored like a complete one, where the file exists or the register could not be told.
    pub state: DeliveryState,
    /// Why the register could not be told that the delivery failed.
    pub unrecorded: Option<Box<RegisterError>>,
    /// Why; copies that failed together share it.
    #[source]
    pub error: Arc<MasteringError>,
}
