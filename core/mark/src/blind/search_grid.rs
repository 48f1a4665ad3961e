//! Which geometries a search goes through, likeliest first.
//!
//! ```text
//! crop                     scale
//! quarter turn             scale x turn
//! inset                    scale below 1: the picture is a part of the frame
//! rotation                 scale x angle within 5 degrees
//! speed                    scale x speed, 0.8 to 1.25
//! stretch                  scale x aspect, 0.8 to 1.25
//! ```
//!
//! Every one of them upright and mirrored, at all shifts. What differs in two of the others at once, as a crop that is turned
//! and sped up, is not looked for.
//!
//! # Shapes and units
//! The scale is one over the share: how much of the picture's side fits into the frame, where it fits worst.

use countermark_picture::Orientation;

use super::hypothesis::TransformHypothesis;
use crate::lattice::LatticeGeometry;

/// Least and largest share of a picture's side that the frame shows of an upright crop.
const CROP_SHARES: (f64, f64) = (0.30, 1.08);

/// The same of crops that are turned, stretched or sped up as well.
const OTHER_SHARES: (f64, f64) = (0.45, 1.08);

/// The same where the whole picture lies small in the frame.
const INSET_SHARES: (f64, f64) = (1.08, 3.3);

/// Ratio of one share to the next on a grid of every lattice sample.
const FINE_RATIO: f64 = 1.01;

/// Ratio of one share to the next on a grid of every other lattice sample.
const COARSE_RATIO: f64 = 1.02;

/// Shares of a fine grid for one that is looked at first, on every other lattice sample.
const SHARES_OF_COARSE: usize = 2;

/// Rotations in degrees, both ways: half a sample of the coarse grid at the border of a wide picture.
const ANGLES_DEGREES: [f64; 4] = [1.25, 2.5, 3.75, 5.0];

/// Media seconds that pass in a second of the clip, the likelier first.
const SPEEDS: [f64; 14] = [
    1.04, 0.96, 1.07, 0.93, 1.1, 0.9, 1.13, 0.87, 1.16, 0.84, 1.2, 0.81, 1.25, 0.8,
];

/// Aspects by which the picture is stretched.
const STRETCHES: [f64; 14] = [
    0.97, 1.03, 0.94, 1.06, 0.91, 1.1, 0.88, 1.13, 0.85, 1.17, 0.82, 1.21, 0.8, 1.25,
];

/// Fractions of a sample that hypotheses are rounded to.
const ROUNDING: f64 = 4_294_967_296.0;

/// Hypotheses that are searched together.
#[derive(Clone, Debug)]
pub struct SearchStage {
    /// What they are, for whoever waits.
    pub name: &'static str,
    /// Lattice samples from one sample of the grid to the next.
    pub step: usize,
    /// Columns and rows of the lattice, or of what lies around it, that a frame shows at most.
    pub largest: (f64, f64),
    /// The geometries.
    pub hypotheses: Vec<TransformHypothesis>,
    /// Where all of them are too much work: what is looked at first.
    pub coarse: Option<CoarseGrid>,
}

/// Some geometries of a stage, on a coarser grid.
#[derive(Clone, Debug)]
pub struct CoarseGrid {
    /// Lattice samples from one sample of the grid to the next.
    pub step: usize,
    /// The geometries, likeliest first.
    pub members: Vec<CoarseHypothesis>,
}

/// A geometry that stands for those around it.
#[derive(Clone, Debug)]
pub struct CoarseHypothesis {
    /// Itself.
    pub hypothesis: TransformHypothesis,
    /// Itself and those around it, by their places in [`SearchStage::hypotheses`].
    pub near: Vec<usize>,
}

/// What a search knows before it begins.
#[derive(Clone, Copy, Debug)]
pub struct SearchSpace {
    /// The title's lattice.
    pub lattice: LatticeGeometry,
    /// Columns and rows of the master.
    pub picture: (f64, f64),
    /// Columns and rows of the clip's frames.
    pub frame: (f64, f64),
    /// How the clip most likely stands.
    pub quarters: u8,
}

impl SearchSpace {
    /// All stages, likeliest first.
    #[must_use]
    pub fn stages(&self) -> Vec<SearchStage> {
        let upright = [false, true].map(|mirrored| Orientation {
            quarters: self.quarters,
            mirrored,
        });
        let turned: Vec<Orientation> = (1..4)
            .map(|more| (self.quarters + more) % 4)
            .flat_map(|quarters| [false, true].map(|mirrored| Orientation { quarters, mirrored }))
            .collect();
        let angles = ANGLES_DEGREES.iter().flat_map(|&angle| [angle, -angle]);
        vec![
            self.stage("crops", 1, CROP_SHARES, &upright, &[(0.0, 1.0, 1.0)]),
            self.stage(
                "quarter turns",
                2,
                OTHER_SHARES,
                &turned,
                &[(0.0, 1.0, 1.0)],
            ),
            self.stage("insets", 2, INSET_SHARES, &upright, &[(0.0, 1.0, 1.0)]),
            self.stage(
                "rotations",
                2,
                OTHER_SHARES,
                &upright,
                &angles.map(|angle| (angle, 1.0, 1.0)).collect::<Vec<_>>(),
            ),
            self.stage(
                "speeds",
                2,
                OTHER_SHARES,
                &upright,
                &SPEEDS.map(|speed| (0.0, 1.0, speed)),
            ),
            self.stage(
                "aspects",
                2,
                OTHER_SHARES,
                &upright,
                &STRETCHES.map(|stretch| (0.0, stretch, 1.0)),
            ),
        ]
    }

    /// Every share, orientation and variation: an angle in degrees, a stretch and a speed.
    fn stage(
        &self,
        name: &'static str,
        step: usize,
        shares: (f64, f64),
        orientations: &[Orientation],
        variations: &[(f64, f64, f64)],
    ) -> SearchStage {
        let ratio = if step == 1 { FINE_RATIO } else { COARSE_RATIO };
        let steps = ((shares.1 / shares.0).ln() / ratio.ln()).ceil() as i32;
        // From the largest on: most of the picture is the likeliest.
        let shares: Vec<f64> = (0..=steps).map(|n| shares.1 / ratio.powi(n)).collect();
        let mut hypotheses = Vec::new();
        let mut largest = (0.0_f64, 0.0_f64);
        for &(angle, stretch, speed) in variations {
            for &share in &shares {
                for &orientation in orientations {
                    let (linear, shown) = self.linear(orientation, share, angle, stretch);
                    largest = (largest.0.max(shown.0), largest.1.max(shown.1));
                    hypotheses.push(TransformHypothesis { linear, speed });
                }
            }
        }
        let coarse = (step == 1).then(|| coarse(&hypotheses, orientations.len()));
        SearchStage {
            name,
            step,
            largest,
            hypotheses,
            coarse,
        }
    }

    /// Samples of the frame for a lattice sample, and the columns and rows of the lattice that the frame spans.
    fn linear(
        &self,
        orientation: Orientation,
        share: f64,
        angle: f64,
        stretch: f64,
    ) -> ([f64; 4], (f64, f64)) {
        let (columns, rows) = (self.lattice.width() as f64, self.lattice.height() as f64);
        let aspect = (self.picture.0 / columns) / (self.picture.1 / rows) * stretch;
        let (width, height) = if orientation.exchanges_sides() {
            (self.frame.1, self.frame.0)
        } else {
            self.frame
        };
        let down = (height / (share * rows)).max(width / (share * columns * aspect));
        let along = down * aspect;
        let [origin, right, below] = orientation.corners([0.0, 0.0, 1.0, 1.0]);
        let (sin, cos) = angle.to_radians().sin_cos();
        let turned = |(x, y): (f64, f64)| (cos * x - sin * y, sin * x + cos * y);
        let across = turned((right.0 - origin.0, right.1 - origin.1));
        let upright = turned((below.0 - origin.0, below.1 - origin.1));
        // Rounded: sines may differ in the last bit from machine to machine.
        let linear = [
            along * across.0,
            down * upright.0,
            along * across.1,
            down * upright.1,
        ]
        .map(|a| (a * ROUNDING).round() / ROUNDING);
        // A turned frame spans a little more.
        let wide = cos.abs() * width + sin.abs() * height;
        let high = cos.abs() * height + sin.abs() * width;
        (linear, (wide / along, high / down))
    }
}

/// Every other share of a fine grid whose hypotheses are ordered by shares, each in so many orientations.
fn coarse(hypotheses: &[TransformHypothesis], orientations: usize) -> CoarseGrid {
    let member = |at: usize| {
        let before = at.checked_sub(orientations);
        let near = before.into_iter().chain([at, at + orientations]);
        CoarseHypothesis {
            hypothesis: hypotheses[at],
            near: near.filter(|&near| near < hypotheses.len()).collect(),
        }
    };
    let chosen = |at: &usize| (at / orientations).is_multiple_of(SHARES_OF_COARSE);
    CoarseGrid {
        step: SHARES_OF_COARSE,
        members: (0..hypotheses.len()).filter(chosen).map(member).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blind::pose::LatticePose;
    use crate::format::FormatSpec;

    fn space() -> SearchSpace {
        SearchSpace {
            lattice: FormatSpec::CURRENT
                .lattice(1280, 720)
                .expect("a supported size"),
            picture: (1280.0, 720.0),
            frame: (960.0, 540.0),
            quarters: 0,
        }
    }

    #[test]
    fn a_crop_without_rescaling_is_on_the_grid() {
        let space = space();
        // Three quarters of both sides at the master's own resolution: 1280 / 168 samples for a lattice sample.
        let native = 1280.0 / space.lattice.width() as f64;
        let [crops, ..] = &space.stages()[..] else {
            panic!("stages");
        };
        let nearest = |mirror: f64| {
            crops
                .hypotheses
                .iter()
                .map(|hypothesis| (hypothesis.linear[0] * mirror / native - 1.0).abs())
                .fold(f64::INFINITY, f64::min)
        };
        assert!(nearest(1.0) < 0.006 && nearest(-1.0) < 0.006);
    }

    #[test]
    fn every_crop_is_near_one_that_is_looked_at_first() {
        let stages = space().stages();
        let crops = &stages[0];
        let coarse = crops.coarse.as_ref().expect("a coarse grid of crops");
        assert!(2 * coarse.members.len() <= crops.hypotheses.len() + 2);
        let mut near: Vec<usize> = Vec::new();
        for member in &coarse.members {
            for &at in &member.near {
                let fine = crops.hypotheses[at].linear;
                let ratio = fine[0] / member.hypothesis.linear[0];
                // Of the same orientation, and not more than one share away.
                assert!((ratio.ln().abs()) < 0.011, "{ratio}");
                near.push(at);
            }
        }
        near.sort_unstable();
        near.dedup();
        assert_eq!(near, (0..crops.hypotheses.len()).collect::<Vec<_>>());
        assert!(stages[1..].iter().all(|stage| stage.coarse.is_none()));
    }

    #[test]
    fn a_rotation_turns_the_picture_clockwise() {
        let space = space();
        let orientation = Orientation {
            quarters: 0,
            mirrored: false,
        };
        let ([a, b, c, d], _) = space.linear(orientation, 1.0, 3.0, 1.0);
        let pose = LatticePose::affine(space.lattice, [a, b, 0.0, c, d, 0.0]);
        assert!((pose.rotation_degrees() - 3.0).abs() < 1e-9);
    }
}
