//! Jump cuts that reframe: `jumps-S`.
//!
//! ```text
//! piece n, from n S to (n + 1) S     out(x, y) = p(left + x / z, top + y / z),   z uniform in 1.08 .. 1.38,
//!                                    the window anywhere in the picture; left for right where n is odd
//! ```
//!
//! # Shapes and units
//! `S` in seconds of the clip. The frame keeps its size, and nothing beyond the picture is shown.

use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::strength::number;
use crate::{ParseAttackError, Picture, Random};

use super::resample::{Window, resampled};
use super::turn::mirrored;

/// The least and the largest zoom of a piece.
const ZOOM: (f64, f64) = (1.08, 1.38);

/// Pieces that last so many seconds each.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Jumps {
    seconds: f64,
}

/// Reads `jumps`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    if head != "jumps" {
        return None;
    }
    let step = format!("{head}-{strength}");
    let seconds = number(&step, strength, &(0.2..=10.0), "0.2 to 10 seconds");
    Some(seconds.map(|seconds| Box::new(Jumps { seconds }) as Box<dyn PictureAttack>))
}

impl fmt::Display for Jumps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "jumps-{}", self.seconds)
    }
}

impl PictureAttack for Jumps {
    fn bends(&self) -> bool {
        true
    }

    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        let mut seed = [0; 32];
        for eight in seed.chunks_exact_mut(8) {
            eight.copy_from_slice(&random.bits().to_le_bytes());
        }
        Box::new(Each(Piece {
            seconds: self.seconds,
            random: Random::new(seed),
            begun: None,
        }))
    }
}

/// A piece: its number, zoom, and the shares of the room by which its window lies to the right and below.
#[derive(Debug, Clone, Copy)]
struct Framing {
    number: u64,
    zoom: f64,
    place: (f64, f64),
}

struct Piece {
    seconds: f64,
    random: Random,
    begun: Option<Framing>,
}

impl Piece {
    /// How the piece is framed that a moment belongs to: moments come in their order.
    fn at(&mut self, seconds: f64) -> Framing {
        // A billionth absorbs the rounding of times at the cuts.
        let number = (seconds / self.seconds + 1e-9).max(0.0) as u64;
        match self.begun {
            Some(framing) if framing.number == number => framing,
            _ => {
                let framing = Framing {
                    number,
                    zoom: self.random.between(ZOOM.0, ZOOM.1),
                    place: (self.random.unit(), self.random.unit()),
                };
                *self.begun.insert(framing)
            }
        }
    }
}

impl Effect for Piece {
    fn apply(&mut self, picture: Picture, seconds: f64) -> Picture {
        let Framing {
            number,
            zoom,
            place,
        } = self.at(seconds);
        let size = (picture.width(), picture.height());
        let room = |side: usize, share: f64| side as f64 * (1.0 - 1.0 / zoom) * (share - 0.5);
        let window = Window::whole(&picture)
            .zoomed(zoom)
            .moved(room(size.0, place.0), room(size.1, place.1));
        let framed = resampled(&picture, size, window);
        if number % 2 == 1 {
            mirrored(framed)
        } else {
            framed
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::pattern::{
        assert_accepted, assert_refused, attacked_at, drawn, largest_error, waves,
    };

    #[test]
    fn names_are_given_back_and_ranges_hold() {
        assert_accepted(&["jumps-0.5", "jumps-2"]);
        assert_refused(&["jumps-0.1", "jumps-11", "jumps-half"]);
    }

    #[test]
    fn pieces_stand_still_and_differ_from_each_other() {
        let picture = drawn(96, 64, waves);
        let times = [0.0, 0.48, 0.5, 0.96, 1.0, 1.4];
        let shown = attacked_at("jumps-0.5", 3, &picture, &times);
        for pair in shown.chunks_exact(2) {
            assert_eq!(pair[0].y.samples(), pair[1].y.samples());
        }
        for (one, other) in [(0, 2), (2, 4), (0, 4)] {
            assert_ne!(shown[one].y.samples(), shown[other].y.samples());
        }
    }

    #[test]
    fn every_second_piece_is_mirrored_and_nothing_beyond_the_picture_is_shown() {
        // Brighter to the right: a mirrored piece falls.
        let ramp = drawn(96, 64, |x, _| 40.0 + x);
        let shown = attacked_at("jumps-0.5", 5, &ramp, &[0.0, 0.5, 1.0]);
        for (number, piece) in shown.iter().enumerate() {
            let row = piece.y.row(32);
            let rises = row[90] > row[5];
            assert_eq!(rises, number % 2 == 0, "{number}");
            let slope = (row[90] - row[5]).abs() / 85.0;
            assert!((1.0 / 1.39..=1.0 / 1.07).contains(&slope), "{slope}");
            assert!(row.iter().all(|value| (39.0..=137.0).contains(value)));
        }
        assert!(largest_error(&shown[0], 0.0, |x, _| 40.0 + x) > 1.0);
    }
}
