//! Results on disk: one JSON object a line, appended as soon as it is measured, so that a killed run goes on where it
//! stopped.
//!
//! One run at a time has the folder: it holds `run.lock` until it ends, however that may be.
//!
//! # Shapes and units
//! `results.jsonl` holds [`Record`]s; a last line that a kill cut short is dropped and measured again.

use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::gap::Gap;
use crate::null::Tail;
use crate::provenance::{RECORDS, RunHead};
use crate::suite::DetectorPath;
use crate::trial::Trial;

/// Why results cannot be kept.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file cannot be read or written.
    #[error("cannot keep results in {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A whole line is no record.
    #[error("line {line} of {} is no result of a run", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The file holds results of another suite.
    #[error("{} holds results of another suite; choose another folder: {found}", path.display())]
    OtherSuite {
        /// The file.
        path: PathBuf,
        /// The suite.
        found: String,
    },
    /// Another run has the folder.
    #[error("another run writes its results there: {}", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// There are no results.
    #[error("no results of a run of this version: {}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
}

const FILE: &str = "results.jsonl";

/// What the mark costs one clip.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Quality {
    /// File stem of the clip.
    pub clip: String,
    /// Frames compared.
    pub frames: u64,
    /// Luma PSNR over all frames.
    pub psnr_y_db: f64,
    /// Lowest luma PSNR of a frame.
    pub worst_frame_psnr_y_db: f64,
    /// Which frame that is, from 0.
    pub worst_frame: u64,
    /// Mean SSIM of luma.
    pub ssim: f64,
    /// Lowest SSIM of a frame.
    pub worst_frame_ssim: f64,
    /// Lowest luma PSNR of a block.
    pub worst_block_psnr_y_db: f64,
    /// Root mean square of the mark's change from frame to frame in flat regions, 8-bit code values; none without such
    /// regions.
    pub flicker: Option<f64>,
    /// Mean VMAF; none when no FFmpeg with libvmaf was given.
    pub vmaf_mean: Option<f64>,
    /// First percentile of VMAF over frames.
    pub vmaf_p1: Option<f64>,
    /// XPSNR of luma; none when no FFmpeg with that filter was given.
    pub xpsnr_y_db: Option<f64>,
    /// Size of the marked against the unmarked video at equal CRF, minus 1.
    pub bitrate_change: Option<f64>,
}

/// How long marking took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Marking {
    /// File stem of the clip.
    pub clip: String,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Frames of one copy.
    pub frames: u64,
    /// Seconds for one copy, encoding included: the mean over copies.
    pub seconds: f64,
}

/// Wrong keys on one clip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NullTail {
    /// File stem of the clip.
    pub clip: String,
    /// Whether the clip was marked, with other keys.
    pub marked: bool,
    /// How often scores reached each level.
    #[serde(flatten)]
    pub tail: Tail,
}

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "lowercase")]
pub enum Record {
    /// Always first.
    Run(RunHead),
    /// An attack.
    Trial(Trial),
    /// A clip's quality.
    Quality(Quality),
    /// A clip's marking.
    Marking(Marking),
    /// A clip's wrong keys.
    Null(NullTail),
    /// What was asked for and is not there; the next run tries again.
    Gap(Gap),
}

/// Results so far, and the file that takes more.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    file: File,
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
        match on_record(&path)? {
            OnRecord::Nothing => {}
            _ if fresh => {}
            OnRecord::Older => {
                discarded.push(
                    "all results on record: they were written by another version of this program"
                        .to_owned(),
                );
            }
            OnRecord::Run(found, _) if found.suite != head.suite => {
                return Err(StoreError::OtherSuite {
                    path,
                    found: found.suite,
                });
            }
            OnRecord::Run(found, records) => {
                if let Some(why) = head.difference(&found) {
                    discarded.push(format!("all results on record: {why}"));
                } else {
                    (kept, discarded) = still_true(head, &found, records);
                }
            }
        }
        // Whole or not at all: a kill here must not lose what was measured.
        let beside = folder.join("results.jsonl.new");
        let mut file = File::create(&beside).map_err(io_error)?;
        let first = [Record::Run(head.clone())];
        for record in first.iter().chain(&kept) {
            write_line(&mut file, record).map_err(io_error)?;
        }
        file.sync_all().map_err(io_error)?;
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
        match on_record(&path)? {
            OnRecord::Run(head, records) => Ok((*head, records)),
            OnRecord::Nothing | OnRecord::Older => Err(StoreError::Missing { path }),
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
        write_line(&mut self.file, record).map_err(|source| StoreError::Io {
            path: self.path.clone(),
            source,
        })
    }
}

impl Record {
    /// The clip that it is of; none of the run's head.
    fn clip(&self) -> Option<&str> {
        match self {
            Self::Run(_) => None,
            Self::Trial(trial) => Some(&trial.clip),
            Self::Quality(quality) => Some(&quality.clip),
            Self::Marking(marking) => Some(&marking.clip),
            Self::Null(tail) => Some(&tail.clip),
            Self::Gap(gap) => Some(&gap.clip),
        }
    }
}

fn write_line(file: &mut File, record: &Record) -> io::Result<()> {
    let line = serde_json::to_string(record).map_err(io::Error::from)?;
    file.write_all(format!("{line}\n").as_bytes())
}

/// What a folder holds.
enum OnRecord {
    Nothing,
    /// A run of a version whose records this one does not read.
    Older,
    Run(Box<RunHead>, Vec<Record>),
}

/// Read first: heads of other versions have other fields.
#[derive(Deserialize)]
struct AnyHead {
    record: String,
    #[serde(default)]
    schema: u32,
}

/// The head of a file of results and what follows it; a last line that a kill cut short is dropped.
fn on_record(path: &Path) -> Result<OnRecord, StoreError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(OnRecord::Nothing),
        Err(source) => {
            return Err(StoreError::Io {
                path: path.to_owned(),
                source,
            });
        }
    };
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let (mut head, mut records) = (None, Vec::new());
    for (index, line) in text[..whole].lines().enumerate() {
        let malformed = |source| StoreError::Malformed {
            path: path.to_owned(),
            line: index + 1,
            source,
        };
        if index == 0 {
            let any: AnyHead = serde_json::from_str(line).map_err(malformed)?;
            if any.record == "run" && any.schema != RECORDS {
                return Ok(OnRecord::Older);
            }
        }
        match serde_json::from_str(line).map_err(malformed)? {
            Record::Run(found) => head = Some(found),
            record => records.push(record),
        }
    }
    Ok(head.map_or(OnRecord::Nothing, |head| {
        OnRecord::Run(Box::new(head), records)
    }))
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
