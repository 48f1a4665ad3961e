use super::*;
use crate::observe::observed_band;

fn lattice() -> LatticeGeometry {
    LatticeGeometry::for_picture(640, 360).expect("a supported size")
}

fn observation(media_time: f64, value: impl Fn(usize) -> f32) -> Observation {
    let mut coefficients = CoefficientPlane::new(lattice(), &observed_band());
    for (i, x) in coefficients.values_mut().iter_mut().enumerate() {
        *x = value(i);
    }
    Observation {
        media_time,
        coefficients,
    }
}

#[test]
fn ring_means_agree_with_the_sum_over_the_ring() {
    let value = |t: usize, i: usize| ((i * 7 + t * 13) % 31) as f32 * 0.1;
    let clip: Vec<_> = (0..80)
        .map(|t| observation(t as f64 / 24.5, |i| value(t, i)))
        .collect();
    let frame = |o: &Observation| ResidualFrame {
        media_time: o.media_time,
        clip_time: o.media_time,
        values: chip_values(&o.coefficients).to_vec(),
        amplitudes: Vec::new(),
    };
    let means = ring_means(&clip.iter().map(frame).collect::<Vec<_>>());
    let blocks = lattice().blocks();
    for (t, chip) in [(0, 0), (40, 17), (79, 400)] {
        let near: Vec<f64> = clip
            .iter()
            .filter(|o| {
                let distance = (o.media_time - clip[t].media_time).abs();
                distance > RING.0 && distance <= RING.1
            })
            .map(|o| f64::from(o.coefficients.values()[blocks + chip]))
            .collect();
        let expected = near.iter().sum::<f64>() / near.len() as f64;
        assert!(
            (f64::from(means[t][chip]) - expected).abs() < 1e-5,
            "frame {t}"
        );
    }
}

#[test]
fn what_stands_still_is_removed_and_the_prediction_stops_at_a_cut() {
    let clip: Vec<_> = (0..60)
        .map(|t| {
            let scene = t / 30;
            observation(t as f64 / 20.0, |i| {
                ((i * 31 + scene * i * i) % 61) as f32 - 30.0
            })
        })
        .collect();
    let residuals = Residuals::blind(lattice(), &clip);
    let largest = residuals
        .frames()
        .iter()
        .flat_map(|f| &f.values)
        .fold(0.0_f32, |a, v| a.max(v.abs()));
    assert!(largest < 0.05, "{largest}");
}

#[test]
fn what_moves_is_left_as_it_is() {
    let clip: Vec<_> = (0..60)
        .map(|t| {
            observation(t as f64 / 20.0, |i| {
                if (i + t).is_multiple_of(2) {
                    20.0
                } else {
                    -20.0
                }
            })
        })
        .collect();
    let residuals = Residuals::blind(lattice(), &clip);
    assert!(
        residuals
            .frames()
            .iter()
            .flat_map(|f| &f.values)
            .all(|v| (v.abs() - 20.0).abs() < 2.5)
    );
}

#[test]
fn a_single_frame_keeps_its_coefficients() {
    let clip = [observation(0.0, |i| (i % 9) as f32)];
    let residuals = Residuals::blind(lattice(), &clip);
    assert_eq!(
        residuals.frames()[0].values,
        chip_values(&clip[0].coefficients)
    );
}

#[test]
fn a_reference_cancels_any_contrast() {
    let reference = observation(7.0, |i| ((i * 37) % 101) as f32 - 50.0);
    let clip = observation(0.0, |i| 0.7 * (((i * 37) % 101) as f32 - 50.0));
    let pairs = [Registered {
        clip: &clip,
        reference: &reference,
    }];
    let residuals = Residuals::with_reference(lattice(), &pairs);
    let frame = &residuals.frames()[0];
    assert!(frame.values.iter().all(|v| v.abs() < 1e-3));
    assert!((frame.media_time - 7.0).abs() < f64::EPSILON);
}
