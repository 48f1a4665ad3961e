use super::*;
use crate::pattern::{
    BICUBIC_ERROR, assert_accepted, assert_refused, attacked, drawn, largest_error_where, waves,
};

const SIZE: Point = (240.0, 160.0);

fn picture() -> Picture {
    drawn(240, 160, waves)
}

/// Largest error against the pattern seen through the inverse map, where the picture lies.
fn error(out: &Picture, source: impl Fn(f64, f64) -> Point) -> f64 {
    largest_error_where(
        out,
        |x, y| {
            let (u, v) = source(x, y);
            waves(u, v)
        },
        |x, y| {
            let (u, v) = source(x, y);
            u > 6.0 && v > 6.0 && u < SIZE.0 - 6.0 && v < SIZE.1 - 6.0
        },
    )
}

/// Asserts that luma is black wherever the inverse map leaves the picture by more than half a sample.
fn assert_black_outside(out: &Picture, source: impl Fn(f64, f64) -> Point) {
    for y in 0..out.height() {
        for (x, value) in out.y.row(y).iter().enumerate() {
            let (u, v) = source(x as f64 + 0.5, y as f64 + 0.5);
            if u < -0.5 || v < -0.5 || u > SIZE.0 + 0.5 || v > SIZE.1 + 0.5 {
                assert!((value - 16.0).abs() < 1e-6, "{x}, {y}: {value}");
            }
        }
    }
}

fn draws(seed: u8) -> Random {
    Random::new([seed; 32])
}

#[test]
fn names_are_given_back_and_ranges_hold() {
    assert_accepted(&[
        "perspective-0.5",
        "perspective-0.1",
        "tilt-5",
        "tilt-0.5",
        "barrel-0.05",
        "barrel--0.05",
    ]);
    assert_refused(&[
        "perspective-0",
        "perspective-0.7",
        "tilt-0",
        "tilt--5",
        "tilt-60",
        "barrel-1",
        "barrel-",
    ]);
}

#[test]
fn perspective_takes_the_corners_inwards_by_no_more_than_its_scale() {
    let (mut least, mut most) = (1.0_f64, 0.0_f64);
    for seed in 0..20 {
        let mut random = draws(seed);
        let moves = [(); 4].map(|()| (random.between(0.0, 0.25), random.between(0.0, 0.25)));
        let map = perspective(SIZE, moves);
        let (width, height) = SIZE;
        let from = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
        for (from, to) in from.into_iter().zip(corners(SIZE, moves)) {
            let found = map.of(from.0, from.1);
            assert!((found.0 - to.0).abs() < 1e-9 && (found.1 - to.1).abs() < 1e-9);
            let inwards = (
                (found.0 - from.0).abs() / width,
                (found.1 - from.1).abs() / height,
            );
            least = least.min(inwards.0.min(inwards.1));
            most = most.max(inwards.0.max(inwards.1));
        }
    }
    assert!(
        least < 0.02 && (0.23..0.25).contains(&most),
        "{least} {most}"
    );
}

#[test]
fn perspective_shows_the_pattern_where_the_homography_says() {
    let mut random = draws(2);
    let moves = [(); 4].map(|()| (random.between(0.0, 0.05), random.between(0.0, 0.05)));
    let back = perspective(SIZE, moves).inverse();
    let out = attacked("perspective-0.1", 2, &picture());
    let error = error(&out, |x, y| back.of(x, y));
    assert!(error < BICUBIC_ERROR, "{error}");
    assert_black_outside(&out, |x, y| back.of(x, y));
}

#[test]
fn tilt_is_of_its_angle() {
    let (width, height) = SIZE;
    let distance = width.hypot(height) / 2.0 / HALF_VIEW_DEGREES.to_radians().tan();
    for (degrees, axis) in [(5.0, 0.3), (10.0, 2.0), (2.0, 4.4)] {
        let map = tilt(SIZE, degrees, axis);
        // The images of steps along columns and rows at the centre, as directions in the camera's space: a homography
        // is K [r1 r2 t] up to a factor, and the screen's normal is r1 x r2.
        let origin = Homography::shift(width / 2.0, height / 2.0)
            .then(&map)
            .then(&Homography::shift(-width / 2.0, -height / 2.0));
        let Homography(rows) = origin;
        let column = |k: usize| [rows[0][k], rows[1][k], distance * rows[2][k]];
        let (r1, r2) = (column(0), column(1));
        let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        assert!((dot(r1, r1) - 1.0).abs() < 1e-9 && dot(r1, r2).abs() < 1e-9);
        let normal_z = r1[0] * r2[1] - r1[1] * r2[0];
        assert!((normal_z.acos().to_degrees() - degrees).abs() < 1e-6);
        // The centre stays where it is.
        let centre = map.of(width / 2.0, height / 2.0);
        assert!((centre.0 - width / 2.0).abs() < 1e-9 && (centre.1 - height / 2.0).abs() < 1e-9);
    }
}

#[test]
fn tilted_picture_is_the_pattern_seen_through_its_homography() {
    let back = tilt(SIZE, 5.0, draws(3).between(0.0, TAU)).inverse();
    let out = attacked("tilt-5", 3, &picture());
    let error = error(&out, |x, y| back.of(x, y));
    assert!(error < BICUBIC_ERROR, "{error}");
    assert_black_outside(&out, |x, y| back.of(x, y));
}

#[test]
fn barrel_displaces_by_its_strength_at_the_corner_and_by_a_quarter_of_the_share_halfway() {
    for (name, strength) in [("barrel-0.05", 0.05), ("barrel--0.05", -0.05)] {
        let source = |x: f64, y: f64| {
            let (x, y) = (x - 120.0, y - 80.0);
            let r = x.hypot(y) / 120.0_f64.hypot(80.0);
            let gain = 1.0 + strength * r * r;
            (120.0 + x * gain, 80.0 + y * gain)
        };
        let out = attacked(name, 1, &picture());
        let error = error(&out, source);
        assert!(error < BICUBIC_ERROR, "{name}: {error}");
        assert_black_outside(&out, source);
        // Halfway to the corner the source lies farther out by a quarter of the strength.
        let (x, _) = source(180.0, 120.0);
        assert!((x - (120.0 + 60.0 * (1.0 + strength / 4.0))).abs() < 1e-9);
    }
}
