//! Drawings as SVG: axes, charts, plots of series.
//!
//! # Shapes and units
//! A drawing is measured in user units of its `viewBox`, about one CSS pixel each. Inside a page colours and strokes are
//! those of the page's style sheet.

use maud::{Markup, html};

mod axis;
mod chart;
mod plot;

pub use axis::{Axis, Scale};
pub use chart::{Chart, Room};
pub use plot::{Look, Plot, Point, Series, Tone};

/// A drawing; `title` says what it shows, for those who cannot see it.
#[must_use]
pub fn drawing(title: &str, (width, height): (f64, f64), content: &Markup) -> Markup {
    html! {
        svg.plot viewBox=(format!("0 0 {width} {height}")) role="img" aria-label=(title) {
            (content)
        }
    }
}

/// A place of a drawing, to a tenth of a unit.
#[must_use]
pub fn place(value: f64) -> String {
    format!("{value:.1}")
}
