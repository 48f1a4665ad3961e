//! `title add`, asked of `countermark-mastering`.

use std::{num::NonZeroUsize, path::Path, time::Instant};

use anyhow::Result;
use countermark_catalogue::Vault;
use countermark_console::Printer;
use countermark_mastering::{CancelToken, TitleRequest, register_title};
use countermark_report::records::TitleAdded;

use crate::{mark::in_words, progress::Progress};

/// Registers `master` as the title `name`, decoded with `threads`, or as many as the machine has cores.
///
/// # Errors
/// When the name is taken, the master cannot be decoded to its end, the vault cannot be written, or the user ends the
/// work. Nothing of the title is left behind then.
pub fn add(
    vault: &Vault,
    master: &Path,
    name: &str,
    threads: Option<NonZeroUsize>,
    cancel: CancelToken,
    printer: Printer,
) -> Result<TitleAdded> {
    let begun = Instant::now();
    let request = TitleRequest {
        master: master.to_path_buf(),
        name: name.to_owned(),
        threads,
    };
    let progress = Progress::new(printer, format!("adding {name}"), cancel);
    let registered = register_title(vault, &request, &progress);
    drop(progress);
    let registered = registered
        .map_err(|error| in_words(error, &format!("the title {name:?} was not added")))?;
    Ok(TitleAdded {
        title: registered.title,
        reference_bytes: registered.reference_bytes,
        seconds: begun.elapsed().as_secs_f64(),
    })
}
