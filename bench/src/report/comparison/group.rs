//! What became of a group: all rows under one heading on all clips, in pairs with the older run.
//!
//! # Shapes and units
//! Differences of `log10 p`: the older less the newer, so that more is better. Levels are divided by the number of groups.

use std::collections::BTreeMap;

use super::super::gathered::Report;
use super::old::OldResults;
use super::paired::{Direction, Discordant, LEVEL, SAME_LOG10_P, SignedRanks, p_in_words};
use crate::suite::DetectorPath;
use crate::trial::Answer;

/// By how much the scores of a group move before it is named for them.
const LEAST_LOG10_P: f64 = 0.1;

/// What became of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupChange {
    /// The heading; may be empty.
    pub group: String,
    /// Pairs of trials.
    pub pairs: usize,
    /// Of them exact then.
    pub exact_before: u64,
    /// Of them exact now.
    pub exact_after: u64,
    /// Pairs exact in one run only.
    pub exact: Discordant,
    /// Gains of `log10 p`.
    pub scores: SignedRanks,
    /// The level of its tests.
    level: f64,
}

impl GroupChange {
    /// Which way its exact answers went.
    #[must_use]
    pub fn exact_direction(&self) -> Direction {
        self.exact.direction(self.exact.p(), self.level)
    }

    /// Which way its scores went.
    #[must_use]
    pub fn score_direction(&self) -> Direction {
        match self.scores.median {
            Some(median) if self.scores.p < self.level && median >= LEAST_LOG10_P => {
                Direction::Better
            }
            Some(median) if self.scores.p < self.level && median <= -LEAST_LOG10_P => {
                Direction::Worse
            }
            _ => Direction::Unchanged,
        }
    }

    /// Which way it went: exact answers decide.
    #[must_use]
    pub fn direction(&self) -> Direction {
        match self.exact_direction() {
            Direction::Unchanged => self.score_direction(),
            decided => decided,
        }
    }

    /// One line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let name = match self.group.as_str() {
            "" => "all rows without a group",
            group => group,
        };
        let moved = match self.scores.median {
            None => String::new(),
            Some(gain) => format!(
                ", log10 p {} {:.2} in the median (p {})",
                if gain < 0.0 { "rose by" } else { "fell by" },
                gain.abs(),
                p_in_words(self.scores.p)
            ),
        };
        format!(
            "group {name}: {} to {} of {} exact (p {}){moved}",
            self.exact_before,
            self.exact_after,
            self.pairs,
            p_in_words(self.exact.p())
        )
    }
}

/// The groups that both runs measured, in the order of the suite.
pub(super) fn changes(report: &Report, old: &OldResults) -> Vec<GroupChange> {
    let before: BTreeMap<(&str, DetectorPath, &str), (Answer, Option<f64>)> = old
        .trials
        .iter()
        .map(|t| {
            (
                (t.attack.as_str(), t.path, t.clip.as_str()),
                (t.answer, t.log10_p),
            )
        })
        .collect();
    let mut names: Vec<&str> = Vec::new();
    for row in &report.rows {
        if !names.contains(&row.group.as_str()) {
            names.push(&row.group);
        }
    }
    let group_of: BTreeMap<(&str, DetectorPath), &str> = report
        .rows
        .iter()
        .map(|row| ((row.attack.as_str(), row.path), row.group.as_str()))
        .collect();
    let mut changes = Vec::new();
    // A group of one row would say what the row says.
    names.retain(|name| report.rows.iter().filter(|row| row.group == **name).count() > 1);
    let level = LEVEL / names.len().max(1) as f64;
    for name in names {
        let (mut exact, mut gains) = (Discordant::default(), Vec::new());
        let (mut pairs, mut exact_before, mut exact_after) = (0, 0, 0);
        for trial in &report.trials {
            let row = (trial.attack.as_str(), trial.path);
            let pair = before.get(&(row.0, row.1, trial.clip.as_str()));
            let (Some((answer, log10_p)), true) = (pair, group_of.get(&row) == Some(&name)) else {
                continue;
            };
            let (was, is) = (*answer == Answer::Exact, trial.answer == Answer::Exact);
            pairs += 1;
            exact_before += u64::from(was);
            exact_after += u64::from(is);
            exact.better += u64::from(is && !was);
            exact.worse += u64::from(was && !is);
            if trial.path != DetectorPath::Identify {
                gains.push(log10_p.unwrap_or(0.0) - trial.log10_p.unwrap_or(0.0));
            }
        }
        if pairs > 0 {
            changes.push(GroupChange {
                group: name.to_owned(),
                pairs,
                exact_before,
                exact_after,
                exact,
                scores: SignedRanks::of(&gains, SAME_LOG10_P),
                level,
            });
        }
    }
    changes
}
