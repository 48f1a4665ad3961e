//! `batch` and `watch`: a plan, asked of `countermark-mastering`.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use countermark_catalogue::Vault;
use countermark_console::{Printer, remedy};
use countermark_mastering::batch::{
    self, BatchObserver, BatchOptions, Plan, Problem, RowFault, RowReport, RowState, Watching,
    check_plan,
};
use countermark_mastering::{CancelToken, MasteringError, Notice, Observer as _, Presets, Stage};
use countermark_register::Timestamp;
use countermark_report::batch::{Batch, Unread};

use crate::args::{BatchArgs, PlanFlags, WatchArgs};
use crate::{mark, progress::Progress};

/// Checks the plan and makes its rows.
///
/// # Errors
/// When the plan or the register cannot be read, or a result cannot be written. Rows that fail are told in the result.
pub fn batch(
    vault: &Vault,
    args: &BatchArgs,
    threads: Option<std::num::NonZeroUsize>,
    cancel: &CancelToken,
    printer: Printer,
) -> Result<Batch> {
    let (begun, started) = (Instant::now(), Timestamp::now());
    let presets = Presets::load(args.flags.presets.as_deref())?;
    let options = options_of(&args.flags, threads, args.again);
    let plan = Plan::read(&args.plan, &presets)?;
    let mut checked = check_plan(vault, plan, &options)?;
    let mut unread = Vec::new();
    for (row, problem) in &checked.problems {
        let why = in_words(&problem.fault);
        printer.warning(&format!("row {} ({}): {why}", problem.row, problem.about));
        if row.is_none() || args.dry_run || args.strict {
            unread.push(unread_of(problem, why));
        }
    }
    let is_dry = args.dry_run || (args.strict && !checked.problems.is_empty());
    if is_dry {
        checked.problems.clear();
    }
    let shown = Shown {
        printer,
        cancel: if is_dry {
            CancelToken::new()
        } else {
            cancel.clone()
        },
        is_stopped: is_dry,
        told: std::sync::Mutex::new(None),
    };
    if is_dry {
        shown.cancel.cancel();
    }
    let mut rows = batch::run(vault, &checked, &options, &shown);
    drop(shown);
    for report in &mut rows {
        say_the_remedy(report, &checked.problems);
    }
    let done = Batch {
        plan: args.plan.display().to_string(),
        begun: started.to_string(),
        rows,
        unread,
        seconds: begun.elapsed().as_secs_f64(),
        is_dry,
    };
    write_results(&done, &args.flags)?;
    Ok(done)
}

/// Watches a folder for the plan's masters.
///
/// # Errors
/// As [`batch`].
pub fn watch(
    vault: &Vault,
    args: &WatchArgs,
    threads: Option<std::num::NonZeroUsize>,
    cancel: &CancelToken,
    printer: Printer,
) -> Result<Batch> {
    let (begun, started) = (Instant::now(), Timestamp::now());
    let presets = Presets::load(args.flags.presets.as_deref())?;
    let shown = Shown {
        printer,
        cancel: cancel.clone(),
        is_stopped: false,
        told: std::sync::Mutex::new(None),
    };
    let watching = Watching {
        folder: &args.folder,
        plan: &args.plan,
        presets: &presets,
        interval: Duration::from_secs(1),
        settled: Duration::from_secs(args.settled),
        until_idle: args.until_idle.map(Duration::from_secs),
    };
    let options = options_of(&args.flags, threads, false);
    let rows = batch::watch(vault, &watching, &options, &shown)?;
    let done = Batch {
        plan: args.plan.display().to_string(),
        begun: started.to_string(),
        rows,
        unread: Vec::new(),
        seconds: begun.elapsed().as_secs_f64(),
        is_dry: false,
    };
    write_results(&done, &args.flags)?;
    Ok(done)
}

fn options_of(
    flags: &PlanFlags,
    threads: Option<std::num::NonZeroUsize>,
    again: bool,
) -> BatchOptions {
    BatchOptions {
        jobs: flags.jobs.get(),
        threads,
        verify: !flags.no_verify,
        add_titles: flags.add_titles,
        again,
    }
}

fn unread_of(problem: &Problem, why: String) -> Unread {
    Unread {
        row: problem.row,
        about: problem.about.clone(),
        why,
    }
}

/// A row that was refused before the work says the remedy too.
fn say_the_remedy(
    report: &mut RowReport,
    problems: &[(Option<countermark_mastering::batch::Row>, Problem)],
) {
    if report.state != RowState::Failed {
        return;
    }
    let own = problems
        .iter()
        .find(|(row, _)| row.as_ref() == Some(&report.row));
    if let Some((_, problem)) = own {
        report.why = Some(in_words(&problem.fault));
    }
}

/// The fault with what somebody can do about it.
fn in_words(fault: &RowFault) -> String {
    let said = match fault {
        RowFault::Mastering(MasteringError::Register(error)) => {
            let remedy = remedy::of_cause(error);
            return remedy.map_or(error.to_string(), |remedy| format!("{error}: {remedy}"));
        }
        RowFault::Mastering(error) => match mark::remedy(error) {
            Some(remedy) => format!("{}: {remedy}", mark::chain(error)),
            None => mark::chain(error),
        },
        other => mark::chain(other),
    };
    let remedy = match fault {
        RowFault::SameOutput { .. } => "put {title} and {distributor} into its output",
        RowFault::OutsideLicence(_) => "correct the dates, or agree on another window",
        RowFault::NoMaster { .. } | RowFault::NoMatch { .. } => "correct its name or wait for it",
        RowFault::BeingMade { .. } => "wait until that run has ended",
        RowFault::Moved { .. } => "put the file back, or make it again with --again",
        RowFault::NoSpace { .. } => "free some, or write to another disk",
        _ => return said,
    };
    format!("{said}: {remedy}")
}

fn write_results(done: &Batch, flags: &PlanFlags) -> Result<()> {
    let write = |path: &Path, text: String| {
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    if let Some(path) = &flags.csv {
        write(path, done.to_csv()?)?;
    }
    if let Some(path) = &flags.junit {
        write(path, done.to_junit()?)?;
    }
    Ok(())
}

/// Shows a batch: a bar for the master at work, a line for each row that is settled.
struct Shown {
    printer: Printer,
    cancel: CancelToken,
    /// Whether nothing is to be made.
    is_stopped: bool,
    /// The bar of the master that was begun last.
    told: std::sync::Mutex<Option<(String, Progress)>>,
}

impl Shown {
    fn with(&self, title: &str, act: impl FnOnce(&Progress)) {
        let told = self
            .told
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((shown, progress)) = told.as_ref()
            && shown == title
        {
            act(progress);
        }
    }
}

impl BatchObserver for Shown {
    fn group(&self, title: &str, copies: usize, number: usize, of: usize) {
        let label = format!("{number} of {of}: {copies} x {title}");
        let progress = Progress::new(self.printer, label, self.cancel.clone());
        let mut told = self
            .told
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *told = Some((title.to_owned(), progress));
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
        if self.is_stopped {
            return;
        }
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
