//! A painted bitmap that the camera looks at: premultiplied colour on a regular grid of scene units.
//!
//! ```text
//! over:  c = f + (1 - a_f) b          f, b premultiplied front and back, a_f the front's alpha
//! ```
//!
//! # Shapes and units
//! Scene units: the frame's short side is 1, its centre (0, 0), y points down. `density` is texels per unit. Colour is
//! display-referred R'G'B' in [0, 1].

use rayon::prelude::*;

/// Premultiplied red, green, blue, alpha.
pub type Rgba = [f32; 4];

/// An opaque or covered colour as premultiplied [`Rgba`].
#[must_use]
pub fn rgba(rgb: [f32; 3], alpha: f32) -> Rgba {
    [rgb[0] * alpha, rgb[1] * alpha, rgb[2] * alpha, alpha]
}

/// `rgb` times `gain`.
#[must_use]
pub fn lit(rgb: [f32; 3], gain: f32) -> [f32; 3] {
    rgb.map(|c| c * gain)
}

/// From `a` at 0 to `b` at 1.
#[must_use]
pub fn blend(a: [f32; 3], b: [f32; 3], t: f32) -> [f32; 3] {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t)
}

/// A rectangle of the scene.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// A bitmap placed in the scene; transparent outside.
#[derive(Debug, Clone)]
pub struct Layer {
    area: Area,
    density: f32,
    columns: usize,
    rows: usize,
    texels: Vec<Rgba>,
}

impl Layer {
    /// Paints `area` by asking for the colour at every texel's centre.
    pub fn paint(area: Area, density: f32, colour: impl Fn(f32, f32) -> Rgba + Sync) -> Self {
        let mut layer = Self::clear(area, density);
        let columns = layer.columns;
        layer
            .texels
            .par_chunks_exact_mut(columns)
            .enumerate()
            .for_each(|(j, row)| {
                let y = area.y + (j as f32 + 0.5) / density;
                for (i, texel) in row.iter_mut().enumerate() {
                    *texel = colour(area.x + (i as f32 + 0.5) / density, y);
                }
            });
        layer
    }

    /// A transparent layer to stamp on.
    #[must_use]
    pub fn clear(area: Area, density: f32) -> Self {
        let columns = (area.width * density).ceil().max(2.0) as usize;
        let rows = (area.height * density).ceil().max(2.0) as usize;
        Self {
            area,
            density,
            columns,
            rows,
            texels: vec![[0.0; 4]; columns * rows],
        }
    }

    /// Lays a shape over what is there; `shape` is asked within `radius` of `(x, y)`, in offsets from it.
    pub fn stamp(&mut self, x: f32, y: f32, radius: f32, shape: impl Fn(f32, f32) -> Rgba) {
        let texel = |v: f32, origin: f32, count: usize| -> usize {
            ((v - origin) * self.density)
                .floor()
                .clamp(0.0, count as f32) as usize
        };
        let columns = texel(x - radius, self.area.x, self.columns)
            ..texel(x + radius, self.area.x, self.columns - 1) + 1;
        let rows = texel(y - radius, self.area.y, self.rows)
            ..texel(y + radius, self.area.y, self.rows - 1) + 1;
        for j in rows {
            let dy = self.area.y + (j as f32 + 0.5) / self.density - y;
            for i in columns.clone() {
                let dx = self.area.x + (i as f32 + 0.5) / self.density - x;
                let front = shape(dx, dy);
                if front[3] > 0.0 {
                    let back = &mut self.texels[j * self.columns + i];
                    *back = over(front, *back);
                }
            }
        }
    }

    /// Size of a texel in scene units.
    #[must_use]
    pub fn texel(&self) -> f32 {
        1.0 / self.density
    }

    /// Softens the layer as a lens out of focus does: three box passes each way, about a Gaussian.
    #[must_use]
    pub fn defocused(mut self, radius: f32) -> Self {
        let reach = (radius * self.density).round() as usize;
        if reach == 0 {
            return self;
        }
        for _ in 0..3 {
            self.texels
                .par_chunks_exact_mut(self.columns)
                .for_each_init(Vec::new, |line, row| box_blur(row, reach, line));
        }
        let mut turned = transposed(&self.texels, self.columns);
        for _ in 0..3 {
            turned
                .par_chunks_exact_mut(self.rows)
                .for_each_init(Vec::new, |line, row| box_blur(row, reach, line));
        }
        self.texels = transposed(&turned, self.rows);
        self
    }

    /// The layer in less light, its cover unchanged.
    #[must_use]
    pub fn dimmed(mut self, gain: f32) -> Self {
        for texel in &mut self.texels {
            texel[..3].iter_mut().for_each(|c| *c *= gain);
        }
        self
    }

    /// The layer without its empty rows above and below, and without empty columns at the sides.
    #[must_use]
    pub fn trimmed(self) -> Self {
        let inked = |texel: &Rgba| texel[3] > 0.0;
        let rows = || self.texels.chunks_exact(self.columns);
        let Some(top) = rows().position(|r| r.iter().any(inked)) else {
            return self;
        };
        let bottom = self.rows - 1 - rows().rev().position(|r| r.iter().any(inked)).unwrap_or(0);
        let left = rows().filter_map(|r| r.iter().position(inked)).min();
        let right = rows().filter_map(|r| r.iter().rposition(inked)).max();
        let (left, right) = (left.unwrap_or(0), right.unwrap_or(self.columns - 1));
        // One empty texel stays around the ink, so that its edge still fades to nothing.
        let (top, bottom) = (top.saturating_sub(1), (bottom + 1).min(self.rows - 1));
        let (left, right) = (left.saturating_sub(1), (right + 1).min(self.columns - 1));
        let texels: Vec<Rgba> = self
            .texels
            .chunks_exact(self.columns)
            .take(bottom + 1)
            .skip(top)
            .flat_map(|row| row[left..=right].iter().copied())
            .collect();
        Self {
            area: Area {
                x: self.area.x + left as f32 / self.density,
                y: self.area.y + top as f32 / self.density,
                width: (right + 1 - left) as f32 / self.density,
                height: (bottom + 1 - top) as f32 / self.density,
            },
            density: self.density,
            columns: right + 1 - left,
            rows: bottom + 1 - top,
            texels,
        }
    }

    /// The bilinear colour at a point of the scene.
    #[must_use]
    pub fn at(&self, x: f32, y: f32) -> Rgba {
        let u = (x - self.area.x) * self.density - 0.5;
        let v = (y - self.area.y) * self.density - 0.5;
        let (columns, rows) = (self.columns as f32, self.rows as f32);
        if !(u >= 0.0 && v >= 0.0 && u < columns - 1.0 && v < rows - 1.0) {
            return [0.0; 4];
        }
        // Both are at least zero: truncation is the floor, without a call into the C library per pixel.
        let (i, j) = (u as usize, v as usize);
        let (tu, tv) = (u - i as f32, v - j as f32);
        let top = j * self.columns + i;
        let (a, b) = (self.texels[top], self.texels[top + 1]);
        let below = top + self.columns;
        let (c, d) = (self.texels[below], self.texels[below + 1]);
        std::array::from_fn(|k| {
            let upper = a[k] + (b[k] - a[k]) * tu;
            let lower = c[k] + (d[k] - c[k]) * tu;
            upper + (lower - upper) * tv
        })
    }
}

/// `front` over `back`, both premultiplied.
#[must_use]
pub fn over(front: Rgba, back: Rgba) -> Rgba {
    let through = 1.0 - front[3];
    std::array::from_fn(|k| front[k] + through * back[k])
}

fn transposed(texels: &[Rgba], columns: usize) -> Vec<Rgba> {
    let rows = texels.len() / columns;
    let mut out = vec![[0.0; 4]; texels.len()];
    for (j, row) in texels.chunks_exact(columns).enumerate() {
        for (i, texel) in row.iter().enumerate() {
            out[i * rows + j] = *texel;
        }
    }
    out
}

/// Running mean over `2 reach + 1` texels, edges repeated.
fn box_blur(row: &mut [Rgba], reach: usize, line: &mut Vec<Rgba>) {
    line.clear();
    line.extend_from_slice(row);
    let last = line.len() - 1;
    let scale = 1.0 / (2 * reach + 1) as f32;
    let mut sum = line[0].map(|c| c * (reach + 1) as f32);
    for i in 1..=reach {
        let texel = line[i.min(last)];
        sum = std::array::from_fn(|k| sum[k] + texel[k]);
    }
    for (i, out) in row.iter_mut().enumerate() {
        *out = sum.map(|c| c * scale);
        let (enter, leave) = (
            line[(i + reach + 1).min(last)],
            line[i.saturating_sub(reach)],
        );
        sum = std::array::from_fn(|k| sum[k] + enter[k] - leave[k]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: Area = Area {
        x: -0.5,
        y: -0.5,
        width: 1.0,
        height: 1.0,
    };

    #[test]
    fn bilinear_sampling_reproduces_a_linear_ramp() {
        let layer = Layer::paint(UNIT, 100.0, |x, y| rgba([x + 0.5, y + 0.5, 0.0], 1.0));
        for (x, y) in [(0.0, 0.0), (-0.31, 0.22), (0.404, -0.111)] {
            let got = layer.at(x, y);
            assert!((got[0] - (x + 0.5)).abs() < 1e-4 && (got[1] - (y + 0.5)).abs() < 1e-4);
        }
        assert!(layer.at(0.7, 0.0)[3].abs() < f32::EPSILON);
        assert!(layer.at(f32::NAN, 0.0)[3].abs() < f32::EPSILON);
    }

    #[test]
    fn stamps_at_the_border_stay_inside() {
        let mut layer = Layer::clear(UNIT, 50.0);
        for (x, y) in [(-0.5, -0.5), (0.5, 0.5), (3.0, 0.0), (0.0, -3.0)] {
            layer.stamp(x, y, 0.1, |_, _| rgba([1.0; 3], 1.0));
        }
        assert!(layer.at(-0.48, -0.48)[3] > 0.99);
        assert!(layer.at(0.0, 0.0)[3] < 0.01);
    }

    #[test]
    fn trimming_changes_nothing_that_is_seen() {
        let mut layer = Layer::clear(UNIT, 64.0);
        layer.stamp(0.1, -0.2, 0.1, |x, y| rgba([x + 0.5, y + 0.5, 0.3], 0.7));
        let trimmed = layer.clone().trimmed();
        assert!(trimmed.texels.len() * 10 < layer.texels.len());
        for i in 0..400 {
            let (x, y) = ((i % 20) as f32 / 20.0 - 0.48, (i / 20) as f32 / 20.0 - 0.48);
            let (a, b) = (layer.at(x, y), trimmed.at(x, y));
            assert!(
                a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4),
                "{a:?} {b:?}"
            );
        }
    }

    #[test]
    fn defocus_keeps_the_sum() {
        let mut layer = Layer::clear(UNIT, 64.0);
        layer.stamp(0.0, 0.0, 0.1, |_, _| rgba([1.0; 3], 1.0));
        let sum = |l: &Layer| l.texels.iter().map(|t| f64::from(t[3])).sum::<f64>();
        let before = sum(&layer);
        let soft = layer.defocused(0.05);
        assert!((sum(&soft) - before).abs() / before < 1e-3);
        assert!(soft.at(0.095, 0.095)[3] < 0.6);
    }
}
