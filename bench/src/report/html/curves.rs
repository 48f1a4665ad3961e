//! Exact answers against strength, clip length and bitrate.
//!
//! # Shapes and units
//! Rates from 0 to 100 % with Wilson intervals of 95 %; strengths in the unit of their step.

use std::fmt::Write as _;

use super::super::family::{Family, families};
use super::super::plot::{Axis, Look, Plot, Point, Series, Tone};
use super::super::{Report, path_name};
use crate::suite::DetectorPath;
use countermark_report::markup::Text;

pub(super) fn grid(report: &Report) -> String {
    let families = families(&report.rows);
    if families.is_empty() {
        return "<p class=\"none\">No three attacks of this suite differ in one strength only.</p>\n"
            .to_owned();
    }
    let mut out = String::from(
        "<p>Attacks that differ in one strength, <code>N</code>; <code>*</code> stands for any size. Whiskers are 95&#160;% intervals.</p>\n<div class=\"plots\">\n",
    );
    for family in families {
        let plot = plot(&family);
        if plot.series.is_empty() {
            continue;
        }
        let _ = writeln!(
            out,
            "<figure>\n<figcaption><code>{}</code></figcaption>\n{}</figure>",
            Text(&family.template),
            plot.to_svg()
        );
    }
    out.push_str("</div>\n");
    out
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
