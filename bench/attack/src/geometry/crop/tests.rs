use super::*;
use crate::pattern::{
    BICUBIC_ERROR, assert_accepted, assert_refused, attacked, drawn, largest_error, waves,
};

/// Every sample tells its place.
fn numbered() -> Picture {
    drawn(200, 120, |x, y| x + 1000.0 * y)
}

/// The place in the numbered picture where a part of it begins.
fn corner(part: &Picture) -> (usize, usize) {
    let value = part.y.row(0)[0] - 500.5;
    let top = (value / 1000.0).round();
    ((value - 1000.0 * top).round() as usize, top as usize)
}

/// Asserts that `part` is what lies at its corner in every plane, sample by sample.
fn assert_untouched(part: &Picture) {
    let whole = numbered();
    let (left, top) = corner(part);
    for (plane, source, unit) in [
        (&part.y, &whole.y, 1),
        (&part.u, &whole.u, 2),
        (&part.v, &whole.v, 2),
    ] {
        for y in 0..plane.height() {
            let expected = &source.row(top / unit + y)[left / unit..][..plane.width()];
            assert_eq!(plane.row(y), expected);
        }
    }
}

#[test]
fn names_are_given_back_and_ranges_hold() {
    assert_accepted(&[
        "crop-0.71",
        "crop-0.71-back",
        "centre-0.5",
        "centre-0.3-back",
        "side-left-10",
        "side-bottom-2.5",
        "reframe-9x16",
        "shift-1",
    ]);
    assert_refused(&[
        "crop-0",
        "crop-1.1",
        "crop-0.5-bac",
        "crop--back",
        "centre-2",
        "side-10",
        "side-up-10",
        "side-left-95",
        "reframe-9",
        "shift-0",
        "shift-2.5",
    ]);
}

#[test]
fn crop_keeps_its_share_of_each_edge_at_places_that_vary() {
    let corners: Vec<_> = (0..8)
        .map(|seed| {
            let part = attacked("crop-0.71", seed, &numbered());
            assert_eq!(size_of(&part), (142, 86));
            assert_untouched(&part);
            corner(&part)
        })
        .collect();
    assert!(corners.iter().any(|c| c.0 != corners[0].0));
    assert!(corners.iter().any(|c| c.1 != corners[0].1));
}

#[test]
fn centre_keeps_its_share_of_the_area_around_the_centre() {
    for (name, area) in [("centre-0.5", 0.5), ("centre-0.3", 0.3)] {
        let part = attacked(name, 1, &numbered());
        let (width, height) = size_of(&part);
        let kept = (width * height) as f64 / (200.0 * 120.0);
        // A pixel on each of two sides of 66 and 110 and more.
        assert!((kept / area - 1.0).abs() < 0.025, "{kept}");
        assert_untouched(&part);
        let (left, top) = corner(&part);
        // Even edges leave the centre a pixel of play.
        assert!((2 * left + width).abs_diff(200) <= 2 && (2 * top + height).abs_diff(120) <= 2);
    }
}

#[test]
fn side_is_cut_where_its_name_says() {
    for (name, place, size) in [
        ("side-left-10", (20, 0), (180, 120)),
        ("side-right-10", (0, 0), (180, 120)),
        ("side-top-25", (0, 30), (200, 90)),
        ("side-bottom-25", (0, 0), (200, 90)),
    ] {
        let part = attacked(name, 1, &numbered());
        assert_eq!((corner(&part), size_of(&part)), (place, size), "{name}");
        assert_untouched(&part);
    }
}

#[test]
fn reframe_keeps_the_other_side_whole() {
    let part = attacked("reframe-9x16", 3, &numbered());
    assert_eq!((size_of(&part), corner(&part).1), ((68, 120), 0));
    assert_untouched(&part);
    let part = attacked("reframe-4x1", 3, &numbered());
    assert_eq!((size_of(&part), corner(&part).0), ((200, 50), 0));
    assert_untouched(&part);
}

#[test]
fn crop_back_shows_its_part_at_the_old_size() {
    let picture = drawn(200, 120, waves);
    let out = attacked("crop-0.71-back", 5, &picture);
    let part = attacked("crop-0.71", 5, &numbered());
    let (left, top) = corner(&part);
    assert_eq!(size_of(&out), (200, 120));
    let error = largest_error(&out, 6.0, |x, y| {
        waves(
            left as f64 + x * 142.0 / 200.0,
            top as f64 + y * 86.0 / 120.0,
        )
    });
    assert!(error < BICUBIC_ERROR, "{error}");
}

#[test]
fn shift_moves_by_whole_pixels_and_lets_black_in() {
    let picture = drawn(64, 48, waves);
    let mut seen = Vec::new();
    for seed in 0..40 {
        let out = attacked("shift-7", seed, &picture);
        assert_eq!(size_of(&out), (64, 48));
        let (columns, rows) = DIRECTIONS
            .into_iter()
            .find(|(columns, rows)| {
                (0..48_i32).all(|y| {
                    (0..64_i32).all(|x| {
                        let (u, v) = (x - 7 * *columns as i32, y - 7 * *rows as i32);
                        let expected = if (0..64).contains(&u) && (0..48).contains(&v) {
                            picture.y.row(v as usize)[u as usize]
                        } else {
                            16.0
                        };
                        (out.y.row(y as usize)[x as usize] - expected).abs() < 1e-5
                    })
                })
            })
            .expect("one of eight directions, luma untouched");
        let error = largest_error(&out, 12.0, |x, y| waves(x - 7.0 * columns, y - 7.0 * rows));
        assert!(error < BICUBIC_ERROR, "chroma: {error}");
        if !seen.contains(&(columns as i32, rows as i32)) {
            seen.push((columns as i32, rows as i32));
        }
    }
    assert!(seen.len() >= 6, "{seen:?}");
}
