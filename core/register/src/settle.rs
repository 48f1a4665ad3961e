//! What becomes of deliveries that a killed process left behind.
//!
//! ```text
//! claim held, or none that was made here           -> left alone
//! nothing on record of what was made               -> failed, "interrupted": no copy can be about
//! what was made is on record (see `delivery`):
//!     the file has that SHA-256                     -> complete
//!     another file or none: it may have been moved  -> left pending
//!     it cannot be looked at                        -> left pending, and looked at again
//! ```
//!
//! A delivery that is pending is scored like a complete one, so leaving it costs nothing; a failed one is not, so nothing
//! fails whose copy may be about.

use std::{io, path::Path};

use crate::{DeliveryRecord, FileHash, RegisterError};

/// The reason on record of a delivery whose process was killed.
pub const INTERRUPTED: &str = "interrupted";

/// What became of a delivery that was left behind.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Settlement {
    /// Its file is whole and has its final name.
    Completed(DeliveryRecord),
    /// No copy was made.
    Failed(DeliveryRecord),
    /// It stays pending.
    Kept {
        /// The delivery.
        delivery: DeliveryRecord,
        /// Why.
        why: Kept,
    },
}

/// Why a delivery that was left behind stays pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kept {
    /// Its copy was whole and is not there, or another file is.
    Moved,
    /// Its folder cannot be looked into; it is looked at again next time.
    Unreachable,
}

/// What to record of a delivery that was left behind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Verdict {
    Complete,
    Fail,
    Keep(Kept),
}

/// Judges an abandoned pending delivery by what is on record and what is on disk.
pub(crate) fn judge(
    delivery: &DeliveryRecord,
    cancelled: &dyn Fn() -> bool,
) -> Result<Verdict, RegisterError> {
    let Some(made) = delivery.output_sha256 else {
        return Ok(Verdict::Fail);
    };
    let Some(path) = &delivery.output_path else {
        return Ok(Verdict::Keep(Kept::Moved));
    };
    match FileHash::of_file(path, cancelled) {
        Ok(Some(found)) if found == made => Ok(Verdict::Complete),
        Ok(Some(_)) => Ok(Verdict::Keep(Kept::Moved)),
        Ok(None) => Err(RegisterError::Cancelled),
        Err(error) if error.kind() == io::ErrorKind::NotFound && folder_of(path).is_dir() => {
            Ok(Verdict::Keep(Kept::Moved))
        }
        // A folder that is away, as on a disk that is not mounted, tells nothing.
        Err(_) => Ok(Verdict::Keep(Kept::Unreachable)),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}
