//! Results on disk: one JSON object a line, appended as soon as it is measured, so that a killed run goes on where it
//! stopped.
//!
//! One run at a time has the folder: it holds `run.lock` until it ends, however that may be.
//!
//! # Shapes and units
//! `results.jsonl` holds [`Record`]s; a last line that a kill cut short is dropped and measured again.

mod error;
mod journal;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use crate::provenance::RunHead;
use crate::suite::DetectorPath;
use crate::trial::Trial;

use crate::gap::Gap;
pub use crate::record::{Marking, NullTail, Quality, Record};
pub use error::StoreError;
use journal::{Journal, OnRecord};

const FILE: &str = "results.jsonl";

/// Results so far, and the file that takes more.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    file: Journal,
    /// Held as long as the run has the folder.
    _lock: File,
    /// Trials that stood already.
    trials_before: usize,
    discarded: Vec<String>,
    trials: Vec<Trial>,
    qualities: Vec<Quality>,
    markings: Vec<Marking>,
    tails: Vec<NullTail>,
    gaps: Vec<Gap>,
}

impl Store {
    /// Opens or starts `results.jsonl` in `folder` for the run `head`. Results on record stand where they are of the same
    /// program, suite, seed, libraries and clip; the others are measured anew. None stand where `fresh`.
    ///
    /// # Errors
    /// When another run has the folder, the file cannot be used, is damaged before its last line, or belongs to another suite.
    pub fn open(folder: &Path, head: &RunHead, fresh: bool) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let io_error = |source| StoreError::Io {
            path: path.clone(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(io_error)?;
        let lock = File::create(folder.join("run.lock")).map_err(io_error)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Busy {
                    folder: folder.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(io_error(source)),
        }
        let mut discarded = Vec::new();
        let mut kept = Vec::new();
        match journal::read(&path)? {
            OnRecord::Nothing => {}
            _ if fresh => {}
            OnRecord::Older => {
                discarded.push(
                    "all results on record: they were written by another version of this program"
                        .to_owned(),
                );
            }
            OnRecord::Run(found, ..) if found.suite != head.suite => {
                return Err(StoreError::OtherSuite {
                    path,
                    found: found.suite,
                });
            }
            OnRecord::Run(found, records, broken) => {
                if let Some(why) = head.difference(&found) {
                    discarded.push(format!("all results on record: {why}"));
                } else {
                    (kept, discarded) = still_true(head, &found, records);
                    discarded.extend(broken.map(|line| {
                        format!("results from line {line} of {FILE} on: not as a run wrote them")
                    }));
                }
            }
        }
        // Whole or not at all: a kill here must not lose what was measured.
        let beside = folder.join("results.jsonl.new");
        let mut file = Journal::create(&beside).map_err(io_error)?;
        let first = [Record::Run(head.clone())];
        for record in first.iter().chain(&kept) {
            file.append(record).map_err(io_error)?;
        }
        file.sync().map_err(io_error)?;
        std::fs::rename(&beside, &path).map_err(io_error)?;
        let mut store = Self {
            path,
            file,
            _lock: lock,
            trials_before: 0,
            discarded,
            trials: Vec::new(),
            qualities: Vec::new(),
            markings: Vec::new(),
            tails: Vec::new(),
            gaps: Vec::new(),
        };
        for record in kept {
            store.take(record);
        }
        store.trials_before = store.trials.len();
        Ok(store)
    }

    /// The head and the records of the run in `folder`, its gaps among them.
    ///
    /// # Errors
    /// When there are none, or of another version.
    pub fn read(folder: &Path) -> Result<(RunHead, Vec<Record>), StoreError> {
        let path = folder.join(FILE);
        match journal::read(&path)? {
            OnRecord::Run(head, records, None) => Ok((*head, records)),
            _ => Err(StoreError::Missing { path }),
        }
    }

    /// What was on record and is measured anew, and why: a line each.
    #[must_use]
    pub fn discarded(&self) -> &[String] {
        &self.discarded
    }

    /// Whether a trial is on record.
    #[must_use]
    pub fn has_trial(&self, clip: &str, attack: &str, path: DetectorPath) -> bool {
        self.trials
            .iter()
            .any(|t| t.clip == clip && t.attack == attack && t.path == path)
    }

    /// Whether a clip's quality is on record.
    #[must_use]
    pub fn has_quality(&self, clip: &str) -> bool {
        self.qualities.iter().any(|q| q.clip == clip)
    }

    /// Keeps a result; a clip that is marked once more after a kill is on record once more.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&mut self, record: Record) -> Result<(), StoreError> {
        self.append(&record)?;
        self.take(record);
        Ok(())
    }

    fn take(&mut self, record: Record) {
        match record {
            Record::Run(_) => {}
            Record::Trial(trial) => self.trials.push(trial),
            Record::Quality(quality) => self.qualities.push(quality),
            Record::Marking(marking) => {
                self.markings.retain(|m| m.clip != marking.clip);
                self.markings.push(marking);
            }
            Record::Null(tail) => self.tails.push(tail),
            Record::Gap(gap) => self.gaps.push(gap),
        }
    }

    /// Whether wrong keys on a clip are on record.
    #[must_use]
    pub fn has_tail(&self, clip: &str, marked: bool) -> bool {
        self.tails
            .iter()
            .any(|t| t.clip == clip && t.marked == marked)
    }

    /// Trials that were not on record when the store was opened.
    #[must_use]
    pub fn new_trials(&self) -> usize {
        self.trials.len() - self.trials_before
    }

    /// Whether this or the same of another run is on record.
    #[must_use]
    pub fn has(&self, record: &Record) -> bool {
        match record {
            Record::Run(_) => true,
            Record::Trial(trial) => self.has_trial(&trial.clip, &trial.attack, trial.path),
            Record::Quality(quality) => self.has_quality(&quality.clip),
            Record::Marking(marking) => self.markings.iter().any(|m| m.clip == marking.clip),
            Record::Null(tail) => self.has_tail(&tail.clip, tail.marked),
            Record::Gap(gap) => self.gaps.contains(gap),
        }
    }

    /// Trials so far.
    #[must_use]
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// Qualities so far.
    #[must_use]
    pub fn qualities(&self) -> &[Quality] {
        &self.qualities
    }

    /// Markings so far.
    #[must_use]
    pub fn markings(&self) -> &[Marking] {
        &self.markings
    }

    /// Wrong keys so far.
    #[must_use]
    pub fn tails(&self) -> &[NullTail] {
        &self.tails
    }

    /// What is missing, and why.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    fn append(&mut self, record: &Record) -> Result<(), StoreError> {
        self.file.append(record).map_err(|source| StoreError::Io {
            path: self.path.clone(),
            source,
        })
    }
}

/// The records of an older run of the same program and suite that are still true, and why the others are not.
fn still_true(
    head: &RunHead,
    found: &RunHead,
    mut records: Vec<Record>,
) -> (Vec<Record>, Vec<String>) {
    let mut discarded = Vec::new();
    let changed = head.measured.changed_clips(&found.measured);
    records.retain(|record| {
        let is_changed = |clip: &str| changed.iter().any(|other| other == clip);
        // Gaps are tried again.
        !matches!(record, Record::Gap(_)) && !record.clip().is_some_and(is_changed)
    });
    for clip in changed {
        discarded.push(format!(
            "results of {clip}: the clip is another now, or gone"
        ));
    }
    if head.measured.tool != found.measured.tool {
        let before = records.len();
        records.retain(|record| !matches!(record, Record::Quality(_)));
        if records.len() < before {
            let was = found.measured.tool.as_deref().unwrap_or("no tool");
            discarded.push(format!("qualities: they were measured with {was}"));
        }
    }
    (records, discarded)
}

#[cfg(test)]
mod tests;
