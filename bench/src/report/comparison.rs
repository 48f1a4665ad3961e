//! A run against an older one: what got better or worse by more than chance.
//!
//! ```text
//! row     exact answers over its clips; where they tell nothing, log10 p over its clips, by their signs
//! group   exact answers and log10 p over all rows and clips of a heading, the latter by signed ranks
//! ```
//!
//! The tests are in [`paired`]. A row is named at 5 %; a group at 5 % divided by the number of groups, and by its scores only
//! where their median moved by 0.1. Of rows that did not change about one in twenty is named by each test: a
//! single name is a reason to look, not a finding. Rows of one clip share its keys: with another seed than the older run's
//! they move together, so that scores of groups are told, and are no regression.
//!
//! # Shapes and units
//! `p` two-sided. Quality is named from 0.1 dB (PSNR-Y, worst frame, XPSNR) or 0.3 points (VMAF) on; between runs of other
//! seeds from 0.4 dB on, for keys alone moved PSNR-Y by up to 0.21 dB.

mod group;
mod old;
pub mod paired;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::cell::path_name;
use super::gathered::Report;
use crate::store::Quality;
use crate::suite::DetectorPath;
use crate::trial::Answer;

pub use group::GroupChange;
pub use old::{AgainstError, OldResults};
pub use paired::{Direction, Discordant};

use paired::{LEVEL, SAME_LOG10_P, p_in_words};

/// What became of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct RowChange {
    /// The chain.
    pub attack: String,
    /// Who answered.
    pub path: DetectorPath,
    /// Clips that both runs measured.
    pub clips: u64,
    /// Of them exact then.
    pub exact_before: u64,
    /// Of them exact now.
    pub exact_after: u64,
    /// Clips exact in one run only.
    pub exact: Discordant,
    /// Clips with another `log10 p`.
    pub scores: Discordant,
}

impl RowChange {
    /// Which way it went.
    #[must_use]
    pub fn direction(&self) -> Direction {
        match self.exact_direction() {
            Direction::Unchanged => self.scores.direction(self.scores.p(), LEVEL),
            decided => decided,
        }
    }

    /// The probability of its exact answers by chance.
    #[must_use]
    pub fn exact_p(&self) -> f64 {
        self.exact.p_of_losses(self.clips)
    }

    /// Which way its exact answers went.
    #[must_use]
    pub fn exact_direction(&self) -> Direction {
        self.exact.direction(self.exact_p(), LEVEL)
    }

    /// One line for people.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "{} {}: {} to {} of {} exact (p {}), log10 p better on {}, worse on {} (p {})",
            path_name(self.path),
            self.attack,
            self.exact_before,
            self.exact_after,
            self.clips,
            p_in_words(self.exact_p()),
            self.scores.better,
            self.scores.worse,
            self.scores.p_in_words()
        )
    }
}

/// A quality that differs by more than is named.
#[derive(Debug, Clone, PartialEq)]
pub struct QualityChange {
    /// The clip.
    pub clip: String,
    /// What was measured.
    pub measure: &'static str,
    /// Then.
    pub before: f64,
    /// Now; higher is better.
    pub after: f64,
}

impl QualityChange {
    /// One line for people.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "quality of {}: {} {:.2}, was {:.2}",
            self.clip, self.measure, self.after, self.before
        )
    }
}

/// A run against an older one.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    old: OldResults,
    rows: Vec<RowChange>,
    groups: Vec<GroupChange>,
    qualities: Vec<QualityChange>,
    same_seed: bool,
    notes: Vec<String>,
}

impl Comparison {
    /// Compares what both runs measured.
    #[must_use]
    pub fn new(report: &Report, old: OldResults) -> Self {
        let rows: Vec<RowChange> = report
            .rows
            .iter()
            .map(|row| row_change(report, &old, &row.attack, row.path))
            .collect();
        let mut notes = Vec::new();
        if old.head.suite != report.suite {
            notes.push(format!("The older run is of the suite {}.", old.head.suite));
        }
        if old.head.seed != report.seed {
            notes.push(format!(
                "The older run has the seed {}, not {}: the attacks fell on other places.",
                old.head.seed, report.seed
            ));
        }
        let missing = rows.iter().filter(|row| row.clips == 0).count();
        if missing > 0 {
            notes.push(format!(
                "Rows without a clip in common with the older run: {missing}."
            ));
        }
        let same_seed = old.head.seed == report.seed;
        Self {
            rows: rows.into_iter().filter(|row| row.clips > 0).collect(),
            groups: group::changes(report, &old),
            qualities: quality_changes(&old.qualities, &report.qualities, same_seed),
            same_seed,
            notes,
            old,
        }
    }

    /// The file of the older run.
    #[must_use]
    pub fn against(&self) -> String {
        self.old.file.display().to_string()
    }

    /// What makes the runs less alike than they might be, in sentences.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Rows that both runs measured, in the order of the suite.
    #[must_use]
    pub fn rows(&self) -> &[RowChange] {
        &self.rows
    }

    /// The rows that went `direction`.
    pub fn rows_that_went(&self, direction: Direction) -> impl Iterator<Item = &RowChange> {
        self.rows
            .iter()
            .filter(move |row| row.direction() == direction)
    }

    /// The groups, in the order of the suite.
    #[must_use]
    pub fn groups(&self) -> &[GroupChange] {
        &self.groups
    }

    /// What got worse beyond noise, a line each: rows and groups by their exact answers, groups by their scores where both
    /// runs have one seed, qualities.
    #[must_use]
    pub fn regressions(&self) -> Vec<String> {
        let rows = self.rows.iter();
        let rows = rows.filter(|row| row.exact_direction() == Direction::Worse);
        let groups = self.groups.iter().filter(|group| {
            group.exact_direction() == Direction::Worse
                || (self.same_seed && group.score_direction() == Direction::Worse)
        });
        let qualities = self.qualities.iter().filter(|q| q.after < q.before);
        rows.map(RowChange::line)
            .chain(groups.map(GroupChange::line))
            .chain(qualities.map(QualityChange::line))
            .collect()
    }

    /// Qualities that changed by more than is named, by clip.
    #[must_use]
    pub fn qualities(&self) -> &[QualityChange] {
        &self.qualities
    }

    /// The lists in Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut out = format!("## Against {}\n\n", self.against());
        for note in &self.notes {
            let _ = writeln!(out, "{note}\n");
        }
        let mut changed = false;
        for (word, direction) in [("worse", Direction::Worse), ("better", Direction::Better)] {
            for row in self.rows_that_went(direction) {
                let _ = writeln!(out, "- {word}: {}", row.line());
                changed = true;
            }
        }
        for group in &self.groups {
            let word = match group.direction() {
                Direction::Worse => "worse",
                Direction::Better => "better",
                Direction::Unchanged => continue,
            };
            let _ = writeln!(out, "- {word}: {}", group.line());
            changed = true;
        }
        for change in &self.qualities {
            let word = if change.after > change.before {
                "better"
            } else {
                "worse"
            };
            let _ = writeln!(out, "- {word}: {}", change.line());
            changed = true;
        }
        let rows = self.rows_that_went(Direction::Unchanged).count();
        out.push_str(if changed { "\n" } else { "" });
        let _ = writeln!(out, "{rows} of {} rows within noise.", self.rows.len());
        out
    }
}

fn row_change(report: &Report, old: &OldResults, attack: &str, path: DetectorPath) -> RowChange {
    let before: BTreeMap<&str, _> = old
        .trials
        .iter()
        .filter(|t| t.attack == attack && t.path == path)
        .map(|t| (t.clip.as_str(), (t.answer, t.log10_p)))
        .collect();
    let mut change = RowChange {
        attack: attack.to_owned(),
        path,
        clips: 0,
        exact_before: 0,
        exact_after: 0,
        exact: Discordant::default(),
        scores: Discordant::default(),
    };
    let own = report.trials.iter();
    for trial in own.filter(|t| t.attack == attack && t.path == path) {
        let Some((answer, log10_p)) = before.get(trial.clip.as_str()) else {
            continue;
        };
        let (was, is) = (*answer == Answer::Exact, trial.answer == Answer::Exact);
        change.clips += 1;
        change.exact_before += u64::from(was);
        change.exact_after += u64::from(is);
        change.exact.better += u64::from(is && !was);
        change.exact.worse += u64::from(was && !is);
        let gain = log10_p.unwrap_or(0.0) - trial.log10_p.unwrap_or(0.0);
        change.scores.better += u64::from(gain > SAME_LOG10_P);
        change.scores.worse += u64::from(gain < -SAME_LOG10_P);
    }
    change
}

fn quality_changes(before: &[Quality], after: &[Quality], same_seed: bool) -> Vec<QualityChange> {
    const POINTS: f64 = 0.3;
    const CONTRAST: f64 = 0.15;
    const CODES: f64 = 1.0;
    // Keys alone move PSNR: seeds 1 to 5 on the samples by what is told in the head.
    let decibels = if same_seed { 0.1 } else { 0.4 };
    let mut changes = Vec::new();
    for is in after {
        let Some(was) = before.iter().find(|q| q.clip == is.clip) else {
            continue;
        };
        let worst = (was.worst_frame_psnr_y_db, is.worst_frame_psnr_y_db);
        let percent = |share: Option<f64>| share.map(|share| 100.0 * share);
        for (measure, before, after, named) in [
            ("PSNR-Y", Some(was.psnr_y_db), Some(is.psnr_y_db), decibels),
            ("worst frame", Some(worst.0), Some(worst.1), decibels),
            ("XPSNR", was.xpsnr_y_db, is.xpsnr_y_db, decibels),
            (
                "contrast in flat regions, %",
                was.flat_contrast_percent,
                is.flat_contrast_percent,
                CONTRAST,
            ),
            (
                "lift of black",
                was.black_lift_codes,
                is.black_lift_codes,
                CODES,
            ),
            ("strays, %", percent(was.strays), percent(is.strays), POINTS),
            ("VMAF mean", was.vmaf_mean, is.vmaf_mean, POINTS),
            ("VMAF 1st percentile", was.vmaf_p1, is.vmaf_p1, POINTS),
        ] {
            if let (Some(before), Some(after)) = (before, after)
                && (after - before).abs() > named
            {
                changes.push(QualityChange {
                    clip: is.clip.clone(),
                    measure,
                    before,
                    after,
                });
            }
        }
    }
    changes
}

#[cfg(test)]
mod tests;
