//! Settling what killed processes left.
//!
//! ```text
//! delivery pending, its process gone:
//!   copy not complete                           -> temporary file removed, delivery failed
//!   copy complete, under its name, same SHA-256 -> delivery complete
//!   copy complete, still under its temporary name -> temporary file removed, delivery failed
//!   copy complete, neither                      -> stays pending: somebody may have moved it, so it is scored
//! proxy without a title, its process gone       -> removed
//! ```
//!
//! A delivery without a note (of version 0.1.0) stays as it is.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use countermark_media::{CancelToken, has_unpublished, remove_abandoned_in, remove_abandoned_of};
use countermark_register::{
    DeliveryId, DeliveryOutcome, DeliveryState, TitleId, Vault, VaultError,
};

use crate::digest::sha256_of;
use crate::work::{self, AbandonedNote, About};
use crate::{Notice, Observer};

/// A proxy without a title and without a note is of a version that wrote no notes; a process of that version is done with
/// it by then.
const AGE_OF_ABANDONED_PROXY: Duration = Duration::from_secs(24 * 3600);

/// What was settled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Settled {
    /// Deliveries whose copy is whole under its name.
    pub completed: Vec<DeliveryId>,
    /// Deliveries whose copy never had its name.
    pub failed: Vec<DeliveryId>,
    /// Deliveries that stay pending: their copy was whole, and is not where it was written.
    pub missing: Vec<DeliveryId>,
    /// Proxies without a title that were removed.
    pub proxies: usize,
}

impl Settled {
    /// Whether there was nothing to settle.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Finds what killed processes left in the register, and settles it. What live processes are at is not touched.
/// [`crate::deliver`] and [`crate::register_title`] begin with it.
///
/// # Errors
/// When the register cannot be read or written: what is not settled then is found the next time.
pub fn settle(vault: &Vault, cancel: &CancelToken) -> Result<Settled, VaultError> {
    let mut settled = Settled::default();
    let mut titles = Vec::new();
    for note in work::abandoned(vault.root()) {
        if cancel.is_cancelled() {
            return Ok(settled);
        }
        match &note.about {
            About::Title(_) => titles.push(note),
            About::Delivery {
                id,
                output,
                outcome,
            } => {
                let (output, outcome) = (output.as_deref(), outcome.as_ref());
                if settle_delivery(vault, *id, output, outcome, cancel, &mut settled)? {
                    note.remove();
                }
            }
        }
    }
    settled.proxies = remove_proxies(vault, &titles)?;
    titles.into_iter().for_each(AbandonedNote::remove);
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

/// False when a cancel left the matter open.
fn settle_delivery(
    vault: &Vault,
    id: DeliveryId,
    output: Option<&Path>,
    outcome: Option<&DeliveryOutcome>,
    cancel: &CancelToken,
    settled: &mut Settled,
) -> Result<bool, VaultError> {
    let state = match vault.delivery(id) {
        Ok(delivery) => delivery.state,
        Err(VaultError::UnknownDelivery { .. }) => return Ok(true),
        Err(error) => return Err(error),
    };
    if state != DeliveryState::Pending {
        return Ok(true);
    }
    if let (Some(output), Some(outcome)) = (output, outcome) {
        let found = sha256_of(output, cancel);
        if cancel.is_cancelled() {
            return Ok(false);
        }
        if found.is_ok_and(|sha256| sha256 == outcome.output_sha256) {
            vault.complete_delivery(id, outcome)?;
            // Killed between giving the name and removing the temporary one.
            remove_abandoned_of(output);
            settled.completed.push(id);
            return Ok(true);
        }
        if !has_unpublished(output) {
            settled.missing.push(id);
            return Ok(true);
        }
    }
    if let Some(output) = output {
        remove_abandoned_of(output);
    }
    vault.fail_delivery(id, "its process was killed before the copy had its name")?;
    settled.failed.push(id);
    Ok(true)
}

/// Removes the proxies, whole and partial, that no title on record has and no live process is at.
fn remove_proxies(vault: &Vault, abandoned: &[AbandonedNote]) -> Result<usize, VaultError> {
    remove_abandoned_in(&vault.references());
    // Whoever registers a title makes its note, its proxy, its record, and removes the note, in this order. So of a
    // proxy that is there: without a note by now, its title is on record or never will be.
    let proxies = vault.proxies();
    let noted = work::noted_titles(vault.root());
    let known: BTreeSet<TitleId> = vault.titles()?.iter().map(|title| title.id).collect();
    let mut removed = 0;
    for (id, written) in proxies {
        let is_dead = abandoned
            .iter()
            .any(|note| matches!(note.about, About::Title(of) if of == id));
        let is_old = written
            .elapsed()
            .is_ok_and(|age| age > AGE_OF_ABANDONED_PROXY);
        if !known.contains(&id) && (is_dead || (is_old && !noted.contains(&id))) {
            vault.discard_proxy(id)?;
            removed += 1;
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests;
