//! Votes of a clip's words and hashes for titles and times.
//!
//! ```text
//! probe i at t[i], place at media time m  ->  a vote for (title, way round, floor((m - (t[i] - t)) / 2 s)),   t the group's middle
//! weight of n words of a probe  = min(n, 8);      of a frame hash = 4
//! score = votes of two neighbouring bins
//! ```
//!
//! Probes vote in groups of ten seconds, so that the fragments of a recap have candidates of their own and a changed speed
//! does not spread the votes.
//!
//! # Shapes and units
//! Times in seconds.

use std::collections::BTreeMap;

use countermark_fingerprint::Projection;
use countermark_fingerprint::index::{PICTURE_STEP, Segment};
use countermark_vault::{Index, IndexSegment};
use rayon::prelude::*;

use crate::registration::{Probe, Probes};

/// Probes that vote together.
const GROUP: usize = 20;

/// Words that each feature is looked up under.
const WORDS: usize = 64;

/// Places of a word above which it says nothing.
const COMMON: usize = 256;

/// A probe's words weigh no more than so many, its hash as much as so many.
const MOST_WORDS: f64 = 8.0;
const HASH: f64 = 4.0;

/// Candidates of a group. For a mirrored part with captions, among titles of 100 hours, the right one of two layers was the
/// 81st to be looked at.
const CANDIDATES: usize = 64;

/// Score below which chance is as good an explanation.
const LEAST: f64 = 3.0;

/// A place that a probe voted for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Witness {
    /// Which probe.
    pub probe: usize,
    /// Media time of the place.
    pub media_time: f64,
    /// Its weight.
    pub weight: f64,
}

/// A title and a time that probes voted for.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its place among the titles of the index.
    pub title: usize,
    /// Whether the clip shows it mirrored.
    pub mirrored: bool,
    /// The middle of the group of probes, on the clip's clock.
    pub clip_middle: f64,
    /// Media time there.
    pub middle: f64,
    /// Length of the group.
    pub length: f64,
    /// Which group.
    pub group: usize,
    /// Weight of all votes.
    pub score: f64,
    /// Probes whose frame hash voted.
    pub hashed: usize,
    /// The votes, strongest first; for each place the strongest only.
    pub witnesses: Vec<Witness>,
}

impl Candidate {
    /// Whether the other one says the same of the same moments of the clip, give or take a step of the index.
    #[must_use]
    pub fn repeats(&self, other: &Self) -> bool {
        (self.title, self.mirrored, self.group) == (other.title, other.mirrored, other.group)
            && (self.middle - other.middle).abs() <= PICTURE_STEP
    }
}

/// What a vote is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Bin {
    title: u32,
    mirrored: bool,
    offset: i32,
}

/// One probe's word or hash at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    bin: Bin,
    probe: u32,
    /// Of the title.
    place: u32,
    /// The word; none for a hash.
    word: Option<u32>,
}

/// The candidates of all groups, strongest first.
#[must_use]
pub fn candidates(probes: &Probes, index: &Index) -> Vec<Candidate> {
    let views: Vec<(&IndexSegment, Segment<'_>)> =
        index.segments().iter().map(|s| (s, s.view())).collect();
    let mut all: Vec<Candidate> = probes
        .all()
        .chunks(GROUP)
        .enumerate()
        .flat_map(|(group, members)| of_group(group, members, &views))
        .collect();
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    all
}

fn of_group(
    group: usize,
    members: &[Probe],
    views: &[(&IndexSegment, Segment<'_>)],
) -> Vec<Candidate> {
    let (Some(first), Some(last)) = (members.first(), members.last()) else {
        return Vec::new();
    };
    let middle = f64::midpoint(first.clip_time, last.clip_time);
    let mut hits: Vec<Hit> = members
        .par_iter()
        .enumerate()
        .flat_map_iter(|(number, probe)| hits_of(probe, number as u32, middle, views))
        .collect();
    hits.par_sort_unstable();
    // The letters of a caption look alike: many of them at one word of a place are one vote.
    hits.dedup();
    let bins: Vec<(Bin, &[Hit])> = hits
        .chunk_by(|a, b| a.bin == b.bin)
        .map(|hits| (hits[0].bin, hits))
        .collect();
    let scored: Vec<(f64, usize)> = bins
        .iter()
        .enumerate()
        .map(|(i, (bin, hits))| (score(hits) + next_to(&bins, i, *bin).map_or(0.0, score), i))
        .filter(|(score, _)| *score >= LEAST)
        .collect();
    let mut order = scored;
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut taken: Vec<Bin> = Vec::new();
    let mut candidates = Vec::new();
    for (score, i) in order {
        let (bin, hits) = bins[i];
        // The neighbours of a chosen one have most of its votes.
        let repeats = taken.iter().any(|t| {
            (t.title, t.mirrored) == (bin.title, bin.mirrored)
                && (t.offset - bin.offset).unsigned_abs() <= 1
        });
        if repeats {
            continue;
        }
        taken.push(bin);
        let neighbour = next_to(&bins, i, bin).unwrap_or(&[]);
        candidates.push(Candidate {
            title: bin.title as usize,
            mirrored: bin.mirrored,
            clip_middle: middle,
            middle: (f64::from(bin.offset) + 1.0) * PICTURE_STEP,
            length: last.clip_time - first.clip_time,
            group,
            score,
            hashed: [hits, neighbour].iter().map(|hits| hashed(hits)).sum(),
            witnesses: witnesses([hits, neighbour], group * GROUP),
        });
        if candidates.len() == CANDIDATES {
            break;
        }
    }
    candidates
}

/// The hits of the bin after one.
fn next_to<'a>(bins: &[(Bin, &'a [Hit])], i: usize, bin: Bin) -> Option<&'a [Hit]> {
    let (next, hits) = bins.get(i + 1)?;
    let after = Bin {
        offset: bin.offset + 1,
        ..bin
    };
    (*next == after).then_some(*hits)
}

fn hits_of(
    probe: &Probe,
    number: u32,
    middle: f64,
    views: &[(&IndexSegment, Segment<'_>)],
) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (segment, view) in views {
        let mut note = |place: u32, mirrored: bool, word: Option<u32>| {
            let Some((title, media_time)) = view.picture(place) else {
                return;
            };
            let Some(title) = segment.title(title) else {
                return;
            };
            let offset = (media_time - (probe.clip_time - middle)) / PICTURE_STEP;
            hits.push(Hit {
                bin: Bin {
                    title: title as u32,
                    mirrored,
                    offset: offset.floor() as i32,
                },
                probe: number,
                place: (media_time / PICTURE_STEP) as u32,
                word,
            });
        };
        for mirrored in [false, true] {
            for feature in &probe.features {
                let own = Projection::new(&feature.descriptor);
                let seen = if mirrored { own.mirrored() } else { own };
                for word in seen.words(WORDS) {
                    let places: Vec<u32> = view.places_of_word(word).take(COMMON).collect();
                    if places.len() < COMMON {
                        for place in places {
                            note(place, mirrored, Some(word));
                        }
                    }
                }
            }
            if let Some(hash) = probe.hash {
                let hash = if mirrored { hash.mirrored() } else { hash };
                for place in view.places_of_hash(hash.words()[0]) {
                    note(place, mirrored, None);
                }
            }
        }
    }
    hits
}

fn score(hits: &[Hit]) -> f64 {
    hits.chunk_by(|a, b| a.probe == b.probe).map(weight).sum()
}

/// The weight of one probe's hits: of the place that most of them are at.
fn weight(hits: &[Hit]) -> f64 {
    hits.chunk_by(|a, b| a.place == b.place)
        .map(weight_at_place)
        .fold(0.0, f64::max)
}

fn weight_at_place(hits: &[Hit]) -> f64 {
    let hashes = hits.iter().filter(|hit| hit.word.is_none()).count();
    let words = (hits.len() - hashes) as f64;
    words.min(MOST_WORDS) + if hashes > 0 { HASH } else { 0.0 }
}

/// Probes with a hash among the hits.
fn hashed(hits: &[Hit]) -> usize {
    hits.chunk_by(|a, b| a.probe == b.probe)
        .filter(|hits| hits.iter().any(|hit| hit.word.is_none()))
        .count()
}

fn witnesses(hits: [&[Hit]; 2], first_probe: usize) -> Vec<Witness> {
    let mut best: BTreeMap<u32, (f64, u32)> = BTreeMap::new();
    for hits in hits
        .into_iter()
        .flat_map(|hits| hits.chunk_by(|a, b| (a.probe, a.place) == (b.probe, b.place)))
    {
        let weight = weight_at_place(hits);
        let known = best.entry(hits[0].place).or_insert((0.0, 0));
        if weight > known.0 {
            *known = (weight, hits[0].probe);
        }
    }
    let mut all: Vec<Witness> = best
        .into_iter()
        .map(|(place, (weight, probe))| Witness {
            probe: first_probe + probe as usize,
            media_time: f64::from(place) * PICTURE_STEP,
            weight,
        })
        .collect();
    all.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(probe: u32, place: u32, word: Option<u32>) -> Hit {
        Hit {
            bin: Bin {
                title: 0,
                mirrored: false,
                offset: 0,
            },
            probe,
            place,
            word,
        }
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }

    #[test]
    fn a_probe_votes_with_its_best_place_and_no_more_than_its_share() {
        let mut hits: Vec<Hit> = (0..20).map(|word| hit(0, 3, Some(word))).collect();
        close(score(&hits), MOST_WORDS);
        hits.extend([hit(0, 4, Some(1)), hit(0, 4, Some(2))]);
        close(score(&hits), MOST_WORDS);
        hits.extend([hit(1, 4, Some(1)), hit(1, 4, None)]);
        close(score(&hits), MOST_WORDS + 1.0 + HASH);
        assert_eq!(hashed(&hits), 1);
    }

    #[test]
    fn a_candidate_is_repeated_by_its_neighbour_in_time_only() {
        let first = Candidate {
            title: 3,
            mirrored: true,
            clip_middle: 5.0,
            middle: 40.0,
            length: 10.0,
            group: 1,
            score: 9.0,
            hashed: 0,
            witnesses: Vec::new(),
        };
        let weaker = Candidate {
            middle: 40.0 + PICTURE_STEP,
            score: 4.0,
            ..first.clone()
        };
        let others = [
            Candidate {
                middle: 40.0 + 2.0 * PICTURE_STEP,
                ..first.clone()
            },
            Candidate {
                title: 4,
                ..first.clone()
            },
            Candidate {
                mirrored: false,
                ..first.clone()
            },
            Candidate {
                group: 2,
                ..first.clone()
            },
        ];
        assert!(first.repeats(&weaker) && weaker.repeats(&first));
        assert!(!others.iter().any(|other| first.repeats(other)));
    }

    #[test]
    fn the_strongest_witness_of_each_place_is_kept() {
        let first = [
            hit(0, 3, Some(1)),
            hit(1, 3, Some(1)),
            hit(1, 3, Some(2)),
            hit(1, 5, Some(9)),
        ];
        let found = witnesses([&first, &[]], 20);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].probe, 21);
        close(found[0].media_time, 3.0 * PICTURE_STEP);
        close(found[0].weight, 2.0);
    }
}
