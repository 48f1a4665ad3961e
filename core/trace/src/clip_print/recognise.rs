//! Which title a print shows, and which seconds of it: as `identify` says it of the clip.
//!
//! ```text
//! print -> index -> candidates of every ten seconds -> pieces -> spans;   sound -> index -> lines: a second witness
//! inset -> the same of its own features and moments -> spans with its rectangle, but for those that the whole frame says as well
//! ```
//!
//! Prints are looked up as they run: forwards, at 0.7 to 1.4 times the usual speed.
//!
//! # Shapes and units
//! Times in seconds.

use std::path::PathBuf;
use std::time::Instant;

use countermark_catalogue::Vault;
use countermark_fingerprint::index::PICTURE_STEP;
use countermark_fingerprint::print::{ClipPrint, PrintMoment, PrintPictures};
use countermark_register::TitleRecord;
use rayon::prelude::*;

use crate::clip_print::pieces::{Piece, Studio, joined, shots};
use crate::clip_print::shelf::Shelf;
use crate::error::TraceError;
use crate::observer::{Note, Stage};
use crate::result::{
    ClipClock, Identification, Identity, Match, NearTitle, Rectangle, Sense, TitleName,
};
use crate::retrieval::audio::{AudioMatch, heard_in, testify};
use crate::retrieval::votes::{Candidate, SupportingHit, candidates_of};
use crate::task::Task;

/// Seconds at the ends of a clip that a span of all of it may leave out: less than from one moment to the next but one.
const ENDS: f64 = 0.3;
/// Seconds of media within which two pieces are of the same.
const SAME_SECONDS: f64 = 1.0;
/// Moments of one group: clips have some 80, a print can say more.
const MOST_OF_GROUP: usize = 160;

/// Names the titles of a print that is called `name`.
///
/// # Errors
/// When the vault cannot be read, or the work is to end.
pub(crate) fn identify_print(
    (print, name): (&ClipPrint, &str),
    (vault, titles): (&Vault, &[TitleRecord]),
    listed: usize,
    shelf: &Shelf,
    task: &Task<'_>,
) -> Result<Identification, TraceError> {
    let begun = Instant::now();
    task.stage(Stage::SearchingIndex, None);
    let tuning = task.tuning();
    let index = vault.catalogue().index(titles)?;
    for lost in &index.unindexed {
        task.note(&Note::NotIndexed {
            title: lost.title.clone(),
            reason: lost.why.clone(),
        });
    }
    let sound = print.sound.as_ref();
    let heard = sound.map_or_else(Vec::new, |peaks| {
        heard_in(peaks, &index, titles, &tuning.retrieval.audio)
    });
    task.proceed()?;
    task.stage(Stage::Registering, Some(print.pictures.frames.len() as u64));
    let catalogue = vault.catalogue();
    let references: Vec<PathBuf> = titles.iter().map(|t| catalogue.reference_path(t)).collect();
    let look = |pictures: &PrintPictures| {
        let studio = Studio {
            print: pictures,
            titles,
            references: &references,
            shelf,
            tuning,
        };
        let candidates = candidates_of(&pictures.frames, &index, &tuning.retrieval.votes);
        task.proceed()?;
        let matches = of_pictures(&studio, &candidates, (&heard, print.end), task)?;
        Ok::<_, TraceError>((candidates, matches))
    };
    let (mut candidates, mut matches) = look(&print.pictures)?;
    if let Some(inset) = &print.inset {
        let (others, mut own) = look(&inset.pictures)?;
        candidates.extend(others);
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
        let rectangle = Rectangle {
            rect: inset.rect,
            frame: inset.frame,
        };
        for own in &mut own {
            own.rectangle = Some(rectangle);
        }
        // What the whole frame shows shows through a part of it as well.
        own.retain(|own| !matches.iter().any(|whole| is_part_of(own, whole)));
        matches.extend(own);
        matches.sort_by(|a, b| a.query[0].total_cmp(&b.query[0]));
    }
    let is_shown = |t: f64| {
        matches
            .iter()
            .any(|m| (m.query[0]..=m.query[1]).contains(&t))
    };
    let sighted = print
        .pictures
        .frames
        .iter()
        .filter(|frame| is_shown(frame.clip_time))
        .count();
    let together = tuning.retrieval.audio.max_picture_offset_seconds;
    testify(&heard, together, &mut matches);
    let seconds = |title: &TitleName| -> f64 {
        let own = matches.iter().filter(|m| m.title.as_ref() == Some(title));
        own.map(|m| m.query[1] - m.query[0]).sum()
    };
    let named = matches.iter().filter_map(|m| m.title.clone());
    let first = named.max_by(|a, b| seconds(a).total_cmp(&seconds(b)));
    Ok(Identification {
        file: name.to_owned(),
        sighted: sighted as u64,
        probes: print.pictures.frames.len() as u64,
        telling: print.telling,
        titles: titles.len() as u64,
        candidates: nearest(&candidates, titles, &matches, listed),
        identity: Identity {
            title: first,
            matches,
            clock: ClipClock::default(),
        },
        credentials: None,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

/// What some pictures of a clip that ends at `end` show.
fn of_pictures(
    studio: &Studio<'_>,
    candidates: &[Candidate],
    (heard, end): (&[AudioMatch<'_>], f64),
    task: &Task<'_>,
) -> Result<Vec<Match>, TraceError> {
    let (print, tuning) = (studio.print, studio.tuning);
    let groups = groups(print, tuning.retrieval.votes.group_frames);
    let pieces: Vec<Result<Vec<Piece>, TraceError>> = groups
        .par_iter()
        .enumerate()
        .map(|(number, moments)| {
            let own = candidates
                .iter()
                .filter(|candidate| candidate.group == number);
            let own: Vec<&Candidate> = own.collect();
            of_group(studio, &own, (moments, heard), task)
        })
        .collect();
    let mut all = Vec::new();
    for pieces in pieces {
        all.extend(pieces?);
    }
    task.proceed()?;
    let step = end / print.moments.len().max(1) as f64;
    let pieces = joined(all, step.max(0.25), &tuning.print);
    let matched = pieces
        .iter()
        .map(|piece| matched(piece, &studio.titles[piece.title], end));
    Ok(matched.collect())
}

/// Whether a piece of an inset says what one of the whole says: the same title at the same time.
fn is_part_of(inset: &Match, whole: &Match) -> bool {
    let shared = inset.query[1].min(whole.query[1]) - inset.query[0].max(whole.query[0]);
    let middle = f64::midpoint(inset.query[0], inset.query[1]);
    let shown = |m: &Match| m.reference[0] + m.speed * (middle - m.query[0]);
    inset.title == whole.title && shared > 0.0 && (shown(inset) - shown(whole)).abs() < SAME_SECONDS
}

/// The moments of every ten seconds.
fn groups(print: &PrintPictures, frames: usize) -> Vec<Vec<&PrintMoment>> {
    let chunks: Vec<_> = print.frames.chunks(frames).collect();
    let starts = chunks.iter().map(|chunk| chunk[0].clip_time);
    let starts: Vec<f64> = starts.collect();
    let borders: Vec<f64> = (0..chunks.len())
        .map(|at| match at.checked_sub(1) {
            None => f64::NEG_INFINITY,
            Some(before) => {
                let last = chunks[before].last().map_or(0.0, |frame| frame.clip_time);
                f64::midpoint(last, starts[at])
            }
        })
        .collect();
    let mut groups = vec![Vec::new(); chunks.len()];
    for moment in &print.moments {
        let after = borders.partition_point(|border| *border <= moment.clip_time);
        let group = groups.get_mut(after.max(1) - 1);
        if let Some(group) = group.filter(|group| group.len() < MOST_OF_GROUP) {
            group.push(moment);
        }
    }
    groups
}

/// The pieces that ten seconds of a print are of.
fn of_group(
    studio: &Studio<'_>,
    candidates: &[&Candidate],
    (moments, heard): (&[&PrintMoment], &[AudioMatch<'_>]),
    task: &Task<'_>,
) -> Result<Vec<Piece>, TraceError> {
    let (mut left, mut pieces) = (moments.to_vec(), Vec::<Piece>::new());
    let print = &task.tuning().print;
    let rival = task.tuning().retrieval.candidates.min_rival_share;
    let mut strongest: f64 = 0.0;
    let by_sound: Vec<Candidate> = heard
        .iter()
        .flat_map(|heard| at_what_is_heard(studio, heard, moments))
        .collect();
    let candidates = candidates.iter().copied().take(print.max_candidates);
    let candidates = by_sound.iter().chain(candidates);
    for candidate in candidates {
        let shortest = print.min_seconds / 2.0;
        let seconds = left
            .last()
            .zip(left.first())
            .map_or(0.0, |(b, a)| b.clip_time - a.clip_time);
        if left.is_empty() || (!pieces.is_empty() && seconds < shortest) {
            break;
        }
        if candidate.score < rival * strongest {
            continue;
        }
        task.proceed()?;
        match best_of(studio, candidate, &left) {
            Ok(found) => {
                for piece in found {
                    strongest = strongest.max(candidate.score);
                    let [from, to] = piece.query;
                    left.retain(|moment| !(from..=to).contains(&moment.clip_time));
                    pieces.push(piece);
                }
            }
            Err(error) => {
                let name = &studio.titles[candidate.title].name;
                task.note(&Note::left_out(name, &error));
            }
        }
    }
    Ok(pieces)
}

/// What some moments show of a candidate: as a whole, or, where that moves otherwise, those of their shots that do.
fn best_of(
    studio: &Studio<'_>,
    candidate: &Candidate,
    left: &[&PrintMoment],
) -> Result<Vec<Piece>, TraceError> {
    let tuning = &studio.tuning.print;
    let whole = studio.pieces(candidate, left)?;
    let shots = shots(left, tuning);
    let moves_alike = |piece: &Piece| piece.correlation >= tuning.whole_correlation;
    if whole.len() > 1 || whole.iter().any(moves_alike) || shots.len() < 2 {
        return Ok(whole);
    }
    let mut pieces = Vec::new();
    for shot in shots.into_iter().filter(|shot| shot.len() > 8) {
        pieces.extend(
            studio
                .pieces(candidate, shot)?
                .into_iter()
                .filter(moves_alike),
        );
    }
    Ok(if pieces.is_empty() { whole } else { pieces })
}

/// Candidates where the sound says that the pictures are, either way round.
fn at_what_is_heard(
    studio: &Studio<'_>,
    heard: &AudioMatch<'_>,
    moments: &[&PrintMoment],
) -> Vec<Candidate> {
    let own = |title: &TitleRecord| title.id == heard.title.id;
    let (Some(title), Some(first), Some(last)) = (
        studio.titles.iter().position(own),
        moments.first(),
        moments.last(),
    ) else {
        return Vec::new();
    };
    let (from, to) = (
        first.clip_time.max(heard.query[0]),
        last.clip_time.min(heard.query[1]),
    );
    if from >= to {
        return Vec::new();
    }
    let middle = f64::midpoint(from, to);
    let frames = &studio.print.frames;
    let witnesses = frames.iter().enumerate().filter_map(|(probe, frame)| {
        let shown = heard.time.at(frame.clip_time);
        let place = (shown / PICTURE_STEP).round() * PICTURE_STEP;
        let is_near = (from..=to).contains(&frame.clip_time) && (shown - place).abs() < 0.3;
        (is_near && place >= 0.0).then_some(SupportingHit {
            probe,
            media_time: place,
            weight: 0.0,
        })
    });
    let witnesses: Vec<SupportingHit> = witnesses.collect();
    [false, true]
        .map(|mirrored| Candidate {
            title,
            mirrored,
            clip_middle: middle,
            middle: heard.time.at(middle),
            length: to - from,
            group: 0,
            score: 0.0,
            hashed: 0,
            witnesses: witnesses.clone(),
        })
        .into()
}

fn matched(piece: &Piece, title: &TitleRecord, end: f64) -> Match {
    let [from, to] = piece.query;
    let from = if from < ENDS { 0.0 } else { from };
    let to = if to > end - ENDS { end } else { to };
    let query = [from, to];
    Match {
        query,
        reference: query.map(|moment| piece.time.at(moment).max(0.0)),
        speed: piece.time.speed,
        tolerance: Some(piece.tolerance),
        mirrored: piece.mirrored,
        negative: false,
        rectangle: None,
        title: Some(title.into()),
        also: Vec::new(),
        by: vec![Sense::Picture],
        payloads: Vec::new(),
    }
}

/// The titles that come nearest, but for those that were found.
fn nearest(
    candidates: &[Candidate],
    titles: &[TitleRecord],
    matches: &[Match],
    most: usize,
) -> Vec<NearTitle> {
    let mut near: Vec<NearTitle> = Vec::new();
    for candidate in candidates {
        let title = TitleName::from(&titles[candidate.title]);
        let is_named = matches.iter().any(|m| m.title.as_ref() == Some(&title));
        if near.len() == most || is_named || near.iter().any(|near| near.title == title) {
            continue;
        }
        near.push(NearTitle {
            title,
            sighted: 0,
            score: candidate.score,
        });
    }
    near
}

#[cfg(test)]
mod tests {
    use countermark_fingerprint::print::{MEANS, PrintFrame};

    use super::*;

    #[test]
    fn a_print_of_many_moments_and_few_frames_is_bounded() {
        let moments = (0..2000).map(|n| PrintMoment {
            clip_time: f64::from(n),
            means: [50.0; MEANS],
        });
        let print = PrintPictures {
            size: (512, 288),
            level_step: 1.0,
            frames: vec![PrintFrame::default()],
            moments: moments.collect(),
        };
        let groups = groups(&print, 20);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].len(), MOST_OF_GROUP);
    }

    #[test]
    fn what_an_inset_says_as_the_whole_does_is_said_once() {
        let piece = |query: [f64; 2], begin: f64| Match {
            query,
            reference: query.map(|t| begin + t),
            speed: 1.0,
            tolerance: None,
            mirrored: false,
            negative: false,
            rectangle: None,
            title: None,
            also: Vec::new(),
            by: Vec::new(),
            payloads: Vec::new(),
        };
        let whole = piece([0.0, 6.0], 20.0);
        assert!(is_part_of(&piece([1.0, 6.0], 20.2), &whole));
        // Another scene of the same title, or another time.
        assert!(!is_part_of(&piece([0.0, 6.0], 90.0), &whole));
        assert!(!is_part_of(&piece([6.5, 9.0], 20.0), &whole));
    }
}
