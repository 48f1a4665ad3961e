use super::*;
use crate::tryout::{applied, applied_once, grey, moments, refused};

/// Pictures of 100, from column 40 on 100 + `step`, with noise of deviation 3.
fn noisy(count: usize, step: f32) -> Vec<Picture> {
    let mut random = Random::new([9; 32]);
    (0..count)
        .map(|_| {
            grey(80, 48, |x, _| {
                let clean = if x < 40 { 100.0 } else { 100.0 + step };
                clean + 3.0 * random.normal() as f32
            })
        })
        .collect()
}

/// Variance over the left third, which is flat.
fn flat_variance(picture: &Picture) -> f64 {
    let flat: Vec<f32> = (4..44)
        .flat_map(|y| picture.y.row(y)[2..30].to_vec())
        .collect();
    moments(&flat).1
}

/// Mean difference across the edge, over the rows.
fn edge(picture: &Picture) -> f64 {
    let sum: f32 = (4..44)
        .map(|y| picture.y.row(y)[40] - picture.y.row(y)[39])
        .sum();
    f64::from(sum) / 40.0
}

#[test]
fn recursion_lowers_the_variance_of_noise_and_keeps_an_edge() {
    let pictures = noisy(8, 60.0);
    let before = flat_variance(&pictures[7]);
    for (name, factor) in [("hqdn3d-4", 2.0), ("hqdn3d-8", 10.0)] {
        let out = applied(name, &pictures);
        let (first, last) = (flat_variance(&out[0]), flat_variance(&out[7]));
        assert!(before / last > factor, "{name}: {before} {last}");
        assert!(first > 1.2 * last, "{name}: time helps: {first} {last}");
        assert!(
            (edge(&out[7]) - 60.0).abs() < 1.5,
            "{name}: {}",
            edge(&out[7])
        );
    }
}

#[test]
fn recursion_follows_its_equation_in_all_three_directions() {
    let flat = |value: f32| grey(4, 4, |_, _| value);
    let out = applied("hqdn3d-4", &[flat(100.0), flat(104.0)]);
    // At a difference of the strength a quarter of 0.9 is kept.
    let expected = 104.0 - 4.0 * 0.9 / 4.0;
    assert!(
        out[1]
            .y
            .samples()
            .iter()
            .all(|s| (s - expected).abs() < 1e-4)
    );
    for (x, y, across) in [(1, 0, true), (0, 1, false)] {
        let step = grey(4, 4, |x, y| {
            if (if across { x } else { y }) == 0 {
                50.0
            } else {
                54.0
            }
        });
        let found = applied_once("hqdn3d-4", &step).y.clamped(x, y);
        assert!((found - 53.1).abs() < 1e-4, "{found}");
    }
}

#[test]
fn non_local_means_lower_the_variance_of_noise_fourfold_and_keep_an_edge() {
    let picture = noisy(1, 60.0).remove(0);
    let out = applied_once("nlmeans-5", &picture);
    let (before, after) = (flat_variance(&picture), flat_variance(&out));
    assert!(before / after > 4.0, "{before} {after}");
    assert!((edge(&out) - edge(&picture)).abs() < 1.5, "{}", edge(&out));
    let weak = flat_variance(&applied_once("nlmeans-3", &picture));
    assert!(weak > after && weak < 0.8 * before, "{weak} {after}");
}

#[test]
fn non_local_means_are_the_weighted_sum_of_their_equation() {
    let mut random = Random::new([4; 32]);
    let picture = grey(12, 10, |x, _| {
        80.0 + x as f32 + 4.0 * random.normal() as f32
    });
    let out = applied_once("nlmeans-6", &picture);
    let plane = &picture.y;
    for (x, y) in [(0, 0), (5, 4), (11, 9), (1, 8), (10, 0)] {
        let (mut sum, mut total) = (0.0, 0.0);
        for (i, k) in (-3..=3).flat_map(|i| (-3..=3).map(move |k| (i, k))) {
            let mut distance = 0.0;
            for (r, c) in (-2..=2).flat_map(|r| (-2..=2).map(move |c| (r, c))) {
                // Edges are repeated before patches are compared, as the filter does.
                let at = |dx: isize, dy: isize| f64::from(plane.clamped(x + c + dx, y + r + dy));
                distance += (at(0, 0) - at(k, i)).powi(2) / 25.0;
            }
            let weight = (1.0 - distance / (8.0 * 36.0)).max(0.0).powi(8);
            sum += weight * f64::from(plane.clamped(x + k, y + i));
            total += weight;
        }
        let found = f64::from(out.y.clamped(x, y));
        assert!(
            (found - sum / total).abs() < 1e-3,
            "{x} {y}: {found} {}",
            sum / total
        );
    }
}

#[test]
fn strengths_out_of_range_are_refused() {
    refused(&["hqdn3d-0", "hqdn3d-33", "nlmeans-0", "nlmeans-x"]);
}
