//! Where the picture that was attacked lies in what became of it: the truth that a geometry is judged by.
//!
//! ```text
//! p' = H p              H = H_n .. H_2 H_1, the maps of the steps in order
//! ```
//!
//! Every picture carries its map with it, so that what moves a picture in time, drops it or shows it again leaves the right
//! one with it. What is not a map of the plane, as a lens that bends lines, has none.
//!
//! # Shapes and units
//! Pixels from the upper left corner, centres of samples at halves. Seconds from the first picture of the clip.

use serde::Serialize;

use super::geometry::homography::Homography;

/// Two maps show a pixel at one place if it moves less than this: what rounding leaves of products in another order.
const SAME_PIXELS: f64 = 1e-6;

/// A file's times are rounded to its ticks.
const TICK_SECONDS: f64 = 0.002;

/// The map of one picture, if it has one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lie(Option<Homography>);

impl Lie {
    /// Where it was.
    pub(crate) fn whole() -> Self {
        Self(Some(Homography::shift(0.0, 0.0)))
    }

    /// Nowhere that a map of the plane could say.
    pub(crate) fn nowhere() -> Self {
        Self(None)
    }

    /// After one more step.
    pub(crate) fn then(self, map: &Homography) -> Self {
        Self(self.0.map(|so_far| so_far.then(map)))
    }

    /// The corners of a picture of `size`, clockwise from the upper left one.
    fn corners(self, (width, height): (usize, usize)) -> Option<[[f64; 2]; 4]> {
        let (width, height) = (width as f64, height as f64);
        let corner = |(x, y): (f64, f64)| self.0.map(|map| map.of(x, y).into());
        Some([
            corner((0.0, 0.0))?,
            corner((width, 0.0))?,
            corner((width, height))?,
            corner((0.0, height))?,
        ])
    }
}

/// Where the attacked picture lies from a moment of the clip on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Placement {
    /// Seconds from the first picture.
    pub from: f64,
    /// Its corners in the clip's pixels, which may lie outside, clockwise from the picture's own upper left one: the other way round
    /// if it is mirrored. `None` where it is nowhere to be seen or no map of the plane says where.
    pub corners: Option<[[f64; 2]; 4]>,
}

/// The maps of all pictures of a clip.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trail {
    /// From when on, ascending; the first holds before, too.
    entries: Vec<(f64, Lie)>,
}

impl Trail {
    /// One map all the time.
    pub(crate) fn still(lie: Lie) -> Self {
        Self {
            entries: vec![(0.0, lie)],
        }
    }

    /// To be told of each picture.
    pub(crate) fn begin() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// The next picture.
    pub(crate) fn tell(&mut self, seconds: f64, lie: Lie) {
        if self.entries.last().is_none_or(|(_, last)| *last != lie) {
            self.entries.push((seconds, lie));
        }
    }

    /// That of the picture which is shown at a moment.
    pub(crate) fn at(&self, seconds: f64) -> Lie {
        let after = self
            .entries
            .partition_point(|(from, _)| *from <= seconds + TICK_SECONDS);
        self.entries
            .get(after.saturating_sub(1))
            .map_or(Lie(None), |(_, lie)| *lie)
    }

    /// That of all pictures, if they have one in common.
    pub(crate) fn common(&self) -> Lie {
        match self.entries[..] {
            [(_, only)] => only,
            _ => Lie(None),
        }
    }

    /// After one more step, the same for all.
    pub(crate) fn then(&self, map: &Homography) -> Self {
        let entries = self
            .entries
            .iter()
            .map(|(from, lie)| (*from, lie.then(map)));
        Self {
            entries: entries.collect(),
        }
    }

    /// Of the part from the picture that is shown at `start` on.
    pub(crate) fn cut(&self, start: f64) -> Self {
        let first = (0.0, self.at(start));
        let later = self
            .entries
            .iter()
            .filter(|(from, _)| *from > start + TICK_SECONDS);
        let mut entries = vec![first];
        entries.extend(later.map(|(from, lie)| (from - start, *lie)));
        Self { entries }
    }

    /// For a picture of `size`.
    pub(crate) fn placements(&self, size: (usize, usize)) -> Vec<Placement> {
        let mut placements: Vec<Placement> = Vec::new();
        for (from, lie) in &self.entries {
            let corners = lie.corners(size);
            if placements
                .last()
                .is_none_or(|last| !same(last.corners, corners))
            {
                placements.push(Placement {
                    from: *from,
                    corners,
                });
            }
        }
        placements
    }
}

fn same(a: Option<[[f64; 2]; 4]>, b: Option<[[f64; 2]; 4]>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => {
            let mut moved = a.as_flattened().iter().zip(b.as_flattened());
            moved.all(|(a, b)| (a - b).abs() < SAME_PIXELS)
        }
        (a, b) => a.is_none() && b.is_none(),
    }
}
