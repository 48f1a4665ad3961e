//! How much each block and each frequency hides: amplitudes of just-noticeable chips from the host's own coefficients.
//!
//! ```text
//! E[b]  = mean over the band of X[k,b]^2                                 activity of block b
//! E'[b] = sqrt(E[b] * min of E over b and its eight neighbours)          quiet where texture touches a flat block
//! a[b]  = (E0 + E'[b])^(1/8) * dark(X[0,b] / 8)                          contrast masking, sigma^(1/4)
//! dark(m) = clamp((m - 16) / 32, 0.3, 1)
//! a'[b] = a[b] / max(c[b], 1)                                          in the master's code values
//! a[k,b]  = s[u + v] a'[b]                                                 s falls from 1.75 to 0.68 (format 2)
//! ```
//!
//! `X` and `m` are those of the standard picture that looks alike ([`crate::light`]): `m` becomes `m*`, `X` becomes `c X`. In
//! standard range `c` is 1.
//!
//! The exponent is small on purpose: measured at equal VMAF, a steeper one hides less energy and one of zero shows in
//! skies and skin.
//!
//! `s` follows what encoders leave and the eye sees: coarse quantisation erases the higher diagonals first, and on a screen
//! three heights away the lowest is half a cycle in a degree, the highest three, where the eye is keenest. At equal VMAF,
//! twelve clips at CRF 40, cropped and darkened, score a fifth higher with it than with equal amplitudes. A steeper `s` gains
//! more there, but takes from clips that keep their detail and are read with keys alone.
//!
//! # Shapes and units
//! Input: coefficients from `u + v = 0` on, index 0 is the mean (8 times the block's mean code value of 8 bits).
//! Output: one relative amplitude for each block, about 1 in a flat block and 2.5 in a busy one; one factor for each
//! frequency of the mark's band.
//! # References
//! Watson 1993, "DCT quantization matrices visually optimized for individual images": contrast masking, section 3.
//! Mannos and Sakrison 1974, "The effects of a visual fidelity criterion on the encoding of images": contrast sensitivity.
//! # Determinism
//! Square roots only, which IEEE 754 rounds exactly.

use crate::format::FormatSpec;
use crate::lattice::LatticeGeometry;
use crate::lattice::dct::{Band, CoefficientPlane};
use crate::light::Transfer;

/// Activity below which a block counts as flat, in squared code values of 8 bits.
const FLAT_ACTIVITY: f32 = 0.5;

/// Mean code value of 8 bits of a black block: from here on upwards it may carry more.
pub(crate) const DARK_START: f32 = 16.0;

/// Code values of 8 bits from a black block to one that darkness does not matter in.
pub(crate) const DARK_RAMP: f32 = 32.0;

/// What a dark block carries at least, as a share of what its texture allows.
const DARK_FLOOR: f32 = 0.3;

/// `s`: what each frequency of the mark's band carries, in units of its block's amplitude.
#[must_use]
pub(crate) fn shape(format: &FormatSpec, lattice: LatticeGeometry) -> Vec<f32> {
    let band = Band::of_mark(lattice);
    let amplitudes = band.frequencies().iter().map(|&f| format.amplitude(f));
    amplitudes.collect()
}

/// The amplitude of a flat black block.
pub(crate) fn flat_and_black() -> f32 {
    FLAT_ACTIVITY.sqrt().sqrt().sqrt() * DARK_FLOOR
}

/// Times `s[k]`, so that each frequency counts for what it carries; values are `[chip]`.
pub(crate) fn weigh(format: &FormatSpec, lattice: LatticeGeometry, values: &mut [f32]) {
    let rows = values.chunks_exact_mut(lattice.blocks());
    for (values, shape) in rows.zip(shape(format, lattice)) {
        for value in values {
            *value *= shape;
        }
    }
}

/// Workspace of the model on one lattice.
#[derive(Clone, Debug)]
pub(crate) struct Visibility {
    lattice: LatticeGeometry,
    activity: Vec<f32>,
    row_min: Vec<f32>,
    /// `m*` and `c` of every block.
    shown: Vec<(f32, f32)>,
    coded: Vec<f32>,
    seen: Vec<f32>,
}

/// The model's answer for one frame, one value for each block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amplitudes<'a> {
    /// In code values of the master.
    pub(crate) coded: &'a [f32],
    /// As they look: in code values of standard range.
    pub(crate) seen: &'a [f32],
}

impl Visibility {
    /// Prepares for coefficients of that lattice.
    #[must_use]
    pub(crate) fn new(lattice: LatticeGeometry) -> Self {
        let zeros = vec![0.0; lattice.blocks()];
        Self {
            lattice,
            activity: zeros.clone(),
            row_min: zeros.clone(),
            shown: Vec::with_capacity(lattice.blocks()),
            seen: zeros.clone(),
            coded: zeros,
        }
    }

    /// The amplitude of every block of a master with that transfer function; coefficient 0 is the mean.
    ///
    /// # Panics
    /// When the coefficients are not of the workspace's lattice.
    pub(crate) fn amplitudes(
        &mut self,
        host: &CoefficientPlane,
        transfer: Transfer,
    ) -> Amplitudes<'_> {
        assert_eq!(host.geometry(), self.lattice, "lattice size");
        self.activity.fill(0.0);
        for k in 1..host.coefficients() {
            for (sum, x) in self.activity.iter_mut().zip(host.coefficient(k)) {
                *sum += x * x;
            }
        }
        let mean = 1.0 / (host.coefficients() - 1) as f32;
        self.activity.iter_mut().for_each(|sum| *sum *= mean);
        self.shown.clear();
        let means = host.coefficient(0).iter();
        self.shown
            .extend(means.map(|mean| transfer.standard(mean * 0.125)));
        for (activity, (_, contrast)) in self.activity.iter_mut().zip(&self.shown) {
            *activity *= contrast * contrast;
        }
        self.minimum_of_rows();
        let (cols, rows) = (self.lattice.cols(), self.lattice.rows());
        for row in 0..rows {
            let around = row.saturating_sub(1)..=(row + 1).min(rows - 1);
            for col in 0..cols {
                let quietest = around
                    .clone()
                    .map(|r| self.row_min[r * cols + col])
                    .fold(f32::INFINITY, f32::min);
                let block = row * cols + col;
                let masked = FLAT_ACTIVITY + (self.activity[block] * quietest).sqrt();
                let (mean, contrast) = self.shown[block];
                let dark = (mean - DARK_START) / DARK_RAMP;
                let standard = masked.sqrt().sqrt().sqrt() * dark.clamp(DARK_FLOOR, 1.0);
                self.coded[block] = standard / contrast.max(1.0);
                self.seen[block] = self.coded[block] * contrast;
            }
        }
        Amplitudes {
            coded: &self.coded,
            seen: &self.seen,
        }
    }

    /// What a detector expects: it sees code values, whatever their light.
    pub(crate) fn standard(&mut self, host: &CoefficientPlane) -> Vec<f32> {
        self.amplitudes(host, Transfer::Standard).coded.to_vec()
    }

    fn minimum_of_rows(&mut self) {
        let cols = self.lattice.cols();
        for (activity, minimum) in self
            .activity
            .chunks_exact(cols)
            .zip(self.row_min.chunks_exact_mut(cols))
        {
            for (col, minimum) in minimum.iter_mut().enumerate() {
                let around = &activity[col.saturating_sub(1)..(col + 2).min(cols)];
                *minimum = around.iter().copied().fold(f32::INFINITY, f32::min);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(activity: impl Fn(usize) -> f32, mean: f32) -> CoefficientPlane {
        let lattice = FormatSpec::CURRENT
            .lattice(640, 360)
            .expect("a supported size");
        let mut host = CoefficientPlane::new(lattice, &Band::diagonals(0, 6));
        host.coefficient_mut(0).fill(8.0 * mean);
        for k in 1..host.coefficients() {
            for (block, x) in host.coefficient_mut(k).iter_mut().enumerate() {
                *x = activity(block).sqrt();
            }
        }
        host
    }

    #[test]
    fn a_textured_block_beside_a_flat_one_stays_quiet() {
        let even = host(|_| 400.0, 128.0);
        let lattice = even.geometry();
        let edge = host(
            |block| {
                if block % lattice.cols() < 5 {
                    0.0
                } else {
                    400.0
                }
            },
            128.0,
        );
        let mut model = Visibility::new(lattice);
        let textured = model.standard(&even)[5];
        let beside = model.standard(&edge)[5];
        assert!(beside < 0.6 * textured, "{beside} against {textured}");
        assert!((model.standard(&edge)[7] - textured).abs() < 1e-5);
    }

    #[test]
    fn amplitude_grows_with_the_fourth_root_of_contrast() {
        let mut model = Visibility::new(host(|_| 0.0, 128.0).geometry());
        let weak = model.standard(&host(|_| 100.0, 128.0))[40];
        let strong = model.standard(&host(|_| 10_000.0, 128.0))[40];
        assert!((strong / weak - 10_f32.powf(0.25)).abs() < 0.01);
    }

    #[test]
    fn the_shape_spends_as_much_as_equal_amplitudes_would() {
        let format = FormatSpec::CURRENT;
        let lattice = format.lattice(640, 360).expect("a supported size");
        let shape = shape(&format, lattice);
        assert_eq!(shape.len(), 27);
        let energy = shape.iter().map(|s| s * s).sum::<f32>() / shape.len() as f32;
        assert!((energy - 1.0).abs() < 0.01, "{energy}");
        // One vertical half-wave, then two, up to six: ever higher diagonals.
        let column: Vec<f32> = (1..=6).map(|u| format.amplitude((u, 0))).collect();
        assert!(column.is_sorted_by(|low, high| low > high), "{column:?}");
    }

    #[test]
    fn dark_blocks_carry_less() {
        let mut model = Visibility::new(host(|_| 0.0, 128.0).geometry());
        let bright = model.standard(&host(|_| 50.0, 128.0))[40];
        let dark = model.standard(&host(|_| 50.0, 18.0))[40];
        assert!((dark / bright - DARK_FLOOR).abs() < 1e-5);
    }

    #[test]
    fn a_bright_sky_in_pq_carries_what_looks_alike() {
        let sky = host(|_| 0.0, 150.0);
        let mut model = Visibility::new(sky.geometry());
        let usual = model.standard(&sky)[40];
        let found = model.amplitudes(&sky, Transfer::Pq);
        let (coded, seen) = (found.coded[40], found.seen[40]);
        assert!((usual / coded - 3.9).abs() < 0.1, "{usual} {coded}");
        assert!((seen / usual - 1.0).abs() < 0.01, "{usual} {seen}");
    }

    #[test]
    fn fine_dark_codes_carry_no_more_than_those_of_standard_range() {
        let night = host(|_| 0.0, 30.0);
        let mut model = Visibility::new(night.geometry());
        let found = model.amplitudes(&night, Transfer::Pq);
        let (coded, seen) = (found.coded[40], found.seen[40]);
        assert!(seen < coded, "{seen} {coded}");
        assert!(coded <= model.standard(&night)[40]);
    }
}
