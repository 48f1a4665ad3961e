//! A batch at the terminal: a bar for the master at work, a line for each row that is settled.

use std::sync::{Mutex, PoisonError};

use countermark_mastering::batch::{BatchObserver, RowReport, RowState};
use countermark_mastering::{CancelToken, Notice, Observer as _, Stage};

use crate::{MasteringProgress, Printer};

/// Shows a batch as it goes.
#[derive(Debug)]
pub struct BatchProgress {
    printer: Printer,
    cancel: CancelToken,
    /// The bar of the master that was begun last.
    shown: Mutex<Option<(String, MasteringProgress)>>,
}

impl BatchProgress {
    /// Progress of a batch that ends once `cancel` is set.
    #[must_use]
    pub fn new(printer: Printer, cancel: CancelToken) -> Self {
        Self {
            printer,
            cancel,
            shown: Mutex::new(None),
        }
    }

    fn with(&self, title: &str, act: impl FnOnce(&MasteringProgress)) {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((begun, progress)) = shown.as_ref()
            && begun == title
        {
            act(progress);
        }
    }
}

impl BatchObserver for BatchProgress {
    fn group(&self, title: &str, copies: usize, number: usize, of: usize) {
        let label = format!("{number} of {of}: {copies} x {title}");
        let progress = MasteringProgress::new(self.printer, label, self.cancel.clone());
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        *shown = Some((title.to_owned(), progress));
    }

    fn waiting(&self, title: &str, bytes: u64) {
        let mib = bytes >> 20;
        self.printer
            .detail(&format!("{title} waits for {mib} MiB of memory"));
    }

    fn stage(&self, title: &str, stage: Stage, total_frames: Option<u64>) {
        self.with(title, |progress| progress.stage(stage, total_frames));
    }

    fn frames_done(&self, title: &str, frames: u64) {
        self.with(title, |progress| progress.frames_done(frames));
    }

    fn notice(&self, title: &str, notice: Notice) {
        self.with(title, |progress| progress.notice(notice));
    }

    fn row(&self, report: &RowReport) {
        let row = &report.row;
        let line = format!(
            "row {}: {} for {}: {}",
            row.number,
            row.title,
            row.distributor,
            report.state.as_str()
        );
        match (&report.why, report.state) {
            (Some(why), RowState::Failed) => self.printer.warning(&format!("{line}: {why}")),
            _ => self.printer.detail(&line),
        }
    }

    fn cancel_token(&self) -> Option<&CancelToken> {
        Some(&self.cancel)
    }
}
