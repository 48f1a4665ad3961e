//! What the parts of a run cost, before anything is measured: for estimates of time and for fair shards.
//!
//! ```text
//! cost of a row = attack + detector(path, attack),   each in core seconds a clip of 4 s at 640x360, times the clip's size
//! size          = seconds x pixels / (4 x 640 x 360)
//! ```
//!
//! The figures are rough, from runs of the suite `smoke` on the committed samples. They decide about nothing that
//! is measured: an estimate is corrected by what the run itself takes, and shards give the same results however they are
//! divided.
//!
//! # Shapes and units
//! Core seconds.

use crate::clips::Clip;
use crate::suite::{DetectorPath, Row, Suite};
use countermark_attack::Source;

/// Seconds times pixels of the clips that the figures are of.
const UNIT: f64 = 4.0 * 640.0 * 360.0;

/// One copy, encoding included.
const MARKING: f64 = 2.0;

/// A title's reference and its register.
const REGISTERING: f64 = 2.0;

/// Comparing a lossless copy with its master.
const QUALITY: f64 = 6.0;

/// VMAF and XPSNR of it.
const VMAF: f64 = 6.0;

/// The search for a first hypothesis, which wrong keys are scored on.
const EVIDENCE: f64 = 3.0;

/// A thousand wrong keys.
const KEYS: f64 = 0.05;

/// Decoding, damaging and encoding.
const ATTACK: f64 = 1.0;

/// An answer where registration succeeds at once, or keys alone find their lattice.
const EASY: f64 = 2.0;

/// An answer after the whole search of geometries.
const SEARCH: f64 = 25.0;

/// Steps after which the whole search is needed, by how their names begin.
const SEARCHED: [&str; 9] = [
    "perspective",
    "pip-",
    "rotate-5",
    "rotate-10",
    "tilt",
    "zoom",
    "barrel",
    "bend",
    "inset",
];

/// The sizes of a clip against which costs are counted.
fn size(suite: &Suite, clip: &Clip) -> f64 {
    clip.seconds_marked(suite.clips.first_seconds) * clip.pixels as f64 / UNIT
}

/// Marking so many copies of a clip, and its reference.
#[must_use]
pub fn preparing(suite: &Suite, clip: &Clip, copies: usize) -> f64 {
    size(suite, clip) * (REGISTERING + MARKING * copies as f64)
}

/// Wrong keys on a clip, once.
#[must_use]
pub fn wrong_keys(suite: &Suite, clip: &Clip) -> f64 {
    let keys = suite.null.map_or(0, |null| null.keys);
    size(suite, clip) * EVIDENCE + keys as f64 / 1000.0 * KEYS
}

/// A clip's quality.
#[must_use]
pub fn quality(suite: &Suite, clip: &Clip, vmaf: bool) -> f64 {
    size(suite, clip) * (QUALITY + if vmaf { VMAF } else { 0.0 })
}

/// A row on a clip.
#[must_use]
pub fn row(suite: &Suite, clip: &Clip, row: &Row) -> f64 {
    size(suite, clip) * row_of_unit_size(row)
}

/// A row on a clip of 4 s at 640x360.
#[must_use]
pub fn row_of_unit_size(row: &Row) -> f64 {
    let name = row.attack.to_string();
    let nothing_there = matches!(
        row.attack.source(),
        Some(Source::Unmarked | Source::Stranger | Source::WrongKeys)
    );
    let searched = name
        .split('+')
        .any(|step| SEARCHED.iter().any(|s| step.starts_with(s)));
    let answer = match row.path {
        DetectorPath::Read if nothing_there => 1.6 * SEARCH,
        _ if searched => SEARCH,
        DetectorPath::Read | DetectorPath::Trace | DetectorPath::Identify => EASY,
    };
    ATTACK + answer
}

/// A suite on one clip of 4 s at 640x360, everything included; rows of only some of the clips count by their share.
#[must_use]
pub fn of_unit_clip(suite: &Suite, clips: Option<usize>) -> f64 {
    let share = |row: &Row| match clips {
        Some(clips) if !row.only.is_empty() => row.only.len() as f64 / clips.max(1) as f64,
        _ => 1.0,
    };
    let rows: f64 = suite
        .rows
        .iter()
        .map(|row| share(row).min(1.0) * row_of_unit_size(row))
        .sum();
    let keys = suite.null.map_or(0.0, |null| {
        2.0 * (EVIDENCE + null.keys as f64 / 1000.0 * KEYS)
    });
    let quality = suite.quality.map_or(0.0, |floor| {
        QUALITY + floor.min_vmaf_mean.map_or(0.0, |_| VMAF)
    });
    REGISTERING + MARKING * suite.copies() as f64 + rows + keys + quality
}
