//! Which features of two pictures look alike.
//!
//! ```text
//! |a - b|^2 = |a|^2 + |b|^2 - 2 a . b
//! a pair:     |a - b1|^2 < 0.85^2 |a - b2|^2          b1 nearest, b2 nearest at another place
//! ```
//!
//! The second neighbour is what a false match would look like; one at the place of the first is the same corner with
//! another direction or scale and says nothing.
//!
//! # Shapes and units
//! Places and scales in samples, angles in radians, distances as [`Descriptor::distance_squared`].
//! # References
//! D. G. Lowe, IJCV 60 (2004), section 7.1.
//!
//! [`Descriptor::distance_squared`]: crate::Descriptor::distance_squared

#![expect(
    clippy::inline_always,
    reason = "a kernel is compiled once for each instruction set"
)]

use crate::features::Feature;
use crate::x86::dispatched;

/// The ratio test, on squared distances.
const RATIO_SQUARED: f32 = 0.85 * 0.85;

/// Features nearer than so many of their scales are at the same place.
const SAME_PLACE_SCALES: f64 = 2.0;

/// Two features that look alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Place in the first picture.
    pub from: (f64, f64),
    /// Place in the second picture.
    pub to: (f64, f64),
    /// Scale in the first picture.
    pub from_scale: f64,
    /// Scale in the second picture.
    pub to_scale: f64,
    /// Angle in the first picture.
    pub from_angle: f64,
    /// Angle in the second picture.
    pub to_angle: f64,
    /// Squared distance of the descriptors.
    pub distance: u32,
}

/// For every feature of `from` the one of `to` that looks most like it, if no other place does so nearly as well.
#[must_use]
pub fn matches(from: &[Feature], to: &[Feature]) -> Vec<Pair> {
    let widened: Vec<_> = to.iter().map(Widened::new).collect();
    let mut distances = vec![0_i32; to.len()];
    let pair = |feature: &Feature| {
        let itself = Widened::new(feature);
        distances_squared(&itself, &widened, &mut distances);
        let (nearest, &distance) = distances.iter().enumerate().min_by_key(|&(_, d)| *d)?;
        let best = &to[nearest];
        let elsewhere = distances
            .iter()
            .zip(to)
            .filter(|(_, other)| !same_place(best, other));
        let second = elsewhere.map(|(d, _)| *d).min()?;
        ((distance as f32) < RATIO_SQUARED * second as f32).then_some(Pair {
            from: (feature.x, feature.y),
            to: (best.x, best.y),
            from_scale: feature.scale,
            to_scale: best.scale,
            from_angle: feature.angle,
            to_angle: best.angle,
            distance: distance as u32,
        })
    };
    from.iter().filter_map(pair).collect()
}

dispatched! {
    /// Compiled once more for AVX2.
    distances_squared(itself: &Widened, others: &[Widened], distances: &mut [i32]) is each_distance
}

/// The squared distances of a descriptor from others.
#[inline(always)]
fn each_distance(itself: &Widened, others: &[Widened], distances: &mut [i32]) {
    for (distance, other) in distances.iter_mut().zip(others) {
        *distance = itself.distance_squared(other);
    }
}

fn same_place(a: &Feature, b: &Feature) -> bool {
    let (dx, dy) = (a.x - b.x, a.y - b.y);
    let reach = SAME_PLACE_SCALES * a.scale.max(b.scale);
    dx * dx + dy * dy < reach * reach
}

/// A descriptor in the width in which products are added in pairs by one instruction.
pub(crate) struct Widened {
    samples: [i16; 128],
    norm: i32,
}

impl Widened {
    fn new(feature: &Feature) -> Self {
        let samples = feature.descriptor.bytes().map(i16::from);
        Self {
            norm: dot(&samples, &samples),
            samples,
        }
    }

    #[inline(always)]
    fn distance_squared(&self, other: &Self) -> i32 {
        self.norm + other.norm - 2 * dot(&self.samples, &other.samples)
    }
}

#[inline(always)]
fn dot(a: &[i16; 128], b: &[i16; 128]) -> i32 {
    let mut sum = 0_i32;
    for (&a, &b) in a.iter().zip(b) {
        // At most 128 * 255^2. To look for overflow after each would keep test builds from adding several at a time.
        sum = sum.wrapping_add(i32::from(a) * i32::from(b));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Descriptor;

    fn feature(x: f64, seed: usize) -> Feature {
        let bytes = std::array::from_fn(|i| ((i * 37 + seed * 101) * (i + seed + 3) % 97) as u8);
        Feature {
            x,
            y: 10.0,
            scale: 2.0,
            angle: 0.5,
            strength: 1.0,
            descriptor: Descriptor::from_bytes(bytes),
        }
    }

    #[test]
    fn distances_are_those_of_the_descriptors() {
        for seed in 0..20 {
            let (a, b) = (feature(0.0, seed), feature(0.0, seed + 1));
            let found = Widened::new(&a).distance_squared(&Widened::new(&b));
            assert_eq!(found as u32, a.descriptor.distance_squared(&b.descriptor));
        }
    }

    #[test]
    fn every_feature_finds_itself() {
        let features: Vec<_> = (0..12).map(|i| feature(20.0 * i as f64, i)).collect();
        let pairs = matches(&features, &features);
        assert_eq!(pairs.len(), 12);
        assert!(
            pairs
                .iter()
                .all(|pair| pair.from == pair.to && pair.distance == 0)
        );
    }

    #[test]
    fn a_twin_elsewhere_is_no_pair_and_a_twin_at_the_same_place_is_one() {
        let other = feature(200.0, 9);
        let twins = |x| [feature(50.0, 1), feature(x, 1), other.clone()];
        assert!(matches(&[feature(0.0, 1)], &twins(100.0)).is_empty());
        assert_eq!(matches(&[feature(0.0, 1)], &twins(51.0)).len(), 1);
        assert!(matches(&[feature(0.0, 1)], &[]).is_empty());
    }
}
