//! A folder into which masters arrive: each is worked by the plan's rows once it is whole.
//!
//! ```text
//! every `interval`: read the plan -> rows whose master lies in the folder, has not changed for `settled` and is not done -> run
//! ```
//!
//! Programs that copy a file under its final name write to it until it is whole: a file that still changes is not yet there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use countermark_catalogue::Vault;

use super::check::{Standing, check_plan};
use super::plan::Plan;
use super::run::run;
use super::{BatchObserver, BatchOptions, Likeness, PlanError, RowReport};
use crate::{MasteringError, Presets};

/// How a folder is watched.
#[derive(Debug, Clone, Copy)]
pub struct Watching<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// The plan, read anew each time.
    pub plan: &'a Path,
    /// Its deliveries by name.
    pub presets: &'a Presets,
    /// How long to wait between two looks.
    pub interval: Duration,
    /// How long a file must be unchanged.
    pub settled: Duration,
    /// End when nothing came for so long; watch until the observer's token is set if `None`.
    pub until_idle: Option<Duration>,
}

/// Works what arrives, until the observer's token is set or nothing came for long enough. A row that failed is not tried again
/// until its master is another file. Answers the report of every row that was worked.
///
/// # Errors
/// When the plan cannot be read at first, or the register cannot.
pub fn watch(
    vault: &Vault,
    watching: &Watching<'_>,
    options: &BatchOptions,
    observer: &dyn BatchObserver,
) -> Result<Vec<RowReport>, WatchError> {
    let cancel = observer.cancel_token().cloned().unwrap_or_default();
    let mut seen: HashMap<PathBuf, (Likeness, Instant)> = HashMap::new();
    let mut tried: HashMap<PathBuf, Likeness> = HashMap::new();
    let (mut reports, mut last) = (Vec::new(), Instant::now());
    let mut is_first = true;
    while !cancel.is_cancelled() {
        match Plan::read(watching.plan, watching.presets) {
            Ok(plan) => {
                let worked = look(
                    (vault, watching, options, observer),
                    plan,
                    &mut seen,
                    &mut tried,
                )?;
                if !worked.is_empty() {
                    last = Instant::now();
                    reports.extend(worked);
                }
            }
            Err(error) if is_first => return Err(error.into()),
            // Somebody may be writing it.
            Err(_) => {}
        }
        is_first = false;
        if watching
            .until_idle
            .is_some_and(|idle| last.elapsed() > idle)
        {
            break;
        }
        let until = Instant::now() + watching.interval;
        while Instant::now() < until && !cancel.is_cancelled() {
            std::thread::sleep(Duration::from_millis(100).min(watching.interval));
        }
    }
    Ok(reports)
}

/// Why a folder is watched no longer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The plan cannot be read.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The register cannot be read.
    #[error(transparent)]
    Mastering(#[from] MasteringError),
}

type Context<'a> = (
    &'a Vault,
    &'a Watching<'a>,
    &'a BatchOptions,
    &'a dyn BatchObserver,
);

fn look(
    (vault, watching, options, observer): Context<'_>,
    mut plan: Plan,
    seen: &mut HashMap<PathBuf, (Likeness, Instant)>,
    tried: &mut HashMap<PathBuf, Likeness>,
) -> Result<Vec<RowReport>, WatchError> {
    let folder = watching.folder.canonicalize();
    let is_inside = |master: &Path| match (&folder, master.canonicalize()) {
        (Ok(folder), Ok(master)) => master.starts_with(folder),
        _ => false,
    };
    // A pattern that matches nothing yet is what one waits for.
    plan.problems.clear();
    plan.rows.retain(|row| {
        let Some(now) = Likeness::of(&row.master).filter(|_| is_inside(&row.master)) else {
            return false;
        };
        let known = seen
            .entry(row.master.clone())
            .or_insert_with(|| (now.clone(), Instant::now()));
        if known.0 != now {
            *known = (now.clone(), Instant::now());
        }
        known.1.elapsed() >= watching.settled && tried.get(&row.master) != Some(&now)
    });
    if plan.rows.is_empty() {
        return Ok(Vec::new());
    }
    let masters: Vec<PathBuf> = plan.rows.iter().map(|row| row.master.clone()).collect();
    let mut checked = check_plan(vault, plan, options)?;
    checked.rows.retain(|row| row.standing == Standing::ToDo);
    let worked = run(vault, &checked, options, observer);
    for master in masters {
        if let Some(now) = Likeness::of(&master) {
            tried.insert(master, now);
        }
    }
    Ok(worked)
}
