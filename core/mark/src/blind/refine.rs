//! A pose refined to a fraction of a lattice sample.
//!
//! ```text
//! C[T](d) = sum over epochs e and samples x of tile T of G[e](x + d) P[e](x)      |dx|, |dy| <= 3
//! m*      = argmax over motions m of sum_T C[T](d_T(m))
//! ```
//!
//! `G[e]` is the flattened residual summed over epoch `e`; `d_T(m)` where the motion takes the tile's centre. A shift and
//! four linear parameters first, perspective last.
//!
//! # Shapes and units
//! Displacements in lattice samples.

use super::hypothesis::{Peak, STARTS_PER_EPOCH, start_seconds};
use super::pattern::Patterns;
use super::pose::{LatticePose, MOTIONS};
use super::whitened::WhitenedResiduals;
use crate::chips::ChipPlan;
use crate::lattice::LatticeGeometry;

/// Displacements that are looked at.
const REACH: usize = 3;
const SIDE: usize = 2 * REACH + 1;

/// Samples on the side of a tile: two blocks.
const TILE: usize = 16;

/// Rounds of sampling anew and moving.
const ROUNDS: usize = 3;

/// First and last step of the search for a motion, in lattice samples at half the longer side.
const STEPS: (f64, f64) = (1.0, 0.06);

/// Correlations of one tile at all displacements.
struct Tile {
    centre: (f64, f64),
    values: [f32; SIDE * SIDE],
}

/// Moves a peak's pose to where the clip agrees best with the patterns.
#[must_use]
pub fn refined(residuals: &WhitenedResiduals, plan: &ChipPlan, peak: &Peak) -> LatticePose {
    let mut pose = peak.pose;
    for round in 0..ROUNDS {
        let tiles = tiles(residuals, plan, peak, &pose);
        let parameters = if round == 0 { 6 } else { MOTIONS };
        let motion = best_motion(&tiles, pose.lattice(), parameters);
        if motion.iter().all(|&m| m == 0.0) {
            break;
        }
        pose = pose.moved(&motion);
    }
    pose
}

fn tiles(
    residuals: &WhitenedResiduals,
    plan: &ChipPlan,
    peak: &Peak,
    pose: &LatticePose,
) -> Vec<Tile> {
    let lattice = pose.lattice();
    let flattened = residuals.flattened(pose, REACH);
    let start_seconds = start_seconds(plan.format());
    let mut epochs: Vec<(u64, Vec<f32>)> = Vec::new();
    for window in &flattened.windows {
        let at = (window.time * peak.speed / start_seconds).floor() as i64 + peak.start;
        let Ok(epoch) = u64::try_from(at.div_euclid(STARTS_PER_EPOCH)) else {
            continue;
        };
        match epochs.last_mut() {
            Some((last, sum)) if *last == epoch => {
                sum.iter_mut()
                    .zip(&window.plane)
                    .for_each(|(sum, r)| *sum += r);
            }
            _ => epochs.push((epoch, window.plane.clone())),
        }
    }
    let mut tiles: Vec<Tile> = Vec::new();
    for top in (0..lattice.height()).step_by(TILE) {
        for left in (0..lattice.width()).step_by(TILE) {
            tiles.push(Tile {
                centre: (
                    (left + (left + TILE).min(lattice.width())) as f64 / 2.0,
                    (top + (top + TILE).min(lattice.height())) as f64 / 2.0,
                ),
                values: [0.0; SIDE * SIDE],
            });
        }
    }
    let mut patterns = Patterns::new(plan);
    let across = lattice.width().div_ceil(TILE);
    for (epoch, sum) in &epochs {
        let pattern = patterns.of(*epoch);
        for (y, line) in pattern.lines().enumerate() {
            for dy in 0..SIDE {
                let row = &sum[(y + dy) * flattened.width..][..flattened.width];
                for (column, chips) in line.chunks(TILE).enumerate() {
                    let tile = &mut tiles[y / TILE * across + column];
                    for dx in 0..SIDE {
                        let samples = &row[column * TILE + dx..][..chips.len()];
                        let product: f32 = samples.iter().zip(chips).map(|(r, p)| r * p).sum();
                        tile.values[dy * SIDE + dx] += product;
                    }
                }
            }
        }
    }
    tiles
}

/// The motion with the highest correlation, by steps along one parameter after the other.
fn best_motion(tiles: &[Tile], lattice: LatticeGeometry, parameters: usize) -> [f64; MOTIONS] {
    let value = |motion: &[f64; MOTIONS]| -> f64 {
        tiles
            .iter()
            .map(|tile| tile.at(LatticePose::displacement(lattice, motion, tile.centre)))
            .sum()
    };
    let mut motion = [0.0; MOTIONS];
    let mut best = value(&motion);
    let mut step = STEPS.0;
    while step > STEPS.1 {
        let mut moved = false;
        for parameter in 0..parameters {
            for way in [step, -step] {
                let mut other = motion;
                other[parameter] += way;
                let other_value = value(&other);
                if other_value > best {
                    (motion, best, moved) = (other, other_value, true);
                    break;
                }
            }
        }
        if !moved {
            step /= 2.0;
        }
    }
    motion
}

impl Tile {
    /// The correlation at a displacement, between the four nearest; none beyond the reach.
    fn at(&self, (dx, dy): (f64, f64)) -> f64 {
        let reach = REACH as f64;
        if dx.abs() >= reach || dy.abs() >= reach {
            return 0.0;
        }
        // Keys' cubic over four by four would reach beyond the border; a parabola through three does not.
        let (x, y) = (dx + reach, dy + reach);
        let (column, row) = (
            (x.round() as usize).clamp(1, SIDE - 2),
            (y.round() as usize).clamp(1, SIDE - 2),
        );
        let weights = |t: f64| [t * (t - 1.0) / 2.0, 1.0 - t * t, t * (t + 1.0) / 2.0];
        let across = weights(x - column as f64);
        let down = weights(y - row as f64);
        let mut sum = 0.0;
        for (j, down) in down.iter().enumerate() {
            let line = &self.values[(row + j - 1) * SIDE + column - 1..][..3];
            for (value, across) in line.iter().zip(across) {
                sum += down * across * f64::from(*value);
            }
        }
        sum
    }
}
