use std::f64::consts::TAU;

use super::field::{Field, Kind, Place};
use super::*;
use crate::pattern::{
    BICUBIC_ERROR, assert_accepted, assert_refused, attacked_at, drawn, largest_error, waves,
};

/// Where a formula looks a place up, `t` seconds into the clip.
type Looked<'a> = dyn Fn(f64, f64, f64) -> (f64, f64) + 'a;

/// Each kind: its word, the longest shift of a picture half as high as wide, in strengths, and at least how much of that.
const LONGEST: [(&str, f64, f64); 12] = [
    ("stretch", 1.0, 0.99),
    ("wave", 1.0, 0.99),
    ("both", 1.118, 0.99),
    ("smooth", std::f64::consts::SQRT_2, 0.7),
    ("ramp", 1.0, 0.99),
    ("ripple", 1.0, 0.97),
    ("swirl", 1.0, 0.99),
    ("bulge", 1.0, 0.99),
    ("lens", 1.0, 0.95),
    ("breathe", 1.0, 0.99),
    ("drift", 1.0, 0.99),
    ("flow", 1.0, 0.99),
];

/// The field of a kind at a share of the width.
fn field(word: &str, share: f64, seed: u8) -> Field {
    let kind = Kind::of(word).expect("a kind");
    Field::drawn(kind, share, &mut Random::new([seed; 32]))
}

/// The shift in widths at shares of the sides of a picture `high` widths high.
fn shift(field: &Field, (u, v): (f64, f64), high: f64, seconds: f64) -> (f64, f64) {
    let (width, height) = (1.0, high);
    field.shift(&Place {
        u,
        v,
        width,
        height,
        seconds,
    })
}

/// Places all over a picture, edges included.
fn places() -> impl Iterator<Item = (f64, f64)> {
    (0..31 * 31).map(|at| (f64::from(at % 31) / 30.0, f64::from(at / 31) / 30.0))
}

#[test]
fn names_are_given_back_and_ranges_hold() {
    assert_accepted(&[
        "bend-stretch-3",
        "bend-wave-0.5",
        "bend-both-10",
        "bend-smooth-4",
        "bend-ramp-10",
        "bend-ripple-5",
        "bend-swirl-4",
        "bend-bulge-8",
        "bend-lens-2.5",
        "bend-breathe-4",
        "bend-drift-0.1",
        "bend-flow-10",
    ]);
    assert_refused(&[
        "bend-3",
        "bend-stretch",
        "bend-stretch-0.05",
        "bend-wave-11",
        "bend-ripple-6",
        "bend-bulge-9",
        "bend-fold-3",
    ]);
}

#[test]
fn each_kind_looks_up_where_its_formula_says() {
    let picture = drawn(128, 96, waves);
    let (width, height, share) = (128.0, 96.0, 0.03);
    let a = share * width;
    let along = |at: f64, side: f64| share * side * (TAU * at / side).sin();
    let about = |x: f64, y: f64, (u, v): (f64, f64)| (x - u * width, y - v * height);
    let cases: [(&str, &Looked<'_>); 11] = [
        ("bend-stretch-3", &|x, y, _| (x + along(x, width), y)),
        ("bend-wave-3", &|x, y, _| {
            (x + a * (TAU * y / height).sin(), y)
        }),
        ("bend-both-3", &|x, y, _| {
            (x + along(x, width), y + along(y, height))
        }),
        ("bend-ramp-3", &|x, y, _| {
            (x + 4.0 * a * x * (width - x) / (width * width), y)
        }),
        ("bend-ripple-3", &|x, y, _| {
            let b = a / 2.0_f64.sqrt();
            (
                x + b * (3.0 * TAU * y / height).sin(),
                y + b * (2.5 * TAU * x / width).sin(),
            )
        }),
        ("bend-swirl-3", &|x, y, _| {
            let (p, q) = about(x, y, (0.5, 0.5));
            let reach = 0.3 * width;
            let gain = a / reach * (0.5 - (p * p + q * q) / (2.0 * reach * reach)).exp();
            (x - q * gain, y + p * gain)
        }),
        ("bend-bulge-3", &|x, y, _| {
            let (p, q) = about(x, y, (0.37, 0.58));
            let reach = 0.18 * width;
            let gain = a / reach * (0.5 - (p * p + q * q) / (2.0 * reach * reach)).exp();
            (x - p * gain, y - q * gain)
        }),
        ("bend-lens-3", &|x, y, _| {
            let (p, q) = about(x, y, (0.4, 0.45));
            let corner = (0.6 * width).hypot(0.55 * height);
            let gain = a * (p * p + q * q) / corner.powi(3);
            (x + p * gain, y + q * gain)
        }),
        ("bend-breathe-3", &|x, y, t| {
            (x + along(x, width) * (TAU * t / 5.0).cos(), y)
        }),
        ("bend-drift-3", &|x, y, t| {
            (
                x + 0.8 * a * (TAU * (x / width + t / 6.0)).sin(),
                y + 0.6 * a * (TAU * (y / height - t / 8.0)).sin(),
            )
        }),
        ("bend-flow-3", &|x, y, t| {
            (x + a * (TAU * (2.0 * y / height - t / 4.0)).sin(), y)
        }),
    ];
    let times = [0.0, 0.7, 3.1];
    for (name, place) in cases {
        let shown = attacked_at(name, 1, &picture, &times);
        for (bent, t) in shown.iter().zip(times) {
            let error = largest_error(bent, 8.0, |x, y| {
                let (u, v) = place(x, y, t);
                waves(u, v)
            });
            assert!(error < BICUBIC_ERROR, "{name} at {t} s: {error}");
        }
        let moves = shown[0].y.samples() != shown[1].y.samples();
        let is_meant = ["breathe", "drift", "flow"].map(|kind| name.contains(kind));
        assert_eq!(moves, is_meant.contains(&true), "{name}");
    }
}

#[test]
fn no_shift_is_longer_than_it_says_and_the_longest_is_as_long() {
    for (word, longest, least) in LONGEST {
        for seed in 0..4 {
            let field = field(word, 0.04, seed);
            let moments = (0..24).map(|at| 0.25 * f64::from(at));
            let found = moments
                .flat_map(|t| places().map(move |place| (place, t)))
                .map(|(place, t)| shift(&field, place, 0.5, t))
                .fold(0.0_f64, |found, (x, y)| found.max(x.hypot(y)));
            let share = found / 0.04 / longest;
            // A random field's largest shifts are looked for on a grid.
            assert!((least..1.02).contains(&share), "{word}: {share}");
        }
    }
}

#[test]
fn nothing_is_folded() {
    for (word, _, _) in LONGEST {
        let kind = Kind::of(word).expect("a kind");
        let percent = match kind {
            Kind::Smooth => 4.0,
            _ => kind.strongest().0,
        };
        for (seed, high) in [
            (0, 1.0 / 2.6),
            (1, 1.0 / 2.6),
            (2, 0.5625),
            (3, 1.0),
            (4, 2.0),
        ] {
            let field = field(word, percent / 100.0, seed);
            for ((u, v), t) in places().flat_map(|place| [0.0, 1.0, 2.5].map(|t| (place, t))) {
                let step = 1e-5;
                let at = |u: f64, v: f64| {
                    let (x, y) = shift(&field, (u, v), high, t);
                    (u + x, v * high + y)
                };
                let (here, right, down) = (at(u, v), at(u + step, v), at(u, v + step / high));
                let (xu, yu) = ((right.0 - here.0) / step, (right.1 - here.1) / step);
                let (xv, yv) = ((down.0 - here.0) / step, (down.1 - here.1) / step);
                let area = xu * yv - xv * yu;
                assert!(area > 0.0, "{word}, {high} high: {area} at {u} {v}");
            }
        }
    }
}
