//! Settling what killed processes left.
//!
//! ```text
//! delivery pending, its process gone:
//!   copy not complete                             -> temporary file removed, delivery failed
//!   copy complete, under its name, same SHA-256   -> delivery complete
//!   copy complete, still under its temporary name -> temporary file removed, delivery failed
//!   copy complete, neither                        -> stays pending: somebody may have moved it, so it is scored
//! reference of a title that was never on record, its process gone -> removed
//! ```
//!
//! The register knows whose process is gone and what was made (`countermark_register::settle`); what is left of temporary
//! files is settled here. A delivery of version 0.1.0 stays as it is.

use countermark_catalogue::{CatalogueError, Vault};
use countermark_media::{CancelToken, has_unpublished, remove_abandoned_in, remove_abandoned_of};
use countermark_register::{
    Access, DeliveryRecord, Kept, RegisterError, Settlement, settle::INTERRUPTED,
};

use crate::{Notice, Observer, Settled};

/// Finds what killed processes left in the vault, and settles it. What live processes are at is not touched, and nothing
/// of a vault that cannot be written. [`crate::deliver`] and [`crate::register_title`] begin with it.
///
/// # Errors
/// When the vault cannot be read or written: what is not settled then is found the next time.
pub fn settle(vault: &Vault, cancel: &CancelToken) -> Result<Settled, CatalogueError> {
    let mut settled = Settled::default();
    if cancel.is_cancelled() || vault.register().access() == Access::ReadOnly {
        return Ok(settled);
    }
    let leftovers = match vault.settle(&|| cancel.is_cancelled()) {
        Err(CatalogueError::Register(RegisterError::Cancelled)) => return Ok(settled),
        result => result?,
    };
    remove_abandoned_in(&vault.catalogue().references());
    for delivery in leftovers.deliveries {
        match delivery {
            Settlement::Completed(delivery) => {
                // Killed between giving the name and removing the temporary one.
                remove_temporary(&delivery);
                settled.completed.push(delivery.id);
            }
            Settlement::Failed(delivery) => {
                remove_temporary(&delivery);
                settled.failed.push(delivery.id);
            }
            Settlement::Kept {
                delivery,
                why: Kept::Moved,
            } => {
                if delivery.output_path.as_deref().is_some_and(has_unpublished) {
                    remove_temporary(&delivery);
                    vault.register().fail_delivery(delivery.id, INTERRUPTED)?;
                    settled.failed.push(delivery.id);
                } else {
                    settled.missing.push(delivery.id);
                }
            }
            Settlement::Kept { delivery, .. } => settled.unreachable.push(delivery.id),
            _ => {}
        }
    }
    settled.removed = leftovers.removed;
    Ok(settled)
}

/// As a request begins: what cannot be settled now does not keep it from being done.
pub(crate) fn settle_first(vault: &Vault, cancel: &CancelToken, observer: &dyn Observer) {
    match settle(vault, cancel) {
        Ok(settled) if settled.is_empty() => {}
        Ok(settled) => observer.notice(Notice::Settled(settled)),
        Err(error) => observer.notice(Notice::Unsettled(error)),
    }
}

fn remove_temporary(delivery: &DeliveryRecord) {
    if let Some(output) = &delivery.output_path {
        remove_abandoned_of(output);
    }
}

#[cfg(test)]
mod tests;
