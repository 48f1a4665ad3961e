//! Quarter turns between the frames of a clip and the master as it is coded.
//!
//! ```text
//! turn = (clip's rotation tag) - (master's rotation tag),  clockwise, modulo 360 degrees
//! ```
//!
//! The mark lies in the master's coded pictures. An ordinary tool turns the pixels as the tag says and drops the tag; a
//! careless one drops the tag alone. So the turn by the tags is tried together with none where they differ, the one
//! that gives the master's shape first. Every candidate counts as a hypothesis.
//!
//! # Shapes and units
//! Planes are row major, strides in samples. Samples are moved, never computed.

use countermark_fingerprint::Homography;
use countermark_media::{Luma, LumaSamples};

/// Samples of a square tile: two tiles of 16 bits fit into the L1 cache.
const TILE: usize = 32;

/// Clockwise quarter turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// None.
    None,
    /// 90 degrees.
    Quarter,
    /// 180 degrees.
    Half,
    /// 270 degrees.
    ThreeQuarters,
}

/// Size in columns and rows, and the clockwise rotation that players apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pose {
    /// Coded columns.
    pub(crate) width: u32,
    /// Coded rows.
    pub(crate) height: u32,
    /// Degrees.
    pub(crate) rotation_degrees: i32,
}

impl Pose {
    fn is_portrait(self) -> bool {
        self.height > self.width
    }
}

impl Turn {
    fn from_degrees(degrees: i32) -> Self {
        match degrees.rem_euclid(360) {
            90 => Self::Quarter,
            180 => Self::Half,
            270 => Self::ThreeQuarters,
            _ => Self::None,
        }
    }

    /// How many quarters.
    #[must_use]
    pub(crate) fn quarters(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Quarter => 1,
            Self::Half => 2,
            Self::ThreeQuarters => 3,
        }
    }

    fn exchanges_sides(self) -> bool {
        matches!(self, Self::Quarter | Self::ThreeQuarters)
    }

    /// What may bring the clip's frames upright on the master's, likeliest first: one candidate when neither file is
    /// tagged or both are alike, else two.
    #[must_use]
    pub(crate) fn candidates(master: Pose, clip: Pose) -> Vec<Self> {
        let by_tags = Self::from_degrees(clip.rotation_degrees - master.rotation_degrees);
        if by_tags == Self::None {
            return vec![Self::None];
        }
        let fits = (clip.is_portrait() != master.is_portrait()) == by_tags.exchanges_sides();
        if fits {
            vec![by_tags, Self::None]
        } else {
            vec![Self::None, by_tags]
        }
    }
}

impl Turn {
    /// Where the points of a frame go, as a map of the unit square on itself.
    #[must_use]
    pub(crate) fn of_unit_square(self) -> Option<Homography> {
        Homography::affine(match self {
            Self::None => [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            Self::Quarter => [0.0, -1.0, 1.0, 1.0, 0.0, 0.0],
            Self::Half => [-1.0, 0.0, 1.0, 0.0, -1.0, 1.0],
            Self::ThreeQuarters => [0.0, 1.0, 0.0, -1.0, 0.0, 1.0],
        })
    }
}

/// A turned plane; reused from frame to frame.
#[derive(Debug, Default)]
pub(crate) struct TurnedPlane {
    bytes: Vec<u8>,
    words: Vec<u16>,
}

impl TurnedPlane {
    /// The plane after `turn`, without padding; the plane itself when there is nothing to turn.
    pub(crate) fn turn<'a>(&'a mut self, luma: Luma<'a>, turn: Turn) -> Luma<'a> {
        if turn == Turn::None {
            return luma;
        }
        let (width, height) = if turn.exchanges_sides() {
            (luma.height, luma.width)
        } else {
            (luma.width, luma.height)
        };
        let samples = match luma.samples {
            LumaSamples::U8(samples) => {
                move_samples(samples, &luma, turn, &mut self.bytes);
                LumaSamples::U8(&self.bytes)
            }
            LumaSamples::U16(samples) => {
                move_samples(samples, &luma, turn, &mut self.words);
                LumaSamples::U16(&self.words)
            }
        };
        Luma {
            samples,
            width,
            height,
            stride: width,
            ..luma
        }
    }
}

fn move_samples<T: Copy + Default>(from: &[T], luma: &Luma<'_>, turn: Turn, to: &mut Vec<T>) {
    let (width, height, stride) = (luma.width, luma.height, luma.stride);
    to.resize(width * height, T::default());
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            for y in top..(top + TILE).min(height) {
                for x in left..(left + TILE).min(width) {
                    let place = match turn {
                        Turn::None => y * width + x,
                        Turn::Quarter => x * height + (height - 1 - y),
                        Turn::Half => (height - 1 - y) * width + (width - 1 - x),
                        Turn::ThreeQuarters => (width - 1 - x) * height + y,
                    };
                    to[place] = from[y * stride + x];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pose(width: u32, height: u32, rotation_degrees: i32) -> Pose {
        Pose {
            width,
            height,
            rotation_degrees,
        }
    }

    #[test]
    fn equal_tags_are_tried_one_way_only() {
        for degrees in [0, 90, 180] {
            let candidates = Turn::candidates(pose(640, 360, degrees), pose(320, 180, degrees));
            assert_eq!(candidates, [Turn::None]);
        }
    }

    #[test]
    fn a_copy_whose_pixels_were_turned_is_turned_back() {
        let master = pose(640, 360, 90);
        let upright = Turn::candidates(master, pose(360, 640, 0));
        assert_eq!(upright, [Turn::ThreeQuarters, Turn::None]);
        let tag_lost = Turn::candidates(master, pose(640, 360, 0));
        assert_eq!(tag_lost, [Turn::None, Turn::ThreeQuarters]);
        let half = Turn::candidates(pose(640, 360, 180), pose(640, 360, 0));
        assert_eq!(half, [Turn::Half, Turn::None]);
        let filmed_upright = Turn::candidates(pose(360, 640, 0), pose(640, 360, 90));
        assert_eq!(filmed_upright, [Turn::Quarter, Turn::None]);
    }

    #[test]
    fn samples_move_clockwise() {
        // 1 2 3 .
        // 4 5 6 .
        let luma = |samples| Luma {
            samples: LumaSamples::U8(samples),
            width: 3,
            height: 2,
            stride: 4,
            bit_depth: 8,
            full_range: false,
        };
        let mut plane = TurnedPlane::default();
        for (turn, expected) in [
            (Turn::Quarter, [4, 1, 5, 2, 6, 3]),
            (Turn::Half, [6, 5, 4, 3, 2, 1]),
            (Turn::ThreeQuarters, [3, 6, 2, 5, 1, 4]),
        ] {
            let turned = plane.turn(luma(&[1, 2, 3, 0, 4, 5, 6]), turn);
            let LumaSamples::U8(samples) = turned.samples else {
                panic!("the depth changed");
            };
            assert_eq!(samples, expected, "{turn:?}");
            let first = turn
                .of_unit_square()
                .and_then(|map| map.map((1.0 / 6.0, 0.25)));
            let (x, y) = first.expect("a point");
            let (width, height) = (turned.width, turned.height);
            let place = (y * height as f64) as usize * width + (x * width as f64) as usize;
            assert_eq!(expected[place], 1, "{turn:?}");
            assert_eq!(turned.width, if turn == Turn::Half { 3 } else { 2 });
        }
    }
}
