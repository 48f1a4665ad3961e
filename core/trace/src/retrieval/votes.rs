//! Votes of a clip's words and hashes for titles and times.
//!
//! ```text
//! probe i at t[i], place at media time m  ->  a vote for (title, way round, floor((m - (t[i] - t)) / 2 s)),   t the group's middle
//! weight of the k-th likeliest word of a feature, which c places have  = 1 / ((1 + c / 8) (1 + k / 24)^2);     of a frame hash = 4
//! score = weights of the words at the places of two neighbouring bins, each word of a place once
//! ```
//!
//! A word that many places have says little, and so does one that only a large disturbance turns the feature into. What stands
//! still votes for one place in every probe and is wrong in all of them or in none: it counts once, however long it stands.
//!
//! Query frames vote in groups of ten seconds, so that the fragments of a recap have candidates of their own and a changed speed
//! does not spread the votes.
//!
//! # Shapes and units
//! Times in seconds.
//! # References
//! J. Sivic, A. Zisserman, Video Google (ICCV 2003), for rare words; H. Jegou, M. Douze, C. Schmid, On the burstiness of visual
//! elements (CVPR 2009), for repeated ones.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use countermark_catalogue::Index;
use countermark_fingerprint::index::PICTURE_STEP;
use rayon::prelude::*;

use crate::query::frames::QueryFrames;
use crate::query::playback::Playback;
use crate::retrieval::searchable::Searchable;
use crate::retrieval::sought::Sought;
use crate::tuning::VotesTuning;

/// A place that a probe voted for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SupportingHit {
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
    /// Query frames whose frame hash voted.
    pub hashed: usize,
    /// The votes, strongest first; for each place the strongest only.
    pub witnesses: Vec<SupportingHit>,
}

impl Candidate {
    /// Whether the other one says the same of the same moments of the clip, give or take a step of the index.
    #[must_use]
    pub(crate) fn repeats(&self, other: &Self) -> bool {
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
#[derive(Debug, Clone, Copy, PartialEq)]
struct Hit {
    bin: Bin,
    /// Of the title.
    place: u32,
    /// The word; none for a hash.
    word: Option<u32>,
    probe: u32,
    weight: f64,
}

impl Hit {
    /// By bin, place, word and probe, the heaviest first.
    fn order(&self, other: &Self) -> Ordering {
        let key = |hit: &Self| (hit.bin, hit.place, hit.word, hit.probe);
        key(self)
            .cmp(&key(other))
            .then_with(|| other.weight.total_cmp(&self.weight))
    }
}

/// The candidates of all groups, strongest first.
#[must_use]
pub fn candidates(probes: &QueryFrames, index: &Index, tuning: &VotesTuning) -> Vec<Candidate> {
    candidates_of(probes.all(), index, tuning)
}

/// The same of any frames.
#[must_use]
pub(crate) fn candidates_of<P: Sought>(
    probes: &[P],
    index: &Index,
    tuning: &VotesTuning,
) -> Vec<Candidate> {
    let views = Searchable::all_of(index);
    let mut all: Vec<Candidate> = probes
        .chunks(tuning.group_frames)
        .enumerate()
        .flat_map(|(group, members)| of_group(group, members, &views, tuning))
        .collect();
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    all
}

/// What is said of a clip when it is played at each of some rates: the score of the strongest candidate, over all groups.
#[must_use]
pub(crate) fn said_at(
    probes: &QueryFrames,
    playbacks: &[Playback],
    index: &Index,
    tuning: &VotesTuning,
) -> Vec<f64> {
    let views = Searchable::all_of(index);
    let mut said = vec![0.0; playbacks.len()];
    for members in probes.all().chunks(tuning.group_frames) {
        // Words and places are the same however the clip is played.
        let hits = hits_of_all(members, 0.0, &views, tuning);
        let each = playbacks.par_iter().map(|playback| {
            let moved = hits.iter().map(|(hit, media_time)| {
                let own = playback.own(members[hit.probe as usize].clip_time);
                Hit {
                    bin: Bin {
                        offset: bin_of(media_time - own),
                        ..hit.bin
                    },
                    ..*hit
                }
            });
            let hits = in_order(moved.collect());
            let bins = bins_of(&hits);
            let scores = bins
                .iter()
                .enumerate()
                .map(|(i, (bin, hits))| score([hits, next_to(&bins, i, *bin)], tuning.min_votes));
            scores.fold(0.0, f64::max)
        });
        let each: Vec<f64> = each.collect();
        for (said, score) in said.iter_mut().zip(each) {
            *said += score;
        }
    }
    said
}

/// The hits of some probes and the media times of their places, for a group whose middle is at that moment.
fn hits_of_all<P: Sought>(
    members: &[P],
    middle: f64,
    views: &[Searchable<'_>],
    tuning: &VotesTuning,
) -> Vec<(Hit, f64)> {
    members
        .par_iter()
        .enumerate()
        .flat_map_iter(|(number, probe)| hits_of(probe, number as u32, middle, views, tuning))
        .collect()
}

/// Hits by bin, each word of a place and a probe once: the letters of a caption look alike.
fn in_order(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.par_sort_unstable_by(Hit::order);
    hits.dedup_by_key(|hit| (hit.bin, hit.place, hit.word, hit.probe));
    hits
}

fn bins_of(hits: &[Hit]) -> Vec<(Bin, &[Hit])> {
    hits.chunk_by(|a, b| a.bin == b.bin)
        .map(|hits| (hits[0].bin, hits))
        .collect()
}

/// The bin of media time less the clip's.
fn bin_of(seconds: f64) -> i32 {
    (seconds / PICTURE_STEP).floor() as i32
}

fn of_group<P: Sought>(
    group: usize,
    members: &[P],
    views: &[Searchable<'_>],
    tuning: &VotesTuning,
) -> Vec<Candidate> {
    let (Some(first), Some(last)) = (members.first(), members.last()) else {
        return Vec::new();
    };
    let middle = f64::midpoint(first.clip_time(), last.clip_time());
    let hits = hits_of_all(members, middle, views, tuning);
    let hits = in_order(hits.into_iter().map(|(hit, _)| hit).collect());
    let bins = bins_of(&hits);
    let scored: Vec<(f64, usize)> = bins
        .iter()
        .enumerate()
        .map(|(i, (bin, hits))| (score([hits, next_to(&bins, i, *bin)], tuning.min_votes), i))
        .filter(|(score, _)| *score >= tuning.min_votes)
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
        let hits = [hits, next_to(&bins, i, bin)];
        candidates.push(Candidate {
            title: bin.title as usize,
            mirrored: bin.mirrored,
            clip_middle: middle,
            middle: (f64::from(bin.offset) + 1.0) * PICTURE_STEP,
            length: last.clip_time() - first.clip_time(),
            group,
            score,
            hashed: hashed(hits),
            witnesses: witnesses(hits, group * tuning.group_frames),
        });
        if candidates.len() == tuning.candidates_of_group {
            break;
        }
    }
    candidates
}

/// The hits of the bin after one.
fn next_to<'a>(bins: &[(Bin, &'a [Hit])], i: usize, bin: Bin) -> &'a [Hit] {
    let after = Bin {
        offset: bin.offset + 1,
        ..bin
    };
    match bins.get(i + 1) {
        Some((next, hits)) if *next == after => hits,
        _ => &[],
    }
}

fn hits_of<P: Sought>(
    probe: &P,
    number: u32,
    middle: f64,
    views: &[Searchable<'_>],
    tuning: &VotesTuning,
) -> Vec<(Hit, f64)> {
    let mut hits = Vec::new();
    let mut note = |(segment, place): (usize, u32), mirrored, word, weight| {
        let Some((title, media_time)) = views[segment].picture(place) else {
            return;
        };
        let hit = Hit {
            bin: Bin {
                title: title as u32,
                mirrored,
                offset: bin_of(media_time - (probe.clip_time() - middle)),
            },
            place: (media_time / PICTURE_STEP) as u32,
            word,
            probe: number,
            weight,
        };
        hits.push((hit, media_time));
    };
    let mut places: Vec<(usize, u32)> = Vec::new();
    for own in probe.projections() {
        let turned = own.turned(tuning.words_of_feature);
        for (mirrored, word) in [(false, own.word()), (true, own.mirrored().word())] {
            for (rank, set) in turned.iter().enumerate() {
                let word = word ^ set;
                places.clear();
                for (segment, view) in views.iter().enumerate() {
                    // Most words are nowhere.
                    if view.may_hold(word) {
                        let left = tuning.common_word_places - places.len();
                        let own = view.places_of_word(word).take(left);
                        places.extend(own.map(|place| (segment, place)));
                    }
                }
                if places.len() < tuning.common_word_places {
                    let weight = weight(rank, places.len(), tuning);
                    for &place in &places {
                        note(place, mirrored, Some(word), weight);
                    }
                }
            }
        }
    }
    for mirrored in [false, true] {
        if let Some(hash) = probe.hash(mirrored) {
            for (segment, view) in views.iter().enumerate() {
                for place in view.places_of_hash(hash) {
                    note((segment, place), mirrored, None, tuning.hash_weight);
                }
            }
        }
    }
    hits
}

/// The weight of a feature's word.
fn weight(rank: usize, places: usize, tuning: &VotesTuning) -> f64 {
    1.0 / ((1.0 + places as f64 / tuning.halving_places)
        * (1.0 + rank as f64 / tuning.quartering_rank).powi(2))
}

/// The weight of what two bins say, each word and hash of a place once; 0 below `min_votes`.
fn score(hits: [&[Hit]; 2], min_votes: f64) -> f64 {
    // Most bins have a hit or two.
    let most: f64 = hits.into_iter().flatten().map(|hit| hit.weight).sum();
    if most < min_votes {
        return 0.0;
    }
    let mut known: BTreeMap<(u32, Option<u32>), f64> = BTreeMap::new();
    for hit in hits.into_iter().flatten() {
        let weight = known.entry((hit.place, hit.word)).or_insert(0.0);
        *weight = weight.max(hit.weight);
    }
    known.values().sum()
}

/// Query frames with a hash among the hits.
fn hashed(hits: [&[Hit]; 2]) -> usize {
    let hashes = hits.into_iter().flatten().filter(|hit| hit.word.is_none());
    hashes.map(|hit| hit.probe).collect::<BTreeSet<_>>().len()
}

/// For each place the probe that says most of it.
fn witnesses(hits: [&[Hit]; 2], first_probe: usize) -> Vec<SupportingHit> {
    let mut said: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    for hit in hits.into_iter().flatten() {
        *said.entry((hit.place, hit.probe)).or_insert(0.0) += hit.weight;
    }
    let mut best: BTreeMap<u32, (f64, u32)> = BTreeMap::new();
    for ((place, probe), weight) in said {
        let known = best.entry(place).or_insert((0.0, 0));
        if weight > known.0 {
            *known = (weight, probe);
        }
    }
    let mut all: Vec<SupportingHit> = best
        .into_iter()
        .map(|(place, (weight, probe))| SupportingHit {
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

    fn tuning() -> VotesTuning {
        VotesTuning::default()
    }

    fn hit(probe: u32, place: u32, word: Option<u32>, weight: f64) -> Hit {
        Hit {
            bin: Bin {
                title: 0,
                mirrored: false,
                offset: 0,
            },
            place,
            word,
            probe,
            weight,
        }
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }

    #[test]
    fn rare_words_and_near_ones_weigh_more() {
        close(weight(0, 8, &tuning()), 0.5);
        close(weight(24, 8, &tuning()), 0.125);
        assert!(
            weight(0, 1, &tuning()) > weight(1, 1, &tuning())
                && weight(1, 1, &tuning()) > weight(1, 2, &tuning())
        );
        assert!(weight(0, 1, &tuning()) < 1.0);
    }

    #[test]
    fn a_word_of_a_place_counts_once_however_many_probes_and_bins_say_it() {
        let first = [
            hit(0, 3, Some(1), 0.75),
            hit(1, 3, Some(1), 0.5),
            hit(1, 3, Some(2), 0.25),
            hit(0, 3, None, tuning().hash_weight),
            hit(1, 3, None, tuning().hash_weight),
        ];
        close(
            score([&first, &[]], tuning().min_votes),
            1.0 + tuning().hash_weight,
        );
        let next = [hit(2, 3, Some(1), 0.875), hit(2, 4, Some(1), 0.125)];
        close(
            score([&first, &next], tuning().min_votes),
            1.25 + tuning().hash_weight,
        );
        close(score([&next[1..], &[]], tuning().min_votes), 0.0);
        assert_eq!(hashed([&first, &next]), 2);
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
    fn the_witness_of_a_place_is_the_probe_that_says_most_of_it() {
        let first = [
            hit(0, 3, Some(1), 0.5),
            hit(1, 3, Some(1), 0.375),
            hit(1, 5, Some(9), 0.25),
        ];
        let next = [hit(1, 3, Some(2), 0.375)];
        let found = witnesses([&first, &next], 20);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].probe, 21);
        close(found[0].media_time, 3.0 * PICTURE_STEP);
        close(found[0].weight, 0.75);
    }
}
