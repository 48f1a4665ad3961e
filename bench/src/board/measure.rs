//! What all systems are measured by, over the clips of one attack or of all.
//!
//! ```text
//! threshold(f) = the score that no more than f of the unmarked clips exceed
//! TPR(f)       = share of marked clips above it;       told only where there are 1 / f unmarked clips at least
//! ```
//!
//! Shares have Wilson's interval, TPR's for the threshold that was found; means are drawn again over clips; medians have the
//! interval of their order statistics.
//!
//! # Shapes and units
//! Shares from 0 to 1; decimal logarithms; seconds.

use std::collections::BTreeMap;

use super::Entry;
use crate::statistics::{Share, bootstrap, mean, median, median_interval};

/// Draws of an interval.
pub(super) const DRAWS: usize = 1000;

/// A value and the interval of 95 % that it lies in, where that can be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The value.
    pub value: f64,
    /// Low and high.
    pub range: Option<(f64, f64)>,
}

/// Share of marked clips that are found at a rate of false alarms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tpr {
    /// It, and how many unmarked clips the threshold is of.
    Share {
        /// Found, of marked clips.
        found: Share,
        /// Unmarked clips.
        unmarked: u64,
    },
    /// Too few unmarked clips.
    TooFew {
        /// So many there are.
        unmarked: u64,
        /// So many are needed.
        needed: u64,
    },
}

/// TPR at the rate `fpr` of false alarms; who gives no score is surest that there is nothing.
#[must_use]
pub fn tpr(marked: &[Option<f64>], unmarked: &[Option<f64>], fpr: f64) -> Tpr {
    let needed = (1.0 / fpr).round() as u64;
    let count = unmarked.len() as u64;
    if count < needed {
        return Tpr::TooFew {
            unmarked: count,
            needed,
        };
    }
    let score = |score: &Option<f64>| score.unwrap_or(f64::NEG_INFINITY);
    let mut noise: Vec<f64> = unmarked.iter().map(score).collect();
    noise.sort_by(|a, b| b.total_cmp(a));
    // A rounding below a whole number must not cost a clip.
    let allowed = (fpr * count as f64 + 1e-9).floor() as usize;
    let threshold = noise.get(allowed).copied().unwrap_or(f64::NEG_INFINITY);
    let found = marked
        .iter()
        .map(score)
        .filter(|score| *score > threshold)
        .count();
    Tpr::Share {
        found: Share {
            hits: found as u64,
            trials: marked.len() as u64,
        },
        unmarked: count,
    }
}

/// What came of marked clips, beside unmarked ones after the same attacks.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// Exact payloads.
    pub exact: Share,
    /// Answers that name somebody else.
    pub wrong: u64,
    /// Calls that failed, unmarked clips' too.
    pub failures: u64,
    /// Share of bits, the mean.
    pub bits: Option<Interval>,
    /// At one false alarm in a hundred.
    pub tpr_2: Tpr,
    /// At one in a thousand.
    pub tpr_3: Tpr,
    /// Marked clips of which the system says that a mark is there.
    pub claimed: Share,
    /// Unmarked ones of which it says so too.
    pub false_claims: Share,
    /// The lowest bound, the median over clips that have one.
    pub log10_p: Option<Interval>,
    /// Of a call, the median.
    pub seconds: Option<Interval>,
    /// Luma PSNR after the attack, the mean.
    pub attacked_db: Option<f64>,
}

impl Measures {
    /// Of `marked` clips, and `unmarked` ones after the same attacks.
    #[must_use]
    pub fn of(marked: &[&Entry], unmarked: &[&Entry]) -> Self {
        let scores = |of: &[&Entry]| -> Vec<Option<f64>> {
            of.iter().map(|entry| entry.line.score).collect()
        };
        let share = |of: &[&Entry], hit: fn(&Entry) -> bool| Share {
            hits: of.iter().filter(|entry| hit(entry)).count() as u64,
            trials: of.len() as u64,
        };
        let (with, without) = (scores(marked), scores(unmarked));
        let bounds: Vec<f64> = marked
            .iter()
            .filter_map(|entry| entry.line.log10_p)
            .collect();
        let seconds: Vec<f64> = marked
            .iter()
            .map(|entry| entry.line.detector_seconds)
            .collect();
        let attacked: Vec<f64> = marked
            .iter()
            .filter_map(|entry| entry.line.attacked_psnr_y_db)
            .collect();
        let failed = |entry: &&&Entry| !entry.line.failure.is_empty();
        Self {
            exact: share(marked, Entry::is_exact),
            wrong: marked
                .iter()
                .filter(|entry| entry.line.answer == "wrong")
                .count() as u64,
            failures: marked.iter().chain(unmarked).filter(failed).count() as u64,
            bits: mean_over_clips(marked),
            tpr_2: tpr(&with, &without, 1e-2),
            tpr_3: tpr(&with, &without, 1e-3),
            claimed: share(marked, |entry| entry.line.claims),
            false_claims: share(unmarked, |entry| entry.line.claims),
            log10_p: middle(&bounds),
            seconds: middle(&seconds),
            attacked_db: mean(&attacked),
        }
    }
}

fn middle(values: &[f64]) -> Option<Interval> {
    Some(Interval {
        value: median(values)?,
        range: median_interval(values),
    })
}

/// The mean share of bits; clips are drawn as a whole, since rows of one clip are alike.
fn mean_over_clips(marked: &[&Entry]) -> Option<Interval> {
    let mut clips: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for entry in marked {
        if let Some(bits) = entry.line.bit_accuracy {
            clips.entry(&entry.line.clip).or_default().push(bits);
        }
    }
    let clips: Vec<Vec<f64>> = clips.into_values().collect();
    let of = |places: &[usize]| {
        let drawn: Vec<f64> = places
            .iter()
            .flat_map(|&place| clips[place].iter().copied())
            .collect();
        mean(&drawn).unwrap_or(0.0)
    };
    let all: Vec<f64> = clips.iter().flatten().copied().collect();
    Some(Interval {
        value: mean(&all)?,
        range: bootstrap(clips.len(), DRAWS, of),
    })
}
