//! Bends of closed forms found again, and straight pictures left straight.

use std::f64::consts::TAU;

use super::*;
use crate::test_picture::{Noise, picture};

const WIDTH: usize = 320;
const HEIGHT: usize = 180;

/// What a picture shows whose point `q` is that of another at `place(q)`.
fn looked_up(shown: &Grey, place: impl Fn(f64, f64) -> (f64, f64)) -> Grey {
    let at = |x: f64, y: f64| {
        let (x, y) = (
            (x - 0.5).clamp(0.0, (WIDTH - 1) as f64),
            (y - 0.5).clamp(0.0, (HEIGHT - 1) as f64),
        );
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(WIDTH - 1), (y0 + 1).min(HEIGHT - 1));
        let (fx, fy) = ((x - x0 as f64) as f32, (y - y0 as f64) as f32);
        let value = |x: usize, y: usize| shown.samples()[y * WIDTH + x];
        let top = value(x0, y0) + fx * (value(x1, y0) - value(x0, y0));
        let low = value(x0, y1) + fx * (value(x1, y1) - value(x0, y1));
        top + fy * (low - top)
    };
    let samples = (0..WIDTH * HEIGHT).map(|i| {
        let (x, y) = place((i % WIDTH) as f64 + 0.5, (i / WIDTH) as f64 + 0.5);
        at(x, y)
    });
    Grey::new(WIDTH, HEIGHT, samples.collect()).expect("a picture")
}

/// A sine of that share of the width along it.
fn sine(share: f64) -> impl Fn(f64, f64) -> (f64, f64) {
    let width = WIDTH as f64;
    move |x, y| (x + share * width * (TAU * x / width).sin(), y)
}

/// Noise of a standard deviation of about two code values.
fn noisy(shown: &Grey, seed: u64) -> Grey {
    let mut noise = Noise::new(seed);
    let samples = shown.samples().iter();
    let samples = samples.map(|p| p + 7.0 * (noise.next() - 0.5) as f32);
    Grey::new(WIDTH, HEIGHT, samples.collect()).expect("a picture")
}

fn pairs(place: impl Fn(f64, f64) -> (f64, f64)) -> Vec<(Pyramid, Pyramid)> {
    let pair = |seed| {
        let shown = picture(seed, WIDTH, HEIGHT);
        let suspect = noisy(&looked_up(&shown, &place), seed);
        (Pyramid::new(shown), Pyramid::new(suspect))
    };
    (1..4).map(pair).collect()
}

fn found(pairs: &[(Pyramid, Pyramid)], map: &Homography) -> Option<Bent> {
    let all: Vec<(&Pyramid, &Pyramid)> = pairs.iter().map(|(r, s)| (r, s)).collect();
    bend_all(&all, map, 0.02)
}

/// The root mean square of how far a bend, then a map, lands from where `place` looks a point up again, in samples.
fn error(bent: &Bent, map: &Homography, place: impl Fn(f64, f64) -> (f64, f64)) -> f64 {
    let (width, height) = (WIDTH as f64, HEIGHT as f64);
    let (mut sum, mut count) = (0.0, 0.0);
    for i in 1..16 {
        for j in 1..9 {
            let (x, y) = (width * f64::from(i) / 16.0, height * f64::from(j) / 9.0);
            let (u, v) = bent.bend.map((x / width, y / height));
            let (x1, y1) = map.project((u * width, v * height));
            let (x2, y2) = place(x1, y1);
            sum += (x2 - x).powi(2) + (y2 - y).powi(2);
            count += 1.0;
        }
    }
    (sum / count).sqrt()
}

#[test]
fn a_sine_of_three_percent_is_found_to_a_fifth_of_a_sample() {
    let place = sine(0.03);
    let pairs = pairs(&place);
    let bent = found(&pairs, &Homography::IDENTITY).expect("a bend");
    assert!(
        bent.correlation > 0.9,
        "{} {}",
        bent.before,
        bent.correlation
    );
    let error = error(&bent, &Homography::IDENTITY, &place);
    assert!(error < 0.2, "{error}");
}

#[test]
fn a_map_that_fits_one_part_only_is_a_start() {
    let place = sine(0.03);
    let pairs = pairs(&place);
    // As wide as the picture is in its middle, where it is narrowest.
    let map = Homography::affine([0.87, 0.0, 0.13 * 160.0, 0.0, 1.0, 0.0]).expect("a map");
    let bent = found(&pairs, &map).expect("a bend");
    let error = error(&bent, &map, &place);
    assert!(error < 0.3, "{error}");
}

/// Two waves down the height: two and a half cells of the usual mesh each.
fn ripple(x: f64, y: f64) -> (f64, f64) {
    let shift = 0.02 * WIDTH as f64 * (2.0 * TAU * y / HEIGHT as f64).sin();
    (x + shift, y)
}

#[test]
fn a_short_wave_asks_for_cells_half_as_long() {
    let pairs = pairs(ripple);
    let all: Vec<(&Pyramid, &Pyramid)> = pairs.iter().map(|(r, s)| (r, s)).collect();
    let map = Homography::IDENTITY;
    let usual = bend_all(&all, &map, 0.02).expect("a bend");
    let finer = bend_from(&all, &map, Some(&usual.bend.finer()), 0.01).expect("a better one");
    let errors = [&usual, &finer].map(|bent| error(bent, &map, ripple));
    assert!(errors[0] > 2.0 && errors[1] < 0.7, "{errors:?}");
    assert!((finer.before - usual.correlation).abs() < 1e-9);
}

#[test]
fn a_bend_that_explains_all_is_raised_by_no_other() {
    let place = sine(0.03);
    let pairs = pairs(&place);
    let all: Vec<(&Pyramid, &Pyramid)> = pairs.iter().map(|(r, s)| (r, s)).collect();
    let map = Homography::IDENTITY;
    let bent = bend_all(&all, &map, 0.02).expect("a bend");
    assert_eq!(bend_from(&all, &map, Some(&bent.bend), 0.01), None);
    assert_eq!(bend_from(&all, &map, Some(&bent.bend.finer()), 0.01), None);
    // One that is off by a little is followed on.
    let near = Bend::sum(&[(&bent.bend, 0.6)]);
    let again = bend_from(&all, &map, near.as_ref(), 0.01).expect("a better one");
    let error = error(&again, &map, &place);
    assert!(error < 0.2, "{error}");
}

#[test]
fn straight_pictures_stay_straight() {
    let shift = |x: f64, y: f64| (0.98 * x + 0.01 * y + 3.0, 0.97 * y - 2.0);
    let map = Homography::affine([0.98, 0.01, 3.0, 0.0, 0.97, -2.0]).expect("a map");
    let map = map.inverse().expect("invertible");
    assert_eq!(found(&pairs(shift), &map), None);
}

#[test]
fn pictures_that_have_nothing_in_common_have_no_bend() {
    let other = |seed| Pyramid::new(picture(seed, WIDTH, HEIGHT));
    let pairs: Vec<(Pyramid, Pyramid)> = (1..4).map(|s| (other(s), other(s + 50))).collect();
    if let Some(bent) = found(&pairs, &Homography::IDENTITY) {
        assert!(bent.correlation < 0.5, "{}", bent.correlation);
    }
}

#[test]
fn equations_are_solved() {
    let mut system = Normal::new(3);
    for (i, j, value) in [
        (0, 0, 4.0),
        (1, 0, 1.0),
        (1, 1, 3.0),
        (2, 1, 0.5),
        (2, 2, 2.0),
    ] {
        system.add(i, j, value);
    }
    system.known = vec![6.0, 8.5, 7.0];
    let x = system.solve(0.0, 0.0).expect("definite");
    for (found, true_one) in x.iter().zip([1.0, 2.0, 3.0]) {
        assert!((found - true_one).abs() < 1e-12, "{x:?}");
    }
    assert!(Normal::new(2).solve(0.0, 0.0).is_none());
}
