//! A run gathered for a report: rows as in the suite, all else by clip.

use std::collections::BTreeSet;

use super::row::{self, AttackRow};
use crate::statistics::Share;
use crate::store::{Marking, NullTail, Quality, Store};
use crate::system::Capabilities;
use crate::suite::{NullRule, QualityFloor, Suite};
use crate::trial::Trial;

/// What a run measured, in any order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measured<'a> {
    /// Attacks on clips.
    pub trials: &'a [Trial],
    /// What the mark costs.
    pub qualities: &'a [Quality],
    /// How long marking took.
    pub markings: &'a [Marking],
    /// Wrong keys.
    pub tails: &'a [NullTail],
}

impl<'a> From<&'a Store> for Measured<'a> {
    fn from(store: &'a Store) -> Self {
        Self {
            trials: store.trials(),
            qualities: store.qualities(),
            markings: store.markings(),
            tails: store.tails(),
        }
    }
}

/// A run, gathered and in order: rows as in the suite, all else by clip.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub(super) suite: String,
    /// Which system was asked.
    pub(super) system: Capabilities,
    /// In which clips nobody may be named that the suite leaves out.
    pub(super) left_out: Vec<&'static str>,
    pub(super) seed: u64,
    pub(super) first_seconds: Option<f64>,
    pub(super) floor: Option<QualityFloor>,
    pub(super) null: Option<NullRule>,
    /// Whether clips are left out of the register, in which nothing may be found.
    pub(super) asks_unknown: bool,
    pub(super) rows: Vec<AttackRow>,
    pub(super) trials: Vec<Trial>,
    pub(super) qualities: Vec<Quality>,
    pub(super) markings: Vec<Marking>,
    pub(super) tails: Vec<NullTail>,
}

impl Report {
    /// Gathers what was measured of `suite`; trials of attacks that it does not have are left out.
    #[must_use]
    pub fn new<'a>(name: &str, suite: &Suite, measured: impl Into<Measured<'a>>) -> Self {
        let measured = measured.into();
        let place = |trial: &Trial| {
            let mut rows = suite.rows.iter();
            rows.position(|row| row.path == trial.path && row.attack.to_string() == trial.attack)
        };
        let mut placed: Vec<(usize, Trial)> = measured
            .trials
            .iter()
            .filter_map(|trial| Some((place(trial)?, trial.clone())))
            .collect();
        placed.sort_by(|(row, a), (other, b)| (&a.clip, row).cmp(&(&b.clip, other)));
        let trials: Vec<Trial> = placed.into_iter().map(|(_, trial)| trial).collect();
        let mut qualities = measured.qualities.to_vec();
        qualities.sort_by(|a, b| a.clip.cmp(&b.clip));
        let mut markings = measured.markings.to_vec();
        markings.sort_by(|a, b| a.clip.cmp(&b.clip));
        let mut tails = measured.tails.to_vec();
        tails.sort_by(|a, b| (&a.clip, a.marked).cmp(&(&b.clip, b.marked)));
        Self {
            suite: name.to_owned(),
            system: Capabilities::of(suite.system.as_ref()),
            left_out: suite.negatives.left_out(),
            seed: suite.seed,
            first_seconds: suite.clips.first_seconds,
            floor: suite.quality,
            null: suite.null,
            asks_unknown: suite
                .catalogue
                .as_ref()
                .is_some_and(|all| !all.unknown.is_empty()),
            rows: row::rows(suite, &trials),
            trials,
            qualities,
            markings,
            tails,
        }
    }

    /// The rows, in the order of the suite.
    #[must_use]
    pub fn rows(&self) -> &[AttackRow] {
        &self.rows
    }

    /// Unknown clips that rightly nothing was found in, over all rows.
    #[must_use]
    pub fn unknown(&self) -> Share {
        self.rows.iter().fold(Share::default(), |sum, row| Share {
            hits: sum.hits + row.unknown.hits,
            trials: sum.trials + row.unknown.trials,
        })
    }

    /// The clips that anything was measured on, by name.
    #[must_use]
    pub fn clips(&self) -> Vec<&str> {
        let trials = self.trials.iter().map(|t| t.clip.as_str());
        let qualities = self.qualities.iter().map(|q| q.clip.as_str());
        let markings = self.markings.iter().map(|m| m.clip.as_str());
        let tails = self.tails.iter().map(|t| t.clip.as_str());
        let all: BTreeSet<&str> = trials
            .chain(qualities)
            .chain(markings)
            .chain(tails)
            .collect();
        all.into_iter().collect()
    }
}
