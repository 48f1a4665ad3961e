//! Results on disk: one JSON object a line, appended as soon as it is measured, so that a killed run goes on where it
//! stopped.
//!
//! # Shapes and units
//! `results.jsonl` holds [`Record`]s; a last line that a kill cut short is dropped and measured again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::null::Tail;
use crate::provenance::Measured;
use crate::quality::Told;
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
    #[error("line {line} of {} is no result of this version; choose another --out, or --fresh", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The file holds results of another suite, seed or build of the mark.
    #[error("{} holds results of another run; choose another --out: {found}", path.display())]
    OtherRun {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
    },
}

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
    /// Bitrate of the marked against the unmarked video at equal luma PSNR, minus 1, over CRF 18 to 46; none when it was not
    /// measured, or the curves share no quality.
    #[serde(default)]
    pub bd_rate: Option<f64>,
    /// What the suite's programs told, by their names.
    #[serde(default)]
    pub metrics: BTreeMap<String, Told>,
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

/// The run that a file of results belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHead {
    /// Version of the records.
    pub schema: u32,
    /// Suite by name.
    pub suite: String,
    /// Seed of the suite.
    pub seed: u64,
    /// Version of the program.
    pub version: String,
    /// Version of the embedded format.
    pub format: u32,
    /// How clips are cut and copies made: results of other cuts and registers are not comparable.
    pub preparation: String,
    /// What results depend on beside these.
    pub measured: Measured,
}

impl RunHead {
    /// Whether it is the same suite, asked in the same way; what it was measured with may differ.
    fn is_same_run(&self, other: &Self) -> bool {
        let key = |head: &Self| {
            let (suite, preparation) = (head.suite.clone(), head.preparation.clone());
            (head.schema, suite, head.seed, head.format, preparation)
        };
        key(self) == key(other)
    }
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
}

/// Results so far, and the file that takes more.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    file: File,
    discarded: Vec<String>,
    trials: Vec<Trial>,
    qualities: Vec<Quality>,
    markings: Vec<Marking>,
    tails: Vec<NullTail>,
}

impl Store {
    /// Opens or starts `results.jsonl` in `folder` for the run `head`. Results on record stand where they are of the same
    /// program, suite, libraries and clip; the others are measured anew. None stand where `fresh`.
    ///
    /// # Errors
    /// When the file cannot be used, is damaged before its last line, or belongs to another suite, seed or format.
    pub fn open(folder: &Path, head: &RunHead, fresh: bool) -> Result<Self, StoreError> {
        let path = folder.join("results.jsonl");
        let io_error = |source| StoreError::Io {
            path: path.clone(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(io_error)?;
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(io_error(error)),
        };
        let (found, records) = parse(&path, &text)?;
        let mut discarded = Vec::new();
        let mut kept = Vec::new();
        match found {
            None => {}
            Some(_) if fresh => {}
            Some(found) if !found.is_same_run(head) => {
                return Err(StoreError::OtherRun {
                    path,
                    found: format!(
                        "suite {}, seed {}, version {}, format {}, {}",
                        found.suite, found.seed, found.version, found.format, found.preparation
                    ),
                });
            }
            Some(found) => {
                if let Some(why) = head.measured.difference(&found.measured) {
                    discarded.push(format!("all results on record: {why}"));
                } else {
                    let changed = head.measured.changed_clips(&found.measured);
                    kept = records;
                    kept.retain(|record| {
                        record
                            .clip()
                            .is_none_or(|c| !changed.iter().any(|o| o == c))
                    });
                    for clip in changed {
                        discarded.push(format!(
                            "results of {clip}: the clip is another now, or gone"
                        ));
                    }
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
            discarded,
            trials: Vec::new(),
            qualities: Vec::new(),
            markings: Vec::new(),
            tails: Vec::new(),
        };
        for record in kept {
            store.take(record);
        }
        Ok(store)
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
        }
    }

    /// Whether wrong keys on a clip are on record.
    #[must_use]
    pub fn has_tail(&self, clip: &str, marked: bool) -> bool {
        self.tails
            .iter()
            .any(|t| t.clip == clip && t.marked == marked)
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
        }
    }
}

fn write_line(file: &mut File, record: &Record) -> io::Result<()> {
    let line = serde_json::to_string(record).map_err(io::Error::from)?;
    file.write_all(format!("{line}\n").as_bytes())
}

/// The head of a file of results and what follows it; a last line that a kill cut short is dropped.
fn parse(path: &Path, text: &str) -> Result<(Option<RunHead>, Vec<Record>), StoreError> {
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let (mut head, mut records) = (None, Vec::new());
    for (index, line) in text[..whole].lines().enumerate() {
        let record = serde_json::from_str(line).map_err(|source| StoreError::Malformed {
            path: path.to_owned(),
            line: index + 1,
            source,
        })?;
        match record {
            Record::Run(found) => head = Some(found),
            record => records.push(record),
        }
    }
    Ok((head, records))
}

#[cfg(test)]
mod tests;
