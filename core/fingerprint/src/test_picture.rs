//! Pictures for tests: blobs and gratings of many sizes, and their warps.
//!
//! ```text
//! warped(q) = mean over 4 x 4 places in the sample of picture(H^-1 q)
//! ```

use countermark_picture::{Grey, Homography};

/// A small generator for test pictures: Knuth's multiplier, the upper bits.
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        let mut noise = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d);
        for _ in 0..4 {
            noise.next();
        }
        noise
    }

    /// Uniform in `0..1`.
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1_u32 << 31)
    }
}

/// A picture unlike that of any other seed.
pub(crate) fn picture(seed: u64, width: usize, height: usize) -> Grey {
    let mut noise = Noise::new(seed);
    let mut samples = vec![110.0_f32; width * height];
    let mut paint = |x: f64, y: f64, radius: f64, level: f64, shape: &dyn Fn(f64, f64) -> f64| {
        let reach = 2.5 * radius;
        let rows = (y - reach).max(0.0) as usize..((y + reach).max(0.0) as usize).min(height);
        for row in rows {
            let columns = (x - reach).max(0.0) as usize..((x + reach).max(0.0) as usize).min(width);
            for column in columns {
                let u = (column as f64 + 0.5 - x) / radius;
                let v = (row as f64 + 0.5 - y) / radius;
                samples[row * width + column] += (level * shape(u, v)) as f32;
            }
        }
    };
    for i in 0..420 {
        let (x, y) = (noise.next() * width as f64, noise.next() * height as f64);
        let radius = 2.0 + 40.0 * noise.next().powi(4);
        let level = (noise.next() - 0.5) * 90.0;
        let (along, turn) = (0.4 + noise.next(), noise.next() * 6.3);
        let rotated = move |u: f64, v: f64| {
            (
                u * turn.cos() + v * turn.sin(),
                v * turn.cos() - u * turn.sin(),
            )
        };
        match i % 3 {
            0 => paint(x, y, radius, level, &move |u, v| {
                let (u, v) = rotated(u, v);
                (-(u * u / along + v * v)).exp()
            }),
            1 => paint(x, y, radius, level, &move |u, v| {
                let (u, v) = rotated(u, v);
                f64::from(u8::from(u.abs() < along && v.abs() < 0.7))
            }),
            _ => paint(x, y, radius, level, &move |u, v| {
                let (u, v) = rotated(u, v);
                (4.0 * u).sin() * (-(u * u + v * v)).exp()
            }),
        }
    }
    let samples = samples.into_iter().map(|s| s.clamp(0.0, 255.0)).collect();
    Grey::new(width, height, samples).expect("a picture")
}

/// The picture as a map shows it, on `width x height` samples, grey outside.
pub(crate) fn warped(picture: &Grey, map: &Homography, width: usize, height: usize) -> Grey {
    let back = map.inverse().expect("a map with an inverse");
    let level = |x: f64, y: f64| match back.map((x, y)) {
        Some((x, y)) if picture.holds(x, y) => picture.at(x, y),
        _ => 90.0,
    };
    let samples = (0..width * height).map(|i| {
        let (x, y) = ((i % width) as f64, (i / width) as f64);
        let places = (0..16).map(|k| {
            (
                f64::from(k % 4) / 4.0 + 0.125,
                f64::from(k / 4) / 4.0 + 0.125,
            )
        });
        places.map(|(dx, dy)| level(x + dx, y + dy)).sum::<f32>() / 16.0
    });
    Grey::new(width, height, samples.collect()).expect("a picture")
}

/// Blurred by a box of 3 x 3, noisy by +-`noise`, darker and flatter, rounded to code values.
pub(crate) fn degraded(picture: &Grey, seed: u64, noise: f32) -> Grey {
    let (width, height) = (picture.width(), picture.height());
    let mut source = Noise::new(seed);
    let samples = (0..width * height).map(|i| {
        let (x, y) = ((i % width) as f64 + 0.5, (i / width) as f64 + 0.5);
        let near =
            (0..9).map(|k| picture.at(x + f64::from(k % 3) - 1.0, y + f64::from(k / 3) - 1.0));
        let level = near.sum::<f32>() / 9.0 * 0.7 + 10.0;
        (level + noise * (2.0 * source.next() - 1.0) as f32)
            .round()
            .clamp(0.0, 255.0)
    });
    Grey::new(width, height, samples.collect()).expect("a picture")
}
