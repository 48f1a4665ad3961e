//! The clips of the sample set, which shots and which captions, and how a clip is rendered.
//!
//! # Shapes and units
//! Sizes in pixels, lengths in seconds, frame rates in frames a second.

use super::picture::{Caption, Finisher, Picture};
use super::shot::Shot;
use super::spec::{ClipSpec, Scene, Take};
use super::stage;

impl ClipSpec {
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
                current = Some((index, start, stage::build(self, self.takes[index])));
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
