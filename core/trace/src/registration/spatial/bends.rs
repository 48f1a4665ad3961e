//! What a segment's picture is bent by: one field for all of it, or fields of moments with their means between.
//!
//! ```text
//! B(t) = B[i] + (t - t[i]) / (t[i+1] - t[i]) (B[i+1] - B[i])        t[i] <= t <= t[i+1];  outside them the nearest
//! ```
//!
//! # Shapes and units
//! Times in seconds, on the clip's own clock.

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

    /// The bend of a moment. Of two that have no mean the nearer one.
    pub(crate) fn at(&self, clip_time: f64) -> Arc<Bend> {
        let after = self.0.partition_point(|(time, _)| *time < clip_time);
        let last = self.0.len() - 1;
        let (before, next) = (&self.0[after.saturating_sub(1)], &self.0[after.min(last)]);
        let apart = next.0 - before.0;
        if apart <= 0.0 {
            return Arc::clone(&next.1);
        }
        let share = (clip_time - before.0) / apart;
        let mean = before.1.towards(&next.1, share).map(Arc::new);
        mean.unwrap_or_else(|| Arc::clone(if share < 0.5 { &before.1 } else { &next.1 }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field that shifts all of a picture to the right.
    fn right(by: f64) -> Bend {
        Bend::new((5, 5), vec![[by, 0.0]; 64]).expect("folds nothing")
    }

    #[test]
    fn between_two_moments_lies_their_mean_and_outside_them_the_nearest() {
        let moments = vec![(1.0, right(0.0)), (2.0, right(0.04)), (4.0, right(0.0))];
        let bends = Bends::moving(moments).expect("some");
        for (clip_time, by) in [
            (0.0, 0.0),
            (1.25, 0.01),
            (2.0, 0.04),
            (3.0, 0.02),
            (9.0, 0.0),
        ] {
            let (x, _) = bends.at(clip_time).map((0.5, 0.5));
            assert!((x - 0.5 - by).abs() < 1e-12, "{clip_time}: {x}");
        }
        assert!(Bends::moving(Vec::new()).is_none());
    }

    #[test]
    fn one_field_holds_for_all_moments() {
        let bends = Bends::steady_at(right(0.03));
        for clip_time in [-1.0, 0.0, 7.0] {
            assert_eq!(*bends.at(clip_time), right(0.03));
        }
    }
}
