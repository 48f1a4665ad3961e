//! `batch` and `watch`: a plan, asked of `countermark-mastering`.

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use countermark_catalogue::Vault;
use countermark_console::flags::{BatchFlags, PlanFlags, WatchFlags};
use countermark_console::{BatchProgress, Printer, remedy};
use countermark_mastering::batch::{self, Plan, RowReport, Watching, check_plan, planned};
use countermark_mastering::{CancelToken, Presets};
use countermark_register::Timestamp;
use countermark_report::batch::{Batch, Unread};

/// A plan that is worked.
pub struct Work {
    /// Where titles and distributors are.
    pub vault: Vault,
    /// Threads of all masters together.
    pub threads: Option<NonZeroUsize>,
    /// Ends the work.
    pub cancel: CancelToken,
    /// Where it is told.
    pub printer: Printer,
}

impl Work {
    /// Checks the plan and makes its rows.
    ///
    /// # Errors
    /// When the plan or the register cannot be read, or a result cannot be written. Rows that fail are told in the result.
    pub fn batch(&self, args: &BatchFlags) -> Result<Batch> {
        self.work(&args.plan, &args.flags, |presets, progress| {
            let options = args.flags.options(self.threads, args.again);
            let plan = Plan::read(&args.plan, presets)?;
            let checked = check_plan(&self.vault, plan, &options)?;
            let is_dry = args.dry_run || (args.strict && !checked.problems.is_empty());
            let mut unread = Vec::new();
            for (row, problem) in &checked.problems {
                let why = remedy::of_row(&problem.fault);
                let line = format!("row {} ({}): {why}", problem.row, problem.about);
                self.printer.warning(&line);
                if row.is_none() || is_dry {
                    unread.push(Unread::of(problem, why));
                }
            }
            if is_dry {
                return Ok((planned(&checked), unread, true));
            }
            let mut rows = batch::run(&self.vault, &checked, &options, progress);
            for report in &mut rows {
                remedy::say_of_row(report, &checked.problems);
            }
            Ok((rows, unread, false))
        })
    }

    /// Watches a folder for the plan's masters.
    ///
    /// # Errors
    /// As [`Work::batch`].
    pub fn watch(&self, args: &WatchFlags) -> Result<Batch> {
        self.work(&args.plan, &args.flags, |presets, progress| {
            let watching = Watching {
                folder: &args.folder,
                plan: &args.plan,
                presets,
                interval: Duration::from_secs(1),
                settled: Duration::from_secs(args.settled),
                until_idle: args.until_idle.map(Duration::from_secs),
            };
            let options = args.flags.options(self.threads, false);
            let rows = batch::watch(&self.vault, &watching, &options, progress)?;
            Ok((rows, Vec::new(), false))
        })
    }

    /// What both have in common: deliveries by name before the work, the written results after it.
    fn work(
        &self,
        plan: &Path,
        flags: &PlanFlags,
        rows: impl FnOnce(&Presets, &BatchProgress) -> Result<(Vec<RowReport>, Vec<Unread>, bool)>,
    ) -> Result<Batch> {
        let (begun, started) = (Instant::now(), Timestamp::now());
        let presets = Presets::load(flags.presets.as_deref())?;
        let progress = BatchProgress::new(self.printer, self.cancel.clone());
        let (rows, unread, is_dry) = rows(&presets, &progress)?;
        drop(progress);
        let done = Batch {
            plan: plan.display().to_string(),
            begun: started.to_string(),
            rows,
            unread,
            seconds: begun.elapsed().as_secs_f64(),
            is_dry,
        };
        done.write(flags.csv.as_deref(), flags.junit.as_deref())?;
        Ok(done)
    }
}
