//! The result of a run: a row per attack, a row per clip, and what fell short.
//!
//! ```text
//! a row holds  <=>  exact / trials >= min_rate  and  wrong = 0
//! ```
//!
//! # Shapes and units
//! Rates in percent, PSNR in decibels, `log10 p` as proved, detector seconds a minute of clip.

use std::fmt::Write as _;

use crate::statistics::{Share, median};
use crate::store::{Answer, Quality, Trial};
use crate::suite::{DetectorPath, QualityFloor, Suite};

/// One row of the table of attacks.
#[derive(Debug, Clone, PartialEq)]
pub struct AttackRow {
    /// The chain.
    pub attack: String,
    /// Who answered.
    pub path: DetectorPath,
    /// Exact answers.
    pub exact: Share,
    /// Wrong accusations.
    pub wrong: u64,
    /// Median of the trials' `log10 p`, those without a score as 0.
    pub median_log10_p: Option<f64>,
    /// Median detector seconds a minute of clip; a second is the shortest clip counted.
    pub seconds_per_minute: Option<f64>,
    /// The floor; measured only if `None`.
    pub min_rate: Option<f64>,
}

impl AttackRow {
    /// Whether the floor holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.wrong == 0
            && self
                .exact
                .rate()
                .is_some_and(|rate| rate >= self.min_rate.unwrap_or(0.0))
    }
}

/// The tables of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    suite: String,
    rows: Vec<AttackRow>,
    qualities: Vec<Quality>,
    floor: Option<QualityFloor>,
    first_seconds: Option<f64>,
}

impl Report {
    /// Gathers what was measured of `suite`.
    #[must_use]
    pub fn new(name: &str, suite: &Suite, trials: &[Trial], qualities: &[Quality]) -> Self {
        let rows = suite
            .rows
            .iter()
            .map(|row| {
                let attack = row.attack.to_string();
                let own: Vec<&Trial> = trials
                    .iter()
                    .filter(|t| t.attack == attack && t.path == row.path)
                    .collect();
                let count = |answer| own.iter().filter(|t| t.answer == answer).count() as u64;
                let scores: Vec<f64> = own.iter().map(|t| t.log10_p.unwrap_or(0.0)).collect();
                let speeds: Vec<f64> = own
                    .iter()
                    .map(|t| t.detector_seconds * 60.0 / t.clip_seconds.max(1.0))
                    .collect();
                AttackRow {
                    attack,
                    path: row.path,
                    exact: Share {
                        hits: count(Answer::Exact),
                        trials: own.len() as u64,
                    },
                    wrong: count(Answer::Wrong),
                    median_log10_p: median(&scores),
                    seconds_per_minute: median(&speeds),
                    min_rate: row.min_rate,
                }
            })
            .collect();
        let mut qualities = qualities.to_vec();
        qualities.sort_by(|a, b| a.clip.cmp(&b.clip));
        Self {
            suite: name.to_owned(),
            rows,
            qualities,
            floor: suite.quality,
            first_seconds: suite.clips.first_seconds,
        }
    }

    /// What fell short, a line each; empty when the suite holds.
    #[must_use]
    pub fn shortfalls(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .rows
            .iter()
            .filter(|row| !row.holds())
            .map(|row| {
                format!(
                    "{} {}: {}/{} exact, {} wrong, floor {:.0} %",
                    path_name(row.path),
                    row.attack,
                    row.exact.hits,
                    row.exact.trials,
                    row.wrong,
                    row.min_rate.unwrap_or(0.0) * 100.0
                )
            })
            .collect();
        if let Some(floor) = self.floor {
            if self.qualities.is_empty() {
                lines.push("quality: no clip was measured".to_owned());
            }
            for q in &self.qualities {
                let checks = [
                    ("PSNR-Y", Some(q.psnr_y_db), Some(floor.min_psnr_y_db)),
                    ("VMAF mean", q.vmaf_mean, floor.min_vmaf_mean),
                    ("VMAF 1st percentile", q.vmaf_p1, floor.min_vmaf_p1),
                ];
                for (name, value, least) in checks {
                    if let (Some(value), Some(least)) = (value, least)
                        && (value < least || value.is_nan())
                    {
                        lines.push(format!(
                            "quality of {}: {name} {value:.2}, floor {least}",
                            q.clip
                        ));
                    }
                }
            }
        }
        lines
    }

    /// The tables in Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut out = format!("# Suite {}\n\n", self.suite);
        if let Some(seconds) = self.first_seconds {
            let _ = writeln!(
                out,
                "Of clips longer than {seconds} s only the first {seconds} s were marked and measured.\n"
            );
        }
        out.push_str("| path | attack | exact | 95 % interval | floor | wrong | median log10 p | detector s/min | |\n");
        out.push_str("|---|---|---:|---:|---:|---:|---:|---:|---|\n");
        for row in &self.rows {
            let (low, high) = row.exact.wilson();
            let _ = writeln!(
                out,
                "| {} | {} | {}/{}{} | {:.0} to {:.0} % | {:.0} % | {} | {} | {} | {} |",
                path_name(row.path),
                row.attack,
                row.exact.hits,
                row.exact.trials,
                row.exact
                    .rate()
                    .map_or(String::new(), |r| format!(" = {:.0} %", r * 100.0)),
                low * 100.0,
                high * 100.0,
                row.min_rate.unwrap_or(0.0) * 100.0,
                row.wrong,
                cell(row.median_log10_p, 1),
                cell(row.seconds_per_minute, 1),
                if row.holds() { "holds" } else { "**short**" },
            );
        }
        if !self.qualities.is_empty() {
            out.push_str("\n| clip | frames | PSNR-Y dB | worst frame dB | VMAF mean | VMAF 1st percentile | bitrate at equal CRF |\n");
            out.push_str("|---|---:|---:|---:|---:|---:|---:|\n");
            for q in &self.qualities {
                let _ = writeln!(
                    out,
                    "| {} | {} | {:.2} | {:.2} | {} | {} | {} |",
                    q.clip,
                    q.frames,
                    q.psnr_y_db,
                    q.worst_frame_psnr_y_db,
                    cell(q.vmaf_mean, 2),
                    cell(q.vmaf_p1, 2),
                    q.bitrate_change
                        .map_or("-".to_owned(), |c| format!("{:+.1} %", c * 100.0)),
                );
            }
            if self.qualities.iter().any(|q| q.vmaf_mean.is_none()) {
                out.push_str(
                    "\nVMAF was not measured where it says -: no FFmpeg with libvmaf was named.\n",
                );
            }
        }
        let short = self.shortfalls();
        out.push('\n');
        if short.is_empty() {
            out.push_str("All floors hold.\n");
        } else {
            for line in short {
                let _ = writeln!(out, "- short: {line}");
            }
        }
        out
    }
}

fn path_name(path: DetectorPath) -> &'static str {
    match path {
        DetectorPath::Read => "read",
        DetectorPath::Trace => "trace",
    }
}

fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or("-".to_owned(), |v| format!("{v:.digits$}"))
}

#[cfg(test)]
mod tests;
