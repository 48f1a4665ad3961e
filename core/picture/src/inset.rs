//! A picture in a picture: a rectangle whose straight edges stay where they are while what is in it moves.
//!
//! ```text
//! e(x, y)  = whether the line between columns x - 1 and x is an edge at row y, within a sample of x          as of `Seams`
//! side     = share of e along a side;   a side on the edge of the frame counts as one
//! inset    = the rectangle whose weakest side is the strongest, from 0.7 on; from 0.9 on where only two sides are within the frame
//! moving   = standard deviation of the level > 5, in a tenth of the inset at least: a logo on a plate is none
//! ```
//!
//! Of a rectangle that the camera saw, such as a poster, the same is told: who asks looks at the whole as well.
//!
//! # Shapes and units
//! Pictures as in [`Grey`], all of one size. Sides in samples from the first edge.

use crate::seam::edges;
use crate::{Grey, Rect};

/// What the weakest side must have of an edge.
const SIDE: f64 = 0.7;
/// The same where two of the sides are the frame's: corners of furniture have as much.
const SIDE_OF_TWO: f64 = 0.9;
/// Share of a line that is an edge where a side may be.
const LINE: f64 = 0.12;
/// Lines of either direction that are tried, those with the longest edges.
const LINES: usize = 14;
/// Samples around a line that are taken for it.
const NEAR: usize = 3;
/// Share of the area of the pictures.
const AREA: (f64, f64) = (0.06, 0.9);
/// Standard deviation over the pictures from which on a sample moves, code values, and the share of an inset that does.
const MOVES: f64 = 5.0;
const LEAST_MOVING: f64 = 0.1;
/// Share of a side of the pictures.
const LEAST_SIDE: f64 = 0.2;

/// A picture in a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inset {
    /// Where, within its edges.
    pub rect: Rect,
    /// What its weakest side has of an edge, from 0 to 1.
    pub weakest: f64,
}

impl Inset {
    /// The surest one in the pictures of a clip; those of another size than the first are left out.
    #[must_use]
    pub fn find(pictures: &[&Grey]) -> Option<Self> {
        let first = pictures.first()?;
        let (width, height) = (first.width(), first.height());
        let alike = pictures.iter().copied();
        let alike: Vec<&Grey> = alike
            .filter(|p| (p.width(), p.height()) == (width, height))
            .collect();
        let at = |p: &Grey, x: usize, y: usize| p.samples()[y * width + x];
        let columns = Lines::of(width, height, &alike, |p, x, y| at(p, x, y));
        let rows = Lines::of(height, width, &alike, |p, y, x| at(p, x, y));
        let mut best: Option<(f64, [usize; 4])> = None;
        for [left, right] in columns.pairs(width) {
            for [top, bottom] in rows.pairs(height) {
                let area = (right - left) as f64 * (bottom - top) as f64;
                let share = area / (width * height) as f64;
                if !(AREA.0..=AREA.1).contains(&share) {
                    continue;
                }
                let sides = [
                    columns.side(left, [top, bottom]),
                    columns.side(right, [top, bottom]),
                    rows.side(top, [left, right]),
                    rows.side(bottom, [left, right]),
                ];
                let within = sides.into_iter().flatten();
                let (count, weakest) =
                    within.fold((0, 1.0_f64), |(n, least), side| (n + 1, least.min(side)));
                let least = match count {
                    0 | 1 => continue,
                    2 => SIDE_OF_TWO,
                    _ => SIDE,
                };
                let is_best = best.is_none_or(|best| weakest > best.0);
                if weakest >= least && is_best {
                    best = Some((weakest, [left, top, right, bottom]));
                }
            }
        }
        let (weakest, place) = best?;
        let rect = inner(place, (width, height));
        (moving_share(&alike, rect) >= LEAST_MOVING).then_some(Self { rect, weakest })
    }
}

/// What lies within some edges, without the samples that share in them.
fn inner([left, top, right, bottom]: [usize; 4], (width, height): (usize, usize)) -> Rect {
    let (left, top) = (left + usize::from(left > 0), top + usize::from(top > 0));
    Rect {
        left,
        top,
        width: right - usize::from(right < width) - left,
        height: bottom - usize::from(bottom < height) - top,
    }
}

/// The share of a rectangle that moves.
fn moving_share(pictures: &[&Grey], rect: Rect) -> f64 {
    let n = pictures.len() as f64;
    let moves = |at: usize| {
        let levels = || pictures.iter().map(|p| f64::from(p.samples()[at]));
        let mean = levels().sum::<f64>() / n;
        levels().map(|level| (level - mean).powi(2)).sum::<f64>() > n * MOVES * MOVES
    };
    let width = pictures.first().map_or(0, |picture| picture.width());
    let rows = rect.top..rect.top + rect.height;
    let own = rows.flat_map(|y| {
        let from = y * width + rect.left;
        from..from + rect.width
    });
    let moving = own.filter(|at| moves(*at)).count();
    moving as f64 / (rect.width * rect.height).max(1) as f64
}

/// The lines of one direction.
struct Lines {
    /// Of the pictures.
    all: usize,
    /// Lines at which a side may be, ascending.
    likely: Vec<usize>,
    /// For each line how many samples before one are an edge.
    edges: Vec<Vec<u32>>,
}

impl Lines {
    fn of(
        lines: usize,
        samples: usize,
        pictures: &[&Grey],
        at: impl Fn(&Grey, usize, usize) -> f32,
    ) -> Self {
        let mut near = vec![vec![false; samples]; lines + 1];
        // A step of one sample is an edge of three lines: the middle one is meant.
        let mut lengths = vec![0; lines + 1];
        for (line, edge) in edges(lines, samples, pictures, &at) {
            let length = edge.iter().filter(|is_edge| **is_edge).count();
            for (length_near, weight) in lengths[line - 1..=line + 1].iter_mut().zip([1, 2, 1]) {
                *length_near += weight * length;
            }
            for near in &mut near[line - 1..=line + 1] {
                for (near, is_edge) in near.iter_mut().zip(&edge) {
                    *near |= is_edge;
                }
            }
        }
        let summed = |edge: &Vec<bool>| {
            let mut sum = 0;
            let sums = edge.iter().map(|is_edge| {
                sum += u32::from(*is_edge);
                sum
            });
            std::iter::once(0).chain(sums).collect()
        };
        let edges: Vec<Vec<u32>> = near.iter().map(summed).collect();
        let length = |line: usize| edges[line].last().copied().unwrap_or(0);
        let least = LINE * samples as f64;
        let mut order: Vec<usize> = (0..=lines).collect();
        order.retain(|line| f64::from(length(*line)) >= least);
        order.sort_by_key(|line| std::cmp::Reverse(lengths[*line]));
        let mut likely: Vec<usize> = Vec::new();
        for line in order {
            if likely.len() < LINES && likely.iter().all(|known| known.abs_diff(line) > NEAR) {
                likely.push(line);
            }
        }
        likely.extend([0, lines]);
        likely.sort_unstable();
        likely.dedup();
        Self {
            all: lines,
            likely,
            edges,
        }
    }

    /// Two likely lines each that are far enough apart, of so many.
    fn pairs(&self, lines: usize) -> impl Iterator<Item = [usize; 2]> {
        let least = LEAST_SIDE * lines as f64;
        let all = &self.likely;
        all.iter().enumerate().flat_map(move |(at, first)| {
            let behind = all[at + 1..].iter();
            let far = behind.filter(move |second| (**second - first) as f64 >= least);
            far.map(move |second| [*first, *second])
        })
    }

    /// What a line has of an edge between two samples; none where it is the frame's own.
    fn side(&self, line: usize, [from, to]: [usize; 2]) -> Option<f64> {
        let own = &self.edges[line];
        let is_within = 0 < line && line < self.all;
        is_within.then(|| f64::from(own[to] - own[from]) / (to - from) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slanted texture that moves, and in front of it another one.
    fn pictures(inset: Rect, lift: f32) -> Vec<Grey> {
        (0..6)
            .map(|n| {
                let level = |x: usize, y: usize| {
                    let is_within = (inset.left..inset.left + inset.width).contains(&x)
                        && (inset.top..inset.top + inset.height).contains(&y);
                    let (x, y, n) = (x as f32, y as f32, n as f32);
                    if is_within {
                        120.0 + lift + 30.0 * (0.15 * x - 0.12 * y + 0.5 * n).sin()
                    } else {
                        120.0 + 30.0 * (0.05 * x + 0.11 * y + 0.9 * n).sin()
                    }
                };
                let places = (0..144).flat_map(|y| (0..256).map(move |x| (x, y)));
                let samples = places.map(|(x, y)| level(x, y)).collect();
                Grey::new(256, 144, samples).expect("a picture")
            })
            .collect()
    }

    fn found(inset: Rect, lift: f32) -> Option<Rect> {
        found_in(&pictures(inset, lift))
    }

    fn found_in(pictures: &[Grey]) -> Option<Rect> {
        let pictures: Vec<&Grey> = pictures.iter().collect();
        Inset::find(&pictures).map(|found| found.rect)
    }

    #[test]
    fn a_picture_in_a_picture_is_found_wherever_it_lies() {
        for (left, top, width, height) in [
            (40, 30, 128, 72),
            // In a corner of the frame.
            (0, 72, 110, 72),
            // From edge to edge.
            (0, 32, 256, 80),
            (150, 80, 80, 46),
        ] {
            let inset = Rect {
                left,
                top,
                width,
                height,
            };
            let own = found(inset, 40.0).expect("an inset");
            for (own, inset) in [
                (own.left, left),
                (own.top, top),
                (own.left + own.width, left + width),
                (own.top + own.height, top + height),
            ] {
                assert!(own.abs_diff(inset) <= 2, "{own} {inset} {width}");
            }
        }
    }

    #[test]
    fn what_is_one_picture_has_none_in_it() {
        let nothing = Rect {
            left: 0,
            top: 0,
            width: 0,
            height: 0,
        };
        assert_eq!(found(nothing, 0.0), None);
        assert_eq!(Inset::find(&[]), None);
        // A post is too narrow for a picture.
        let post = Rect {
            left: 100,
            top: 0,
            width: 20,
            height: 144,
        };
        assert_eq!(found(post, 60.0), None);
    }
    #[test]
    fn a_plate_that_stands_still_is_no_inset() {
        let plate = Rect {
            left: 150,
            top: 20,
            width: 80,
            height: 60,
        };
        let mut all = pictures(plate, 50.0);
        let still = all[0].samples().to_vec();
        for picture in &mut all {
            let mut samples = picture.samples().to_vec();
            for y in plate.top..plate.top + plate.height {
                let row = y * 256 + plate.left..y * 256 + plate.left + plate.width;
                samples[row.clone()].copy_from_slice(&still[row]);
            }
            *picture = Grey::new(256, 144, samples).expect("a picture");
        }
        assert_eq!(found_in(&all), None);
    }
}
