//! Sky, mountains, meadow, sea and leaves.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::{octaves, relief};
use crate::samples::layer::{Area, Layer, blend, lit, rgba};
use crate::samples::noise::{Noise, Uniform, smooth};

/// A sky with lit clouds; `warmth` 0 is noon, 1 is evening.
#[must_use]
pub fn cloudy_sky(area: Area, density: f32, seed: u64, warmth: f32) -> Layer {
    let noise = Noise::new(seed);
    let count = octaves(density, 2.0);
    let (zenith, horizon) = (
        blend([0.22, 0.42, 0.74], [0.30, 0.30, 0.50], warmth),
        blend([0.72, 0.82, 0.90], [0.95, 0.68, 0.45], warmth),
    );
    Layer::paint(area, density, |x, y| {
        let height = ((y - area.y) / area.height).clamp(0.0, 1.0);
        let clear = blend(zenith, horizon, height.powf(0.8));
        let (cx, cy) = (x * 1.6, y * 3.4);
        let warp = noise.fractal(cx + 31.0, cy, 3, 0.5);
        let cover = noise.fractal(cx + warp, cy + warp * 0.5, count, 0.52);
        let alpha = smooth(-0.05, 0.35, cover);
        let light = noise.fractal(cx + warp + 0.04, cy + warp * 0.5 + 0.1, count.min(5), 0.5);
        let cloud = lit(
            blend([0.95, 0.95, 0.96], [1.0, 0.84, 0.72], warmth),
            (0.86 + 0.8 * (light - cover) - 0.18 * alpha).clamp(0.45, 1.0),
        );
        rgba(blend(clear, cloud, alpha * 0.9), 1.0)
    })
}

/// A mountain or hill line whose mean height is `level`, fading into `haze`.
#[must_use]
pub fn ridge(
    area: Area,
    density: f32,
    seed: u64,
    level: f32,
    colour: [f32; 3],
    haze: f32,
) -> Layer {
    let noise = Noise::new(seed);
    let count = octaves(density, 5.0);
    let line = |x: f32| level - 0.30 * noise.fractal(x * 1.3, 7.7, 8, 0.52);
    let snow = [0.90, 0.92, 0.95];
    Layer::paint(area, density, |x, y| {
        let below = y - line(x);
        let alpha = smooth(0.0, 1.6 / density, below);
        if alpha <= 0.0 {
            return [0.0; 4];
        }
        // Slopes: the height field is stretched downhill.
        let light = relief(&noise, x * 5.0, y * 3.2, count, 0.55, 0.20);
        let patch = noise.fractal(x * 9.0 + 3.0, y * 7.0, count.min(6), 0.6);
        let mut rock = lit(
            blend(colour, lit(colour, 0.55), smooth(-0.3, 0.4, patch)),
            light,
        );
        if haze > 0.3 {
            let cap = smooth(0.02, -0.05, below - 0.07 - 0.12 * patch);
            rock = blend(rock, lit(snow, 0.4 + 0.55 * light), cap);
        }
        rgba(blend(rock, [0.68, 0.76, 0.84], haze), alpha)
    })
}

/// Grass in perspective from `horizon` down: blades get longer towards the viewer.
#[must_use]
pub fn meadow(area: Area, density: f32, seed: u64, horizon: f32, colour: [f32; 3]) -> Layer {
    let noise = Noise::new(seed);
    Layer::paint(area, density, |x, y| {
        let edge = horizon + 0.02 * noise.fractal(x * 3.0, 1.0, 6, 0.6);
        let alpha = smooth(0.0, 2.0 / density, y - edge);
        if alpha <= 0.0 {
            return [0.0; 4];
        }
        let near = (y - horizon + 0.04).max(0.04);
        let (u, v) = (x / near, 1.0 / near);
        let count = octaves(density * near, 7.0);
        let broad = noise.fractal(u * 1.1, v * 0.7, 4, 0.5);
        let blades = noise.fractal(u * 14.0 + broad, v * 3.0, count, 0.68);
        let light = (0.85 + 0.55 * blades + 0.28 * broad).clamp(0.25, 1.6);
        let dry = smooth(0.0, 0.5, noise.fractal(u * 2.3, v * 1.7 + 9.0, 4, 0.5));
        rgba(
            lit(blend(colour, [0.62, 0.56, 0.30], dry * 0.7), light),
            alpha,
        )
    })
}

/// A sea in perspective from `horizon` down, with glitter.
#[must_use]
pub fn sea(area: Area, density: f32, seed: u64, horizon: f32) -> Layer {
    let noise = Noise::new(seed);
    Layer::paint(area, density, |x, y| {
        if y < horizon {
            return [0.0; 4];
        }
        let near = (y - horizon + 0.025) * 1.4;
        let (u, v) = (x / near, 1.0 / near);
        let count = octaves(density * near * 0.6, 3.0);
        let swell = noise.fractal(u * 0.6, v * 1.5, 3, 0.5);
        let waves = noise.fractal(u * 2.0 + swell, v * 4.0 + swell, count, 0.6);
        let crest = smooth(0.25, 0.6, waves + 0.3 * swell);
        let sun = (-((x - 0.15) / (0.08 + 0.4 * near)).powi(2)).exp();
        let deep = blend(
            [0.07, 0.23, 0.32],
            [0.42, 0.55, 0.62],
            (0.16 / near).min(1.0) * 0.5,
        );
        let body = lit(deep, (0.9 + 0.7 * waves + 0.2 * swell).clamp(0.3, 2.0));
        let glitter = smooth(0.05, 0.45, waves) * sun;
        let foam = blend(body, [0.88, 0.92, 0.93], crest * 0.55);
        rgba(
            blend(foam, [1.0, 0.93, 0.80], (glitter * 0.9).min(1.0)),
            1.0,
        )
    })
}

/// `leaves` leaves scattered where `density_at` (0 to 1) allows, deeper ones darker and first.
#[must_use]
pub fn foliage(
    area: Area,
    density: f32,
    seed: u64,
    leaves: usize,
    size: f32,
    density_at: impl Fn(f32, f32) -> f32,
) -> Layer {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let noise = Noise::new(seed ^ 0x5eaf);
    let mut layer = Layer::clear(area, density);
    let soft = layer.texel();
    let hue = stream.between(0.0, 1.0);
    for index in 0..leaves {
        let depth = index as f32 / leaves as f32;
        let x = stream.between(area.x, area.x + area.width);
        let y = stream.between(area.y, area.y + area.height);
        let (angle, length) = (
            stream.between(0.0, std::f32::consts::TAU),
            size * stream.between(0.6, 1.3),
        );
        let (tint, chance) = (stream.between(0.0, 1.0), stream.between(0.0, 1.0));
        if chance > density_at(x, y) {
            continue;
        }
        let (sin, cos) = angle.sin_cos();
        let width = length * (0.28 + 0.18 * tint);
        let base = blend(
            blend([0.16, 0.36, 0.10], [0.45, 0.58, 0.16], tint),
            [0.66, 0.42, 0.12],
            hue * 0.35 * tint,
        );
        let shade = 0.25 + 0.85 * depth;
        layer.stamp(x, y, length, |dx, dy| {
            let (along, across) = (dx * cos + dy * sin, dy * cos - dx * sin);
            let t = along / length;
            // Two arcs that meet in a point.
            let edge = width * (1.0 - t * t) * (1.0 - 0.25 * t) - across.abs();
            let alpha = smooth(-soft * 0.5, soft, edge);
            if alpha <= 0.0 {
                return [0.0; 4];
            }
            let rib = smooth(2.2 * soft, 0.0, across.abs());
            let vein = ((along * 1.0 + across.abs() * 0.8) / length * 26.0).sin() * 0.07;
            let fold = 0.22 * (across / width) * sin.signum();
            let mottle =
                0.12 * noise.fractal(dx / length * 6.0 + x * 9.0, dy / length * 6.0, 4, 0.6);
            let light = shade * (1.0 + vein + fold + mottle + 0.25 * rib);
            rgba(lit(base, light), alpha)
        });
    }
    layer
}
