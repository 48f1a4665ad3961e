//! The report as one page that needs nothing else: no script, no font, no picture from elsewhere.
//!
//! ```text
//! verdict, comparison, robustness, curves, quality, wrong keys, speed, worst frames
//! ```
//!
//! # Shapes and units
//! Well-formed as XML too, below the first line. Follows the reader's choice of light or dark. From 375 pixels on
//! nothing is wider than the page: rows of the table of attacks become cards, other tables scroll inside their frame.

mod attacks;
mod changes;
mod costs;
mod curves;

use std::fmt::Write as _;

use super::check::Verdict;
use super::{Comparison, Report, WorstFrame, tail_plot};
use crate::null::{LEVELS, Tail};
use crate::store::NullTail;
use countermark_report::markup::Text;

const STYLE: &str = include_str!("html/style.css");

pub(super) fn to_html(
    report: &Report,
    pictures: &[WorstFrame],
    comparison: Option<&Comparison>,
) -> String {
    let mut sections = vec![
        ("robustness", "Robustness", attacks::table(report)),
        ("curves", "Curves", curves::grid(report)),
        ("quality", "Quality", costs::quality(report)),
        ("null", "Wrong keys", wrong_keys(&report.tails)),
        ("speed", "Speed", costs::speed(report)),
        // Last: it is longer than all the rest.
        ("frames", "Worst frames", costs::pictures(report, pictures)),
    ];
    if let Some(comparison) = comparison {
        let changes = changes::lists(comparison);
        sections.insert(0, ("comparison", "Against the older run", changes));
    }
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n\
         <title>Attack bench: suite {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        Text(&report.suite)
    );
    header(&mut out, report);
    out.push_str("<nav aria-label=\"Sections\"><ul>\n");
    for (id, title, _) in &sections {
        let _ = writeln!(out, "<li><a href=\"#{id}\">{title}</a></li>");
    }
    out.push_str("</ul></nav>\n<main>\n");
    for (id, title, content) in sections {
        let _ = write!(
            out,
            "<section id=\"{id}\">\n<h2>{title}</h2>\n{content}</section>\n"
        );
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn header(out: &mut String, report: &Report) {
    let checks = report.checks();
    let short = report.shortfalls();
    let skipped = checks
        .iter()
        .filter(|c| matches!(c.verdict, Verdict::Skipped(_)))
        .count();
    let held = checks.len() - short.len() - skipped;
    let rows = report.rows.iter();
    let wrong: u64 = rows.map(|row| row.wrong + row.false_matches()).sum();
    let _ = write!(
        out,
        "<header>\n<h1>Attack bench: suite {}</h1>\n",
        Text(&report.suite)
    );
    if short.is_empty() {
        let _ = writeln!(
            out,
            "<div class=\"verdict good\"><strong>All floors hold.</strong> <span>{held} checks</span></div>"
        );
    } else {
        let _ = writeln!(
            out,
            "<div class=\"verdict bad\"><strong>{} of {} checks fell short.</strong>\n<ul>",
            short.len(),
            checks.len()
        );
        for line in &short {
            // A number stays with its unit.
            let _ = writeln!(out, "<li>{}</li>", Text(&line.replace(" %", "\u{a0}%")));
        }
        out.push_str("</ul></div>\n");
    }
    out.push_str("<dl class=\"facts\">\n");
    for (name, value) in [
        ("clips", report.clips().len().to_string()),
        ("attacks", report.rows.len().to_string()),
        ("trials", report.trials.len().to_string()),
        ("wrong accusations", wrong.to_string()),
        ("seed", report.seed.to_string()),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
    ] {
        let _ = writeln!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    out.push_str("</dl>\n");
    if let Some(seconds) = report.first_seconds {
        let _ = writeln!(
            out,
            "<p>Of clips longer than {seconds} s only the first {seconds} s were marked and measured.</p>"
        );
    }
    out.push_str("</header>\n");
}

fn wrong_keys(tails: &[NullTail]) -> String {
    if tails.is_empty() {
        return "<p class=\"none\">No wrong keys were scored in this run.</p>\n".to_owned();
    }
    let all = tails
        .iter()
        .fold(Tail::default(), |sum, null| sum.merged(null.tail));
    let mut out = format!(
        "<p>How often a key that was not used reaches a score, over all clips, against the proved bound. A dot whose \
         whole 95&#160;% interval lies above the line is a fault of the detector.</p>\n\
         <figure class=\"wide\">{}</figure>\n",
        tail_plot(&all).to_svg()
    );
    out.push_str("<details>\n<summary>By clip</summary>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">clip</th><th scope=\"col\">copy</th><th scope=\"col\" class=\"n\">keys</th>");
    for level in LEVELS {
        let _ = write!(out, "<th scope=\"col\" class=\"n\">t &#8805; {level}</th>");
    }
    out.push_str("<th scope=\"col\">against the bound</th></tr></thead>\n<tbody>\n");
    for null in tails {
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{}</td>",
            Text(&null.clip),
            if null.marked { "marked" } else { "unmarked" },
            null.tail.trials
        );
        for count in null.tail.counts {
            let share = count as f64 / null.tail.trials.max(1) as f64;
            let _ = write!(out, "<td class=\"n\">{share:.2e}</td>");
        }
        out.push_str(if null.tail.violations().is_empty() {
            "<td class=\"good\">under</td></tr>\n"
        } else {
            "<td class=\"bad\">above</td></tr>\n"
        });
    }
    out.push_str(
        "</tbody>\n<tfoot><tr><th scope=\"row\">exp(&#8722;t&#178;/2)</th><td></td><td></td>",
    );
    for level in LEVELS {
        let _ = write!(out, "<td class=\"n\">{:.2e}</td>", Tail::bound(level));
    }
    out.push_str("<td>the bound</td></tr></tfoot>\n</table></div>\n</details>\n");
    out
}

#[cfg(test)]
mod tests;
