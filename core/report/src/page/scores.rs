//! How the accused and the best of the others fared in the closed decision: bars, and a table. Of the others outsiders see a whole
//! number without a name.
//!
//! ```text
//! t = sum(s_i r_i) / ||r||_2,    log10 bound = min(0, -t^2 / 2 log10(e) + log10(hypotheses))
//! ```
//!
//! # Shapes and units
//! Scores have no unit: chance has a spread of 1. The drawing in user units of its `viewBox`.

use countermark_trace::exhibits::RankedDelivery;
use countermark_trace::result::Tried;
use maud::{Markup, html};

use crate::svg::{Axis, drawing, place};
use crate::words::{chance, rounded_down, rounded_up};

/// Size of the drawing: a row for each delivery.
const WIDTH: f64 = 440.0;
const ROW: f64 = 22.0;
const LEFT: f64 = 132.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 34.0;

const TICKS: usize = 6;

/// Letters of a name that fit beside a bar.
const LETTERS: usize = 18;

const INTRODUCTION: &str = "How well the clip agrees with the secret signs of each delivery. By chance a score strays from 0 by about 1 \
     either way; a delivery is accused only right of its threshold.";

/// The scores of the accused, and what may be told of the others.
#[must_use]
pub fn told_scores(standings: &[RankedDelivery], tried: &Tried) -> Markup {
    let accused: Vec<RankedDelivery> = standings.iter().filter(|s| s.accused).cloned().collect();
    let others = tried.deliveries.saturating_sub(accused.len() as u64);
    let told = match (others, tried.innocent) {
        (0, _) | (_, None) => "No other delivery on record was scored.".to_owned(),
        (others, Some(best)) => format!(
            "Of {others} {} on record none scored above {:.0}.",
            match (others, accused.is_empty()) {
                (1, true) => "delivery",
                (1, false) => "other delivery",
                (_, true) => "deliveries",
                (_, false) => "other deliveries",
            },
            best.told_t()
        ),
    };
    html! {
        p { (INTRODUCTION) " " (told) " More is not told of deliveries that are not accused: their scores are secrets." }
        @if !accused.is_empty() {
            figure { (bars(&accused)) }
            (table(&accused))
        }
    }
}

/// What the scores say, their bars and their table, for the studio only.
#[must_use]
pub fn scores(standings: &[RankedDelivery]) -> Markup {
    if standings.is_empty() {
        return html! { p.none { "No delivery on record was scored." } };
    }
    let accused = standings.iter().filter(|s| s.accused).count();
    let others = standings.len() - accused;
    let shown = match (accused, others) {
        (_, 0) => "There is no other delivery on record.".to_owned(),
        (0, 1) => "One delivery is on record.".to_owned(),
        (0, n) => format!("The {n} deliveries on record that came nearest are shown."),
        (_, 1) => "One delivery on record that is not accused is shown beside.".to_owned(),
        (_, n) => format!("Of the others on record the {n} that came nearest are shown beside."),
    };
    html! {
        p {
            (INTRODUCTION) " " (shown)
        }
        figure { (bars(standings)) }
        (table(standings))
    }
}

fn bars(standings: &[RankedDelivery]) -> Markup {
    let highest = standings
        .iter()
        .flat_map(|s| [s.bound.t(), s.bound.threshold_t()])
        .fold(1.0, f64::max);
    let lowest = standings.iter().map(|s| s.bound.t()).fold(0.0, f64::min);
    let axis = Axis::scores("score t", [lowest, highest * 1.04], TICKS);
    let across = |score: f64| LEFT + axis.place(score) * (WIDTH - RIGHT - LEFT);
    let bottom = TOP + ROW * standings.len() as f64;
    let zero = across(0.0);
    let first = standings
        .first()
        .map_or(zero, |s| across(s.bound.threshold_t()));
    let anchor = if first > WIDTH - 90.0 { "end" } else { "start" };
    let content = html! {
        @for (score, name) in axis.ticks() {
            @let x = place(across(*score));
            path.grid d=(format!("M{x} {TOP}V{bottom}")) {}
            text x=(x) y=(place(bottom + 14.0)) text-anchor="middle" { (name) }
        }
        @for (row, standing) in standings.iter().enumerate() {
            @let top = TOP + ROW * row as f64;
            (bar(standing, (zero, across(standing.bound.t())), across(standing.bound.threshold_t()), top))
        }
        path.axis d=(format!("M{zero:.1} {TOP}V{bottom}")) {}
        text.note x=(place(first)) y="14" text-anchor=(anchor) { "threshold" }
        text x=(place(f64::midpoint(LEFT, WIDTH - RIGHT))) y=(place(bottom + 30.0)) text-anchor="middle" { (axis.label()) }
    };
    let title = "Scores of deliveries against the threshold";
    drawing(title, (WIDTH, bottom + BOTTOM), &content)
}

fn bar(standing: &RankedDelivery, (zero, end): (f64, f64), threshold: f64, top: f64) -> Markup {
    let class = if standing.accused { "accused" } else { "other" };
    let words = format!(
        "{}, delivery {}: score {:.2}",
        standing.distributor,
        standing.delivery,
        standing.bound.t()
    );
    html! {
        g {
            title { (words) }
            text x=(place(LEFT - 6.0)) y=(place(top + 15.0)) text-anchor="end" { (shortened(&standing.distributor)) }
            rect.score.(class) x=(place(zero.min(end))) y=(place(top + 4.0)) width=(place((end - zero).abs().max(1.0))) height=(place(ROW - 8.0)) {}
            path.threshold d=(format!("M{threshold:.1} {top:.1}v{ROW}")) {}
        }
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LETTERS {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(LETTERS - 1).collect();
    short.push('\u{2026}');
    short
}

fn table(standings: &[RankedDelivery]) -> Markup {
    let several = standings
        .windows(2)
        .any(|pair| pair[0].title != pair[1].title);
    html! {
        table.scores {
            thead {
                tr {
                    th scope="col" { "delivery" }
                    th scope="col" { "distributor" }
                    @if several { th scope="col" { "title" } }
                    th.n scope="col" { "score t" }
                    th.n scope="col" { "threshold" }
                    th.n scope="col" { "one as high in fewer than" }
                    th scope="col" { "decision" }
                }
            }
            tbody {
                @for standing in standings {
                    (row(standing, several))
                }
            }
        }
    }
}

fn row(standing: &RankedDelivery, several: bool) -> Markup {
    let below = standing.bound.accuses();
    let (class, decision) = match (standing.accused, below) {
        (true, true) => ("accused", "accused"),
        // The open decision named it.
        (true, false) => ("accused", "accused by its decoded payload"),
        (false, true) => ("other", "not accused, see the notes"),
        (false, false) => ("other", "not accused"),
    };
    html! {
        tr.(class) {
            th scope="row" { code { (standing.delivery.to_string()) } }
            td data-label="distributor" {
                (standing.distributor)
                @if let Some(licensee) = &standing.licensee { " (" (licensee) ")" }
            }
            @if several { td data-label="title" { (standing.title) } }
            td.n data-label="score t" { (rounded_down(standing.bound.t())) }
            td.n data-label="threshold" { (rounded_up(standing.bound.threshold_t())) }
            td.n data-label="one as high in fewer than" { (chance(standing.bound.log10())) }
            td data-label="decision" { (decision) }
        }
    }
}
