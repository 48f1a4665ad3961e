//! A face in a room: smooth shading, which is the hardest content to hide a mark in.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::{octaves, relief};
use crate::samples::layer::{Area, Layer, blend, lit, over, rgba};
use crate::samples::noise::{Noise, Uniform, smooth};

const HEAD: (f32, f32) = (0.185, 0.245);
const LIGHT: [f32; 3] = [-0.52, -0.45, 0.73];

/// Colours of a person.
struct Look {
    skin: [f32; 3],
    hair: [f32; 3],
    cloth: [f32; 3],
}

impl Look {
    fn new(seed: u64) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        let tone = stream.between(0.0, 1.0);
        Self {
            skin: blend([0.93, 0.74, 0.63], [0.62, 0.42, 0.31], tone),
            hair: blend(
                [0.10, 0.07, 0.06],
                [0.48, 0.32, 0.17],
                stream.between(0.0, 1.0),
            ),
            cloth: [
                stream.between(0.25, 0.65),
                stream.between(0.25, 0.55),
                stream.between(0.25, 0.65),
            ],
        }
    }
}

/// Head and shoulders, centred on the head.
#[must_use]
pub fn person(density: f32, seed: u64) -> Layer {
    let look = Look::new(seed);
    let noise = Noise::new(seed);
    let area = Area {
        x: -0.75,
        y: -0.42,
        width: 1.5,
        height: 1.9,
    };
    Layer::paint(area, density, |x, y| {
        let mut colour = shoulders(&look, &noise, x, y, density);
        colour = over(hair(&look, &noise, x, y + 0.02, 1.2, density), colour);
        colour = over(neck(&look, x, y, density), colour);
        colour = over(face(&look, &noise, x, y, density), colour);
        over(fringe(&look, &noise, x, y, density), colour)
    })
}

fn shade(normal: [f32; 3]) -> f32 {
    let norm = normal.iter().map(|n| n * n).sum::<f32>().sqrt().max(1e-6);
    let cosine: f32 = normal.iter().zip(LIGHT).map(|(n, l)| n / norm * l).sum();
    0.30 + 0.78 * (0.5 + 0.5 * cosine).powf(1.6)
}

fn face(look: &Look, noise: &Noise, x: f32, y: f32, density: f32) -> [f32; 4] {
    let jaw = 1.0 - 0.28 * smooth(0.02, 0.25, y);
    let (u, v) = (x / (HEAD.0 * jaw), y / HEAD.1);
    let e = u * u + v * v;
    let alpha = smooth(1.0, 1.0 - 3.0 / (density * HEAD.0), e);
    if alpha <= 0.0 {
        return [0.0; 4];
    }
    // Bumps of the height field: nose, brow, cheeks, eye sockets.
    let bell = |cx: f32, cy: f32, rx: f32, ry: f32| {
        let (a, b) = ((x - cx) / rx, (y - cy) / ry);
        (-(a * a + b * b)).exp()
    };
    let slope = |cx: f32, cy: f32, rx: f32, ry: f32, h: f32| {
        let w = h * bell(cx, cy, rx, ry);
        [
            w * 2.0 * (x - cx) / (rx * rx),
            w * 2.0 * (y - cy) / (ry * ry),
        ]
    };
    let mut normal = [u * 0.9, v * 0.7, (1.0 - e).max(0.0).sqrt() + 0.25];
    for (cx, cy, rx, ry, h) in [
        (0.0, 0.03, 0.022, 0.06, 0.020),
        (0.0, 0.075, 0.03, 0.018, 0.014),
        (-0.07, -0.045, 0.045, 0.028, -0.012),
        (0.07, -0.045, 0.045, 0.028, -0.012),
        (-0.09, 0.06, 0.05, 0.05, 0.012),
        (0.09, 0.06, 0.05, 0.05, 0.012),
        (0.0, 0.145, 0.05, 0.012, -0.004),
        (0.0, 0.205, 0.04, 0.025, 0.008),
    ] {
        let [gx, gy] = slope(cx, cy, rx, ry, h);
        normal[0] += gx;
        normal[1] += gy;
    }
    let pores = relief(
        noise,
        x * 60.0,
        y * 60.0,
        octaves(density, 60.0),
        0.6,
        0.004,
    );
    let blush =
        bell(-0.1, 0.06, 0.06, 0.05) + bell(0.1, 0.06, 0.06, 0.05) + bell(0.0, 0.07, 0.03, 0.03);
    let uneven = 0.05 * noise.fractal(x * 8.0, y * 8.0, 4, 0.5);
    let mut skin = blend(look.skin, [0.80, 0.42, 0.38], 0.22 * blush);
    skin = lit(skin, (shade(normal) + uneven) * pores);
    let gloss = bell(-0.05, -0.15, 0.05, 0.04)
        + bell(-0.085, 0.035, 0.02, 0.02)
        + bell(-0.006, 0.06, 0.008, 0.012);
    skin = blend(skin, [1.0, 0.97, 0.92], 0.16 * gloss);
    for side in [-1.0, 1.0] {
        let (ex, ey) = (x - side * 0.07, y + 0.038);
        let lid = 0.017 * (1.0 - (ex / 0.036).powi(2));
        let open = smooth(0.0, 2.0 / density, lid - ey.abs());
        let iris = (ex * ex + ey * ey).sqrt();
        let mut eye = lit([0.92, 0.90, 0.88], 0.80 + 6.0 * ey);
        eye = blend(eye, [0.28, 0.18, 0.10], smooth(0.0165, 0.0145, iris));
        eye = blend(eye, [0.03, 0.03, 0.03], smooth(0.008, 0.0065, iris));
        let spark = ((ex + 0.005).powi(2) + (ey + 0.006).powi(2)).sqrt();
        eye = blend(eye, [1.0; 3], smooth(0.0042, 0.002, spark));
        skin = blend(skin, eye, open);
        let lash = smooth(0.005, 0.0, (ey + lid.max(0.0)).abs()) * smooth(0.042, 0.036, ex.abs());
        skin = blend(skin, lit(look.hair, 0.7), 0.8 * lash);
        let arch = (ey + 0.042 + 0.25 * ex * ex / 0.05).abs();
        let strands = 0.7 + 0.5 * noise.fractal(x * 260.0, y * 60.0, 3, 0.6);
        let brow = smooth(0.011, 0.003, arch) * smooth(0.048, 0.03, ex.abs()) * strands;
        skin = blend(skin, look.hair, (0.85 * brow).clamp(0.0, 1.0));
    }
    rgba(skin, alpha)
}

fn hair(look: &Look, noise: &Noise, x: f32, y: f32, size: f32, density: f32) -> [f32; 4] {
    let strands = noise.fractal(
        x * 42.0 + y * 5.0,
        y * 3.5,
        octaves(density, 42.0) + 1,
        0.75,
    );
    let drop = 1.0 + 0.75 * smooth(0.0, 0.35, y);
    let e = (x / (HEAD.0 * size)).powi(2) + (y / (HEAD.1 * size * drop)).powi(2);
    let alpha = smooth(1.02, 0.96, e + 0.06 * strands);
    let light =
        (0.7 + 1.1 * strands + 0.9 * smooth(0.1, -0.25, y) * smooth(0.25, -0.1, x)).clamp(0.2, 2.2);
    rgba(lit(look.hair, light), alpha)
}

fn fringe(look: &Look, noise: &Noise, x: f32, y: f32, density: f32) -> [f32; 4] {
    let line = -0.155 + 0.9 * (x + 0.03).powi(2) + 0.012 * noise.fractal(x * 30.0, 3.0, 5, 0.6);
    let cover = smooth(0.012, -0.012, y - line);
    let colour = hair(look, noise, x, y + 0.02, 1.2, density);
    colour.map(|c| c * cover)
}

fn neck(look: &Look, x: f32, y: f32, density: f32) -> [f32; 4] {
    let width = 0.092 + 0.12 * smooth(0.27, 0.40, y);
    let alpha = smooth(0.0, 2.0 / density, width - x.abs())
        * smooth(0.42, 0.40, y + 0.3 * x * x)
        * smooth(0.0, 0.05, y);
    let shadow = 0.62 + 0.35 * smooth(0.22, 0.34, y - 0.2 * x);
    rgba(lit(look.skin, shade([x / width, 0.2, 0.7]) * shadow), alpha)
}

fn shoulders(look: &Look, noise: &Noise, x: f32, y: f32, density: f32) -> [f32; 4] {
    let line = 0.33 + 0.95 * (x.abs() - 0.08).max(0.0).powi(2) + 0.2 * smooth(0.45, 0.62, x.abs());
    let alpha = smooth(0.0, 2.0 / density, y - line);
    if alpha <= 0.0 {
        return [0.0; 4];
    }
    let folds = relief(noise, x * 3.4 + 3.0, y * 1.7, 3, 0.4, 0.10);
    let weave = 1.0 + 0.05 * ((x * 420.0).sin() * (y * 420.0).sin());
    let knit = 1.0 + 0.10 * noise.fractal(x * 50.0, y * 50.0, octaves(density, 50.0), 0.7);
    let round = shade([x * 1.4, (line - y + 0.2).clamp(-0.5, 0.3), 0.7]);
    let collar = smooth(0.02, 0.0, (y - line - 0.018).abs()) * 0.3;
    rgba(
        lit(look.cloth, round * folds * weave * knit * (1.0 - collar)),
        alpha,
    )
}

/// A mouth of a person, to be laid over the face and stretched in time.
#[must_use]
pub fn mouth(density: f32, seed: u64) -> Layer {
    let look = Look::new(seed);
    let noise = Noise::new(seed ^ 0x11b5);
    let area = Area {
        x: -0.09,
        y: -0.06,
        width: 0.18,
        height: 0.12,
    };
    let lip = blend(look.skin, [0.70, 0.26, 0.26], 0.6);
    Layer::paint(area, density, |x, y| {
        let t = (x / 0.062).powi(2);
        let outer = 0.022 * (1.0 - t) + 0.003 * (x * 90.0).cos() * (1.0 - t);
        let alpha = smooth(0.0, 3.0 / density, outer - y.abs());
        if alpha <= 0.0 {
            return [0.0; 4];
        }
        let gap = 0.0075 * (1.0 - t);
        let crease = 1.0 + 0.16 * noise.fractal(x * 160.0, y * 20.0, 3, 0.6);
        let body = lit(lip, (0.80 + 9.0 * (y + 0.004).max(-0.01)) * crease);
        let teeth = blend(
            [0.10, 0.03, 0.03],
            [0.82, 0.78, 0.72],
            smooth(0.002, -0.002, y),
        );
        rgba(
            blend(body, teeth, smooth(0.0, 2.0 / density, gap - y.abs())),
            alpha,
        )
    })
}

/// A room out of focus: wall in soft light, shelves, lamps.
#[must_use]
pub fn room(area: Area, density: f32, seed: u64) -> Layer {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let noise = Noise::new(seed);
    let wall = [
        stream.between(0.35, 0.7),
        stream.between(0.35, 0.6),
        stream.between(0.3, 0.55),
    ];
    let mut layer = Layer::paint(area, density, |x, y| {
        let window = (-((x + 0.55).powi(2) * 1.4 + (y + 0.3).powi(2))).exp();
        let paper = 1.0 + 0.04 * noise.fractal(x * 20.0, y * 20.0, octaves(density, 20.0), 0.6);
        rgba(lit(wall, (0.35 + 0.85 * window) * paper), 1.0)
    });
    for _ in 0..26 {
        let (x, y) = (
            stream.between(area.x, area.x + area.width),
            stream.between(area.y, area.y + area.height),
        );
        let (w, h) = (stream.between(0.03, 0.16), stream.between(0.05, 0.22));
        let colour = [
            stream.between(0.2, 0.6),
            stream.between(0.15, 0.5),
            stream.between(0.12, 0.45),
        ];
        layer.stamp(x, y, w.max(h), |dx, dy| {
            if dx.abs() < w && dy.abs() < h {
                let grain = 1.0 + 0.25 * noise.fractal((x + dx) * 6.0, dy * 40.0, 4, 0.6);
                rgba(lit(colour, grain * (0.8 - dx / w * 0.2)), 1.0)
            } else {
                [0.0; 4]
            }
        });
    }
    let mut layer = layer.defocused(0.010);
    for _ in 0..9 {
        let (x, y) = (
            stream.between(area.x, area.x + area.width),
            stream.between(area.y, area.y + area.height * 0.6),
        );
        let radius = stream.between(0.025, 0.06);
        let glow = [1.0, stream.between(0.6, 0.95), stream.between(0.3, 0.7)];
        layer.stamp(x, y, radius * 1.2, |dx, dy| {
            let r = (dx * dx + dy * dy).sqrt() / radius;
            let rim = 0.55 + 0.25 * smooth(0.6, 0.95, r);
            rgba(glow, rim * smooth(1.05, 0.95, r))
        });
    }
    layer
}
