//! `results.json` and `timings.json`: the run for programs, and for the comparison with a later run.
//!
//! ```text
//! results.json = { schema, suite, seed, version, seeds, format, texts, measured, first_seconds, clips, standing, holds,
//!                  shortfalls, errors, unchecked, gaps, rows, trials, qualities, nulls }
//! timings.json = { schema, suite, seed, version, trials, markings }
//! ```
//!
//! Fields are described in `bench/RESULTS.md`. `results.json` has no times and a fixed order: rows as in the suite,
//! trials by clip and then by row, the rest by clip. The same results are the same bytes, in whatever order they came.
//!
//! # Shapes and units
//! Rates and shares from 0 to 1, seconds, decibels, `log10 p` as proved. Numbers as measured, not rounded; what was not
//! measured is `null`, and so is what is no number.

use serde::{Deserialize, Serialize};

use super::gathered::Report;
use super::headline::Standing;
use super::row::AttackRow;
use crate::gap::Gap;
use crate::placing::Placing;
use crate::provenance::Measured as Provenance;
use crate::store::{Marking, NullTail, Quality};
use crate::suite::DetectorPath;
use crate::trial::{Answer, Trial};

/// The version of both files.
pub const SCHEMA: u32 = 2;

/// Which run a file tells of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultsHead {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Suite by name.
    pub suite: String,
    /// Seed of the suite.
    pub seed: u64,
    /// Version of the program.
    pub version: String,
}

/// A trial without its times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialEntry {
    /// File stem of the clip.
    pub clip: String,
    /// Name of the chain.
    pub attack: String,
    /// Who answered.
    pub path: DetectorPath,
    /// Payloads of the copies that were attacked.
    pub expected: Vec<String>,
    /// Payloads that were accused.
    pub accused: Vec<String>,
    /// Titles that were named.
    #[serde(default)]
    pub titles: Vec<String>,
    /// Whether the register lacks the clip's title.
    #[serde(default)]
    pub unknown: bool,
    /// Where the answer places the clip.
    #[serde(default)]
    pub placing: Option<Placing>,
    /// The answer against the truth.
    pub answer: Answer,
    /// Decimal logarithm of the lowest bound.
    pub log10_p: Option<f64>,
    /// Share of coded bits with the wrong sign.
    pub coded_bit_errors: Option<f64>,
    /// Starts of the random cuts, in seconds.
    pub cuts: Vec<f64>,
    /// Seconds of media in the attacked clip.
    pub clip_seconds: f64,
    /// Size of the attacked clip.
    pub bytes: u64,
}

impl From<&Trial> for TrialEntry {
    fn from(trial: &Trial) -> Self {
        Self {
            clip: trial.clip.clone(),
            attack: trial.attack.clone(),
            path: trial.path,
            expected: trial.expected.clone(),
            accused: trial.accused.clone(),
            titles: trial.titles.clone(),
            unknown: trial.unknown,
            placing: trial.placing,
            answer: trial.answer,
            log10_p: number(trial.log10_p),
            coded_bit_errors: number(trial.coded_bit_errors),
            cuts: trial.cuts.clone(),
            clip_seconds: trial.clip_seconds,
            bytes: trial.bytes,
        }
    }
}

/// A number that JSON can hold.
fn number(value: Option<f64>) -> Option<f64> {
    value.filter(|v| v.is_finite())
}

#[derive(Serialize)]
struct RowEntry<'a> {
    group: &'a str,
    name: Option<&'a str>,
    attack: &'a str,
    path: DetectorPath,
    trials: u64,
    exact: u64,
    part: u64,
    none: u64,
    wrong: u64,
    exact_rate: Option<f64>,
    exact_interval: (f64, f64),
    any_rate: Option<f64>,
    min_rate: Option<f64>,
    min_any_rate: Option<f64>,
    fragments: u64,
    fragments_right: u64,
    min_fragment_rate: Option<f64>,
    unknown: u64,
    false_matches: u64,
    coded_bit_errors: Option<f64>,
    median_log10_p: Option<f64>,
    shortest_clip_seconds: Option<f64>,
    wrong_clips: &'a [String],
    lost_clips: &'a [String],
    holds: bool,
}

impl<'a> From<&'a AttackRow> for RowEntry<'a> {
    fn from(row: &'a AttackRow) -> Self {
        let any = row.any();
        Self {
            group: &row.group,
            name: row.name.as_deref(),
            attack: &row.attack,
            path: row.path,
            trials: row.exact.trials,
            exact: row.exact.hits,
            part: row.part,
            none: any.trials - any.hits - row.wrong,
            wrong: row.wrong,
            exact_rate: row.exact.rate(),
            exact_interval: row.exact.wilson(),
            any_rate: any.rate(),
            min_rate: row.min_rate,
            min_any_rate: row.min_any_rate,
            fragments: row.fragments.trials,
            fragments_right: row.fragments.hits,
            min_fragment_rate: row.min_fragment_rate,
            unknown: row.unknown.trials,
            false_matches: row.false_matches(),
            coded_bit_errors: number(row.coded_bit_errors),
            median_log10_p: number(row.median_log10_p),
            shortest_clip_seconds: row.shortest.seconds(),
            wrong_clips: &row.wrong_clips,
            lost_clips: &row.lost_clips,
            holds: row.holds(),
        }
    }
}

#[derive(Serialize)]
struct Results<'a> {
    #[serde(flatten)]
    head: ResultsHead,
    seeds: &'a [u64],
    format: Option<u32>,
    texts: Option<&'a [(String, String)]>,
    measured: Option<&'a Provenance>,
    first_seconds: Option<f64>,
    clips: usize,
    standing: &'static str,
    holds: bool,
    shortfalls: Vec<String>,
    errors: Vec<String>,
    unchecked: Vec<String>,
    gaps: &'a [Gap],
    rows: Vec<RowEntry<'a>>,
    trials: Vec<TrialEntry>,
    qualities: &'a [Quality],
    nulls: &'a [NullTail],
}

#[derive(Serialize)]
struct TrialTime<'a> {
    clip: &'a str,
    attack: &'a str,
    path: DetectorPath,
    clip_seconds: f64,
    detector_seconds: f64,
}

#[derive(Serialize)]
struct MarkingTime<'a> {
    #[serde(flatten)]
    marking: &'a Marking,
    frames_per_second: Option<f64>,
}

#[derive(Serialize)]
struct Timings<'a> {
    #[serde(flatten)]
    head: ResultsHead,
    trials: Vec<TrialTime<'a>>,
    markings: Vec<MarkingTime<'a>>,
}

/// Frames marked a second.
pub(super) fn frames_per_second(marking: &Marking) -> Option<f64> {
    (marking.seconds > 0.0).then(|| marking.frames as f64 / marking.seconds)
}

fn head(report: &Report) -> ResultsHead {
    ResultsHead {
        schema: SCHEMA,
        suite: report.suite.clone(),
        seed: report.seed,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

pub(super) fn results(report: &Report) -> Result<String, serde_json::Error> {
    let standing = report.headline().standing();
    let run = report.run.as_ref();
    lines(&Results {
        head: head(report),
        seeds: &report.seeds,
        format: run.map(|run| run.format),
        texts: run.map(|run| run.texts.as_slice()),
        measured: run.map(|run| &run.measured),
        first_seconds: report.first_seconds,
        clips: report.clips().len(),
        standing: match standing {
            Standing::Holds => "holds",
            Standing::Unchecked => "unchecked",
            Standing::Broken => "broken",
            Standing::Short => "short",
        },
        holds: standing <= Standing::Unchecked,
        shortfalls: report.shortfalls(),
        errors: report.errors(),
        unchecked: report.unchecked(),
        gaps: &report.gaps,
        rows: report.rows.iter().map(RowEntry::from).collect(),
        trials: report.trials.iter().map(TrialEntry::from).collect(),
        qualities: &report.qualities,
        nulls: &report.tails,
    })
}

pub(super) fn timings(report: &Report) -> Result<String, serde_json::Error> {
    let trials = report.trials.iter().map(|trial| TrialTime {
        clip: &trial.clip,
        attack: &trial.attack,
        path: trial.path,
        clip_seconds: trial.clip_seconds,
        detector_seconds: trial.detector_seconds,
    });
    let markings = report.markings.iter().map(|marking| MarkingTime {
        marking,
        frames_per_second: frames_per_second(marking),
    });
    lines(&Timings {
        head: head(report),
        trials: trials.collect(),
        markings: markings.collect(),
    })
}

fn lines(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::Measured;
    use super::super::specimen::Specimen;
    use super::*;
    use countermark_attack::Random;

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    fn shuffle<T>(values: &mut [T], random: &mut Random) {
        for last in (1..values.len()).rev() {
            values.swap(last, random.below(last + 1));
        }
    }

    #[test]
    fn same_results_are_the_same_bytes_in_whatever_order_they_came() -> Outcome {
        let specimen = Specimen::new();
        let first = results(&specimen.report())?;
        let mut random = Random::new([7; 32]);
        for _ in 0..3 {
            let mut other = Specimen::new();
            shuffle(&mut other.trials, &mut random);
            shuffle(&mut other.qualities, &mut random);
            shuffle(&mut other.tails, &mut random);
            // Times differ from run to run.
            for trial in &mut other.trials {
                trial.detector_seconds *= 1.0 + random.unit();
            }
            for marking in &mut other.markings {
                marking.seconds += random.unit();
            }
            assert!(results(&other.report())? == first, "the bytes differ");
        }
        Ok(())
    }

    #[test]
    fn a_resumed_run_reads_back_the_numbers_that_it_wrote() -> Outcome {
        // Without serde_json's float_roundtrip one in some hundred comes back off by the last bit.
        let mut random = Random::new([8; 32]);
        for _ in 0..5_000 {
            let value = random.normal() * 10_f64.powf(random.between(-9.0, 3.0));
            let text = serde_json::to_string(&value)?;
            assert_eq!(
                serde_json::from_str::<f64>(&text)?.to_bits(),
                value.to_bits()
            );
        }
        Ok(())
    }

    #[test]
    fn results_hold_everything_but_times() -> Outcome {
        let specimen = Specimen::new();
        let text = results(&specimen.report())?;
        let value: Value = serde_json::from_str(&text)?;
        assert_eq!(
            (&value["schema"], &value["suite"]),
            (&SCHEMA.into(), &"show".into())
        );
        assert_eq!(value["clips"], specimen.clips.len());
        assert_eq!(
            value["rows"].as_array().map(Vec::len),
            Some(specimen.suite.rows.len())
        );
        assert_eq!(
            value["trials"].as_array().map(Vec::len),
            Some(specimen.trials.len())
        );
        assert_eq!(
            value["nulls"][0]["counts"].as_array().map(Vec::len),
            Some(5)
        );
        let row = &value["rows"][0];
        let parts = ["exact", "part", "none", "wrong"].map(|key| row[key].as_u64());
        let sum: Option<u64> = parts.into_iter().sum();
        assert_eq!(sum, row["trials"].as_u64());
        assert!(!text.contains("detector") && !text.contains("per_second"));
        Ok(())
    }

    #[test]
    fn timings_have_the_keys_of_the_results() -> Outcome {
        let specimen = Specimen::new();
        let report = specimen.report();
        let times: Value = serde_json::from_str(&timings(&report)?)?;
        let all: Value = serde_json::from_str(&results(&report)?)?;
        let (times_of, results_of) = (times["trials"].as_array(), all["trials"].as_array());
        assert_eq!(times_of.map(Vec::len), results_of.map(Vec::len));
        for (time, trial) in times_of
            .into_iter()
            .flatten()
            .zip(results_of.into_iter().flatten())
        {
            for key in ["clip", "attack", "path"] {
                assert_eq!(time[key], trial[key]);
            }
            assert!(time["detector_seconds"].as_f64() > Some(0.0));
        }
        assert!(times["markings"][0]["frames_per_second"].as_f64() > Some(0.0));
        Ok(())
    }

    #[test]
    fn what_is_no_number_is_null() -> Outcome {
        let mut specimen = Specimen::new();
        specimen.trials.truncate(1);
        specimen.trials[0].log10_p = Some(f64::NAN);
        let text = results(&Report::new(
            "x",
            &specimen.suite,
            Measured {
                trials: &specimen.trials,
                ..Measured::default()
            },
        ))?;
        let value: Value = serde_json::from_str(&text)?;
        assert!(value["trials"][0]["log10_p"].is_null());
        Ok(())
    }
}
