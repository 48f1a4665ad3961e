//! How light, and with how much contrast, a clip shows a picture of a title, whatever lies over a part of it.
//!
//! ```text
//! clip = a title + b          a, b from quartiles, then four times by least squares of the half that is nearer
//! ```
//!
//! # Shapes and units
//! Levels in 8-bit code values.

use std::ops::RangeInclusive;

/// Rounds of the fit, and the contrast beyond which it is none.
const ROUNDS: usize = 4;
const CONTRAST: RangeInclusive<f32> = 0.2..=5.0;

/// Samples that tell light and contrast.
const LEAST_SAMPLES: usize = 64;

/// How light the clip shows what the title does.
pub(super) struct Light {
    contrast: f32,
    offset: f32,
    /// Median of what is left.
    pub(super) deviation: f32,
}

impl Light {
    /// A level of the title in this light.
    pub(super) fn of(&self, level: f32) -> f32 {
        self.contrast * level + self.offset
    }

    /// Of levels of the title and of the clip; none where they are too few, or nothing alike.
    pub(super) fn between(pairs: &[(f32, f32)]) -> Option<Self> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_is_told_past_what_covers_a_quarter() {
        let level = |i: usize| (i * 37 % 200) as f32;
        let pair = |i: usize| {
            (
                level(i),
                if i.is_multiple_of(4) {
                    235.0
                } else {
                    0.6 * level(i) + 20.0
                },
            )
        };
        let pairs: Vec<(f32, f32)> = (0..800).map(pair).collect();
        let light = Light::between(&pairs).expect("light");
        assert!((light.of(100.0) - 80.0).abs() < 1.0, "{}", light.of(100.0));
        assert!((light.contrast - 0.6).abs() < 0.02, "{}", light.contrast);
    }

    #[test]
    fn few_samples_and_what_is_turned_round_tell_nothing() {
        let turned: Vec<(f32, f32)> = (0..200).map(|i| (i as f32, 200.0 - i as f32)).collect();
        assert!(Light::between(&turned).is_none());
        assert!(Light::between(&turned[..LEAST_SAMPLES - 1]).is_none());
    }
}
