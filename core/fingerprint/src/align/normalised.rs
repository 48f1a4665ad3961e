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

/// Contrast below which a neighbourhood counts as flat, in code values. Measured on clips at CRF 40: 12 and 24 are level, 6
/// and 3 raise coding noise and lose 8 and 25 %.
const FLOOR: f64 = 12.0;

/// The squares around the samples of one grid, as far as the mask leaves them.
pub(super) struct Neighbourhoods {
    width: usize,
    radius: usize,
    mask: Vec<bool>,
    /// One over the number of unmasked samples; zero where masked.
    share: Vec<f32>,
}

impl Neighbourhoods {
    /// `mask` holds the samples that count, rows of `width`.
    pub(super) fn new(mask: Vec<bool>, width: usize, radius: usize) -> Self {
        let ones: Vec<f32> = mask.iter().map(|&held| f32::from(u8::from(held))).collect();
        let mut share = vec![0.0; mask.len()];
        box_sums(&ones, width, radius, |first, sums| {
            let own = mask[first..].iter().zip(&mut share[first..]);
            for ((&held, share), [count, _]) in own.zip(sums) {
                if held {
                    *share = (1.0 / count) as f32;
                }
            }
        });
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
    pub(super) fn normalise(&self, samples: &mut [f32], spare: &mut Vec<f32>) {
        spare.clear();
        // Centred, so that the variance is no difference of large numbers.
        spare.extend(
            samples
                .iter()
                .zip(&self.mask)
                .map(|(&p, &held)| if held { p - 128.0 } else { 0.0 }),
        );
        let spare = &spare[..];
        box_sums(spare, self.width, self.radius, |first, sums| {
            let own = first..first + sums.len();
            let centred = spare[own.clone()].iter().zip(&self.share[own.clone()]);
            let samples = samples[own].iter_mut();
            for ((sample, (&p, &share)), &[sum, squares]) in samples.zip(centred).zip(sums) {
                let share = f64::from(share);
                let mean = sum * share;
                let variance = squares * share - mean * mean;
                let variance = if variance > 0.0 { variance } else { 0.0 };
                let level = (f64::from(p) - mean) / (variance + FLOOR * FLOOR).sqrt();
                *sample = if share > 0.0 { level as f32 } else { 0.0 };
            }
        });
    }
}

/// Sums of values and of their squares over every square, handed out row by row with the place of its first sample.
fn box_sums(
    samples: &[f32],
    width: usize,
    radius: usize,
    mut each: impl FnMut(usize, &[[f64; 2]]),
) {
    let height = samples.len() / width;
    // Column sums between `radius + 1` zeros in front and `radius` behind, so that no square needs a bound.
    let mut columns = vec![[0.0_f64; 2]; width + 2 * radius + 1];
    let mut sums = vec![[0.0_f64; 2]; width];
    let row = |y: usize| &samples[y * width..(y + 1) * width];
    for y in 0..height + radius {
        if y < height {
            for (column, &p) in columns[radius + 1..].iter_mut().zip(row(y)) {
                let p = f64::from(p);
                column[0] += p;
                column[1] += p * p;
            }
        }
        if y > 2 * radius {
            for (column, &p) in columns[radius + 1..]
                .iter_mut()
                .zip(row(y - 2 * radius - 1))
            {
                let p = f64::from(p);
                column[0] -= p;
                column[1] -= p * p;
            }
        }
        if y < radius {
            continue;
        }
        let mut square = [0.0_f64; 2];
        for column in &columns[1..=2 * radius] {
            square[0] += column[0];
            square[1] += column[1];
        }
        let ends = columns.iter().zip(&columns[2 * radius + 1..]);
        for (sums, (old, new)) in sums.iter_mut().zip(ends) {
            square[0] += new[0] - old[0];
            square[1] += new[1] - old[1];
            *sums = square;
        }
        each((y - radius) * width, &sums);
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
        Neighbourhoods::new(mask.clone(), width, radius).normalise(&mut found, &mut Vec::new());
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
        let mut spare = Vec::new();
        all.normalise(&mut plain, &mut spare);
        all.normalise(&mut changed, &mut spare);
        // The floor of 12 against a contrast of 60 or 42: 2 % of the larger levels.
        let apart = plain.iter().zip(&changed).map(|(a, b)| (a - b).abs());
        assert!(apart.fold(0.0, f32::max) < 0.06);
    }
}
