//! The tables in Markdown, narrow enough for a README.
//!
//! # Shapes and units
//! Rates and intervals in percent, PSNR in decibels, detector seconds a minute of clip.

use std::fmt::Write as _;

use super::cell::{cell, path_name};
use super::check::percent;
use super::comparison::Comparison;
use super::gathered::Report;
use super::row::AttackRow;
use crate::gap::Cause;

pub(super) fn to_markdown(report: &Report, comparison: Option<&Comparison>) -> String {
    let mut out = format!("# Suite {}\n\n", report.suite);
    verdict(&mut out, report);
    if let Some(comparison) = comparison {
        let _ = writeln!(out, "{}", comparison.to_markdown());
    }
    if let Some(seconds) = report.first_seconds {
        let _ = writeln!(
            out,
            "Of clips longer than {seconds} s only the first {seconds} s were marked and measured.\n"
        );
    }
    for rows in report.rows.chunk_by(|a, b| a.group == b.group) {
        attacks(&mut out, rows);
    }
    qualities(&mut out, report);
    nulls(&mut out, report);
    out
}

/// The verdict, what led to it, and what was measured with what: whoever reads no further knows that.
fn verdict(out: &mut String, report: &Report) {
    let _ = writeln!(out, "**{}.**", report.headline());
    if let Some((new, all)) = report.new_trials {
        let _ = writeln!(out, "{new} of {all} trials are new.");
    }
    out.push('\n');
    for (word, lines) in [
        ("short", report.shortfalls()),
        ("not measured", report.errors()),
        ("not checked", report.unchecked()),
    ] {
        for line in lines {
            let _ = writeln!(out, "- {word}: {line}");
        }
    }
    for gap in report.gaps.iter().filter(|gap| gap.cause == Cause::Rule) {
        let _ = writeln!(out, "- {}", gap.line());
    }
    if let Some(run) = &report.run {
        let day = run.begun.split('T').next().unwrap_or_default();
        let _ = writeln!(
            out,
            "\nSeed {}; commit {}, {day}, {} with {} threads, {}.",
            report.seeds_in_words(),
            run.measured.commit,
            run.machine.processor,
            run.machine.threads,
            run.machine.system
        );
    }
    out.push('\n');
}

/// The rows of one group under its heading.
fn attacks(out: &mut String, rows: &[AttackRow]) {
    if let Some(row) = rows.first()
        && !row.group.is_empty()
    {
        let _ = writeln!(out, "## {}\n", row.group);
    }
    let named = rows.iter().any(|row| row.name.is_some());
    out.push_str(if named { "| " } else { "" });
    out.push_str(
        "| path | attack | exact | 95 % interval | floor | wrong | median log10 p | detector s/min | |\n",
    );
    out.push_str(if named { "|---" } else { "" });
    out.push_str("|---|---|---:|---:|---:|---:|---:|---:|---|\n");
    for row in rows {
        if named {
            let name = row.name.as_deref().unwrap_or_default();
            let _ = write!(out, "| {} ", name.replace('|', "\\|"));
        }
        let (low, high) = row.exact.wilson();
        let beside = beside(row);
        let _ = writeln!(
            out,
            "| {} | {} | {}/{}{}{beside} | {:.0} to {:.0} % | {} | {} | {} | {} | {} |",
            path_name(row.path),
            row.attack,
            row.exact.hits,
            row.exact.trials,
            row.exact
                .rate()
                .map_or(String::new(), |r| format!(" = {:.0} %", r * 100.0)),
            low * 100.0,
            high * 100.0,
            floor(row),
            row.wrong + row.false_matches(),
            cell(row.median_log10_p, 1),
            cell(row.seconds_per_minute, 1),
            match (row.holds(), row.has_floor()) {
                (false, _) => "**short**",
                (true, true) => "holds",
                (true, false) => "no floor",
            },
        );
    }
    out.push('\n');
}

/// What a row counts besides exact answers.
pub(super) fn beside(row: &AttackRow) -> String {
    let mut out = String::new();
    let shares = [
        ("any", row.min_any_rate.map(|_| row.any())),
        ("fragments", row.recap()),
        ("unknown", (row.unknown.trials > 0).then_some(row.unknown)),
    ];
    for (name, share) in shares {
        if let Some(share) = share {
            let _ = write!(out, ", {name} {}/{}", share.hits, share.trials);
        }
    }
    out
}

/// The floors as they stand in a cell.
pub(super) fn floor(row: &AttackRow) -> String {
    let floors = [
        ("", row.min_rate),
        ("any ", row.min_any_rate),
        ("fragments ", row.min_fragment_rate),
    ];
    let all: Vec<String> = floors
        .into_iter()
        .filter_map(|(name, rate)| Some(format!("{name}{} %", percent(rate?))))
        .collect();
    if all.is_empty() {
        "-".to_owned()
    } else {
        all.join(", ")
    }
}

fn qualities(out: &mut String, report: &Report) {
    if report.qualities.is_empty() {
        return;
    }
    out.push_str("| clip | frames | PSNR-Y dB | worst frame dB | VMAF mean | VMAF 1st percentile | flat contrast % | lift of black | strays % | bitrate at equal CRF |\n");
    out.push_str("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for q in &report.qualities {
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
    if report.qualities.iter().any(|q| q.vmaf_mean.is_none()) {
        out.push_str(
            "\nVMAF was not measured where it says -: no FFmpeg with libvmaf was named.\n",
        );
    }
    out.push('\n');
}

fn nulls(out: &mut String, report: &Report) {
    if report.tails.is_empty() {
        return;
    }
    let named: Vec<_> = report
        .tails
        .iter()
        .map(|null| {
            let marked = if null.marked { "marked" } else { "unmarked" };
            (format!("{}, {marked}", null.clip), null.tail)
        })
        .collect();
    out.push_str(&crate::null::to_markdown(&named));
    out.push('\n');
}
