//! What a pull request on GitHub shows: annotations beside the code, and the summary of the job.
//!
//! ```text
//! ::error title=TITLE::MESSAGE      % -> %25, CR -> %0D, LF -> %0A; in a title also : -> %3A, comma -> %2C
//! ```
//!
//! # Shapes and units
//! GitHub takes ten annotations of each kind from a step, and a summary of 1 MiB.
//! # References
//! GitHub Docs, Workflow commands for GitHub Actions.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::gathered::Report;

/// Annotations of each kind that are shown.
const MOST: usize = 10;

/// Bytes that a summary may have.
const SUMMARY_BYTES: u64 = 1 << 20;

/// A line for each thing that fell short, could not be measured or got worse, the most important first; one for all that
/// was not checked.
#[must_use]
pub fn annotations(report: &Report, regressions: &[String]) -> String {
    let title = format!("countermark-bench {}", report.suite);
    let mut lines = report.shortfalls();
    lines.extend(report.errors());
    lines.extend(regressions.iter().map(|line| format!("regression: {line}")));
    if lines.len() > MOST {
        let more = lines.len() - (MOST - 1);
        lines.truncate(MOST - 1);
        lines.push(format!("{more} more: see the summary of the job"));
    }
    let mut out = String::new();
    for line in lines {
        out.push_str(&command("error", &title, &line));
    }
    let unchecked = report.unchecked();
    if !unchecked.is_empty() {
        let line = format!("{} not checked: {}", unchecked.len(), unchecked.join("\n"));
        out.push_str(&command("warning", &title, &line));
    }
    out
}

fn command(kind: &str, title: &str, message: &str) -> String {
    let message = message
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    let title = title
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace(':', "%3A")
        .replace(',', "%2C");
    format!("::{kind} title={title}::{message}\n")
}

/// Appends a report, which begins with its verdict, to the summary of the job; what would be too much is cut off at a line.
///
/// # Errors
/// When the file cannot be written.
pub fn append_summary(file: &Path, text: &str) -> Result<()> {
    const CUT: &str = "\nThe rest is in report.md: a summary has 1 MiB at most.\n";
    let there = fs::metadata(file).map_or(0, |metadata| metadata.len());
    let room = SUMMARY_BYTES.saturating_sub(there) as usize;
    let mut part = text;
    if text.len() > room {
        let mut end = room.saturating_sub(CUT.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        part = &text[..text[..end].rfind('\n').map_or(0, |line| line + 1)];
    }
    let mut summary = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .with_context(|| format!("cannot write the summary {}", file.display()))?;
    summary.write_all(part.as_bytes())?;
    if part.len() < text.len() && room > CUT.len() {
        summary.write_all(CUT.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Measured;
    use super::super::specimen::{suite, trial};
    use super::*;
    use crate::gap::Gap;
    use crate::trial::Answer;

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn failures_are_annotated_with_their_clips_ten_at_most() {
        let mut rows = String::new();
        let mut trials = Vec::new();
        for crf in 20..40 {
            let attack = format!("h264-crf{crf}");
            let row = [
                "[[row]]\nattack = \"",
                &attack,
                "\"\npath = \"read\"\nmin_rate = 0.9\n",
            ];
            rows.push_str(&row.concat());
            trials.push(trial("some, clip: 100%", &attack, Answer::None));
        }
        rows += "[[row]]\nattack = \"h264-crf19\"\npath = \"read\"\n";
        trials.push(trial("a", "h264-crf19", Answer::Exact));
        let gaps = [Gap::by_error("broken", None, "damaged")];
        let measured = Measured {
            trials: &trials,
            gaps: &gaps,
            ..Measured::default()
        };
        let text = annotations(&Report::new("x:y", &suite(&rows), measured), &[]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines.iter().filter(|l| l.starts_with("::error ")).count(),
            10
        );
        assert_eq!(
            lines[0],
            "::error title=countermark-bench x%3Ay::read h264-crf20: 0/1 exact, 0 wrong, floor 90 %25; \
             not exact on some, clip: 100%25"
        );
        assert!(
            lines[9].ends_with("::12 more: see the summary of the job"),
            "{text}"
        );
        assert!(
            lines[10].starts_with("::warning ") && lines[10].contains("no floor"),
            "{text}"
        );
        assert_eq!(lines.len(), 11);
    }

    #[test]
    fn a_summary_is_appended_and_ends_below_the_limit() -> Outcome {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("summary.md");
        append_summary(&file, "**verdict**\n")?;
        append_summary(&file, "second\n")?;
        assert_eq!(fs::read_to_string(&file)?, "**verdict**\nsecond\n");
        append_summary(&file, &"line of a table \u{2265}\n".repeat(100_000))?;
        let text = fs::read_to_string(&file)?;
        assert!(text.len() as u64 <= SUMMARY_BYTES, "{}", text.len());
        assert!(
            text.ends_with("\u{2265}\n\nThe rest is in report.md: a summary has 1 MiB at most.\n")
        );
        append_summary(&file, "no room\n")?;
        assert!(fs::metadata(&file)?.len() <= SUMMARY_BYTES);
        Ok(())
    }
}
