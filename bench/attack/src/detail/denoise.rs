//! Attacks that take noise away: a recursive filter in space and time, and non-local means.
//!
//! ```text
//! hqdn3d-S    f(a, p) = p + 0.9 (a - p) / (1 + ((a - p) / S)^2)^2        a: what was filtered before p
//!             along each row, then down each column, then from picture to picture; every plane
//! nlmeans-H   Y'(p) = sum_o w(p, p + o) Y(p + o) / sum_o w(p, p + o),    o in 7 x 7
//!             w = max(0, 1 - D / 8 H^2)^8, about exp(-D / H^2);          luma only
//!             D = mean over 5 x 5 of (Y(p + q) - Y(p + o + q))^2
//! ```
//!
//! At a difference of `S` a quarter of the recursion's weight is left.
//!
//! # Shapes and units
//! `S`, `H` in code values on the 8-bit scale, `D` their square. Outside the picture lies its edge.
//! # References
//! D. Moore (2003), hqdn3d, `MPlayer`. A. Buades, B. Coll, J.-M. Morel (2005), A non-local algorithm for image denoising,
//! CVPR.

use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::strength::number;
use crate::{ParseAttackError, Picture, Plane, Random};

/// Weight of what was filtered before where nothing differs.
const HOLD: f32 = 0.9;
/// Furthest offset of a patch.
const SEARCH: usize = 3;
/// Half the side of a patch, rounded down.
const PATCH: usize = 2;
/// Samples of a patch.
const PATCH_SAMPLES: f32 = 25.0;
/// Rows and columns around the picture that patches at the edge look at.
const MARGIN: usize = SEARCH + PATCH;

/// A denoiser with its strength.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Denoise {
    Recursive(f64),
    NonLocal(f64),
}

/// Reads `hqdn3d` and `nlmeans`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let range = || number(&step, strength, &(0.5..=32.0), "0.5 to 32 code values");
    let denoise = match head {
        "hqdn3d" => range().map(Denoise::Recursive),
        "nlmeans" => range().map(Denoise::NonLocal),
        _ => return None,
    };
    Some(denoise.map(|denoise| Box::new(denoise) as Box<dyn PictureAttack>))
}

impl fmt::Display for Denoise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recursive(strength) => write!(f, "hqdn3d-{strength}"),
            Self::NonLocal(strength) => write!(f, "nlmeans-{strength}"),
        }
    }
}

impl PictureAttack for Denoise {
    fn begin(&self, _: &ClipShape, _: &mut Random) -> Box<dyn Stage> {
        match *self {
            Self::Recursive(strength) => Box::new(Each(Recursive {
                reach: 1.0 / strength as f32,
                before: None,
            })),
            Self::NonLocal(strength) => Box::new(Each(NonLocal {
                strength: strength as f32,
            })),
        }
    }
}

struct Recursive {
    /// One over the strength.
    reach: f32,
    before: Option<Picture>,
}

impl Recursive {
    #[inline]
    fn drawn(reach: f32, before: f32, sample: f32) -> f32 {
        let apart = before - sample;
        let near = 1.0 + (apart * reach) * (apart * reach);
        sample + HOLD * apart / (near * near)
    }

    fn filter(&self, plane: &mut Plane, before: Option<&Plane>) {
        let (reach, width) = (self.reach, plane.width());
        for row in plane.rows_mut() {
            let mut last = row[0];
            for sample in row {
                last = Self::drawn(reach, last, *sample);
                *sample = last;
            }
        }
        let samples = plane.samples_mut();
        for below in (width..samples.len()).step_by(width) {
            let (above, rest) = samples.split_at_mut(below);
            for (sample, above) in rest[..width].iter_mut().zip(&above[below - width..]) {
                *sample = Self::drawn(reach, *above, *sample);
            }
        }
        if let Some(before) = before {
            for (sample, before) in samples.iter_mut().zip(before.samples()) {
                *sample = Self::drawn(reach, *before, *sample);
            }
        }
    }
}

impl Effect for Recursive {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        let before = self.before.take();
        let before = before.as_ref();
        self.filter(&mut picture.y, before.map(|p| &p.y));
        self.filter(&mut picture.u, before.map(|p| &p.u));
        self.filter(&mut picture.v, before.map(|p| &p.v));
        self.before = Some(picture.clone());
        picture
    }
}

struct NonLocal {
    strength: f32,
}

impl Effect for NonLocal {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        let (width, height) = (picture.width(), picture.height());
        let wide = padded(&picture.y);
        // The patch around p itself is the same: its weight is 1.
        let mut sums = wide.clone();
        let mut weights = Plane::filled(wide.width(), wide.height(), 1.0);
        let scale = 1.0 / (8.0 * self.strength * self.strength * PATCH_SAMPLES);
        let mut pairs = Pairs::new(&wide);
        // Of two opposite offsets one serves both ends.
        for down in 0..=SEARCH {
            for right in -(SEARCH as isize)..=SEARCH as isize {
                if down > 0 || right > 0 {
                    pairs.accumulate(down, right, scale, &mut sums, &mut weights);
                }
            }
        }
        for y in 0..height {
            let sums = &sums.row(y + MARGIN)[MARGIN..];
            let weights = &weights.row(y + MARGIN)[MARGIN..];
            let out = &mut picture.y.samples_mut()[y * width..][..width];
            for ((out, sum), weight) in out.iter_mut().zip(sums).zip(weights) {
                *out = sum / weight;
            }
        }
        picture
    }
}

/// The plane with its edge repeated around it.
fn padded(plane: &Plane) -> Plane {
    let (width, height) = (plane.width(), plane.height());
    let mut wide = Plane::filled(width + 2 * MARGIN, height + 2 * MARGIN, 0.0);
    for (y, out) in wide.rows_mut().enumerate() {
        let row = plane.row(y.saturating_sub(MARGIN).min(height - 1));
        out[..MARGIN].fill(row[0]);
        out[MARGIN..MARGIN + width].copy_from_slice(row);
        out[MARGIN + width..].fill(row[width - 1]);
    }
    wide
}

/// Weights between the samples of a plane and those at an offset.
struct Pairs<'a> {
    wide: &'a Plane,
    /// Squared differences of the last rows of a patch, in turn.
    squares: [Vec<f32>; 2 * PATCH + 1],
    /// Their sum down the patch.
    column: Vec<f32>,
    weight: Vec<f32>,
}

impl<'a> Pairs<'a> {
    fn new(wide: &'a Plane) -> Self {
        let line = || vec![0.0; wide.width()];
        Self {
            wide,
            squares: std::array::from_fn(|_| line()),
            column: line(),
            weight: line(),
        }
    }

    /// Adds both ends of each pair of samples `down` rows and `right` columns apart.
    fn accumulate(
        &mut self,
        down: usize,
        right: isize,
        scale: f32,
        sums: &mut Plane,
        weights: &mut Plane,
    ) {
        let (width, height) = (self.wide.width(), self.wide.height());
        let apart = right.unsigned_abs();
        // Column of the upper end of the leftmost pair, and of its lower end.
        let (near, far) = if right < 0 { (apart, 0) } else { (0, apart) };
        let count = width - apart;
        let patched = count - 2 * PATCH;
        for y in 0..height - down {
            let upper = &self.wide.row(y)[near..][..count];
            let lower = &self.wide.row(y + down)[far..][..count];
            let squares = &mut self.squares[y % (2 * PATCH + 1)];
            for ((square, a), b) in squares.iter_mut().zip(upper).zip(lower) {
                *square = (a - b) * (a - b);
            }
            if y < 2 * PATCH {
                continue;
            }
            let [a, b, c, d, e] = &self.squares;
            let rows = a.iter().zip(b).zip(c).zip(d).zip(e);
            for (sum, ((((a, b), c), d), e)) in self.column[..count].iter_mut().zip(rows) {
                *sum = (a + b) + (c + d) + e;
            }
            let column = &self.column;
            for (i, weight) in self.weight[..patched].iter_mut().enumerate() {
                let sum =
                    (column[i] + column[i + 1]) + (column[i + 2] + column[i + 3]) + column[i + 4];
                let near = 1.0 - sum * scale;
                let near = if near > 0.0 { near } else { 0.0 };
                let fourth = (near * near) * (near * near);
                *weight = fourth * fourth;
            }
            let weight = &self.weight[..patched];
            let (y, near, far) = (y - PATCH, near + PATCH, far + PATCH);
            let (upper, lower) = (y * width + near, (y + down) * width + far);
            let samples = self.wide.samples();
            add(sums, upper, weight, &samples[lower..]);
            add(sums, lower, weight, &samples[upper..]);
            for start in [upper, lower] {
                for (sum, weight) in weights.samples_mut()[start..].iter_mut().zip(weight) {
                    *sum += weight;
                }
            }
        }
    }
}

/// Adds `weight` times `samples` from `start` on.
fn add(sums: &mut Plane, start: usize, weight: &[f32], samples: &[f32]) {
    let sums = &mut sums.samples_mut()[start..];
    for ((sum, weight), sample) in sums.iter_mut().zip(weight).zip(samples) {
        *sum += weight * sample;
    }
}

#[cfg(test)]
mod tests;
