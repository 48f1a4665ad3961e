//! Candidates: offsets and speeds that many hits of a part of the query agree on.
//!
//! ```text
//! for windows of 3 s and 12 s, for speeds v: sort  x = reference - v (query - middle),
//! rank = distinct bins of the query in [x, x + 0.2 s] - hits expected there by the density in [x - 2 s, x + 2 s]
//! ```
//!
//! # Shapes and units
//! Seconds.

use super::line::{SPEEDS, SoundHit, SoundLine};

/// Lengths of the parts of the query, seconds; each begins half its length after the one before.
const WINDOWS: [f64; 2] = [3.0, 12.0];
/// How far a hit at the end of a part may be off its line by the step of the speeds, seconds.
const SLOPE_SLACK: f64 = 0.06;
/// Width of the heap of hits that is looked for, and of the surroundings that tell how many come by chance, seconds.
const HEAP: f64 = 0.2;
const SURROUNDINGS: f64 = 2.0;
/// Bins of the query, each of which counts once, seconds.
const BIN: f64 = 0.1;
/// To which offsets are rounded, seconds.
const TICK: f64 = 1e-3;

/// Candidates kept of a part.
const PER_WINDOW: usize = 4;
/// Fewer bins are none.
const LEAST_BINS: f64 = 3.0;

/// A line through a part of the query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) speed: f64,
    pub(super) offset: f64,
    /// The part of the query, seconds.
    pub(super) query: (f64, f64),
    rank: f64,
}

impl Candidate {
    /// Whether a line that was found already says the same.
    pub(super) fn lies_on(&self, line: &SoundLine) -> bool {
        let middle = f64::midpoint(self.query.0, self.query.1);
        let apart = line.reference_at(middle) - self.offset - self.speed * middle;
        (line.query.0..=line.query.1).contains(&middle) && apart.abs() < HEAP
    }
}

/// The best candidates of `hits`, which are in the order of query time.
pub(super) fn candidates(hits: &[SoundHit], most: usize) -> Vec<Candidate> {
    let (Some(first), Some(last)) = (hits.first(), hits.last()) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let mut search = Search::default();
    for length in WINDOWS {
        let mut start = first.query;
        loop {
            let from = hits.partition_point(|hit| hit.query < start);
            let to = hits.partition_point(|hit| hit.query < start + length);
            search.window(&hits[from..to], (start, start + length), &mut all);
            if start + length > last.query {
                break;
            }
            start += length / 2.0;
        }
    }
    all.sort_by(|a, b| b.rank.total_cmp(&a.rank));
    all.truncate(most);
    all
}

/// Work space.
#[derive(Default)]
struct Search {
    /// Offset at the middle of the part in whole [`TICK`]s, above the bin: one integer, as sorting takes most of the time.
    keys: Vec<i64>,
    /// The same, sorted and taken apart.
    sorted: Vec<(f64, u16)>,
    /// Hits of the heap in each bin.
    bins: Vec<u16>,
    best: Vec<Candidate>,
}

impl Search {
    fn window(&mut self, hits: &[SoundHit], query: (f64, f64), all: &mut Vec<Candidate>) {
        let length = query.1 - query.0;
        let middle = f64::midpoint(query.0, query.1);
        let step = 2.0 * SLOPE_SLACK / length;
        let steps = ((SPEEDS.end() - SPEEDS.start()) / step).round();
        self.best.clear();
        for index in 0..=steps as usize {
            let share = index as f64 / steps;
            let speed = SPEEDS.start() + share * (SPEEDS.end() - SPEEDS.start());
            self.keys.clear();
            self.keys.extend(hits.iter().map(|hit| {
                let bin = ((hit.query - query.0) / BIN) as i64;
                let offset = hit.reference - speed * (hit.query - middle);
                ((offset / TICK).round() as i64) << 16 | bin
            }));
            self.keys.sort_unstable();
            self.sorted.clear();
            let parts = |key: &i64| ((key >> 16) as f64 * TICK, *key as u16);
            self.sorted.extend(self.keys.iter().map(parts));
            self.bins.clear();
            self.bins.resize((length / BIN) as usize + 2, 0);
            self.heaps(|at, rank| Candidate {
                speed,
                offset: at - speed * middle,
                query,
                rank,
            });
        }
        all.append(&mut self.best);
    }

    /// Slides the heap along the sorted hits and keeps the best.
    fn heaps(&mut self, candidate: impl Fn(f64, f64) -> Candidate) {
        let (mut low, mut near_low, mut near_high) = (0, 0, 0);
        let mut distinct = 0_u32;
        for high in 0..self.sorted.len() {
            let (end, bin) = self.sorted[high];
            let count = &mut self.bins[usize::from(bin)];
            *count += 1;
            distinct += u32::from(*count == 1);
            while self.sorted[low].0 < end - HEAP {
                let count = &mut self.bins[usize::from(self.sorted[low].1)];
                *count -= 1;
                distinct -= u32::from(*count == 0);
                low += 1;
            }
            if f64::from(distinct) < LEAST_BINS {
                continue;
            }
            let middle = f64::midpoint(self.sorted[low].0, end);
            while self.sorted[near_low].0 < middle - SURROUNDINGS {
                near_low += 1;
            }
            while near_high < self.sorted.len() && self.sorted[near_high].0 < middle + SURROUNDINGS
            {
                near_high += 1;
            }
            let others = (near_high - near_low) - (high + 1 - low);
            let expected = others as f64 * HEAP / (2.0 * SURROUNDINGS - HEAP);
            let rank = f64::from(distinct) - expected;
            if rank >= LEAST_BINS {
                keep(&mut self.best, candidate(middle, rank));
            }
        }
    }
}

/// Keeps the best few, one of each neighbourhood.
fn keep(best: &mut Vec<Candidate>, candidate: Candidate) {
    let middle = f64::midpoint(candidate.query.0, candidate.query.1);
    let at = |line: &Candidate| line.offset + line.speed * middle;
    let near = |other: &&mut Candidate| (at(other) - at(&candidate)).abs() < 2.0 * HEAP;
    if let Some(other) = best.iter_mut().find(near) {
        if candidate.rank > other.rank {
            *other = candidate;
        }
    } else if best.len() < PER_WINDOW {
        best.push(candidate);
    } else if let Some(least) = best.iter_mut().min_by(|a, b| a.rank.total_cmp(&b.rank))
        && candidate.rank > least.rank
    {
        *least = candidate;
    }
}
