//! `print`: a clip's print, made where the clip is.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use countermark_console::{ClipProgress, Exit, Printer};
use countermark_register::private_file::{self, Existing};
use countermark_report::PrintMade;
use countermark_report::json::Document;

/// Makes the print of a clip and writes it whole or not at all.
///
/// # Errors
/// When the clip cannot be read or the print not be written.
pub fn make(clip: &Path, output: &Path, printer: Printer) -> anyhow::Result<Exit> {
    let begun = Instant::now();
    let progress = ClipProgress::new(printer, clip.display().to_string(), None);
    let print = countermark_trace::print_of(clip, &progress);
    progress.finish();
    let print = print?;
    let bytes = print.to_bytes();
    private_file::write(output, &bytes, Existing::Replace)
        .with_context(|| format!("cannot write the print {}", output.display()))?;
    let made = PrintMade::new(clip, output, &print, (bytes.len(), begun.elapsed()));
    printer.result(&Document::new(&made), &made)?;
    Ok(Exit::Done)
}
