//! How well a run of probes changes as the reference changes along a line of time.
//!
//! ```text
//! x[i]  = block means of probe i over the blocks that all probes show, mean removed, unit norm;   r[m] those of frame m
//! D(l)  = <X, R> / (||X|| ||R||),   X[i] = x[i] - mean of x,   R[i] = r[l(t[i])] - mean of r[l(t)] over the run
//! M(l)  = mean of <x[i], r[l(t[i])]>
//! ```
//!
//! Taking off what stays makes a camera that stands still tell the time, and a caption or a logo that stays on the
//! picture say nothing. Where nothing changes, `M` decides.
//!
//! # Shapes and units
//! Scores are correlations from -1 to 1.

use countermark_mark::inner::inner;

use crate::reference::thumbnail::normalised;
use crate::reference::times::nearest;

use crate::registration::temporal::curve::Curve;
use crate::registration::temporal::line::TimeMap;
use crate::tuning::DifferenceTuning;

/// The probes of a run against the frames of a reference.
pub(crate) struct Change<'a> {
    clip_times: Vec<f64>,
    times: &'a [f64],
    /// Blocks that all probes show.
    blocks: Vec<usize>,
    /// `X`, a row for each probe.
    probes: Vec<Vec<f32>>,
    /// `||X||^2`.
    own_energy: f64,
    thumbnails: &'a [Vec<f32>],
    /// Made when first asked for.
    shown: Vec<Option<Shown>>,
    tuning: &'a DifferenceTuning,
}

/// A frame of the reference over the blocks that all probes show.
struct Shown {
    /// `r[m]`.
    values: Vec<f32>,
    energy: f64,
    /// `<X[i], r[m]>` for each probe: as the `X[i]` add up to nothing, the mean of `r` does not matter to it.
    cross: Vec<f64>,
}

impl<'a> Change<'a> {
    /// None when there are too few probes or too few blocks that all of them show.
    pub(crate) fn new(
        curves: &[Curve],
        times: &'a [f64],
        thumbnails: &'a [Vec<f32>],
        tuning: &'a DifferenceTuning,
    ) -> Option<Self> {
        let blocks: Vec<usize> = curves
            .first()?
            .seen
            .iter()
            .copied()
            .filter(|block| curves.iter().all(|c| c.seen.binary_search(block).is_ok()))
            .collect();
        if curves.len() < 3 || blocks.len() < tuning.min_blocks {
            return None;
        }
        let mut probes: Vec<Vec<f32>> = curves
            .iter()
            .map(|curve| {
                let own = |block: &usize| {
                    curve
                        .seen
                        .binary_search(block)
                        .map_or(0.0, |place| curve.values[place])
                };
                normalised(blocks.iter().map(own).collect(), tuning.flat_energy)
            })
            .collect();
        without_mean(&mut probes);
        let own_energy = probes.iter().map(|row| inner(row, row)).sum();
        Some(Self {
            clip_times: curves.iter().map(|curve| curve.clip_time).collect(),
            times,
            blocks,
            probes,
            own_energy,
            thumbnails,
            shown: thumbnails.iter().map(|_| None).collect(),
            tuning,
        })
    }

    /// `D` of a line; zero when it leaves the reference.
    pub(crate) fn score(&mut self, line: TimeMap) -> f64 {
        let (Some(first), Some(last)) = (self.times.first(), self.times.last()) else {
            return 0.0;
        };
        let inside = |time: f64| (first - 0.1..=last + 0.1).contains(&time);
        if !self.clip_times.iter().all(|time| inside(line.at(*time))) {
            return 0.0;
        }
        let (mut cross, mut energy) = (0.0, 0.0);
        let mut sum = vec![0.0_f32; self.blocks.len()];
        for probe in 0..self.probes.len() {
            let frame = nearest(self.times, line.at(self.clip_times[probe]));
            let shown = self.frame(frame);
            cross += shown.cross[probe];
            energy += shown.energy;
            for (sum, value) in sum.iter_mut().zip(&shown.values) {
                *sum += value;
            }
        }
        let shown = energy - inner(&sum, &sum) / self.probes.len() as f64;
        if self.own_energy > 0.0 && shown > 1e-9 {
            cross / (self.own_energy * shown).sqrt()
        } else {
            0.0
        }
    }

    /// Whether a score is high enough for changes to decide.
    pub(crate) fn decides(&self, score: f64) -> bool {
        score > self.tuning.min_correlation
    }

    fn frame(&mut self, index: usize) -> &Shown {
        let (blocks, thumbnail) = (&self.blocks, &self.thumbnails[index]);
        let (probes, tuning) = (&self.probes, self.tuning);
        self.shown[index].get_or_insert_with(|| {
            let values = normalised(
                blocks.iter().map(|&b| thumbnail[b]).collect(),
                tuning.flat_energy,
            );
            Shown {
                energy: inner(&values, &values),
                cross: probes.iter().map(|row| inner(row, &values)).collect(),
                values,
            }
        })
    }
}

fn without_mean(rows: &mut [Vec<f32>]) {
    let share = 1.0 / rows.len().max(1) as f32;
    let width = rows.first().map_or(0, Vec::len);
    for column in 0..width {
        let mean = rows.iter().map(|row| row[column]).sum::<f32>() * share;
        for row in rows.iter_mut() {
            row[column] -= mean;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCKS: usize = 24;

    /// A still picture on which one block after the other lights up, four frames each.
    fn thumbnail(frame: usize) -> Vec<f32> {
        let level = |block: usize| {
            let still = (block * 37 % 11) as f32 * 10.0;
            if block == frame / 4 % BLOCKS {
                still + 6.0
            } else {
                still
            }
        };
        normalised(
            (0..BLOCKS).map(level).collect(),
            DifferenceTuning::default().flat_energy,
        )
    }

    fn reference() -> (Vec<f64>, Vec<Vec<f32>>) {
        (0..96).map(|n| (n as f64 * 0.1, thumbnail(n))).unzip()
    }

    /// A probe of that moment under a bright caption over the first four blocks.
    fn probe(clip_time: f64, frame: usize) -> Curve {
        let mut values = thumbnail(frame);
        values[..4].iter_mut().for_each(|level| *level += 0.5);
        Curve {
            clip_time,
            correlations: Vec::new(),
            seen: (0..BLOCKS).collect(),
            values,
        }
    }

    #[test]
    fn a_camera_that_stands_still_tells_the_time_under_a_caption() {
        let tuning = DifferenceTuning::default();
        let (times, thumbnails) = reference();
        let curves: Vec<Curve> = (0..8).map(|i| probe(i as f64 * 0.5, 30 + 5 * i)).collect();
        let mut change = Change::new(&curves, &times, &thumbnails, &tuning).expect("enough probes");
        let line = |offset: f64| TimeMap { offset, speed: 1.0 };
        let best = (0..60)
            .map(|n| f64::from(n) * 0.1)
            .max_by(|a, b| change.score(line(*a)).total_cmp(&change.score(line(*b))));
        assert!(
            best.is_some_and(|offset| (offset - 3.0).abs() < 1e-9),
            "{best:?}"
        );
        let score = change.score(line(3.0));
        assert!(change.decides(score));
        let score = change.score(line(1.0));
        assert!(!change.decides(score));
        assert!(change.score(line(9.0)).abs() < 1e-9, "beyond the end");
    }

    #[test]
    fn two_probes_say_nothing_of_change() {
        let tuning = DifferenceTuning::default();
        let (times, thumbnails) = reference();
        let curves = [probe(0.0, 3), probe(0.5, 8)];
        assert!(Change::new(&curves, &times, &thumbnails, &tuning).is_none());
    }
}
