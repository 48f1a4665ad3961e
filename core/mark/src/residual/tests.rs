use super::*;
use crate::format::FormatSpec;
use crate::observe::parts::Parts;

fn lattice() -> LatticeGeometry {
    FormatSpec::CURRENT
        .lattice(640, 360)
        .expect("a supported size")
}

fn observation(media_time: f64, value: impl Fn(usize) -> f32) -> Observation {
    let mut coefficients = CoefficientPlane::new(lattice(), &Band::observed(lattice()));
    for (i, x) in coefficients.values_mut().iter_mut().enumerate() {
        *x = value(i);
    }
    Observation {
        media_time,
        coefficients,
        unseen: Vec::new(),
        parts: Parts::default(),
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
        seen: Vec::new(),
    };
    let means = ring_means(&clip.iter().map(frame).collect::<Vec<_>>());
    let blocks = lattice().blocks();
    for (t, chip) in [(0, 0), (40, 17), (79, 400)] {
        let near: Vec<f64> = clip
            .iter()
            .filter(|o| {
                let distance = (o.media_time - clip[t].media_time).abs();
                distance > RING_SECONDS.0 && distance <= RING_SECONDS.1
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

#[test]
fn a_caption_leaves_no_host_elsewhere() {
    let blocks = lattice().blocks();
    let host = |i: usize| ((i * 37) % 101) as f32 - 50.0;
    let noise = |i: usize| ((i * 13) % 7) as f32 * 0.1 - 0.3;
    let captioned = |i: usize| (40..90).contains(&(i % blocks));
    let reference = observation(0.0, host);
    let clip = observation(0.0, |i| {
        if captioned(i) {
            ((i * 59) % 211) as f32 - 105.0
        } else {
            0.8 * host(i) + noise(i)
        }
    });
    let pairs = [Registered {
        clip: &clip,
        reference: &reference,
    }];
    let residuals = Residuals::with_reference(lattice(), &pairs);
    for (i, value) in residuals.frames()[0].values.iter().enumerate() {
        if captioned(i) {
            assert!(value.abs() < f32::EPSILON, "chip {i}: {value}");
        } else {
            assert!((value - noise(i + blocks)).abs() < 0.2, "chip {i}: {value}");
        }
    }
}

#[test]
fn innovations_drop_what_is_repeated_and_keep_what_is_new() {
    let blocks = lattice().blocks();
    let chips = observation(0.0, |_| 0.0).coefficients.values().len() - blocks;
    let pattern = |scene: usize| -> Vec<f32> {
        (0..chips)
            .map(|i| ((i * (37 + 24 * scene) + i / blocks * 11) % 53) as f32 - 26.0)
            .collect()
    };
    let frame = |t: usize, values: Vec<f32>| ResidualFrame {
        media_time: t as f64 / 25.0,
        clip_time: t as f64 / 25.0,
        values,
        amplitudes: vec![1.0; blocks],
        seen: vec![1.0; blocks],
    };
    // The first shot repeats one picture; from frame 5 on its even blocks show another. The second shot begins at 8.
    let shown = |t: usize, i: usize| match t {
        8.. => pattern(2)[i],
        5.. if (i % blocks).is_multiple_of(2) => pattern(1)[i],
        _ => pattern(0)[i],
    };
    let frames: Vec<_> = (0..10)
        .map(|t| frame(t, (0..chips).map(|i| shown(t, i)).collect()))
        .collect();
    let energy = |values: &[f32], parity: usize| -> f64 {
        values
            .iter()
            .enumerate()
            .filter(|(i, _)| i % blocks % 2 == parity)
            .map(|(_, v)| f64::from(v * v))
            .sum()
    };
    let whole = energy(&frames[0].values, 0);
    let news = Residuals {
        lattice: lattice(),
        shots: vec![0..8, 8..10],
        frames: frames.clone(),
    }
    .innovations();
    let news = news.frames();
    for t in [0, 8] {
        assert_eq!(news[t].values, frames[t].values, "shot at {t}");
    }
    for t in [1, 4, 6, 7, 9] {
        assert!(energy(&news[t].values, 0) < 1e-3 * whole, "frame {t}");
    }
    assert!(energy(&news[5].values, 1) < 1e-3 * whole);
    assert!(energy(&news[5].values, 0) > 0.3 * whole);
}
