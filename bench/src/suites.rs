//! `suites`: the built-in suites with rows, clips and minutes, so that nobody has to guess which one a pull request can bear.
//!
//! # Shapes and units
//! Minutes are core minutes of the costs in [`crate::cost`], for clips of 4 s at 640x360, divided by two cores: an estimate
//! that grows with the seconds and pixels of the clips. Of suites that take all clips they are for each clip.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::cost;
use crate::suite::{Suite, built_in};

/// Cores that minutes are told for.
const CORES: f64 = 2.0;

#[derive(Debug, Serialize)]
struct Entry {
    name: &'static str,
    about: String,
    rows: usize,
    /// Rows without a floor.
    unchecked_rows: usize,
    /// Clips that it takes at most; none where it takes all.
    max_clips: Option<usize>,
    /// Fewer fail it.
    min_clips: Option<usize>,
    min_short_side: u32,
    max_short_side: Option<u32>,
    min_seconds: f64,
    first_seconds: Option<f64>,
    needs_vmaf: bool,
    /// On two cores.
    minutes_a_clip: f64,
    /// On two cores; none where it takes all clips.
    minutes: Option<f64>,
}

impl Entry {
    fn new(name: &'static str) -> Result<Self> {
        let mut suite = Suite::load(name)?;
        suite.complete();
        let rule = &suite.clips;
        let named = (!rule.only.is_empty()).then_some(rule.only.len());
        let max_clips = rule.max_clips.or(named);
        // Seconds that are marked of a clip that is long enough.
        let seconds = rule.first_seconds.unwrap_or(4.0).max(4.0);
        let minutes_a_clip = cost::of_unit_clip(&suite, max_clips) * seconds / 4.0 / 60.0 / CORES;
        Ok(Self {
            name,
            about: suite.about.clone(),
            rows: suite.rows.len(),
            unchecked_rows: suite
                .rows
                .iter()
                .filter(|row| row.floors().is_empty())
                .count(),
            max_clips,
            min_clips: rule.min_clips,
            min_short_side: rule.min_short_side,
            max_short_side: rule.max_short_side,
            min_seconds: rule.min_seconds,
            first_seconds: rule.first_seconds,
            needs_vmaf: suite
                .quality
                .is_some_and(|floor| floor.min_vmaf_mean.or(floor.min_vmaf_p1).is_some()),
            minutes_a_clip,
            minutes: max_clips.map(|clips| clips as f64 * minutes_a_clip),
        })
    }

    fn line(&self) -> String {
        let clips = match (self.max_clips, self.min_clips) {
            (Some(most), _) => most.to_string(),
            (None, Some(least)) => format!("all, at least {least}"),
            (None, None) => "all".to_owned(),
        };
        let minutes = match self.minutes {
            Some(minutes) => format!("{minutes:.0}"),
            None => format!("{:.0} a clip", self.minutes_a_clip),
        };
        format!(
            "{:<15} {:>4}  {clips:<16} {minutes:>10}  {}{}",
            self.name,
            self.rows,
            self.about,
            if self.needs_vmaf { " (VMAF)" } else { "" }
        )
    }
}

#[derive(Serialize)]
struct List {
    schema: u32,
    cores: f64,
    suites: Vec<Entry>,
}

/// All suites as a table, or as JSON.
///
/// # Errors
/// None, as long as the built-in suites are sound.
pub fn list(json: bool) -> Result<String> {
    let suites: Vec<Entry> = built_in::names().map(Entry::new).collect::<Result<_>>()?;
    if json {
        let list = List {
            schema: 1,
            cores: CORES,
            suites,
        };
        return Ok(serde_json::to_string_pretty(&list)? + "\n");
    }
    let mut text = format!(
        "{:<15} {:>4}  {:<16} {:>10}  what\n",
        "suite", "rows", "clips", "minutes"
    );
    for suite in &suites {
        writeln!(text, "{}", suite.line())?;
    }
    text.push_str(
        "\nMinutes are estimates for two cores and clips of 640x360, of the length that is marked (4 s at least).\n",
    );
    Ok(text)
}

/// The text of a built-in suite: to be copied, changed and named with --suite.
///
/// # Errors
/// When there is none of that name.
pub fn show(name: &str) -> Result<String> {
    let known: Vec<&str> = built_in::names().collect();
    built_in::text(name)
        .map(str::to_owned)
        .with_context(|| format!("unknown suite (known: {}): {name}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_is_listed_with_rows_clips_and_minutes() -> Result<()> {
        let text = list(false)?;
        for name in built_in::names() {
            let line = text
                .lines()
                .find(|line| line.split_whitespace().next() == Some(name));
            let line = line.with_context(|| format!("{name} is not listed"))?;
            assert!(line.split_whitespace().count() > 4, "{line}");
        }
        let json: serde_json::Value = serde_json::from_str(&list(true)?)?;
        let pr = &json["suites"][0];
        assert_eq!((&pr["name"], &pr["max_clips"]), (&"pr".into(), &4.into()));
        assert_eq!(
            (&pr["unchecked_rows"], &pr["needs_vmaf"]),
            (&0.into(), &false.into())
        );
        Ok(())
    }

    #[test]
    fn the_gate_of_a_pull_request_takes_five_minutes_and_the_night_six_hours() -> Result<()> {
        let minutes = |name| -> Result<f64> { Entry::new(name)?.minutes.context("minutes") };
        assert!(minutes("pr")? <= 5.0, "{}", minutes("pr")?);
        assert!(minutes("nightly")? <= 360.0, "{}", minutes("nightly")?);
        Ok(())
    }

    #[test]
    fn a_suite_is_shown_as_it_is_read() -> Result<()> {
        assert_eq!(Some(show("pr")?.as_str()), built_in::text("pr"));
        assert!(show("none").is_err());
        Ok(())
    }
}
