//! How lattice samples become picture samples, and what of each DCT frequency survives the way back.
//!
//! ```text
//! s = (x + 1/2) L / N - 1/2,   i = floor(s),   t = s - i            picture sample x of N on a lattice axis of L
//! p(x) = sum_{j=-1..2} K(t - j) q[i + j],   q[-1 - i] = q[i],   q[L + i] = q[L - 1 - i]
//! K(d) = (a + 2)|d|^3 - (a + 3)|d|^2 + 1,          |d| <= 1
//!      = a|d|^3 - 5a|d|^2 + 8a|d| - 4a,        1 < |d| <= 2,   a = -1/2
//! ```
//!
//! Measured through the area average at 1080p against bilinear and the interpolating cubic B-spline: Keys' cubic
//! leaves the largest share of its energy in the lattice at every frequency (at u = 6: 0.78, bilinear 0.76, B-spline
//! 0.71), and its reach is two lattice samples, so borders beyond stay untouched.
//!
//! # Shapes and units
//! Sides in samples; shares between 0 and 1.
//! # References
//! R. G. Keys, "Cubic Convolution Interpolation for Digital Image Processing", IEEE Trans. ASSP 29(6), 1981, eq. 15.

#[cfg(test)]
use super::BLOCK;

/// Where a picture sample lies between lattice samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Phase {
    /// `i`: -1 before the first lattice sample's centre.
    pub(super) before: isize,
    /// `t`, in `0..1`.
    pub(super) fraction: f64,
}

impl Phase {
    pub(super) fn of(x: usize, picture: usize, lattice: usize) -> Self {
        // s in units of 1 / (2 picture): exact.
        let position = ((2 * x + 1) * lattice) as isize - picture as isize;
        let unit = 2 * picture as isize;
        Self {
            before: position.div_euclid(unit),
            fraction: position.rem_euclid(unit) as f64 / unit as f64,
        }
    }

    /// `K(t + 1), K(t), K(1 - t), K(2 - t)`: the weights of the samples `i - 1` to `i + 2`.
    pub(super) fn keys_weights(self) -> [f64; 4] {
        let t = self.fraction;
        [
            ((-0.5 * t + 1.0) * t - 0.5) * t,
            (1.5 * t - 2.5) * t * t + 1.0,
            ((-1.5 * t + 2.0) * t + 0.5) * t,
            (0.5 * t - 0.5) * t * t,
        ]
    }
}

/// The lattice sample that stands for index `i`, mirrored at both ends as in the DCT-II.
pub(super) fn mirrored(i: isize, len: usize) -> usize {
    let len = len as isize;
    let inside = if i < 0 { -1 - i } else { i };
    (if inside >= len {
        2 * len - 1 - inside
    } else {
        inside
    }) as usize
}

/// What one axis does to each of the eight DCT frequencies, on average over the blocks.
///
/// The two axes are independent: coefficient `(u, v)` survives with `rows.survival[u] * columns.survival[v]`.
#[cfg(test)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct AxisResponse {
    /// Amplitude that interpolation and area average leave of a frequency.
    pub(super) survival: [f64; BLOCK],
    /// Share of the picture's mark energy that the area average brings back to the same frequency.
    pub(super) efficiency: [f64; BLOCK],
}

#[cfg(test)]
impl AxisResponse {
    /// The response of an axis with that many picture and lattice samples, `lattice <= picture`, in exact arithmetic
    /// up to f64 rounding.
    pub(super) fn of(picture: usize, lattice: usize) -> Self {
        let r = picture as f64 / lattice as f64;
        let phases: Vec<_> = (0..picture)
            .map(|x| Phase::of(x, picture, lattice))
            .collect();
        let (mut survival, mut energy) = ([0.0; BLOCK], [0.0; BLOCK]);
        for block in 0..lattice / BLOCK {
            for u in 0..BLOCK {
                let basis = |i: usize| {
                    if i / BLOCK == block {
                        cosine(u, i % BLOCK)
                    } else {
                        0.0
                    }
                };
                for (x, phase) in phases.iter().enumerate() {
                    let taps = phase.keys_weights();
                    let value: f64 = (phase.before - 1..)
                        .zip(taps)
                        .map(|(i, weight)| weight * basis(mirrored(i, lattice)))
                        .sum();
                    // Sample x falls on one lattice sample, or on two.
                    let (first, last) = (x * lattice / picture, ((x + 1) * lattice - 1) / picture);
                    let border = (first + 1) as f64 * r;
                    let on_first = (border - x as f64).min(1.0);
                    energy[u] += value * value / r;
                    survival[u] += value * on_first * basis(first) / r;
                    if last > first {
                        survival[u] += value * (1.0 - on_first) * basis(last) / r;
                    }
                }
            }
        }
        let blocks = (lattice / BLOCK) as f64;
        let survival = survival.map(|sum| sum / blocks);
        let energy = energy.map(|sum| sum / blocks);
        Self {
            survival,
            efficiency: std::array::from_fn(|u| survival[u] * survival[u] / energy[u]),
        }
    }
}

/// Orthonormal DCT-II basis of eight samples.
#[cfg(test)]
fn cosine(u: usize, y: usize) -> f64 {
    let scale = if u == 0 { 8_f64.sqrt().recip() } else { 0.5 };
    scale * (std::f64::consts::PI * ((2 * y + 1) * u) as f64 / 16.0).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_sum_to_one_and_reproduce_lines() {
        for x in 0..1080 {
            let weights = Phase::of(x, 1080, 144).keys_weights();
            assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let slope: f64 = weights
                .iter()
                .zip([-1.0, 0.0, 1.0, 2.0])
                .map(|(w, j)| w * j)
                .sum();
            assert!((slope - Phase::of(x, 1080, 144).fraction).abs() < 1e-12);
        }
    }

    #[test]
    fn ends_mirror_about_their_outer_edge() {
        let around: Vec<_> = (-2..6).map(|i| mirrored(i, 4)).collect();
        assert_eq!(around, [1, 0, 0, 1, 2, 3, 3, 2]);
    }

    /// From an independent numpy model (dense matrices): survival and efficiency for u = 0 to 6.
    #[test]
    fn response_has_its_measured_values() {
        let table = [
            (1080, 144, [0.984, 0.961, 0.938, 0.896, 0.833, 0.764, 0.693]),
            (1920, 256, [0.984, 0.960, 0.937, 0.895, 0.832, 0.763, 0.693]),
            (720, 144, [0.985, 0.962, 0.940, 0.899, 0.841, 0.772, 0.704]),
            (360, 144, [0.986, 0.964, 0.938, 0.893, 0.806, 0.753, 0.679]),
        ];
        for (picture, lattice, survival) in table {
            let response = AxisResponse::of(picture, lattice);
            for (got, want) in response.survival.iter().zip(survival) {
                assert!((got - want).abs() < 6e-4, "{picture}: {response:?}");
            }
        }
        let efficiency = AxisResponse::of(1080, 144).efficiency;
        for (got, want) in efficiency
            .iter()
            .zip([0.983, 0.955, 0.923, 0.879, 0.826, 0.795, 0.781])
        {
            assert!((got - want).abs() < 6e-4, "{efficiency:?}");
        }
    }
}
