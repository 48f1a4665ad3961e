//! The segments of a print that show a title at times of their own: a recap of it.
//!
//! ```text
//! e[i,o] = min(least, D |c[i] - a r(t[i] + o) - m|^2 / s),   s the median over i of the least of these squares,  D degrees of freedom
//! offsets o[i] = arg min  sum_i e[i,o[i]] + P [o[i] != o[i-1]]                                                  (Viterbi)
//! a, m: gain and constant difference along these offsets, found again with them
//! ```
//!
//! # Shapes and units
//! Code values of 8 bits; times in seconds; offsets from the clip's clock to media time at the usual speed.
//! # References
//! A. J. Viterbi, Error bounds for convolutional codes and an asymptotically optimum decoding algorithm, IEEE Trans. Inf. Theory
//! 13 (1967).

use countermark_fingerprint::print::MEANS;

use crate::tuning::PrintTuning;

use super::tables::{Tables, between};

/// Seconds from one offset to the next.
const STEP: f64 = 0.04;
/// How often gain and difference are found again.
const ROUNDS: usize = 3;

/// Neighbouring moments that lie on one line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Segment {
    /// First and last of its moments.
    pub(crate) moments: [usize; 2],
    /// From the clip's clock to media time.
    pub(crate) offset: f64,
}

impl Tables {
    /// The segments that explain all moments best.
    pub(super) fn segments(&self, tuning: &PrintTuning) -> Vec<Segment> {
        let times = &self.times;
        let (Some(first), Some(last), Some(begin), Some(end)) = (
            self.clip_times.first(),
            self.clip_times.last(),
            times.first(),
            times.last(),
        ) else {
            return Vec::new();
        };
        let lowest = begin - last;
        let count = ((end - first - lowest) / STEP).ceil() as usize + 1;
        let offset = |state: usize| lowest + state as f64 * STEP;
        let (mut gain, mut apart) = (1.0_f32, [0.0_f32; MEANS]);
        let mut states = Vec::new();
        for _ in 0..ROUNDS {
            let costs = self.costs((gain, &apart), count, &offset, tuning);
            let found = cheapest(&costs, count, tuning.jump_cost as f32);
            if found == states {
                break;
            }
            states = found;
            (gain, apart) = self.light(&states, &offset);
        }
        let mut segments: Vec<Segment> = Vec::new();
        for (moment, state) in states.into_iter().enumerate() {
            let offset = offset(state);
            match segments.last_mut() {
                Some(segment) if (segment.offset - offset).abs() < STEP / 2.0 => {
                    segment.moments[1] = moment;
                }
                _ => segments.push(Segment {
                    moments: [moment, moment],
                    offset,
                }),
            }
        }
        segments
    }

    /// What each moment says against each offset, moment by moment.
    fn costs(
        &self,
        (gain, apart): (f32, &[f32; MEANS]),
        count: usize,
        offset: &impl Fn(usize) -> f64,
        tuning: &PrintTuning,
    ) -> Vec<f32> {
        let times = &self.times;
        let inner = |means: &[f32; MEANS]| -> f32 {
            means
                .iter()
                .zip(apart)
                .map(|(mean, apart)| mean * apart)
                .sum()
        };
        let of_frames: Vec<f32> = self.frames.iter().map(&inner).collect();
        let square = inner(apart);
        let mut costs = vec![f32::INFINITY; self.clip_times.len() * count];
        let mut least = Vec::with_capacity(self.clip_times.len());
        for (moment, row) in costs.chunks_exact_mut(count).enumerate() {
            let own = self.slow.own[moment] + square - 2.0 * inner(&self.moments[moment]);
            let common = &self.slow.common[moment * times.len()..][..times.len()];
            let mut after = 0;
            for (state, cost) in row.iter_mut().enumerate() {
                let media_time = self.clip_times[moment] + offset(state);
                let Some((before, share)) = between(times, media_time, &mut after) else {
                    continue;
                };
                let mix = |a: f32, b: f32| a + share * (b - a);
                let ([this, with_next], [next, _]) =
                    (self.slow.frames[before], self.slow.frames[before + 1]);
                let frame = (1.0 - share) * (1.0 - share) * this
                    + share * share * next
                    + 2.0 * share * (1.0 - share) * with_next;
                let both = mix(common[before], common[before + 1]);
                let with_apart = mix(of_frames[before], of_frames[before + 1]);
                *cost = own + gain * gain * frame + 2.0 * gain * (with_apart - both);
            }
            least.extend(
                row.iter()
                    .copied()
                    .filter(|c| c.is_finite())
                    .min_by(f32::total_cmp),
            );
        }
        least.sort_by(f32::total_cmp);
        // Rounding leaves something in any case.
        let usual = least
            .get(least.len() / 2)
            .map_or(1.0, |usual| usual.max(1.0));
        let (freedom, most) = (tuning.moment_freedom as f32, tuning.max_moment_cost as f32);
        for cost in &mut costs {
            *cost = (freedom * *cost / usual).min(most);
        }
        costs
    }

    /// Gain and constant difference of the print against the reference at some offsets.
    fn light(&self, states: &[usize], offset: &impl Fn(usize) -> f64) -> (f32, [f32; MEANS]) {
        let mut pairs = Vec::with_capacity(states.len());
        let mut after = 0;
        for (moment, state) in states.iter().enumerate() {
            let media_time = self.clip_times[moment] + offset(*state);
            if let Some((before, share)) = between(&self.times, media_time, &mut after) {
                let (from, to) = (&self.frames[before], &self.frames[before + 1]);
                let frame: [f32; MEANS] =
                    std::array::from_fn(|k| from[k] + share * (to[k] - from[k]));
                pairs.push((&self.moments[moment], frame));
            }
        }
        let n = pairs.len().max(1) as f32;
        let mean = |of: &dyn Fn(usize, usize) -> f32| -> [f32; MEANS] {
            std::array::from_fn(|k| (0..pairs.len()).map(|i| of(i, k)).sum::<f32>() / n)
        };
        let (own, other) = (mean(&|i, k| pairs[i].0[k]), mean(&|i, k| pairs[i].1[k]));
        let (mut both, mut square) = (0.0_f32, 0.0_f32);
        for (moment, frame) in &pairs {
            for k in 0..MEANS {
                both += (moment[k] - own[k]) * (frame[k] - other[k]);
                square += (frame[k] - other[k]).powi(2);
            }
        }
        let gain = (both / square.max(1e-6)).clamp(0.3, 2.0);
        (gain, std::array::from_fn(|k| own[k] - gain * other[k]))
    }
}

/// The state of each moment on the cheapest way through `costs`, `count` states a moment.
fn cheapest(costs: &[f32], count: usize, jump: f32) -> Vec<usize> {
    let rows: Vec<&[f32]> = costs.chunks_exact(count).collect();
    let Some((first, rest)) = rows.split_first() else {
        return Vec::new();
    };
    let cheapest_of = |sums: &[f32]| {
        let all = sums.iter().enumerate();
        all.min_by(|a, b| a.1.total_cmp(b.1))
            .map_or(0, |(state, _)| state)
    };
    let mut sums = first.to_vec();
    let mut from: Vec<Vec<usize>> = Vec::with_capacity(rest.len());
    for row in rest {
        let best = cheapest_of(&sums);
        let jumped = sums[best] + jump;
        from.push(
            sums.iter()
                .enumerate()
                .map(|(state, sum)| if *sum <= jumped { state } else { best })
                .collect(),
        );
        for (sum, cost) in sums.iter_mut().zip(*row) {
            *sum = sum.min(jumped) + cost;
        }
    }
    let mut states = vec![cheapest_of(&sums)];
    for from in from.iter().rev() {
        states.push(from[states[states.len() - 1]]);
    }
    states.reverse();
    states
}

#[cfg(test)]
mod tests {
    use super::super::tests::{means, shown};
    use super::*;
    use countermark_fingerprint::print::PrintMoment;

    #[test]
    fn a_recap_falls_into_its_fragments_whatever_gain_and_captions_do() {
        // Three fragments of two seconds, at offsets of their own.
        let offsets = [9.0, 2.5, 6.3];
        let moments: Vec<PrintMoment> = (0..48)
            .map(|n| {
                let clip_time = f64::from(n) / 8.0;
                let offset = offsets[n as usize / 16];
                let mut means = means(clip_time + offset).map(|mean| 0.8 * mean + 9.0);
                means[13] = 220.0;
                PrintMoment { clip_time, means }
            })
            .collect();
        let moments: Vec<&PrintMoment> = moments.iter().collect();
        let shown = shown();
        let segments = shown.segments(&moments, &PrintTuning::default());
        assert_eq!(segments.len(), 3, "{segments:?}");
        for (n, (segment, offset)) in segments.iter().zip(offsets).enumerate() {
            assert_eq!(segment.moments, [16 * n, 16 * n + 15]);
            assert!((segment.offset - offset).abs() <= STEP, "{segments:?}");
        }
    }
}
