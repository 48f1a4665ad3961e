//! Which moment of the clip shows which moment of a title, as SVG: a plot for each title.
//!
//! # Shapes and units
//! Seconds of the clip along x, of the master along y. The drawing in user units of its `viewBox`; colours and strokes are
//! those of the page's style sheet.

use std::fmt::Write as _;

use crate::markup::Text;
use crate::svg::axis::Axis;
use crate::words::placed;
use countermark_trace::result::{Match, Sense};

/// Size of a plot, and the room around the plotted area.
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 264.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 40.0;

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

/// All plots and their legend; nothing without a match. `title` is the clip's.
pub(super) fn plots(matches: &[Match], title: Option<&str>) -> String {
    let of = |found: &Match| found.title.as_deref().or(title).map(str::to_owned);
    let mut names: Vec<Option<String>> = Vec::new();
    for name in matches.iter().map(of) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut out = String::new();
    if names.is_empty() {
        return out;
    }
    out.push_str("<div class=\"maps\">\n");
    for name in &names {
        let own: Vec<&Match> = matches.iter().filter(|found| of(found) == *name).collect();
        let _ = writeln!(
            out,
            "<figure>\n<figcaption>{}</figcaption>\n{}</figure>",
            Text(name.as_deref().unwrap_or("the title")),
            plot(&own, name.as_deref(), matches)
        );
    }
    out.push_str("</div>\n");
    out.push_str(&legend(matches));
    out
}

/// The matches of a title; the time of the clip is the same in all plots.
fn plot(own: &[&Match], title: Option<&str>, all: &[Match]) -> String {
    let x = Axis::around(
        all.iter().flat_map(|found| found.query),
        [LEFT, WIDTH - RIGHT],
    );
    let y = Axis::around(
        own.iter().flat_map(|found| found.reference),
        [HEIGHT - BOTTOM, TOP],
    );
    let mut out = format!(
        "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\n",
        Text(&format!(
            "Time of the clip against time of {}",
            title.unwrap_or("the title")
        ))
    );
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    let (unit, vertical) = (x.unit_of_moments(), y.unit_of_moments());
    for (place, name) in x.moments(TICKS) {
        let _ = writeln!(
            out,
            "<path class=\"grid\" d=\"M{place:.1} {TOP}V{bottom}\"/><text x=\"{place:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{name}</text>",
            bottom + 15.0
        );
    }
    for (place, name) in y.moments(TICKS) {
        let _ = writeln!(
            out,
            "<path class=\"grid\" d=\"M{LEFT} {place:.1}H{right}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
            LEFT - 6.0,
            place + 4.0
        );
    }
    let _ = writeln!(
        out,
        "<path class=\"axis\" d=\"M{LEFT} {TOP}V{bottom}H{right}\"/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">time of the clip in {unit}</text>\n\
         <text x=\"4\" y=\"12\">time of the master in {vertical}</text>",
        f64::midpoint(LEFT, right),
        HEIGHT - 6.0
    );
    for found in own {
        line(&mut out, found, title, (x, y));
    }
    out.push_str("</svg>\n");
    out
}

fn line(out: &mut String, found: &Match, title: Option<&str>, (x, y): (Axis, Axis)) {
    let [x0, x1] = found.query.map(|time| x.place(time));
    let [y0, y1] = found.reference.map(|time| y.place(time));
    let _ = writeln!(out, "<g><title>{}</title>", Text(&placed(found, title)));
    for class in strokes(found) {
        // A picture is one moment.
        if (x1 - x0).hypot(y1 - y0) < 2.0 {
            let _ = writeln!(
                out,
                "<circle class=\"dot {class}\" cx=\"{x0:.1}\" cy=\"{y0:.1}\" r=\"5\"/>"
            );
        } else {
            let _ = writeln!(
                out,
                "<path class=\"line {class}\" d=\"M{x0:.1} {y0:.1}L{x1:.1} {y1:.1}\"/>"
            );
        }
    }
    if let Some(speed) = speed(found) {
        // Above a line that rises, clear of it.
        let (middle, level) = (f64::midpoint(x0, x1), f64::midpoint(y0, y1));
        let _ = writeln!(
            out,
            "<text class=\"note\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{speed}</text>",
            middle - 8.0,
            level - 6.0
        );
    }
    out.push_str("</g>\n");
}

fn speed(found: &Match) -> Option<String> {
    ((found.speed - 1.0).abs() > 5e-4).then(|| format!("\u{d7}{:.3}", found.speed))
}

fn legend(matches: &[Match]) -> String {
    let mut out = String::from("<ul class=\"legend\">\n");
    for (class, name) in STROKES {
        if matches.iter().any(|found| strokes(found).contains(&class)) {
            let _ = writeln!(
                out,
                "<li><svg viewBox=\"0 0 34 12\" width=\"34\" height=\"12\" aria-hidden=\"true\">\
                 <path class=\"line {class}\" d=\"M2 6H32\"/></svg> {name}</li>"
            );
        }
    }
    if matches.iter().any(|found| speed(found).is_some()) {
        out.push_str("<li>\u{d7}n: n times the master's speed</li>\n");
    }
    out.push_str("</ul>\n");
    out
}
