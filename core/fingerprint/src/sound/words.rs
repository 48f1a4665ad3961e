//! Words made of two or three peaks.
//!
//! ```text
//! pair:     0 | pitch 1 | interval 1-2 | gap                         1 + 7 + 7 + 5 bits, gap = t2 - t1
//! triplet:  1 | interval 1-2 | interval 1-3 | ratio | span | pitch 1 1 + 7 + 7 + 5 + 3 bits
//! ratio = (t2 - t1) / (t3 - t1),    span = log2(t3 - t1), coarse,   cell(x) = floor(x / step)
//! ```
//!
//! Of the many pairs and triplets, each second keeps those whose words have the smallest hashes: original and copy choose
//! alike without knowing of each other. The same word counts once in a second, however often a tone repeats it.
//!
//! A query also takes the next cell where a value lies within a margin of its border, looks at more and weaker peaks, and
//! at spans that a changed speed has stretched.
//!
//! # Shapes and units
//! Times in seconds, pitches and intervals in octaves.
//! # References
//! A. Z. Broder, On the resemblance and containment of documents, SEQUENCES 1997 (smallest hashes).

use super::peaks::Peak;
use crate::elementary::ln;

/// Octaves in a cell of pitch or interval: 40 cents.
const PITCH_STEP: f64 = 1.0 / 30.0;
/// The largest interval, octaves: 2 x 40 cells of 7 bits.
const MOST_INTERVAL: f64 = 40.0 / 30.0;
/// Seconds in a cell of a pair's gap, and the cells.
const GAP_STEP: f64 = 0.03;
const GAPS: std::ops::Range<i64> = 2..26;
/// Cells of a triplet's ratio in the whole span; the middle peak keeps off both ends.
const RATIO_CELLS: f64 = 26.0;
const RATIOS: std::ops::Range<f64> = 0.12..0.88;
/// A triplet's span in the reference, seconds.
const SPANS: std::ops::Range<f64> = 0.4..1.3;
/// Octaves in a cell of the span.
const SPAN_STEP: f64 = 0.75;
/// How far a speed between 0.75 and 1.35 moves the span, octaves.
const SPAN_REACH: f64 = 0.43;

/// The bit that tells triplets from pairs.
const TRIPLET: u32 = 1 << 25;

/// A word and where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoundWord {
    /// The value, below `2^26`.
    pub word: u32,
    /// Media time of the first peak, in seconds.
    pub time: f64,
}

impl SoundWord {
    /// Whether the word is one of those that any speed leaves alike; they are less telling than the others.
    #[must_use]
    pub const fn is_triplet(self) -> bool {
        self.word & TRIPLET != 0
    }
}

/// How densely words are made.
pub(super) struct Density {
    /// Peaks that so many rivals surpass are not looked at.
    ranks: usize,
    /// Words in a second.
    pairs: usize,
    triplets: usize,
    /// Share of a cell next to its border from where the next cell is taken as well; 0 for none.
    margin: f64,
    /// Octaves by which spans may be stretched.
    span_reach: f64,
}

pub(super) const REFERENCE: Density = Density {
    ranks: 12,
    pairs: 24,
    triplets: 36,
    margin: 0.0,
    span_reach: 0.0,
};

pub(super) const QUERY: Density = Density {
    ranks: 16,
    pairs: 150,
    triplets: 600,
    margin: 0.15,
    span_reach: SPAN_REACH,
};

/// A word that may be chosen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    hash: u32,
    word: u32,
    /// Index of the first peak.
    peak: u32,
}

/// The words of `peaks`, which are in the order of time.
pub(super) fn words(peaks: &[Peak], density: &Density) -> Vec<SoundWord> {
    let peaks: Vec<Peak> = peaks
        .iter()
        .filter(|peak| peak.rank < density.ranks)
        .copied()
        .collect();
    let mut words = Vec::new();
    let (mut pairs, mut triplets) = (Vec::new(), Vec::new());
    let mut first = 0;
    for second in peaks.chunk_by(|a, b| a.time.floor() as i64 == b.time.floor() as i64) {
        pairs.clear();
        triplets.clear();
        for at in first..first + second.len() {
            add_pairs(&peaks, at, density, &mut pairs);
            add_triplets(&peaks, at, density, &mut triplets);
        }
        first += second.len();
        let from = words.len();
        for (candidates, most) in [
            (&mut pairs, density.pairs),
            (&mut triplets, density.triplets),
        ] {
            candidates.sort_unstable();
            candidates.dedup_by_key(|candidate| candidate.word);
            words.extend(candidates.iter().take(most).map(|candidate| SoundWord {
                word: candidate.word,
                time: peaks[candidate.peak as usize].time,
            }));
        }
        words[from..].sort_by(|a, b| a.time.total_cmp(&b.time));
    }
    words
}

fn add_pairs(peaks: &[Peak], at: usize, density: &Density, words: &mut Vec<Candidate>) {
    let first = peaks[at];
    let most = GAPS.end as f64 * GAP_STEP;
    for second in later(peaks, at, most) {
        let interval = second.pitch - first.pitch;
        if interval.abs() >= MOST_INTERVAL {
            continue;
        }
        for gap in cells((second.time - first.time) / GAP_STEP, density.margin) {
            if !GAPS.contains(&gap) {
                continue;
            }
            for pitch in cells(first.pitch / PITCH_STEP, density.margin) {
                for interval in cells(interval / PITCH_STEP, density.margin) {
                    let word = packed(&[(pitch + 1, 7), (interval + 64, 7), (gap, 5)]);
                    push(words, word, at);
                }
            }
        }
    }
}

fn add_triplets(peaks: &[Peak], at: usize, density: &Density, words: &mut Vec<Candidate>) {
    let first = peaks[at];
    let reach = SPANS.end * stretch(density.span_reach);
    let least = SPANS.start / stretch(density.span_reach);
    let near = |peak: &Peak| (peak.pitch - first.pitch).abs() < MOST_INTERVAL;
    for (index, third) in later(peaks, at, reach).enumerate() {
        let span = third.time - first.time;
        if span < least || !near(third) {
            continue;
        }
        let octaves = ln(span / SPANS.start) / std::f64::consts::LN_2;
        for second in peaks[at + 1..at + 1 + index]
            .iter()
            .filter(|peak| near(peak))
        {
            let ratio = (second.time - first.time) / span;
            if !RATIOS.contains(&ratio) {
                continue;
            }
            for ratio in cells(ratio * RATIO_CELLS, density.margin) {
                for one in cells((second.pitch - first.pitch) / PITCH_STEP, density.margin) {
                    for two in cells((third.pitch - first.pitch) / PITCH_STEP, density.margin) {
                        for length in span_cells(octaves, density.span_reach) {
                            let word =
                                packed(&[(one + 64, 7), (two + 64, 7), (ratio, 5), (length, 2)]);
                            push(words, word | TRIPLET, at);
                        }
                    }
                }
            }
        }
    }
}

/// The peaks within `most` seconds after the one at `at`.
fn later(peaks: &[Peak], at: usize, most: f64) -> impl Iterator<Item = &Peak> {
    let end = peaks[at].time + most;
    peaks[at + 1..]
        .iter()
        .take_while(move |peak| peak.time < end)
}

/// `2^octaves` for small intervals.
fn stretch(octaves: f64) -> f64 {
    crate::elementary::exp(octaves * std::f64::consts::LN_2)
}

/// The cell of a value in units of cells, and the next one where the value lies within `margin` of it.
fn cells(value: f64, margin: f64) -> impl Iterator<Item = i64> + Clone {
    let cell = value.floor() as i64;
    let share = value - value.floor();
    let other = if share < margin {
        Some(cell - 1)
    } else if share > 1.0 - margin {
        Some(cell + 1)
    } else {
        None
    };
    std::iter::once(cell).chain(other)
}

/// The cells that a span of so many octaves above the least may have had before a change of speed.
fn span_cells(octaves: f64, reach: f64) -> impl Iterator<Item = i64> + Clone {
    let most = ln(SPANS.end / SPANS.start) / std::f64::consts::LN_2;
    let cell = |octaves: f64| (octaves.clamp(0.0, most) / SPAN_STEP).floor() as i64;
    cell(octaves - reach)..=cell(octaves + reach)
}

/// Numbers side by side, each in so many bits.
fn packed(fields: &[(i64, u32)]) -> u32 {
    fields.iter().fold(0, |word, &(value, bits)| {
        (word << bits) | (value as u32 & ((1 << bits) - 1))
    })
}

fn push(words: &mut Vec<Candidate>, word: u32, peak: usize) {
    words.push(Candidate {
        hash: hash(word),
        word,
        peak: peak as u32,
    });
}

/// Spreads words evenly, each to a hash of its own.
fn hash(word: u32) -> u32 {
    // C. Wellons, hash prospector (2018): a bijection of low bias.
    let mut x = word;
    x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests;
