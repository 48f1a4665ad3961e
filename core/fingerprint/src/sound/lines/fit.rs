//! A candidate becomes a line: least squares under a shrinking tolerance, its span, and its score.
//!
//! ```text
//! span    = the bins of the largest sum of  ln(1/2 / p_b) for a vote,  ln(1/2 / (1 - p_b)) for none
//! density = hits within 0.025 s to 4 s of the line in bins b - 4 to b + 4, in a second of query bin and reference;
//!           no less than that of all hits in the whole
//! ```
//!
//! # Shapes and units
//! Seconds; bins of 0.1 s of the query, counted from its first hit.

use super::line::{SPEEDS, SoundHit, SoundLine};
use super::search::Candidate;
use crate::elementary::{exp, ln};

/// Tolerances of the refinement, seconds; the last is that of the votes.
const TOLERANCES: [f64; 5] = [0.15, 0.1, 0.06, 0.04, TOLERANCE];
const TOLERANCE: f64 = 0.025;

/// How far from a line its chance density is measured, seconds.
const SURROUNDINGS: f64 = 4.0;
/// Bins before and after over which it is averaged.
const SMOOTHING: usize = 4;

/// Length of a bin of the query, seconds.
const BIN: f64 = 0.1;

/// Hits on the line that a bin must have to vote: the most surprising level counts.
const LEVELS: [u32; 3] = [1, 2, 4];

/// What beats repeat, many parallel lines have: the fourth best of them tells, as a loop of 2 s has four beside it.
const RUNNER_UP: usize = 4;

/// Times beyond four days are broken timestamps.
const MOST_SECONDS: f64 = 345_600.0;

/// Fewer votes are no line.
const LEAST_VOTES: usize = 5;

/// All hits of a title, in the order of query time.
pub(super) struct Scene {
    hits: Vec<SoundHit>,
    bins: usize,
    /// First and last reference time of a hit.
    extent: (f64, f64),
    /// Work space: for each bin, the sum of the residuals on the line, their number, and the hits around it.
    votes: Vec<Bin>,
}

#[derive(Clone, Copy, Default)]
struct Bin {
    on_line: u32,
    residuals: f64,
    times: f64,
    around: f64,
    chance: f64,
}

#[derive(Clone, Copy)]
struct Line {
    offset: f64,
    speed: f64,
}

impl Scene {
    pub(super) fn new(hits: &[SoundHit]) -> Self {
        let sound = |hit: &&SoundHit| {
            hit.query.abs() <= MOST_SECONDS && hit.reference.abs() <= MOST_SECONDS
        };
        let mut hits: Vec<SoundHit> = hits.iter().filter(sound).copied().collect();
        hits.sort_by(|a, b| {
            let query = a.query.total_cmp(&b.query);
            query.then(a.reference.total_cmp(&b.reference))
        });
        let length = match (hits.first(), hits.last()) {
            (Some(first), Some(last)) => last.query - first.query,
            _ => 0.0,
        };
        let references = || hits.iter().map(|hit| hit.reference);
        Self {
            bins: (length / BIN) as usize + 1,
            extent: (
                references().fold(f64::INFINITY, f64::min),
                references().fold(f64::NEG_INFINITY, f64::max),
            ),
            votes: Vec::new(),
            hits,
        }
    }

    pub(super) fn hits(&self) -> &[SoundHit] {
        &self.hits
    }

    /// The line near a candidate that the hits fit best, with its span and its score.
    pub(super) fn refined(&mut self, candidate: Candidate) -> Option<SoundLine> {
        let first = self.hits.first()?.query;
        let bin_of = |query: f64| ((query - first).max(0.0) / BIN) as usize;
        let mut line = Line {
            offset: candidate.offset,
            speed: candidate.speed,
        };
        let mut span = (
            bin_of(candidate.query.0),
            bin_of(candidate.query.1).min(self.bins - 1),
        );
        for (round, tolerance) in TOLERANCES.into_iter().enumerate() {
            self.vote(line, tolerance, first);
            if round > 0 {
                span = self.best_span()?;
            }
            line = self.fitted(line, span)?;
            if !SPEEDS.contains(&line.speed) {
                return None;
            }
        }
        self.vote(line, TOLERANCE, first);
        span = self.best_span()?;
        self.scored(line, span)
    }

    /// Counts, for each bin, the hits on the line and those around it.
    fn vote(&mut self, line: Line, tolerance: f64, first: f64) {
        self.votes.clear();
        self.votes.resize(self.bins, Bin::default());
        for hit in &self.hits {
            let residual = hit.reference - line.offset - line.speed * hit.query;
            if residual.abs() > SURROUNDINGS {
                continue;
            }
            let bin = &mut self.votes[((hit.query - first) / BIN) as usize];
            if residual.abs() <= tolerance {
                bin.on_line += 1;
                bin.residuals += residual;
                bin.times += hit.query;
            } else {
                bin.around += 1.0;
            }
        }
        let length = (self.extent.1 - self.extent.0).max(BIN);
        let overall = self.hits.len() as f64 / (self.bins as f64 * length);
        for at in 0..self.bins {
            let near =
                &self.votes[at.saturating_sub(SMOOTHING)..(at + SMOOTHING + 1).min(self.bins)];
            let around: f64 = near.iter().map(|bin| bin.around).sum::<f64>() / near.len() as f64;
            let seen = self.seen(line, at, first) - 2.0 * tolerance;
            let density = (around / seen.max(BIN)).max(overall);
            self.votes[at].chance = 1.0 - exp(-(2.0 * tolerance * density).min(3.0));
        }
    }

    /// Least squares through the votes of a span, one point a bin; the line itself where they fix no slope.
    fn fitted(&self, line: Line, span: (usize, usize)) -> Option<Line> {
        let points = || {
            self.votes[span.0..=span.1]
                .iter()
                .filter(|bin| bin.on_line > 0)
                .map(|bin| {
                    let hits = f64::from(bin.on_line);
                    (bin.times / hits, bin.residuals / hits)
                })
        };
        let count = points().count();
        if count < LEAST_VOTES {
            return None;
        }
        let mean = |sum: f64| sum / count as f64;
        let time = mean(points().map(|point| point.0).sum());
        let residual = mean(points().map(|point| point.1).sum());
        let (mut square, mut product) = (0.0, 0.0);
        for (t, r) in points() {
            square += (t - time) * (t - time);
            product += (t - time) * (r - residual);
        }
        let slope = if square > BIN * BIN {
            product / square
        } else {
            0.0
        };
        Some(Line {
            offset: line.offset + residual - slope * time,
            speed: line.speed + slope,
        })
    }

    /// The bins of the largest sum, first and last.
    fn best_span(&self) -> Option<(usize, usize)> {
        let (mut best, mut best_span) = (0.0, None);
        let (mut sum, mut start) = (0.0, 0);
        for (at, bin) in self.votes.iter().enumerate() {
            let chance = bin.chance.max(1e-9);
            let gain = if bin.on_line > 0 {
                ln(0.5 / chance)
            } else {
                ln(0.5 / (1.0 - chance))
            };
            if sum <= 0.0 {
                (sum, start) = (0.0, at);
            }
            sum += gain;
            if sum > best {
                (best, best_span) = (sum, Some((start, at)));
            }
        }
        best_span
    }

    fn scored(&self, line: Line, span: (usize, usize)) -> Option<SoundLine> {
        let first = self.hits.first()?.query;
        let bins = &self.votes[span.0..=span.1];
        let votes = bins.iter().filter(|bin| bin.on_line > 0).count();
        if votes < LEAST_VOTES {
            return None;
        }
        let length = self.bins as f64 * BIN;
        let offsets = ((self.extent.1 - self.extent.0) / (2.0 * TOLERANCE)).max(1.0);
        let speeds = ((SPEEDS.end() - SPEEDS.start()) * length / (4.0 * TOLERANCE)).max(1.0);
        let spans = ((self.bins * self.bins) as f64 / 2.0).max(1.0);
        let tried = ln(offsets * speeds * spans * LEVELS.len() as f64);
        let surprise = LEVELS
            .iter()
            .zip(self.chances(line, span, first))
            .map(|(&level, chance)| {
                let votes = bins.iter().filter(|bin| bin.on_line >= level).count();
                surprise(bins.len(), votes, chance)
            })
            .fold(0.0, f64::max);
        let time = |bin: usize| first + bin as f64 * BIN;
        Some(SoundLine {
            offset: line.offset,
            speed: line.speed,
            query: (time(span.0), time(span.1 + 1)),
            votes,
            log10_p: (tried - surprise) / std::f64::consts::LN_10,
        })
    }

    /// For each level, the share of cells beside the line, a bin long and as wide as the line, that hold as many hits; no
    /// less than what the runner-up has for certain of the lines that such cells make, parallel to this one.
    fn chances(&self, line: Line, span: (usize, usize), first: f64) -> [f64; LEVELS.len()] {
        let width = 2.0 * TOLERANCE;
        let last = (SURROUNDINGS / width) as i64;
        let mut cells: Vec<(usize, i64)> = self
            .hits
            .iter()
            .map(|hit| {
                let residual = hit.reference - line.offset - line.speed * hit.query;
                let bin = ((hit.query - first) / BIN) as usize;
                (bin, (residual / width).round() as i64)
            })
            .filter(|(bin, cell)| {
                (span.0..=span.1).contains(bin) && (1..=last).contains(&cell.abs())
            })
            .collect();
        cells.sort_unstable();
        let lines = 2 * last as usize + 1;
        let mut counts = [1_u64; LEVELS.len()];
        let mut votes = [(); LEVELS.len()].map(|()| vec![0_u64; lines]);
        for cell in cells.chunk_by(|a, b| a == b) {
            let levels = LEVELS.iter().zip(&mut counts).zip(&mut votes);
            for ((&level, count), votes) in levels {
                let vote = u64::from(cell.len() as u64 >= u64::from(level));
                *count += vote;
                votes[(cell[0].1 + last) as usize] += vote;
            }
        }
        let bins = span.0..=span.1;
        let length = bins.clone().count() as f64;
        let seen: f64 = bins
            .map(|bin| self.seen(line, bin, first) / width - 1.0)
            .sum();
        let mut chances = counts.map(|count| count as f64 / seen.max(1.0));
        for (chance, votes) in chances.iter_mut().zip(&mut votes) {
            votes.sort_unstable_by(|a, b| b.cmp(a));
            // Two deviations less: the fourth best of many that chance alone made is no sign of a beat.
            let runner_up = votes[RUNNER_UP - 1] as f64;
            let certain = runner_up - 2.0 * runner_up.sqrt();
            *chance = chance.max(certain / length).min(1.0);
        }
        chances
    }

    /// Seconds of reference around the line, in the middle of a bin, that the title has: at its ends one side is empty.
    fn seen(&self, line: Line, bin: usize, first: f64) -> f64 {
        let middle = line.offset + line.speed * (first + (bin as f64 + 0.5) * BIN);
        let (from, to) = (middle - SURROUNDINGS, middle + SURROUNDINGS);
        to.min(self.extent.1) - from.max(self.extent.0)
    }
}

/// `n KL(k / n || p)`; 0 where chance gives as many votes.
fn surprise(bins: usize, votes: usize, chance: f64) -> f64 {
    let (n, share) = (bins as f64, votes as f64 / bins as f64);
    if share <= chance {
        return 0.0;
    }
    let misses = if votes < bins {
        (1.0 - share) * ln((1.0 - share) / (1.0 - chance))
    } else {
        0.0
    };
    n * (share * ln(share / chance) + misses)
}
