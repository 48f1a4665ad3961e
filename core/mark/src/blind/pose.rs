//! Where the lattice lies in the frames of a clip.
//!
//! ```text
//! (x, y) = H (i, j)        a homography
//! ```
//!
//! # Shapes and units
//! `(i, j)` lattice samples, `(x, y)` samples of the frame, both counted from the border: the first sample is centred at
//! one half.

use countermark_picture::Homography;

use crate::lattice::LatticeGeometry;

/// A projective map from the lattice to the frame.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LatticePose {
    map: Homography,
    lattice: LatticeGeometry,
}

/// Parameters of a small motion: two of shift, four linear, two of perspective.
pub(super) const MOTIONS: usize = 8;

impl LatticePose {
    /// The picture fills a parallelogram, given by where its corners lie: top left, top right, bottom left.
    #[must_use]
    pub fn of_corners(lattice: LatticeGeometry, corners: [(f64, f64); 3]) -> Self {
        let [origin, right, down] = corners;
        let (width, height) = (lattice.width() as f64, lattice.height() as f64);
        Self::affine(
            lattice,
            [
                (right.0 - origin.0) / width,
                (down.0 - origin.0) / height,
                origin.0,
                (right.1 - origin.1) / width,
                (down.1 - origin.1) / height,
                origin.1,
            ],
        )
    }

    /// `x = a0 i + a1 j + a2`, `y = a3 i + a4 j + a5`.
    pub(super) fn affine(lattice: LatticeGeometry, a: [f64; 6]) -> Self {
        Self {
            map: Homography::unproved([a[0], a[1], a[2], a[3], a[4], a[5], 0.0, 0.0, 1.0]),
            lattice,
        }
    }

    /// The lattice that it places.
    #[must_use]
    pub fn lattice(&self) -> LatticeGeometry {
        self.lattice
    }

    /// Where a point of the lattice lies in the frame.
    #[must_use]
    pub fn map(&self, i: f64, j: f64) -> (f64, f64) {
        self.map.project((i, j))
    }

    fn centre(&self) -> (f64, f64) {
        (
            self.lattice.width() as f64 / 2.0,
            self.lattice.height() as f64 / 2.0,
        )
    }

    /// How far the frame's point moves with a lattice sample in the middle of the picture: along `i`, along `j`.
    fn steps(&self) -> [(f64, f64); 2] {
        let (i, j) = self.centre();
        let step = |(x0, y0): (f64, f64), (x1, y1): (f64, f64)| (x1 - x0, y1 - y0);
        [
            step(self.map(i - 0.5, j), self.map(i + 0.5, j)),
            step(self.map(i, j - 0.5), self.map(i, j + 0.5)),
        ]
    }

    /// Samples of the frame across a lattice sample, in the direction where they are most.
    #[must_use]
    pub fn samples_across(&self) -> f64 {
        let [along, down] = self.steps();
        let length = |(x, y): (f64, f64)| (x * x + y * y).sqrt();
        length(along).max(length(down))
    }

    /// Whether left and right are exchanged.
    #[must_use]
    pub fn is_mirrored(&self) -> bool {
        let [along, down] = self.steps();
        along.0 * down.1 < along.1 * down.0
    }

    /// The clockwise angle, in degrees, by which the picture's upright stands turned in the frame.
    #[must_use]
    pub fn rotation_degrees(&self) -> f64 {
        let [_, down] = self.steps();
        (-down.0).atan2(down.1).to_degrees()
    }

    /// Where the picture's corners lie: top left, top right, bottom right, bottom left.
    #[must_use]
    pub fn corners(&self) -> [(f64, f64); 4] {
        let (width, height) = (self.lattice.width() as f64, self.lattice.height() as f64);
        [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)].map(|(i, j)| self.map(i, j))
    }

    /// The same after a small motion of the lattice; parameters in lattice samples at half its longer side from its centre.
    pub(super) fn moved(&self, motion: &[f64; MOTIONS]) -> Self {
        let centre = self.centre();
        let half = centre.0.max(centre.1);
        let m = motion.map(|m| m / half);
        // In (u, v) = ((i, j) - centre) / half.
        let small = [
            1.0 + m[2],
            m[3],
            m[0],
            m[4],
            1.0 + m[5],
            m[1],
            m[6],
            m[7],
            1.0,
        ];
        let into = [
            1.0 / half,
            0.0,
            -centre.0 / half,
            0.0,
            1.0 / half,
            -centre.1 / half,
            0.0,
            0.0,
            1.0,
        ];
        let back = [half, 0.0, centre.0, 0.0, half, centre.1, 0.0, 0.0, 1.0];
        let [small, into, back] = [small, into, back].map(Homography::unproved);
        let around = Homography::unproved(back.times(&Homography::unproved(small.times(&into))));
        let matrix = self.map.times(&around);
        let scale = 1.0 / matrix[8];
        Self {
            map: Homography::unproved(matrix.map(|h| h * scale)),
            ..*self
        }
    }

    /// Where a motion takes a point of the lattice: its displacement, in lattice samples.
    pub(super) fn displacement(
        lattice: LatticeGeometry,
        motion: &[f64; MOTIONS],
        (i, j): (f64, f64),
    ) -> (f64, f64) {
        let centre = (lattice.width() as f64 / 2.0, lattice.height() as f64 / 2.0);
        let half = centre.0.max(centre.1);
        let (u, v) = ((i - centre.0) / half, (j - centre.1) / half);
        let w = 1.0 + (motion[6] * u + motion[7] * v) / half;
        let x = (half + motion[2]) * u + motion[3] * v + motion[0];
        let y = motion[4] * u + (half + motion[5]) * v + motion[1];
        (x / w - half * u, y / w - half * v)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::FormatSpec;

    fn lattice() -> LatticeGeometry {
        FormatSpec::CURRENT
            .lattice(1280, 720)
            .expect("a supported size")
    }

    #[test]
    fn corners_come_back() {
        let pose = LatticePose::of_corners(lattice(), [(1280.0, 0.0), (0.0, 0.0), (1280.0, 720.0)]);
        assert!(pose.is_mirrored());
        let expected = [(1280.0, 0.0), (0.0, 0.0), (0.0, 720.0), (1280.0, 720.0)];
        for (found, expected) in pose.corners().iter().zip(expected) {
            assert!((found.0 - expected.0).abs() < 1e-9 && (found.1 - expected.1).abs() < 1e-9);
        }
        assert!(pose.rotation_degrees().abs() < 1e-9);
        assert!((pose.samples_across() - 1280.0 / 168.0).abs() < 1e-9);
    }

    #[test]
    fn a_turn_is_an_angle() {
        // The picture's top edge runs down the frame's right side: turned clockwise by a quarter.
        let pose = LatticePose::of_corners(lattice(), [(720.0, 0.0), (720.0, 1280.0), (0.0, 0.0)]);
        assert!((pose.rotation_degrees() - 90.0).abs() < 1e-9);
        assert!(!pose.is_mirrored());
    }

    #[test]
    fn a_motion_moves_points_by_its_displacement() {
        let pose = LatticePose::of_corners(lattice(), [(10.0, 20.0), (900.0, 30.0), (5.0, 600.0)]);
        let motion = [0.7, -0.4, 1.5, 0.3, -0.8, 0.9, 0.5, -0.6];
        let moved = pose.moved(&motion);
        for (i, j) in [(0.0, 0.0), (168.0, 96.0), (40.0, 77.0)] {
            let (di, dj) = LatticePose::displacement(lattice(), &motion, (i, j));
            let expected = pose.map(i + di, j + dj);
            let found = moved.map(i, j);
            assert!(
                (found.0 - expected.0).abs() < 1e-9,
                "{found:?} {expected:?}"
            );
            assert!(
                (found.1 - expected.1).abs() < 1e-9,
                "{found:?} {expected:?}"
            );
        }
    }
}
