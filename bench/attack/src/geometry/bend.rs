//! Attacks that bend the picture smoothly: `bend-KIND-P`.
//!
//! ```text
//! out(x, y) = p(x + X(x / W, y / H), y + Y(x / W, y / H)),      a = P W / 100
//! stretch     X = a sin(2 pi u)                   Y = 0                            locally wider and narrower along the width
//! wave        X = a sin(2 pi v)                   Y = 0                            rows slide against each other
//! both        X = a sin(2 pi u)                   Y = a sin(2 pi v) H / W
//! smooth      X, Y = a sum_pq c[pq] sin(pi p u) sin(pi q v) / max |sum|,  p, q = 1 .. 3,  c[pq] = normal / (p^2 + q^2)
//! ```
//!
//! The largest shift is `a` to the eye; nothing is lost but straightness. `stretch` at 3 % is the cheapest removal attack that was
//! found: one filter of FFmpeg.
//!
//! # Shapes and units
//! Luma pixels, centres of samples at halves; `u = x / W`, `v = y / H`. `P` in percent of the width. The frame keeps its size; what
//! is looked up beyond the picture is the nearest sample of it. Up to 10 % no kind folds the picture: `2 pi 0.1 < 1`.

use std::f64::consts::{PI, TAU};
use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::strength::number;
use crate::{ParseAttackError, Picture, Random};

use super::warp::warped;

/// Waves of a random field along each side.
const WAVES: usize = 3;

/// Points along each side at which the largest shift of a random field is looked for.
const LOOKS: usize = 64;

/// How the picture is bent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Stretch,
    Wave,
    Both,
    Smooth,
}

/// A bend with its strength in percent of the width.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bend {
    kind: Kind,
    percent: f64,
}

/// Reads `bend`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    if head != "bend" {
        return None;
    }
    let step = format!("{head}-{strength}");
    let (kind, percent) = strength.split_once('-').unwrap_or((strength, ""));
    let accepted = "stretch, wave, both or smooth, 0.1 to 10 percent";
    let kind = match kind {
        "stretch" => Kind::Stretch,
        "wave" => Kind::Wave,
        "both" => Kind::Both,
        "smooth" => Kind::Smooth,
        _ => {
            let range = accepted;
            return Some(Err(ParseAttackError::Strength { step, range }));
        }
    };
    let percent = number(&step, percent, &(0.1..=10.0), accepted);
    Some(percent.map(|percent| Box::new(Bend { kind, percent }) as Box<dyn PictureAttack>))
}

impl fmt::Display for Bend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Stretch => "stretch",
            Kind::Wave => "wave",
            Kind::Both => "both",
            Kind::Smooth => "smooth",
        };
        write!(f, "bend-{kind}-{}", self.percent)
    }
}

impl PictureAttack for Bend {
    fn bends(&self) -> bool {
        true
    }

    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        let share = self.percent / 100.0;
        match self.kind {
            Kind::Stretch => Box::new(Each(Field(move |u: f64, _: f64| {
                (share * (TAU * u).sin(), 0.0)
            }))),
            Kind::Wave => Box::new(Each(Field(move |_: f64, v: f64| {
                (share * (TAU * v).sin(), 0.0)
            }))),
            Kind::Both => Box::new(Each(Both { share })),
            Kind::Smooth => {
                let (x, y) = (Waves::drawn(random), Waves::drawn(random));
                Box::new(Each(Field(move |u: f64, v: f64| {
                    (share * x.at(u, v), share * y.at(u, v))
                })))
            }
        }
    }
}

/// Shifts in widths of the picture, at shares of its sides.
struct Field<F>(F);

impl<F: Fn(f64, f64) -> (f64, f64)> Effect for Field<F> {
    fn apply(&mut self, picture: Picture, _: f64) -> Picture {
        bent(&picture, |u, v, width, _| {
            let (x, y) = (self.0)(u, v);
            (x * width, y * width)
        })
    }
}

/// Along both sides, each by a share of its own.
struct Both {
    share: f64,
}

impl Effect for Both {
    fn apply(&mut self, picture: Picture, _: f64) -> Picture {
        let shift = |at: f64, side: f64| self.share * side * (TAU * at).sin();
        bent(&picture, |u, v, width, height| {
            (shift(u, width), shift(v, height))
        })
    }
}

/// The picture looked up at places that are shifted by `shift(u, v, width, height)`, in pixels.
fn bent(picture: &Picture, shift: impl Fn(f64, f64, f64, f64) -> (f64, f64)) -> Picture {
    let (width, height) = (picture.width() as f64, picture.height() as f64);
    warped(picture, |x, y| {
        let (dx, dy) = shift(x / width, y / height, width, height);
        (
            (x + dx).clamp(0.5, width - 0.5),
            (y + dy).clamp(0.5, height - 0.5),
        )
    })
}

/// A random sum of waves that vanish at the picture's edges, 1 where it is largest.
struct Waves([[f64; WAVES]; WAVES]);

impl Waves {
    fn drawn(random: &mut Random) -> Self {
        let mut waves = Self([[0.0; WAVES]; WAVES]);
        for (p, row) in waves.0.iter_mut().enumerate() {
            for (q, amplitude) in row.iter_mut().enumerate() {
                let squares = (p + 1) * (p + 1) + (q + 1) * (q + 1);
                *amplitude = random.normal() / squares as f64;
            }
        }
        let looks = (0..LOOKS * LOOKS).map(|at| (at % LOOKS, at / LOOKS));
        let share = |at: usize| (at as f64 + 0.5) / LOOKS as f64;
        let largest = looks
            .map(|(x, y)| waves.at(share(x), share(y)).abs())
            .fold(f64::MIN_POSITIVE, f64::max);
        waves
            .0
            .as_flattened_mut()
            .iter_mut()
            .for_each(|a| *a /= largest);
        waves
    }

    fn at(&self, u: f64, v: f64) -> f64 {
        let wave = |n: usize, at: f64| (PI * (n + 1) as f64 * at).sin();
        let rows = self.0.iter().enumerate().map(|(p, row)| {
            let along: f64 = row.iter().enumerate().map(|(q, a)| a * wave(q, v)).sum();
            wave(p, u) * along
        });
        rows.sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{
        BICUBIC_ERROR, assert_accepted, assert_refused, attacked, drawn, largest_error, waves,
    };

    /// Where a formula looks a place up.
    type Place<'a> = dyn Fn(f64, f64) -> (f64, f64) + 'a;

    #[test]
    fn names_are_given_back_and_ranges_hold() {
        assert_accepted(&[
            "bend-stretch-3",
            "bend-wave-0.5",
            "bend-both-10",
            "bend-smooth-4",
        ]);
        assert_refused(&[
            "bend-3",
            "bend-stretch",
            "bend-stretch-0.05",
            "bend-wave-11",
            "bend-fold-3",
        ]);
    }

    #[test]
    fn each_kind_looks_up_where_its_formula_says() {
        let picture = drawn(128, 96, waves);
        let (width, height, share) = (128.0, 96.0, 0.03);
        let along = |at: f64, side: f64| share * side * (TAU * at / side).sin();
        let cases: [(&str, &Place<'_>); 3] = [
            ("bend-stretch-3", &|x, y| (x + along(x, width), y)),
            ("bend-wave-3", &|x, y| {
                (x + share * width * (TAU * y / height).sin(), y)
            }),
            ("bend-both-3", &|x, y| {
                (x + along(x, width), y + along(y, height))
            }),
        ];
        for (name, place) in cases {
            let bent = attacked(name, 1, &picture);
            let error = largest_error(&bent, 8.0, |x, y| {
                let (u, v) = place(x, y);
                waves(u, v)
            });
            assert!(error < BICUBIC_ERROR, "{name}: {error}");
        }
    }

    #[test]
    fn a_random_field_is_as_large_as_it_says_and_folds_nothing() {
        for seed in 0..8 {
            let mut random = Random::new([seed; 32]);
            let (x, y) = (Waves::drawn(&mut random), Waves::drawn(&mut random));
            let mut largest = 0.0_f64;
            let mut least = f64::MAX;
            for at in 0..64 * 64 {
                let (u, v) = (f64::from(at % 64) / 64.0, f64::from(at / 64) / 64.0);
                largest = largest.max(x.at(u, v).abs());
                let (step, a) = (1e-4, 0.04);
                let slope =
                    |f: &Waves, du: f64, dv: f64| a * (f.at(u + du, v + dv) - f.at(u, v)) / step;
                let along = 1.0 + slope(&x, step, 0.0);
                let down = 1.0 + slope(&y, 0.0, step);
                least = least.min(along * down - slope(&x, 0.0, step) * slope(&y, step, 0.0));
            }
            assert!((largest - 1.0).abs() < 0.02, "{largest}");
            assert!(least > 0.2, "folded at 4 %: {least}");
        }
    }
}
