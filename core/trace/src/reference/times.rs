//! Times of frames.
//!
//! # Shapes and units
//! Seconds, ascending.

/// Index of the time nearest to `wanted` among ascending `times`.
pub(crate) fn nearest(times: &[f64], wanted: f64) -> usize {
    let after = times.partition_point(|time| *time < wanted);
    if after == 0 {
        return 0;
    }
    if after == times.len() || wanted - times[after - 1] <= times[after] - wanted {
        return after - 1;
    }
    after
}

/// The usual distance of ascending times: spans may lie far apart.
pub(crate) fn frame_seconds(times: &[f64]) -> f64 {
    let mut steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_by(f64::total_cmp);
    steps.get(steps.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_between_spans_is_no_frame() {
        let times: Vec<f64> = (0..10)
            .chain(500..520)
            .map(|n| f64::from(n) / 25.0)
            .collect();
        assert!((frame_seconds(&times) - 0.04).abs() < 1e-9);
        assert!(frame_seconds(&[3.0]).abs() < f64::EPSILON);
    }

    #[test]
    fn nearest_takes_the_closer_neighbour() {
        let times = [0.0, 1.0, 2.0];
        for (wanted, index) in [(-3.0, 0), (0.4, 0), (0.6, 1), (1.5, 1), (1.6, 2), (9.0, 2)] {
            assert_eq!(nearest(&times, wanted), index, "{wanted}");
        }
    }
}
