//! A run against an older one: what got better or worse by more than chance.
//!
//! ```text
//! n clips differ, k of them for the better:   p = min(1, 2 sum_{i <= min(k, n-k)} C(n, i) 2^-n)      beyond noise: p < 0.05
//! ```
//!
//! For each row, over the clips that both runs measured, twice: over clips that are exact in one run only (McNemar's
//! test, exact), and over clips whose `log10 p` differs (sign test, a clip without a score counting as 0). Exact answers
//! decide; only where they tell nothing do the scores. Of rows that did not change about one in twenty is named by each
//! test: a single name is a reason to look, not a finding.
//!
//! # Shapes and units
//! `p` two-sided. Quality is named from 0.1 dB (PSNR-Y, worst frame, XPSNR) or 0.3 points (VMAF) on.
//! # References
//! Q. McNemar (1947), Note on the sampling error of the difference between correlated proportions or percentages,
//! Psychometrika 12(2). W. J. Dixon, A. M. Mood (1946), The statistical sign test, JASA 41(236).

mod old;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::cell::path_name;
use super::gathered::Report;
use crate::store::Quality;
use crate::suite::DetectorPath;
use crate::trial::Answer;

pub use old::{AgainstError, OldResults};

/// The level of both tests.
const LEVEL: f64 = 0.05;

/// Scores nearer to one another than this are the same: rounding, not evidence.
const SAME_LOG10_P: f64 = 1e-6;

/// Which way something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Better beyond noise.
    Better,
    /// Worse beyond noise.
    Worse,
    /// Within noise.
    Unchanged,
}

/// Clips that differ between two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Discordant {
    /// Better in the new run.
    pub better: u64,
    /// Worse in the new run.
    pub worse: u64,
}

impl Discordant {
    /// The two-sided probability of so lopsided a split by chance.
    #[must_use]
    pub fn p(self) -> f64 {
        let n = self.better + self.worse;
        let mut log_term = -(n as f64) * std::f64::consts::LN_2;
        let mut sum = 0.0;
        for i in 0..=self.better.min(self.worse) {
            sum += log_term.exp();
            log_term += ((n - i) as f64 / (i + 1) as f64).ln();
        }
        (2.0 * sum).min(1.0)
    }

    /// [`p`](Self::p) as it is written.
    #[must_use]
    pub fn p_in_words(self) -> String {
        let p = self.p();
        if p < 0.001 {
            "below 0.001".to_owned()
        } else {
            format!("{p:.3}")
        }
    }

    /// Which way, if the split is no chance.
    #[must_use]
    pub fn direction(self) -> Direction {
        if self.p() >= LEVEL {
            Direction::Unchanged
        } else if self.better > self.worse {
            Direction::Better
        } else {
            Direction::Worse
        }
    }
}

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
        match self.exact.direction() {
            Direction::Unchanged => self.scores.direction(),
            decided => decided,
        }
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
            self.exact.p_in_words(),
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

/// A run against an older one.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    old: OldResults,
    rows: Vec<RowChange>,
    qualities: Vec<QualityChange>,
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
        Self {
            rows: rows.into_iter().filter(|row| row.clips > 0).collect(),
            qualities: quality_changes(&old.qualities, &report.qualities),
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
        for change in &self.qualities {
            let word = if change.after > change.before {
                "better"
            } else {
                "worse"
            };
            let _ = writeln!(
                out,
                "- {word}: quality of {}: {} {:.2}, was {:.2}",
                change.clip, change.measure, change.after, change.before
            );
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

fn quality_changes(before: &[Quality], after: &[Quality]) -> Vec<QualityChange> {
    const DECIBELS: f64 = 0.1;
    const POINTS: f64 = 0.3;
    let mut changes = Vec::new();
    for is in after {
        let Some(was) = before.iter().find(|q| q.clip == is.clip) else {
            continue;
        };
        let worst = (was.worst_frame_psnr_y_db, is.worst_frame_psnr_y_db);
        for (measure, before, after, named) in [
            ("PSNR-Y", Some(was.psnr_y_db), Some(is.psnr_y_db), DECIBELS),
            ("worst frame", Some(worst.0), Some(worst.1), DECIBELS),
            ("XPSNR", was.xpsnr_y_db, is.xpsnr_y_db, DECIBELS),
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
