//! A checked plan, made.
//!
//! ```text
//! groups of one master, `jobs` at a time, as far as memory goes -> deliver: one decode, a copy a row -> reports in the plan's order
//! a group that memory has no room for at once -> parts of it, each a decode of its own
//! threads of a group = threads of all / jobs
//! ```
//!
//! A group that is refused as a whole is made row by row: what is wrong with one of them ends no other.

use std::collections::VecDeque;
use std::fs;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use countermark_catalogue::Vault;
use countermark_register::{DeliveryRecord, DeliveryState, RegisterError};

use super::check::{Checked, CheckedRow, Standing, groups, request};
use super::memory::{Budget, Need};
use super::plan::Row;
use super::{BatchObserver, BatchOptions, Likeness, RowReport, RowState};
use crate::error::chain;
use crate::{
    CancelToken, Delivered, FailedCopy, MasteringError, Notice, Observer, Stage, TitleRequest,
    deliver, register_title,
};

/// Makes all rows of a checked plan that are not made yet. Answers a report for each row and each problem, in the plan's order.
#[must_use]
pub fn run(
    vault: &Vault,
    checked: &Checked,
    options: &BatchOptions,
    observer: &dyn BatchObserver,
) -> Vec<RowReport> {
    let cancel = observer.cancel_token().cloned().unwrap_or_default();
    let groups = groups(&checked.rows);
    let jobs = options.jobs.clamp(1, groups.len().max(1));
    let work = Batch {
        vault,
        options,
        observer,
        cancel: &cancel,
        rows: &checked.rows,
        threads: share_of_threads(options.threads, jobs),
        budget: Budget::new(options.memory),
        of: groups.len(),
        reports: Mutex::new(vec![None; checked.rows.len()]),
    };
    for (index, row) in checked.rows.iter().enumerate() {
        if let Standing::Done(delivery) = &row.standing {
            work.settle(index, before(&row.row, delivery));
        }
    }
    let queue: Mutex<VecDeque<(usize, Vec<usize>)>> = Mutex::new((1..).zip(groups).collect());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let next = queue
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .pop_front();
                    let Some((number, group)) = next else { break };
                    if cancel.is_cancelled() {
                        break;
                    }
                    work.group(number, &group);
                }
            });
        }
    });
    let reports = work
        .reports
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let made = checked.rows.iter().zip(reports);
    let mut all: Vec<RowReport> = made
        .map(|(row, report)| report.unwrap_or_else(|| RowReport::new(&row.row, RowState::NotBegun)))
        .collect();
    for (row, problem) in &checked.problems {
        let Some(row) = row else { continue };
        let mut report = RowReport::new(row, RowState::Failed);
        report.why = Some(chain(&problem.fault));
        observer.row(&report);
        all.push(report);
    }
    all.sort_by_key(|report| report.row.number);
    all
}

/// What a run would do with the rows of a checked plan that can be made: nothing is made.
#[must_use]
pub fn planned(checked: &Checked) -> Vec<RowReport> {
    let rows = checked.rows.iter();
    rows.map(|row| match &row.standing {
        Standing::Done(delivery) => before(&row.row, delivery),
        Standing::ToDo => RowReport::new(&row.row, RowState::ToDo),
    })
    .collect()
}

/// A row whose copy was made earlier.
fn before(row: &Row, delivery: &DeliveryRecord) -> RowReport {
    RowReport {
        delivery: Some(delivery.id),
        payload: Some(delivery.payload),
        sha256: delivery.output_sha256,
        frames: delivery.frames,
        psnr_y_db: delivery.psnr_y_db,
        ..RowReport::new(row, RowState::Before)
    }
}

/// The threads of one of `jobs`.
fn share_of_threads(threads: Option<NonZeroUsize>, jobs: usize) -> Option<NonZeroUsize> {
    if jobs == 1 {
        return threads;
    }
    let all = threads.or_else(|| std::thread::available_parallelism().ok());
    NonZeroUsize::new((all.map_or(1, NonZeroUsize::get) / jobs).max(1))
}

/// A batch at work.
struct Batch<'a> {
    vault: &'a Vault,
    options: &'a BatchOptions,
    observer: &'a dyn BatchObserver,
    cancel: &'a CancelToken,
    rows: &'a [CheckedRow],
    threads: Option<NonZeroUsize>,
    budget: Budget,
    of: usize,
    reports: Mutex<Vec<Option<RowReport>>>,
}

impl Batch<'_> {
    fn group(&self, number: usize, group: &[usize]) {
        let Row { title, master, .. } = &self.rows[group[0]].row;
        let need = Need::of(master);
        let at_once = self.budget.copies_at_once(need, group.len());
        let mut is_prepared = false;
        for part in group.chunks(at_once.max(1)) {
            let bytes = need.of_copies(part.len());
            if self.budget.is_short_of(bytes) {
                self.observer.waiting(title, bytes);
            }
            let Some(_share) = self.budget.take(bytes, &|| self.cancel.is_cancelled()) else {
                return;
            };
            let begun = Instant::now();
            if !is_prepared {
                self.observer.group(title, group.len(), number, self.of);
                if let Err(error) = self.prepare(group) {
                    for index in group {
                        self.not_made(*index, &error, begun);
                    }
                    return;
                }
                is_prepared = true;
            }
            self.make(part, begun);
        }
    }

    /// Makes the copies of some rows of one master.
    fn make(&self, part: &[usize], begun: Instant) {
        match self.deliver(part, begun) {
            Ok(()) => {}
            // Refused before anything was made: what is wrong with one of them is not wrong with the others.
            Err(error) if part.len() > 1 && !error.is_cancelled() => {
                for index in part {
                    if let Err(error) = self.deliver(&[*index], begun) {
                        self.not_made(*index, &error, begun);
                    }
                }
            }
            Err(error) => {
                for index in part {
                    self.not_made(*index, &error, begun);
                }
            }
        }
    }

    /// The master is the one that was looked at, its title is on record, and the folders are there.
    fn prepare(&self, group: &[usize]) -> Result<(), MasteringError> {
        let first = &self.rows[group[0]];
        let row = &first.row;
        if Likeness::of(&row.master) != first.master {
            return Err(MasteringError::MasterChanged {
                path: row.master.clone(),
            });
        }
        if self.options.add_titles {
            match self.vault.register().title_named(&row.title) {
                Err(RegisterError::UnknownTitle { .. }) => {
                    let request = TitleRequest {
                        master: row.master.clone(),
                        name: row.title.clone(),
                        threads: self.threads,
                    };
                    register_title(self.vault, &request, &self.told(&row.title))?;
                }
                known => drop(known?),
            }
        }
        for index in group {
            let output = &self.rows[*index].row.output;
            if let Some(folder) = output.parent().filter(|it| !it.as_os_str().is_empty()) {
                fs::create_dir_all(folder).map_err(|source| MasteringError::File {
                    act: "make the folder",
                    path: folder.to_owned(),
                    source,
                })?;
            }
        }
        Ok(())
    }

    fn deliver(&self, group: &[usize], begun: Instant) -> Result<(), MasteringError> {
        let rows: Vec<&Row> = group.iter().map(|index| &self.rows[*index].row).collect();
        let request = request(&rows, self.options, self.threads);
        let copies = deliver(self.vault, &request, &self.told(&rows[0].title))?;
        let seconds = begun.elapsed().as_secs_f64();
        for (index, copy) in group.iter().zip(copies) {
            let row = &self.rows[*index].row;
            let report = match copy {
                Ok(copy) => made(row, &copy, seconds),
                Err(failed) => not_made(row, &failed, seconds),
            };
            self.settle(*index, report);
        }
        Ok(())
    }

    /// A row of which nothing was made: it failed, or its turn did not come.
    fn not_made(&self, index: usize, error: &MasteringError, begun: Instant) {
        let state = if error.is_cancelled() {
            RowState::NotBegun
        } else {
            RowState::Failed
        };
        let mut report = RowReport::new(&self.rows[index].row, state);
        report.seconds = begun.elapsed().as_secs_f64();
        report.why = Some(chain(error));
        self.settle(index, report);
    }

    fn settle(&self, index: usize, report: RowReport) {
        self.observer.row(&report);
        let mut reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        reports[index] = Some(report);
    }

    fn told<'a>(&'a self, title: &'a str) -> Told<'a> {
        Told { batch: self, title }
    }
}

fn made(row: &Row, copy: &Delivered, seconds: f64) -> RowReport {
    let reading = copy.verification.as_ref().and_then(|found| found.reading);
    RowReport {
        delivery: Some(copy.delivery.id),
        payload: Some(copy.delivery.payload),
        sha256: copy.delivery.output_sha256,
        frames: copy.delivery.frames,
        psnr_y_db: copy.delivery.psnr_y_db,
        written_psnr_y_db: copy.written_psnr_y_db.filter(|db| db.is_finite()),
        score: reading.map(|reading| reading.score),
        seconds,
        ..RowReport::new(row, RowState::Made)
    }
}

fn not_made(row: &Row, failed: &FailedCopy, seconds: f64) -> RowReport {
    let mut why = chain(&*failed.error);
    if failed.state == DeliveryState::Pending {
        why = format!("its delivery stays pending: {why}");
    }
    RowReport {
        delivery: Some(failed.delivery),
        seconds,
        why: Some(why),
        ..RowReport::new(row, RowState::Failed)
    }
}

/// Hands on what is told of one master.
struct Told<'a> {
    batch: &'a Batch<'a>,
    title: &'a str,
}

impl Observer for Told<'_> {
    fn stage(&self, stage: Stage, total_frames: Option<u64>) {
        self.batch.observer.stage(self.title, stage, total_frames);
    }

    fn frames_done(&self, frames: u64) {
        self.batch.observer.frames_done(self.title, frames);
    }

    fn notice(&self, notice: Notice) {
        self.batch.observer.notice(self.title, notice);
    }

    fn cancel_token(&self) -> Option<&CancelToken> {
        Some(self.batch.cancel)
    }
}
