//! Shot cuts: where one picture does not go on from the one before.
//!
//! ```text
//! cut  <=>  change > floor  and  change > ratio * usual
//! ```
//!
//! `change` is how much the picture differs from the one before, `usual` what it differs by, or holds in detail, when no
//! shot ends. One rule, with a preset for each measure that it is held against:
//!
//! | preset | change | usual |
//! |---|---|---|
//! | [`CutRule::LATTICE`] | squared, over lattice coefficients, the mean of a block counted once | energy of the texture of both |
//! | [`CutRule::STACK`] | [`squared_change`] of two mean pictures | [`energy`] of the detail of both |
//! | [`CutRule::SUDDEN`] | [`mean_absolute_change`] of two lattices, code values of 8 bits | the change one frame before |
//!
//! # Shapes and units
//! `change` and `usual` in one unit, that of `floor`; `ratio` has none.
//! # Determinism
//! Sums from the first sample to the last, f32 or f64 as stated.

use std::ops::{Mul, Range};

/// When a shot ends between two pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CutRule<F> {
    /// Change that no cut stays below.
    pub floor: F,
    /// Multiple of the usual that a cut exceeds.
    pub ratio: F,
}

impl CutRule<f64> {
    /// For frames on the lattice: a pan of a textured picture changes as much as its texture holds, a cut changes means too.
    pub const LATTICE: Self = Self {
        floor: 0.0,
        ratio: 0.6,
    };

    /// For mean pictures of a tenth of a second: their detail is high-passed, so that slow light changes no shot.
    pub const STACK: Self = Self {
        floor: 0.0,
        ratio: 0.9,
    };
}

impl CutRule<f32> {
    /// For successive frames while embedding: 14 code values all over the lattice, and three times the change before.
    pub const SUDDEN: Self = Self {
        floor: 14.0,
        ratio: 3.0,
    };
}

impl<F: Copy + PartialOrd + Mul<Output = F>> CutRule<F> {
    /// Whether a shot ends between two pictures.
    #[must_use]
    pub fn is_cut(self, change: F, usual: F) -> bool {
        change > self.floor && change > self.ratio * usual
    }
}

/// `sum (a - b)^2`: each difference and square in f32, the sum in f64.
#[must_use]
pub fn squared_change(before: &[f32], after: &[f32]) -> f64 {
    let pairs = before.iter().zip(after);
    pairs.map(|(a, b)| f64::from((a - b) * (a - b))).sum()
}

/// `sum x^2`: each square in f32, the sum in f64.
#[must_use]
pub fn energy(detail: &[f32]) -> f64 {
    detail.iter().map(|x| f64::from(x * x)).sum()
}

/// Mean of `|after - before|` over the samples of `after`, in f32; what `before` lacks counts as unchanged.
#[must_use]
pub fn mean_absolute_change(before: &[f32], after: &[f32]) -> f32 {
    let change: f32 = after.iter().zip(before).map(|(x, y)| (x - y).abs()).sum();
    change / after.len() as f32
}

/// The spans of pictures between cuts, in order; `is_cut(i)` tells whether one lies between pictures `i` and `i + 1`.
#[must_use]
pub fn shots(pictures: usize, is_cut: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut shots = Vec::new();
    let mut start = 0;
    for last in 0..pictures.saturating_sub(1) {
        if is_cut(last) {
            shots.push(start..last + 1);
            start = last + 1;
        }
    }
    if start < pictures {
        shots.push(start..pictures);
    }
    shots
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cut_exceeds_both_the_floor_and_the_usual() {
        assert!(CutRule::SUDDEN.is_cut(14.5, 4.0));
        assert!(!CutRule::SUDDEN.is_cut(14.0, 0.0), "the floor itself");
        assert!(!CutRule::SUDDEN.is_cut(60.0, 20.0), "three times as before");
        assert!(!CutRule::SUDDEN.is_cut(f32::NAN, 0.0));
        assert!(CutRule::LATTICE.is_cut(0.7, 1.0) && !CutRule::STACK.is_cut(0.7, 1.0));
        assert!(
            !CutRule::LATTICE.is_cut(0.0, 0.0),
            "black upon black goes on"
        );
    }

    #[test]
    fn measures_are_those_of_their_equations() {
        let (a, b) = ([1.0, 2.0, 5.0], [4.0, 2.0, 3.0]);
        assert!((squared_change(&a, &b) - 13.0).abs() < 1e-12);
        assert!((energy(&a) - 30.0).abs() < 1e-12);
        assert!((mean_absolute_change(&a, &b) - 5.0 / 3.0).abs() < 1e-6);
        assert!(mean_absolute_change(&[], &b).abs() < f32::EPSILON);
    }

    proptest! {
        #[test]
        fn shots_are_parted_by_the_cuts_and_hold_every_picture(cuts in prop::collection::vec(any::<bool>(), 0..30)) {
            let pictures = cuts.len() + 1;
            let shots = shots(pictures, |i| cuts[i]);
            prop_assert_eq!(shots.len(), 1 + cuts.iter().filter(|&&cut| cut).count());
            let all: Vec<usize> = shots.iter().cloned().flatten().collect();
            prop_assert_eq!(all, (0..pictures).collect::<Vec<_>>());
            for shot in &shots {
                prop_assert!((shot.start..shot.end - 1).all(|i| !cuts[i]));
                prop_assert!(shot.end == pictures || cuts[shot.end - 1]);
            }
        }
    }

    #[test]
    fn no_pictures_are_no_shot() {
        assert!(shots(0, |_| true).is_empty());
    }
}
