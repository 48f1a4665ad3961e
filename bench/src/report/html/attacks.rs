//! The table of attacks, group by group.
//!
//! # Shapes and units
//! The bar is the rate from 0 to 100 %: filled up to the rate, the band its Wilson interval of 95 %, the tick its floor.

use countermark_report::html::scroll;
use countermark_report::svg::place;
use maud::{Markup, html};

use super::super::cell::{cell, path_name};
use super::super::gathered::Report;
use super::super::markdown;
use super::super::row::{AttackRow, Shortest};

/// Width of a bar in its own units; it is stretched.
const BAR: f64 = 200.0;

pub(super) fn table(report: &Report) -> Markup {
    if report.rows.is_empty() {
        return html! { p.none { "The suite has no attacks." } };
    }
    html! {
        p {
            "Exact: the share of clips that named exactly the deliveries that were attacked; of " code { "identify" }
            ", the title and the time to 0.1\u{a0}s over half of the clip. Unknown: clips that the register lacks and in \
             which nothing was found. The band is its 95\u{a0}% interval (Wilson), the tick its floor. Detector seconds are \
             for a minute of clip."
        }
        @for rows in report.rows.chunk_by(|a, b| a.group == b.group) {
            @if let Some(row) = rows.first().filter(|row| !row.group.is_empty()) {
                h3 { (row.group) }
            }
            (group(rows))
        }
    }
}

fn group(rows: &[AttackRow]) -> Markup {
    html! {
        (scroll("attacks", &html! {
            table.attacks {
                thead {
                    tr {
                        @for name in ["attack", "exact"] {
                            th scope="col" { (name) }
                        }
                        @for name in ["wrong", "raw bit errors", "median log10 p", "shortest clip", "detector s/min"] {
                            th.n scope="col" { (name) }
                        }
                        th scope="col" { "verdict" }
                    }
                }
                tbody {
                    @for row in rows {
                        (line(row))
                    }
                }
            }
        }))
    }
}

fn line(row: &AttackRow) -> Markup {
    let path = path_name(row.path);
    let rate = row
        .exact
        .rate()
        .map_or("-".to_owned(), |rate| format!("{:.0}\u{a0}%", rate * 100.0));
    let count = format!(
        "{}/{}{}",
        row.exact.hits,
        row.exact.trials,
        markdown::beside(row)
    );
    let (class, word) = match (row.holds(), row.has_floor()) {
        (false, _) if row.exact.trials == 0 => ("bad", "not measured"),
        (false, _) => ("bad", "short"),
        (true, true) => ("good", "holds"),
        (true, false) => ("muted", "no floor"),
    };
    html! {
        tr {
            th scope="row" {
                span.path.(path) { (path) } " "
                @if let Some(name) = &row.name { (name) br; }
                code { (broken(&row.attack)) }
            }
            td.exact {
                span.rate { (rate) } " " span.count { (count) } " "
                (bar(row))
                (clips("wrong", &row.wrong_clips))
                (clips("not exact", &row.lost_clips))
            }
            (numbers(row))
            td.verdict-cell { span class=(class) { (word) } }
        }
    }
}

/// Which clips they are, for whoever asks.
fn clips(word: &str, clips: &[String]) -> Markup {
    html! {
        @if !clips.is_empty() {
            details {
                summary { (clips.len()) " " (word) }
                (clips.join(", "))
            }
        }
    }
}

fn numbers(row: &AttackRow) -> Markup {
    let shortest = match row.shortest {
        Shortest::OneLength => "-".to_owned(),
        Shortest::Seconds(seconds) => format!("{seconds:.1} s"),
        Shortest::TooShort => "none".to_owned(),
    };
    let errors = row
        .coded_bit_errors
        .map_or("-".to_owned(), |e| format!("{:.1} %", e * 100.0));
    let wrong = row.wrong + row.false_matches();
    html! {
        td.n.bad[wrong > 0] data-label="wrong" { (wrong) }
        @for (label, value) in [
            ("bit errors", errors),
            ("log10 p", cell(row.median_log10_p, 1)),
            ("shortest", shortest),
            ("s/min", cell(row.seconds_per_minute, 1)),
        ] {
            td.n data-label=(label) { (value) }
        }
    }
}

/// A name that may break after each step.
fn broken(attack: &str) -> Markup {
    html! {
        @for (number, step) in attack.split('+').enumerate() {
            @if number > 0 { "+" wbr; }
            (step)
        }
    }
}

fn bar(row: &AttackRow) -> Markup {
    let (low, high) = row.exact.wilson();
    let floor = markdown::floor(row);
    let said = if floor == "-" {
        String::new()
    } else {
        format!(", floor {floor}")
    };
    let words = format!("{:.0} to {:.0} %{said}", low * 100.0, high * 100.0);
    let floors = [(row.min_rate, "tick"), (row.min_any_rate, "tick any")];
    html! {
        @if let Some(rate) = row.exact.rate() {
            svg.bar viewBox=(format!("0 0 {BAR} 16")) preserveAspectRatio="none" role="img" aria-label=(words) {
                title { (words) }
                rect.track y="3" width=(BAR) height="10" {}
                rect.fill.short[!row.holds()] y="3" width=(place(rate * BAR)) height="10" {}
                rect.band x=(place(low * BAR)) y="6" width=(place((high - low) * BAR)) height="4" {}
                @for (floor, class) in floors {
                    @if let Some(floor) = floor {
                        rect class=(class) x=(place((floor * BAR - 1.0).clamp(0.0, BAR - 2.0))) y="0" width="2" height="16" {}
                    }
                }
            }
        }
    }
}
