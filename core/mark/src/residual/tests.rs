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
fn moving_mean_agrees_with_the_sum_over_the_window() {
    let clip: Vec<_> = (0..60)
        .map(|t| {
            observation(f64::from(t) / 24.0, |i| {
                ((i * 7 + t as usize * 13) % 31) as f32 * 0.1
            })
        })
        .collect();
    let residuals = Residuals::blind(lattice(), &clip);
    let blocks = lattice().blocks();
    for (t, chip) in [(0, 0), (30, 17), (59, 400)] {
        let near: Vec<f64> = clip
            .iter()
            .filter(|o| (o.media_time - clip[t].media_time).abs() <= HALF_SPAN)
            .map(|o| f64::from(o.coefficients.values()[blocks + chip]))
            .collect();
        let expected = f64::from(clip[t].coefficients.values()[blocks + chip])
            - near.iter().sum::<f64>() / near.len() as f64;
        let got = f64::from(residuals.frames()[t].values[chip]);
        assert!(
            (got - expected).abs() < 1e-5,
            "frame {t}: {got} against {expected}"
        );
    }
}

#[test]
fn the_mean_stops_at_a_cut() {
    let clip: Vec<_> = (0..40)
        .map(|t| {
            let scene = t / 20;
            observation(f64::from(t) / 20.0, |i| {
                ((i * 31 + scene as usize * i * i) % 61) as f32 - 30.0
            })
        })
        .collect();
    let residuals = Residuals::blind(lattice(), &clip);
    assert!(
        residuals
            .frames()
            .iter()
            .all(|frame| frame.values.iter().all(|v| v.abs() < 1e-4))
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
