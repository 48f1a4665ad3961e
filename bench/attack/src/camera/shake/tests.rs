use super::*;
use crate::pattern::{
    BICUBIC_ERROR, assert_accepted, assert_refused, attacked, attacked_at, drawn, largest_error,
    waves,
};

#[test]
fn names_are_given_back_and_ranges_hold() {
    assert_accepted(&["jitter-8", "jitter-0.5", "shutter-3", "motionblur-5"]);
    assert_refused(&[
        "jitter-0",
        "jitter-65",
        "shutter--3",
        "motionblur-0.5",
        "motionblur-5px",
        "shutter-",
    ]);
}

#[test]
fn jitter_reaches_its_strength_never_exceeds_it_and_swings_three_to_eight_times_a_second() {
    for seed in 0..5 {
        let path = Path::new(8.0, &mut Random::new([seed; 32]));
        let step = 0.001;
        let way: Vec<f64> = (0..60_000).map(|i| path.at(f64::from(i) * step)).collect();
        let farthest = way.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
        assert!((7.0..=8.0).contains(&farthest), "{farthest}");
        let crossings = way.windows(2).filter(|w| w[0] * w[1] < 0.0).count();
        let hertz = crossings as f64 / 2.0 / 60.0;
        assert!((3.0..8.0).contains(&hertz), "{hertz}");
        // Smooth: no faster than the highest tone at full amplitude.
        let fastest = way
            .windows(2)
            .fold(0.0_f64, |most, w| most.max((w[1] - w[0]).abs()));
        assert!(fastest <= TAU * HIGHEST_HZ * 8.0 * step, "{fastest}");
    }
}

#[test]
fn all_energy_of_jitter_lies_between_three_and_eight_hertz() {
    let path = Path::new(8.0, &mut Random::new([9; 32]));
    let (rate, seconds) = (50.0, 20.0);
    let count = (rate * seconds) as usize;
    let energy = |hertz: f64| {
        let (mut re, mut im) = (0.0, 0.0);
        for i in 0..count {
            let t = i as f64 / rate;
            // Hann's window keeps the tones' skirts within two bins.
            let value = path.at(t) * (PI * t / seconds).sin().powi(2);
            let (sin, cos) = (TAU * hertz * t).sin_cos();
            re += value * cos;
            im += value * sin;
        }
        re * re + im * im
    };
    let (mut inside, mut all) = (0.0, 0.0);
    for bin in 0..count / 2 {
        let hertz = bin as f64 / seconds;
        let part = energy(hertz);
        all += part;
        if (LOWEST_HZ - 0.1..=HIGHEST_HZ + 0.1).contains(&hertz) {
            inside += part;
        }
    }
    assert!(inside / all > 0.99, "{}", inside / all);
}

#[test]
fn jittered_picture_is_the_pattern_moved_along_the_path() {
    let picture = drawn(96, 72, waves);
    let mut random = Random::new([5; 32]);
    let (columns, rows) = (Path::new(8.0, &mut random), Path::new(8.0, &mut random));
    let times = [0.0, 0.04, 0.3];
    for (out, t) in attacked_at("jitter-8", 5, &picture, &times)
        .iter()
        .zip(times)
    {
        let (d, e) = (columns.at(t), rows.at(t));
        let error = largest_error(out, 12.0, |x, y| waves(x - d, y - e));
        assert!(error < BICUBIC_ERROR, "{error}");
    }
}

#[test]
fn shutter_shears_the_rows_by_its_strength_at_most() {
    for seed in 0..5 {
        let shutter = Shutter::new(3.0, &mut Random::new([seed; 32]));
        let widest = (0..10_000)
            .map(|i| f64::from(i) * 0.001)
            .map(|t| (shutter.at(t, 1.0) - shutter.at(t, 0.0)).abs())
            .fold(0.0_f64, f64::max);
        assert!((2.99..3.0 + 1e-9).contains(&widest), "{widest}");
        assert!(shutter.at(0.3, 0.5).abs() < 1e-12);
    }
}

#[test]
fn sheared_picture_is_the_pattern_with_its_rows_moved() {
    let picture = drawn(96, 72, waves);
    let shutter = Shutter::new(3.0, &mut Random::new([8; 32]));
    let times = [0.0, 0.12];
    for (out, t) in attacked_at("shutter-3", 8, &picture, &times)
        .iter()
        .zip(times)
    {
        let error = largest_error(out, 6.0, |x, y| waves(x - shutter.at(t, y / 72.0), y));
        assert!(error < BICUBIC_ERROR, "{error}");
    }
}

#[test]
fn motion_blur_answers_an_impulse_with_a_line_of_its_length() {
    for seed in 0..4 {
        let mut impulse = drawn(32, 32, |_, _| 0.0);
        impulse.y.samples_mut()[16 * 32 + 16] = 1000.0;
        let out = attacked("motionblur-5", seed, &impulse);
        let angle = Random::new([seed; 32]).between(0.0, PI);
        let (sin, cos) = angle.sin_cos();
        let (mut sum, mut mean, mut along, mut across) = (0.0, 0.0, 0.0, 0.0);
        for y in 0..32 {
            for (x, &value) in out.y.row(y).iter().enumerate() {
                let (value, x, y) = (f64::from(value) / 1000.0, x as f64 - 16.0, y as f64 - 16.0);
                let (a, b) = (x * cos - y * sin, x * sin + y * cos);
                sum += value;
                mean += value * a;
                along += value * a * a;
                across += value * b * b;
            }
        }
        assert!(
            (sum - 1.0).abs() < 1e-4 && mean.abs() < 1e-3,
            "{sum} {mean}"
        );
        // A line of length L has the second moment L^2 / 12; bilinear points add between 0 and 1/4 on each axis.
        let line = 25.0 / 12.0;
        assert!((line - 1e-3..line + 0.25).contains(&along), "{along}");
        assert!(across < 0.25, "{across}");
    }
}

#[test]
fn motion_blur_keeps_what_is_flat_up_to_the_edge_and_halves_its_length_in_chroma() {
    let flat = drawn(32, 24, |_, _| 200.0);
    let out = attacked("motionblur-5", 1, &flat);
    assert!(out.y.samples().iter().all(|v| (v - 200.0).abs() < 1e-3));
    assert!(out.u.samples().iter().all(|v| (v - 164.0).abs() < 1e-3));
    let reach = |streak: &Streak| {
        let farthest = streak.taps.iter().map(|t| t.0.abs()).max();
        farthest.unwrap_or(0)
    };
    assert_eq!(
        (reach(&Streak::new(5.0, 0.0)), reach(&Streak::new(2.5, 0.0))),
        (3, 2)
    );
}
