//! Progress of an analysis: stage, frames, frames a second, time left. Only at a terminal.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::printer::Printer;
use countermark_trace::observer::{Note, Observer, Stage};

use crate::remedy::in_words;

/// Draws the stages of one clip, or passes them on as notes.
#[derive(Debug)]
pub struct Progress {
    printer: Printer,
    clip: String,
    bar: Mutex<Option<ProgressBar>>,
    /// Notes already shown: a clip is read once for each title, and complained of once.
    noted: Mutex<BTreeSet<String>>,
}

impl Progress {
    /// Progress of the analysis of `clip`.
    #[must_use]
    pub fn new(printer: Printer, clip: String) -> Self {
        Self {
            printer,
            clip,
            bar: Mutex::new(None),
            noted: Mutex::default(),
        }
    }

    /// A panic elsewhere does not harm a bar.
    fn bar(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Clears what was drawn.
    pub fn finish(&self) {
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Observer for Progress {
    fn stage(&self, stage: Stage, frames: Option<u64>) {
        self.finish();
        self.printer.detail(&format!("{}: {stage}", self.clip));
        if self.printer.draws_progress() {
            let bar = frames.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            bar.set_style(style(frames.is_some()));
            bar.set_message(format!("{}: {stage}", self.clip));
            bar.enable_steady_tick(Duration::from_millis(120));
            *self.bar() = Some(bar);
        }
    }

    fn progress(&self, done: u64) {
        if let Some(bar) = &*self.bar() {
            bar.set_position(done);
        }
    }

    fn note(&self, note: &Note) {
        let text = in_words(note);
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if !noted.insert(text.clone()) {
            return;
        }
        let bar = self.bar();
        let say = || self.printer.warning(&format!("{}: {text}", self.clip));
        match &*bar {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }
}

fn style(length_known: bool) -> ProgressStyle {
    let template = if length_known {
        "{msg} [{bar:30}] {human_pos}/{human_len} frames, {fps}, {eta} left"
    } else {
        "{spinner} {msg} {human_pos} frames, {elapsed}"
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
