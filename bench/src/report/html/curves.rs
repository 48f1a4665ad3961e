//! Exact answers against strength, clip length and bitrate.
//!
//! # Shapes and units
//! Rates from 0 to 100 % with Wilson intervals of 95 %; strengths in the unit of their step.

use countermark_report::svg::{Axis, Look, Plot, Point, Series, Tone};
use maud::{Markup, html};

use super::super::cell::path_name;
use super::super::family::{Family, families};
use super::super::gathered::Report;
use crate::suite::DetectorPath;

pub(super) fn grid(report: &Report) -> Markup {
    let families = families(&report.rows);
    if families.is_empty() {
        return html! { p.none { "No three attacks of this suite differ in one strength only." } };
    }
    let plots = families.iter().map(|family| (family, plot(family)));
    html! {
        p {
            "Attacks that differ in one strength, " code { "N" } "; " code { "*" } " stands for any size. Whiskers are              95\u{a0}% intervals."
        }
        div.plots {
            @for (family, plot) in plots.filter(|(_, plot)| !plot.series.is_empty()) {
                figure {
                    figcaption { code { (family.template) } }
                    (plot.to_svg())
                }
            }
        }
    }
}

fn plot(family: &Family<'_>) -> Plot {
    let paths = [
        (DetectorPath::Read, Tone::First),
        (DetectorPath::Trace, Tone::Second),
        (DetectorPath::Identify, Tone::Third),
    ];
    let series = paths.into_iter().filter_map(|(path, tone)| {
        let own = family.points.iter().filter(|(_, row)| row.path == path);
        let points: Vec<Point> = own
            .filter_map(|(strength, row)| {
                Some(Point {
                    x: *strength,
                    y: row.exact.rate()?,
                    interval: Some(row.exact.wilson()),
                })
            })
            .collect();
        (!points.is_empty()).then(|| Series {
            name: path_name(path).to_owned(),
            tone,
            look: Look::Curve,
            points,
        })
    });
    Plot {
        title: format!("Exact answers against N in {}", family.template),
        width: 360.0,
        height: 230.0,
        x: Axis::through(&family.axis, &family.strengths()),
        y: Axis::rate("exact"),
        series: series.collect(),
    }
}
