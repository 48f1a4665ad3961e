//! Local normalisation under a mask.
//!
//! ```text
//! n(x) = (p(x) - m(x)) / sqrt(v(x) + e^2),   m, v: mean and variance of the unmasked p in the square around x
//! ```
//!
//! A change `p -> a p + b` whose `a` and `b` vary slowly against the square leaves `n` where `v` is well above `e^2`.
//!
//! # Shapes and units
//! Squares of `2 radius + 1` samples; `p`, `e` in code values, `n` without unit and zero where masked.
//! # Determinism
//! Sums of a column run from top to bottom, those of a row from left to right, in this order on every machine.

#![expect(
    clippy::inline_always,
    reason = "a kernel is compiled once more inside of a function with other instructions"
)]

use std::cell::RefCell;
use std::ops::Range;

use super::x86;

/// The square that normalises a sample reaches this far from it. Measured at a short side of 288: 3 and 4 are level, 6 and
/// 10 lose 4 and 20 %.
pub(super) const RADIUS: usize = 4;

/// Contrast below which a neighbourhood counts as flat, in code values. Measured on clips at CRF 40: 12 and 24 are level, 6
/// and 3 raise coding noise and lose 8 and 25 %.
const FLOOR: f64 = 12.0;

/// Rows whose squares move on together: a sum waits for the one before it, and four in turn keep the adder busy.
const ROWS: usize = 4;

/// The squares around the samples of one grid, as far as the mask leaves them.
#[derive(Debug)]
pub(super) struct Neighbourhoods {
    width: usize,
    radius: usize,
    mask: Vec<bool>,
    /// One over the number of unmasked samples; zero where masked.
    share: Vec<f32>,
}

/// What a normalisation writes on its way; one a thread.
#[derive(Default)]
pub(super) struct Workspace {
    centred: Vec<f32>,
    /// Sums down each column, for each of [`ROWS`] rows.
    columns: [Sums; ROWS],
    /// The same over squares.
    squares: [Sums; ROWS],
}

/// Sums along a row of levels and of their squares.
#[derive(Default)]
struct Sums {
    level: Vec<f64>,
    squared: Vec<f64>,
}

impl Sums {
    fn clear(&mut self, count: usize) {
        for sums in [&mut self.level, &mut self.squared] {
            sums.clear();
            sums.resize(count, 0.0);
        }
    }
}

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

impl Neighbourhoods {
    /// `mask` holds the samples that count, rows of `width`.
    pub(super) fn new(mask: Vec<bool>, width: usize, radius: usize) -> Self {
        let mut share = vec![0.0; mask.len()];
        x86::shares(&mask, width, radius, &mut share);
        Self {
            width,
            radius,
            mask,
            share,
        }
    }

    /// The samples that count.
    pub(super) fn mask(&self) -> &[bool] {
        &self.mask
    }

    /// Normalises `samples` in place.
    pub(super) fn normalise(&self, samples: &mut [f32]) {
        WORKSPACE.with_borrow_mut(|workspace| x86::normalise(self, samples, workspace));
    }
}

/// Kernel of [`Neighbourhoods::new`]: one over the number of samples that count in the square around each of them.
#[inline(always)]
pub(super) fn shares(mask: &[bool], width: usize, radius: usize, share: &mut [f32]) {
    let height = mask.len() / width;
    // Counts are whole numbers, so that their order does not matter.
    let mut columns = vec![0_u16; width + 2 * radius];
    let row = |y: usize| &mask[y * width..(y + 1) * width];
    let mut counts = vec![0_u16; width];
    for y in 0..height + radius {
        let columns = &mut columns[..];
        if y < height {
            for (column, &held) in columns[radius..].iter_mut().zip(row(y)) {
                *column += u16::from(held);
            }
        }
        if y > 2 * radius {
            for (column, &held) in columns[radius..].iter_mut().zip(row(y - 2 * radius - 1)) {
                *column -= u16::from(held);
            }
        }
        if y < radius {
            continue;
        }
        counts.fill(0);
        for across in 0..=2 * radius {
            for (count, column) in counts.iter_mut().zip(&columns[across..]) {
                *count += column;
            }
        }
        let own = (y - radius) * width..(y - radius + 1) * width;
        let held = mask[own.clone()].iter().zip(&counts);
        for (share, (&held, &count)) in share[own].iter_mut().zip(held) {
            let one_over = (1.0 / f64::from(count.max(1))) as f32;
            *share = if held { one_over } else { 0.0 };
        }
    }
}

/// Kernel of [`Neighbourhoods::normalise`].
#[inline(always)]
pub(super) fn normalise(
    neighbourhoods: &Neighbourhoods,
    samples: &mut [f32],
    workspace: &mut Workspace,
) {
    let Neighbourhoods {
        width,
        radius,
        mask,
        share,
    } = neighbourhoods;
    let (width, radius) = (*width, *radius);
    let height = samples.len() / width;
    let Workspace {
        centred,
        columns,
        squares,
    } = workspace;
    centred.clear();
    // Centred, so that the variance is no difference of large numbers.
    centred.extend(
        samples
            .iter()
            .zip(mask)
            .map(|(&p, &held)| if held { p - 128.0 } else { 0.0 }),
    );
    let centred = &centred[..];
    let row = |y: usize| &centred[y * width..(y + 1) * width];
    // Between `radius + 1` zeros in front and `radius` behind, so that no square needs a bound.
    let inner = radius + 1..radius + 1 + width;
    for sums in columns.iter_mut() {
        sums.clear(width + 2 * radius + 1);
    }
    for sums in squares.iter_mut() {
        sums.clear(width);
    }
    for y in 0..height.min(radius) {
        let last = &mut columns[ROWS - 1];
        add(last, inner.clone(), row(y));
    }
    for first in (0..height).step_by(ROWS) {
        let count = ROWS.min(height - first);
        for at in 0..count {
            let y = first + at;
            next(columns, at, inner.clone());
            if y + radius < height {
                add(&mut columns[at], inner.clone(), row(y + radius));
            }
            if y > radius {
                subtract(&mut columns[at], inner.clone(), row(y - radius - 1));
            }
        }
        slide(columns, squares, (width, radius));
        for (at, sums) in squares[..count].iter().enumerate() {
            let own = (first + at) * width..(first + at + 1) * width;
            let centred = centred[own.clone()].iter().zip(&share[own.clone()]);
            let sums = sums.level.iter().zip(&sums.squared);
            let levels = samples[own].iter_mut().zip(centred).zip(sums);
            for ((sample, (&p, &share)), (&sum, &squared)) in levels {
                let share = f64::from(share);
                let mean = sum * share;
                let variance = squared * share - mean * mean;
                let variance = if variance > 0.0 { variance } else { 0.0 };
                let level = (f64::from(p) - mean) / (variance + FLOOR * FLOOR).sqrt();
                *sample = if share > 0.0 { level as f32 } else { 0.0 };
            }
        }
    }
}

/// Takes over the sums of the row before `at`.
#[inline(always)]
fn next(columns: &mut [Sums; ROWS], at: usize, inner: Range<usize>) {
    let (from, to) = if at == 0 {
        let (first, others) = columns.split_at_mut(1);
        (&others[ROWS - 2], &mut first[0])
    } else {
        let (done, open) = columns.split_at_mut(at);
        (&done[at - 1], &mut open[0])
    };
    to.level[inner.clone()].copy_from_slice(&from.level[inner.clone()]);
    to.squared[inner.clone()].copy_from_slice(&from.squared[inner]);
}

#[inline(always)]
fn add(sums: &mut Sums, inner: Range<usize>, row: &[f32]) {
    let sums = sums.level[inner.clone()]
        .iter_mut()
        .zip(&mut sums.squared[inner]);
    for ((level, squared), &p) in sums.zip(row) {
        let p = f64::from(p);
        *level += p;
        *squared += p * p;
    }
}

#[inline(always)]
fn subtract(sums: &mut Sums, inner: Range<usize>, row: &[f32]) {
    let sums = sums.level[inner.clone()]
        .iter_mut()
        .zip(&mut sums.squared[inner]);
    for ((level, squared), &p) in sums.zip(row) {
        let p = f64::from(p);
        *level -= p;
        *squared -= p * p;
    }
}

/// Sums over the squares along all rows at once, from those down the columns.
#[inline(always)]
fn slide(columns: &[Sums; ROWS], squares: &mut [Sums; ROWS], (width, radius): (usize, usize)) {
    let behind = 2 * radius + 1;
    let mut sums = [[0.0_f64; 2]; ROWS];
    for (sums, columns) in sums.iter_mut().zip(columns) {
        for at in 1..behind {
            sums[0] += columns.level[at];
            sums[1] += columns.squared[at];
        }
    }
    // Slices of one length, so that the loop has no bounds to check.
    let old = columns
        .each_ref()
        .map(|c| [&c.level[..width], &c.squared[..width]]);
    let new = columns
        .each_ref()
        .map(|c| [&c.level[behind..][..width], &c.squared[behind..][..width]]);
    let out = squares
        .each_mut()
        .map(|s| [&mut s.level[..width], &mut s.squared[..width]]);
    for x in 0..width {
        for row in 0..ROWS {
            for kind in 0..2 {
                sums[row][kind] += new[row][kind][x] - old[row][kind][x];
                out[row][kind][x] = sums[row][kind];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uneven(count: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * i * 7 + i * 31) % 211) as f32)
            .collect()
    }

    #[test]
    fn the_formula_sample_by_sample() {
        let (width, height, radius) = (23_usize, 11_usize, 3_usize);
        let picture = uneven(width * height);
        let mask: Vec<bool> = (0..width * height)
            .map(|i| i % width > 4 && i % 13 != 0)
            .collect();
        let mut found = picture.clone();
        Neighbourhoods::new(mask.clone(), width, radius).normalise(&mut found);
        for (at, &found) in found.iter().enumerate() {
            let (x, y) = (at % width, at / width);
            let near = |a: usize, b: usize| a.abs_diff(b) <= radius;
            let square =
                (0..picture.len()).filter(|&i| mask[i] && near(i % width, x) && near(i / width, y));
            let levels: Vec<f64> = square.map(|i| f64::from(picture[i])).collect();
            let mean = levels.iter().sum::<f64>() / levels.len() as f64;
            let squares = levels.iter().map(|p| (p - mean) * (p - mean));
            let variance = squares.sum::<f64>() / levels.len() as f64;
            let apart = (f64::from(picture[at]) - mean) / (variance + FLOOR * FLOOR).sqrt();
            let expected = if mask[at] { apart } else { 0.0 };
            // One part in 10^7 of `share` times a variance of 4,000.
            assert!((f64::from(found) - expected).abs() < 1e-4, "{x} {y}");
        }
    }

    #[test]
    fn gain_and_offset_leave_textured_pictures_as_they_are() {
        let mut plain = uneven(40 * 30);
        let mut changed: Vec<f32> = plain.iter().map(|p| 0.7 * p + 40.0).collect();
        let all = Neighbourhoods::new(vec![true; plain.len()], 40, 4);
        all.normalise(&mut plain);
        all.normalise(&mut changed);
        // The floor of 12 against a contrast of 60 or 42: 2 % of the larger levels.
        let apart = plain.iter().zip(&changed).map(|(a, b)| (a - b).abs());
        assert!(apart.fold(0.0, f32::max) < 0.06);
    }
}
