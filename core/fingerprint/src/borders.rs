//! Letterbox and pillarbox borders, found from luma seen over time.
//!
//! Each line (row or column) is cut into up to 64 runs. Over all frames `f` and runs `k`:
//!
//! ```text
//! b = level of the outermost line            median over its runs of their mid-range over time
//! a(line) = |{k : max_f m_k > b + T  or  min_f m_k < b - T}| / runs       m_k = mean of run k in frame f
//! border = the outer lines with a <= 1/16;   settled when a >= 1/4 within 4 lines behind them
//! ```
//!
//! A dark scene does not add borders: lines become content for good once anything was seen in them. While everything
//! seen is dark, or fades gradually towards the edge, the step in `a` is missing, so the side stays unsettled and uncut.
//! Bars of any constant level count, not only black ones.
//!
//! # Shapes and units
//! `T` = 10 in 8-bit code values: above the ringing of hard-compressed bars, below dim content. Result in source samples.

use crate::luma::{LumaView, Rect, Sample};

const MAX_RUNS: usize = 64;
const TOLERANCE: f32 = 10.0;
const BORDER_SHARE: f32 = 1.0 / 16.0;
const CONTENT_SHARE: f32 = 1.0 / 4.0;
const STEP_LINES: usize = 4;
/// The content keeps at least this fraction of each side; less is no picture but a dark scene.
const MIN_CONTENT: usize = 8;

/// What is known about one side of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The border's size is certain; zero when the picture reaches the edge.
    Settled(usize),
    /// Nothing but one level, or a gradual fade, was seen here: nothing is cut yet.
    Unsettled,
}

impl Side {
    fn cut(self) -> usize {
        match self {
            Self::Settled(lines) => lines,
            Self::Unsettled => 0,
        }
    }
}

/// The picture inside its borders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// The content in source samples; the whole frame where a side is unsettled.
    pub rect: Rect,
    /// Left, top, right, bottom.
    pub sides: [Side; 4],
}

impl Content {
    /// Whether every side is known. Later frames can then only shrink the borders.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.sides.iter().all(|s| matches!(s, Side::Settled(_)))
    }
}

/// Extremes over time of every run of every line along one axis.
#[derive(Debug, Clone)]
struct Lines {
    runs: usize,
    low: Vec<f32>,
    high: Vec<f32>,
}

impl Lines {
    fn new(lines: usize, runs: usize) -> Self {
        Self {
            runs,
            low: vec![f32::INFINITY; lines * runs],
            high: vec![f32::NEG_INFINITY; lines * runs],
        }
    }

    fn note(&mut self, line: usize, run: usize, level: f32) {
        let at = line * self.runs + run;
        self.low[at] = self.low[at].min(level);
        self.high[at] = self.high[at].max(level);
    }

    fn count(&self) -> usize {
        self.low.len() / self.runs
    }

    /// Median level of a line.
    fn level(&self, line: usize) -> f32 {
        let span = line * self.runs..(line + 1) * self.runs;
        let mut levels: Vec<f32> = self.low[span.clone()]
            .iter()
            .zip(&self.high[span])
            .map(|(l, h)| f32::midpoint(*l, *h))
            .collect();
        levels.sort_by(f32::total_cmp);
        levels[levels.len() / 2]
    }

    /// Share of a line's runs that ever left `level`.
    fn activity(&self, line: usize, level: f32) -> f32 {
        let span = line * self.runs..(line + 1) * self.runs;
        let active = self.low[span.clone()]
            .iter()
            .zip(&self.high[span])
            .filter(|(l, h)| **l < level - TOLERANCE || **h > level + TOLERANCE)
            .count();
        active as f32 / self.runs as f32
    }

    /// The border that starts at one end; `at(0)` is the outermost line.
    fn border(&self, at: impl Fn(usize) -> usize) -> Side {
        let count = self.count();
        let level = self.level(at(0));
        let Some(first) = (0..count).find(|&i| self.activity(at(i), level) > BORDER_SHARE) else {
            return Side::Unsettled;
        };
        let step = (first..count.min(first + STEP_LINES))
            .any(|i| self.activity(at(i), level) >= CONTENT_SHARE);
        // An outermost line with life in it is no border, however that life begins.
        if step || first == 0 {
            Side::Settled(first)
        } else {
            Side::Unsettled
        }
    }

    fn borders(&self) -> (Side, Side) {
        let count = self.count();
        let (near, far) = (self.border(|i| i), self.border(|i| count - 1 - i));
        if near.cut() + far.cut() + count.div_ceil(MIN_CONTENT) > count {
            (Side::Unsettled, Side::Unsettled)
        } else {
            (near, far)
        }
    }
}

/// Accumulates frames of one size and answers where their picture is.
#[derive(Debug, Clone)]
pub struct BorderCropper {
    width: usize,
    height: usize,
    rows: Lines,
    columns: Lines,
    column_sums: Vec<u32>,
    seen: bool,
}

impl BorderCropper {
    /// A cropper for frames of `width x height` samples.
    ///
    /// # Panics
    /// When a side is zero; a [`LumaView`] never has such a side.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        assert!(width > 0 && height > 0, "frame without area");
        Self {
            width,
            height,
            rows: Lines::new(height, width.min(MAX_RUNS)),
            columns: Lines::new(width, height.min(MAX_RUNS)),
            column_sums: vec![0; width],
            seen: false,
        }
    }

    /// Takes one frame into account; a frame of another size starts afresh.
    pub fn observe<T: Sample>(&mut self, frame: &LumaView<'_, T>) {
        if (frame.width(), frame.height()) != (self.width, self.height) {
            *self = Self::new(frame.width(), frame.height());
        }
        self.seen = true;
        let level = frame.level();
        let mut band = 0;
        let mut band_start = 0;
        for (y, row) in frame.rows().enumerate() {
            for run in 0..self.rows.runs {
                let (from, to) = span(run, self.rows.runs, self.width);
                let sum: u32 = row[from..to].iter().map(|&s| s.into()).sum();
                self.rows
                    .note(y, run, sum as f32 * level / (to - from) as f32);
            }
            for (sum, &sample) in self.column_sums.iter_mut().zip(row) {
                *sum += sample.into();
            }
            if y + 1 == span(band, self.columns.runs, self.height).1 {
                let scale = level / (y + 1 - band_start) as f32;
                for (x, sum) in self.column_sums.iter_mut().enumerate() {
                    self.columns.note(x, band, *sum as f32 * scale);
                    *sum = 0;
                }
                band += 1;
                band_start = y + 1;
            }
        }
    }

    /// What the frames so far show.
    #[must_use]
    pub fn content(&self) -> Content {
        let (left, right, top, bottom) = if self.seen {
            let (top, bottom) = self.rows.borders();
            let (left, right) = self.columns.borders();
            (left, right, top, bottom)
        } else {
            (
                Side::Unsettled,
                Side::Unsettled,
                Side::Unsettled,
                Side::Unsettled,
            )
        };
        Content {
            rect: Rect {
                left: left.cut(),
                top: top.cut(),
                width: self.width - left.cut() - right.cut(),
                height: self.height - top.cut() - bottom.cut(),
            },
            sides: [left, top, right, bottom],
        }
    }
}

/// Samples `[from, to)` of run `run`; never empty as `runs <= length`.
fn span(run: usize, runs: usize, length: usize) -> (usize, usize) {
    (run * length / runs, (run + 1) * length / runs)
}

#[cfg(test)]
mod tests;
