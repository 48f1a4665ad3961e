//! Frames done, frames a second, time left. Only at a terminal; a spinner while the length is unknown.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use countermark_mastering::{CancelToken, Notice, Observer, Settled, Stage};
use indicatif::{ProgressBar, ProgressStyle};

use crate::printer::Printer;

/// Shows one request: its progress, and what there is to know.
#[derive(Debug)]
pub struct Progress {
    printer: Printer,
    label: String,
    cancel: CancelToken,
    bar: Mutex<Option<ProgressBar>>,
}

impl Progress {
    /// Progress of what `label` says; the work ends once `cancel` is set.
    #[must_use]
    pub fn new(printer: Printer, label: String, cancel: CancelToken) -> Self {
        Self {
            printer,
            label,
            cancel,
            bar: Mutex::new(None),
        }
    }

    fn bar(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        // A thread that panicked has left a whole value: it is only ever replaced.
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says what was settled of runs that were killed.
pub(crate) fn show_settled(printer: Printer, settled: &Settled) {
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

impl Observer for Progress {
    fn stage(&self, stage: Stage, total_frames: Option<u64>) {
        let mut bar = self.bar();
        if let Some(done) = bar.take() {
            done.finish_and_clear();
        }
        if !matches!(stage, Stage::RenderingReference | Stage::Marking { .. }) {
            return;
        }
        self.printer.detail(&self.label);
        if self.printer.draws_progress() {
            let fresh = total_frames.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            fresh.set_style(style(total_frames.is_some()));
            fresh.set_message(self.label.clone());
            fresh.enable_steady_tick(Duration::from_millis(120));
            *bar = Some(fresh);
        }
    }

    fn frames_done(&self, frames: u64) {
        if let Some(bar) = self.bar().as_ref() {
            // The container's count is an estimate.
            if bar.length().is_some_and(|length| frames > length) {
                bar.set_length(frames);
            }
            bar.set_position(frames);
        }
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
            Notice::StreamDropped { output, stream } => {
                let (dropped, output) = (&stream.stream, output.display());
                printer.warning(&format!(
                    "{output} is without stream {} ({} {}): {}",
                    dropped.index, dropped.kind, dropped.codec, stream.reason
                ));
            }
            Notice::Changed { note, .. } => printer.detail(&note.to_string()),
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

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
    }
}

fn style(length_known: bool) -> ProgressStyle {
    let template = if length_known {
        "{msg} [{bar:30}] {human_pos}/{human_len} frames, {fps}, {eta} left"
    } else {
        "{spinner} {msg} {human_pos} frames, {fps}, {elapsed}"
    };
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key(
            "fps",
            |state: &indicatif::ProgressState, text: &mut dyn std::fmt::Write| {
                // A failed write leaves the field blank.
                let _ = write!(text, "{:.1} fps", state.per_sec());
            },
        )
        .progress_chars("=> ")
}
