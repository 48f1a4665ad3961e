//! The part of a frame that is picture: letterbox and pillarbox bars carry no mark.
//!
//! A line of the lattice belongs to a bar while, from the edge inwards, no sample of it is brighter than black:
//! [`BlackLines`].
//!
//! # Shapes and units
//! Ranges of lattice lines and columns. Code values of 8 bits.

use std::ops::Range;

use countermark_picture::content::BlackLines;

use crate::lattice::LatticePlane;

/// Lattice samples that interpolation reaches beyond its own.
const REACH: usize = 2;

/// Where the picture lies on the lattice; empty when the whole frame is black.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct ContentWindow {
    lines: Range<usize>,
    columns: Range<usize>,
}

impl ContentWindow {
    /// Looks for bars at the four edges.
    pub(super) fn of(host: &LatticePlane) -> Self {
        let (lines, columns) = BlackLines::of_rows(host.lines(), host.geometry().width());
        Self {
            lines: drawn_in(lines.content(), host.geometry().height()),
            columns: drawn_in(columns.content(), host.geometry().width()),
        }
    }

    /// Silences the pattern outside the window and as far inside as interpolation would carry it out.
    pub(super) fn confine(&self, pattern: &mut LatticePlane) {
        let width = pattern.geometry().width();
        if self.lines == (0..pattern.geometry().height()) && self.columns == (0..width) {
            return;
        }
        for (y, line) in pattern.lines_mut().enumerate() {
            if self.lines.contains(&y) {
                line[..self.columns.start].fill(0.0);
                line[self.columns.end..].fill(0.0);
            } else {
                line.fill(0.0);
            }
        }
    }
}

/// What lies between bars, drawn in where one was cut off.
fn drawn_in(content: Range<usize>, length: usize) -> Range<usize> {
    if content.is_empty() {
        return 0..0;
    }
    let start = if content.start == 0 {
        0
    } else {
        content.start + REACH
    };
    let end = if content.end == length {
        length
    } else {
        content.end.saturating_sub(REACH)
    };
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::FormatSpec;

    fn frame(content: impl Fn(usize, usize) -> f32) -> LatticePlane {
        let lattice = FormatSpec::CURRENT
            .lattice(640, 360)
            .expect("a supported size");
        let mut plane = LatticePlane::new(lattice);
        for (y, line) in plane.lines_mut().enumerate() {
            for (x, sample) in line.iter_mut().enumerate() {
                *sample = content(x, y);
            }
        }
        plane
    }

    #[test]
    fn bars_and_their_inner_edge_are_left_out() {
        let host = frame(|_, y| if (12..84).contains(&y) { 90.0 } else { 16.0 });
        let window = ContentWindow::of(&host);
        assert_eq!(
            (window.lines.clone(), window.columns.len()),
            (14..82, host.geometry().width())
        );
        let mut pattern = frame(|_, _| 1.0);
        window.confine(&mut pattern);
        assert_eq!(
            pattern
                .lines()
                .filter(|line| line.iter().any(|p| *p > 0.0))
                .count(),
            68
        );
    }

    #[test]
    fn a_dark_scene_without_bars_keeps_its_whole_frame() {
        let host = frame(|x, y| if (x + y) % 5 == 0 { 22.0 } else { 17.0 });
        let window = ContentWindow::of(&host);
        assert_eq!(window.lines.len(), host.geometry().height());
    }

    #[test]
    fn black_frames_carry_nothing() {
        let window = ContentWindow::of(&frame(|_, _| 16.0));
        let mut pattern = frame(|_, _| 1.0);
        window.confine(&mut pattern);
        assert!(pattern.samples().iter().all(|p| *p == 0.0));
    }
}
