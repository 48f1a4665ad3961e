//! The clips of the sample set: which shots, which camera, which captions.
//!
//! # Shapes and units
//! Sizes in pixels, lengths in seconds, frame rates in frames a second.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::layer::Area;
use super::noise::Uniform;
use super::paint;
use super::picture::{Caption, Finisher, Picture};
use super::shot::{Camera, Motion, Placed, Shot};

/// What a shot shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// Mountains, hills and a meadow behind a branch.
    Valley,
    /// Leaves close by, in wind.
    Leaves,
    /// Somebody talks in a room.
    Talk,
    /// Houses, cars, a lamp post that passes.
    Street,
    /// The street at night.
    Night,
    /// A sea under evening clouds.
    Sea,
}

/// A shot of the list.
#[derive(Debug, Clone, Copy)]
pub struct Take {
    /// What it shows.
    pub scene: Scene,
    /// Share of the clip's length.
    pub share: f32,
    /// Its own seed.
    pub seed: u64,
}

/// A clip to render.
#[derive(Debug, Clone)]
pub struct ClipSpec {
    /// File name without extension.
    pub name: &'static str,
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Frames a second.
    pub fps: u32,
    /// 8 or 10.
    pub bit_depth: u32,
    /// Length.
    pub seconds: f32,
    /// Standard deviation of the grain, 8-bit code values.
    pub grain: f32,
    /// Share of voice in the sound.
    pub speech: f32,
    /// Seed of grain and sound.
    pub seed: u64,
    /// The shots, cut hard.
    pub takes: Vec<Take>,
    /// `(from, to, text)`.
    pub captions: Vec<(f32, f32, &'static str)>,
}

impl ClipSpec {
    /// Frames of the clip.
    #[must_use]
    pub fn frames(&self) -> usize {
        (self.seconds * self.fps as f32).round() as usize
    }

    /// The clip at half its size and `seconds` long, for the repository.
    #[must_use]
    pub fn small(mut self, seconds: f32) -> Self {
        let ratio = seconds / self.seconds;
        self.width /= 2;
        self.height /= 2;
        self.seconds = seconds;
        for caption in &mut self.captions {
            caption.0 *= ratio;
            caption.1 *= ratio;
        }
        self
    }

    /// Renders every frame in order and hands it to `accept`, until that fails.
    ///
    /// # Errors
    /// The error of `accept`.
    pub fn render<E>(&self, mut accept: impl FnMut(Picture) -> Result<(), E>) -> Result<(), E> {
        let mut finisher = Finisher::new(self.seed, self.grain);
        let mut rgb = vec![[0.0; 3]; self.width * self.height];
        let captions: Vec<(f32, f32, Caption)> = self
            .captions
            .iter()
            .map(|(from, to, text)| (*from, *to, Caption::centred(text, self.width, self.height)))
            .collect();
        let mut current: Option<(usize, f32, Shot)> = None;
        for frame in 0..self.frames() {
            let time = frame as f32 / self.fps as f32;
            let (index, start) = self.take_at(time);
            if current.as_ref().is_none_or(|(i, ..)| *i != index) {
                current = Some((index, start, self.build(self.takes[index])));
            }
            if let Some((_, start, shot)) = &current {
                shot.render(time - start, self.width, self.height, &mut rgb);
            }
            let caption = captions
                .iter()
                .find(|(from, to, _)| (*from..*to).contains(&time))
                .map(|(.., c)| c);
            accept(finisher.finish(&rgb, (self.width, self.height), self.bit_depth, caption))?;
        }
        Ok(())
    }

    fn take_at(&self, time: f32) -> (usize, f32) {
        let mut start = 0.0;
        for (index, take) in self.takes.iter().enumerate() {
            let end = start + take.share * self.seconds;
            if time < end - 1e-4 || index + 1 == self.takes.len() {
                return (index, start);
            }
            start = end;
        }
        (0, 0.0)
    }

    fn build(&self, take: Take) -> Shot {
        let pixels = self.width.min(self.height) as f32;
        let aspect = (self.width as f32 / pixels, self.height as f32 / pixels);
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
            seconds: take.share * self.seconds,
            camera: Camera {
                phase: stage.stream.between(0.0, 6.0),
                ..camera
            },
            layers: stage.layers,
            exposure,
        }
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

/// The sample set: four clips of six seconds.
#[must_use]
pub fn sample_set() -> Vec<ClipSpec> {
    let takes = |list: &[(Scene, f32, u64)]| -> Vec<Take> {
        list.iter()
            .map(|&(scene, share, seed)| Take { scene, share, seed })
            .collect()
    };
    let base = ClipSpec {
        name: "landscape",
        width: 1280,
        height: 720,
        fps: 24,
        bit_depth: 8,
        seconds: 6.0,
        grain: 1.6,
        speech: 0.0,
        seed: 101,
        takes: takes(&[
            (Scene::Valley, 0.40, 11),
            (Scene::Leaves, 0.30, 12),
            (Scene::Sea, 0.30, 13),
        ]),
        captions: vec![(0.6, 2.2, "THE VALLEY, MORNING")],
    };
    vec![
        base.clone(),
        ClipSpec {
            name: "drama-portrait",
            width: 720,
            height: 1280,
            fps: 30,
            grain: 0.9,
            speech: 0.85,
            seed: 202,
            takes: takes(&[
                (Scene::Talk, 0.45, 21),
                (Scene::Street, 0.20, 22),
                (Scene::Talk, 0.35, 23),
            ]),
            captions: vec![
                (0.3, 1.4, "YOU KNEW IT WAS HIM?"),
                (1.5, 2.6, "SINCE THE WEDDING."),
                (4.0, 5.6, "THEN WHY DID YOU STAY?"),
            ],
            ..base.clone()
        },
        ClipSpec {
            name: "street",
            fps: 25,
            grain: 2.4,
            speech: 0.4,
            seed: 303,
            takes: takes(&[
                (Scene::Street, 0.40, 31),
                (Scene::Night, 0.30, 32),
                (Scene::Talk, 0.30, 33),
            ]),
            captions: vec![(2.6, 4.0, "22:40 - MARKET SQUARE")],
            ..base.clone()
        },
        ClipSpec {
            name: "evening-10bit",
            bit_depth: 10,
            grain: 0.7,
            speech: 0.2,
            seed: 404,
            takes: takes(&[
                (Scene::Sea, 0.40, 41),
                (Scene::Talk, 0.30, 42),
                (Scene::Valley, 0.30, 43),
            ]),
            captions: Vec::new(),
            ..base
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(spec: &ClipSpec) -> Vec<Picture> {
        let mut pictures = Vec::new();
        let done: Result<(), std::convert::Infallible> = spec.render(|p| {
            pictures.push(p);
            Ok(())
        });
        assert!(done.is_ok());
        pictures
    }

    /// A clip of a few tiny frames of the same scenes.
    fn tiny(mut spec: ClipSpec) -> ClipSpec {
        spec.width /= 8;
        spec.height /= 8;
        spec.height -= spec.height % 2;
        spec.fps = 2;
        spec
    }

    #[test]
    fn clips_are_seeded_move_and_cut() {
        for spec in sample_set() {
            let spec = tiny(spec);
            let clip = frames(&spec);
            assert_eq!(clip.len(), 12);
            assert_eq!(clip, frames(&spec), "{} twice", spec.name);
            let mut mean_change = Vec::new();
            for pair in clip.windows(2) {
                let sum: f64 = pair[0]
                    .y
                    .iter()
                    .zip(&pair[1].y)
                    .map(|(a, b)| f64::from(a.abs_diff(*b)))
                    .sum();
                mean_change
                    .push(sum / clip[0].y.len() as f64 / f64::from(1 << (spec.bit_depth - 8)));
            }
            assert!(
                mean_change.iter().all(|c| *c > 0.3),
                "{} {mean_change:?}",
                spec.name
            );
            assert!(
                mean_change.iter().any(|c| *c > 12.0),
                "{} {mean_change:?}",
                spec.name
            );
        }
    }

    #[test]
    fn frames_have_range_and_structure() {
        for spec in sample_set() {
            for picture in frames(&tiny(spec.clone())) {
                let unit = f64::from(1 << (picture.bit_depth - 8));
                let n = picture.y.len() as f64;
                let mean = picture.y.iter().map(|y| f64::from(*y)).sum::<f64>() / n / unit;
                let square = picture
                    .y
                    .iter()
                    .map(|y| (f64::from(*y) / unit).powi(2))
                    .sum::<f64>()
                    / n;
                let deviation = (square - mean * mean).sqrt();
                assert!((20.0..190.0).contains(&mean), "{} mean {mean}", spec.name);
                assert!(deviation > 8.0, "{} deviation {deviation}", spec.name);
            }
        }
    }
}
