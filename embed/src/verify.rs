//! `verify`: a copy read back, asked of `countermark-mastering`.

use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use countermark_catalogue::Vault;
use countermark_console::flags::VerifyFlags;
use countermark_console::remedy;
use countermark_mastering::{CancelToken, MasteringError, verify};
use countermark_register::FileHash;
use countermark_report::contact_sheet;
use countermark_report::verification::Verified;

/// Reads the file back, and puts what was found on record.
///
/// # Errors
/// When no delivery is the file's, the file or the master cannot be read, or the user ends the work.
pub fn verify(vault: &Vault, args: &VerifyFlags, cancel: &CancelToken) -> Result<Verified> {
    let begun = Instant::now();
    let file = &args.file;
    let hash = FileHash::of_file(file, &|| cancel.is_cancelled())
        .map_err(|source| MasteringError::File {
            act: "read",
            path: file.clone(),
            source,
        })?
        .ok_or_else(|| anyhow!("interrupted: {} was not verified", file.display()))?;
    let delivery = match args.delivery {
        Some(id) => vault.register().delivery(id)?,
        None => vault.register().delivery_of_file(hash)?.with_context(|| {
            format!(
                "no delivery on record is the file {} (SHA-256 {hash}): say which one it is to be with --delivery ID",
                file.display()
            )
        })?,
    };
    let request = verify::Request {
        master: args.master.as_deref(),
        sha256: Some(hash),
        ..verify::Request::new(file, &delivery)
    };
    let found = verify::verify(vault, &request, cancel).map_err(|error| {
        remedy::of_mastering(error, &format!("{} was not verified", file.display()))
    })?;
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
