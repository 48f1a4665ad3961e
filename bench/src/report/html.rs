//! The report as one page.
//!
//! ```text
//! verdict, comparison, robustness, curves, quality, wrong keys, speed, worst frames
//! ```
//!
//! # Shapes and units
//! From 375 pixels on nothing is wider than the page: rows of the table of attacks become cards, other tables scroll inside
//! their frame.

mod attacks;
mod changes;
mod costs;
mod curves;

use countermark_report::html::{document, facts, scroll};
use maud::{Markup, html};

use super::comparison::Comparison;
use super::gathered::Report;
use super::headline::Standing;
use super::pictures::WorstFrame;
use super::tail::tail_plot;
use crate::gap::{Cause, Gap};
use crate::null::{LEVELS, Tail};
use crate::store::NullTail;

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
    let title = format!("Attack bench: suite {}", report.suite);
    let body = html! {
        div.bench {
            (header(report, &title))
            nav aria-label="Sections" {
                ul {
                    @for (id, title, _) in &sections {
                        li { a href=(format!("#{id}")) { (title) } }
                    }
                }
            }
            main {
                @for (id, title, content) in &sections {
                    section id=(id) {
                        h2 { (title) }
                        (content)
                    }
                }
            }
        }
    };
    document(&title, &body)
}

fn header(report: &Report, title: &str) -> Markup {
    let rows = report.rows.iter();
    let wrong: u64 = rows.map(|row| row.wrong + row.false_matches()).sum();
    let mut rows = vec![
        ("clips", report.clips().len().to_string()),
        ("attacks", report.rows.len().to_string()),
        ("trials", report.trials.len().to_string()),
        ("wrong accusations", wrong.to_string()),
        ("seed", report.seeds_in_words()),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    if let Some(run) = &report.run {
        let machine = &run.machine;
        rows.extend([
            ("commit", run.measured.commit.clone()),
            (
                "date",
                run.begun.split('T').next().unwrap_or_default().to_owned(),
            ),
            (
                "machine",
                format!(
                    "{}, {} threads, {}",
                    machine.processor, machine.threads, machine.system
                ),
            ),
        ]);
    }
    html! {
        header {
            h1 { (title) }
            (verdict(report))
            (facts(&rows))
            @if let Some(seconds) = report.first_seconds {
                p { "Of clips longer than " (seconds) " s only the first " (seconds) " s were marked and measured." }
            }
        }
    }
}

fn verdict(report: &Report) -> Markup {
    let headline = report.headline();
    let class = match headline.standing() {
        Standing::Holds => "verdict good",
        Standing::Unchecked => "verdict",
        Standing::Broken | Standing::Short => "verdict bad",
    };
    let left_out = report.gaps().iter().filter(|gap| gap.cause == Cause::Rule);
    let left_out: Vec<String> = left_out.map(Gap::line).collect();
    let lists = [
        ("fell short", report.shortfalls()),
        ("could not be measured", report.errors()),
    ];
    let folded = [
        ("not checked", report.unchecked()),
        ("clips left out", left_out),
    ];
    html! {
        div class=(class) {
            strong { (headline) "." }
            @for (_, lines) in lists.iter().filter(|(_, lines)| !lines.is_empty()) {
                ul {
                    @for line in lines {
                        // A number stays with its unit.
                        li { (line.replace(" %", "\u{a0}%")) }
                    }
                }
            }
        }
        @for (title, lines) in folded.iter().filter(|(_, lines)| !lines.is_empty()) {
            details {
                summary { (lines.len()) " " (title) }
                ul {
                    @for line in lines { li { (line) } }
                }
            }
        }
    }
}

fn wrong_keys(tails: &[NullTail]) -> Markup {
    if tails.is_empty() {
        return html! { p.none { "No wrong keys were scored in this run." } };
    }
    let all = tails
        .iter()
        .fold(Tail::default(), |sum, null| sum.merged(null.tail));
    html! {
        p {
            "How often a key that was not used reaches a score, over all clips, against the proved bound. A dot whose whole \
             95\u{a0}% interval lies above the line is a fault of the detector."
        }
        figure.wide { (tail_plot(&all).to_svg()) }
        details {
            summary { "By clip" }
            (by_clip(tails))
        }
    }
}

fn by_clip(tails: &[NullTail]) -> Markup {
    html! {
        (scroll("by clip", &html! {
            table {
                thead {
                    tr {
                        th scope="col" { "clip" }
                        th scope="col" { "copy" }
                        th.n scope="col" { "keys" }
                        @for level in LEVELS { th.n scope="col" { "t \u{2265} " (level) } }
                        th scope="col" { "against the bound" }
                    }
                }
                tbody {
                    @for null in tails { (tail_row(null)) }
                }
                tfoot {
                    tr {
                        th scope="row" { "exp(\u{2212}t\u{b2}/2)" }
                        td {}
                        td {}
                        @for level in LEVELS { td.n { (format!("{:.2e}", Tail::bound(level))) } }
                        td { "the bound" }
                    }
                }
            }
        }))
    }
}

fn tail_row(null: &NullTail) -> Markup {
    let marked = if null.marked { "marked" } else { "unmarked" };
    let share = |count: u64| count as f64 / null.tail.trials.max(1) as f64;
    let (class, word) = if null.tail.violations().is_empty() {
        ("good", "under")
    } else {
        ("bad", "above")
    };
    html! {
        tr {
            th scope="row" { (null.clip) }
            td { (marked) }
            td.n { (null.tail.trials) }
            @for count in null.tail.counts { td.n { (format!("{:.2e}", share(count))) } }
            td class=(class) { (word) }
        }
    }
}

#[cfg(test)]
mod tests;
