//! One level of the pyramids: the pictures normalised on the reference's grid, and the map refined on them.
//!
//! ```text
//! weight of a sample:  w = (1 - (e / c s)^2)^2 for |e| < c s, else 0,   s = 1.4826 median |e|,  c = 4.685
//! weight of a tile:    (q / (1.05 - q))^2,   q = rho^2 of the tile's two halves of a pair, 0 where rho < 0
//! ```
//!
//! A tile that shows `rho r + noise` of unit energy has signal `q` and noise `1 - q`; a logo has none of the signal. The
//! square is measured: on clips at CRF 40 it takes 3 to 5 % off the error of the plain ratio.
//!
//! # Shapes and units
//! Level `l` has samples of `2^l` samples of the picture; maps are handed in and out in samples of the pictures.
//! # References
//! Beaton and Tukey, "The Fitting of Power Series", Technometrics 16(2), 1974 (biweight).

use std::cell::RefCell;

use rayon::prelude::*;

use super::motion::{Coordinates, Equations, TILE, Tile};
use super::normalised::{Neighbourhoods, RADIUS};
use super::pattern::{Pattern, deviation, surrounded};
use super::pyramid::Pyramid;
use super::view;
use countermark_picture::{Grey, Homography};

/// Gauss-Newton steps on one level.
const STEPS: usize = 10;

/// Squared shift of the corners in samples of the level that ends the refinement.
const STILL: f64 = 0.01 * 0.01;

/// Biweight's cut in standard deviations: 95 % efficient under normal noise.
const CUT: f32 = 4.685;

/// Samples within this of the suspect's border are left out, so that a step does not leave it.
const MARGIN: f64 = 1.0;

/// Keeps the weight of a perfect tile finite.
const BEST_TILE: f64 = 1.05;

/// Below this product of energies two normalised pictures are flat, and what they have is rounding.
const FLAT: f64 = 1e-9;

/// Levenberg's share of the diagonal: at first, and at least after a step that made things worse.
const DAMPING: (f64, f64) = (1e-3, 0.1);

/// The pairs on one level.
pub(super) struct Level<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    coordinates: Coordinates,
    neighbourhoods: Held<'a, Neighbourhoods>,
    patterns: Vec<Held<'a, Pattern>>,
    suspects: Vec<&'a Grey>,
    /// Samples of a picture per sample of this level.
    pub(super) reference_step: f64,
    pub(super) suspect_step: f64,
}

/// What a pyramid keeps, or what is of this map alone.
enum Held<'a, T> {
    Kept(&'a T),
    Own(T),
}

impl<T> Held<'_, T> {
    fn get(&self) -> &T {
        match self {
            Self::Kept(kept) => kept,
            Self::Own(own) => own,
        }
    }
}

/// Where a level leaves the map.
pub(super) struct Refined {
    /// From samples of the reference to samples of the suspect.
    pub(super) map: Homography,
    /// Without the samples that do not belong there.
    pub(super) correlation: f64,
    /// The same before the first step.
    pub(super) before: f64,
}

/// What a picture looks like through a map, on its way to the tiles; one a thread.
#[derive(Default)]
struct Workspace {
    seen: Vec<f32>,
    residuals: Vec<f32>,
}

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

/// What one map gives.
struct Evidence {
    correlation: f64,
    equations: Equations,
    /// Energies and weight of each tile.
    tiles: Vec<([f64; 3], f64)>,
}

impl Evidence {
    /// Whether the pictures correlate better in another one, with the weights of this one: those that the step was solved with.
    fn is_bettered_by(&self, other: &Self) -> bool {
        let weighted = |tiles: &[([f64; 3], f64)]| {
            let mut sum = [0.0; 3];
            for ((energy, _), (_, weight)) in tiles.iter().zip(&self.tiles) {
                add(&mut sum, energy.map(|part| part * weight));
            }
            correlation(sum)
        };
        weighted(&other.tiles) > weighted(&self.tiles)
    }
}

impl<'a> Level<'a> {
    /// Level `index` of the references; of the suspects, the level whose samples are nearest in size under `map`.
    ///
    /// None when there is no pair or the map has no inverse.
    pub(super) fn new(
        pairs: &[(&'a Pyramid, &'a Pyramid)],
        index: usize,
        map: &Homography,
    ) -> Option<Self> {
        let (references, suspects) = pairs.first()?;
        let own = references.scales().get(index)?;
        let (width, height) = own.size();
        let whole = references.size();
        let reference_step = (1_u64 << index) as f64;
        let middle = (0.5 * whole.0 as f64, 0.5 * whole.1 as f64);
        let finest = map.magnification(middle)? * reference_step;
        // Beyond half an octave the next level is nearer.
        let size_of = |level: usize| (1_u64 << level) as f64;
        let coarsest = suspects.scales().len() - 1;
        let other = (0..coarsest)
            .find(|&level| finest / size_of(level) <= std::f64::consts::SQRT_2)
            .unwrap_or(coarsest);
        let suspect_step = size_of(other);
        let ratio = finest / suspect_step;
        let shown = each(pairs, |(_, suspect)| {
            suspect.scales()[other].blurred(view::passes(ratio))
        });
        let size = suspects.scales()[other].size();
        let on_level = scaled(map, reference_step, suspect_step)?;
        let mask = view::inside((width, height), size, &on_level, MARGIN);
        let passes = view::passes(1.0 / ratio);
        let (neighbourhoods, patterns) = if mask.iter().all(|&held| held) {
            let kept = |(reference, _): &(&'a Pyramid, _)| {
                Held::Kept(reference.scales()[index].pattern(passes))
            };
            (Held::Kept(own.neighbourhoods()), each(pairs, kept))
        } else {
            let around = Neighbourhoods::new(mask, width, RADIUS);
            let counts = surrounded(around.mask(), width);
            let patterns = each(pairs, |(reference, _)| {
                let scale = &reference.scales()[index];
                Held::Own(scale.pattern_within(passes, &around, &counts))
            });
            (Held::Own(around), patterns)
        };
        Some(Self {
            width,
            height,
            coordinates: Coordinates::new(width, height),
            neighbourhoods,
            patterns,
            suspects: shown,
            reference_step,
            suspect_step,
        })
    }

    /// Samples on the shorter side.
    pub(super) fn short_side(&self) -> usize {
        self.width.min(self.height)
    }

    /// Correlation over the overlap under a map.
    pub(super) fn correlation(&self, map: &Homography) -> Option<f64> {
        let map = scaled(map, self.reference_step, self.suspect_step)?;
        Some(self.evidence(&map, 0).correlation)
    }

    /// The refined map; none when nothing constrains it.
    pub(super) fn refine(&self, map: &Homography, generators: &[usize]) -> Option<Refined> {
        let mut best = scaled(map, self.reference_step, self.suspect_step)?;
        let count = generators.iter().max().map_or(0, |last| last + 1);
        let mut evidence = self.evidence(&best, count);
        let before = evidence.correlation;
        let mut damping = DAMPING.0;
        for _ in 0..STEPS {
            let step = evidence.equations.solve(generators, damping)?;
            if self.coordinates.corner_shift(&step) < STILL {
                break;
            }
            let trial = self.coordinates.compose(&best, &step);
            match trial.map(|trial| (trial, self.evidence(&trial, count))) {
                Some((trial, tried)) if evidence.is_bettered_by(&tried) => {
                    (best, evidence) = (trial, tried);
                    damping *= 0.1;
                }
                _ => damping = (damping * 10.0).max(DAMPING.1),
            }
        }
        let back = scaled(&best, 1.0 / self.reference_step, 1.0 / self.suspect_step)?;
        Some(Refined {
            map: back,
            correlation: evidence.correlation,
            before,
        })
    }

    /// What a map gives, with equations for the first `generators`.
    fn evidence(&self, map: &Homography, generators: usize) -> Evidence {
        let across = self.width.div_ceil(TILE);
        let of_pairs = self.gathered(|suspect, seen| view::through(map, suspect, self.width, seen));
        let mut equations = Equations::new();
        let mut kept = [0.0; 3];
        let mut weighed = Vec::with_capacity(of_pairs.len() * self.tiles());
        for tiles in &of_pairs {
            for (index, tile) in tiles.iter().enumerate() {
                add(&mut kept, tile.kept);
                let weight = weight(tile.energy);
                weighed.push((tile.energy, weight));
                if weight > 0.0 {
                    let centre = |at: usize| (at * TILE + TILE / 2) as f64;
                    let at = (centre(index % across), centre(index / across));
                    equations.add(&self.coordinates, at, (tile, weight), generators);
                }
            }
        }
        Evidence {
            correlation: correlation(kept),
            equations,
            tiles: weighed,
        }
    }

    /// Tiles of the grid.
    pub(super) fn tiles(&self) -> usize {
        self.width.div_ceil(TILE) * self.height.div_ceil(TILE)
    }

    /// What the tiles of each pair say when its suspect is seen so on the reference's grid.
    pub(super) fn gathered(&self, see: impl Fn(&Grey, &mut [f32]) + Send + Sync) -> Vec<Vec<Tile>> {
        let count = self.tiles();
        let around = self.neighbourhoods.get();
        let pairs: Vec<(&Pattern, &Grey)> = self
            .patterns
            .iter()
            .zip(&self.suspects)
            .map(|(pattern, suspect)| (pattern.get(), *suspect))
            .collect();
        each(&pairs, |(pattern, suspect)| {
            WORKSPACE.with_borrow_mut(|Workspace { seen, residuals }| {
                seen.resize(self.width * self.height, 0.0);
                see(suspect, seen);
                around.normalise(seen);
                let cut = CUT * deviation(pattern, seen, around.mask(), residuals);
                let mut tiles = vec![Tile::default(); count];
                pattern.gather(seen, self.width, cut, &mut tiles);
                tiles
            })
        })
    }
}

/// Something of each, on all threads where there are several.
fn each<T: Sync, R: Send>(all: &[T], of: impl Fn(&T) -> R + Send + Sync) -> Vec<R> {
    match all {
        // Handing a single one to another thread takes longer than many of them.
        [only] => vec![of(only)],
        several => several.par_iter().map(of).collect(),
    }
}

pub(super) fn add(sum: &mut [f64; 3], part: [f64; 3]) {
    for (sum, part) in sum.iter_mut().zip(part) {
        *sum += part;
    }
}

/// Of the energies of the reference, in common, of the suspect; zero without energy.
pub(super) fn correlation([own, common, other]: [f64; 3]) -> f64 {
    let product = own * other;
    if product > FLAT {
        common / product.sqrt()
    } else {
        0.0
    }
}

/// The tile's weight, from its energies.
pub(super) fn weight(energy: [f64; 3]) -> f64 {
    let rho = correlation(energy).clamp(0.0, 1.0);
    let ratio = rho * rho / (BEST_TILE - rho * rho);
    ratio * ratio
}

/// The map between levels, given that between the pictures and the samples of each that one of its level holds.
pub(super) fn scaled(
    map: &Homography,
    reference_step: f64,
    suspect_step: f64,
) -> Option<Homography> {
    let up = Homography::scaling(reference_step, reference_step)?;
    let down = Homography::scaling(1.0 / suspect_step, 1.0 / suspect_step)?;
    up.then(map)?.then(&down)
}
