//! What a segment's picture is bent by: one field for all of it, or fields of moments with a cubic through them.
//!
//! ```text
//! B(t) = h00(s) B[i] + h10(s) h m[i] + h01(s) B[i+1] + h11(s) h m[i+1],    h = t[i+1] - t[i],  s = (t - t[i]) / h;  outside them the nearest
//! m[i] = the slope of the parabola through B[i-1], B[i], B[i+1]            at the ends of that through the nearest three
//! ```
//!
//! A wave of which a moment comes every eighth is followed to a hundredth of its height, where means of two miss a thirteenth.
//!
//! # Shapes and units
//! Times in seconds, on the clip's own clock.
//! # References
//! C. de Boor (1978), A Practical Guide to Splines, chapter IV: piecewise cubic Hermite interpolation, Bessel's slopes.

use std::sync::Arc;

use countermark_picture::Bend;

/// Bends by clip time, ascending, at least one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bends(Vec<(f64, Arc<Bend>)>);

impl Bends {
    /// One for all moments.
    pub(crate) fn steady_at(bend: Bend) -> Self {
        Self(vec![(0.0, Arc::new(bend))])
    }

    /// Those of some moments, ascending; none where there are none.
    pub(crate) fn moving(moments: Vec<(f64, Bend)>) -> Option<Self> {
        let known = moments.into_iter().map(|(at, bend)| (at, Arc::new(bend)));
        let known: Vec<(f64, Arc<Bend>)> = known.collect();
        (!known.is_empty()).then_some(Self(known))
    }

    /// The bend of a moment. Of those that have no sum the nearest one.
    pub(crate) fn at(&self, clip_time: f64) -> Arc<Bend> {
        let after = self.0.partition_point(|(time, _)| *time < clip_time);
        let last = self.0.len() - 1;
        let (before, next) = (after.saturating_sub(1), after.min(last));
        let (start, end) = (&self.0[before], &self.0[next]);
        let apart = end.0 - start.0;
        if apart <= 0.0 {
            return Arc::clone(&end.1);
        }
        let share = (clip_time - start.0) / apart;
        let (square, cube) = (share * share, share * share * share);
        let mut weights = vec![
            (before, 2.0 * cube - 3.0 * square + 1.0),
            (next, 3.0 * square - 2.0 * cube),
        ];
        let slopes = [(before, cube - 2.0 * square + share), (next, cube - square)];
        for (moment, weight) in slopes {
            let parts = self.slope(moment);
            weights.extend(parts.map(|(at, part)| (at, weight * apart * part)));
        }
        let parts: Vec<(&Bend, f64)> = weights
            .iter()
            .map(|(moment, weight)| (&*self.0[*moment].1, *weight))
            .collect();
        let nearest = if share < 0.5 { &start.1 } else { &end.1 };
        Bend::sum(&parts).map_or_else(|| Arc::clone(nearest), Arc::new)
    }

    /// By which moments' fields, and with which weights, the field changes a second at a moment: one of two at least.
    fn slope(&self, moment: usize) -> [(usize, f64); 3] {
        let last = self.0.len() - 1;
        if last == 1 {
            let apart = self.0[1].0 - self.0[0].0;
            return [(0, -1.0 / apart), (1, 1.0 / apart), (1, 0.0)];
        }
        let first = moment.saturating_sub(1).min(last - 2);
        let times = [0, 1, 2].map(|k| self.0[first + k].0);
        let at = self.0[moment].0;
        // Lagrange's polynomials of three moments, derived.
        [0, 1, 2].map(|k| {
            let [p, q] = [(k + 1) % 3, (k + 2) % 3].map(|other| times[other]);
            let weight = (2.0 * at - p - q) / ((times[k] - p) * (times[k] - q));
            (first + k, weight)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field that shifts all of a picture to the right.
    fn right(by: f64) -> Bend {
        Bend::new((5, 5), vec![[by, 0.0]; 64]).expect("folds nothing")
    }

    /// By how much a picture is shifted at a moment.
    fn shift(bends: &Bends, clip_time: f64) -> f64 {
        bends.at(clip_time).map((0.5, 0.5)).0 - 0.5
    }

    #[test]
    fn parabolas_are_followed_and_outside_the_moments_the_nearest_holds() {
        let parabola = |t: f64| 0.01 + 0.02 * t - 0.004 * t * t;
        let moments = [1.0, 1.5, 2.5, 4.0].map(|t| (t, right(parabola(t))));
        let bends = Bends::moving(moments.to_vec()).expect("some");
        for clip_time in [1.0, 1.2, 1.5, 2.2, 3.9, 4.0] {
            let by = shift(&bends, clip_time);
            assert!(
                (by - parabola(clip_time)).abs() < 1e-12,
                "{clip_time}: {by}"
            );
        }
        for (outside, nearest) in [(0.0, 1.0), (9.0, 4.0)] {
            assert!((shift(&bends, outside) - parabola(nearest)).abs() < 1e-12);
        }
        assert!(Bends::moving(Vec::new()).is_none());
    }

    #[test]
    fn a_wave_known_every_eighth_is_followed_to_a_hundredth() {
        let wave = |t: f64| 0.04 * (std::f64::consts::TAU * t / 4.0).sin();
        let moments = (0..10).map(|i| 0.5 * f64::from(i));
        let bends = Bends::moving(moments.map(|t| (t, right(wave(t)))).collect()).expect("some");
        for clip_time in (5..40).map(|i| 0.1 * f64::from(i)) {
            let off = (shift(&bends, clip_time) - wave(clip_time)).abs();
            assert!(off < 0.01 * 0.04, "{clip_time}: {off}");
        }
    }

    #[test]
    fn between_two_moments_lies_their_mean() {
        let moments = vec![(1.0, right(0.0)), (3.0, right(0.04))];
        let bends = Bends::moving(moments).expect("some");
        assert!((shift(&bends, 1.5) - 0.01).abs() < 1e-12);
    }

    #[test]
    fn one_field_holds_for_all_moments() {
        let bends = Bends::steady_at(right(0.03));
        for clip_time in [-1.0, 0.0, 7.0] {
            assert_eq!(*bends.at(clip_time), right(0.03));
        }
    }
}
