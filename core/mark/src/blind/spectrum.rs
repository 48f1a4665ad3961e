//! Two-dimensional Fourier transforms, several at a time.
//!
//! ```text
//! F[kx, ky] = sum_{x,y} f[x, y] exp(-2 pi i (kx x / W + ky y / H))
//! ```
//!
//! Each lane is a transform of its own; a complex transform holds two real ones: with `c = a + i b`,
//! `A = (C[k] + C*[-k]) / 2` and `B = (C[k] - C*[-k]) / 2i`.
//!
//! # Shapes and units
//! Forward `[y][x]` to `[kx][ky]`, inverse the way back, unscaled.
//! # Determinism
//! Scalar butterflies over lanes, chosen by size alone: no CPU computes differently.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::sync::Arc;

use rustfft::algorithm::butterflies::{
    Butterfly2, Butterfly3, Butterfly4, Butterfly5, Butterfly6, Butterfly8, Butterfly9,
    Butterfly12, Butterfly16, Butterfly24,
};
use rustfft::algorithm::{Dft, GoodThomasAlgorithmSmall, MixedRadixSmall, Radix4};
use rustfft::num_complex::Complex;
use rustfft::num_traits::{FromPrimitive, Num, One, Signed, Zero};
use rustfft::{Fft, FftDirection};

/// Transforms at a time.
pub(super) const LANES: usize = 4;

/// Real planes that one transform holds.
pub(super) const PLANES: usize = 2 * LANES;

/// One value of each transform.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Lanes(pub(super) [f32; LANES]);

/// One complex value of each transform.
pub(super) type Values = Complex<Lanes>;

// Lane by lane in so many words: `array::from_fn` in the hundred thousand operations of the long butterflies cost the compiler
// minutes.
macro_rules! lanewise {
    ($($operation:ident $method:ident),*) => {$(
        impl $operation for Lanes {
            type Output = Self;

            #[inline]
            fn $method(self, other: Self) -> Self {
                let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
                Self([a.$method(e), b.$method(f), c.$method(g), d.$method(h)])
            }
        }
    )*};
}

lanewise!(Add add, Sub sub, Mul mul, Div div, Rem rem);

impl Neg for Lanes {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        let [a, b, c, d] = self.0;
        Self([-a, -b, -c, -d])
    }
}

impl Zero for Lanes {
    fn zero() -> Self {
        Self::default()
    }

    fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

impl One for Lanes {
    fn one() -> Self {
        Self([1.0; LANES])
    }
}

impl Num for Lanes {
    type FromStrRadixErr = rustfft::num_traits::ParseFloatError;

    fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        f32::from_str_radix(text, radix).map(|x| Self([x; LANES]))
    }
}

impl Signed for Lanes {
    fn abs(&self) -> Self {
        Self(self.0.map(f32::abs))
    }

    fn abs_sub(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|l| (self.0[l] - other.0[l]).max(0.0)))
    }

    fn signum(&self) -> Self {
        Self(self.0.map(f32::signum))
    }

    fn is_positive(&self) -> bool {
        self.0.iter().all(|&x| x > 0.0)
    }

    fn is_negative(&self) -> bool {
        self.0.iter().all(|&x| x < 0.0)
    }
}

impl FromPrimitive for Lanes {
    fn from_i64(n: i64) -> Option<Self> {
        Some(Self([n as f32; LANES]))
    }

    fn from_u64(n: u64) -> Option<Self> {
        Some(Self([n as f32; LANES]))
    }

    fn from_f64(x: f64) -> Option<Self> {
        Some(Self([x as f32; LANES]))
    }
}

/// Transforms of planes of one size.
#[derive(Clone)]
pub(super) struct Fourier {
    pub(super) width: usize,
    pub(super) height: usize,
    forward: [Arc<dyn Fft<Lanes>>; 2],
    inverse: [Arc<dyn Fft<Lanes>>; 2],
}

/// The shortest length of at least `least` that transforms fast: no prime factor above 5.
pub(super) fn fast_length(least: usize) -> usize {
    let smooth = |length: &usize| {
        let mut rest = *length;
        for prime in [2, 3, 5] {
            while rest.is_multiple_of(prime) {
                rest /= prime;
            }
        }
        rest == 1
    };
    // A power of two lies below twice any length.
    (least.max(1)..=2 * least).find(smooth).unwrap_or(1)
}

/// The shortest length of at least `least` whose butterflies stay in registers: no more than 9, 5 and powers of 2. A 27 or a 125 takes
/// twice as long as some zeros more.
pub(super) fn quick_length(least: usize) -> usize {
    let quick = |length: &usize| {
        let odd = *length >> length.trailing_zeros();
        [1, 3, 5, 9, 15, 45].contains(&odd)
    };
    (least.max(1)..=2 * least).find(quick).unwrap_or(1)
}

impl Fourier {
    /// For sides without a prime factor above 5.
    pub(super) fn new(width: usize, height: usize) -> Self {
        let both = |direction| [width, height].map(|side| line(side, direction));
        Self {
            width,
            height,
            forward: both(FftDirection::Forward),
            inverse: both(FftDirection::Inverse),
        }
    }

    /// Values of a plane.
    pub(super) fn len(&self) -> usize {
        self.width * self.height
    }

    /// Zeros for a plane, in the memory of `plane`.
    pub(super) fn clear(&self, plane: &mut Vec<Values>) {
        plane.clear();
        plane.resize(self.len(), Values::default());
    }

    /// `[y][x]` to `[kx][ky]`.
    pub(super) fn forward(&self, plane: &mut Vec<Values>, spare: &mut Vec<Values>) {
        self.forward[0].process(plane);
        transpose(plane, spare, self.width);
        self.forward[1].process(spare);
        std::mem::swap(plane, spare);
    }

    /// `[kx][ky]` to `[y][x]`, times the number of values.
    pub(super) fn inverse(&self, plane: &mut Vec<Values>, spare: &mut Vec<Values>) {
        self.inverse[1].process(plane);
        transpose(plane, spare, self.height);
        self.inverse[0].process(spare);
        std::mem::swap(plane, spare);
    }

    /// Where `-k` lies in `[kx][ky]`, for `k` at `(kx, ky)`.
    pub(super) fn opposite(&self, (kx, ky): (usize, usize)) -> usize {
        (self.width - kx) % self.width * self.height + (self.height - ky) % self.height
    }
}

/// Lengths that have a butterfly of their own.
const BUTTERFLIES: [usize; 11] = [1, 2, 3, 4, 5, 6, 8, 9, 12, 16, 24];

/// The transform of a line, of the two factors whose sum is least and of theirs.
///
/// By hand: the crate's planner refers to every butterfly up to that of 32, and as code for [`Lanes`] those of the primes above 5, which no
/// length here has, were a quarter of what the compiler made of this crate.
fn line(length: usize, direction: FftDirection) -> Arc<dyn Fft<Lanes>> {
    match length {
        0 | 1 => return Arc::new(Dft::new(length, direction)),
        2 => return Arc::new(Butterfly2::new(direction)),
        3 => return Arc::new(Butterfly3::new(direction)),
        4 => return Arc::new(Butterfly4::new(direction)),
        5 => return Arc::new(Butterfly5::new(direction)),
        6 => return Arc::new(Butterfly6::new(direction)),
        8 => return Arc::new(Butterfly8::new(direction)),
        9 => return Arc::new(Butterfly9::new(direction)),
        12 => return Arc::new(Butterfly12::new(direction)),
        16 => return Arc::new(Butterfly16::new(direction)),
        24 => return Arc::new(Butterfly24::new(direction)),
        _ if length.is_power_of_two() => {
            let base = [16, 8][length.trailing_zeros() as usize % 2];
            let fours = (length / base).trailing_zeros() / 2;
            return Arc::new(Radix4::new_with_base(fours, line(base, direction)));
        }
        _ => {}
    }
    // The factors of least sum, both with a butterfly if there are such.
    let factors = |right: fn(usize) -> bool| {
        BUTTERFLIES[1..]
            .iter()
            .filter(|&&left| length.is_multiple_of(left) && right(length / left))
            .min_by_key(|&&left| left + length / left)
    };
    let left = factors(|right| BUTTERFLIES.contains(&right)).or_else(|| factors(|_| true));
    let Some(&left) = left else {
        return Arc::new(Dft::new(length, direction));
    };
    let right = length / left;
    let (left_line, right_line) = (line(left, direction), line(right, direction));
    if common_divisor(left, right) == 1 {
        Arc::new(GoodThomasAlgorithmSmall::new(left_line, right_line))
    } else {
        Arc::new(MixedRadixSmall::new(left_line, right_line))
    }
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

fn transpose(from: &[Values], to: &mut Vec<Values>, width: usize) {
    const TILE: usize = 8;
    let height = from.len() / width;
    to.resize(from.len(), Values::default());
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            for y in top..(top + TILE).min(height) {
                for x in left..(left + TILE).min(width) {
                    to[x * height + y] = from[y * width + x];
                }
            }
        }
    }
}

/// The values at `k` of the two real planes that lane `l` of a transform holds; `opposite` are those at `-k`.
pub(super) fn parted(values: Values, opposite: Values, l: usize) -> [(f32, f32); 2] {
    let (re, im) = (values.re.0[l], values.im.0[l]);
    let (other_re, other_im) = (opposite.re.0[l], opposite.im.0[l]);
    [
        (0.5 * (re + other_re), 0.5 * (im - other_im)),
        (0.5 * (im + other_im), 0.5 * (other_re - re)),
    ]
}

/// Puts a sample into a lane.
pub(super) fn set(value: &mut Values, lane: usize, x: f32) {
    if lane < LANES {
        value.re.0[lane] = x;
    } else {
        value.im.0[lane - LANES] = x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn agrees_with_the_definition_and_goes_back() {
        let fourier = Fourier::new(6, 5);
        let sample = |n: usize, lane: usize| ((n * 7 + lane * 3) % 11) as f32 - 5.0;
        let plane: Vec<Values> = (0..30)
            .map(|n| {
                Values::new(
                    Lanes(std::array::from_fn(|l| sample(n, l))),
                    Lanes(std::array::from_fn(|l| sample(n, l + LANES))),
                )
            })
            .collect();
        let (mut data, mut spare) = (plane.clone(), Vec::new());
        fourier.forward(&mut data, &mut spare);
        for (kx, ky) in [(0, 0), (1, 2), (5, 4), (3, 0)] {
            for (part, lane) in [(0, 2), (1, 3)] {
                let (mut re, mut im) = (0.0, 0.0);
                for n in 0..30 {
                    let turns = (kx * (n % 6)) as f64 / 6.0 + (ky * (n / 6)) as f64 / 5.0;
                    let x = f64::from(sample(n, lane + part * LANES));
                    re += x * (TAU * turns).cos();
                    im -= x * (TAU * turns).sin();
                }
                let found = parted(data[kx * 5 + ky], data[fourier.opposite((kx, ky))], lane)[part];
                // Thirty terms of at most five in f32.
                assert!((f64::from(found.0) - re).abs() < 1e-3, "{found:?} {re}");
                assert!((f64::from(found.1) - im).abs() < 1e-3, "{found:?} {im}");
            }
        }
        fourier.inverse(&mut data, &mut spare);
        for (found, expected) in data.iter().zip(&plane) {
            assert!((found.re.0[1] / 30.0 - expected.re.0[1]).abs() < 1e-5);
            assert!((found.im.0[3] / 30.0 - expected.im.0[3]).abs() < 1e-5);
        }
    }

    #[test]
    fn lines_of_every_length_agree_with_the_definition() {
        let lengths = (1..=540).filter(|&length| fast_length(length) == length);
        for length in lengths {
            // One sample at a time: its transform is a turning phase.
            let at = length / 3;
            let mut values = vec![Values::default(); length];
            values[at].re.0 = [1.0; LANES];
            let (forward, inverse) = (FftDirection::Forward, FftDirection::Inverse);
            line(length, forward).process(&mut values);
            for (k, value) in values.iter().enumerate() {
                let (im, re) = (TAU * (k * at % length) as f64 / length as f64).sin_cos();
                assert!((f64::from(value.re.0[2]) - re).abs() < 2e-6, "{length} {k}");
                assert!((f64::from(value.im.0[2]) + im).abs() < 2e-6, "{length} {k}");
            }
            line(length, inverse).process(&mut values);
            assert!(
                (values[at].re.0[1] / length as f32 - 1.0).abs() < 1e-5,
                "{length}"
            );
        }
    }

    #[test]
    fn fast_lengths_have_small_primes() {
        let found: Vec<_> = [1, 7, 97, 168, 181].map(fast_length).to_vec();
        assert_eq!(found, [1, 8, 100, 180, 192]);
        let found: Vec<_> = [1, 7, 54, 108, 242].map(quick_length).to_vec();
        assert_eq!(found, [1, 8, 60, 120, 256]);
    }
}
