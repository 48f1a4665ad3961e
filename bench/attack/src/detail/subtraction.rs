//! The attack of one who knows that there is a mark: estimate it over many frames and subtract it.
//!
//! ```text
//! subtract-N   Y' = Y - e,   e = m - G_1.5 m,   m = mean of Y over the last N frames, of fewer at the start
//! ```
//!
//! What moves averages out of `m`, what stays is taken for the mark as far as it is fine: with it goes the fine detail of
//! pictures that stand still.
//!
//! # Shapes and units
//! `N` frames; the deviation of the Gaussian is 1.5 luma samples.
//! # References
//! G. Doërr, J.-L. Dugelay (2004), Security pitfalls of frame-by-frame approaches to video watermarking, IEEE Trans.
//! Signal Process. 52(10): estimate and remodulate.

use std::collections::VecDeque;
use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::strength::whole;
use crate::{ParseAttackError, Picture, Plane, Random};

use super::gaussian::Gaussian;

/// Deviation of what is taken for the picture.
const COARSE_SIGMA: f64 = 1.5;

/// Subtracts an estimate from so many frames.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Subtract(u32);

/// Reads `subtract`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    if head != "subtract" {
        return None;
    }
    let step = format!("{head}-{strength}");
    let frames = whole(&step, strength, &(1..=64), "1 to 64 frames");
    Some(frames.map(|frames| Box::new(Subtract(frames)) as Box<dyn PictureAttack>))
}

impl fmt::Display for Subtract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "subtract-{}", self.0)
    }
}

impl PictureAttack for Subtract {
    fn begin(&self, _: &ClipShape, _: &mut Random) -> Box<dyn Stage> {
        Box::new(Each(Subtraction {
            frames: self.0 as usize,
            coarse: Gaussian::new(COARSE_SIGMA),
            held: VecDeque::new(),
            sum: None,
        }))
    }
}

struct Subtraction {
    frames: usize,
    coarse: Gaussian,
    /// Luma of the last frames.
    held: VecDeque<Plane>,
    /// Their sum.
    sum: Option<Plane>,
}

impl Effect for Subtraction {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        let (width, height) = (picture.width(), picture.height());
        let sum = self
            .sum
            .get_or_insert_with(|| Plane::filled(width, height, 0.0));
        let oldest = if self.held.len() == self.frames {
            self.held.pop_front()
        } else {
            None
        };
        let samples = sum.samples_mut().iter_mut();
        if let Some(oldest) = oldest {
            let change = picture.y.samples().iter().zip(oldest.samples());
            samples
                .zip(change)
                .for_each(|(sum, (new, old))| *sum += new - old);
        } else {
            let change = picture.y.samples();
            samples.zip(change).for_each(|(sum, new)| *sum += new);
        }
        self.held.push_back(picture.y.clone());
        let part = 1.0 / self.held.len() as f32;
        let detail = self.coarse.detail(sum);
        for (sample, detail) in picture.y.samples_mut().iter_mut().zip(detail.samples()) {
            *sample -= part * detail;
        }
        picture
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tryout::{applied, grey, moments, refused};

    /// A mark of deviation 2 without coarse parts: signs on a chessboard, each square's at random.
    fn mark(width: usize, height: usize) -> Plane {
        let mut random = Random::new([6; 32]);
        let signs = Plane::from_fn(width / 2, height / 2, |_, _| random.sign() as f32);
        Plane::from_fn(width, height, |x, y| {
            let chess = if (x + y) % 2 == 0 { 2.0 } else { -2.0 };
            chess * signs.row(y / 2)[x / 2]
        })
    }

    #[test]
    fn most_of_a_fixed_fine_pattern_goes_from_a_flat_host() {
        let mark = mark(64, 48);
        let picture = grey(64, 48, |x, y| 120.0 + mark.row(y)[x]);
        let out = applied("subtract-12", &vec![picture.clone(); 14]);
        for picture in &out {
            let left = moments(picture.y.samples());
            assert!(
                (left.0 - 120.0).abs() < 0.05 && left.1 < 0.05 * 4.0,
                "{left:?}"
            );
        }
        assert_eq!(out[13].u, picture.u);
    }

    #[test]
    fn the_mark_is_estimated_through_content_that_changes() {
        let mark = mark(64, 48);
        let mut random = Random::new([7; 32]);
        let pictures: Vec<Picture> = (0..40)
            .map(|_| {
                let host = |_, _| 120.0 + 3.0 * random.normal() as f32;
                let mut picture = grey(64, 48, host);
                let marks = mark.samples().iter();
                picture
                    .y
                    .samples_mut()
                    .iter_mut()
                    .zip(marks)
                    .for_each(|(p, m)| *p += m);
                picture
            })
            .collect();
        let amplitude = |picture: &Picture| {
            let products = picture.y.samples().iter().zip(mark.samples());
            products
                .map(|(p, m)| f64::from((p - 120.0) * m))
                .sum::<f64>()
                / (64.0 * 48.0 * 4.0)
        };
        let out = applied("subtract-12", &pictures);
        assert!((amplitude(&pictures[39]) - 1.0).abs() < 0.1);
        assert!(amplitude(&out[39]).abs() < 0.15, "{}", amplitude(&out[39]));
        // Only what the frames share goes: of the host's own noise a twelfth of the estimate's weight.
        let variance = moments(out[39].y.samples()).1;
        assert!(variance > 7.0, "{variance}");
    }

    #[test]
    fn the_window_forgets_what_is_older_than_its_frames() {
        let mark = mark(32, 32);
        let marked = grey(32, 32, |x, y| 120.0 + mark.row(y)[x]);
        let clean = grey(32, 32, |_, _| 120.0);
        let out = applied("subtract-2", &[marked, clean.clone(), clean.clone(), clean]);
        let left: Vec<f64> = out.iter().map(|p| moments(p.y.samples()).1).collect();
        assert!(
            left[1] > 0.5 && left[2] < 1e-6 && left[3] < 1e-6,
            "{left:?}"
        );
    }

    #[test]
    fn strengths_out_of_range_are_refused() {
        refused(&["subtract-0", "subtract-65", "subtract-1.5"]);
    }
}
