//! Where in the frames a piece lies, and which pieces are in each other's place.
//!
//! ```text
//! in place  <=>  more than half of its time shared with others whose rectangles share more than half of both areas
//! ```
//!
//! # Shapes and units
//! Samples of the clip's frames as coded; seconds of the clip.

use countermark_picture::Rect;
use serde::{Serialize, Serializer};

use super::Match;

/// What the rectangles of two pieces must share to be one place: that much of what both cover.
const SAME_PLACE: f64 = 0.5;

/// A part of the frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rectangle {
    /// The part.
    pub rect: Rect,
    /// Columns and rows of the frames.
    pub frame: (usize, usize),
}

/// Columns and rows, from the left and from the top.
#[derive(Serialize)]
struct RectangleTold {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

impl Serialize for Rectangle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RectangleTold {
            left: self.rect.left,
            top: self.rect.top,
            width: self.rect.width,
            height: self.rect.height,
        }
        .serialize(serializer)
    }
}

fn area(rect: Rect) -> f64 {
    (rect.width * rect.height) as f64
}

/// What two rectangles have in common, as a share of what both cover.
pub(crate) fn common_share(a: Rect, b: Rect) -> f64 {
    let along = |a: usize, a_side: usize, b: usize, b_side: usize| {
        (a + a_side).min(b + b_side).saturating_sub(a.max(b))
    };
    let (columns, rows) = (
        along(a.left, a.width, b.left, b.width),
        along(a.top, a.height, b.top, b.height),
    );
    let shared = (columns * rows) as f64;
    shared / (area(a) + area(b) - shared).max(1.0)
}

/// Whether two pieces lie in the same place of the frames; without a rectangle they fill them.
pub(crate) fn share_a_place(a: &Match, b: &Match) -> bool {
    match (a.rectangle, b.rectangle) {
        (None, None) => true,
        (Some(part), None) | (None, Some(part)) => {
            area(part.rect) / area(Rect::whole(part.frame.0, part.frame.1)) > SAME_PLACE
        }
        (Some(a), Some(b)) => common_share(a.rect, b.rect) > SAME_PLACE,
    }
}

/// Seconds of a clip that spans of it cover, each once.
pub(crate) fn covered(spans: impl IntoIterator<Item = [f64; 2]>) -> f64 {
    let mut spans: Vec<[f64; 2]> = spans.into_iter().collect();
    spans.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let (mut total, mut end) = (0.0, f64::NEG_INFINITY);
    for [from, to] in spans {
        total += (to - from.max(end)).max(0.0);
        end = end.max(to);
    }
    total
}

/// Whether other matches are in the place of a piece for more than half of its time.
pub(crate) fn is_taken(piece: &Match, matches: &[Match]) -> bool {
    let there = matches.iter().filter(|other| share_a_place(piece, other));
    has_most(piece.query, there)
}

/// Whether matches have more than half of a span of the clip, wherever they lie.
pub(crate) fn has_most<'a>(span: [f64; 2], matches: impl IntoIterator<Item = &'a Match>) -> bool {
    let length = span[1] - span[0];
    if length > 0.0 {
        return overlap(span, matches) > length / 2.0;
    }
    // A single frame.
    matches
        .into_iter()
        .any(|found| (found.query[0]..=found.query[1]).contains(&span[0]))
}

/// Seconds of a span of the clip that matches cover.
pub(crate) fn overlap<'a>(span: [f64; 2], matches: impl IntoIterator<Item = &'a Match>) -> f64 {
    let shared = matches
        .into_iter()
        .map(|m| (m.query[1].min(span[1]) - m.query[0].max(span[0])).max(0.0));
    shared.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(query: [f64; 2], columns: Option<(usize, usize)>) -> Match {
        let rect = |(left, width)| Rect {
            left,
            top: 0,
            width,
            height: 100,
        };
        Match {
            query,
            reference: query,
            speed: 1.0,
            tolerance: None,
            mirrored: false,
            negative: false,
            rectangle: columns.map(|columns| Rectangle {
                rect: rect(columns),
                frame: (200, 100),
            }),
            title: None,
            also: Vec::new(),
            by: Vec::new(),
            payloads: Vec::new(),
        }
    }

    #[test]
    fn pieces_side_by_side_are_not_in_each_others_place() {
        let (left, right) = (Some((0, 100)), Some((100, 100)));
        let left = piece([0.0, 5.0], left);
        assert!(!is_taken(
            &piece([0.0, 5.0], right),
            std::slice::from_ref(&left)
        ));
        assert!(is_taken(
            &piece([1.0, 5.0], Some((10, 90))),
            std::slice::from_ref(&left)
        ));
        assert!(!is_taken(&piece([4.0, 8.0], Some((0, 100))), &[left]));
    }

    #[test]
    fn a_small_picture_is_not_in_the_place_of_the_one_behind_it() {
        let whole = piece([0.0, 5.0], None);
        let inset = piece([0.0, 5.0], Some((120, 60)));
        assert!(!is_taken(&inset, std::slice::from_ref(&whole)));
        assert!(has_most(inset.query, std::slice::from_ref(&whole)));
        assert!(is_taken(&piece([0.0, 5.0], Some((10, 180))), &[whole]));
    }

    #[test]
    fn rectangles_are_alike_by_what_they_share() {
        let rect = |left: usize, width: usize| Rect {
            left,
            top: 0,
            width,
            height: 10,
        };
        assert!((common_share(rect(0, 10), rect(0, 10)) - 1.0).abs() < 1e-12);
        assert!((common_share(rect(0, 10), rect(5, 10)) - 1.0 / 3.0).abs() < 1e-12);
        assert!(common_share(rect(0, 10), rect(10, 10)).abs() < 1e-12);
    }
}
