//! Painters: each returns one layer of a scene, from noise and shading formulas.
//!
//! ```text
//! relief(h; L) = clamp(0.5 + k (L . grad h))       light from L over a height field h
//! ```
//!
//! # Shapes and units
//! See [`super::layer`]. `density` is texels per scene unit: paint at what the camera will resolve.

mod nature;
mod people;
mod town;

pub use nature::{cloudy_sky, foliage, meadow, ridge, sea};
pub use people::{mouth, person, room};
pub use town::{car, facades, lamp_post, night_lights, pavement};

use super::noise::Noise;

/// Octaves that a density can resolve when the first has `frequency` cells a unit.
fn octaves(density: f32, frequency: f32) -> u32 {
    ((density / frequency / 1.5).log2().floor().max(1.0) as u32).min(9)
}

/// Light on a fractal height field, around 1.
fn relief(noise: &Noise, x: f32, y: f32, octaves: u32, gain: f32, depth: f32) -> f32 {
    let step = 0.35 / 2_f32.powi(octaves as i32 - 1);
    let here = noise.fractal(x, y, octaves, gain);
    let there = noise.fractal(x + step, y + step * 1.3, octaves, gain);
    (1.0 + depth * (there - here) / step).clamp(0.25, 1.9)
}
