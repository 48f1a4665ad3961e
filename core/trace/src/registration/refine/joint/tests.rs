//! A square that crosses a still, textured room tells the time; where the camera glides as well, only both together are right.

use countermark_mark::FormatSpec;

use super::*;
use crate::observer::Silence;
use crate::task::Task;
use crate::tuning::Tuning;

const SIZE: (usize, usize) = (128, 72);
const FRAME: f64 = 0.04;

/// Smooth at the scale of a few samples, different everywhere.
fn texture(x: f64, y: f64) -> f64 {
    128.0
        + 40.0 * (0.31 * x + 0.6 * (0.13 * y).sin()).sin()
        + 30.0 * (0.23 * y - 0.4 * (0.17 * x).cos()).cos()
}

/// The room at a moment: the camera glides by `glide` samples a second, the square crosses it at ten.
fn room(moment: f64, glide: f64) -> Grey {
    let square = 20.0 + 10.0 * moment;
    let level = |x: f64, y: f64| {
        let inside = (x - square).abs() < 8.0 && (y - 36.0).abs() < 8.0;
        let level = texture(x + glide * moment, y);
        (if inside { level - 90.0 } else { level }) as f32
    };
    let samples = (0..SIZE.1)
        .flat_map(|y| (0..SIZE.0).map(move |x| (x as f64 + 0.5, y as f64 + 0.5)))
        .map(|(x, y)| level(x, y))
        .collect();
    Grey::new(SIZE.0, SIZE.1, samples).expect("a picture")
}

/// A frame of the reference that is compared as it is.
fn shown(picture: Grey) -> Shown {
    Shown {
        reduced: OnceLock::from(Pyramid::new(picture.clone())),
        picture: Arc::new(picture),
    }
}

/// Four probes, a second and a half apart, of a clip that runs from `offset` at `speed`, where the line says 2 s at speed 1.
fn choices(offset: f64, speed: f64, glide: f64) -> Vec<Choice> {
    (0..4)
        .map(|i| {
            let clip_time = f64::from(i) * 1.5;
            let expected = 2.0 + clip_time;
            Choice {
                place: f64::from(i) / 3.0,
                expected,
                picture: Pyramid::new(room(2.0 + offset + speed * clip_time, glide)),
                frames: (-28..=28)
                    .map(|n| expected + f64::from(n) * FRAME)
                    .map(|time| (time, Arc::new(shown(room(time, glide)))))
                    .collect(),
            }
        })
        .collect()
}

/// Runs `test` with the probes and a reference that knows nothing but the values that decide.
fn with(all: Vec<Choice>, test: impl FnOnce(&Choices<'_>)) {
    let tuning = Tuning::default();
    let task = Task::new(&Silence, &tuning);
    let lattice = FormatSpec::CURRENT
        .lattice(1280, 720)
        .expect("a supported size");
    let reference = Reference::of_frames(lattice, vec![0.0, FRAME], Vec::new(), &task);
    test(&Choices {
        all,
        reference: &reference,
    });
}

#[test]
fn ends_that_move_apart_are_another_speed() {
    // Over 4.5 s a speed of 1.04 moves the last probe by 0.18 s.
    with(choices(0.0, 1.04, 0.0), |choices| {
        let start = Fit {
            line: (0.08, 0.08),
            correlation: -1.0,
            map: Homography::scaling(1.0, 1.0).expect("a map"),
            freedom: Freedom::Shift,
        };
        let mut known = Known::default();
        let lines: Vec<(f64, f64)> = (-3..=3)
            .flat_map(|a| (-3..=6).map(move |b| (f64::from(a) * 0.04, f64::from(b) * 0.04)))
            .collect();
        let found = known.best(choices, start, &lines).expect("a fit");
        assert!(found.line.0.abs() < 0.021, "{:?}", found.line);
        assert!((found.line.1 - 0.18).abs() < 0.03, "{:?}", found.line);
    });
}

#[test]
fn lines_that_show_the_same_frames_are_fitted_once() {
    with(choices(0.0, 1.0, 0.0), |choices| {
        assert_eq!(
            frames_along(choices, (0.0, 0.0)),
            frames_along(choices, (0.01, -0.01))
        );
        let moved = frames_along(choices, (0.04, 0.04));
        let still = frames_along(choices, (0.0, 0.0));
        assert!(moved.iter().zip(&still).all(|(a, b)| *a == b + 1));
    });
}

#[test]
fn steps_around_a_line_move_either_end_or_both() {
    let lines = around((0.2, -0.1), 0.04);
    assert_eq!(lines.len(), 8);
    assert!(!lines.contains(&(0.2, -0.1)));
    let lines = moved(0.1, 0.48, 0.12);
    assert_eq!(lines.len(), 9);
    assert!(lines.iter().all(|(a, b)| (a - b).abs() < f64::EPSILON));
    assert!((lines[0].0 + 0.38).abs() < 1e-12 && (lines[8].0 - 0.58).abs() < 1e-12);
}
