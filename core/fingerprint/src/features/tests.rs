use super::*;
use crate::test_picture::{degraded, picture};

/// The share of features of `a` that have one of `b` at the same place, scale and angle, with a similar descriptor.
fn repeated(a: &[Feature], b: &[Feature], most_distance: u32) -> f64 {
    let same = |f: &Feature, g: &Feature| {
        (f.x - g.x).abs() < 0.1 * f.scale + 0.05
            && (f.y - g.y).abs() < 0.1 * f.scale + 0.05
            && (f.scale / g.scale - 1.0).abs() < 0.05
            && wrapped(f.angle - g.angle).abs() < 0.05
            && f.descriptor.distance_squared(&g.descriptor) < most_distance
    };
    let found = a.iter().filter(|f| b.iter().any(|g| same(f, g)));
    found.count() as f64 / a.len() as f64
}

#[test]
fn features_of_the_mirrored_picture_are_the_mirrored_features() {
    let picture = picture(1, 512, 288);
    let mut finder = FeatureFinder::new();
    let features = finder.find(&picture, 300);
    let expected: Vec<_> = features
        .iter()
        .map(|feature| feature.mirrored(512.0))
        .collect();
    let found = finder.find(&picture.mirrored(), 300);
    let share = repeated(&expected, &found, 500);
    assert!(share > 0.97, "{share}");
    for (feature, expected) in features.iter().zip(&expected) {
        let twice = expected.mirrored(512.0);
        assert_eq!(twice.descriptor, feature.descriptor);
        assert!(
            (twice.x - feature.x).abs() < 1e-9 && wrapped(twice.angle - feature.angle).abs() < 1e-9
        );
    }
}

#[test]
fn features_of_the_negative_are_the_negative_features() {
    let picture = picture(6, 512, 288);
    let mut finder = FeatureFinder::new();
    let features = finder.find(&picture, 300);
    let expected: Vec<_> = features.iter().map(Feature::negative).collect();
    let found = finder.find(&picture.negative(), 300);
    // But for those that rounding makes as strong as one another.
    let share = repeated(&expected, &found, 60);
    assert!(share > 0.99, "{share}");
    assert!(repeated(&features, &found, 2000) < 0.05);
}

#[test]
fn brightness_and_contrast_do_not_matter() {
    let bright = picture(2, 512, 288);
    let samples = bright.samples().iter().map(|s| 0.4 * s + 30.0).collect();
    let dim = Grey::new(512, 288, samples).expect("a picture");
    let mut finder = FeatureFinder::new();
    let share = repeated(&finder.find(&bright, 200), &finder.find(&dim, 220), 2000);
    assert!(share > 0.97, "{share}");
}

#[test]
fn finding_again_in_used_memory_changes_nothing() {
    let (first, other) = (picture(3, 512, 288), picture(4, 333, 201));
    let mut finder = FeatureFinder::new();
    let fresh = finder.find(&first, 250);
    finder.find(&other, 250);
    assert_eq!(finder.find(&first, 250), fresh);
    assert_eq!(fresh.len(), 250);
}

#[test]
fn features_lie_in_the_picture_and_are_spread_over_it() {
    let mut samples: Vec<f32> = degraded(&picture(5, 512, 288), 5, 3.0).samples().to_vec();
    for (i, sample) in samples.iter_mut().enumerate() {
        // All but a corner hardly shows.
        if i % 512 > 128 || i / 512 > 96 {
            *sample = 60.0 + *sample * 0.15;
        }
    }
    let picture = Grey::new(512, 288, samples).expect("a picture");
    let features = FeatureFinder::new().find(&picture, 200);
    assert!(
        features
            .iter()
            .all(|f| picture.holds(f.x, f.y) && f.angle.abs() <= PI)
    );
    let outside = features
        .iter()
        .filter(|f| f.x > 140.0 || f.y > 108.0)
        .count();
    assert!(outside > 80, "{outside} of {}", features.len());
}

#[test]
fn pictures_without_anything_have_no_features() {
    let mut finder = FeatureFinder::new();
    for (width, height) in [(512, 288), (17, 400), (3, 3), (1, 1)] {
        let flat = Grey::new(width, height, vec![80.0; width * height]).expect("a picture");
        assert!(finder.find(&flat, 100).is_empty());
    }
    assert!(finder.find(&picture(6, 128, 96), 0).is_empty());
}

#[test]
fn a_blob_is_found_at_its_place_with_its_size() {
    let mut scales = Vec::new();
    for radius in [4.0, 6.0, 12.0] {
        let samples = (0..256 * 192).map(|i| {
            let (dx, dy) = (
                f64::from(i % 256) + 0.5 - 101.3,
                f64::from(i / 256) + 0.5 - 80.6,
            );
            (40.0 + 120.0 * (-(dx * dx + dy * dy) / (2.0 * radius * radius)).exp()) as f32
        });
        let picture = Grey::new(256, 192, samples.collect()).expect("a picture");
        let blob = &FeatureFinder::new().find(&picture, 1)[0];
        assert!(
            (blob.x - 101.3).abs() < 0.1 && (blob.y - 80.6).abs() < 0.1,
            "{blob:?}"
        );
        scales.push(blob.scale / radius);
    }
    // The difference of blurs s and 2^(1/3) s of a blob is largest where their geometric mean is its radius.
    for scale in scales {
        assert!(
            (scale / 0.5_f64.powf(1.0 / 6.0) - 1.0).abs() < 0.06,
            "{scale}"
        );
    }
}
