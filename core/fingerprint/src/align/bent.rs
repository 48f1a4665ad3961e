//! A smooth bend beyond a homography, refined on the samples themselves.
//!
//! ```text
//! minimise over c   sum_x w(x) (s(H (x + f(x))) - r(x))^2  +  k a R(c),      f(x) = sum_n b[n](x) c[n],  a: mean weight of a c[n]
//! R(c) = sum of squared second differences of c along, down and across (twice)
//! c  <-  c - d,    (A + k a R) d = b + k a R c,    A = sum_tiles b b' (x) [xx xy; xy yy],   b = sum_tiles b (x) [x; y]
//! ```
//!
//! As [`super`] says it, but that the motion is a mesh of control points of a cubic B-spline, as stiff as a thin plate: where
//! pictures say nothing it goes on straight. A tile that is off by more than its texture is wide has next to no weight; from coarse to
//! fine, and from step to step, the mesh grows from where it fits to where it did not. A mesh that folds is no step.
//!
//! # Shapes and units
//! `c` in samples of the level while it is solved for, in shares of the sides in a [`Bend`].
//! # References
//! Rueckert et al., "Nonrigid Registration Using Free-Form Deformations", IEEE TMI 18(8), 1999, eq. 1 to 3.

use countermark_picture::{BEND_REACH, Bend, Grey, Homography, bend_weights};

use super::level::{Level, add, correlation, scaled, weight};
use super::motion::TILE;
use super::pyramid::{Pyramid, alike};

/// Cells of the mesh along the longer side, and the fewest along the other: a wave and a half is followed to a tenth of a sample.
const CELLS: (usize, usize) = (8, 5);

/// Steps on one level.
const STEPS: usize = 12;

/// Steps of a mesh of finer cells on levels that are small: it grows from where it fits, and they are cheap.
const FINE_STEPS: usize = 40;

/// Shift of a control point in samples of the level that ends the refinement.
const STILL: f64 = 0.02;

/// Stiffness on levels that are small, and on the others; of finer cells on all, for what they are asked for is steep.
const STIFFNESS: (f64, f64) = (0.03, 0.003);

/// Below this short side a level is small.
const SMALL: usize = 100;

/// Levenberg's share of the diagonal: at first, at least after a step that made things worse, and where it ends.
const DAMPING: (f64, f64, f64) = (1e-3, 0.1, 1e3);

/// Share of the gain that is asked for that half the size must show, to go on.
const PROMISE: f64 = 0.5;

/// Where the suspect shows the reference beyond a homography.
#[derive(Debug, Clone, PartialEq)]
pub struct Bent {
    /// What the reference is bent by before the homography.
    pub bend: Bend,
    /// Correlation of the normalised pictures with it, robustly weighted.
    pub correlation: f64,
    /// The same without.
    pub before: f64,
}

/// The bend of the reference that, before `map`, makes pairs `(reference, suspect)` of one geometry most alike.
///
/// None when it raises the correlation by less than `min_gain`, nothing constrains it, or the sizes differ between pairs. What is
/// found folds nothing.
#[must_use]
pub fn bend_all(pairs: &[(&Pyramid, &Pyramid)], map: &Homography, min_gain: f64) -> Option<Bent> {
    bend_from(pairs, map, None, min_gain)
}

/// As [`bend_all`], from a bend on, which the correlation is raised against.
#[must_use]
pub fn bend_from(
    pairs: &[(&Pyramid, &Pyramid)],
    map: &Homography,
    start: Option<&Bend>,
    min_gain: f64,
) -> Option<Bent> {
    let (reference, _) = alike(pairs)?;
    let straight = || Bend::none(cells(reference.size()));
    let mut bend = start.cloned().unwrap_or_else(straight);
    for index in (0..reference.scales().len()).rev() {
        let level = Level::new(pairs, index, map)?;
        let mesh = Mesh::new(&level, map)?;
        let seen = mesh.refined(bend);
        // Straight pictures end here, at a quarter of the work.
        let asked = match index {
            0 => min_gain,
            1 => PROMISE * min_gain,
            _ => f64::NEG_INFINITY,
        };
        let before = match start {
            Some(start) => mesh.seen(start.clone()).correlation,
            None => level.correlation(map)?,
        };
        if seen.correlation < before + asked {
            return None;
        }
        if index == 0 {
            return Some(Bent {
                bend: seen.bend,
                correlation: seen.correlation,
                before,
            });
        }
        bend = seen.bend;
    }
    None
}

/// How like the suspects are to the references through a map and a bend; `None` for no bend.
#[must_use]
pub fn likeness(
    pairs: &[(&Pyramid, &Pyramid)],
    map: &Homography,
    bend: Option<&Bend>,
) -> Option<f64> {
    alike(pairs)?;
    let level = Level::new(pairs, 0, map)?;
    match bend {
        Some(bend) => Some(Mesh::new(&level, map)?.seen(bend.clone()).correlation),
        None => level.correlation(map),
    }
}

/// Whether a mesh has more cells than one that is begun with.
#[must_use]
pub fn is_fine(bend: &Bend) -> bool {
    bend.cells().0.max(bend.cells().1) > CELLS.0
}

/// Cells along and down a picture of that size.
fn cells((width, height): (usize, usize)) -> (usize, usize) {
    let of = |side: usize, longer: usize| {
        let share = (CELLS.0 * side + longer / 2) / longer.max(1);
        share.clamp(CELLS.1, CELLS.0)
    };
    let longer = width.max(height);
    (of(width, longer), of(height, longer))
}

/// A level on which a mesh is solved for.
struct Mesh<'a> {
    level: &'a Level<'a>,
    map: Homography,
    size: (f64, f64),
}

/// What a bend gives.
struct Seen {
    bend: Bend,
    correlation: f64,
    /// Of each tile of each pair: energies, and its weight.
    energies: Vec<([f64; 3], f64)>,
    /// Of each tile, of all pairs: weighted products of gradients, and of gradients and residuals.
    tiles: Vec<[f64; 5]>,
}

impl Seen {
    /// As of straight maps: with the weights that the step was solved with.
    fn is_bettered_by(&self, other: &Self) -> bool {
        let weighted = |all: &[([f64; 3], f64)]| {
            let mut sum = [0.0; 3];
            for ((energy, _), (_, weight)) in all.iter().zip(&self.energies) {
                add(&mut sum, energy.map(|part| part * weight));
            }
            correlation(sum)
        };
        weighted(&other.energies) > weighted(&self.energies)
    }
}

impl<'a> Mesh<'a> {
    fn new(level: &'a Level<'a>, map: &Homography) -> Option<Self> {
        Some(Self {
            level,
            map: scaled(map, level.reference_step, level.suspect_step)?,
            size: (level.width as f64, level.height as f64),
        })
    }

    /// The best bend from one on.
    fn refined(&self, start: Bend) -> Seen {
        let mut damping = DAMPING.0;
        let steps = if self.is_small() && is_fine(&start) {
            FINE_STEPS
        } else {
            STEPS
        };
        let mut best = self.seen(start);
        for _ in 0..steps {
            let Some((next, longest)) = self.step(&best, damping) else {
                break;
            };
            if longest < STILL {
                break;
            }
            let tried = next.map(|bend| self.seen(bend));
            match tried {
                Some(tried) if best.is_bettered_by(&tried) => {
                    best = tried;
                    damping *= 0.1;
                }
                _ => damping = (damping * 10.0).max(DAMPING.1),
            }
            if damping > DAMPING.2 {
                break;
            }
        }
        best
    }

    fn seen(&self, bend: Bend) -> Seen {
        let see = |suspect: &Grey, seen: &mut [f32]| {
            through(&self.map, &bend, suspect, self.level.width, seen);
        };
        let of_pairs = self.level.gathered(see);
        let mut kept = [0.0; 3];
        let mut energies = Vec::with_capacity(of_pairs.len() * self.level.tiles());
        let mut together = vec![[0.0; 5]; self.level.tiles()];
        for tiles in &of_pairs {
            for (tile, sums) in tiles.iter().zip(&mut together) {
                add(&mut kept, tile.kept);
                let weight = weight(tile.energy);
                energies.push((tile.energy, weight));
                let parts = tile.gradient.iter().chain(&tile.residual);
                for (sum, part) in sums.iter_mut().zip(parts) {
                    *sum += weight * part;
                }
            }
        }
        Seen {
            bend,
            correlation: correlation(kept),
            energies,
            tiles: together,
        }
    }

    /// The bend after a step, none where that folds, and the longest shift of a control point in samples; none when nothing
    /// constrains it.
    fn step(&self, from: &Seen, damping: f64) -> Option<(Option<Bend>, f64)> {
        let cells = from.bend.cells();
        let along = cells.0 + BEND_REACH - 1;
        let nodes = from.bend.shifts().len();
        let mut system = Normal::new(2 * nodes);
        let across = self.level.width.div_ceil(TILE);
        for (index, sums) in from.tiles.iter().enumerate() {
            let [xx, xy, yy, x, y] = *sums;
            if xx + yy <= 0.0 {
                continue;
            }
            let centre = |at: usize, side: f64| ((at * TILE + TILE / 2) as f64 / side).min(1.0);
            let (column, wu) = bend_weights(centre(index % across, self.size.0), cells.0);
            let (row, wv) = bend_weights(centre(index / across, self.size.1), cells.1);
            let node = |k: usize| (row + k / BEND_REACH) * along + column + k % BEND_REACH;
            let share = |k: usize| wv[k / BEND_REACH] * wu[k % BEND_REACH];
            for k in 0..BEND_REACH * BEND_REACH {
                let (i, w) = (2 * node(k), share(k));
                system.known[i] += w * x;
                system.known[i + 1] += w * y;
                for l in 0..=k {
                    let (j, w) = (2 * node(l), w * share(l));
                    system.add(i, j, w * xx);
                    system.add(i + 1, j, w * xy);
                    system.add(i + 1, j + 1, w * yy);
                    if l < k {
                        system.add(i, j + 1, w * xy);
                    }
                }
            }
        }
        let mean = (0..2 * nodes).map(|i| system.at(i, i)).sum::<f64>() / (2 * nodes) as f64;
        if mean <= 0.0 {
            return None;
        }
        let is_stiff = self.is_small() && !is_fine(&from.bend);
        let stiff = mean * if is_stiff { STIFFNESS.0 } else { STIFFNESS.1 };
        let now: Vec<f64> = from
            .bend
            .shifts()
            .iter()
            .flat_map(|c| self.samples(*c))
            .collect();
        stiffen(&mut system, (along, nodes / along), stiff, &now);
        let d = system.solve(damping, 1e-6 * mean)?;
        let longest = d.iter().fold(0.0_f64, |longest, d| longest.max(d.abs()));
        let shifts = now.chunks_exact(2).zip(d.chunks_exact(2));
        let shifts =
            shifts.map(|(c, d)| [(c[0] - d[0]) / self.size.0, (c[1] - d[1]) / self.size.1]);
        Some((Bend::new(cells, shifts.collect()), longest))
    }

    fn is_small(&self) -> bool {
        self.level.width.min(self.level.height) < SMALL
    }

    fn samples(&self, [right, down]: [f64; 2]) -> [f64; 2] {
        [right * self.size.0, down * self.size.1]
    }
}

/// Adds a thin plate's share: its second differences along, down and, twice, across.
fn stiffen(system: &mut Normal, (along, down): (usize, usize), stiff: f64, now: &[f64]) {
    let mut add = |terms: &[(usize, f64)], weight: f64| {
        for axis in 0..2 {
            let value: f64 = terms.iter().map(|(n, w)| w * now[2 * n + axis]).sum();
            for &(n, w) in terms {
                system.known[2 * n + axis] += weight * w * value;
                for &(m, v) in terms {
                    if m <= n {
                        system.add(2 * n + axis, 2 * m + axis, weight * w * v);
                    }
                }
            }
        }
    };
    for row in 0..down {
        for column in 0..along {
            let n = row * along + column;
            if column + 2 < along {
                add(&[(n, 1.0), (n + 1, -2.0), (n + 2, 1.0)], stiff);
            }
            if row + 2 < down {
                add(&[(n, 1.0), (n + along, -2.0), (n + 2 * along, 1.0)], stiff);
            }
            if column + 1 < along && row + 1 < down {
                let corners = [
                    (n, 1.0),
                    (n + 1, -1.0),
                    (n + along, -1.0),
                    (n + along + 1, 1.0),
                ];
                add(&corners, 2.0 * stiff);
            }
        }
    }
}

/// Symmetric equations, the lower half.
struct Normal {
    count: usize,
    lower: Vec<f64>,
    known: Vec<f64>,
}

impl Normal {
    fn new(count: usize) -> Self {
        Self {
            count,
            lower: vec![0.0; count * count],
            known: vec![0.0; count],
        }
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.lower[row * self.count + column]
    }

    /// Adds at `column` of `row`, or the other way round.
    fn add(&mut self, row: usize, column: usize, value: f64) {
        let (row, column) = (row.max(column), row.min(column));
        self.lower[row * self.count + column] += value;
    }

    /// By Cholesky, the diagonal raised by a share and by a `floor`; none when singular.
    fn solve(mut self, damping: f64, floor: f64) -> Option<Vec<f64>> {
        let n = self.count;
        // Left of its first entry a row of the factor is empty, too: tiles tie near nodes only.
        let first: Vec<usize> = (0..n)
            .map(|i| {
                let row = &self.lower[i * n..i * n + i];
                row.iter().position(|entry| entry.abs() > 0.0).unwrap_or(i)
            })
            .collect();
        for i in 0..n {
            for j in first[i]..=i {
                let from = first[i].max(first[j]);
                let (before, row) = self.lower.split_at_mut(i * n);
                let other = if j == i {
                    &row[from..j]
                } else {
                    &before[j * n + from..j * n + j]
                };
                let sum: f64 = row[from..j].iter().zip(other).map(|(a, b)| a * b).sum();
                if i == j {
                    let left = row[i] * (1.0 + damping) + floor - sum;
                    row[i] = (left > 0.0).then(|| left.sqrt())?;
                } else {
                    row[j] = (row[j] - sum) / before[j * n + j];
                }
            }
        }
        let mut x = self.known;
        for i in 0..n {
            let row = &self.lower[i * n..i * n + i];
            let sum: f64 = row.iter().zip(&x).map(|(l, x)| l * x).sum();
            x[i] = (x[i] - sum) / self.lower[i * n + i];
        }
        for i in (0..n).rev() {
            let sum: f64 = (i + 1..n).map(|k| self.lower[k * n + i] * x[k]).sum();
            x[i] = (x[i] - sum) / self.lower[i * n + i];
        }
        Some(x)
    }
}

/// Samples a picture through a bend and a map on a grid of `width` columns; outside, its border goes on.
fn through(map: &Homography, bend: &Bend, picture: &Grey, width: usize, grid: &mut [f32]) {
    let height = grid.len() / width;
    let (columns, rows) = (picture.width(), picture.height());
    let (right, bottom) = ((columns - 1) as f64, (rows - 1) as f64);
    let samples = picture.samples();
    let within = |at: f64, most: f64| {
        let at = if at > 0.0 { at } else { 0.0 };
        if at < most { at } else { most }
    };
    let (across, down) = (width as f64, height as f64);
    for (j, line) in grid.chunks_exact_mut(width).enumerate() {
        let y = j as f64 + 0.5;
        let row = bend.row(y / down);
        for (i, value) in line.iter_mut().enumerate() {
            let x = i as f64 + 0.5;
            let [du, dv] = row.at(x / across);
            let at = (x + du * across, y + dv * down);
            // Beyond the horizon nothing is seen.
            let (x, y) = if map.depth(at) > 1e-9 {
                map.project(at)
            } else {
                (0.0, 0.0)
            };
            let (x, y) = (within(x - 0.5, right), within(y - 0.5, bottom));
            let (x0, y0) = (x as usize, y as usize);
            let (x1, y1) = ((x0 + 1).min(columns - 1), (y0 + 1).min(rows - 1));
            let (fx, fy) = ((x - x0 as f64) as f32, (y - y0 as f64) as f32);
            let (top, low) = (&samples[y0 * columns..], &samples[y1 * columns..]);
            let above = top[x0] + fx * (top[x1] - top[x0]);
            let below = low[x0] + fx * (low[x1] - low[x0]);
            *value = above + fy * (below - above);
        }
    }
}

#[cfg(test)]
mod tests;
