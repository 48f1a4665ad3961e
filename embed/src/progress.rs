//! Frames done, frames a second, time left. Only at a terminal; a spinner while the length is unknown.

use std::{sync::OnceLock, time::Duration};

use countermark_media::Observer;
use indicatif::{ProgressBar, ProgressStyle};

use crate::printer::Printer;

/// Draws the progress of one file.
#[derive(Debug)]
pub struct Progress {
    printer: Printer,
    label: String,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    /// Progress of what `label` says.
    #[must_use]
    pub fn new(printer: Printer, label: String) -> Self {
        Self {
            printer,
            label,
            bar: OnceLock::new(),
        }
    }
}

impl Observer for Progress {
    fn started(&self, total_frames: Option<u64>) {
        self.printer.detail(&self.label);
        if self.printer.draws_progress() {
            let bar = total_frames.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            bar.set_style(style(total_frames.is_some()));
            bar.set_message(self.label.clone());
            bar.enable_steady_tick(Duration::from_millis(120));
            // A second start of the same file keeps the first bar.
            let _ = self.bar.set(bar);
        }
    }

    fn frames_done(&self, frames: u64) {
        if let Some(bar) = self.bar.get() {
            // The container's count is an estimate.
            if bar.length().is_some_and(|length| frames > length) {
                bar.set_length(frames);
            }
            bar.set_position(frames);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
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
