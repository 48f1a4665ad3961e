//! Extrema of the differences of Gaussians, between samples and between levels.
//!
//! ```text
//! offset = -H^-1 g       value = D + g . offset / 2        H, g = second and first differences of D in (x, y, level)
//! a corner:   tr^2 / det < (r + 1)^2 / r,  det > 0         of the 2 x 2 Hessian in (x, y)
//! ```
//!
//! # Shapes and units
//! `x`, `y` in sample indices of the octave (a sample's centre is its index), `level` as in [`super::scale_space`].
//! # References
//! D. G. Lowe, Distinctive image features from scale-invariant keypoints, IJCV 60 (2004), section 4, equations 2 and 3.

#![expect(
    clippy::needless_bitwise_bool,
    reason = "several samples are looked at together, without branches"
)]

use super::plane::Plane;
use super::scale_space::{Octave, STEPS};
use countermark_picture::solve;

/// The largest ratio of principal curvatures.
const EDGE_RATIO: f64 = 10.0;

/// So often an extremum may move to a neighbouring sample.
const MOVES: usize = 5;

/// An extremum of an octave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Extremum {
    pub(super) octave: usize,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) level: f64,
    /// Absolute value of the difference, code values.
    pub(super) strength: f64,
}

impl Extremum {
    /// The blurred plane nearest to its scale.
    pub(super) fn nearest_level(&self) -> usize {
        (self.level.round() as usize).clamp(1, STEPS)
    }
}

/// Adds the extrema of an octave that are at least `threshold` strong.
pub(super) fn find(index: usize, octave: &Octave, threshold: f64, found: &mut Vec<Extremum>) {
    let candidate = (threshold * 0.8) as f32;
    for level in 1..=STEPS {
        let planes = [level - 1, level, level + 1].map(|k| &octave.differences[k]);
        let (width, height) = (planes[1].width, planes[1].height);
        for y in 1..height - 1 {
            let row = planes[1].row(y);
            let (mut x, end) = (1, width - 1);
            while x < end {
                let count = LANES.min(end - x);
                let peaks = peaks(&row[x - 1..=x + count], candidate);
                for (first, mut eight) in (x..).step_by(BYTES).zip(peaks) {
                    while eight != 0 {
                        let x = first + eight.trailing_zeros() as usize / 8;
                        eight &= eight - 1;
                        if is_extremum(&planes, x, y) {
                            found.extend(
                                refined(octave, x, y, level)
                                    .filter(|at| at.strength >= threshold)
                                    .map(|at| Extremum {
                                        octave: index,
                                        ..at
                                    }),
                            );
                        }
                    }
                }
                x += count;
            }
        }
    }
}

/// Samples of a row that are looked at together.
const LANES: usize = 32;

/// Samples whose answers are one number.
const BYTES: usize = 8;

/// Which samples but the first and the last lie beyond their neighbours in the row, and far enough from zero: a byte of one for each
/// that does, eight in a number. Without a branch for each: few do.
fn peaks(row: &[f32], candidate: f32) -> [u64; LANES / BYTES] {
    let mut peaks = [0_u8; LANES];
    let neighbours = row.windows(3);
    for (peak, near) in peaks.iter_mut().zip(neighbours) {
        let (left, value, right) = (near[0], near[1], near[2]);
        let is_beyond = ((value > left) & (value > right)) | ((value < left) & (value < right));
        *peak = u8::from(is_beyond & (value.abs() >= candidate));
    }
    let (eights, _) = peaks.as_chunks::<BYTES>();
    std::array::from_fn(|at| u64::from_le_bytes(eights[at]))
}

/// Whether a sample lies beyond all its 26 neighbours, on the side of its own sign.
fn is_extremum(planes: &[&Plane; 3], x: usize, y: usize) -> bool {
    let value = planes[1].row(y)[x];
    let beyond = |other: f32| {
        if value > 0.0 {
            value > other
        } else {
            value < other
        }
    };
    [1, 0, 2].iter().all(|&k| {
        (y - 1..=y + 1).all(|row| {
            let near = &planes[k].row(row)[x - 1..=x + 1];
            near.iter().enumerate().all(|(column, &other)| {
                let itself = k == 1 && row == y && column == 1;
                itself || beyond(other)
            })
        })
    })
}

/// The extremum of the parabola through the neighbours of a sample; none on edges, at the rim and where it runs away.
fn refined(octave: &Octave, mut x: usize, mut y: usize, mut level: usize) -> Option<Extremum> {
    for _ in 0..MOVES {
        let plane = &octave.differences[level];
        let at = |dx: usize, dy: usize, dl: usize| {
            f64::from(octave.differences[level + dl - 1].row(y + dy - 1)[x + dx - 1])
        };
        let centre = at(1, 1, 1);
        let slope = [
            (at(2, 1, 1) - at(0, 1, 1)) / 2.0,
            (at(1, 2, 1) - at(1, 0, 1)) / 2.0,
            (at(1, 1, 2) - at(1, 1, 0)) / 2.0,
        ];
        let xx = (at(2, 1, 1) + at(0, 1, 1)) - 2.0 * centre;
        let yy = (at(1, 2, 1) + at(1, 0, 1)) - 2.0 * centre;
        let ll = (at(1, 1, 2) + at(1, 1, 0)) - 2.0 * centre;
        let xy = ((at(2, 2, 1) - at(0, 2, 1)) - (at(2, 0, 1) - at(0, 0, 1))) / 4.0;
        let xl = ((at(2, 1, 2) - at(0, 1, 2)) - (at(2, 1, 0) - at(0, 1, 0))) / 4.0;
        let yl = ((at(1, 2, 2) - at(1, 0, 2)) - (at(1, 2, 0) - at(1, 0, 0))) / 4.0;
        let offset = solve(
            [[xx, xy, xl], [xy, yy, yl], [xl, yl, ll]],
            slope.map(|s| -s),
        )?;
        if offset.iter().all(|o| o.abs() <= 0.5) {
            let (trace, determinant) = (xx + yy, xx * yy - xy * xy);
            let bound = (EDGE_RATIO + 1.0) * (EDGE_RATIO + 1.0) / EDGE_RATIO;
            if determinant <= 0.0 || trace * trace >= bound * determinant {
                return None;
            }
            let rise = (slope[0] * offset[0] + slope[1] * offset[1]) + slope[2] * offset[2];
            return Some(Extremum {
                octave: 0,
                x: x as f64 + offset[0],
                y: y as f64 + offset[1],
                level: level as f64 + offset[2],
                strength: (centre + rise / 2.0).abs(),
            });
        }
        let stepped = |at: usize, offset: f64, end: usize| {
            let to = at as f64 + offset.clamp(-1.0, 1.0).round();
            (to >= 1.0 && to <= end as f64).then_some(to as usize)
        };
        let next = (
            stepped(x, offset[0], plane.width - 2)?,
            stepped(y, offset[1], plane.height - 2)?,
            stepped(level, offset[2], STEPS)?,
        );
        if next == (x, y, level) {
            return None;
        }
        (x, y, level) = next;
    }
    None
}
