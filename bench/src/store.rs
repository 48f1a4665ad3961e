//! Results on disk: one JSON object a line, appended as soon as it is measured, so that a killed run goes on where it
//! stopped.
//!
//! # Shapes and units
//! `results.jsonl` holds [`Record`]s; a last line that a kill cut short is dropped and measured again.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::suite::DetectorPath;

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
    #[error("line {line} of {} is no result of this version; choose another --out", path.display())]
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

/// What the detector's answer was worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// Exactly the delivery that was attacked.
    Exact,
    /// Nobody.
    None,
    /// Somebody else, alone or beside the right one.
    Wrong,
}

/// One attack on one marked clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// File stem of the clip.
    pub clip: String,
    /// Name of the chain.
    pub attack: String,
    /// Who answered.
    pub path: DetectorPath,
    /// The distributor whose copy was attacked.
    pub distributor: String,
    /// Starts of the random cuts, in seconds.
    pub cuts: Vec<f64>,
    /// The answer against the truth.
    pub answer: Answer,
    /// Lowest proved log10 of the false-accusation probability; none when nothing could be scored.
    pub log10_p: Option<f64>,
    /// Seconds that the detector took.
    pub detector_seconds: f64,
    /// Seconds of media in the attacked clip.
    pub clip_seconds: f64,
    /// Bytes of the attacked file.
    pub bytes: u64,
}

/// What the mark costs one clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// File stem of the clip.
    pub clip: String,
    /// Luma PSNR over all frames.
    pub psnr_y_db: f64,
    /// Lowest luma PSNR of a frame.
    pub worst_frame_psnr_y_db: f64,
    /// Mean VMAF; none when no FFmpeg with libvmaf was given.
    pub vmaf_mean: Option<f64>,
    /// First percentile of VMAF over frames.
    pub vmaf_p1: Option<f64>,
    /// Size of the marked against the unmarked video at equal CRF, minus 1.
    pub bitrate_change: Option<f64>,
    /// Frames compared.
    pub frames: u64,
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
}

/// Results so far, and the file that takes more.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    file: File,
    trials: Vec<Trial>,
    qualities: Vec<Quality>,
}

impl Store {
    /// Opens or starts `results.jsonl` in `folder` for the run `head`.
    ///
    /// # Errors
    /// When the file cannot be used, is damaged before its last line, or belongs to another run.
    pub fn open(folder: &Path, head: &RunHead) -> Result<Self, StoreError> {
        let path = folder.join("results.jsonl");
        let io_error = |source| StoreError::Io {
            path: path.clone(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(io_error)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(io_error)?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(io_error)?;
        // What follows the last line feed was cut short by a kill.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).map_err(io_error)?;
        file.seek(io::SeekFrom::End(0)).map_err(io_error)?;
        let mut store = Self {
            path: path.clone(),
            file,
            trials: Vec::new(),
            qualities: Vec::new(),
        };
        for (index, line) in text[..whole].lines().enumerate() {
            let record = serde_json::from_str(line).map_err(|source| StoreError::Malformed {
                path: path.clone(),
                line: index + 1,
                source,
            })?;
            match record {
                Record::Run(found) if found == *head => {}
                Record::Run(found) => {
                    return Err(StoreError::OtherRun {
                        path,
                        found: format!(
                            "suite {}, seed {}, version {}",
                            found.suite, found.seed, found.version
                        ),
                    });
                }
                Record::Trial(trial) => store.trials.push(trial),
                Record::Quality(quality) => store.qualities.push(quality),
            }
        }
        if whole == 0 {
            store.append(&Record::Run(head.clone()))?;
        }
        Ok(store)
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

    /// Keeps a trial.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep_trial(&mut self, trial: Trial) -> Result<(), StoreError> {
        self.append(&Record::Trial(trial.clone()))?;
        self.trials.push(trial);
        Ok(())
    }

    /// Keeps a clip's quality.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep_quality(&mut self, quality: Quality) -> Result<(), StoreError> {
        self.append(&Record::Quality(quality.clone()))?;
        self.qualities.push(quality);
        Ok(())
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

    fn append(&mut self, record: &Record) -> Result<(), StoreError> {
        let written = serde_json::to_string(record)
            .map_err(io::Error::from)
            .and_then(|line| self.file.write_all(format!("{line}\n").as_bytes()));
        written.map_err(|source| StoreError::Io {
            path: self.path.clone(),
            source,
        })
    }
}

#[cfg(test)]
mod tests;
