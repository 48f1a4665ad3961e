use super::*;
use crate::tryout::{applied_once, coloured, grey, refused};

fn close(found: f32, expected: f32) {
    assert!((found - expected).abs() < 2e-3, "{found} {expected}");
}

/// Y, U, V of the first samples.
fn first(picture: &Picture) -> [f32; 3] {
    [&picture.y, &picture.u, &picture.v].map(|plane| plane.samples()[0])
}

#[test]
fn brightness_scales_luma_from_black_and_chroma_from_neutral() {
    let [y, u, v] = first(&applied_once(
        "brightness-0.5",
        &coloured(4, 2, [116.0, 100.0, 158.0]),
    ));
    close(y, 66.0);
    close(u, 114.0);
    close(v, 143.0);
    // Clipped where R'G'B' would be.
    close(
        first(&applied_once(
            "brightness-4",
            &coloured(4, 2, [116.0, 128.0, 128.0]),
        ))[0],
        235.0,
    );
}

#[test]
fn brightness_and_hue_treat_full_range_as_such() {
    let mut picture = coloured(4, 2, [100.0, 100.0, 158.0]);
    picture.full_range = true;
    close(first(&applied_once("brightness-0.5", &picture))[0], 50.0);
    let coding = Coding::of(&picture);
    let [r, g, b] = coding.rgb(first(&picture));
    let expected = coding.codes(turned([r, g, b], 1.5));
    for (found, expected) in first(&applied_once("hue-0.25", &picture))
        .into_iter()
        .zip(expected)
    {
        close(found, expected);
    }
}

#[test]
fn contrast_stretches_about_the_mean_of_the_frame() {
    let mut picture = grey(4, 2, |x, _| [80.0, 100.0, 120.0, 140.0][x]);
    picture.u.samples_mut().fill(138.0);
    let out = applied_once("contrast-1.5", &picture);
    for (found, expected) in out.y.row(1).iter().zip([65.0, 95.0, 125.0, 155.0]) {
        close(*found, expected);
    }
    close(out.u.samples()[0], 143.0);
}

#[test]
fn gamma_passes_through_its_curve_points() {
    // y = 0, 1/4, 1 of 219 above 16.
    let picture = grey(4, 2, |x, _| [16.0, 70.75, 235.0, 3.0][x]);
    for (name, quarter) in [("gamma-0.5", 0.5), ("gamma-2", 0.0625)] {
        let out = applied_once(name, &picture);
        for (found, y) in out.y.row(0).iter().zip([0.0, quarter, 1.0, 0.0]) {
            close(*found, 16.0 + 219.0 * y);
        }
    }
}

#[test]
fn saturation_scales_chroma_and_grey_removes_it() {
    let picture = coloured(4, 2, [90.0, 108.0, 228.0]);
    let [y, u, v] = first(&applied_once("saturation-1.5", &picture));
    close(y, 90.0);
    close(u, 98.0);
    // Legal chroma ends at 240.
    close(v, 240.0);
    for name in ["grey", "saturation-0"] {
        let [y, u, v] = first(&applied_once(name, &picture));
        close(y, 90.0);
        close(u, NEUTRAL);
        close(v, NEUTRAL);
    }
}

#[test]
fn pure_red_turned_by_a_third_is_green_and_grey_stays_grey() {
    for lines in [2, 720] {
        let blank = grey(4, lines, |_, _| 16.0);
        let coding = Coding::of(&blank);
        let turn = |rgb: [f32; 3], name: &str| {
            first(&applied_once(name, &coloured(4, lines, coding.codes(rgb))))
        };
        for (from, name, to) in [
            ([1.0, 0.0, 0.0], "hue-0.3333333333333333", [0.0, 1.0, 0.0]),
            ([1.0, 0.0, 0.0], "hue--0.3333333333333333", [0.0, 0.0, 1.0]),
            ([1.0, 0.0, 0.0], "hue-0.25", [0.5, 1.0, 0.0]),
            ([0.2, 0.4, 0.8], "hue-0.5", [0.8, 0.6, 0.2]),
            ([0.2, 0.4, 0.8], "hue-0", [0.2, 0.4, 0.8]),
            ([0.6, 0.6, 0.6], "hue-0.25", [0.6, 0.6, 0.6]),
        ] {
            for (found, expected) in turn(from, name).into_iter().zip(coding.codes(to)) {
                assert!((found - expected).abs() < 0.01, "{name} {from:?}");
            }
        }
    }
}

#[test]
fn hue_averages_the_chroma_of_four_pixels() {
    let coding = Coding::of(&grey(2, 2, |_, _| 16.0));
    // One pixel is black: it has no colour before or after.
    let mut picture = coloured(2, 2, [126.0, 110.0, 150.0]);
    picture.y.samples_mut()[3] = 16.0;
    let out = applied_once("hue-0.25", &picture);
    let expected = |y: f32| {
        let rgb = coding.rgb([y, 110.0, 150.0]).map(|c| c.clamp(0.0, 1.0));
        coding.codes(turned(rgb, 1.5))
    };
    let (lit, dark) = (expected(126.0), expected(16.0));
    close(out.y.samples()[0], lit[0]);
    close(out.y.samples()[3], dark[0]);
    close(out.u.samples()[0], 0.75 * lit[1] + 0.25 * dark[1]);
    close(out.v.samples()[0], 0.75 * lit[2] + 0.25 * dark[2]);
}

#[test]
fn range_mistakes_are_the_two_affine_maps_and_undo_each_other_inside() {
    let picture = coloured(4, 2, [235.0, 240.0, 16.0]);
    let full = first(&applied_once("range-full", &picture));
    for (found, expected) in full.into_iter().zip([255.0, 255.0, 0.5]) {
        close(found, expected);
    }
    let limited = first(&applied_once(
        "range-limited",
        &coloured(4, 2, [255.0, 0.0, 128.0]),
    ));
    for (found, expected) in limited
        .into_iter()
        .zip([235.0, 128.0 * 31.0 / 255.0, 128.0])
    {
        close(found, expected);
    }
    close(
        first(&applied_once(
            "range-full",
            &coloured(4, 2, [10.0, 128.0, 128.0]),
        ))[0],
        0.0,
    );
    let twice = applied_once("range-limited", &applied_once("range-full", &picture));
    close(first(&twice)[0], 235.0);
}

#[test]
fn tone_mapping_keeps_the_ends_lifts_the_dark_and_keeps_ratios_of_colour() {
    let curve = |y: f64| {
        let light = 4.0 * y.powf(2.4);
        (light * (1.0 + light / 16.0) / (1.0 + light)).powf(1.0 / 2.4)
    };
    for y in [0.0, 0.1, 0.5, 1.0] {
        let code = 16.0 + 219.0 * y;
        let [found, u, _] = first(&applied_once(
            "tonemap-4",
            &coloured(4, 2, [code as f32, 132.0, 128.0]),
        ));
        close(found, (16.0 + 219.0 * curve(y)) as f32);
        let gain = if y > 0.0 {
            curve(y) / y
        } else {
            4.0_f64.powf(1.0 / 2.4)
        };
        close(u, (128.0 + 4.0 * gain) as f32);
    }
    assert!((curve(1.0) - 1.0).abs() < 1e-12 && curve(0.1) > 0.17);
    // A peak of reference white changes nothing.
    close(
        first(&applied_once(
            "tonemap-1",
            &coloured(4, 2, [90.0, 128.0, 128.0]),
        ))[0],
        90.0,
    );
}

#[test]
fn strengths_out_of_range_are_refused() {
    refused(&[
        "brightness-0",
        "contrast-5",
        "gamma-0.1",
        "saturation--1",
        "hue-0.6",
        "grey-1",
        "range-both",
        "tonemap-0.5",
        "brightness-",
    ]);
    for name in [
        "brightness-1.5",
        "contrast-0.5",
        "gamma-2",
        "range-limited",
        "tonemap-10",
    ] {
        assert!(crate::tryout::attack(name).keeps_the_mark(), "{name}");
    }
}
