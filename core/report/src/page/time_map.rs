//! Which moment of the clip shows which moment of a title: a plot for each title, and the same in words.
//!
//! # Shapes and units
//! Seconds of the clip along x, of the master along y.

use countermark_mark::Payload;
use countermark_trace::result::{Match, Sense};
use maud::{Markup, html};

use super::Statement;
use crate::svg::{Axis, Chart, Room, place};
use crate::words::placed;

/// Size of a plot, and the room around the plotted area.
const SIZE: (f64, f64) = (440.0, 264.0);
const ROOM: Room = Room {
    left: 58.0,
    right: 12.0,
    top: 28.0,
    bottom: 40.0,
};

const TICKS: usize = 6;

/// What a stroke means: its class, and its name in the legend.
const STROKES: [(&str, &str); 4] = [
    ("sound", "recognised by the sound"),
    ("plain", "recognised by the pictures"),
    ("mirrored", "by the pictures, mirrored"),
    ("mark", "by the mark"),
];

/// The classes of strokes that a match has.
fn strokes(found: &Match) -> Vec<&'static str> {
    let mut classes = Vec::new();
    if found.by.contains(&Sense::Sound) {
        classes.push("sound");
    }
    if found.by.contains(&Sense::Picture) {
        classes.push(if found.mirrored { "mirrored" } else { "plain" });
    }
    if found.by.is_empty() {
        classes.push("mark");
    }
    classes
}

/// Where the clip lies: plots, and a line in words for each match.
#[must_use]
pub fn seconds(statement: &Statement<'_>) -> Markup {
    let Statement { matches, title, .. } = *statement;
    if matches.is_empty() {
        return html! { p.none { "No span of the clip was placed in a title." } };
    }
    html! {
        (time_maps(matches, title))
        ul {
            @for found in matches {
                li {
                    (placed(found, title))
                    @if !found.payloads.is_empty() {
                        "; this span alone proves payload " (joined(&found.payloads))
                    }
                }
            }
        }
    }
}

fn joined(payloads: &[Payload]) -> String {
    let texts: Vec<String> = payloads.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

/// A plot for each title and their legend; nothing without a match. `title` is the clip's.
#[must_use]
pub fn time_maps(matches: &[Match], title: Option<&str>) -> Markup {
    let of = |found: &Match| found.title.as_deref().or(title).map(str::to_owned);
    let mut names: Vec<Option<String>> = Vec::new();
    for name in matches.iter().map(of) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let own = |name: &Option<String>| -> Vec<&Match> {
        matches.iter().filter(|found| of(found) == *name).collect()
    };
    html! {
        @if !names.is_empty() {
            div.maps {
                @for name in &names {
                    figure {
                        figcaption { (name.as_deref().unwrap_or("the title")) }
                        (plot(&own(name), name.as_deref(), matches))
                    }
                }
            }
            (legend(matches))
        }
    }
}

/// The matches of a title; the time of the clip is the same in all plots.
fn plot(own: &[&Match], title: Option<&str>, all: &[Match]) -> Markup {
    let of_clip = all.iter().flat_map(|found| found.query);
    let of_master = own.iter().flat_map(|found| found.reference);
    let chart = Chart {
        size: SIZE,
        room: ROOM,
        x: Axis::times("time of the clip", of_clip, TICKS),
        y: Axis::times("time of the master", of_master, TICKS),
    };
    let lines = html! {
        @for found in own {
            (line(found, title, &chart))
        }
    };
    let title = title.unwrap_or("the title");
    chart.drawn(&format!("Time of the clip against time of {title}"), &lines)
}

fn line(found: &Match, title: Option<&str>, chart: &Chart) -> Markup {
    let [x0, x1] = found.query.map(|time| chart.across(time));
    let [y0, y1] = found.reference.map(|time| chart.down(time));
    // A picture is one moment.
    let is_moment = (x1 - x0).hypot(y1 - y0) < 2.0;
    html! {
        g {
            title { (placed(found, title)) }
            @for class in strokes(found) {
                @if is_moment {
                    circle.dot.(class) cx=(place(x0)) cy=(place(y0)) r="5" {}
                } @else {
                    path.line.(class) d=(format!("M{x0:.1} {y0:.1}L{x1:.1} {y1:.1}")) {}
                }
            }
            @if let Some(speed) = speed(found) {
                // Above a line that rises, clear of it.
                @let at = (place(f64::midpoint(x0, x1) - 8.0), place(f64::midpoint(y0, y1) - 6.0));
                text.note x=(at.0) y=(at.1) text-anchor="end" { (speed) }
            }
        }
    }
}

fn speed(found: &Match) -> Option<String> {
    ((found.speed - 1.0).abs() > 5e-4).then(|| format!("\u{d7}{:.3}", found.speed))
}

fn legend(matches: &[Match]) -> Markup {
    let has = |class: &str| matches.iter().any(|found| strokes(found).contains(&class));
    html! {
        ul.legend {
            @for (class, name) in STROKES {
                @if has(class) {
                    li {
                        svg viewBox="0 0 34 12" width="34" height="12" aria-hidden="true" {
                            path.line.(class) d="M2 6H32" {}
                        }
                        " " (name)
                    }
                }
            }
            @if matches.iter().any(|found| speed(found).is_some()) {
                li { "\u{d7}n: n times the master's speed" }
            }
        }
    }
}
