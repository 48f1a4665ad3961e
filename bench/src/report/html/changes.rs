//! The comparison with an older run.
//!
//! # Shapes and units
//! Two-sided p of the tests of [`comparison`](super::super::comparison).

use countermark_report::html::scroll;
use maud::{Markup, html};

use super::super::cell::path_name;
use super::super::comparison::paired::p_in_words;
use super::super::comparison::{Comparison, Direction, GroupChange, RowChange};

pub(super) fn lists(comparison: &Comparison) -> Markup {
    let rows = |direction| -> Vec<&RowChange> { comparison.rows_that_went(direction).collect() };
    let unchanged = rows(Direction::Unchanged);
    html! {
        p {
            "Against " code { (comparison.against()) } ", over the clips that both runs measured: exact answers by \
             McNemar's test, of fewer than six clips by a bound, " code { "log10 p" } " of rows by the sign test, each at \
             5\u{a0}%; groups over all their rows and clips, at 5\u{a0}% in all. Exact answers decide; only where they tell \
             nothing do the scores. About one unchanged row in twenty is named by each test."
        }
        @for note in comparison.notes() {
            p.none { (note) }
        }
        @for (title, rows) in [("Worse", rows(Direction::Worse)), ("Better", rows(Direction::Better))] {
            h3 { (title) ": " (counted(rows.len())) }
            (table(&rows))
        }
        (groups(comparison.groups()))
        details {
            summary { "Within noise: " (counted(unchanged.len())) }
            (table(&unchanged))
        }
        (qualities(comparison))
    }
}

fn counted(rows: usize) -> String {
    match rows {
        0 => "no row".to_owned(),
        1 => "1 row".to_owned(),
        rows => format!("{rows} rows"),
    }
}

fn table(rows: &[&RowChange]) -> Markup {
    let numbers = [
        "clips",
        "exact, was",
        "is",
        "p",
        "log10 p better on",
        "worse on",
        "p",
    ];
    html! {
        @if !rows.is_empty() {
            (scroll("what changed", &html! {
                table {
                    thead {
                        tr {
                            th scope="col" { "attack" }
                            th scope="col" { "path" }
                            @for name in numbers { th.n scope="col" { (name) } }
                        }
                    }
                    tbody {
                        @for row in rows { (line(row)) }
                    }
                }
            }))
        }
    }
}

fn line(row: &RowChange) -> Markup {
    html! {
        tr {
            th scope="row" { code { (row.attack) } }
            td { (path_name(row.path)) }
            td.n { (row.clips) }
            td.n { (row.exact_before) }
            td.n { (row.exact_after) }
            td.n { (p_in_words(row.exact_p())) }
            td.n { (row.scores.better) }
            td.n { (row.scores.worse) }
            td.n { (row.scores.p_in_words()) }
        }
    }
}

fn groups(groups: &[GroupChange]) -> Markup {
    let changed: Vec<(&str, &str, &GroupChange)> = groups
        .iter()
        .filter_map(|group| match group.direction() {
            Direction::Worse => Some(("bad", "worse", group)),
            Direction::Better => Some(("good", "better", group)),
            Direction::Unchanged => None,
        })
        .collect();
    html! {
        h3 { "Groups" }
        @if changed.is_empty() {
            p { "No group changed beyond noise." }
        } @else {
            ul {
                @for (class, word, group) in changed {
                    li { span class=(class) { (word) } " " (group.line()) }
                }
            }
        }
    }
}

fn qualities(comparison: &Comparison) -> Markup {
    html! {
        h3 { "Quality" }
        @if comparison.qualities().is_empty() {
            p { "No clip differs by more than is named." }
        } @else {
            ul {
                @for change in comparison.qualities() {
                    @let (class, word) = if change.after > change.before { ("good", "better") } else { ("bad", "worse") };
                    li {
                        span class=(class) { (word) } " " (change.clip) ": " (change.measure)
                        (format!(" {:.2}, was {:.2}", change.after, change.before))
                    }
                }
            }
        }
    }
}
