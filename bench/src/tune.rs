//! What each value of tuning decides: it is moved by a share of itself either way, and everything that an answer says is held
//! against the answer of the product's own values.
//!
//! ```text
//! for each value v of `Tuning`:   trace(clip; v (1 - by)), trace(clip; v (1 + by))   against   trace(clip; v)
//! ```
//!
//! A value that changes no answer on many clips is free, one that changes answers both ways sits on an edge.
//!
//! # Shapes and units
//! Seconds of the clip and of its title, bounds as `log10`, time as the ratio of the time an analysis took.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use countermark_catalogue::Vault;
use countermark_trace::result::{ClipReport, Match, Verdict};
use countermark_trace::tuning::Entry;
use countermark_trace::{Request, Silence, Tracer, Tuning};

use crate::args::TuneArgs;
use crate::observer::Observer as _;
use crate::progress::Progress;

/// Bounds that differ by less say the same: a decade is a factor of ten in how seldom such a score occurs.
const SAME_LOG10: f64 = 0.5;

/// Ends of a match that differ by less say the same, in seconds.
const SAME_SECONDS: f64 = 0.02;

/// Analyses of these short clips vary by so much from run to run.
const SAME_TIME_RATIO: f64 = 1.3;

/// Moves every value and answers the table of what changed.
///
/// # Errors
/// When the vault or a clip cannot be read, or no value has the name.
pub fn tune(args: &TuneArgs, quiet: bool) -> Result<String> {
    let by = args.by;
    if !(by > 0.0 && by < 1.0) {
        bail!("--by must be above 0 and below 1, not {by}");
    }
    let vault = Vault::open(&args.vault)
        .with_context(|| format!("cannot open the vault {}", args.vault.display()))?;
    let usual = Tuning::default();
    let wanted = |entry: &Entry| {
        let only = args.only.as_deref();
        only.is_none_or(|name| entry.name.starts_with(name))
    };
    let entries: Vec<Entry> = usual.entries().into_iter().filter(wanted).collect();
    if entries.is_empty() {
        bail!(
            "no value's name begins with {}",
            args.only.as_deref().unwrap_or_default()
        );
    }
    let progress = Progress::new(quiet);
    progress.expect(entries.len());
    progress.doing("all clips", "as the product does");
    let plain = answers(&vault, &args.clips, usual.clone())?;
    let mut rows = Vec::new();
    for entry in entries {
        let mut cells = Vec::new();
        for factor in [1.0 - by, 1.0 + by] {
            let value = moved(&entry, factor);
            progress.doing(&entry.name, &format!("{value}"));
            cells.push(match value {
                Moved::Same => "-".to_owned(),
                Moved::To(value) => {
                    let mut tuning = usual.clone();
                    match tuning.set(&entry.name, value) {
                        Ok(()) => changes(&plain, &answers(&vault, &args.clips, tuning)?),
                        Err(error) => error.to_string(),
                    }
                }
            });
        }
        progress.step();
        rows.push((entry, cells));
    }
    progress.finish();
    Ok(table(&rows, by, args.clips.len()))
}

/// Where a value goes.
enum Moved {
    /// A small whole number, or nought, stays what it is.
    Same,
    To(f64),
}

impl std::fmt::Display for Moved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Same => f.write_str("unmoved"),
            Self::To(value) => write!(f, "{value}"),
        }
    }
}

/// A value times `factor`; what counts moves by one at least.
fn moved(entry: &Entry, factor: f64) -> Moved {
    let value = entry.value * factor;
    let mut tuning = Tuning::default();
    let now = |tuning: &Tuning| {
        let entries = tuning.entries();
        let own = entries.iter().find(|other| other.name == entry.name);
        own.map_or(entry.value, |own| own.value)
    };
    let differs = |now: f64| (now - entry.value).abs() > f64::EPSILON * entry.value.abs();
    if tuning.set(&entry.name, value).is_ok() && differs(now(&tuning)) {
        return Moved::To(value);
    }
    let stepped = entry.value + (factor - 1.0).signum();
    if entry.value != 0.0 && tuning.set(&entry.name, stepped).is_ok() && differs(now(&tuning)) {
        return Moved::To(stepped);
    }
    Moved::Same
}

/// The clip's file name, and what is said of it; an error is an answer as well.
type Answer = (String, Result<ClipReport, String>);

fn answers(vault: &Vault, clips: &[PathBuf], tuning: Tuning) -> Result<Vec<Answer>> {
    let tracer = Tracer::new(vault)?.with_tuning(tuning);
    let answer = |clip: &PathBuf| {
        let name = clip.file_name().unwrap_or_default().to_string_lossy();
        let said = tracer.trace(&Request::new(clip), &Silence);
        (name.into_owned(), said.map_err(|error| error.in_full()))
    };
    Ok(clips.iter().map(answer).collect())
}

/// What is said of some clip that was not said before; "same" when nothing is.
fn changes(plain: &[Answer], moved: &[Answer]) -> String {
    let mut all = Vec::new();
    for ((clip, before), (_, after)) in plain.iter().zip(moved) {
        let what = match (before, after) {
            (Ok(before), Ok(after)) => differences(before, after),
            (Err(before), Err(after)) if before == after => Vec::new(),
            (_, Err(after)) => vec![format!("error: {after}")],
            (Err(_), Ok(_)) => vec!["no error".to_owned()],
        };
        if !what.is_empty() {
            all.push(format!("{clip}: {}", what.join(", ")));
        }
    }
    if all.is_empty() {
        "same".to_owned()
    } else {
        all.join("; ")
    }
}

fn differences(before: &ClipReport, after: &ClipReport) -> Vec<String> {
    let mut all = Vec::new();
    if before.verdict != after.verdict {
        all.push(format!(
            "{} -> {}",
            word(before.verdict),
            word(after.verdict)
        ));
    }
    let accused = |report: &ClipReport| {
        let mut ids: Vec<String> = report
            .deliveries
            .iter()
            .map(|a| a.payload.to_string())
            .collect();
        ids.sort_unstable();
        ids
    };
    if accused(before) != accused(after) {
        all.push(format!(
            "{} -> {} deliveries, or others",
            before.deliveries.len(),
            after.deliveries.len()
        ));
    }
    if spans(before) != spans(after) {
        all.push("other spans".to_owned());
    } else if let Some(seconds) = farthest(before, after).filter(|s| *s >= SAME_SECONDS) {
        all.push(format!("ends by {seconds:.2} s"));
    }
    let best = |report: &ClipReport| report.tried.best.map_or(0.0, |best| best.log10());
    if (best(before) - best(after)).abs() >= SAME_LOG10 {
        all.push(format!("log10 {:.1} -> {:.1}", best(before), best(after)));
    }
    let ratio = after.seconds / before.seconds.max(1e-3);
    if !(SAME_TIME_RATIO.recip()..SAME_TIME_RATIO).contains(&ratio) {
        all.push(format!("time x {ratio:.1}"));
    }
    all
}

fn matches(report: &ClipReport) -> &[Match] {
    report.identity.as_ref().map_or(&[], |found| &found.matches)
}

/// Of which titles, which way round.
fn spans(report: &ClipReport) -> Vec<(Option<String>, bool)> {
    let one = |found: &Match| {
        let title = found.title.as_ref().map(|title| title.name.clone());
        (title, found.mirrored)
    };
    matches(report).iter().map(one).collect()
}

/// By how much the ends of spans differ at most, in seconds.
fn farthest(before: &ClipReport, after: &ClipReport) -> Option<f64> {
    let pairs = matches(before).iter().zip(matches(after));
    let ends = pairs.flat_map(|(a, b)| {
        let of = |found: &Match| [found.query, found.reference].concat();
        let both: Vec<(f64, f64)> = of(a).into_iter().zip(of(b)).collect();
        both
    });
    ends.map(|(a, b)| (a - b).abs()).reduce(f64::max)
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Traced => "traced",
        Verdict::TitleOnly => "title only",
        Verdict::NotFound => "not found",
    }
}

fn table(rows: &[(Entry, Vec<String>)], by: f64, clips: usize) -> String {
    let percent = 100.0 * by;
    let mut text = format!(
        "{} values, each {percent:.0} % lower and higher, on {clips} clips; \"-\": too small a number to be moved.\n\n\
         | value | is | unit | {percent:.0} % lower | {percent:.0} % higher |\n|---|---:|---|---|---|\n",
        rows.len()
    );
    for (entry, cells) in rows {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            entry.name,
            entry.value,
            entry.unit,
            cells.join(" | ")
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str) -> Entry {
        let entries = Tuning::default().entries();
        let found = entries.into_iter().find(|entry| entry.name == name);
        found.expect("a value of that name")
    }

    #[test]
    fn a_value_is_moved_by_a_share_and_a_count_by_one_at_least() {
        let looks = entry("retrieval.candidates.few_looks");
        assert!((looks.value - 1.0).abs() < f64::EPSILON, "{looks:?}");
        assert!(matches!(moved(&looks, 1.2), Moved::To(value) if (value - 2.0).abs() < 1e-9));
        assert!(matches!(moved(&looks, 0.8), Moved::To(value) if value.abs() < 1e-9));
        let frames = entry("retrieval.votes.group_frames");
        assert!(matches!(moved(&frames, 1.2), Moved::To(value) if (value - 24.0).abs() < 1e-9));
    }

    #[test]
    fn the_table_has_a_row_for_each_value() {
        let cells = vec!["same".to_owned(), "a.mkv: traced -> title only".to_owned()];
        let text = table(&[(entry("retrieval.votes.min_votes"), cells)], 0.2, 3);
        assert!(text.contains("1 values, each 20 % lower and higher, on 3 clips"));
        let row =
            "| retrieval.votes.min_votes | 0.25 | votes | same | a.mkv: traced -> title only |";
        assert!(text.ends_with(&format!("{row}\n")), "{text}");
    }
}
