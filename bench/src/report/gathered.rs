//! A run gathered for a report: rows as in the suite, all else by clip.

use std::collections::BTreeSet;

use super::row::{self, AttackRow};
use crate::gap::{Cause, Gap};
use crate::provenance::RunRecord;
use crate::statistics::Share;
use crate::store::{Marking, NullTail, Quality, Store};
use crate::suite::{NullRule, QualityFloor, Suite};
use crate::system::Capabilities;
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
    /// What is missing.
    pub gaps: &'a [Gap],
}

impl<'a> From<&'a Store> for Measured<'a> {
    fn from(store: &'a Store) -> Self {
        Self {
            trials: store.trials(),
            qualities: store.qualities(),
            markings: store.markings(),
            tails: store.tails(),
            gaps: store.gaps(),
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
    pub(super) gaps: Vec<Gap>,
    pub(super) min_clips: Option<usize>,
    /// Of how many trials this run measured how many; none where nobody counted.
    pub(super) new_trials: Option<(usize, usize)>,
    pub(super) run: Option<RunRecord>,
    /// Several seeds whose trials are judged together.
    pub(super) seeds: Vec<u64>,
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
            gaps: sorted(measured.gaps.to_vec()),
            min_clips: suite.clips.min_clips,
            new_trials: None,
            run: None,
            seeds: vec![suite.seed],
        }
    }

    /// The same with the record of its run: what was measured with what, and when. What the suite asks of its clips and is
    /// neither measured nor known to be missing is missing.
    #[must_use]
    pub fn of_run(mut self, suite: &Suite, run: RunRecord) -> Self {
        let is_told = |clip: &str, part: &str| {
            let errors = self.gaps.iter().filter(|gap| gap.cause == Cause::Error);
            errors
                .into_iter()
                .any(|gap| gap.clip == clip && gap.part.as_ref().is_none_or(|other| other == part))
        };
        let mut untold = Vec::new();
        for clip in run.measured.clips.keys() {
            let known = !suite.is_unknown(clip);
            let mut asked: Vec<(String, bool)> = suite
                .rows
                .iter()
                .filter(|row| suite.asks(row, clip))
                .map(|row| {
                    let attack = row.attack.to_string();
                    let same = |t: &Trial| t.clip == *clip && t.path == row.path;
                    let mut trials = self.trials.iter();
                    (row.title(), trials.any(|t| same(t) && t.attack == attack))
                })
                .collect();
            if known && suite.quality.is_some() {
                let measured = self.qualities.iter().any(|q| q.clip == *clip);
                asked.push(("quality".to_owned(), measured));
            }
            if known && suite.null.is_some() {
                for (part, marked) in [
                    ("wrong keys, unmarked", false),
                    ("wrong keys, marked", true),
                ] {
                    let mut tails = self.tails.iter();
                    let measured = tails.any(|t| t.clip == *clip && t.marked == marked);
                    asked.push((part.to_owned(), measured));
                }
            }
            let open = asked.into_iter().filter(|(_, measured)| !measured);
            let open = open.filter(|(part, _)| !is_told(clip, part));
            untold.extend(open.map(|(part, _)| Gap::by_error(clip, Some(&part), "no result")));
        }
        self.gaps.extend(untold);
        self.gaps = sorted(self.gaps);
        self.with_run(run)
    }

    /// The same with the record of its run, of which nothing is held against the suite.
    #[must_use]
    pub fn with_run(mut self, run: RunRecord) -> Self {
        self.run = Some(run);
        self
    }

    /// The same of several seeds.
    #[must_use]
    pub fn with_seeds(mut self, seeds: Vec<u64>) -> Self {
        self.seeds = seeds;
        self
    }

    /// The seed, or the seeds, in words.
    #[must_use]
    pub fn seeds_in_words(&self) -> String {
        let all: Vec<String> = self.seeds.iter().map(u64::to_string).collect();
        all.join(", ")
    }

    /// The same with how many of its trials are new.
    #[must_use]
    pub fn with_new_trials(mut self, new: usize, all: usize) -> Self {
        self.new_trials = Some((new, all));
        self
    }

    /// What is missing, and what the suite does not take, by clip.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
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
        let tails = self.tails.iter().map(|t| t.clip.as_str());
        let all: BTreeSet<&str> = trials.chain(qualities).chain(tails).collect();
        all.into_iter().collect()
    }
}

fn sorted(mut gaps: Vec<Gap>) -> Vec<Gap> {
    gaps.sort();
    gaps.dedup();
    gaps
}
