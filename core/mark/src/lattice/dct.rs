//! Orthonormal DCT-II of the lattice's 8x8 blocks, all of them or a band.
//!
//! ```text
//! X[u,v] = sum_{y,x} C[u,y] C[v,x] p[y,x],   C[u,y] = c(u) cos(pi (2y + 1) u / 16),   c(0) = sqrt(1/8), else 1/2
//! p[y,x] = sum_{u,v} C[u,y] C[v,x] X[u,v]
//! ```
//!
//! # Shapes and units
//! Input: a [`LatticePlane`]. Output: a [`CoefficientPlane`], `[coefficient][block]`, the same unit; `u` counts
//! vertical, `v` horizontal half-waves; blocks run row by row. Arithmetic on one coefficient is a loop over a slice.
//! # Determinism
//! Fixed summation order, no fused multiply-add: all CPU levels agree.

#![expect(
    clippy::inline_always,
    reason = "kernels must be compiled into the caller's instruction set"
)]

pub(crate) mod part;
pub(crate) mod slope;

use super::cpu::CpuLevel;
use super::{BLOCK, LatticeGeometry, LatticePlane};
use thiserror::Error;

/// Blocks worked on together: one AVX2 register of f32.
const LANES: usize = 8;
type Lanes = [f32; LANES];

/// `C[u][y]`, from the definition in f64, rounded once.
const BASIS: [[f32; BLOCK]; BLOCK] = basis();

const fn basis() -> [[f32; BLOCK]; BLOCK] {
    let mut basis = [[0.0; BLOCK]; BLOCK];
    let mut u = 0;
    while u < BLOCK {
        let mut y = 0;
        while y < BLOCK {
            basis[u][y] = wave(u, y) as f32;
            y += 1;
        }
        u += 1;
    }
    basis
}

/// `C[u][y]` in f64.
const fn wave(u: usize, y: usize) -> f64 {
    if u == 0 {
        half_cos(4)
    } else {
        half_cos((2 * y + 1) * u)
    }
}

/// `cos(pi n / 16) / 2`.
const fn half_cos(n: usize) -> f64 {
    const HALF_COS: [f64; 9] = [
        0.5,
        0.490_392_640_201_615_2,
        0.461_939_766_255_643_4,
        0.415_734_806_151_272_6,
        0.353_553_390_593_273_8,
        0.277_785_116_509_801_1,
        0.191_341_716_182_544_9,
        0.097_545_161_008_064_14,
        0.0,
    ];
    let angle = n % 32;
    match angle {
        0..=8 => HALF_COS[angle],
        9..=16 => -HALF_COS[16 - angle],
        17..=24 => -HALF_COS[angle - 16],
        _ => HALF_COS[32 - angle],
    }
}

/// Why a band was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BandError {
    /// A frequency does not exist in an 8x8 block.
    #[error("frequencies must lie in 0..=7, got (u, v) = ({u}, {v})")]
    Frequency {
        /// Vertical half-waves.
        u: u8,
        /// Horizontal half-waves.
        v: u8,
    },
    /// A frequency is listed twice.
    #[error("each frequency may be listed once, twice is (u, v) = ({u}, {v})")]
    Repeated {
        /// Vertical half-waves.
        u: u8,
        /// Horizontal half-waves.
        v: u8,
    },
}

/// A list of frequencies `(u, v)`: `u` vertical, `v` horizontal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Band {
    frequencies: Vec<(u8, u8)>,
}

impl Band {
    /// These frequencies, in this order.
    ///
    /// # Errors
    /// [`BandError`] for a frequency above 7 or a repeated one.
    pub fn new(frequencies: Vec<(u8, u8)>) -> Result<Self, BandError> {
        for (i, &(u, v)) in frequencies.iter().enumerate() {
            if usize::from(u.max(v)) >= BLOCK {
                return Err(BandError::Frequency { u, v });
            }
            if frequencies[..i].contains(&(u, v)) {
                return Err(BandError::Repeated { u, v });
            }
        }
        Ok(Self { frequencies })
    }

    /// All frequencies with `low <= u + v <= high`, `u` slowest. From 0 it holds the mean (DC) as index 0.
    #[must_use]
    pub fn diagonals(low: u8, high: u8) -> Self {
        let all = (0..8).flat_map(|u| (0..8).map(move |v| (u, v)));
        Self {
            frequencies: all
                .filter(|(u, v)| (low..=high).contains(&(u + v)))
                .collect(),
        }
    }

    /// The frequencies of a lattice that carry the mark.
    #[must_use]
    pub fn of_mark(lattice: LatticeGeometry) -> Self {
        Self::diagonals(1, lattice.highest_diagonal())
    }

    /// The frequencies that detectors look at: the mean, then the mark's.
    #[must_use]
    pub fn observed(lattice: LatticeGeometry) -> Self {
        Self::diagonals(0, lattice.highest_diagonal())
    }

    /// All 64 frequencies, `(u, v)` at index `8 u + v`.
    #[must_use]
    pub fn full() -> Self {
        Self::diagonals(0, 14)
    }

    /// The frequencies in their order.
    #[must_use]
    pub fn frequencies(&self) -> &[(u8, u8)] {
        &self.frequencies
    }

    /// Number of frequencies.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frequencies.len()
    }

    /// Whether there is no frequency.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frequencies.is_empty()
    }

    /// Where `(u, v)` is in the band.
    #[must_use]
    pub fn index_of(&self, u: u8, v: u8) -> Option<usize> {
        self.frequencies.iter().position(|&f| f == (u, v))
    }
}

/// The coefficients of a band for all blocks, `[coefficient][block]`.
#[derive(Debug, Clone, PartialEq)]
pub struct CoefficientPlane {
    values: Vec<f32>,
    coefficients: usize,
    geometry: LatticeGeometry,
}

impl CoefficientPlane {
    /// Zeros for every frequency of the band and every block of the lattice.
    #[must_use]
    pub fn new(geometry: LatticeGeometry, band: &Band) -> Self {
        Self {
            values: vec![0.0; band.len() * geometry.blocks()],
            coefficients: band.len(),
            geometry,
        }
    }

    /// Blocks in both directions.
    #[must_use]
    pub fn geometry(&self) -> LatticeGeometry {
        self.geometry
    }

    /// Number of coefficients for each block.
    #[must_use]
    pub fn coefficients(&self) -> usize {
        self.coefficients
    }

    /// The values of coefficient `index` for all blocks, row by row.
    ///
    /// # Panics
    /// When `index` is not below the number of coefficients.
    #[must_use]
    pub fn coefficient(&self, index: usize) -> &[f32] {
        let blocks = self.geometry.blocks();
        &self.values[index * blocks..(index + 1) * blocks]
    }

    /// The values of coefficient `index` for all blocks, row by row, to change.
    ///
    /// # Panics
    /// When `index` is not below the number of coefficients.
    #[must_use]
    pub fn coefficient_mut(&mut self, index: usize) -> &mut [f32] {
        let blocks = self.geometry.blocks();
        &mut self.values[index * blocks..(index + 1) * blocks]
    }

    /// All values, coefficient by coefficient.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// All values, coefficient by coefficient, to change.
    #[must_use]
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }
}

/// Workspace of the transform on one lattice.
#[derive(Debug, Clone)]
pub struct BlockDct {
    lattice: LatticeGeometry,
    level: CpuLevel,
    /// `[y or u][x]` of one row of blocks, padded to whole groups of lanes.
    lines: [Vec<f32>; BLOCK],
    /// One frequency `u` of one row of blocks, `[x or v][group of blocks]`.
    across: [Vec<Lanes>; BLOCK],
}

impl BlockDct {
    /// Prepares for planes of that lattice.
    #[must_use]
    pub fn new(lattice: LatticeGeometry, level: CpuLevel) -> Self {
        let groups = lattice.cols().div_ceil(LANES);
        Self {
            lattice,
            level,
            lines: std::array::from_fn(|_| vec![0.0; groups * LANES * BLOCK]),
            across: std::array::from_fn(|_| vec![[0.0; LANES]; groups]),
        }
    }

    /// The band's coefficients of every block.
    ///
    /// # Panics
    /// When a plane is not of the workspace's lattice or `out` not of the band's size.
    pub fn forward_band(&mut self, plane: &LatticePlane, band: &Band, out: &mut CoefficientPlane) {
        self.check(plane, band, out);
        #[cfg(target_arch = "x86_64")]
        if self.level.has_avx2() {
            return super::x86::forward_band(self, plane, band, out);
        }
        self.forward_kernel(plane, band, out);
    }

    /// The plane whose coefficients are those of the band, and zero outside it.
    ///
    /// # Panics
    /// When a plane is not of the workspace's lattice or `coefficients` not of the band's size.
    pub fn inverse_band(
        &mut self,
        coefficients: &CoefficientPlane,
        band: &Band,
        out: &mut LatticePlane,
    ) {
        self.check(out, band, coefficients);
        #[cfg(target_arch = "x86_64")]
        if self.level.has_avx2() {
            return super::x86::inverse_band(self, coefficients, band, out);
        }
        self.inverse_kernel(coefficients, band, out);
    }

    /// The instruction set in use.
    #[must_use]
    pub fn level(&self) -> CpuLevel {
        self.level
    }

    fn check(&self, plane: &LatticePlane, band: &Band, coefficients: &CoefficientPlane) {
        assert_eq!(plane.geometry(), self.lattice, "lattice size");
        assert_eq!(coefficients.geometry(), self.lattice, "lattice size");
        assert_eq!(coefficients.coefficients(), band.len(), "band size");
    }

    #[inline(always)]
    pub(super) fn forward_kernel(
        &mut self,
        plane: &LatticePlane,
        band: &Band,
        out: &mut CoefficientPlane,
    ) {
        let (width, cols) = (self.lattice.width(), self.lattice.cols());
        for (block_row, strip) in plane.samples().chunks_exact(width * BLOCK).enumerate() {
            columns_forward(strip, width, &mut self.lines);
            for u in 0..BLOCK {
                if !band.frequencies.iter().any(|f| usize::from(f.0) == u) {
                    continue;
                }
                gather_blocks(&self.lines[u], &mut self.across);
                for (index, &(_, v)) in band
                    .frequencies
                    .iter()
                    .enumerate()
                    .filter(|(_, f)| usize::from(f.0) == u)
                {
                    let first = block_row * cols;
                    let out = &mut out.coefficient_mut(index)[first..first + cols];
                    project(&self.across, &BASIS[usize::from(v)], out);
                }
            }
        }
    }

    #[inline(always)]
    pub(super) fn inverse_kernel(
        &mut self,
        coefficients: &CoefficientPlane,
        band: &Band,
        out: &mut LatticePlane,
    ) {
        let (width, cols) = (self.lattice.width(), self.lattice.cols());
        for (block_row, strip) in out
            .samples_mut()
            .chunks_exact_mut(width * BLOCK)
            .enumerate()
        {
            for u in 0..BLOCK {
                self.across.iter_mut().for_each(|x| x.fill([0.0; LANES]));
                for (index, &(_, v)) in band
                    .frequencies
                    .iter()
                    .enumerate()
                    .filter(|(_, f)| usize::from(f.0) == u)
                {
                    let first = block_row * cols;
                    let values = &coefficients.coefficient(index)[first..first + cols];
                    spread(values, &BASIS[usize::from(v)], &mut self.across);
                }
                scatter_blocks(&self.across, &mut self.lines[u]);
            }
            columns_inverse(&self.lines, width, strip);
        }
    }
}

#[inline(always)]
fn lanes(samples: &[f32], first: usize) -> Lanes {
    let mut lanes = [0.0; LANES];
    lanes.copy_from_slice(&samples[first..first + LANES]);
    lanes
}

/// `sum_k basis[k] lines[k]`, the even and odd half of a symmetric basis: `basis[7 - k] = ± basis[k]`.
#[inline(always)]
fn weigh(basis: &[f32; BLOCK], half: &[Lanes; BLOCK / 2]) -> Lanes {
    std::array::from_fn(|l| {
        (basis[0] * half[0][l] + basis[1] * half[1][l])
            + (basis[2] * half[2][l] + basis[3] * half[3][l])
    })
}

/// `lines[u][x] = sum_y C[u,y] strip[y][x]`.
#[inline(always)]
fn columns_forward(strip: &[f32], width: usize, lines: &mut [Vec<f32>; BLOCK]) {
    for first in (0..width).step_by(LANES) {
        let mut even = [[0.0; LANES]; BLOCK / 2];
        let mut odd = [[0.0; LANES]; BLOCK / 2];
        for y in 0..BLOCK / 2 {
            let top = lanes(strip, y * width + first);
            let bottom = lanes(strip, (BLOCK - 1 - y) * width + first);
            even[y] = std::array::from_fn(|l| top[l] + bottom[l]);
            odd[y] = std::array::from_fn(|l| top[l] - bottom[l]);
        }
        for u in 0..BLOCK {
            let half = if u % 2 == 0 { &even } else { &odd };
            lines[u][first..first + LANES].copy_from_slice(&weigh(&BASIS[u], half));
        }
    }
}

/// `strip[y][x] = sum_u C[u,y] lines[u][x]`.
#[inline(always)]
fn columns_inverse(lines: &[Vec<f32>; BLOCK], width: usize, strip: &mut [f32]) {
    for first in (0..width).step_by(LANES) {
        let even: [Lanes; 4] = std::array::from_fn(|i| lanes(&lines[2 * i], first));
        let odd: [Lanes; 4] = std::array::from_fn(|i| lanes(&lines[2 * i + 1], first));
        for y in 0..BLOCK / 2 {
            let column = |parity: usize| -> [f32; BLOCK] {
                std::array::from_fn(|i| if i < 4 { BASIS[2 * i + parity][y] } else { 0.0 })
            };
            let (even, odd) = (weigh(&column(0), &even), weigh(&column(1), &odd));
            let top: Lanes = std::array::from_fn(|l| even[l] + odd[l]);
            let bottom: Lanes = std::array::from_fn(|l| even[l] - odd[l]);
            let mirrored = (BLOCK - 1 - y) * width + first;
            strip[y * width + first..y * width + first + LANES].copy_from_slice(&top);
            strip[mirrored..mirrored + LANES].copy_from_slice(&bottom);
        }
    }
}

/// `across[x][block] = line[8 block + x]`, then folded: `across[x]` and `across[7 - x]` become their sum and difference.
#[inline(always)]
fn gather_blocks(line: &[f32], across: &mut [Vec<Lanes>; BLOCK]) {
    for (group, samples) in line.chunks_exact(LANES * BLOCK).enumerate() {
        for x in 0..BLOCK / 2 {
            let left: Lanes = std::array::from_fn(|b| samples[b * BLOCK + x]);
            let right: Lanes = std::array::from_fn(|b| samples[b * BLOCK + BLOCK - 1 - x]);
            across[x][group] = std::array::from_fn(|b| left[b] + right[b]);
            across[BLOCK - 1 - x][group] = std::array::from_fn(|b| left[b] - right[b]);
        }
    }
}

/// `out[block] = sum_x C[v,x] p[x][block]` from the folded samples.
#[inline(always)]
fn project(across: &[Vec<Lanes>; BLOCK], basis: &[f32; BLOCK], out: &mut [f32]) {
    // An odd basis has opposite ends of opposite sign.
    let odd = basis[0] * basis[BLOCK - 1] < 0.0;
    for (group, out) in out.chunks_mut(LANES).enumerate() {
        let half: [Lanes; 4] =
            std::array::from_fn(|x| across[if odd { BLOCK - 1 - x } else { x }][group]);
        out.copy_from_slice(&weigh(basis, &half)[..out.len()]);
    }
}

/// `across[x][block] += C[v,x] values[block]`.
#[inline(always)]
fn spread(values: &[f32], basis: &[f32; BLOCK], across: &mut [Vec<Lanes>; BLOCK]) {
    for (group, values) in values.chunks(LANES).enumerate() {
        let mut padded = [0.0; LANES];
        padded[..values.len()].copy_from_slice(values);
        for (x, &weight) in basis.iter().enumerate() {
            for (sum, &value) in across[x][group].iter_mut().zip(&padded) {
                *sum += weight * value;
            }
        }
    }
}

/// `line[8 block + x] = across[x][block]`.
#[inline(always)]
fn scatter_blocks(across: &[Vec<Lanes>; BLOCK], line: &mut [f32]) {
    for (group, samples) in line.chunks_exact_mut(LANES * BLOCK).enumerate() {
        for (b, block) in samples.chunks_exact_mut(BLOCK).enumerate() {
            for (x, sample) in block.iter_mut().enumerate() {
                *sample = across[x][group][b];
            }
        }
    }
}

#[cfg(test)]
mod tests;
