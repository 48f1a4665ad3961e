//! Frames in disorder: `permute-N`.
//!
//! ```text
//! frames k N to (k + 1) N - 1 stand in random order, each order as likely; what is left at the end too
//! ```
//!
//! Nothing of a picture is lost, and each is at most `N - 1` frames away from its time; whoever follows the frames of a title one
//! after the other loses them.
//!
//! # Shapes and units
//! `N` frames.
//! # References
//! R. Durstenfeld (1964), Algorithm 235: random permutation, Comm. ACM 7(7).

use std::fmt;

use super::effect::{ClipShape, Next, PictureAttack, Shown, Stage};
use super::strength::whole;
use super::{AttackError, ParseAttackError, Random};

/// Frames of so many in a row in random order.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Permute(u32);

/// Reads `permute`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    if head != "permute" {
        return None;
    }
    let step = format!("{head}-{strength}");
    let frames = whole(&step, strength, &(2..=64), "2 to 64 frames");
    Some(frames.map(|frames| Box::new(Permute(frames)) as Box<dyn PictureAttack>))
}

impl fmt::Display for Permute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "permute-{}", self.0)
    }
}

impl PictureAttack for Permute {
    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        Box::new(Window {
            frames: self.0 as usize,
            random: random.clone(),
            held: Vec::new(),
        })
    }

    fn bends(&self) -> bool {
        true
    }
}

struct Window {
    frames: usize,
    random: Random,
    held: Vec<Shown>,
}

impl Window {
    /// Hands on what is held, each picture at the time of another.
    fn let_go(&mut self, next: &mut Next<'_>) -> Result<(), AttackError> {
        let mut held = std::mem::take(&mut self.held);
        let times: Vec<f64> = held.iter().map(|shown| shown.seconds).collect();
        for last in (1..held.len()).rev() {
            held.swap(last, self.random.below(last + 1));
        }
        for (shown, seconds) in held.into_iter().zip(times) {
            next(Shown { seconds, ..shown })?;
        }
        Ok(())
    }
}

impl Stage for Window {
    fn push(&mut self, shown: Shown, next: &mut Next<'_>) -> Result<(), AttackError> {
        self.held.push(shown);
        if self.held.len() < self.frames {
            return Ok(());
        }
        self.let_go(next)
    }

    fn end(&mut self, next: &mut Next<'_>) -> Result<(), AttackError> {
        self.let_go(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{assert_accepted, assert_refused};
    use crate::{Picture, Plane};

    /// The values of numbered frames, ten a second, in the order in which they are shown.
    fn order(name: &str, count: u8, seed: u8) -> Vec<u8> {
        let (head, strength) = name.split_once('-').expect("a strength");
        let attack = parse(head, strength).expect("known").expect("in range");
        let clip = ClipShape {
            width: 2,
            height: 2,
            frame_rate: 10.0,
            seconds: 1.0,
        };
        let mut stage = attack.begin(&clip, &mut Random::new([seed; 32]));
        let mut shown: Vec<(f64, u8)> = Vec::new();
        let mut next = |s: Shown| {
            shown.push((s.seconds, s.picture.y.samples()[0] as u8));
            Ok(())
        };
        for number in 0..count {
            let picture = Picture::grey(Plane::filled(2, 2, f32::from(number)));
            let seconds = f64::from(number) / 10.0;
            stage
                .push(Shown { picture, seconds }, &mut next)
                .expect("room");
        }
        stage.end(&mut next).expect("room");
        for (at, (seconds, _)) in shown.iter().enumerate() {
            assert!((seconds - at as f64 / 10.0).abs() < 1e-9, "{shown:?}");
        }
        shown.into_iter().map(|(_, number)| number).collect()
    }

    #[test]
    fn every_window_keeps_its_frames_in_another_order_and_repeats_with_its_seed() {
        let shown = order("permute-4", 22, 3);
        for (window, first) in shown.chunks(4).zip((0_u8..).step_by(4)) {
            let mut sorted = window.to_vec();
            sorted.sort_unstable();
            let all: Vec<u8> = (first..first + window.len() as u8).collect();
            assert_eq!(sorted, all);
        }
        assert_ne!(shown, (0..22).collect::<Vec<u8>>());
        assert_eq!(shown, order("permute-4", 22, 3));
        assert_ne!(shown, order("permute-4", 22, 4));
    }

    #[test]
    fn every_order_is_as_likely() {
        let counted = |order_of: [u8; 3]| {
            let seen = order("permute-3", 252, 9);
            seen.chunks(3)
                .zip((0_u8..).step_by(3))
                .filter(|(window, first)| window.iter().zip(order_of).all(|(a, b)| *a == first + b))
                .count()
        };
        for order_of in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            // 84 windows, a sixth of each: 14 +- four deviations of 3.4.
            let count = counted(order_of);
            assert!((1..=28).contains(&count), "{order_of:?}: {count}");
        }
    }

    #[test]
    fn names_are_given_back_and_ranges_hold() {
        assert_accepted(&["permute-2", "permute-64"]);
        assert_refused(&["permute-1", "permute-65", "permute-x"]);
    }
}
