//! The page of measurements of one run, made of what the run left: `results.json` and `run.json`.
//!
//! ```text
//! head: commit, format, date, machine, command, clips   rows: exact, interval, floor, wrong, log10 p   clips: quality
//! ```
//!
//! A folder without `run.json` has no page: nobody could say what its figures are of.
//!
//! # Shapes and units
//! Rates and intervals in percent, PSNR in decibels, `log10 p` as proved.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::cell::cell;
use super::check::percent;
use super::json::{ResultsHead, SCHEMA};
use crate::provenance::RunRecord;
use crate::store::{NullTail, Quality};

/// A row of `results.json`, as far as a page shows it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Row {
    group: String,
    name: Option<String>,
    attack: String,
    path: String,
    trials: u64,
    exact: u64,
    wrong: u64,
    exact_interval: (f64, f64),
    min_rate: Option<f64>,
    min_any_rate: Option<f64>,
    any_rate: Option<f64>,
    fragments: u64,
    fragments_right: u64,
    min_fragment_rate: Option<f64>,
    unknown: u64,
    false_matches: u64,
    median_log10_p: Option<f64>,
    holds: bool,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Results {
    #[serde(flatten)]
    head: ResultsHead,
    first_seconds: Option<f64>,
    clips: usize,
    shortfalls: Vec<String>,
    errors: Vec<String>,
    unchecked: Vec<String>,
    rows: Vec<Row>,
    qualities: Vec<Quality>,
    nulls: Vec<NullTail>,
}

/// What a run measured, and with what.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    results: Results,
    run: RunRecord,
}

impl Page {
    /// Reads a folder that `run` wrote.
    ///
    /// # Errors
    /// When a file is missing, is none of this version's, or tells of a run without a record.
    pub fn read(folder: &Path) -> Result<Self> {
        let run = RunRecord::read(folder)?;
        let file = folder.join("results.json");
        let text = fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}: the run has not ended", file.display()))?;
        let results: Results = serde_json::from_str(&text)
            .with_context(|| format!("{} holds no results of this version", file.display()))?;
        anyhow::ensure!(
            results.head.schema == SCHEMA,
            "{} has schema {}, this version reads {SCHEMA}",
            file.display(),
            results.head.schema
        );
        Ok(Self { results, run })
    }

    /// The page's file name: the suite's.
    #[must_use]
    pub fn file_name(&self) -> String {
        let suite = Path::new(&self.results.head.suite);
        let stem = suite.file_stem().unwrap_or_default().to_string_lossy();
        format!("{stem}.md")
    }

    /// The page.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut out = self.head();
        for rows in self.results.rows.chunk_by(|a, b| a.group == b.group) {
            table(&mut out, rows);
        }
        qualities(&mut out, &self.results.qualities);
        nulls(&mut out, &self.results.nulls);
        if self.results.shortfalls.is_empty() && self.results.errors.is_empty() {
            out.push_str("All floors that were checked hold.\n");
        }
        for (word, lines) in [
            ("short", &self.results.shortfalls),
            ("not measured", &self.results.errors),
            ("not checked", &self.results.unchecked),
        ] {
            for line in lines {
                let _ = writeln!(out, "- {word}: {line}");
            }
        }
        out
    }

    fn head(&self) -> String {
        let (results, run) = (&self.results, &self.run);
        let mut out = format!("# Suite {}\n\n", results.head.suite);
        let libraries: Vec<String> = run
            .measured
            .libraries
            .iter()
            .map(|(name, version)| format!("{name} {version}"))
            .collect();
        let day = run.begun.split('T').next().unwrap_or_default();
        let machine = &run.machine;
        let mut clips = format!("{}", results.clips);
        if let Some(seconds) = results.first_seconds {
            let _ = write!(clips, ", of longer ones the first {seconds} s");
        }
        let lines = [
            ("command", format!("`{}`", run.command)),
            (
                "commit",
                format!("{}, version {}", run.measured.commit, results.head.version),
            ),
            ("format", run.format.to_string()),
            ("date", day.to_owned()),
            (
                "machine",
                format!(
                    "{}, {} threads, {}",
                    machine.processor, machine.threads, machine.system
                ),
            ),
            ("libraries", libraries.join(", ")),
            ("seed", results.head.seed.to_string()),
            ("clips", clips),
        ];
        out.push_str("| | |\n|---|---|\n");
        for (name, value) in lines {
            let _ = writeln!(out, "| {name} | {value} |");
        }
        out.push_str(
            "\nWritten by `countermark-bench report OUT` from `results.json`. \"Wrong\" counts accusations of anybody \
             else and titles that the clip does not show.\n\n",
        );
        out
    }
}

/// The rows of one group under its heading.
fn table(out: &mut String, rows: &[Row]) {
    if let Some(row) = rows.first()
        && !row.group.is_empty()
    {
        let _ = writeln!(out, "## {}\n", row.group);
    }
    out.push_str("| path | attack | exact | 95 % interval | floor | wrong | median log10 p | |\n");
    out.push_str("|---|---|---:|---:|---:|---:|---:|---|\n");
    for row in rows {
        let attack = match &row.name {
            Some(name) => format!("{}: `{}`", name.replace('|', "\\|"), row.attack),
            None => format!("`{}`", row.attack),
        };
        let (low, high) = row.exact_interval;
        let _ = writeln!(
            out,
            "| {} | {attack} | {} | {:.0} to {:.0} % | {} | {} | {} | {} |",
            row.path,
            counts(row),
            low * 100.0,
            high * 100.0,
            floors(row),
            row.wrong + row.false_matches,
            cell(row.median_log10_p, 1),
            if row.holds { "" } else { "**short**" },
        );
    }
    out.push('\n');
}

fn counts(row: &Row) -> String {
    let mut text = format!("{}/{}", row.exact, row.trials);
    if let (Some(rate), Some(_)) = (row.any_rate, row.min_any_rate) {
        let _ = write!(text, ", any {} %", percent(rate));
    }
    if row.min_fragment_rate.is_some() {
        let _ = write!(
            text,
            ", fragments {}/{}",
            row.fragments_right, row.fragments
        );
    }
    if row.unknown > 0 {
        let _ = write!(
            text,
            ", unknown {}/{}",
            row.unknown - row.false_matches,
            row.unknown
        );
    }
    text
}

fn floors(row: &Row) -> String {
    let all: Vec<String> = [
        ("", row.min_rate),
        ("any ", row.min_any_rate),
        ("fragments ", row.min_fragment_rate),
    ]
    .into_iter()
    .filter_map(|(name, rate)| Some(format!("{name}{} %", percent(rate?))))
    .collect();
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.join(", ")
    }
}

fn qualities(out: &mut String, qualities: &[Quality]) {
    if qualities.is_empty() {
        return;
    }
    out.push_str(
        "## Quality\n\nThe marked pictures against the decoded master, before encoding.\n\n",
    );
    out.push_str("| clip | frames | PSNR-Y dB | worst frame dB | VMAF mean | VMAF 1st percentile | flat contrast % | lift of black | strays % | bitrate at equal CRF |\n");
    out.push_str("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for q in qualities {
        let _ = writeln!(
            out,
            "| {} | {} | {:.2} | {:.2} | {} | {} | {} | {} | {} | {} |",
            q.clip,
            q.frames,
            q.psnr_y_db,
            q.worst_frame_psnr_y_db,
            cell(q.vmaf_mean, 2),
            cell(q.vmaf_p1, 2),
            cell(q.flat_contrast_percent, 2),
            cell(q.black_lift_codes, 1),
            cell(q.strays.map(|share| 100.0 * share), 2),
            q.bitrate_change
                .map_or("-".to_owned(), |c| format!("{:+.1} %", c * 100.0)),
        );
    }
    if qualities.iter().any(|q| q.vmaf_mean.is_none()) {
        out.push_str(
            "\nVMAF was not measured where it says -: no FFmpeg with libvmaf was named.\n",
        );
    }
    out.push('\n');
}

fn nulls(out: &mut String, nulls: &[NullTail]) {
    if nulls.is_empty() {
        return;
    }
    let named: Vec<_> = nulls
        .iter()
        .map(|null| {
            let marked = if null.marked { "marked" } else { "unmarked" };
            (format!("{}, {marked}", null.clip), null.tail)
        })
        .collect();
    out.push_str("## Wrong keys\n\n");
    out.push_str(&crate::null::to_markdown(&named));
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::super::specimen::Specimen;
    use super::*;
    use crate::provenance::{Measured, RECORDS, RunHead};

    fn folder() -> Result<tempfile::TempDir> {
        let specimen = Specimen::new();
        let folder = tempfile::tempdir()?;
        fs::write(
            folder.path().join("results.json"),
            json::results(&specimen.report())?,
        )?;
        Ok(folder)
    }

    fn measured() -> Measured {
        Measured {
            commit: "c0ffee".to_owned(),
            program: "p".to_owned(),
            suite: "s".to_owned(),
            libraries: [("libavcodec".to_owned(), "59.37.100".to_owned())].into(),
            tool: None,
            clips: [].into(),
        }
    }

    fn head() -> RunHead {
        RunHead {
            schema: RECORDS,
            suite: "show".to_owned(),
            seed: 1,
            version: "0.1.0".to_owned(),
            format: 2,
            preparation: String::new(),
            texts: Vec::new(),
            measured: measured(),
        }
    }

    #[test]
    fn a_page_says_what_its_figures_are_of() -> Result<()> {
        let folder = folder()?;
        let run = RunRecord::now("countermark-bench run --suite show".to_owned(), &head());
        run.write(folder.path())?;
        let page = Page::read(folder.path())?;
        assert_eq!(page.file_name(), "show.md");
        let text = page.to_markdown();
        for head in [
            "| command | `countermark-bench run --suite show` |",
            "| commit | c0ffee",
            "| format | 2 |",
            "libavcodec 59.37.100",
        ] {
            assert!(text.contains(head), "{head} in {text}");
        }
        let specimen = Specimen::new();
        for row in &specimen.suite.rows {
            assert!(text.contains(&row.attack.to_string()), "{}", row.attack);
        }
        Ok(())
    }

    #[test]
    fn results_without_a_record_of_their_run_have_no_page() -> Result<()> {
        let folder = folder()?;
        let error = Page::read(folder.path())
            .expect_err("no record")
            .to_string();
        assert!(error.contains("run.json"), "{error}");
        Ok(())
    }
}
