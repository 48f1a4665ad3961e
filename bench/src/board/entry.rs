//! Lines of `results.csv` and `systems.csv`, of any number of runs one behind the other.
//!
//! # Shapes and units
//! As `bench/RESULTS.md` says; heads that repeat are skipped.

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Contender;
use crate::suite::DetectorPath;

/// A trial as it stands in `results.csv`, as far as it is compared.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct Line {
    /// Which system.
    pub system: String,
    /// Which suite.
    pub suite: String,
    /// Heading of the row.
    pub group: String,
    /// The chain.
    pub attack: String,
    /// How it was asked.
    pub path: String,
    /// Which clip.
    pub clip: String,
    /// What came of it.
    pub answer: String,
    /// Payloads that were attacked.
    pub expected: String,
    /// The lowest bound.
    pub log10_p: Option<f64>,
    /// Of the call.
    pub detector_seconds: f64,
    /// Whether the register lacks the clip.
    pub unknown: bool,
    /// How sure the system was.
    pub score: Option<f64>,
    /// Share of bits.
    pub bit_accuracy: Option<f64>,
    /// Whether it said that a mark is there.
    pub claims: bool,
    /// Why it gave no answer.
    pub failure: String,
    /// What the attack left.
    pub attacked_psnr_y_db: Option<f64>,
}

/// A system on a clip as it stands in `systems.csv`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct SystemLine {
    /// Its name.
    pub system: String,
    /// Which version.
    pub version: String,
    /// Which suite.
    pub suite: String,
    /// Which clip.
    pub clip: String,
    /// Of a payload.
    pub bits: usize,
    /// Whether it needs keys.
    pub keys: bool,
    /// Whether `trace` has the unmarked film.
    pub reference: bool,
    /// Whether `trace` has a register.
    pub register: bool,
    /// What it states about false alarms.
    pub claim_log10_fpr: Option<f64>,
    /// Of the mark.
    pub psnr_y_db: Option<f64>,
    /// Of the mark.
    pub ssim: Option<f64>,
    /// Of the mark.
    pub vmaf_mean: Option<f64>,
    /// Of the mark.
    pub xpsnr_y_db: Option<f64>,
    /// Of the mark.
    pub bd_rate: Option<f64>,
    /// What programs told.
    pub metrics: String,
    /// Frames of one copy.
    pub frames: Option<u64>,
    /// For one copy.
    pub marking_seconds: Option<f64>,
}

/// A trial, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// As it was written.
    pub line: Line,
    /// How it was asked.
    pub path: DetectorPath,
}

impl Entry {
    /// Reads the names in a line.
    ///
    /// # Errors
    /// A path that this version does not know.
    pub fn new(line: Line) -> Result<Self> {
        let path = match line.path.as_str() {
            "read" => DetectorPath::Read,
            "trace" => DetectorPath::Trace,
            "identify" => DetectorPath::Identify,
            other => bail!("unknown path: {other}"),
        };
        Ok(Self { line, path })
    }

    /// Who answered.
    #[must_use]
    pub fn contender(&self) -> Contender {
        Contender {
            system: self.line.system.clone(),
            path: self.path,
        }
    }

    /// Whether somebody's copy was attacked.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        !self.line.expected.is_empty()
    }

    /// The attack, of unmarked clips: what was done to them.
    #[must_use]
    pub fn unmarked_attack(&self) -> Option<&str> {
        self.line
            .attack
            .strip_prefix("unmarked+")
            .filter(|_| !self.is_marked())
    }

    /// Whether just the right deliveries were named.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.line.answer == "exact"
    }
}

/// The lines of `text`, whose head may repeat.
pub(super) fn lines<T: DeserializeOwned>(text: &str, name: &str) -> Result<Vec<T>> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let head = reader
        .headers()
        .with_context(|| format!("{name} has no head"))?
        .clone();
    let mut lines = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.with_context(|| format!("{name} is no table"))?;
        if record == head {
            continue;
        }
        let line = record
            .deserialize(Some(&head))
            .with_context(|| format!("record {} of {name} is of another version", index + 2))?;
        lines.push(line);
    }
    Ok(lines)
}
