//! One level of the pyramids: the pictures normalised on the reference's grid, and the map refined on them.
//!
//! ```text
//! weight of a sample:  w = (1 - (e / c s)^2)^2 for |e| < c s, else 0,   s = 1.4826 median |e|,  c = 4.685
//! weight of a tile:    rho^2 / (1 - rho^2 + 1/20),   rho = the tile's correlation over all pairs, 0 when negative
//! ```
//!
//! A tile that shows `rho r + noise` of unit energy has signal `rho^2` and noise `1 - rho^2`. A logo has no correlation.
//!
//! # Shapes and units
//! Level `l` has samples of `2^l` samples of the picture; maps are handed in and out in samples of the pictures.
//! # References
//! Beaton and Tukey, "The Fitting of Power Series", Technometrics 16(2), 1974 (biweight).

use super::motion::{Coordinates, Equations, Tile};
use super::normalised::Neighbourhoods;
use super::view;
use crate::grey::Grey;
use crate::homography::Homography;

/// Side of a tile in samples.
const TILE: usize = 8;

/// Half the side, less one half, of the square that normalises a sample.
const RADIUS: usize = 6;

/// Gauss-Newton steps on one level.
const STEPS: usize = 10;

/// Squared shift of the corners in samples of the level that ends the refinement.
const STILL: f64 = 0.01 * 0.01;

/// Biweight's cut in standard deviations: 95 % efficient under normal noise.
const CUT: f32 = 4.685;

/// Samples within this of the suspect's border are left out, so that a step does not leave it.
const MARGIN: f64 = 1.0;

/// A reference, normalised, with its gradients.
struct Pattern {
    level: Vec<f32>,
    slope_x: Vec<f32>,
    slope_y: Vec<f32>,
}

/// The pairs on one level.
pub(super) struct Level {
    width: usize,
    height: usize,
    coordinates: Coordinates,
    neighbourhoods: Neighbourhoods,
    patterns: Vec<Pattern>,
    suspects: Vec<Grey>,
    /// Samples of a picture per sample of this level.
    reference_step: f64,
    suspect_step: f64,
}

/// What one map gives.
struct Evidence {
    correlation: f64,
    equations: Equations,
}

impl Level {
    /// Level `index` of the references; of the suspects, the level whose samples are nearest in size under `map`.
    ///
    /// None when no sample of the suspect is seen.
    pub(super) fn new(
        pyramids: &[(Vec<Grey>, Vec<Grey>)],
        index: usize,
        map: &Homography,
    ) -> Option<Self> {
        let (references, suspects) = pyramids.first()?;
        let (width, height) = (references[index].width(), references[index].height());
        let reference_step = (1_u64 << index) as f64;
        let magnification = magnification(map, references[0].width(), references[0].height())?;
        let finest = magnification * reference_step;
        let mut other = 0;
        // Half an octave: the nearer of two levels.
        while finest / (1_u64 << other) as f64 > std::f64::consts::SQRT_2 && other + 1 < suspects.len() {
            other += 1;
        }
        let suspect_step = (1_u64 << other) as f64;
        let ratio = finest / suspect_step;
        let suspects: Vec<Grey> = pyramids
            .iter()
            .filter_map(|(_, s)| {
                let samples = view::smoothed(&s[other], 1 + view::passes(ratio));
                Grey::new(s[other].width(), s[other].height(), samples)
            })
            .collect();
        let shown = suspects.first()?;
        let on_level = scaled(map, reference_step, suspect_step)?;
        let mask = view::inside(
            (width, height),
            (shown.width(), shown.height()),
            &on_level,
            MARGIN,
        );
        let neighbourhoods = Neighbourhoods::new(mask, width, RADIUS);
        let mut spare = Vec::new();
        let patterns = pyramids
            .iter()
            .map(|(r, _)| {
                let mut level = view::smoothed(&r[index], 1 + view::passes(1.0 / ratio));
                neighbourhoods.normalise(&mut level, &mut spare);
                Pattern::new(level, neighbourhoods.mask(), width)
            })
            .collect();
        Some(Self {
            width,
            height,
            coordinates: Coordinates::new(width, height),
            neighbourhoods,
            patterns,
            suspects,
            reference_step,
            suspect_step,
        })
    }

    /// Samples on the shorter side.
    pub(super) fn short_side(&self) -> usize {
        self.width.min(self.height)
    }

    /// Correlation over the overlap under a map.
    pub(super) fn correlation(&self, map: &Homography) -> f64 {
        scaled(map, self.reference_step, self.suspect_step)
            .map_or(-1.0, |map| self.evidence(&map).correlation)
    }

    /// The refined map and its correlation; none when nothing constrains it.
    pub(super) fn refine(&self, map: &Homography, parameters: usize) -> Option<(Homography, f64)> {
        let mut best = scaled(map, self.reference_step, self.suspect_step)?;
        let mut evidence = self.evidence(&best);
        let mut damping = 1e-3;
        for _ in 0..STEPS {
            let step = evidence.equations.solve(parameters, damping)?;
            if self.coordinates.corner_shift(&step) < STILL {
                break;
            }
            let trial = self.coordinates.compose(&best, &step);
            let tried = trial.map(|trial| (trial, self.evidence(&trial)));
            match tried {
                Some((trial, tried)) if tried.correlation > evidence.correlation => {
                    (best, evidence) = (trial, tried);
                    damping *= 0.1;
                }
                _ => damping = (damping * 10.0).max(0.1),
            }
        }
        let back = scaled(&best, 1.0 / self.reference_step, 1.0 / self.suspect_step)?;
        Some((back, evidence.correlation))
    }

    fn evidence(&self, map: &Homography) -> Evidence {
        let across = self.width.div_ceil(TILE);
        let mut tiles = vec![Tile::default(); across * self.height.div_ceil(TILE)];
        let mut seen = vec![0.0_f32; self.width * self.height];
        let mut spare = Vec::new();
        for (pattern, suspect) in self.patterns.iter().zip(&self.suspects) {
            view::through(map, suspect, self.width, &mut seen);
            self.neighbourhoods.normalise(&mut seen, &mut spare);
            let cut = CUT * self.deviation(pattern, &seen, &mut spare);
            pattern.gather(&seen, self.width, cut, &mut tiles);
        }
        let mut equations = Equations::new();
        let mut energy = [0.0; 3];
        for (index, tile) in tiles.iter().enumerate() {
            let [own, common, other] = tile.energy;
            for (sum, part) in energy.iter_mut().zip(tile.energy) {
                *sum += part;
            }
            if common <= 0.0 {
                continue;
            }
            let agreement = common * common / (own * other);
            let weight = agreement / (1.05 - agreement);
            let centre = |at: usize| (at * TILE + TILE / 2) as f64;
            let at = (centre(index % across), centre(index / across));
            equations.add(&self.coordinates, at, tile, weight);
        }
        let product = energy[0] * energy[2];
        Evidence {
            correlation: if product > 0.0 {
                energy[1] / product.sqrt()
            } else {
                0.0
            },
            equations,
        }
    }

    /// Standard deviation of the residuals, from the median of every seventh unmasked one.
    fn deviation(&self, pattern: &Pattern, seen: &[f32], spare: &mut Vec<f32>) -> f32 {
        spare.clear();
        let pairs = seen.iter().zip(&pattern.level).step_by(7);
        let mask = self.neighbourhoods.mask().iter().step_by(7);
        spare.extend(
            pairs
                .zip(mask)
                .filter(|(_, held)| **held)
                .map(|((s, r), _)| (s - r).abs()),
        );
        if spare.is_empty() {
            return 0.0;
        }
        let middle = spare.len() / 2;
        1.4826 * *spare.select_nth_unstable_by(middle, f32::total_cmp).1
    }
}

impl Pattern {
    fn new(level: Vec<f32>, mask: &[bool], width: usize) -> Self {
        let height = level.len() / width;
        let mut slope_x = vec![0.0; level.len()];
        let mut slope_y = vec![0.0; level.len()];
        for y in 1..height.saturating_sub(1) {
            for at in y * width + 1..(y + 1) * width - 1 {
                let around = [at - 1, at + 1, at - width, at + width, at];
                if around.iter().all(|&at| mask[at]) {
                    slope_x[at] = 0.5 * (level[at + 1] - level[at - 1]);
                    slope_y[at] = 0.5 * (level[at + width] - level[at - width]);
                }
            }
        }
        Self {
            level,
            slope_x,
            slope_y,
        }
    }

    /// Adds what `seen` says to the tiles, row by row.
    fn gather(&self, seen: &[f32], width: usize, cut: f32, tiles: &mut [Tile]) {
        let across = width.div_ceil(TILE);
        let per_cut = if cut > 0.0 { 1.0 / (cut * cut) } else { 0.0 };
        let rows = |plane: &'_ [f32], y: usize| plane[y * width..(y + 1) * width].to_vec();
        for y in 0..seen.len() / width {
            let (r, s) = (rows(&self.level, y), rows(seen, y));
            let (gx, gy) = (rows(&self.slope_x, y), rows(&self.slope_y, y));
            for (index, tile) in tiles[y / TILE * across..][..across].iter_mut().enumerate() {
                let mut sums = [0.0_f32; 8];
                for x in index * TILE..((index + 1) * TILE).min(width) {
                    let (r, s, gx, gy) = (r[x], s[x], gx[x], gy[x]);
                    let e = s - r;
                    let keep = (1.0 - e * e * per_cut).max(0.0);
                    let w = keep * keep;
                    let (wx, wy) = (w * gx, w * gy);
                    let terms = [wx * gx, wx * gy, wy * gy, wx * e, wy * e, r * r, r * s, s * s];
                    for (sum, term) in sums.iter_mut().zip(terms) {
                        *sum += term;
                    }
                }
                let sums = sums.map(f64::from);
                for (to, from) in tile.gradient.iter_mut().zip(&sums) {
                    *to += from;
                }
                for (to, from) in tile.residual.iter_mut().zip(&sums[3..]) {
                    *to += from;
                }
                for (to, from) in tile.energy.iter_mut().zip(&sums[5..]) {
                    *to += from;
                }
            }
        }
    }
}

/// The map between levels, given that between the pictures and the samples of each that one of its level holds.
fn scaled(map: &Homography, reference_step: f64, suspect_step: f64) -> Option<Homography> {
    let up = Homography::scaling(reference_step, reference_step)?;
    let down = Homography::scaling(1.0 / suspect_step, 1.0 / suspect_step)?;
    up.then(map)?.then(&down)
}

/// Samples of the suspect per sample of the reference along a line, at the reference's centre.
fn magnification(map: &Homography, width: usize, height: usize) -> Option<f64> {
    let (x, y) = (0.5 * width as f64, 0.5 * height as f64);
    let here = map.map((x, y))?;
    let (right, below) = (map.map((x + 1.0, y))?, map.map((x, y + 1.0))?);
    let (a, b) = (right.0 - here.0, right.1 - here.1);
    let (c, d) = (below.0 - here.0, below.1 - here.1);
    Some((a * d - b * c).abs().sqrt())
}
