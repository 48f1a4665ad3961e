//! `title add`, asked of `countermark-mastering`.

use std::num::NonZeroUsize;
use std::time::Instant;

use anyhow::Result;
use countermark_catalogue::Vault;
use countermark_console::flags::{TitleFlags, master_of};
use countermark_console::{MasteringProgress, Printer, remedy};
use countermark_mastering::{CancelToken, TitleRequest, register_title};
use countermark_report::records::TitleAdded;

/// Registers a master as a title, decoded with `threads`, or as many as the machine has cores.
///
/// # Errors
/// When the name is taken, the master cannot be decoded to its end, the vault cannot be written, or the user ends the
/// work. Nothing of the title is left behind then.
pub fn add(
    vault: &Vault,
    flags: &TitleFlags,
    threads: Option<NonZeroUsize>,
    cancel: CancelToken,
    printer: Printer,
) -> Result<TitleAdded> {
    let begun = Instant::now();
    let request = TitleRequest {
        master: master_of(&flags.master, flags.frame_rate)?,
        name: flags.name.clone(),
        threads,
    };
    let progress = MasteringProgress::new(printer, format!("adding {}", flags.name), cancel);
    let registered = register_title(vault, &request, &progress);
    drop(progress);
    let registered = registered.map_err(|error| {
        remedy::of_mastering(error, &format!("the title {:?} was not added", flags.name))
    })?;
    Ok(TitleAdded {
        title: registered.title,
        reference_bytes: registered.reference_bytes,
        seconds: begun.elapsed().as_secs_f64(),
    })
}
