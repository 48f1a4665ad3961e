//! Which titles a clip sounds like, and when.
//!
//! ```text
//! clip -> parts of a minute -> words of sound -> index -> hits of each title -> lines of time
//! heard <=> log10_p + log10(titles) < -4
//! ```
//!
//! `log10_p` bounds the chance that unrelated sound does as well on any line within one title, see
//! `countermark_fingerprint::sound_lines`.
//!
//! # Shapes and units
//! Times in seconds: the clip's own clock, and media time.

use std::collections::BTreeMap;
use std::path::Path;

use countermark_catalogue::{Index, sound_peaks};
use countermark_fingerprint::{SoundHit, SoundPeaks, SoundWord, sound_lines};
use countermark_media::CancelToken;
use countermark_register::TitleRecord;

use crate::error::TraceError;
use crate::registration::temporal::line::TimeMap;
use crate::result::{Match, Sense, TitleName, has_most, overlap};
use crate::tuning::AudioTuning;

/// A span of the clip that sounds like a title.
#[derive(Debug, Clone)]
pub(crate) struct AudioMatch<'a> {
    /// The title.
    pub(crate) title: &'a TitleRecord,
    /// First and last moment, on the clip's clock.
    pub(crate) query: [f64; 2],
    /// Media time of every moment.
    pub(crate) time: TimeMap,
    /// `log10` of the chance that unrelated sound is taken for any of the titles.
    pub log10_p: f64,
}

impl AudioMatch<'_> {
    /// As a match by the sound alone.
    fn alone(&self) -> Match {
        Match {
            query: self.query,
            reference: self.query.map(|moment| self.time.at(moment).max(0.0)),
            speed: self.time.speed,
            tolerance: None,
            mirrored: false,
            negative: false,
            rectangle: None,
            title: Some(TitleName::from(self.title)),
            also: Vec::new(),
            by: vec![Sense::Sound],
            payloads: Vec::new(),
        }
    }
}

/// Everything that a clip sounds like, surest first; nothing when it has no sound.
///
/// # Errors
/// When the sound cannot be decoded.
pub(crate) fn heard<'a>(
    clip: &Path,
    index: &Index,
    titles: &'a [TitleRecord],
    tuning: &AudioTuning,
) -> Result<Vec<AudioMatch<'a>>, TraceError> {
    let peaks = sound_peaks(clip, &CancelToken::new()).map_err(TraceError::Clip)?;
    Ok(peaks.map_or_else(Vec::new, |peaks| heard_in(&peaks, index, titles, tuning)))
}

/// Everything that peaks of sound sound like, surest first.
pub(crate) fn heard_in<'a>(
    peaks: &SoundPeaks,
    index: &Index,
    titles: &'a [TitleRecord],
    tuning: &AudioTuning,
) -> Vec<AudioMatch<'a>> {
    let words = peaks.query_words();
    let part = |word: &SoundWord| (word.time / tuning.part_seconds).floor() as i64;
    let mut found: Vec<AudioMatch<'a>> = words
        .chunk_by(|a, b| part(a) == part(b))
        .flat_map(|words| in_titles(words, index, titles, tuning))
        .collect();
    found.sort_by(|a, b| a.log10_p.total_cmp(&b.log10_p));
    found
}

/// Adds to what was seen what was heard: as a second witness of the same title, else as one of its own, whatever the pictures
/// are of. Of several titles with the same sound the one that the pictures agree with is told, then the surest.
pub(crate) fn testify(heard: &[AudioMatch<'_>], together_seconds: f64, matches: &mut Vec<Match>) {
    let (mut told, mut alone): (Vec<Match>, Vec<Match>) = (Vec::new(), Vec::new());
    for heard in heard {
        let sound = heard.alone();
        let middle = f64::midpoint(heard.query[0], heard.query[1]);
        let agrees = |found: &Match| {
            let [from, to] = found.query;
            let moment = middle.clamp(from, to);
            let seen = found.reference[0] + found.speed * (moment - from);
            let of_it = |title: &TitleName| {
                found.title.as_ref() == Some(title) || found.also.contains(title)
            };
            sound.title.as_ref().is_some_and(of_it)
                && overlap(heard.query, std::slice::from_ref(found)) > 0.0
                && (seen - heard.time.at(moment)).abs() < together_seconds
        };
        let mut agreed = false;
        for found in matches.iter_mut().filter(|found| agrees(found)) {
            agreed = true;
            if !found.by.contains(&Sense::Sound) {
                found.by.push(Sense::Sound);
            }
        }
        if agreed {
            told.push(sound);
        } else {
            alone.push(sound);
        }
    }
    for sound in alone {
        // Of a title that is seen the pictures say which seconds; of another one they say nothing.
        let own = matches.iter().filter(|found| found.title == sound.title);
        if !has_most(sound.query, own) && !has_most(sound.query, &told) {
            told.push(sound.clone());
            matches.push(sound);
        }
    }
    matches.sort_by(|a, b| a.query[0].total_cmp(&b.query[0]));
}

fn in_titles<'a>(
    words: &[SoundWord],
    index: &Index,
    titles: &'a [TitleRecord],
    tuning: &AudioTuning,
) -> Vec<AudioMatch<'a>> {
    let log10_titles = (titles.len().max(1) as f64).log10();
    let mut hits = hits(words, index, tuning);
    let mut ranked: Vec<(usize, usize)> = hits
        .iter_mut()
        .map(|(title, hits)| (near_one_offset(hits, tuning), *title))
        .filter(|(count, _)| *count >= tuning.min_hits)
        .collect();
    ranked.sort_by(|a, b| b.cmp(a));
    ranked
        .iter()
        .take(tuning.max_titles)
        .flat_map(|(_, title)| {
            sound_lines(&hits[title])
                .into_iter()
                .map(|line| AudioMatch {
                    title: &titles[*title],
                    query: [line.query.0, line.query.1],
                    time: TimeMap {
                        offset: line.offset,
                        speed: line.speed,
                    },
                    log10_p: line.log10_p + log10_titles,
                })
        })
        .filter(|heard| heard.log10_p < tuning.max_log10_p)
        .collect()
}

fn hits(
    words: &[SoundWord],
    index: &Index,
    tuning: &AudioTuning,
) -> BTreeMap<usize, Vec<SoundHit>> {
    let mut hits: BTreeMap<usize, Vec<SoundHit>> = BTreeMap::new();
    for segment in index.segments() {
        let view = segment.view();
        for word in words {
            let places: Vec<u32> = view
                .places_of_sound(word.word)
                .take(tuning.common_word_places)
                .collect();
            if places.len() == tuning.common_word_places {
                continue;
            }
            for (number, reference) in places.into_iter().filter_map(|p| view.sound(p)) {
                let Some(title) = segment.title(number) else {
                    continue;
                };
                hits.entry(title).or_default().push(SoundHit {
                    query: word.time,
                    reference,
                });
            }
        }
    }
    hits
}

/// Keeps the hits near the most frequent offsets, and tells how many there are near the first of them.
fn near_one_offset(hits: &mut Vec<SoundHit>, tuning: &AudioTuning) -> usize {
    let bin =
        |hit: &SoundHit| ((hit.reference - hit.query) / tuning.offset_bin_seconds).floor() as i64;
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for hit in hits.iter() {
        // An offset near the border of a bin belongs to both sides of it.
        *counts.entry(bin(hit)).or_default() += 1;
        *counts.entry(bin(hit) + 1).or_default() += 1;
    }
    let mut ranked: Vec<(usize, i64)> = counts.into_iter().map(|(bin, n)| (n, bin)).collect();
    ranked.sort_by(|a, b| b.cmp(a));
    ranked.truncate(tuning.max_bins);
    hits.retain(|hit| {
        let own = bin(hit);
        // Lines are held against what is beside them: a bin on either side is kept too.
        ranked
            .iter()
            .any(|(_, kept)| (kept - 2..=kept + 1).contains(&own))
    });
    ranked.first().map_or(0, |(count, _)| *count)
}

#[cfg(test)]
mod tests {
    use countermark_register::{FrameRate, MasterFacts, Timestamp, TitleId};

    use super::*;

    #[test]
    fn hits_near_the_most_frequent_offset_are_kept_with_their_surroundings() {
        let hit = |query: f64, offset: f64| SoundHit {
            query,
            reference: query + offset,
        };
        let mut hits: Vec<SoundHit> = (0..50)
            .map(|i| hit(f64::from(i) / 10.0, 1000.0 + f64::from(i % 3)))
            .chain((0..40).map(|i| hit(f64::from(i) / 10.0, 300.0 * f64::from(i))))
            .collect();
        assert!(near_one_offset(&mut hits, &AudioTuning::default()) >= 50);
        assert!(hits.len() >= 50 && hits.len() < 80, "{}", hits.len());
        assert!(
            hits.iter()
                .filter(|h| (h.reference - h.query - 1000.0).abs() < 3.0)
                .count()
                >= 50
        );
    }

    fn title(digit: &str) -> TitleRecord {
        TitleRecord {
            id: TitleId::parse(&digit.repeat(32)).expect("an identifier"),
            name: format!("title {digit}"),
            master: MasterFacts {
                file: "master.mov".into(),
                width: 1280,
                height: 720,
                rotation_degrees: 0,
                bit_depth: 8,
                frame_rate: FrameRate { num: 25, den: 1 },
                duration_seconds: 60.0,
                frames: 1500,
            },
            reference_file: "reference.mp4".into(),
            added: Timestamp::now(),
        }
    }

    /// A title at 10 s of it, from 1 s to 9 s of the clip.
    fn sounds(title: &TitleRecord, log10_p: f64) -> AudioMatch<'_> {
        AudioMatch {
            title,
            query: [1.0, 9.0],
            time: TimeMap {
                offset: 10.0,
                speed: 1.0,
            },
            log10_p,
        }
    }

    /// The titles of matches, and by what they were recognised.
    fn told(matches: &[Match]) -> Vec<(&str, &[Sense])> {
        let one = |found| {
            let Match { title, by, .. }: &Match = found;
            (title.as_deref().expect("a title"), &by[..])
        };
        matches.iter().map(one).collect()
    }

    #[test]
    fn pictures_of_one_title_over_the_sound_of_another_are_two_witnesses() {
        let (seen, heard) = (title("1"), title("2"));
        let mut matches = vec![Match {
            query: [0.0, 10.0],
            by: vec![Sense::Picture],
            ..sounds(&seen, 0.0).alone()
        }];
        testify(&[sounds(&heard, -20.0)], 0.5, &mut matches);
        let (picture, sound) = (&[Sense::Picture][..], &[Sense::Sound][..]);
        assert_eq!(told(&matches), [("title 1", picture), ("title 2", sound)]);
        let [from, to] = matches[1].reference;
        assert!((from - 11.0).abs() < 1e-9 && (to - 19.0).abs() < 1e-9);
    }

    #[test]
    fn a_sound_that_two_titles_have_is_a_witness_of_the_one_that_is_seen() {
        let (seen, other) = (title("1"), title("2"));
        let heard = [sounds(&other, -30.0), sounds(&seen, -20.0)];
        let shown = |query: [f64; 2]| Match {
            query,
            reference: query.map(|moment| moment + 10.0),
            by: vec![Sense::Picture],
            ..sounds(&seen, 0.0).alone()
        };
        let mut matches = vec![shown([0.0, 10.0])];
        testify(&heard, 0.5, &mut matches);
        let both = &[Sense::Picture, Sense::Sound][..];
        assert_eq!(told(&matches), [("title 1", both)]);
        // Nothing is seen: the surest is told.
        let mut matches = Vec::new();
        testify(&heard, 0.5, &mut matches);
        assert_eq!(told(&matches), [("title 2", &[Sense::Sound][..])]);
        // It is seen at other seconds of its own: those count.
        let mut matches = vec![Match {
            reference: [40.0, 50.0],
            ..shown([0.0, 10.0])
        }];
        testify(&heard[1..], 0.5, &mut matches);
        assert_eq!(told(&matches), [("title 1", &[Sense::Picture][..])]);
    }
}
