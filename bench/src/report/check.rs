//! What a suite asks of a run, one by one: its clips, its rows, the quality of each clip, the wrong keys.
//!
//! # Shapes and units
//! A line for each shortfall: who, what was reached, what was asked. Rates in percent.

use std::fmt::Write as _;

use super::cell::path_name;
use super::gathered::Report;
use super::row::AttackRow;
use crate::gap::{Cause, Gap};
use crate::store::{NullTail, Quality};
use crate::suite::QualityFloor;

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The floor held.
    Held,
    /// It did not: the whole line.
    Short(String),
    /// It could not be looked at: the whole line.
    Error(String),
    /// It was not looked at: why.
    Unchecked(String),
}

/// One thing asked of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The row's group; `clips`, `quality` or `null`.
    pub group: String,
    /// What is checked, unique in its group.
    pub name: String,
    /// Detector seconds that went into it.
    pub seconds: Option<f64>,
    /// What came of it.
    pub verdict: Verdict,
}

impl Check {
    fn new(group: &str, name: impl Into<String>, shortfall: Option<String>) -> Self {
        Self {
            group: group.to_owned(),
            name: name.into(),
            seconds: None,
            verdict: shortfall.map_or(Verdict::Held, Verdict::Short),
        }
    }

    fn broken(group: &str, name: impl Into<String>, line: String) -> Self {
        Self {
            verdict: Verdict::Error(line),
            ..Self::new(group, name, None)
        }
    }
}

pub(super) fn checks(report: &Report) -> Vec<Check> {
    let mut checks = clip_checks(report);
    checks.extend(report.rows.iter().map(|row| {
        let group = match row.group.as_str() {
            "" => "attacks",
            group => group,
        };
        Check {
            seconds: Some(row.detector_seconds),
            verdict: row_verdict(report, row),
            ..Check::new(group, title(row), None)
        }
    }));
    checks.extend(report.asks_unknown.then(|| unknown_check(report)));
    checks.extend(report.left_out.iter().map(|what| Check {
        verdict: Verdict::Unchecked("left out by the suite".to_owned()),
        ..Check::new("M. negatives", *what, None)
    }));
    if let Some(floor) = report.floor {
        if report.qualities.is_empty() {
            let line = "quality: no clip was measured".to_owned();
            checks.push(Check::new("quality", "clips", Some(line)));
        }
        checks.extend(
            report
                .qualities
                .iter()
                .flat_map(|quality| quality_checks(quality, floor)),
        );
    }
    if report.null.is_some() && report.tails.is_empty() {
        let line = "null: no clip was measured".to_owned();
        checks.push(Check::new("null", "clips", Some(line)));
    }
    checks.extend(report.tails.iter().map(null_check));
    checks
}

/// As many clips as are asked for, and none that could not be measured.
fn clip_checks(report: &Report) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(least) = report.min_clips {
        let measured = report.clips().len();
        let line = || {
            let gaps: Vec<String> = report.gaps.iter().map(Gap::line).collect();
            format!(
                "clips: {measured} measured, at least {least} are asked for; {}",
                gaps.join("; ")
            )
        };
        let short = (measured < least).then(line);
        checks.push(Check::new("clips", "number of clips", short));
    }
    // Parts that are rows are told with the row.
    let rows: Vec<String> = report.rows.iter().map(title).collect();
    let is_row = |gap: &Gap| gap.part.as_ref().is_some_and(|part| rows.contains(part));
    let errors = report.gaps.iter().filter(|gap| gap.cause == Cause::Error);
    checks.extend(errors.filter(|gap| !is_row(gap)).map(|gap| {
        let name = match &gap.part {
            Some(part) => format!("{} {part}", gap.clip),
            None => gap.clip.clone(),
        };
        Check::broken("clips", name, gap.line())
    }));
    checks
}

/// Who answers and what was done.
fn title(row: &AttackRow) -> String {
    format!("{} {}", path_name(row.path), row.attack)
}

fn row_verdict(report: &Report, row: &AttackRow) -> Verdict {
    let title = title(row);
    let missing: Vec<String> = report
        .gaps
        .iter()
        .filter(|gap| gap.cause == Cause::Error && gap.part.as_ref() == Some(&title))
        .map(|gap| format!("{} ({})", gap.clip, gap.reason))
        .collect();
    let error = || {
        Verdict::Error(format!(
            "{title}: could not be measured on {}",
            missing.join(", ")
        ))
    };
    if row.exact.trials == 0 && !missing.is_empty() {
        return error();
    }
    if let Some(line) = row_shortfall(row) {
        return Verdict::Short(line);
    }
    if !missing.is_empty() {
        return error();
    }
    if let Some(what) = failures(row) {
        return Verdict::Error(format!("{title}: {what}"));
    }
    if row.has_floor() {
        Verdict::Held
    } else {
        Verdict::Unchecked("no floor: only that nobody is accused wrongly was checked".to_owned())
    }
}

/// Nothing may be found in clips that the register lacks, in the whole run.
fn unknown_check(report: &Report) -> Check {
    let unknown = report.unknown();
    let line = match unknown.trials {
        0 => Some("unknown clips: none was measured".to_owned()),
        trials if unknown.hits < trials => Some(format!(
            "unknown clips: something was found in {} of {trials}",
            trials - unknown.hits
        )),
        _ => None,
    };
    Check::new("unknown clips", "false matches", line)
}

fn row_shortfall(row: &AttackRow) -> Option<String> {
    let name = title(row);
    if row.exact.trials == 0 {
        return Some(format!("{name}: was not measured"));
    }
    if row.holds() {
        return None;
    }
    let mut reached = format!(
        "{name}: {}/{} exact, {} wrong",
        row.exact.hits, row.exact.trials, row.wrong
    );
    if row.false_matches() > 0 {
        let _ = write!(
            reached,
            ", something found in {} of {} unknown clips",
            row.false_matches(),
            row.unknown.trials
        );
    }
    let exact = match row.min_rate {
        Some(floor) => format!(", floor {} %", percent(floor)),
        None if row.has_floor() => String::new(),
        None => ", no floor".to_owned(),
    };
    let any = row.min_any_rate.map_or(String::new(), |floor| {
        let any = row.any();
        format!(
            ", {}/{} at least one, floor {} %",
            any.hits,
            any.trials,
            percent(floor)
        )
    });
    let fragments = row.min_fragment_rate.map_or(String::new(), |floor| {
        format!(
            ", {}/{} fragments, floor {} %",
            row.fragments.hits,
            row.fragments.trials,
            percent(floor)
        )
    });
    let failed = failures(row).map_or(String::new(), |what| format!("; {what}"));
    Some(reached + &exact + &any + &fragments + &by_clip(row) + &failed)
}

/// Calls of the system under test that failed: they count as no answer, and are not passed over.
fn failures(row: &AttackRow) -> Option<String> {
    const NAMED: usize = 3;
    let all = &row.failed_clips;
    let named = all.iter().take(NAMED);
    let named: Vec<String> = named
        .map(|(clip, what)| format!("{clip} ({what})"))
        .collect();
    let more = match all.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!all.is_empty()).then(|| format!("the system failed on {}{more}", named.join(", ")))
}

/// Which clips a row fell short on.
fn by_clip(row: &AttackRow) -> String {
    const NAMED: usize = 8;
    let mut out = String::new();
    for (word, clips) in [
        ("wrong on", &row.wrong_clips),
        ("not exact on", &row.lost_clips),
    ] {
        if clips.is_empty() {
            continue;
        }
        let named: Vec<&str> = clips.iter().take(NAMED).map(String::as_str).collect();
        let _ = write!(out, "; {word} {}", named.join(", "));
        if clips.len() > NAMED {
            let _ = write!(out, " and {} more", clips.len() - NAMED);
        }
    }
    out
}

/// Without superfluous zeros: 90, 99.5.
pub(super) fn percent(rate: f64) -> String {
    format!("{}", (rate * 1000.0).round() / 10.0)
}

/// A measure of quality and what is asked of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) name: &'static str,
    value: Option<f64>,
    limit: Limit,
    /// What it means when there is no value; none where that is as good as can be.
    missing: Option<&'static str>,
}

/// What is asked of a measure.
#[derive(Debug, Clone, Copy)]
enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

impl Asked {
    /// Whether the value is not what was asked for.
    pub(super) fn is_short(&self) -> bool {
        self.value.is_some_and(|value| match self.limit {
            Limit::AtLeast(least) => value < least || value.is_nan(),
            Limit::AtMost(most) => value > most || value.is_nan(),
        })
    }

    fn limit_in_words(&self) -> String {
        match self.limit {
            Limit::AtLeast(least) => format!("floor {least}"),
            Limit::AtMost(most) => format!("ceiling {most}"),
        }
    }
}

/// Everything that is asked of a clip's quality.
pub(super) fn asked(quality: &Quality, floor: QualityFloor) -> Vec<Asked> {
    const NO_VMAF: Option<&str> = Some("no FFmpeg with libvmaf was named");
    let floors = [
        ("PSNR-Y", Some(quality.psnr_y_db), Some(floor.min_psnr_y_db)),
        ("VMAF mean", quality.vmaf_mean, floor.min_vmaf_mean),
        ("VMAF 1st percentile", quality.vmaf_p1, floor.min_vmaf_p1),
    ]
    .map(|(name, value, least)| (name, value, least.map(Limit::AtLeast), NO_VMAF));
    let ceilings = [
        (
            "contrast in flat regions, %",
            quality.flat_contrast_percent,
            floor.max_flat_contrast_percent,
        ),
        (
            "lift of black",
            quality.black_lift_codes,
            floor.max_black_lift_codes,
        ),
        ("strays", quality.strays, floor.max_strays),
    ]
    .map(|(name, value, most)| (name, value, most.map(Limit::AtMost), None));
    let all = floors.into_iter().chain(ceilings);
    all.filter_map(|(name, value, limit, missing)| {
        Some(Asked {
            name,
            value,
            limit: limit?,
            missing,
        })
    })
    .collect()
}

fn quality_checks(quality: &Quality, floor: QualityFloor) -> Vec<Check> {
    let all = asked(quality, floor).into_iter();
    all.map(|asked| {
        let name = asked.name;
        let title = format!("{} {name}", quality.clip);
        if let (None, Some(missing)) = (asked.value, asked.missing) {
            return Check {
                verdict: Verdict::Unchecked(format!("{name} was not measured: {missing}")),
                ..Check::new("quality", title, None)
            };
        }
        let line = || {
            let (value, limit) = (asked.value.unwrap_or(f64::NAN), asked.limit_in_words());
            format!("quality of {}: {name} {value:.2}, {limit}", quality.clip)
        };
        Check::new("quality", title, asked.is_short().then(line))
    })
    .collect()
}

fn null_check(tail: &NullTail) -> Check {
    let marked = if tail.marked { "marked" } else { "unmarked" };
    let above: Vec<String> = tail.tail.violations().iter().map(f64::to_string).collect();
    let line = || {
        format!(
            "null of {}, {marked}: wrong keys above the proved bound at t >= {}",
            tail.clip,
            above.join(", ")
        )
    };
    Check::new(
        "null",
        format!("{}, {marked}", tail.clip),
        (!above.is_empty()).then(line),
    )
}
