//! Means of the parts of a frame as waves: most of a frame that moves is in a few of them.
//!
//! ```text
//! W[v,u] = c(u) c(v) sum_{y,x} m[y,x] cos(pi (2y+1) v / 2N) cos(pi (2x+1) u / 2N),  c(0) = sqrt(1/N), else sqrt(2/N),  N = 8
//! ```
//!
//! # Shapes and units
//! 8 x 8 means, row by row, code values; waves in the same unit, in the order of `u + v`, the slowest first.

use super::{MEANS, PARTS};

/// Kinds of waves, by how fast they are.
pub(super) const BANDS: usize = 6;

/// `C<k>` is `cos(pi k / 16) / 2`.
const C1: f32 = 0.490_392_65;
const C2: f32 = 0.461_939_78;
const C3: f32 = 0.415_734_8;
const C4: f32 = 0.353_553_4;
const C5: f32 = 0.277_785_12;
const C6: f32 = 0.191_341_71;
const C7: f32 = 0.097_545_16;

/// `c(u) cos(pi (2x+1) u / 2N)`, by `u`.
const COSINES: [[f32; PARTS]; PARTS] = [
    [C4, C4, C4, C4, C4, C4, C4, C4],
    [C1, C3, C5, C7, -C7, -C5, -C3, -C1],
    [C2, C6, -C6, -C2, -C2, -C6, C6, C2],
    [C3, -C7, -C1, -C5, C5, C1, C7, -C3],
    [C4, -C4, -C4, C4, C4, -C4, -C4, C4],
    [C5, -C1, C7, C3, -C3, -C7, C1, -C5],
    [C6, -C2, C2, -C6, -C6, C2, -C2, C6],
    [C7, -C5, C3, -C1, C1, -C3, C5, -C7],
];

/// Places of waves by `u + v`, each below and then across.
const ORDER: [usize; MEANS] = order();

const fn order() -> [usize; MEANS] {
    let mut order = [0; MEANS];
    let (mut next, mut sum) = (0, 0);
    while sum < 2 * PARTS - 1 {
        let mut v = 0;
        while v < PARTS {
            if sum >= v && sum - v < PARTS {
                order[next] = v * PARTS + (sum - v);
                next += 1;
            }
            v += 1;
        }
        sum += 1;
    }
    order
}

/// The kind of the wave at that place of the order.
pub(super) fn band(place: usize) -> usize {
    let at = ORDER[place];
    (at / PARTS + at % PARTS).min(BANDS - 1)
}

/// The waves of some means.
pub(super) fn of(means: &[f32; MEANS]) -> [f32; MEANS] {
    let across = along(means, |u, x| COSINES[u][x]);
    let both = along(&across, |v, y| COSINES[v][y]);
    ORDER.map(|at| both[at])
}

/// The means of some waves.
pub(super) fn into_means(waves: &[f32; MEANS]) -> [f32; MEANS] {
    let mut placed = [0.0; MEANS];
    for (at, wave) in ORDER.into_iter().zip(waves) {
        placed[at] = *wave;
    }
    let across = along(&placed, |x, u| COSINES[u][x]);
    along(&across, |y, v| COSINES[v][y])
}

/// Rows transformed, and rows and columns changed over: twice is both ways.
fn along(values: &[f32; MEANS], weight: impl Fn(usize, usize) -> f32) -> [f32; MEANS] {
    let mut out = [0.0; MEANS];
    for (line, row) in values.chunks_exact(PARTS).enumerate() {
        for to in 0..PARTS {
            let mut sum = 0.0;
            for (from, value) in row.iter().enumerate() {
                sum += weight(to, from) * value;
            }
            out[to * PARTS + line] = sum;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_come_back_and_keep_their_energy() {
        let means: [f32; MEANS] = std::array::from_fn(|k| ((k * 37 + k * k) % 251) as f32);
        let waves = of(&means);
        let energy = |of: &[f32; MEANS]| of.iter().map(|v| v * v).sum::<f32>();
        assert!((energy(&means) / energy(&waves) - 1.0).abs() < 1e-5);
        for (mean, back) in means.iter().zip(into_means(&waves)) {
            assert!((mean - back).abs() < 1e-2);
        }
        let flat = of(&[50.0; MEANS]);
        assert!((flat[0] - 400.0).abs() < 1e-2 && flat[1..].iter().all(|w| w.abs() < 1e-3));
        // Left to right is the first wave across, which comes before the first one down.
        let slope = of(&std::array::from_fn(|k| (k % PARTS) as f32));
        assert!(slope[1].abs() > 10.0 && slope[2].abs() < 1e-3);
    }
}
