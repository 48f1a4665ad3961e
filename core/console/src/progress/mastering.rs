//! What `countermark-mastering` tells of a request, at the terminal.

use countermark_catalogue::{Mended, Vault};
use countermark_mastering::{CancelToken, Notice, Observer, Settled, Stage};
use countermark_register::{Named, RegisterError};

use crate::{Printer, Progress};

/// Shows one request: its progress, and what there is to know.
#[derive(Debug)]
pub struct MasteringProgress {
    printer: Printer,
    drawn: Progress,
    cancel: CancelToken,
}

impl MasteringProgress {
    /// Progress of what `label` says; the work ends once `cancel` is set.
    #[must_use]
    pub fn new(printer: Printer, label: String, cancel: CancelToken) -> Self {
        Self {
            printer,
            drawn: Progress::new(printer, label),
            cancel,
        }
    }
}

/// Says what was settled of runs that were killed.
fn show_settled(printer: Printer, settled: &Settled) {
    for delivery in &settled.completed {
        printer.detail(&format!(
            "delivery {delivery} of a killed run is on record as complete: its file is whole"
        ));
    }
    for delivery in &settled.failed {
        printer.detail(&format!(
            "delivery {delivery} of a killed run is on record as failed: its file was never whole"
        ));
    }
    for delivery in &settled.missing {
        printer.warning(&format!(
                "delivery {delivery} of a killed run stays pending: its file was whole and is no more where it was written"
            ));
    }
    for delivery in &settled.unreachable {
        printer.warning(&format!(
            "delivery {delivery} of a killed run stays pending: its file cannot be looked at"
        ));
    }
    for path in &settled.removed {
        printer.detail(&format!(
            "removed {}: a killed run wrote it for a title that was never added",
            path.display()
        ));
    }
}

/// Settles what killed runs left, and says so; what cannot be settled now is found again.
pub fn settle(vault: &Vault, printer: Printer) {
    match countermark_mastering::settle(vault, &CancelToken::new()) {
        Ok(settled) => show_settled(printer, &settled),
        Err(error) => printer.detail(&format!(
            "what a killed run left could not be settled: {error}"
        )),
    }
}

/// Says what an index that was made whole again lacks.
pub fn warn_of_lost(mended: &Mended, printer: Printer) {
    for title in &mended.lost {
        printer.warning(&format!(
            "the title {:?} cannot be searched by its pictures: {}",
            title.title, title.why
        ));
    }
    for path in &mended.orphans {
        printer.warning(&format!(
            "{} is of no title on record: it stays, for an older copy of the register may have been put back",
            path.display()
        ));
    }
}

/// Says which names on record people may take for one that was just added.
///
/// # Errors
/// When the register cannot be read.
pub fn warn_of_alike(
    vault: &Vault,
    what: Named,
    name: &str,
    printer: Printer,
) -> Result<(), RegisterError> {
    for alike in vault.register().names_like(what, name)? {
        printer.warning(&alike.to_string());
    }
    Ok(())
}

impl Observer for MasteringProgress {
    fn stage(&self, stage: Stage, total_frames: Option<u64>) {
        match stage {
            Stage::RenderingReference | Stage::Marking { .. } => self.drawn.begin(total_frames),
            _ => self.drawn.finish(),
        }
    }

    fn frames_done(&self, frames: u64) {
        self.drawn.frames_done(frames);
    }

    fn notice(&self, notice: Notice) {
        let printer = self.printer;
        match notice {
            Notice::DeliveryBegun { delivery, .. } => {
                printer.detail(&format!("delivery {delivery} is on record as pending"));
            }
            Notice::StrengthUnmeasured => {
                printer.warning("quality and robustness are measured at --strength 1 only");
            }
            Notice::FewPictures { share } => printer.warning(&format!(
                "only {:.0} % of the master's pictures are neither black nor flat: a clip of the others carries no mark",
                100.0 * share
            )),
            Notice::StreamDropped { output, stream } => {
                let (dropped, output) = (&stream.stream, output.display());
                printer.warning(&format!(
                    "{output} is without stream {} ({} {}): {}",
                    dropped.index, dropped.kind, dropped.codec, stream.reason
                ));
            }
            Notice::Changed { note, .. } => printer.detail(&note.to_string()),
            Notice::Verified { output, remarks } => {
                for remark in remarks {
                    printer.detail(&format!("{}: {remark}", output.display()));
                }
            }
            Notice::Silent => printer.detail("the master has no sound to be recognised by"),
            Notice::SoundUnreadable(error) => printer.warning(&format!(
                "the title will not be recognised by its sound: {error}"
            )),
            Notice::IndexNotCompacted(error) => {
                printer.warning(&format!("the index was not compacted: {error}"));
            }
            Notice::Settled(settled) => show_settled(printer, &settled),
            Notice::Unsettled(error) => printer.warning(&format!(
                "what a killed run left could not be settled: {error}"
            )),
            _ => {}
        }
    }

    fn cancel_token(&self) -> Option<&CancelToken> {
        Some(&self.cancel)
    }
}
