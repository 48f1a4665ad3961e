//! The tail of wrong keys' scores against the proved bound.
//!
//! ```text
//! share of wrong keys with score >= t,   bound exp(-t^2 / 2)
//! ```
//!
//! # Shapes and units
//! Normalised score to the right, share on a logarithmic scale upwards, six decades. A level that no key reached has no
//! dot.

use countermark_report::svg::{Axis, Look, Plot, Point, Series, Tone};

use crate::null::{LEVELS, Tail};
use crate::statistics::Share;

/// Decades below 1 that are drawn.
const DECADES: i32 = 6;

/// The plot of a tail.
#[must_use]
pub fn tail_plot(tail: &Tail) -> Plot {
    let dots = LEVELS.into_iter().zip(tail.counts).filter_map(|(t, hits)| {
        let share = Share {
            hits,
            trials: tail.trials,
        };
        (hits > 0).then_some(Point {
            x: t,
            y: share.rate()?,
            interval: Some(share.wilson()),
        })
    });
    let bound = (0..=52).map(|i| f64::from(i) / 10.0).map(|t| Point {
        x: t,
        y: Tail::bound(t),
        interval: None,
    });
    let series = |name: &str, tone, look, points| Series {
        name: name.to_owned(),
        tone,
        look,
        points,
    };
    Plot {
        title: format!(
            "Share of {} wrong keys that reach a score, against the bound",
            tail.trials
        ),
        width: 420.0,
        height: 300.0,
        x: Axis::counted(
            &format!("normalised score t, {} wrong keys", tail.trials),
            5,
        ),
        y: Axis::decades("share", -DECADES),
        series: vec![
            series(
                "bound exp(-t^2/2)",
                Tone::Limit,
                Look::Line,
                bound.collect(),
            ),
            series("measured", Tone::First, Look::Dots, dots.collect()),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::super::specimen::heavy_tail;
    use super::*;

    #[test]
    fn the_plot_shows_the_bound_and_each_level_that_was_reached() {
        let svg = tail_plot(&heavy_tail()).to_file();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        // Levels 1 to 4, and the legend's dot.
        assert_eq!(svg.matches("<circle").count(), 5);
        assert_eq!(svg.matches("<polyline").count(), 1);
        assert!(svg.contains("10000 wrong keys"));
    }
}
