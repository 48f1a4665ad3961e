//! Attacks on a few small pictures, for tests.
//!
//! # Shapes and units
//! Pictures are shown 25 times a second; chance is seeded by a constant.

use super::effect::{ClipShape, PictureAttack, Shown};
use super::{ParseAttackError, Picture, Plane, Random, Step};
use std::sync::Arc;

const FRAME_RATE: f64 = 25.0;

/// The attack of that name, which must be given back.
pub(super) fn attack(name: &str) -> Arc<dyn PictureAttack> {
    match name.parse::<Step>() {
        Ok(Step::Pictures(attack)) => {
            assert_eq!(attack.to_string(), name);
            attack
        }
        other => panic!("{name} is no attack on pictures: {other:?}"),
    }
}

/// What `name` makes of `pictures`, the first shown at `start` seconds.
pub(super) fn applied_from(name: &str, start: f64, pictures: &[Picture]) -> Vec<Picture> {
    // The shape of the file: what a stage before this one may have made of it is not known here.
    let clip = ClipShape {
        width: 2,
        height: 2,
        frame_rate: FRAME_RATE,
        seconds: 1.0,
    };
    let mut stage = attack(name).begin(&clip, &mut Random::new([5; 32]));
    let mut results = Vec::new();
    for (index, picture) in pictures.iter().enumerate() {
        let seconds = start + index as f64 / FRAME_RATE;
        let shown = Shown {
            picture: picture.clone(),
            seconds,
        };
        let mut next = |shown: Shown| {
            assert!((shown.seconds - seconds).abs() < 1e-9, "{name}");
            results.push(shown.picture);
            Ok(())
        };
        stage.push(shown, &mut next).expect("room");
    }
    results
}

/// What `name` makes of `pictures`.
pub(super) fn applied(name: &str, pictures: &[Picture]) -> Vec<Picture> {
    applied_from(name, 0.0, pictures)
}

/// What `name` makes of one picture.
pub(super) fn applied_once(name: &str, picture: &Picture) -> Picture {
    applied(name, std::slice::from_ref(picture)).remove(0)
}

/// A grey picture of `luma(x, y)`.
pub(super) fn grey(width: usize, height: usize, luma: impl FnMut(usize, usize) -> f32) -> Picture {
    Picture::grey(Plane::from_fn(width, height, luma))
}

/// A picture of one colour.
pub(super) fn coloured(width: usize, height: usize, [y, u, v]: [f32; 3]) -> Picture {
    let mut picture = Picture::grey(Plane::filled(width, height, y));
    picture.u.samples_mut().fill(u);
    picture.v.samples_mut().fill(v);
    picture
}

/// Whether every name is refused for its strength.
pub(super) fn refused(names: &[&str]) {
    for name in names {
        let parsed = name.parse::<Step>();
        assert!(
            matches!(parsed, Err(ParseAttackError::Strength { .. })),
            "{name}: {parsed:?}"
        );
    }
}

/// Mean and variance.
pub(super) fn moments(samples: &[f32]) -> (f64, f64) {
    let count = samples.len() as f64;
    let mean = samples.iter().map(|&s| f64::from(s)).sum::<f64>() / count;
    let square = |&s: &f32| (f64::from(s) - mean).powi(2);
    (mean, samples.iter().map(square).sum::<f64>() / count)
}

/// The luma samples that differ, and the rectangle that bounds them.
#[derive(Debug)]
pub(super) struct Touched {
    pub(super) count: usize,
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) top: usize,
    pub(super) bottom: usize,
}

impl Touched {
    pub(super) fn width(&self) -> usize {
        self.right + 1 - self.left
    }

    pub(super) fn height(&self) -> usize {
        self.bottom + 1 - self.top
    }
}

/// Where `after` differs from `before`; at least one sample does. Chroma differs only within it.
pub(super) fn touched(before: &Picture, after: &Picture) -> Touched {
    let mut touched = Touched {
        count: 0,
        left: usize::MAX,
        right: 0,
        top: usize::MAX,
        bottom: 0,
    };
    for y in 0..before.height() {
        for (x, (a, b)) in before.y.row(y).iter().zip(after.y.row(y)).enumerate() {
            if (a - b).abs() > 1e-3 {
                touched.count += 1;
                touched.left = touched.left.min(x);
                touched.right = touched.right.max(x);
                touched.top = touched.top.min(y);
                touched.bottom = touched.bottom.max(y);
            }
        }
    }
    assert!(touched.count > 0);
    for (a, b) in [(&before.u, &after.u), (&before.v, &after.v)] {
        for y in 0..a.height() {
            for (x, (a, b)) in a.row(y).iter().zip(b.row(y)).enumerate() {
                let inside = (touched.left / 2..=touched.right / 2).contains(&x)
                    && (touched.top / 2..=touched.bottom / 2).contains(&y);
                assert!(inside || (a - b).abs() < 1e-3, "chroma at {x}, {y}");
            }
        }
    }
    touched
}
