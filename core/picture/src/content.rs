//! The content rectangle: what lies between letterbox and pillarbox bars.
//!
//! One search, for every use: from each edge inwards to the first line that is no bar's.
//!
//! ```text
//! a(line)  = share of a line that the bar at its edge does not explain
//! border   = the outer lines with a <= bar_share;   settled when a >= content_share within step_lines lines behind them
//! unsettled  where no line is content, or both borders leave less than 1 / min_content of the axis
//! ```
//!
//! What differs between uses is the measure `a` and the [`BarRule`]:
//!
//! | use | measure | rule |
//! |---|---|---|
//! | clips and proxies, over time | [`ContentFinder`]: bars of any constant level | [`BarRule::CONSTANT`] |
//! | the embedder's lattice, frame by frame | [`BlackLines`]: nothing brighter than black | [`BarRule::BLACK`] |
//!
//! # Shapes and units
//! Lines (rows or columns) from the edge. Shares from 0 to 1.

mod constant;

pub use constant::ContentFinder;

use std::ops::Range;

use crate::{AnyPlane, Homography, Rect};

/// When lines belong to a bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BarRule {
    /// Largest share of a bar's line that the bar does not explain.
    pub bar_share: f32,
    /// Share of a line from which on it is content beyond doubt.
    pub content_share: f32,
    /// Lines behind a bar of which one must be content beyond doubt: a bar ends in a step, a dark picture fades.
    pub step_lines: usize,
    /// The content keeps at least this fraction of an axis, `1 / min_content`; less is no picture but a dark scene.
    pub min_content: Option<usize>,
}

impl BarRule {
    /// Bars of any constant level, told over time from dark scenes: wrong bars cost a clip its match.
    pub const CONSTANT: Self = Self {
        bar_share: 1.0 / 16.0,
        content_share: 1.0 / 4.0,
        step_lines: 4,
        min_content: Some(8),
    };

    /// Black bars of one frame, where a dark picture may count as well: black carries no mark.
    pub const BLACK: Self = Self {
        bar_share: 0.0,
        content_share: 0.0,
        step_lines: 1,
        min_content: None,
    };

    /// What is known about both ends of an axis.
    #[must_use]
    pub fn sides(&self, lines: &impl LineMeasure) -> (Side, Side) {
        let count = lines.count();
        if count == 0 {
            return (Side::Unsettled, Side::Unsettled);
        }
        let near = self.side(lines, 0, |i| i);
        let far = self.side(lines, count - 1, |i| count - 1 - i);
        let least = self.min_content.map_or(0, |part| count.div_ceil(part));
        if near.cut() + far.cut() + least > count {
            (Side::Unsettled, Side::Unsettled)
        } else {
            (near, far)
        }
    }

    /// The border that starts at one end; `at(0)` is the outermost line.
    fn side<M: LineMeasure>(
        &self,
        lines: &M,
        outermost: usize,
        at: impl Fn(usize) -> usize,
    ) -> Side {
        let count = lines.count();
        let bar = lines.bar(outermost);
        let share = |i: usize| lines.unexplained(at(i), &bar);
        let Some(first) = (0..count).find(|&i| share(i) > self.bar_share) else {
            return Side::Unsettled;
        };
        let step =
            (first..count.min(first + self.step_lines)).any(|i| share(i) >= self.content_share);
        // An outermost line with life in it is no border, however that life begins.
        if step || first == 0 {
            Side::Settled(first)
        } else {
            Side::Unsettled
        }
    }
}

/// How far a bar explains the lines of one axis.
pub trait LineMeasure {
    /// What is known of a bar.
    type Bar;
    /// Lines of the axis.
    fn count(&self) -> usize;
    /// The bar that would begin with an outermost line.
    fn bar(&self, outermost: usize) -> Self::Bar;
    /// The share of a line that the bar does not explain, 0 to 1.
    fn unexplained(&self, line: usize, bar: &Self::Bar) -> f32;
}

/// What is known about one side of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The border's size is certain; zero when the picture reaches the edge.
    Settled(usize),
    /// Nothing but one level, or a gradual fade, was seen here: nothing is cut yet.
    Unsettled,
}

impl Side {
    /// Lines to cut.
    #[must_use]
    pub fn cut(self) -> usize {
        match self {
            Self::Settled(lines) => lines,
            Self::Unsettled => 0,
        }
    }
}

/// The picture inside its borders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sides {
    /// The content in source samples; the whole frame where a side is unsettled.
    pub rect: Rect,
    /// Left, top, right, bottom.
    pub sides: [Side; 4],
}

impl Sides {
    /// Whether every side is known. Later frames can then only shrink the borders.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.sides.iter().all(|s| matches!(s, Side::Settled(_)))
    }
}

/// What lies between the bars of frames of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    frame: (usize, usize),
    rect: Rect,
}

impl Content {
    /// The rectangle of frames of that many columns and rows that is no bar.
    #[must_use]
    pub fn new(frame: (usize, usize), rect: Rect) -> Self {
        Self { frame, rect }
    }

    /// The frame without its bars; the whole frame when it is of another size.
    #[must_use]
    pub fn of(self, plane: AnyPlane<'_>) -> AnyPlane<'_> {
        if plane.size() == self.frame {
            plane.within(self.rect)
        } else {
            plane
        }
    }

    /// Columns and rows of the frames that it was found in.
    #[must_use]
    pub fn frame(self) -> (usize, usize) {
        self.frame
    }

    /// The rectangle in a frame of that size; the whole of one of another size.
    #[must_use]
    pub fn rect(self, frame: (usize, usize)) -> Rect {
        if frame == self.frame {
            self.rect
        } else {
            Rect::whole(frame.0, frame.1)
        }
    }

    /// From the unit square of what lies between the bars to that of the frame.
    #[must_use]
    pub fn in_frame(self) -> Option<Homography> {
        self.rect.in_unit_square(self.frame.0, self.frame.1)
    }
}

/// Lines of one frame that are nothing but black, or not.
#[derive(Debug, Clone)]
pub struct BlackLines {
    bright: Vec<bool>,
}

impl BlackLines {
    /// Brightest code value of a bar: black in limited range and a little noise.
    pub const BLACK: f32 = 19.0;

    /// Rows and columns of a frame, given row by row in code values of 8 bits.
    ///
    /// # Panics
    /// When a row has more than `width` samples.
    #[must_use]
    pub fn of_rows<'a>(rows: impl Iterator<Item = &'a [f32]>, width: usize) -> (Self, Self) {
        let mut brightest = vec![0.0_f32; width];
        let bright_rows = rows.map(|row| {
            let mut bright = false;
            for (sample, brightest) in row.iter().zip(&mut brightest) {
                bright |= *sample > Self::BLACK;
                *brightest = brightest.max(*sample);
            }
            bright
        });
        let rows = Self {
            bright: bright_rows.collect(),
        };
        let columns = brightest.iter().map(|&sample| sample > Self::BLACK);
        let columns = Self {
            bright: columns.collect(),
        };
        (rows, columns)
    }

    /// From the first to the last line that is no bar's; empty when all are black.
    #[must_use]
    pub fn content(&self) -> Range<usize> {
        match BarRule::BLACK.sides(self) {
            (Side::Settled(near), Side::Settled(far)) => near..self.bright.len() - far,
            _ => 0..0,
        }
    }
}

impl LineMeasure for BlackLines {
    type Bar = ();

    fn count(&self) -> usize {
        self.bright.len()
    }

    fn bar(&self, _outermost: usize) {}

    fn unexplained(&self, line: usize, (): &()) -> f32 {
        f32::from(u8::from(self.bright[line]))
    }
}

#[cfg(test)]
mod tests;
