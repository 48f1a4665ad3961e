//! Many copies from a list, unattended: checked whole before the first frame, gone on with after a kill, told row by row.
//!
//! ```text
//! plan (CSV, TOML) -> rows, wildcards and names filled in -> check: what each row lacks, what is done already
//!     -> groups of one master: one decode, a copy a row, `jobs` groups at a time -> a report for each row
//! ```
//!
//! A row is known by its title, its distributor and its output: one that is on record as complete is not made again, whoever
//! made it. What a killed run left is settled first (see [`crate::settle()`]). A row that fails ends no other, and nothing is tried twice.
//!
//! # Shapes and units
//! Rows are counted as a reader of the plan counts them: lines of a CSV file after its head, tables of a TOML file, from 1.

use std::path::Path;

use countermark_mark::Payload;
use countermark_register::{DeliveryId, FileHash};

use crate::{CancelToken, Notice, Stage};

mod check;
mod fault;
mod memory;
pub mod pattern;
mod plan;
mod run;
mod space;
mod watch;

pub use check::{Checked, CheckedRow, Standing, check_plan};
pub use fault::{PlanError, Problem, RowFault};
pub use plan::{Plan, Row};
pub use run::{planned, run};
pub use watch::{WatchError, Watching, watch};

/// How a batch is worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchOptions {
    /// Masters that are worked on at once.
    pub jobs: usize,
    /// Threads of all of them together; the machine's cores if `None`.
    pub threads: Option<std::num::NonZeroUsize>,
    /// Bytes of memory that they may take together, as estimated; what the machine has to spare if `None`. Copies of one master
    /// that there is no room for at once are made in parts, each a decode of its own; one that needs more is worked on alone.
    pub memory: Option<u64>,
    /// Read every copy back before it gets its name.
    pub verify: bool,
    /// Register masters whose titles are not on record yet.
    pub add_titles: bool,
    /// Make rows again whose copy is on record as complete and is no longer where it was written.
    pub again: bool,
}

impl Default for BatchOptions {
    fn default() -> Self {
        Self {
            jobs: 1,
            threads: None,
            memory: None,
            verify: true,
            add_titles: false,
            again: false,
        }
    }
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RowState {
    /// Its copy was made.
    Made,
    /// It was on record as complete before.
    Before,
    /// It was not made.
    Failed,
    /// The batch ended before its turn.
    NotBegun,
    /// It can be made, and nothing was to be.
    ToDo,
}

impl RowState {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Before => "done before",
            Self::Failed => "failed",
            Self::NotBegun => "not begun",
            Self::ToDo => "to do",
        }
    }
}

/// A row and what became of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RowReport {
    /// The row.
    pub row: Row,
    /// What became of it.
    pub state: RowState,
    /// Its delivery on record.
    pub delivery: Option<DeliveryId>,
    /// The 64 bits in its pictures.
    pub payload: Option<Payload>,
    /// SHA-256 of its file.
    pub sha256: Option<FileHash>,
    /// Frames marked.
    pub frames: Option<u64>,
    /// Luma PSNR of the mark before encoding, dB.
    pub psnr_y_db: Option<f64>,
    /// Luma PSNR of the written file, dB.
    pub written_psnr_y_db: Option<f64>,
    /// The delivery's score in the written file.
    pub score: Option<f64>,
    /// Time from the beginning of its group to its end, in seconds.
    pub seconds: f64,
    /// Why it was not made.
    pub why: Option<String>,
}

impl RowReport {
    pub(crate) fn new(row: &Row, state: RowState) -> Self {
        Self {
            row: row.clone(),
            state,
            delivery: None,
            payload: None,
            sha256: None,
            frames: None,
            psnr_y_db: None,
            written_psnr_y_db: None,
            score: None,
            seconds: 0.0,
            why: None,
        }
    }
}

/// Is told of a batch as it goes, from several threads, and can end it.
pub trait BatchObserver: Sync {
    /// Work on a master begins, which is the `number`th of `of`.
    fn group(&self, _title: &str, _copies: usize, _number: usize, _of: usize) {}

    /// Work on a master waits until `bytes` of memory are free.
    fn waiting(&self, _title: &str, _bytes: u64) {}

    /// A stage of one master's work begins.
    fn stage(&self, _title: &str, _stage: Stage, _total_frames: Option<u64>) {}

    /// This many frames of the stage are done.
    fn frames_done(&self, _title: &str, _frames: u64) {}

    /// Something to know of one master's work.
    fn notice(&self, _title: &str, _notice: Notice) {}

    /// A row is settled.
    fn row(&self, _report: &RowReport) {}

    /// The token that ends the batch; `None`: it cannot be ended.
    fn cancel_token(&self) -> Option<&CancelToken> {
        None
    }
}

/// Nobody watches.
impl BatchObserver for () {}

/// A file as it was when it was looked at: another size or time of change is another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Likeness {
    bytes: u64,
    changed: Option<std::time::SystemTime>,
}

impl Likeness {
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        Some(Self {
            bytes: found.len(),
            changed: found.modified().ok(),
        })
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}
