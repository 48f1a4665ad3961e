use super::*;
use crate::tuning::RegistrationTuning;

const FRAME: f64 = 0.04;
const STEP: f64 = 0.125;

fn times() -> Vec<f64> {
    (0..500).map(|n| f64::from(n) * FRAME).collect()
}

/// A moment of a picture in which something moves: half a second away it is less like itself by a fifth.
fn moment(clip_time: f64, media_time: f64) -> Curve {
    like(clip_time, |time| {
        (0.99 - 0.4 * (time - media_time).abs()).max(0.7)
    })
}

/// A moment that is so like each media time.
fn like(clip_time: f64, likeness: impl Fn(f64) -> f64) -> Curve {
    let at = |time: &f64| likeness(*time) as f32;
    Curve {
        clip_time,
        correlations: times().iter().map(at).collect(),
        seen: Vec::new(),
        values: Vec::new(),
    }
}

/// Eight moments a second of a clip of some seconds, each of what `shown` says.
fn clip(seconds: f64, shown: impl Fn(f64) -> f64) -> Vec<Curve> {
    let count = (seconds / STEP) as usize;
    let moments = (0..count).map(|n| n as f64 * STEP);
    moments.map(|t| moment(t, shown(t))).collect()
}

/// The legs beside one line at the usual speed through the middle.
fn found(curves: &[Curve], shown: &impl Fn(f64) -> f64) -> Course {
    let times = times();
    let frames = Frames {
        times: &times,
        frame_seconds: FRAME,
        thumbnails: &[],
        tuning: &RegistrationTuning::default(),
    };
    let end = curves.last().map_or(0.0, |curve| curve.clip_time);
    let line = TimeMap {
        offset: shown(end / 2.0) - end / 2.0,
        speed: 1.0,
    };
    course(&[([0.0, end], line)], curves, frames)
}

fn legs(curves: &[Curve], shown: &impl Fn(f64) -> f64) -> Vec<Leg> {
    match found(curves, shown) {
        Course::Legs(legs) => legs,
        other => panic!("{other:?}"),
    }
}

/// Every moment of the clip lies in a leg and is told to a tenth of a second; how fast the legs are.
fn told(seconds: f64, shown: impl Fn(f64) -> f64) -> Vec<f64> {
    told_by(&clip(seconds, &shown), shown)
}

/// As [`told`], by some moments.
fn told_by(curves: &[Curve], shown: impl Fn(f64) -> f64) -> Vec<f64> {
    let legs = legs(curves, &shown);
    for curve in curves {
        let moment = curve.clip_time;
        let leg = legs
            .iter()
            .find(|leg| (leg.span[0]..=leg.span[1]).contains(&moment));
        let leg = leg.unwrap_or_else(|| panic!("{moment} is in none of {legs:?}"));
        let error = (leg.time.at(moment) - shown(moment)).abs();
        assert!(error < 0.1, "{error} at {moment}: {legs:?}");
    }
    legs.iter().map(|leg| leg.time.speed).collect()
}

fn are(speeds: &[f64], expected: &[f64]) {
    let near = |(a, b): (&f64, &f64)| (a - b).abs() < 0.03;
    let alike = speeds.len() == expected.len() && speeds.iter().zip(expected).all(near);
    assert!(alike, "{speeds:?}, not {expected:?}");
}

#[test]
fn a_ramp_is_a_leg_at_each_speed() {
    let shown = |t: f64| match t {
        t if t < 2.0 => 3.0 + t,
        t if t < 4.0 => 5.0 + 1.6 * (t - 2.0),
        t => 8.2 + 0.75 * (t - 4.0),
    };
    are(&told(6.0, shown), &[1.0, 1.6, 0.75]);
}

#[test]
fn a_ramp_of_clean_pictures_that_hardly_move_is_told_where_its_speed_changes() {
    let shown = |t: f64| match t {
        t if t < 2.0 => 0.5 + t,
        t if t < 4.0 => 2.5 + 1.6 * (t - 2.0),
        t => 5.7 + 0.75 * (t - 4.0),
    };
    // From the air over a sea: half a second away as little less like itself as an encoder makes most pictures.
    let moments = (0..48).map(|n| f64::from(n) * STEP);
    let curves: Vec<Curve> = moments
        .map(|t| like(t, |time| 0.9997 - 0.002 * (time - shown(t)).abs().min(0.5)))
        .collect();
    are(&told_by(&curves, shown), &[1.0, 1.6, 0.75]);
}

#[test]
fn a_boomerang_turns_where_its_legs_cross() {
    let shown = |t: f64| 9.0 - (t - 2.6).abs();
    let curves = clip(5.0, shown);
    let legs = legs(&curves, &shown);
    are(
        &legs.iter().map(|l| l.time.speed).collect::<Vec<_>>(),
        &[1.0, -1.0],
    );
    assert!((legs[0].span[1] - 2.6).abs() < 0.03, "{legs:?}");
    assert_eq!(legs[0].span[1].to_bits(), legs[1].span[0].to_bits());
}

#[test]
fn clips_at_any_speed_either_way_are_one_leg() {
    for speed in [0.25, 0.4, 0.5, 1.75, 2.0, 4.0, -0.5, -1.0, -1.5, -3.0] {
        let shown = |t: f64| {
            if speed > 0.0 {
                1.0 + speed * t
            } else {
                18.0 + speed * t
            }
        };
        are(&told(4.0, shown), &[speed]);
    }
}

#[test]
fn a_stall_and_stills_are_legs_that_stand() {
    let stall = |t: f64| 3.0 + t.min(2.0) + (t - 3.2).max(0.0);
    are(&told(6.0, stall), &[1.0, 0.0, 1.0]);
    let slides = |t: f64| 2.0 + 3.0 * (t / 1.5).floor();
    are(&told(6.0, slides), &[0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn a_speed_that_changes_all_the_time_is_told_to_a_tenth_of_a_second() {
    let legs = told(5.0, |t: f64| 2.0 + 0.8 * t + 0.08 * t * t);
    assert!((2..=5).contains(&legs.len()), "{legs:?}");
}

#[test]
fn a_clip_as_it_is_has_no_other_course() {
    let shown = |t: f64| 4.0 + t;
    assert_eq!(found(&clip(6.0, shown), &shown), Course::AsTold);
    // Nor has a picture that stands still, whatever it is.
    let mut still = clip(6.0, shown);
    for curve in &mut still {
        curve.correlations.fill(0.97);
    }
    assert_eq!(found(&still, &shown), Course::AsTold);
}

#[test]
fn what_is_foreign_says_nothing_of_the_time() {
    let shown = |t: f64| 12.0 - t;
    let mut curves = clip(6.0, shown);
    for curve in &mut curves[20..28] {
        curve.correlations.fill(0.2);
        curve.correlations[7] = 0.3;
    }
    let legs = legs(&curves, &shown);
    are(
        &legs.iter().map(|l| l.time.speed).collect::<Vec<_>>(),
        &[-1.0],
    );
}
