//! Runs a suite: marks every clip, attacks the copies, asks the detector, compares with the truth.
//!
//! ```text
//! clip -> prepare (register, copies) -> wrong keys
//!      -> for each row: attack(copies) -> read | trace | identify -> exact | part | none | wrong -> results.jsonl
//!      -> quality (lossless copy against master)
//! ```
//!
//! With a catalogue all clips are prepared first, into one register; an unknown clip is only attacked.
//!
//! What can be known is looked at before the first trial: that each row asks some clip, that every clip can be decoded to its
//! end, that the measuring tool measures. Several clips and rows run at a time; what is on record is not done again. What
//! cannot be run is a [`Gap`], told in every report: a gap in the table would look like a result.

mod attacked;
mod cache;
mod quality;
mod queue;
mod session;
mod settings;
mod trial;
mod work;

use std::sync::Mutex;

use anyhow::{Context as _, Result, bail};
use countermark_mark::FormatSpec;

use crate::clips::{Clip, find_clips};
use crate::gap::{Cause, Gap};
use crate::observer::Observer;
use crate::provenance::{Measured, RECORDS, RunHead, RunRecord};
use crate::quality::measuring_tool;
use crate::store::{Record, Store};
use crate::subject::Subject;
use crate::suite::Row;
use session::Session;
pub use settings::RunSettings;
use work::{Work, all_work, next_ones};

/// Runs the suite and answers the store with all its results, and what is missing of them.
///
/// # Errors
/// When no clip fits the suite, a row asks none, the measuring tool does not measure, or results cannot be kept.
pub fn run_suite(
    settings: &RunSettings<'_>,
    subject: &dyn Subject,
    observer: &dyn Observer,
) -> Result<Store> {
    let suite = settings.suite;
    let found = find_clips(settings.clips, &suite.clips)?;
    check_rows(settings, &found.clips, &found.gaps)?;
    let tool = settings.vmaf.as_deref().map(measuring_tool).transpose()?;
    std::fs::create_dir_all(settings.out)
        .with_context(|| format!("cannot make the folder {}", settings.out.display()))?;
    let head = RunHead {
        schema: RECORDS,
        suite: settings.name.to_owned(),
        seed: suite.seed,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        format: FormatSpec::CURRENT.version(),
        preparation: suite.preparation(),
        texts: suite.texts().to_vec(),
        measured: Measured::of(suite.texts(), &found.clips, tool, settings.out)?,
    };
    let mut store = Store::open(settings.out, &head, settings.fresh)?;
    let discarded = store.discarded().to_vec();
    RunRecord::now(settings.command.clone(), &head).write(settings.out)?;
    let asked: usize = found
        .clips
        .iter()
        .map(|clip| {
            let rows = suite.rows.iter();
            rows.filter(|row| suite.asks(row, &clip.stem)).count()
        })
        .sum();
    let works = all_work(settings, &found.clips, &store);
    observer.planned(works.iter().map(|work| work.rows.len()).sum(), asked);
    for line in &discarded {
        observer.discarded(line);
    }
    for gap in found.gaps {
        observer.missing(&gap);
        store.keep(Record::Gap(gap))?;
    }
    if works.iter().all(Work::is_done) {
        return Ok(store);
    }
    let session = Session {
        settings,
        subject,
        observer,
        head: &head,
        store: Mutex::new(store),
    };
    observer.expected(
        works.iter().map(|work| work.cost(settings)).sum(),
        settings.threads.get(),
    );
    let whole = without_damage(&session, works)?;
    if suite.catalogue.is_some() {
        session.together(&whole)?;
    } else {
        session.one_by_one(&whole)?;
    }
    session
        .store
        .into_inner()
        .map_err(|_| anyhow::anyhow!("a trial panicked"))
}

/// Every row asks some clip, and something can be found.
fn check_rows(settings: &RunSettings<'_>, clips: &[Clip], gaps: &[Gap]) -> Result<()> {
    let (suite, folder) = (settings.suite, settings.clips.display());
    if clips.is_empty() {
        let why: Vec<String> = gaps.iter().take(3).map(Gap::line).collect();
        let why = if why.is_empty() {
            String::new()
        } else {
            format!(": {}", why.join("; "))
        };
        bail!("no clip of {folder} fits the suite {}{why}", settings.name);
    }
    if clips.iter().all(|clip| suite.is_unknown(&clip.stem)) {
        bail!(
            "the suite {} leaves every clip of {folder} out of its register",
            settings.name,
        );
    }
    // A clip that is there and broken is told as such.
    let broken = |stem: &String| {
        gaps.iter()
            .any(|gap| gap.clip == *stem && gap.cause == Cause::Error)
    };
    let asks_nobody = |row: &&Row| {
        !clips.iter().any(|clip| suite.asks(row, &clip.stem)) && !row.only.iter().any(broken)
    };
    if let Some(row) = suite.rows.iter().find(asks_nobody) {
        bail!(
            "the row {} of the suite {} asks none of the clips in {folder}, only {}",
            row.title(),
            settings.name,
            if row.only.is_empty() {
                "titles that are in the register".to_owned()
            } else {
                row.only.join(", ")
            }
        );
    }
    Ok(())
}

/// The clips that can be decoded to their ends; the others are missing.
fn without_damage<'a>(session: &Session<'_>, works: Vec<Work<'a>>) -> Result<Vec<Work<'a>>> {
    let first_seconds = session.settings.suite.clips.first_seconds;
    let mut whole = Vec::with_capacity(works.len());
    for work in works {
        session
            .observer
            .doing(&work.clip.stem, "looking for damage");
        match work.clip.check(first_seconds) {
            Ok(()) => whole.push(work),
            Err(error) => {
                session.observer.spent(work.cost(session.settings));
                session.missing(&work.clip.stem, None, &error)?;
            }
        }
    }
    // Nothing may be laid over a title that cannot be read.
    let clips: Vec<&Clip> = whole.iter().map(|work| work.clip).collect();
    for (index, work) in whole.iter_mut().enumerate() {
        if !work.others.iter().all(|other| clips.contains(other)) {
            work.others = next_ones(&clips, index);
        }
    }
    Ok(whole)
}

#[cfg(test)]
mod tests;
