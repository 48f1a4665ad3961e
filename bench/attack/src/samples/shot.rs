//! One shot: layers at their depths, seen by a moving camera.
//!
//! ```text
//! q = R(roll) p / zoom^depth + depth * pan(t) + shake(t)        p: frame, q: layer (scene units)
//! layer sample at q - origin - velocity t - sway(t) - wind(q_y, t)
//! ```
//!
//! Depth 0 is infinitely far, 1 the plane that the camera follows, above 1 in front of it.
//!
//! # Shapes and units
//! Scene units as in [`super::layer`], seconds, zoom 1 = the frame's short side is one unit.

use rayon::prelude::*;

use super::layer::{Layer, over};
use super::noise::mix;

/// How a layer moves by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Motion {
    /// Where the layer's own origin lies at time 0.
    pub origin: (f32, f32),
    /// Units a second.
    pub velocity: (f32, f32),
    /// Amplitude in units and frequency in hertz of a slow to and fro.
    pub sway: (f32, f32),
    /// Amplitude of waves that run down the layer.
    pub wind: f32,
    /// Amplitude (share) and frequency (hertz) of a vertical stretch about the origin.
    pub stretch: (f32, f32),
}

/// A layer in its place.
#[derive(Debug)]
pub struct Placed {
    /// What is painted.
    pub layer: Layer,
    /// Parallax, 0 to about 1.5.
    pub depth: f32,
    /// How it moves.
    pub motion: Motion,
}

/// Where the camera looks, from the shot's start to its end.
#[derive(Debug, Clone, Copy)]
pub struct Camera {
    /// Centre of the picture at start and end.
    pub pan: [(f32, f32); 2],
    /// Magnification at start and end.
    pub zoom: [f32; 2],
    /// Amplitude of a hand's shake, units.
    pub shake: f32,
    /// Phase of the shake, so that shots differ.
    pub phase: f32,
}

/// A shot of some seconds.
#[derive(Debug)]
pub struct Shot {
    /// Length.
    pub seconds: f32,
    /// The camera.
    pub camera: Camera,
    /// Layers, nearest first.
    pub layers: Vec<Placed>,
    /// Gain and lift of the grade.
    pub exposure: f32,
}

/// The affine walk of one row through one layer.
struct Walk {
    start: (f32, f32),
    step: (f32, f32),
}

impl Shot {
    /// Renders the frame at `time` seconds into the shot as R'G'B' rows of `width` pixels.
    pub fn render(&self, time: f32, width: usize, height: usize, out: &mut [[f32; 3]]) {
        out.par_chunks_exact_mut(width)
            .enumerate()
            .for_each(|(row, line)| self.render_row(time, (width, height), row, line));
    }

    fn render_row(&self, time: f32, size: (usize, usize), row: usize, line: &mut [[f32; 3]]) {
        let walks: Vec<Walk> = self
            .layers
            .iter()
            .map(|placed| self.walk(placed, time, size, row))
            .collect();
        for (column, pixel) in line.iter_mut().enumerate() {
            let i = column as f32;
            let mut colour = [0.0; 4];
            for (placed, walk) in self.layers.iter().zip(&walks) {
                let back = placed.layer.at(
                    walk.start.0 + i * walk.step.0,
                    walk.start.1 + i * walk.step.1,
                );
                colour = over(colour, back);
                if colour[3] > 0.998 {
                    break;
                }
            }
            *pixel = std::array::from_fn(|k| colour[k] * self.exposure);
        }
    }

    fn walk(&self, placed: &Placed, time: f32, size: (usize, usize), row: usize) -> Walk {
        let camera = &self.camera;
        // Ease in and out: a hand on a tripod.
        let t = (time / self.seconds).clamp(0.0, 1.0);
        let t = t * t * (3.0 - 2.0 * t) * 0.6 + t * 0.4;
        let pan = (
            mix(camera.pan[0].0, camera.pan[1].0, t),
            mix(camera.pan[0].1, camera.pan[1].1, t),
        );
        let wave = |hertz: f32, shift: f32| {
            (std::f32::consts::TAU * hertz * time + camera.phase + shift).sin()
        };
        let shake = (
            camera.shake * (0.6 * wave(0.9, 0.0) + 0.3 * wave(2.3, 1.0) + 0.15 * wave(5.1, 2.0)),
            camera.shake * (0.6 * wave(1.1, 4.0) + 0.3 * wave(2.9, 3.0) + 0.15 * wave(4.3, 5.0)),
        );
        let (sin, cos) = (camera.shake * 0.5 * wave(0.7, 2.5)).sin_cos();
        let zoom = mix(camera.zoom[0], camera.zoom[1], t).powf(placed.depth);
        let unit = 1.0 / (size.0.min(size.1) as f32 * zoom);
        let (x, y) = (
            (0.5 - size.0 as f32 * 0.5) * unit,
            (row as f32 + 0.5 - size.1 as f32 * 0.5) * unit,
        );
        let depth = placed.depth;
        let motion = &placed.motion;
        let sway =
            motion.sway.0 * (std::f32::consts::TAU * motion.sway.1 * time + camera.phase).sin();
        let mut start = (
            x * cos - y * sin + depth * pan.0 + shake.0
                - motion.origin.0
                - motion.velocity.0 * time
                - sway,
            x * sin + y * cos + depth * pan.1 + shake.1
                - motion.origin.1
                - motion.velocity.1 * time
                - 0.4 * sway,
        );
        let gust = (start.1 * 5.0 + time * 2.1 + camera.phase).sin()
            + 0.6 * (start.1 * 13.0 - time * 3.7).sin();
        start.0 += motion.wind * gust;
        start.1 += motion.wind * 0.3 * (time * 2.9 + start.1 * 9.0).sin();
        let stretch = 1.0
            + motion.stretch.0
                * (0.5
                    + 0.5 * (std::f32::consts::TAU * motion.stretch.1 * time + camera.phase).sin());
        Walk {
            start: (start.0, start.1 / stretch),
            step: (cos * unit, sin * unit / stretch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::layer::{Area, rgba};

    fn still(camera: Camera, depth: f32) -> Shot {
        let area = Area {
            x: -2.0,
            y: -2.0,
            width: 4.0,
            height: 4.0,
        };
        Shot {
            seconds: 2.0,
            camera,
            layers: vec![Placed {
                layer: Layer::paint(area, 64.0, |x, y| rgba([x, y, 0.0], 1.0)),
                depth,
                motion: Motion::default(),
            }],
            exposure: 1.0,
        }
    }

    #[test]
    fn pan_moves_a_layer_by_its_depth_and_zoom_keeps_the_centre() {
        let camera = Camera {
            pan: [(0.0, 0.0), (0.4, 0.0)],
            zoom: [1.0, 1.5],
            shake: 0.0,
            phase: 0.0,
        };
        for depth in [0.0, 0.5, 1.0] {
            let shot = still(camera, depth);
            let mut frame = vec![[0.0; 3]; 65 * 33];
            shot.render(2.0, 65, 33, &mut frame);
            let centre = frame[16 * 65 + 32];
            assert!((centre[0] - 0.4 * depth).abs() < 1e-3, "{centre:?}");
            let right = frame[16 * 65 + 64];
            let want = 0.4 * depth + 32.0 / 33.0 / 1.5_f32.powf(depth);
            assert!((right[0] - want).abs() < 1e-3, "{right:?} {want}");
        }
    }
}
