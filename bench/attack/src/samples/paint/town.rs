//! A street by day and by night.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::{octaves, relief};
use crate::samples::layer::{Area, Layer, blend, lit, rgba};
use crate::samples::noise::{Noise, Uniform, smooth};

/// One house of a row.
struct House {
    left: f32,
    right: f32,
    top: f32,
    colour: [f32; 3],
    window: (f32, f32),
    seed: f32,
}

fn houses(area: Area, stream: &mut ChaCha8Rng) -> Vec<House> {
    let mut left = area.x;
    let mut row = Vec::new();
    while left < area.x + area.width {
        let width = stream.between(0.28, 0.6);
        row.push(House {
            left,
            right: left + width,
            top: area.y + area.height * stream.between(0.05, 0.35),
            colour: blend(
                [0.66, 0.40, 0.30],
                [0.78, 0.74, 0.66],
                stream.between(0.0, 1.0),
            ),
            window: (stream.between(0.07, 0.11), stream.between(0.11, 0.16)),
            seed: stream.between(0.0, 90.0),
        });
        left += width;
    }
    row
}

/// A row of houses with bricks, windows and weather; `night` 1 is dark with some windows lit.
#[must_use]
pub fn facades(area: Area, density: f32, seed: u64, night: f32) -> Layer {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let noise = Noise::new(seed);
    let row = houses(area, &mut stream);
    let count = octaves(density, 8.0);
    Layer::paint(area, density, |x, y| {
        let Some(house) = row.iter().find(|h| x < h.right) else {
            return [0.0; 4];
        };
        let alpha = smooth(0.0, 1.5 / density, y - house.top);
        if alpha <= 0.0 {
            return [0.0; 4];
        }
        let (u, v) = (x - house.left, y - house.top);
        // Bricks 0.03 x 0.012 with mortar, every other course shifted; below the resolution they fade to their mean.
        let course = (v / 0.012).floor();
        let bx = (u / 0.03 + 0.5 * (course % 2.0)).fract();
        let by = (v / 0.012).fract();
        let soft = 1.0 / (density * 0.012);
        let mortar = smooth(0.16, 0.16 + soft, by.min(1.0 - by))
            * smooth(0.06, 0.06 + soft, bx.min(1.0 - bx));
        let brick = noise.value(
            (u / 0.03 + 0.5 * (course % 2.0)).floor() + house.seed,
            course + house.seed,
        );
        let weather = noise.fractal(x * 5.0 + house.seed, y * 3.0, count, 0.6);
        let mut colour = lit(
            house.colour,
            0.72 + 0.10 * brick + 0.16 * mortar + 0.22 * weather,
        );
        let (ww, wh) = house.window;
        let (cx, cy) = ((u / (ww * 2.0)).floor(), ((v - 0.06) / (wh * 1.7)).floor());
        let (wx, wy) = (
            (u / (ww * 2.0)).fract() * ww * 2.0 - ww,
            ((v - 0.06) / (wh * 1.7)).fract() * wh * 1.7 - wh * 0.85,
        );
        if v > 0.06 && u > 0.02 && house.right - x > 0.02 {
            let inside = (ww * 0.5 - wx.abs()).min(wh * 0.5 - wy.abs());
            let frame = smooth(-0.012, -0.012 + 2.0 / density, inside);
            let pane = smooth(0.0, 2.0 / density, inside.min(wx.abs() - 0.003));
            colour = blend(colour, [0.84, 0.83, 0.80], frame);
            let light = noise.value(cx * 3.7 + house.seed, cy * 5.3);
            let glass = lit(
                [0.28, 0.36, 0.44],
                0.7 + 0.7 * noise.fractal(wx * 9.0 + cx, wy * 7.0 + cy, 4, 0.5),
            );
            let glow = [1.0, 0.82, 0.50];
            let lit_now = night * smooth(0.15, 0.2, light);
            let curtain = 0.7 + 0.3 * noise.fractal(wx * 60.0 + cx * 7.0, wy * 3.0, 3, 0.5);
            colour = blend(colour, glass, pane);
            colour = lit(colour, 1.0 - 0.9 * night);
            colour = blend(colour, lit(glow, curtain), pane * lit_now);
        } else {
            colour = lit(colour, 1.0 - 0.9 * night);
        }
        let ledge = smooth(0.012, 0.008, (v - 0.015).abs());
        rgba(
            blend(colour, lit([0.80, 0.78, 0.74], 1.0 - 0.9 * night), ledge),
            alpha,
        )
    })
}

/// Asphalt and kerb from `horizon` down.
#[must_use]
pub fn pavement(area: Area, density: f32, seed: u64, horizon: f32, night: f32) -> Layer {
    let noise = Noise::new(seed);
    Layer::paint(area, density, |x, y| {
        let below = y - horizon;
        if below < 0.0 {
            return [0.0; 4];
        }
        let near = below + 0.25;
        let (u, v) = (x / near, 1.0 / near);
        let stones = relief(
            &noise,
            u * 22.0,
            v * 30.0,
            octaves(density * near, 22.0),
            0.8,
            0.05,
        );
        let stain = noise.fractal(u * 1.5, v * 2.5, 5, 0.55);
        let mut colour = lit([0.36, 0.36, 0.37], stones * (0.9 + 0.4 * stain));
        let kerb = smooth(0.022, 0.018, (below - 0.03).abs());
        colour = blend(colour, lit([0.62, 0.61, 0.58], 0.9 + 0.3 * stain), kerb);
        let dash = smooth(0.008, 0.004, (below - 0.16).abs())
            * smooth(0.2, 0.24, (x * 2.0).rem_euclid(1.0));
        colour = blend(colour, [0.86, 0.85, 0.80], dash * 0.9);
        rgba(lit(colour, 1.0 - 0.85 * night), 1.0)
    })
}

/// A car seen from the side, standing on y = 0.
#[must_use]
pub fn car(density: f32, seed: u64) -> Layer {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let noise = Noise::new(seed);
    let paint = [
        stream.between(0.1, 0.85),
        stream.between(0.1, 0.5),
        stream.between(0.1, 0.7),
    ];
    let area = Area {
        x: -0.42,
        y: -0.30,
        width: 0.84,
        height: 0.34,
    };
    let soft = 1.5 / density;
    Layer::paint(area, density, |x, y| {
        let roof = -0.145 - 0.115 * (1.0 - ((x + 0.03) / 0.25).powi(4)).max(0.0).sqrt();
        let bonnet = -0.145 + 0.05 * ((x / 0.38).abs().powi(6));
        let top = if (x + 0.03).abs() < 0.25 {
            roof
        } else {
            bonnet
        };
        let body = smooth(0.0, soft, (y - top).min(-0.035 - y).min(0.38 - x.abs()));
        let sky = smooth(-0.02, -0.16, y) * 0.35 + 0.25 * smooth(0.012, 0.0, (y + 0.125).abs());
        let dirt = 0.06 * noise.fractal(x * 14.0, y * 14.0, 5, 0.6);
        let mut colour = blend(
            lit(paint, 0.75 + dirt - 0.5 * smooth(-0.1, -0.03, y)),
            [0.9, 0.93, 0.97],
            sky,
        );
        let glass = smooth(
            0.0,
            soft,
            (y - roof - 0.016)
                .min(-0.148 - y)
                .min(0.215 - (x + 0.03).abs()),
        ) * smooth(0.006, 0.009, (x + 0.02).abs());
        let mirrored = 0.3
            + 0.5 * noise.fractal(x * 5.0, y * 9.0, 4, 0.5).abs()
            + 0.5 * smooth(-0.15, -0.25, y);
        colour = blend(colour, lit([0.50, 0.58, 0.64], mirrored), glass);
        let lamp = smooth(
            0.035,
            0.02,
            ((x.abs() - 0.365).powi(2) + (y + 0.105).powi(2)).sqrt(),
        );
        colour = blend(
            colour,
            if x > 0.0 {
                [1.0, 0.96, 0.86]
            } else {
                [0.8, 0.1, 0.08]
            },
            lamp * 0.9,
        );
        let mut out = rgba(colour, body);
        for wheel in [-0.23, 0.23] {
            let r = ((x - wheel).powi(2) + (y + 0.045).powi(2)).sqrt();
            let tyre = smooth(0.062, 0.062 - soft, r);
            let spokes =
                (0.5 + 0.5 * ((y + 0.045).atan2(x - wheel) * 5.0).cos()) * smooth(0.036, 0.032, r);
            let rubber = blend([0.06, 0.06, 0.065], [0.72, 0.73, 0.75], spokes);
            out = crate::samples::layer::over(rgba(rubber, tyre), out);
        }
        out
    })
}

/// A lamp post close to the camera, a little out of focus.
#[must_use]
pub fn lamp_post(density: f32) -> Layer {
    let area = Area {
        x: -0.12,
        y: -1.0,
        width: 0.24,
        height: 2.2,
    };
    Layer::paint(area, density, |x, y| {
        let width = 0.028 + 0.012 * smooth(0.3, 0.6, y);
        let alpha = smooth(0.0, 2.0 / density, width - x.abs());
        let round = (1.0 - (x / width).powi(2)).max(0.0).sqrt();
        rgba(
            lit([0.16, 0.19, 0.17], 0.4 + 0.9 * round - 0.5 * x / width),
            alpha,
        )
    })
    .defocused(0.004)
}

/// Lights of a distant town, to be moved before a night street.
#[must_use]
pub fn night_lights(area: Area, density: f32, seed: u64, count: usize) -> Layer {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let mut layer = Layer::clear(area, density);
    for _ in 0..count {
        let (x, y) = (
            stream.between(area.x, area.x + area.width),
            stream.between(area.y, area.y + area.height),
        );
        let radius = stream.between(0.006, 0.03);
        let colour = [1.0, stream.between(0.4, 0.95), stream.between(0.15, 0.8)];
        layer.stamp(x, y, radius * 5.0, |dx, dy| {
            let r = (dx * dx + dy * dy).sqrt() / radius;
            let glow = 0.25 * (-r * 0.9).exp() + smooth(1.0, 0.75, r);
            rgba(colour, (glow.min(1.0) * smooth(5.0, 4.0, r)).min(0.95))
        });
    }
    layer
}
