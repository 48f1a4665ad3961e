//! From which moment of the clip to which a segment lasts.
//!
//! # Shapes and units
//! Seconds on the clip's clock; likenesses are correlations from -1 to 1.

use crate::tuning::ExtentTuning;

/// The span `at` as far as the moments around it, up to those of its neighbours, are as like the reference as the moments
/// within: probes without features are not sighted. Query frames lie a `step` apart, up to the clip's `end`. `likenesses` are those
/// of at most so many moments of a span, ascending.
pub(crate) fn extended(
    spans: &[[f64; 2]],
    at: usize,
    (step, end): (f64, f64),
    tuning: &ExtentTuning,
    mut likenesses: impl FnMut([f64; 2], usize) -> Vec<(f64, f64)>,
) -> [f64; 2] {
    let [first, last] = spans[at];
    let before = at.checked_sub(1).map_or(0.0, |before| spans[before][1]);
    let after = spans.get(at + 1).map_or(end, |after| after[0]);
    let near = 2.0 * step;
    if first - before <= near && after - last <= near {
        return [first, last];
    }
    let mut within: Vec<f64> = likenesses([first, last], tuning.moments)
        .iter()
        .map(|(_, likeness)| *likeness)
        .collect();
    within.sort_by(f64::total_cmp);
    let Some(usual) = within.get(within.len() / 2) else {
        return [first, last];
    };
    let goes_on = |(_, likeness): &(f64, f64)| *likeness >= usual - tuning.max_likeness_loss;
    let later = likenesses([last, after], usize::MAX);
    let later = later
        .iter()
        .filter(|(moment, _)| (last..after).contains(moment));
    let end = later.take_while(|found| goes_on(found)).last();
    let earlier = likenesses([before, first], usize::MAX);
    let earlier = earlier
        .iter()
        .filter(|(moment, _)| *moment > before && *moment < first);
    let start = earlier.rev().take_while(|found| goes_on(found)).last();
    [start.map_or(first, |s| s.0), end.map_or(last, |e| e.0)]
}

/// Each span to half a step beyond its probes, the outer ones to the ends of the clip where these are near.
pub(crate) fn widened(spans: &[[f64; 2]], step: f64, end: f64) -> Vec<[f64; 2]> {
    let mut before = 0.0_f64;
    let mut widened = Vec::with_capacity(spans.len());
    for (i, &[first, last]) in spans.iter().enumerate() {
        let from = if i == 0 && first <= 2.0 * step {
            0.0
        } else {
            before.max(first - step / 2.0)
        };
        let to = match spans.get(i + 1) {
            Some([next, _]) => (last + step / 2.0).min(f64::midpoint(last, *next)),
            None if end - last <= 2.0 * step => end,
            None => last + step / 2.0,
        };
        widened.push([from, to]);
        before = to;
    }
    widened
}

#[cfg(test)]
mod tests {
    use super::{ExtentTuning, extended, widened};

    /// Moments eight a second, alike from 2 s to 7 s.
    fn alike(span: [f64; 2], most: usize) -> Vec<(f64, f64)> {
        (0..80)
            .map(|n| f64::from(n) / 8.0)
            .filter(|moment| (span[0]..=span[1]).contains(moment))
            .map(|moment| (moment, f64::from((2.0..=7.0).contains(&moment))))
            .take(most)
            .collect()
    }

    fn is(found: [f64; 2], expected: [f64; 2]) {
        assert_eq!(vec![found], [expected]);
    }

    #[test]
    fn a_span_goes_on_while_the_pictures_are_as_like() {
        is(
            extended(
                &[[4.0, 5.0]],
                0,
                (0.5, 10.0),
                &ExtentTuning::default(),
                alike,
            ),
            [2.0, 7.0],
        );
    }

    #[test]
    fn a_span_does_not_go_on_into_its_neighbours() {
        let spans = [[2.5, 4.0], [6.0, 6.5]];
        is(
            extended(&spans, 0, (0.5, 10.0), &ExtentTuning::default(), alike),
            [2.0, 5.875],
        );
        let spans = [[2.0, 5.875], [6.0, 6.5]];
        is(
            extended(&spans, 1, (0.5, 10.0), &ExtentTuning::default(), alike),
            [6.0, 7.0],
        );
    }

    #[test]
    fn a_span_that_reaches_its_neighbours_is_left_alone() {
        is(
            extended(
                &[[0.5, 9.5]],
                0,
                (0.5, 10.0),
                &ExtentTuning::default(),
                |_, _| unreachable!(),
            ),
            [0.5, 9.5],
        );
    }

    #[test]
    fn spans_reach_the_ends_of_the_clip_and_never_overlap() {
        let spans = widened(&[[0.25, 2.25], [2.75, 4.75], [8.0, 8.5]], 0.5, 10.0);
        assert_eq!(spans, [[0.0, 2.5], [2.5 + f64::EPSILON, 5.0], [7.75, 8.75]]);
        let whole = widened(&[[0.25, 9.25]], 0.5, 10.0);
        assert_eq!(whole, [[0.0, 10.0]]);
    }
}
