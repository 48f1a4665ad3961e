//! Quarter turns and mirrors of pictures.
//!
//! ```text
//! Quarter:        (x, y) of a W x H picture goes to (H - y, x)
//! Half:           to (W - x, H - y)
//! ThreeQuarters:  to (y, W - x)
//! ```
//!
//! # Shapes and units
//! Points in samples from the upper left corner, or in the unit square; turns are clockwise. Samples are moved, never computed.

use ndarray::{ArrayView2, ArrayViewMut2, Axis, s};

use crate::{AnyPlane, Homography, PlaneView, Sample};

/// Samples of a square tile: two tiles of 16 bits fit into the L1 cache.
const TILE: usize = 32;

/// Clockwise quarter turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum QuarterTurn {
    /// None.
    #[default]
    None,
    /// 90 degrees.
    Quarter,
    /// 180 degrees.
    Half,
    /// 270 degrees.
    ThreeQuarters,
}

impl QuarterTurn {
    /// By the clockwise angle; none for what is no multiple of 90 degrees.
    #[must_use]
    pub fn from_degrees(degrees: i32) -> Self {
        match degrees.rem_euclid(360) {
            90 => Self::Quarter,
            180 => Self::Half,
            270 => Self::ThreeQuarters,
            _ => Self::None,
        }
    }

    /// How many quarters, 0 to 3.
    #[must_use]
    pub fn quarters(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Quarter => 1,
            Self::Half => 2,
            Self::ThreeQuarters => 3,
        }
    }

    /// Whether columns become rows.
    #[must_use]
    pub fn exchanges_sides(self) -> bool {
        matches!(self, Self::Quarter | Self::ThreeQuarters)
    }

    /// Where the points of a picture go, as a map of the unit square on itself.
    #[must_use]
    pub fn of_unit_square(self) -> Option<Homography> {
        Homography::affine(match self {
            Self::None => [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            Self::Quarter => [0.0, -1.0, 1.0, 1.0, 0.0, 0.0],
            Self::Half => [-1.0, 0.0, 1.0, 0.0, -1.0, 1.0],
            Self::ThreeQuarters => [0.0, 1.0, 0.0, -1.0, 0.0, 1.0],
        })
    }

    /// The turned picture as a view: no sample moves.
    fn view<T>(self, mut array: ArrayView2<'_, T>) -> ArrayView2<'_, T> {
        if self.exchanges_sides() {
            array = array.reversed_axes();
        }
        if matches!(self, Self::Quarter | Self::Half) {
            array.invert_axis(Axis(1));
        }
        if matches!(self, Self::Half | Self::ThreeQuarters) {
            array.invert_axis(Axis(0));
        }
        array
    }
}

/// How a picture stands in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Orientation {
    /// Clockwise quarter turns that bring the frame upright, 0 to 3.
    pub quarters: u8,
    /// Whether left and right are exchanged once it is upright.
    pub mirrored: bool,
}

impl Orientation {
    /// Where the picture's corners lie in a rectangle of the frame, given by its first column and row, columns and rows:
    /// top left, top right, bottom left.
    #[must_use]
    pub fn corners(self, [x, y, width, height]: [f64; 4]) -> [(f64, f64); 3] {
        let (right, bottom) = (x + width, y + height);
        let around = [(x, y), (right, y), (right, bottom), (x, bottom)];
        // Turning clockwise brings the bottom left corner to the top left.
        let corner = |n: usize| around[(n + 4 - usize::from(self.quarters % 4)) % 4];
        if self.mirrored {
            [corner(1), corner(0), corner(2)]
        } else {
            [corner(0), corner(1), corner(3)]
        }
    }

    /// Whether columns become rows.
    #[must_use]
    pub fn exchanges_sides(self) -> bool {
        self.quarters % 2 == 1
    }
}

/// Memory for a turned plane, kept from frame to frame.
#[derive(Debug, Default)]
pub struct TurnedPlane {
    bytes: Vec<u8>,
    words: Vec<u16>,
}

impl TurnedPlane {
    /// The plane after `turn`, without padding; the plane itself when there is nothing to turn.
    pub fn turn<'a>(&'a mut self, plane: AnyPlane<'a>, turn: QuarterTurn) -> AnyPlane<'a> {
        if turn == QuarterTurn::None {
            return plane;
        }
        match plane {
            AnyPlane::U8(view) => AnyPlane::U8(turned(&view, turn, &mut self.bytes)),
            AnyPlane::U16(view) => AnyPlane::U16(turned(&view, turn, &mut self.words)),
        }
    }
}

fn turned<'a, T: Sample>(
    plane: &PlaneView<'a, T>,
    turn: QuarterTurn,
    samples: &'a mut Vec<T>,
) -> PlaneView<'a, T> {
    let from = turn.view(plane.array());
    samples.resize(from.len(), T::default());
    let Ok(to) = ArrayViewMut2::from_shape(from.dim(), samples) else {
        unreachable!("as many samples as the turned plane has")
    };
    move_tiles(&from, to);
    PlaneView::moved(samples, from.ncols(), plane.bit_depth())
}

/// Tile by tile, for one of the two walks across its rows.
fn move_tiles<T: Sample>(from: &ArrayView2<'_, T>, mut to: ArrayViewMut2<'_, T>) {
    let (height, width) = from.dim();
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            let bottom = (top + TILE).min(height);
            let tile = s![top..bottom, left..(left + TILE).min(width)];
            to.slice_mut(tile).assign(&from.slice(tile));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PlaneGeometry, by_depth};
    use proptest::prelude::*;

    const TURNS: [QuarterTurn; 4] = [
        QuarterTurn::None,
        QuarterTurn::Quarter,
        QuarterTurn::Half,
        QuarterTurn::ThreeQuarters,
    ];

    fn samples(plane: AnyPlane<'_>) -> Vec<u16> {
        by_depth!(plane, |view| view
            .array()
            .iter()
            .map(|sample| sample.code())
            .collect())
    }

    #[test]
    fn samples_move_clockwise() {
        // 1 2 3 .
        // 4 5 6 .
        let plane = AnyPlane::of_bytes(&[1, 2, 3, 0, 4, 5, 6], 3, 2, 4).expect("a plane");
        for (turn, expected) in [
            (QuarterTurn::None, [1, 2, 3, 4, 5, 6]),
            (QuarterTurn::Quarter, [4, 1, 5, 2, 6, 3]),
            (QuarterTurn::Half, [6, 5, 4, 3, 2, 1]),
            (QuarterTurn::ThreeQuarters, [3, 6, 2, 5, 1, 4]),
        ] {
            let mut memory = TurnedPlane::default();
            let turned = memory.turn(plane, turn);
            assert_eq!(samples(turned), expected, "{turn:?}");
            let first = turn
                .of_unit_square()
                .and_then(|map| map.map((1.0 / 6.0, 0.25)));
            let (x, y) = first.expect("a point");
            let (width, height) = turned.size();
            let place = (y * height as f64) as usize * width + (x * width as f64) as usize;
            assert_eq!(expected[place], 1, "{turn:?}");
            assert_eq!(width, if turn.exchanges_sides() { 2 } else { 3 });
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn turns_of_any_size_go_where_their_map_says(
            width in 1_usize..80, height in 1_usize..80, padding in 0_usize..5, which in 1_usize..4,
        ) {
            let stride = width + padding;
            let geometry = PlaneGeometry::new(width, height, stride)?;
            let source: Vec<u16> = (0..geometry.needed_len() as u16).collect();
            let plane = AnyPlane::from(PlaneView::new(&source, geometry, crate::BitDepth::TEN)?);
            let mut memory = TurnedPlane::default();
            let turned = memory.turn(plane, TURNS[which]);
            let map = TURNS[which].of_unit_square().expect("a map");
            let (columns, rows) = turned.size();
            let found = samples(turned);
            for y in 0..height {
                for x in 0..width {
                    let unit = ((x as f64 + 0.5) / width as f64, (y as f64 + 0.5) / height as f64);
                    let (u, v) = map.map(unit).expect("a point");
                    let place = (v * rows as f64) as usize * columns + (u * columns as f64) as usize;
                    prop_assert_eq!(found[place], source[y * stride + x]);
                }
            }
        }
    }

    #[test]
    fn four_quarters_are_none() {
        for (quarters, turn) in TURNS.into_iter().enumerate() {
            assert_eq!(usize::from(turn.quarters()), quarters);
            assert_eq!(QuarterTurn::from_degrees(90 * quarters as i32), turn);
            assert_eq!(QuarterTurn::from_degrees(90 * quarters as i32 - 360), turn);
        }
        assert_eq!(QuarterTurn::from_degrees(45), QuarterTurn::None);
    }

    #[test]
    fn corners_are_those_of_the_turned_and_mirrored_frame() {
        let rect = [0.0, 0.0, 4.0, 3.0];
        let corners = |quarters, mirrored| Orientation { quarters, mirrored }.corners(rect);
        assert_eq!(corners(0, false), [(0.0, 0.0), (4.0, 0.0), (0.0, 3.0)]);
        assert_eq!(corners(0, true), [(4.0, 0.0), (0.0, 0.0), (4.0, 3.0)]);
        // Turned clockwise, the frame's bottom left corner is the upright picture's top left one.
        assert_eq!(corners(1, false), [(0.0, 3.0), (0.0, 0.0), (4.0, 3.0)]);
        assert_eq!(corners(2, false), [(4.0, 3.0), (0.0, 3.0), (4.0, 0.0)]);
    }
}
