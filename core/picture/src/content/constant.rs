//! Bars of any constant level, found from planes seen over time.
//!
//! Each line (row or column) is cut into up to 64 runs. Over all frames `f` and runs `k`:
//!
//! ```text
//! b = level of the outermost line            median over its runs of their mid-range over time
//! a(line) = |{k : max_f m_k > b + T  or  min_f m_k < b - T}| / runs       m_k = mean of run k in frame f
//! ```
//!
//! A dark scene does not add borders: lines become content for good once anything was seen in them. While everything
//! seen is dark, or fades gradually towards the edge, the step in `a` is missing, so the side stays unsettled and uncut.
//! Bars of any constant level count, not only black ones.
//!
//! # Shapes and units
//! `T` = 10 in 8-bit code values: above the ringing of hard-compressed bars, below dim content. Result in source samples.

use super::{BarRule, Content, LineMeasure, Sides};
use crate::{AnyPlane, PlaneView, Rect, Sample, by_depth};

const MAX_RUNS: usize = 64;
const TOLERANCE: f32 = 10.0;

/// Seconds from one look at a clip's frames to the next.
const LOOK_SECONDS: f64 = 0.25;

/// Extremes over time of every run of every line along one axis.
#[derive(Debug, Clone, Default)]
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
}

impl LineMeasure for Lines {
    /// Its level.
    type Bar = f32;

    fn count(&self) -> usize {
        self.low.len().checked_div(self.runs).unwrap_or(0)
    }

    /// Median level of the line.
    fn bar(&self, line: usize) -> f32 {
        let span = line * self.runs..(line + 1) * self.runs;
        let mut levels: Vec<f32> = self.low[span.clone()]
            .iter()
            .zip(&self.high[span])
            .map(|(l, h)| f32::midpoint(*l, *h))
            .collect();
        levels.sort_by(f32::total_cmp);
        levels[levels.len() / 2]
    }

    /// Share of a line's runs that ever left the level.
    fn unexplained(&self, line: usize, &level: &f32) -> f32 {
        let span = line * self.runs..(line + 1) * self.runs;
        let active = self.low[span.clone()]
            .iter()
            .zip(&self.high[span])
            .filter(|(l, h)| **l < level - TOLERANCE || **h > level + TOLERANCE)
            .count();
        active as f32 / self.runs as f32
    }
}

/// Accumulates frames of one size and answers where their picture is.
#[derive(Debug, Clone, Default)]
pub struct ContentFinder {
    width: usize,
    height: usize,
    rows: Lines,
    columns: Lines,
    column_sums: Vec<u32>,
    next_look: f64,
}

impl ContentFinder {
    fn start(&mut self, width: usize, height: usize) {
        *self = Self {
            width,
            height,
            rows: Lines::new(height, width.min(MAX_RUNS)),
            columns: Lines::new(width, height.min(MAX_RUNS)),
            column_sums: vec![0; width],
            next_look: self.next_look,
        };
    }

    /// Whether the last frame that was looked at lies far enough back for another one.
    #[must_use]
    pub fn is_due(&self, seconds: f64) -> bool {
        seconds >= self.next_look
    }

    /// Takes a frame of a clip into account, or passes over it when the last one was just looked at.
    pub fn look(&mut self, frame: AnyPlane<'_>, seconds: f64) {
        if self.is_due(seconds) {
            self.next_look = seconds + LOOK_SECONDS;
            by_depth!(frame, |view| self.observe(&view));
        }
    }

    /// Takes one frame into account; a frame of another size starts afresh.
    pub fn observe<T: Sample>(&mut self, frame: &PlaneView<'_, T>) {
        if (frame.width(), frame.height()) != (self.width, self.height) {
            self.start(frame.width(), frame.height());
        }
        let level = frame.level();
        let mut band = 0;
        let mut band_start = 0;
        for (y, row) in frame.rows().enumerate() {
            for run in 0..self.rows.runs {
                let (from, to) = span(run, self.rows.runs, self.width);
                let sum: u32 = row[from..to].iter().map(|&s| u32::from(s.into())).sum();
                self.rows
                    .note(y, run, sum as f32 * level / (to - from) as f32);
            }
            for (sum, &sample) in self.column_sums.iter_mut().zip(row) {
                *sum += u32::from(sample.into());
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
    pub fn sides(&self) -> Sides {
        let (top, bottom) = BarRule::CONSTANT.sides(&self.rows);
        let (left, right) = BarRule::CONSTANT.sides(&self.columns);
        Sides {
            rect: Rect {
                left: left.cut(),
                top: top.cut(),
                width: self.width - left.cut() - right.cut(),
                height: self.height - top.cut() - bottom.cut(),
            },
            sides: [left, top, right, bottom],
        }
    }

    /// What lies between the bars; none when it fills the frame.
    #[must_use]
    pub fn content(&self) -> Option<Content> {
        let frame = (self.width, self.height);
        let rect = self.sides().rect;
        (rect.size() != frame).then_some(Content::new(frame, rect))
    }
}

/// Samples `[from, to)` of run `run`; never empty as `runs <= length`.
fn span(run: usize, runs: usize, length: usize) -> (usize, usize) {
    (run * length / runs, (run + 1) * length / runs)
}
