//! How a copy ends that is not made: under which name its error goes, and what stays on record.

use std::path::{Path, PathBuf};

use countermark_catalogue::Vault;
use countermark_media::MediaError;
use countermark_register::{DeliveryRecord, RegisterError};

use crate::likeness::OtherPictures;
use crate::title::cancelled;
use crate::{DeliveryRequest, MasteringError};

/// A copy that is on record as pending.
pub(super) struct Begun {
    pub(super) delivery: DeliveryRecord,
    pub(super) output: PathBuf,
}

/// The likeness check's answer under a name of its own.
pub(super) fn other_pictures(request: &DeliveryRequest, error: MediaError) -> MasteringError {
    if let MediaError::Edit { source, .. } = &error
        && let Some(other) = source.downcast_ref::<OtherPictures>()
    {
        return MasteringError::OtherPictures {
            path: request.master.clone(),
            title: request.title.clone(),
            seconds: other.seconds,
        };
    }
    cancelled(error)
}

/// Records that a copy was given up, or leaves it for whoever settles it next.
pub(super) fn fail_or_leave(
    vault: &Vault,
    begun: &Begun,
    reason: &str,
) -> Option<Box<RegisterError>> {
    match vault.register().fail_delivery(begun.delivery.id, reason) {
        Ok(_) => None,
        Err(error) => {
            vault.register().leave_delivery(begun.delivery.id);
            Some(Box::new(error))
        }
    }
}

/// Whether a failed job left a whole file all the same, as when the file system gives up after the renaming.
pub(super) fn was_published(error: &MasteringError, output: &Path) -> bool {
    let of_another = matches!(
        error,
        MasteringError::Media(MediaError::OutputExists { .. })
    );
    !of_another && output.symlink_metadata().is_ok()
}
