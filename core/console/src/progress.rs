//! Stage, frames done, frames a second, time left: at a terminal only, a spinner while the length is unknown.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use countermark_report::visible::Visible;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::Printer;

/// Draws the stages of one job, or passes them on as notes.
#[derive(Debug)]
pub struct Progress {
    printer: Printer,
    job: String,
    bar: Mutex<Option<ProgressBar>>,
    /// Warnings already shown: a file is read several times, and complained of once.
    warned: Mutex<BTreeSet<String>>,
}

impl Progress {
    /// Progress of `job`, such as a file's name.
    #[must_use]
    pub fn new(printer: Printer, job: String) -> Self {
        Self {
            printer,
            job: Visible(job).to_string(),
            bar: Mutex::new(None),
            warned: Mutex::default(),
        }
    }

    /// The job itself begins, without stages: `frames` when their number is known.
    pub fn begin(&self, frames: Option<u64>) {
        self.show(self.job.clone(), frames);
    }

    /// A stage of the job begins.
    pub fn stage(&self, name: &str, frames: Option<u64>) {
        self.show(format!("{}: {name}", self.job), frames);
    }

    fn show(&self, what: String, frames: Option<u64>) {
        self.finish();
        self.printer.detail(&what);
        if self.printer.draws_progress() {
            let bar = frames.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            bar.set_style(style(frames.is_some()));
            bar.set_message(Visible(what).to_string());
            bar.enable_steady_tick(Duration::from_millis(120));
            *self.bar() = Some(bar);
        }
    }

    /// So many frames of the stage are done, counted from its start.
    pub fn frames_done(&self, done: u64) {
        if let Some(bar) = &*self.bar() {
            // A container's count is an estimate.
            if bar.length().is_some_and(|length| done > length) {
                bar.set_length(done);
            }
            bar.set_position(done);
        }
    }

    /// A warning about the job, once.
    pub fn warn(&self, text: &str) {
        if !lock(&self.warned).insert(text.to_owned()) {
            return;
        }
        let say = || self.printer.warning(&format!("{}: {text}", self.job));
        match &*self.bar() {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }

    /// Clears what was drawn.
    pub fn finish(&self) {
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
    }

    fn bar(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        lock(&self.bar)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// A panic elsewhere harms neither a bar nor a set of texts.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
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
            |state: &ProgressState, text: &mut dyn std::fmt::Write| {
                // A failed write leaves the field blank.
                let _ = write!(text, "{:.1} fps", state.per_sec());
            },
        )
        .progress_chars("=> ")
}
