//! A part of a picture that keeps one side of it whole, found by sliding it along the other: where a picture is too coarse or too
//! plain for local features its faint detail still tells its place.
//!
//! ```text
//! d(x, y) = (p(x, y) - m) / (s + 3)            m, s: mean and standard deviation of the 7 x 7 samples around
//! c(k)    = sum r(x + k, y) q(x, y) / sqrt(sum r(x + k, y)^2 sum q(x, y)^2)      details r of the picture, q of the part
//! ```
//!
//! Every neighbourhood weighs alike: light, contrast and what lies over a corner do not decide.
//!
//! # Shapes and units
//! Pictures in code values. Details have [`LINES`] rows, the whole side, and as many columns as the other side is longer or shorter;
//! places are shares of that side.
//! # Determinism
//! Fixed order of summation, no fused multiply-add.
//! # References
//! J. P. Lewis, Fast normalized cross-correlation (Vision Interface 1995).

use countermark_picture::Grey;

use crate::x86::dispatched;

/// Rows of a detail.
const LINES: usize = 72;
/// Samples on either side of one that make its neighbourhood.
const REACH: usize = 3;
/// Contrast below which a neighbourhood counts as flat, in code values: rounding and an encoder's noise.
const FLAT: f32 = 3.0;
/// Samples of a detail for one that is independent: neighbourhoods overlap.
const SAMPLES_OF_ONE: f64 = 4.0;

/// Along which side a part may lie anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    /// It is as high as the picture.
    Width,
    /// It is as wide as the picture.
    Height,
}

impl Along {
    /// Of a part of `part` samples of a picture of `whole`, both `(width, height)`, neither of them stretched; none where their shapes
    /// differ by no more than a share.
    #[must_use]
    pub fn of(part: (usize, usize), whole: (usize, usize), least: f64) -> Option<Self> {
        let across = part.0 as f64 / whole.0 as f64;
        let down = part.1 as f64 / whole.1 as f64;
        let differ = (across / down - 1.0).abs() > least;
        differ.then_some(if across < down {
            Self::Width
        } else {
            Self::Height
        })
    }
}

/// What of a picture stands out of its neighbourhood.
#[derive(Debug, Clone)]
pub struct Detail {
    /// Columns; rows are [`LINES`].
    width: usize,
    samples: Vec<f32>,
}

/// Where a part is most like a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slid {
    /// Its first sample, as a share of the side of the picture that it slides along.
    pub place: f64,
    /// `c`, at most 1.
    pub correlation: f64,
    /// Places that were looked at.
    pub places: usize,
    /// Independent samples of the part, about.
    pub samples: f64,
}

impl Slid {
    /// `-log10` of how often unrelated details would be expected to be so alike, at one of these places in one of some pictures.
    #[must_use]
    pub fn score(&self, pictures: usize) -> f64 {
        let trials = (self.places * pictures.max(1)) as f64;
        let alike = self.correlation.max(0.0);
        alike * alike * self.samples / 2.0 * std::f64::consts::LOG10_E - trials.log10()
    }
}

impl Detail {
    /// Of a picture, or of a part of one, that slides along a side.
    #[must_use]
    pub fn new(picture: &Grey, along: Along) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let (long, whole) = match along {
            Along::Width => (width, height),
            Along::Height => (height, width),
        };
        let columns = ((long * LINES + whole / 2) / whole).max(1);
        // Rows lie across the side that it slides along, or down that side.
        let samples = match along {
            Along::Width => shrunk(picture.samples(), width, columns),
            Along::Height => shrunk(&turned(picture.samples(), width), height, columns),
        };
        let samples = turned(&shrunk(&turned(&samples, columns), whole, LINES), LINES);
        let mean = around(&samples, columns);
        let each = samples.iter().zip(&mean);
        let left: Vec<f32> = each.map(|(sample, mean)| sample - mean).collect();
        let squares: Vec<f32> = left.iter().map(|left| left * left).collect();
        let contrast = around(&squares, columns);
        let each = left.iter().zip(&contrast);
        Self {
            width: columns,
            samples: each
                .map(|(left, square)| left / (square.sqrt() + FLAT))
                .collect(),
        }
    }

    /// Where a part is most like it; none where the part is longer, or either is flat.
    #[must_use]
    pub fn slid(&self, part: &Self) -> Option<Slid> {
        let places = (self.width + 1).checked_sub(part.width)?;
        let mut products = vec![0.0; places];
        sums(&self.samples, &part.samples, self.width, &mut products);
        let mut columns = vec![0.0; self.width];
        for row in self.samples.chunks_exact(self.width) {
            for (sum, sample) in columns.iter_mut().zip(row) {
                *sum += f64::from(sample * sample);
            }
        }
        let own: f64 = part.samples.iter().map(|s| f64::from(s * s)).sum();
        let mut energy: f64 = columns[..part.width].iter().sum();
        let mut best: Option<(usize, f64)> = None;
        let mut all = Vec::with_capacity(places);
        for (place, product) in products.iter().enumerate() {
            if place > 0 {
                energy += columns[place + part.width - 1] - columns[place - 1];
            }
            let both = energy.max(0.0) * own;
            let correlation = if both > 0.0 {
                f64::from(*product) / both.sqrt()
            } else {
                0.0
            };
            all.push(correlation);
            if best.is_none_or(|(_, known)| correlation > known) {
                best = Some((place, correlation));
            }
        }
        let (place, correlation) = best.filter(|(_, correlation)| *correlation > 0.0)?;
        // Between samples: the top of a parabola through the best and its neighbours.
        let beside = |at: Option<usize>| Some(correlation - all.get(at?)?);
        let off = match (beside(place.checked_sub(1)), beside(Some(place + 1))) {
            (Some(before), Some(after)) if before + after > 0.0 => {
                (before - after) / (2.0 * (before + after))
            }
            _ => 0.0,
        };
        Some(Slid {
            place: (place as f64 + off) / self.width as f64,
            correlation,
            places,
            samples: part.samples.len() as f64 / SAMPLES_OF_ONE,
        })
    }
}

dispatched! {
    /// Compiled once more for AVX2.
    sums(picture: &[f32], part: &[f32], width: usize, products: &mut [f32]) is each_sum
}

/// The products of a part and a picture of some width at every place, added up.
#[expect(
    clippy::inline_always,
    reason = "a kernel is compiled once for each instruction set"
)]
#[inline(always)]
fn each_sum(picture: &[f32], part: &[f32], width: usize, products: &mut [f32]) {
    let own = width + 1 - products.len();
    for (row, line) in picture.chunks_exact(width).zip(part.chunks_exact(own)) {
        for (x, sample) in line.iter().enumerate() {
            for (sum, other) in products.iter_mut().zip(&row[x..]) {
                *sum += sample * other;
            }
        }
    }
}

/// Rows of `width` samples, averaged on `to`.
fn shrunk(samples: &[f32], width: usize, to: usize) -> Vec<f32> {
    let step = width as f64 / to as f64;
    let mut out = Vec::with_capacity(samples.len() / width * to);
    for row in samples.chunks_exact(width) {
        for column in 0..to {
            let (from, end) = (column as f64 * step, (column + 1) as f64 * step);
            let last = (end.ceil() as usize).min(width);
            let mut sum = 0.0;
            for (x, sample) in row.iter().enumerate().take(last).skip(from as usize) {
                let share = (end.min((x + 1) as f64) - from.max(x as f64)).max(0.0);
                sum += share * f64::from(*sample);
            }
            out.push((sum / step) as f32);
        }
    }
    out
}

/// Columns of rows of `width` samples as rows.
fn turned(samples: &[f32], width: usize) -> Vec<f32> {
    let column = |x: usize| samples.iter().skip(x).step_by(width).copied();
    (0..width).flat_map(column).collect()
}

/// Means of the neighbourhoods of all samples, as far as they lie in the picture.
fn around(samples: &[f32], width: usize) -> Vec<f32> {
    let height = samples.len() / width;
    let along = turned(&along_rows(samples, width), width);
    turned(&along_rows(&along, height), height)
}

fn along_rows(samples: &[f32], width: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(samples.len());
    for row in samples.chunks_exact(width) {
        for x in 0..width {
            let near = &row[x.saturating_sub(REACH)..(x + REACH + 1).min(width)];
            out.push(near.iter().sum::<f32>() / near.len() as f32);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_picture::picture as textured;

    /// Some columns of a picture, or rows where it is `turned`.
    fn part(picture: &Grey, from: usize, long: usize) -> Grey {
        let rows = picture.rows().flat_map(|row| &row[from..from + long]);
        Grey::new(long, picture.height(), rows.copied().collect()).expect("a picture")
    }

    fn upright(picture: &Grey) -> Grey {
        let samples = turned(picture.samples(), picture.width());
        Grey::new(picture.height(), picture.width(), samples).expect("a picture")
    }

    fn darker(picture: &Grey) -> Grey {
        let samples = picture.samples().iter().map(|s| 40.0 + 0.4 * s).collect();
        Grey::new(picture.width(), picture.height(), samples).expect("a picture")
    }

    #[test]
    fn a_part_is_found_where_it_was_cut_out_in_whatever_light() {
        let picture = textured(7, 512, 288);
        let cut = darker(&part(&picture, 200, 162));
        let along = Along::of((162, 288), (512, 288), 0.05).expect("another shape");
        assert_eq!(along, Along::Width);
        let found = Detail::new(&picture, along).slid(&Detail::new(&cut, along));
        let found = found.expect("a place");
        assert!((found.place - 200.0 / 512.0).abs() < 0.01, "{found:?}");
        assert!(
            found.correlation > 0.7 && found.score(1000) > 40.0,
            "{found:?}"
        );
        let (tall, flat) = (upright(&picture), upright(&cut));
        let along = Along::of((288, 162), (288, 512), 0.05).expect("another shape");
        assert_eq!(along, Along::Height);
        let turned = Detail::new(&tall, along).slid(&Detail::new(&flat, along));
        let turned = turned.expect("a place");
        assert!((turned.place - found.place).abs() < 1e-9);
    }

    #[test]
    fn a_part_of_another_picture_is_like_no_place() {
        let along = Along::Width;
        for seed in 0..4 {
            let picture = Detail::new(&textured(seed, 256, 144), along);
            let other = part(&textured(seed + 100, 256, 144), 45, 81);
            let found = picture.slid(&Detail::new(&other, along)).expect("a place");
            assert!(
                found.correlation < 0.25 && found.score(1) < 6.0,
                "{found:?}"
            );
        }
    }

    #[test]
    fn what_is_longer_or_flat_or_of_the_same_shape_lies_nowhere() {
        let picture = textured(1, 512, 288);
        let detail = |picture: &Grey| Detail::new(picture, Along::Width);
        let cut = part(&picture, 0, 100);
        assert_eq!(detail(&cut).slid(&detail(&picture)), None);
        let flat = Grey::new(100, 288, vec![90.0; 28_800]).expect("a picture");
        assert_eq!(detail(&picture).slid(&detail(&flat)), None);
        assert_eq!(Along::of((640, 368), (512, 288), 0.05), None);
    }
}
