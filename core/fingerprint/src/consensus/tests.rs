use super::*;
use crate::elementary::cos_sin;
use crate::features::{Feature, FeatureFinder};
use crate::matching::matches;
use crate::test_picture::{degraded, picture, warped};
use countermark_picture::Grey;

const SIZE: (usize, usize) = (512, 288);

fn features(picture: &Grey) -> Vec<Feature> {
    FeatureFinder::new().find(picture, 300)
}

/// Turned about the middle by an angle in turns, scaled, and put in the middle of a picture of `SIZE`.
fn turned(turns: f64, scale: f64) -> Homography {
    let (cos, sin) = cos_sin(turns);
    let (a, b) = (scale * cos, scale * sin);
    let (x, y) = (SIZE.0 as f64 / 2.0, SIZE.1 as f64 / 2.0);
    Homography::affine([a, -b, x - a * x + b * y, b, a, y - b * x - a * y]).expect("a map")
}

/// How far the corners of the first picture end from where they should.
fn corner_error(found: &Homography, map: &Homography) -> f64 {
    let (x, y) = (SIZE.0 as f64, SIZE.1 as f64);
    let error = |corner| {
        let (p, q) = (
            found.map(corner).expect("this side"),
            map.map(corner).expect("this side"),
        );
        (p.0 - q.0).hypot(p.1 - q.1)
    };
    [(0.0, 0.0), (x, 0.0), (0.0, y), (x, y)]
        .into_iter()
        .map(error)
        .fold(0.0, f64::max)
}

fn finds(map: &Homography, noise: Option<f32>, most_error: f64) {
    for seed in 0..3 {
        let original = picture(seed, SIZE.0, SIZE.1);
        let mut copy = warped(&original, map, SIZE.0, SIZE.1);
        if let Some(noise) = noise {
            copy = degraded(&copy, seed, noise);
        }
        let pairs = matches(&features(&original), &features(&copy));
        let found = consensus(&pairs, SIZE, SIZE).expect("a copy");
        let error = corner_error(&found.homography, map);
        let (inliers, score) = (found.inliers.len(), found.score);
        assert!(
            error < most_error,
            "seed {seed}: {error:.2} px, {inliers} inliers, score {score:.0}"
        );
    }
}

#[test]
fn turned_pictures_are_aligned() {
    for degrees in [5.0, 30.0, 90.0, 180.0, -12.0] {
        finds(&turned(degrees / 360.0, 0.8), None, 1.5);
    }
}

#[test]
fn scaled_and_cropped_pictures_are_aligned() {
    for scale in [0.4, 0.55, 1.0, 1.4, 1.8] {
        finds(&turned(0.0, scale), None, 1.5);
    }
    let crop = Homography::affine([1.6, 0.0, -220.0, 0.0, 1.6, -90.0]).expect("a map");
    finds(&crop, None, 1.5);
}

#[test]
fn tilted_pictures_are_aligned() {
    let tilted = Homography::new([1.0, 0.08, -10.0, -0.05, 0.95, 20.0, 3e-4, -2e-4, 1.0]);
    finds(&tilted.expect("a map"), None, 1.5);
}

#[test]
fn noise_and_blur_do_not_move_the_map() {
    finds(&turned(0.02, 0.9), Some(12.0), 1.5);
    finds(&turned(0.0, 1.3), Some(12.0), 1.5);
}

#[test]
fn mirrored_features_align_the_mirrored_picture() {
    let original = picture(7, SIZE.0, SIZE.1);
    let copy = degraded(&original.mirrored(), 7, 6.0);
    let mirrored: Vec<_> = features(&original)
        .iter()
        .map(|f| f.mirrored(512.0))
        .collect();
    let pairs = matches(&mirrored, &features(&copy));
    let found = consensus(&pairs, SIZE, SIZE).expect("a copy");
    assert!(corner_error(&found.homography, &Homography::IDENTITY) < 1.0);
    let unmirrored = matches(&features(&original), &features(&copy));
    assert_eq!(consensus(&unmirrored, SIZE, SIZE), None);
}

#[test]
fn unrelated_pictures_have_no_consensus() {
    let all: Vec<_> = (100..122)
        .map(|seed| features(&picture(seed, SIZE.0, SIZE.1)))
        .collect();
    let mut tried = 0;
    for (i, a) in all.iter().enumerate() {
        for b in &all[..i] {
            assert_eq!(consensus(&matches(a, b), SIZE, SIZE), None);
            tried += 1;
        }
    }
    assert!(tried > 200);
}

#[test]
fn pairs_on_a_line_or_in_a_spot_are_no_consensus() {
    let pair = |from: (f64, f64), to: (f64, f64)| Pair {
        from,
        to,
        from_scale: 3.0,
        to_scale: 3.0,
        from_angle: 0.1,
        to_angle: 0.1,
        distance: 9,
    };
    let line: Vec<_> = (0..40)
        .map(|i| (10.0 * f64::from(i), 50.0))
        .map(|p| pair(p, p))
        .collect();
    assert_eq!(consensus(&line, SIZE, SIZE), None);
    let spot: Vec<_> = (0..40)
        .map(|i| (200.0 + f64::from(i % 3), 50.0 + f64::from(i / 20)))
        .map(|p| pair(p, p))
        .collect();
    assert_eq!(consensus(&spot, SIZE, SIZE), None);
    let grid: Vec<_> = (0..40)
        .map(|i| (50.0 * f64::from(i % 8), 40.0 * f64::from(i / 8)))
        .map(|p| pair(p, p))
        .collect();
    let found = consensus(&grid, SIZE, SIZE).expect("a grid");
    assert_eq!(found.inliers.len(), 40);
    assert!(found.score > 50.0);
}
