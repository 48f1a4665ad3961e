//! What pictures of a clip show that the title does not.
//!
//! ```text
//! s(x)     = a r(map^-1 x) + b                  r: the title's picture;  a, b from quartiles, then least squares of the nearer half
//! d(x)     = distance of the clip's level from the range of s within 1 % of the short side
//! foreign  = d > max(12, 4 m) in all pictures but one at most             m: median of |clip - s|
//! ```
//!
//! # Shapes and units
//! Levels in 8-bit code values.

use crate::grey::Grey;
use crate::homography::Homography;

/// Distance from what the title shows.
const FOREIGN: f32 = 12.0;
/// The same as a multiple of the usual deviation.
const UNUSUAL: f32 = 4.0;

/// Share of the short side by which a map may be wrong.
const SHIFT: f64 = 0.01;

/// Rounds of the fit, and the contrast beyond which it is none.
const ROUNDS: usize = 4;
const CONTRAST: std::ops::RangeInclusive<f32> = 0.2..=5.0;

/// Samples that tell light and contrast.
const LEAST_SAMPLES: usize = 64;

/// Samples that are foreign in all pictures but one at most; none where the title's cannot be told.
pub(super) fn in_all(
    pictures: &[(&Grey, &Grey, Homography)],
    width: usize,
    height: usize,
) -> Option<Vec<bool>> {
    let mut often = vec![0_usize; width * height];
    for (picture, shown, map) in pictures {
        for (count, is_foreign) in often.iter_mut().zip(foreign(picture, shown, map)?) {
            *count += usize::from(is_foreign);
        }
    }
    let least = pictures.len() - 1;
    Some(often.into_iter().map(|count| count >= least).collect())
}

fn foreign(picture: &Grey, shown: &Grey, map: &Homography) -> Option<Vec<bool>> {
    let (width, height) = (picture.width(), picture.height());
    let back = map.inverse()?;
    let own: Vec<Option<f32>> = (0..width * height)
        .map(|i| {
            let (x, y) = back.map(((i % width) as f64, (i / width) as f64))?;
            shown.holds(x, y).then(|| shown.at(x, y))
        })
        .collect();
    let pairs: Vec<(f32, f32)> = own
        .iter()
        .zip(picture.samples())
        .filter_map(|(own, &level)| Some(((*own)?, level)))
        .collect();
    let light = Light::between(&pairs)?;
    let limit = FOREIGN.max(UNUSUAL * light.deviation);
    let reach = ((width.min(height) as f64 * SHIFT) as usize).max(1);
    let lit = |i: usize| own[i].map(|own| light.of(own));
    let is_foreign = |i: usize| {
        let level = picture.samples()[i];
        let near = |value: Option<f32>| value.is_some_and(|value| (level - value).abs() <= limit);
        if own[i].is_none() || near(lit(i)) {
            return false;
        }
        let (x, y) = (i % width, i / width);
        let (mut least, mut most) = (f32::INFINITY, f32::NEG_INFINITY);
        for row in y.saturating_sub(reach)..(y + reach + 1).min(height) {
            for column in x.saturating_sub(reach)..(x + reach + 1).min(width) {
                if let Some(value) = lit(row * width + column) {
                    (least, most) = (least.min(value), most.max(value));
                }
            }
        }
        level < least - limit || level > most + limit
    };
    Some((0..width * height).map(is_foreign).collect())
}

/// How light the clip shows what the title does.
struct Light {
    contrast: f32,
    offset: f32,
    /// Median of what is left.
    deviation: f32,
}

impl Light {
    fn of(&self, level: f32) -> f32 {
        self.contrast * level + self.offset
    }

    /// Of levels of the title and of the clip.
    fn between(pairs: &[(f32, f32)]) -> Option<Self> {
        if pairs.len() < LEAST_SAMPLES {
            return None;
        }
        let [from, to] = [
            quartiles(pairs.iter().map(|pair| pair.0)),
            quartiles(pairs.iter().map(|pair| pair.1)),
        ];
        let spread = from[2] - from[0];
        let contrast = if spread > 0.0 {
            (to[2] - to[0]) / spread
        } else {
            1.0
        };
        let mut light = Self::fitted(contrast, to[1] - contrast * from[1], pairs);
        for _ in 0..ROUNDS {
            let near = pairs
                .iter()
                .filter(|pair| (pair.1 - light.of(pair.0)).abs() <= light.deviation);
            let (mut count, mut sums, mut squares) = (0.0, (0.0, 0.0), (0.0, 0.0));
            for (own, level) in near.map(|pair| (f64::from(pair.0), f64::from(pair.1))) {
                count += 1.0;
                sums = (sums.0 + own, sums.1 + level);
                squares = (squares.0 + own * own, squares.1 + own * level);
            }
            let energy = squares.0 - sums.0 * sums.0 / count;
            if energy <= 0.0 {
                break;
            }
            let contrast = (squares.1 - sums.0 * sums.1 / count) / energy;
            let offset = (sums.1 - contrast * sums.0) / count;
            light = Self::fitted(contrast as f32, offset as f32, pairs);
        }
        CONTRAST.contains(&light.contrast).then_some(light)
    }

    fn fitted(contrast: f32, offset: f32, pairs: &[(f32, f32)]) -> Self {
        let mut light = Self {
            contrast,
            offset,
            deviation: 0.0,
        };
        let left = pairs.iter().map(|pair| (pair.1 - light.of(pair.0)).abs());
        light.deviation = quartiles(left)[1];
        light
    }
}

/// The quartiles of some values, which are not none.
fn quartiles(values: impl Iterator<Item = f32>) -> [f32; 3] {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}
