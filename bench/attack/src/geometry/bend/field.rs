//! The fields of `bend-KIND-P`: where a bent picture looks its samples up.
//!
//! ```text
//! u = x / W,  v = y / H,  a = P / 100,  (p, q) = (u - cu, (v - cv) H / W),  r = |(p, q)|;       (X, Y) / W and its longest:
//! stretch     X = a sin(2 pi u)                                                                 a
//! wave        X = a sin(2 pi v)                                                                 a
//! both        X = a sin(2 pi u)              Y = a sin(2 pi v) H / W                            a |(1, H / W)|
//! smooth      X, Y = a S(u, v), each its own, at most a                                         a to sqrt(2) a
//! ramp        X = 4 a u (1 - u)                                                                 a
//! ripple      X = b sin(6 pi v)              Y = b sin(5 pi u),  b = a / sqrt(2)                a
//! swirl       (X, Y) = (-q, p) G(0.3)        about (0.5, 0.5)                                   a, at r = 0.3
//! bulge       (X, Y) = (-p, -q) G(0.18)      about (0.37, 0.58)                                 a, at r = 0.18
//! lens        (X, Y) = (p, q) a r^2 / R^3    about (0.4, 0.45)                                  a, in the farthest corner, r = R
//! breathe     X = a sin(2 pi u) cos(2 pi t / 5)                                                 a, twice in 5 s
//! drift       X = 0.8 a sin(2 pi (u + t/6))  Y = 0.6 a sin(2 pi (v - t/8))                      a
//! flow        X = a sin(2 pi (2 v - t/4))                                                       a
//! G(s) = a / s exp(1/2 - r^2 / 2 s^2),    S = sum_mn c[mn] sin(pi m u) sin(pi n v) / max |sum|,  m, n = 1 .. 3,  c[mn] = normal / (m^2 + n^2)
//! ```
//!
//! # Shapes and units
//! `x`, `y` in luma pixels, `t` in seconds. No kind folds a picture of up to 2.6 heights in width at its strongest but `smooth`, which does not up to 4 %.

use std::f64::consts::{FRAC_1_SQRT_2, PI, TAU};

use crate::Random;

/// Waves of a random field along each side.
const WAVES: usize = 3;

/// Points along each side at which the largest shift of a random field is looked for.
const LOOKS: usize = 64;

/// How a picture is bent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Stretch,
    Wave,
    Both,
    Smooth,
    Ramp,
    Ripple,
    Swirl,
    Bulge,
    Lens,
    Breathe,
    Drift,
    Flow,
}

/// Each kind by its word.
const WORDS: [(&str, Kind); 12] = [
    ("stretch", Kind::Stretch),
    ("wave", Kind::Wave),
    ("both", Kind::Both),
    ("smooth", Kind::Smooth),
    ("ramp", Kind::Ramp),
    ("ripple", Kind::Ripple),
    ("swirl", Kind::Swirl),
    ("bulge", Kind::Bulge),
    ("lens", Kind::Lens),
    ("breathe", Kind::Breathe),
    ("drift", Kind::Drift),
    ("flow", Kind::Flow),
];

impl Kind {
    /// The kind of a word.
    pub(super) fn of(word: &str) -> Option<Self> {
        let found = WORDS.iter().find(|(known, _)| *known == word);
        found.map(|(_, kind)| *kind)
    }

    /// Its word.
    pub(super) fn word(self) -> &'static str {
        let found = WORDS.iter().find(|(_, kind)| *kind == self);
        found.map_or("", |(word, _)| word)
    }

    /// The strongest it may be, in percent, and its range in words: what is steep folds sooner.
    pub(super) fn strongest(self) -> (f64, &'static str) {
        match self {
            Self::Ripple => (5.0, "0.1 to 5 percent"),
            Self::Bulge => (8.0, "0.1 to 8 percent"),
            _ => (10.0, "0.1 to 10 percent"),
        }
    }
}

/// A place of a picture at a moment.
pub(super) struct Place {
    /// Share of the width from the left.
    pub(super) u: f64,
    /// Share of the height from the top.
    pub(super) v: f64,
    /// Of the picture, in luma pixels.
    pub(super) width: f64,
    /// Of the picture, in luma pixels.
    pub(super) height: f64,
    /// Of the clip.
    pub(super) seconds: f64,
}

impl Place {
    /// From a point given in shares of the sides to here, in widths.
    fn from(&self, (u, v): (f64, f64)) -> (f64, f64) {
        (self.u - u, (self.v - v) * self.height / self.width)
    }
}

/// A field at its strength, as a share of the width.
pub(super) struct Field {
    kind: Kind,
    share: f64,
    /// Of the random field alone.
    waves: Option<(Waves, Waves)>,
}

impl Field {
    /// The field of a kind; what is left to chance comes from `random`.
    pub(super) fn drawn(kind: Kind, share: f64, random: &mut Random) -> Self {
        let mut drawn = || (Waves::drawn(random), Waves::drawn(random));
        let waves = (kind == Kind::Smooth).then(&mut drawn);
        Self { kind, share, waves }
    }

    /// By how much further right and down a place is looked up, in luma pixels.
    pub(super) fn shift(&self, place: &Place) -> (f64, f64) {
        let &Place {
            u,
            v,
            width,
            height,
            seconds,
        } = place;
        let a = self.share;
        let (x, y) = match self.kind {
            Kind::Stretch => (a * (TAU * u).sin(), 0.0),
            Kind::Wave => (a * (TAU * v).sin(), 0.0),
            Kind::Both => {
                let shift = |at: f64, side: f64| a * side * (TAU * at).sin();
                return (shift(u, width), shift(v, height));
            }
            Kind::Smooth => {
                let at = |waves: &Waves| a * waves.at(u, v);
                let waves = self.waves.as_ref();
                waves.map_or((0.0, 0.0), |(x, y)| (at(x), at(y)))
            }
            Kind::Ramp => (4.0 * a * u * (1.0 - u), 0.0),
            Kind::Ripple => {
                let b = a * FRAC_1_SQRT_2;
                (b * (6.0 * PI * v).sin(), b * (5.0 * PI * u).sin())
            }
            Kind::Swirl => {
                let (p, q) = place.from((0.5, 0.5));
                let gain = a * hump(p.hypot(q), 0.3);
                (-q * gain, p * gain)
            }
            Kind::Bulge => {
                let (p, q) = place.from((0.37, 0.58));
                let gain = a * hump(p.hypot(q), 0.18);
                (-p * gain, -q * gain)
            }
            Kind::Lens => {
                let (p, q) = place.from((0.4, 0.45));
                let corner = 0.6_f64.hypot(0.55 * height / width);
                let gain = a * (p * p + q * q) / (corner * corner * corner);
                (p * gain, q * gain)
            }
            Kind::Breathe => (a * (TAU * u).sin() * (TAU * seconds / 5.0).cos(), 0.0),
            Kind::Drift => (
                0.8 * a * (TAU * (u + seconds / 6.0)).sin(),
                0.6 * a * (TAU * (v - seconds / 8.0)).sin(),
            ),
            Kind::Flow => (a * (TAU * (2.0 * v - seconds / 4.0)).sin(), 0.0),
        };
        (x * width, y * width)
    }
}

/// A bell over the distance from its middle that, times that distance, is 1 where it is largest: `reach` away.
fn hump(distance: f64, reach: f64) -> f64 {
    let ratio = distance / reach;
    (0.5 - ratio * ratio / 2.0).exp() / reach
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
