//! Fractal noise: the raw material of every painted surface.
//!
//! ```text
//! n(p)   = value noise: a 256 x 256 periodic lattice of uniform values in [-1, 1], quintic interpolation
//! f(p)   = sum_{o=0}^{O-1} g^o n(2^o p + o d) / sum_o g^o,     g = gain, d = an offset that keeps octaves apart
//! ```
//!
//! # Shapes and units
//! `p` is in lattice cells; `f` lies in [-1, 1].
//! # Determinism
//! The lattice is the raw `ChaCha8` stream of the seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const SIDE: usize = 256;

/// A seeded noise field.
#[derive(Debug, Clone)]
pub struct Noise {
    lattice: Vec<f32>,
}

impl Noise {
    /// The field of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        let lattice = (0..SIDE * SIDE)
            .map(|_| (f64::from(stream.next_u32()) / f64::from(u32::MAX) * 2.0 - 1.0) as f32)
            .collect();
        Self { lattice }
    }

    /// One octave.
    #[must_use]
    pub fn value(&self, x: f32, y: f32) -> f32 {
        let (fx, fy) = (x.floor(), y.floor());
        let (tx, ty) = (quintic(x - fx), quintic(y - fy));
        let (ix, iy) = (fx as i32 as usize % SIDE, fy as i32 as usize % SIDE);
        let (jx, jy) = ((ix + 1) % SIDE, (iy + 1) % SIDE);
        let at = |x: usize, y: usize| self.lattice[y * SIDE + x];
        mix(
            mix(at(ix, iy), at(jx, iy), tx),
            mix(at(ix, jy), at(jx, jy), tx),
            ty,
        )
    }

    /// `octaves` octaves with `gain` from each to the next.
    #[must_use]
    pub fn fractal(&self, x: f32, y: f32, octaves: u32, gain: f32) -> f32 {
        let (mut sum, mut total, mut amplitude, mut frequency) = (0.0, 0.0, 1.0, 1.0);
        for octave in 0..octaves {
            let offset = octave as f32 * 17.31;
            sum += amplitude * self.value(x * frequency + offset, y * frequency - offset);
            total += amplitude;
            amplitude *= gain;
            frequency *= 2.0;
        }
        sum / total
    }
}

fn quintic(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

/// `a` at 0, `b` at 1.
#[must_use]
pub fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// 0 below `from`, 1 above `to`, smooth between.
#[must_use]
pub fn smooth(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Uniform numbers from the raw stream.
pub trait Uniform {
    /// In `[from, to)`.
    fn between(&mut self, from: f32, to: f32) -> f32;
}

impl Uniform for ChaCha8Rng {
    fn between(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * (self.next_u32() >> 8) as f32 / (1_u32 << 24) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_is_continuous_bounded_and_seeded() {
        let (a, b) = (Noise::new(1), Noise::new(2));
        let mut differ = 0;
        for i in -500..500 {
            let (x, y) = (i as f32 * 0.37, i as f32 * -0.91);
            let value = a.fractal(x, y, 6, 0.5);
            assert!(value.abs() <= 1.0);
            assert!((value - a.fractal(x + 1e-3, y, 6, 0.5)).abs() < 0.1);
            differ += i32::from((value - b.fractal(x, y, 6, 0.5)).abs() > 0.05);
        }
        assert!(differ > 500);
    }
}
