//! `verify`: a copy read back, asked of `countermark-mastering`.

use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use countermark_catalogue::Vault;
use countermark_mastering::{CancelToken, MasteringError, verify};
use countermark_register::{DeliveryRecord, FileHash};
use countermark_report::contact_sheet;
use countermark_report::verification::Verified;

use crate::{args::VerifyArgs, mark::in_words};

/// Reads the file back, and puts what was found on record.
///
/// # Errors
/// When no delivery is the file's, the file or the master cannot be read, or the user ends the work.
pub fn verify(vault: &Vault, args: &VerifyArgs, cancel: &CancelToken) -> Result<Verified> {
    let begun = Instant::now();
    let file = &args.file;
    let hash = FileHash::of_file(file, &|| cancel.is_cancelled())
        .map_err(|source| MasteringError::File {
            act: "read",
            path: file.clone(),
            source,
        })?
        .ok_or_else(|| anyhow!("interrupted: {} was not verified", file.display()))?;
    let delivery = delivery_of(vault, args, hash)?;
    let request = verify::Request {
        master: args.master.as_deref(),
        sha256: Some(hash),
        ..verify::Request::new(file, &delivery)
    };
    let found = verify::verify(vault, &request, cancel)
        .map_err(|error| in_words(error, &format!("{} was not verified", file.display())))?;
    verify::record(vault, delivery.id, file, &found)?;
    let mut verified = Verified {
        file: file.clone(),
        delivery,
        found,
        contact_sheet: None,
        seconds: begun.elapsed().as_secs_f64(),
    };
    if let (Some(folder), Some(master)) = (&args.contact_sheet, &args.master) {
        verified.contact_sheet = Some(contact_sheet(&verified, master, folder)?);
    }
    Ok(verified)
}

/// The delivery that is named, else the one whose file this is.
fn delivery_of(vault: &Vault, args: &VerifyArgs, hash: FileHash) -> Result<DeliveryRecord> {
    if let Some(id) = args.delivery {
        return Ok(vault.register().delivery(id)?);
    }
    let deliveries = vault.register().deliveries(None)?;
    let own = deliveries
        .into_iter()
        .find(|it| it.output_sha256 == Some(hash));
    match own {
        Some(delivery) => Ok(delivery),
        None => bail!(
            "no delivery on record is the file {} (SHA-256 {hash}): say which one it is to be with --delivery ID",
            args.file.display()
        ),
    }
}
