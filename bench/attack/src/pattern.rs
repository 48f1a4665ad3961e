//! Pictures of known mathematics, for the tests of attacks.
//!
//! ```text
//! waves(x, y) = 128 + 40 sin(2 pi x / 24 + 0.3) + 40 sin(2 pi (x + y) / 40) + 30 sin(2 pi y / 28 + 1)
//! ```
//!
//! # Shapes and units
//! Luma pixels from the upper left corner, centres of samples at halves. Chroma is 128 plus half of what luma has above
//! 128 at the same point.

use std::f64::consts::TAU;

use super::effect::{ClipShape, Shown};
use super::{Picture, Plane, Random, Step};

/// The most that bicubic interpolation may lose of [`waves`], in code values.
///
/// Midway between samples Keys' kernel loses `1 - 9/8 cos(w/2) + 1/8 cos(3w/2)`, about `3 w^4 / 128`, of a wave of `w`
/// radians a sample. Chroma is the worst, with 20 at `w = 2 pi / 12`, 20 at `2 pi / 20` on both axes and 15 at
/// `2 pi / 14`: 0.055 in all; the errors of phase at quarters of a sample are not much larger.
pub(super) const BICUBIC_ERROR: f64 = 0.12;

/// A smooth pattern whose neighbourhoods all differ.
pub(super) fn waves(x: f64, y: f64) -> f64 {
    128.0
        + 40.0 * (TAU * x / 24.0 + 0.3).sin()
        + 40.0 * (TAU * (x + y) / 40.0).sin()
        + 30.0 * (TAU * y / 28.0 + 1.0).sin()
}

/// The picture of a function of the place.
pub(super) fn drawn(width: usize, height: usize, luma: impl Fn(f64, f64) -> f64) -> Picture {
    let centre = |x: usize| x as f64 + 0.5;
    let mut picture = Picture::grey(Plane::from_fn(width, height, |x, y| {
        luma(centre(x), centre(y)) as f32
    }));
    picture.u = Plane::from_fn(width / 2, height / 2, |x, y| {
        (128.0 + (luma(2.0 * centre(x), 2.0 * centre(y)) - 128.0) / 2.0) as f32
    });
    picture.v = picture.u.clone();
    picture
}

/// The largest difference in any plane from the picture of `luma`, `margin` luma pixels inside the edges.
pub(super) fn largest_error(picture: &Picture, margin: f64, luma: impl Fn(f64, f64) -> f64) -> f64 {
    largest_error_where(picture, luma, |x, y| {
        let (width, height) = (picture.width() as f64, picture.height() as f64);
        x > margin && y > margin && x < width - margin && y < height - margin
    })
}

/// The largest difference in any plane from the picture of `luma`, where `counts` holds.
pub(super) fn largest_error_where(
    picture: &Picture,
    luma: impl Fn(f64, f64) -> f64,
    counts: impl Fn(f64, f64) -> bool,
) -> f64 {
    let expected = drawn(picture.width(), picture.height(), luma);
    let mut worst = 0.0_f64;
    for (found, expected, unit) in [
        (&picture.y, &expected.y, 1.0),
        (&picture.u, &expected.u, 2.0),
        (&picture.v, &expected.v, 2.0),
    ] {
        for y in 0..found.height() {
            for x in 0..found.width() {
                if counts((x as f64 + 0.5) * unit, (y as f64 + 0.5) * unit) {
                    let error = f64::from(found.row(y)[x]) - f64::from(expected.row(y)[x]);
                    worst = worst.max(error.abs());
                }
            }
        }
    }
    worst
}

/// The attack `name` on one picture, with the chance of `seed`.
pub(super) fn attacked(name: &str, seed: u8, picture: &Picture) -> Picture {
    attacked_at(name, seed, picture, &[0.0]).remove(0)
}

/// The attack `name` on a picture that stands still, at each of `times`.
pub(super) fn attacked_at(name: &str, seed: u8, picture: &Picture, times: &[f64]) -> Vec<Picture> {
    let step: Step = name.parse().expect("a known attack");
    assert_eq!(step.to_string(), name);
    let Step::Pictures(attack) = step else {
        panic!("{name} does not change pictures");
    };
    let clip = ClipShape {
        // Not the picture's: an attack may follow another that changed the size.
        width: 2,
        height: 2,
        frame_rate: 25.0,
        seconds: 10.0,
    };
    let mut stage = attack.begin(&clip, &mut Random::new([seed; 32]));
    let mut out = Vec::new();
    for &seconds in times {
        let picture = picture.clone();
        stage
            .push(Shown { picture, seconds }, &mut |shown| {
                out.push(shown.picture);
                Ok(())
            })
            .expect("room");
    }
    out
}

/// Asserts that each name is accepted and given back.
pub(super) fn assert_accepted(names: &[&str]) {
    for name in names {
        let step: Step = name.parse().expect("a known attack");
        assert_eq!(step.to_string(), *name);
    }
}

/// Asserts that each name is known, and its strength refused.
pub(super) fn assert_refused(names: &[&str]) {
    for name in names {
        let error = name.parse::<Step>().err();
        assert!(
            matches!(error, Some(super::ParseAttackError::Strength { .. })),
            "{name}: {error:?}"
        );
    }
}
