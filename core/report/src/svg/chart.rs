//! A plotted area between two axes, and the room around it.
//!
//! ```text
//! x' = left + (width - left - right) place(x),     y' = height - bottom - (height - bottom - top) place(y)
//! ```

use maud::{Markup, html};

use super::{Axis, drawing, place};

/// Ticks nearer than this are not written.
const TICK_GAP: f64 = 26.0;

/// Half the width of a letter of a tick.
const HALF_LETTER: f64 = 3.5;

/// Room around the plotted area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// For the names of ticks along y.
    pub left: f64,
    /// Beyond the last tick along x.
    pub right: f64,
    /// For what y measures, and the legend.
    pub top: f64,
    /// For the names of ticks along x, and what x measures.
    pub bottom: f64,
}

/// Two axes on a drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Width and height of the drawing.
    pub size: (f64, f64),
    /// Around the plotted area.
    pub room: Room,
    /// To the right.
    pub x: Axis,
    /// Upwards.
    pub y: Axis,
}

impl Chart {
    /// Where a value lies, from the left.
    #[must_use]
    pub fn across(&self, value: f64) -> f64 {
        let Room { left, right, .. } = self.room;
        left + self.x.place(value) * (self.size.0 - left - right)
    }

    /// Where a value lies, from the top.
    #[must_use]
    pub fn down(&self, value: f64) -> f64 {
        let bottom = self.size.1 - self.room.bottom;
        bottom - self.y.place(value) * (bottom - self.room.top)
    }

    /// The drawing: axes, and `content` over them.
    #[must_use]
    pub fn drawn(&self, title: &str, content: &Markup) -> Markup {
        let whole = html! {
            (self.axes())
            (content)
        };
        drawing(title, self.size, &whole)
    }

    pub(super) fn axes(&self) -> Markup {
        let Room {
            left, right, top, ..
        } = self.room;
        let (right, bottom) = (self.size.0 - right, self.size.1 - self.room.bottom);
        html! {
            text x="4" y=(top - 16.0) { (self.y.label()) }
            @for (value, name) in self.y.ticks() {
                @let y = self.down(*value);
                path.grid d=(format!("M{left} {y:.1}H{right}")) {}
                text x=(place(left - 5.0)) y=(place(y + 4.0)) text-anchor="end" { (name) }
            }
            @for (value, name) in self.written_along_x() {
                @let x = place(self.across(value));
                path.grid d=(format!("M{x} {top}V{bottom}")) {}
                text x=(x) y=(place(bottom + 16.0)) text-anchor="middle" { (name) }
            }
            path.axis d=(format!("M{left} {top}V{bottom}H{right}")) {}
            text x=(place(f64::midpoint(left, right))) y=(place(self.size.1 - 7.0)) text-anchor="middle" { (self.x.label()) }
        }
    }

    /// The ticks along x that do not overlap.
    fn written_along_x(&self) -> Vec<(f64, &str)> {
        let mut free = f64::NEG_INFINITY;
        let ticks = self.x.ticks().iter().filter_map(|(value, name)| {
            let x = self.across(*value);
            // Long names need more room.
            let half = (name.len() as f64 * HALF_LETTER).max(TICK_GAP / 2.0);
            (x - half >= free).then(|| {
                free = x + half;
                (*value, name.as_str())
            })
        });
        ticks.collect()
    }
}
