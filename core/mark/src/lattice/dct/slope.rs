//! How the coefficients of a block change when its picture slides: the slope of the cosines themselves, block by block.
//!
//! ```text
//! X'[u,w] = sum_v S[w,v] X[u,v]   along a row,      X'[w,v] = sum_u S[w,u] X[u,v]   down a column
//! S[w,v]  = sum_x C[w,x] d/dx C[v,x],               d/dx C[v,x] = -(pi v / 8) sin(pi (2x + 1) v / 16) / 2
//! ```
//!
//! A picture that slides by `s` samples of the lattice has the coefficients `X - s X'`, to first order and as far as the block knows.
//! The mean has no slope and takes no part.
//!
//! # Shapes and units
//! `[coefficient][block]` of the mark's band, without the mean; code values a sample of the lattice.

use super::{BLOCK, Band, half_cos, wave};

/// `S[w][v]`, from the definition in f64, rounded once.
const SLOPES: [[f32; BLOCK]; BLOCK] = slopes();

const fn slopes() -> [[f32; BLOCK]; BLOCK] {
    let mut slopes = [[0.0; BLOCK]; BLOCK];
    let mut w = 0;
    while w < BLOCK {
        let mut v = 1;
        while v < BLOCK {
            let mut sum = 0.0;
            let mut x = 0;
            while x < BLOCK {
                // sin(a) = cos(a - pi / 2), and a quarter turn back is three quarters on.
                let sine = half_cos((2 * x + 1) * v + 24);
                sum -= wave(w, x) * (v as f64 * std::f64::consts::PI / 8.0) * sine;
                x += 1;
            }
            slopes[w][v] = sum as f32;
            v += 1;
        }
        w += 1;
    }
    slopes
}

/// What one coefficient adds to the slope of another.
#[derive(Clone, Copy, Debug)]
struct Term {
    to: usize,
    from: usize,
    factor: f32,
}

/// The slopes of a band, along rows and down columns.
#[derive(Clone, Debug)]
pub(crate) struct Slopes {
    along: Vec<Term>,
    down: Vec<Term>,
}

impl Slopes {
    /// Of a band; what lies outside of it neither has a slope nor adds to one.
    #[must_use]
    pub(crate) fn new(band: &Band) -> Self {
        let terms = |is_along: bool| {
            let all = band.frequencies().iter().enumerate();
            let terms = all.flat_map(|(from, &(u, v))| {
                (0..BLOCK as u8).filter_map(move |w| {
                    let (to, of) = if is_along { ((u, w), v) } else { ((w, v), u) };
                    let factor = SLOPES[usize::from(w)][usize::from(of)];
                    // Even waves lean on odd ones only.
                    let leans = (w + of) % 2 == 1 && of > 0;
                    leans.then_some((from, to, factor))
                })
            });
            let within = |(from, (u, v), factor)| {
                let to = band.index_of(u, v)?;
                Some(Term { to, from, factor })
            };
            terms.filter_map(within).collect()
        };
        Self {
            along: terms(true),
            down: terms(false),
        }
    }

    /// Slopes of `[coefficient][block]`: along rows, then down columns.
    #[must_use]
    pub(crate) fn of(&self, values: &[f32], blocks: usize) -> [Vec<f32>; 2] {
        [&self.along, &self.down].map(|terms| {
            let mut slopes = vec![0.0; values.len()];
            for &Term { to, from, factor } in terms {
                let rows = slopes[to * blocks..][..blocks].iter_mut();
                for (slope, x) in rows.zip(&values[from * blocks..][..blocks]) {
                    *slope += factor * x;
                }
            }
            slopes
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_slides_a_little_changes_by_its_slope() {
        let band = Band::diagonals(1, 14);
        let slopes = Slopes::new(&band);
        // Waves of a block, looked at where they are and a thousandth of a sample on.
        let wave = |x: f64, y: f64| (0.31 * x + 0.2).cos() * (0.23 * y - 0.4).sin();
        let block = |dx: f64, dy: f64| -> Vec<f64> {
            let cosine = |n: u8, at: usize| {
                let c = if n == 0 { 0.125_f64.sqrt() } else { 0.5 };
                c * (std::f64::consts::PI * (2 * at + 1) as f64 * f64::from(n) / 16.0).cos()
            };
            let coefficient = |&(u, v): &(u8, u8)| {
                let samples = (0..64).map(|i| (i / 8, i % 8));
                let of = |(y, x): (usize, usize)| {
                    cosine(u, y) * cosine(v, x) * wave(x as f64 + dx, y as f64 + dy)
                };
                samples.map(of).sum()
            };
            band.frequencies().iter().map(coefficient).collect()
        };
        let own = block(0.0, 0.0);
        let values: Vec<f32> = own.iter().map(|x| *x as f32).collect();
        let [along, down] = slopes.of(&values, 1);
        let step = 1e-3;
        let (right, below) = (block(step, 0.0), block(0.0, step));
        for (slope, moved) in [(along, right), (down, below)] {
            let expected: Vec<f64> = moved
                .iter()
                .zip(&own)
                .map(|(m, o)| (m - o) / step)
                .collect();
            let product: f64 = slope
                .iter()
                .zip(&expected)
                .map(|(s, e)| f64::from(*s) * e)
                .sum();
            let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
            let slope: Vec<f64> = slope.iter().map(|s| f64::from(*s)).collect();
            let likeness = product / (norm(&slope) * norm(&expected));
            // The cosines lie flat at the ends of the block, where the picture does not.
            assert!(likeness > 0.9, "{likeness}");
        }
    }

    #[test]
    fn a_cosine_leans_into_the_odd_waves_beside_it() {
        // d/dx cos: one half-wave leans on the mean, two on one and three.
        for (w, row) in SLOPES.iter().enumerate() {
            for (v, slope) in row.iter().enumerate() {
                assert_eq!(
                    slope.abs() > 1e-6,
                    v > 0 && (w + v) % 2 == 1,
                    "{w} {v} {slope}"
                );
            }
        }
    }
}
