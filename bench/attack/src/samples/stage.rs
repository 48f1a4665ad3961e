//! Scenes: which layers stand where, and how the camera passes them.
//!
//! # Shapes and units
//! Scene units as in [`super::layer`]; depth as in [`super::shot`].

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::layer::Area;
use super::noise::Uniform;
use super::paint;
use super::shot::{Camera, Motion, Placed, Shot};
use super::spec::{ClipSpec, Scene, Take};

/// The shot of one take of `clip`, painted at the clip's own resolution.
#[must_use]
pub fn build(clip: &ClipSpec, take: Take) -> Shot {
    let pixels = clip.width.min(clip.height) as f32;
    let aspect = (clip.width as f32 / pixels, clip.height as f32 / pixels);
    let mut stage = Stage {
        density: pixels * 1.15,
        aspect,
        seed: take.seed,
        stream: ChaCha8Rng::seed_from_u64(take.seed),
        layers: Vec::new(),
    };
    let (camera, exposure) = match take.scene {
        Scene::Valley => stage.valley(),
        Scene::Leaves => stage.leaves(),
        Scene::Talk => stage.talk(),
        Scene::Street => stage.street(0.0),
        Scene::Night => stage.street(1.0),
        Scene::Sea => stage.sea(),
    };
    Shot {
        seconds: take.share * clip.seconds,
        camera: Camera {
            phase: stage.stream.between(0.0, 6.0),
            ..camera
        },
        layers: stage.layers,
        exposure,
    }
}

/// Puts layers up, nearest first.
struct Stage {
    density: f32,
    aspect: (f32, f32),
    seed: u64,
    stream: ChaCha8Rng,
    layers: Vec<Placed>,
}

impl Stage {
    fn put(&mut self, layer: super::layer::Layer, depth: f32, motion: Motion) {
        self.layers.push(Placed {
            layer: layer.trimmed(),
            depth,
            motion,
        });
    }

    /// What a layer must cover when the camera travels `travel` across.
    fn area(&self, travel: f32) -> Area {
        let (width, height) = (self.aspect.0 + travel + 0.16, self.aspect.1 + 0.20);
        Area {
            x: -width / 2.0,
            y: -height / 2.0,
            width,
            height,
        }
    }

    fn valley(&mut self) -> (Camera, f32) {
        let wind = Motion {
            wind: 0.004,
            sway: (0.006, 0.4),
            ..Motion::default()
        };
        let near = self.area(0.75);
        let corner = (near.x + near.width * 0.72, near.y);
        let branch = paint::foliage(near, self.density, self.seed + 1, 5000, 0.035, |x, y| {
            let d = ((x - corner.0) * 0.8).hypot((y - corner.1) * 1.6);
            (1.15 - d * 2.4).clamp(0.0, 1.0)
        });
        self.put(branch, 1.25, wind);
        let layers = [
            (0.75, 0.28, None),
            (0.5, 0.10, Some(([0.24, 0.33, 0.17], 0.08))),
            (0.3, -0.02, Some(([0.30, 0.36, 0.30], 0.28))),
            (0.15, -0.12, Some(([0.36, 0.38, 0.42], 0.5))),
        ];
        for (index, (depth, level, hill)) in layers.into_iter().enumerate() {
            let area = self.area(0.6 * depth);
            let seed = self.seed + 10 + index as u64;
            let layer = match hill {
                Some((colour, haze)) => paint::ridge(area, self.density, seed, level, colour, haze),
                None => paint::meadow(area, self.density, seed, level, [0.33, 0.44, 0.17]),
            };
            self.put(layer, depth, Motion::default());
        }
        let sky = paint::cloudy_sky(self.area(0.2), self.density, self.seed + 20, 0.0);
        let drift = Motion {
            velocity: (0.006, 0.0),
            ..Motion::default()
        };
        self.put(sky, 0.05, drift);
        (camera((-0.22, 0.0), (0.22, -0.01), [1.0, 1.06], 0.002), 1.0)
    }

    fn leaves(&mut self) -> (Camera, f32) {
        for (index, (depth, size, count, blur, wind)) in [
            (1.2, 0.13, 130, 0.0, 0.010),
            (1.0, 0.085, 650, 0.0, 0.006),
            (0.8, 0.10, 1500, 0.010, 0.003),
        ]
        .into_iter()
        .enumerate()
        {
            let area = self.area(0.25);
            let cover = [0.45, 0.75, 1.0][index];
            let layer = paint::foliage(
                area,
                self.density,
                self.seed + index as u64,
                count,
                size,
                |x, y| cover * (0.65 + 0.5 * (x * 4.0 + y * 3.0).sin()),
            );
            let motion = Motion {
                wind,
                sway: (wind * 1.5, 0.35 + 0.2 * index as f32),
                ..Motion::default()
            };
            self.put(layer.defocused(blur), depth, motion);
        }
        let bokeh = paint::room(self.area(0.2), self.density * 0.5, self.seed + 9).defocused(0.02);
        self.put(bokeh, 0.5, Motion::default());
        (
            camera((0.05, 0.03), (-0.06, -0.02), [1.0, 1.1], 0.004),
            0.95,
        )
    }

    fn talk(&mut self) -> (Camera, f32) {
        let side = self.stream.between(-0.08, 0.08);
        let drop = if self.aspect.1 > 1.0 { -0.1 } else { 0.0 };
        let sway = (0.012, 0.45);
        let mouth = paint::mouth(self.density, self.seed);
        self.put(
            mouth,
            1.0,
            Motion {
                origin: (side, drop + 0.145),
                sway,
                stretch: (0.55, 3.7),
                ..Motion::default()
            },
        );
        let person = paint::person(self.density, self.seed);
        self.put(
            person,
            1.0,
            Motion {
                origin: (side, drop),
                sway,
                ..Motion::default()
            },
        );
        let room = paint::room(self.area(0.2), self.density * 0.7, self.seed + 5);
        self.put(room, 0.55, Motion::default());
        (
            camera((-0.02, 0.02), (0.03, -0.01), [1.0, 1.14], 0.006),
            1.0,
        )
    }

    fn street(&mut self, night: f32) -> (Camera, f32) {
        let horizon = 0.27;
        let post = paint::lamp_post(self.density);
        self.put(
            post,
            1.6,
            Motion {
                origin: (0.25, 0.0),
                ..Motion::default()
            },
        );
        let reach = self.aspect.0 / 2.0 + 0.5;
        for index in 0..3_u64 {
            let speed = self.stream.between(0.35, 0.7);
            let direction = if index % 2 == 0 { 1.0 } else { -1.0 };
            let car = paint::car(self.density, self.seed + 30 + index).dimmed(1.0 - 0.8 * night);
            let start = -direction * (reach * 0.3 + index as f32 * 0.55);
            let motion = Motion {
                origin: (start, horizon + 0.16 - 0.05 * index as f32),
                velocity: (speed * direction, 0.0),
                ..Motion::default()
            };
            self.put(car, 1.0, motion);
        }
        let road = paint::pavement(self.area(0.5), self.density, self.seed + 2, horizon, night);
        self.put(road, 0.9, Motion::default());
        if night > 0.5 {
            let area = Area {
                x: -1.4,
                y: -0.1,
                width: 2.8,
                height: 0.3,
            };
            let lights = paint::night_lights(area, self.density, self.seed + 3, 30);
            let motion = Motion {
                velocity: (-0.05, 0.0),
                ..Motion::default()
            };
            self.put(lights, 0.8, motion);
        }
        let row = paint::facades(self.area(0.5), self.density, self.seed + 4, night);
        self.put(row, 0.8, Motion::default());
        let sky = paint::cloudy_sky(self.area(0.1), self.density, self.seed + 6, 0.2);
        self.put(sky.dimmed(1.0 - 0.93 * night), 0.05, Motion::default());
        let exposure = if night > 0.5 { 0.75 } else { 0.95 };
        (
            camera((-0.2, 0.0), (0.2, 0.0), [1.02, 1.0], 0.003),
            exposure,
        )
    }

    fn sea(&mut self) -> (Camera, f32) {
        let horizon = 0.02;
        let sea = paint::sea(self.area(0.3), self.density, self.seed, horizon);
        self.put(
            sea,
            0.5,
            Motion {
                wind: 0.006,
                velocity: (0.012, 0.003),
                sway: (0.01, 0.25),
                ..Motion::default()
            },
        );
        let rock = paint::ridge(
            self.area(0.2),
            self.density,
            self.seed + 1,
            0.06,
            [0.26, 0.24, 0.25],
            0.22,
        );
        self.put(rock, 0.3, Motion::default());
        let sky = paint::cloudy_sky(self.area(0.1), self.density, self.seed + 2, 0.85);
        let drift = Motion {
            velocity: (0.008, 0.0),
            ..Motion::default()
        };
        self.put(sky, 0.1, drift);
        (camera((0.1, 0.0), (-0.1, 0.02), [1.08, 1.0], 0.002), 1.0)
    }
}

fn camera(from: (f32, f32), to: (f32, f32), zoom: [f32; 2], shake: f32) -> Camera {
    Camera {
        pan: [from, to],
        zoom,
        shake,
        phase: 0.0,
    }
}
