//! Pieces of a print that show a title, ten seconds at a time, and the spans that they are of.
//!
//! ```text
//! candidate -> agreement -> fit of the moments that no other piece has -> the longest run of moments that are like the reference,
//!              or segments with times of their own, where those fit better;   where neither fits well: a better map, and again
//! neighbouring pieces of one title on one line of time -> one span
//! ```
//!
//! # Shapes and units
//! Times in seconds: the clip's own clock, and media time.

use std::path::Path;
use std::sync::Arc;

use countermark_fingerprint::print::{PrintMoment, PrintPictures};
use countermark_picture::Homography;
use countermark_register::TitleRecord;
use rayon::prelude::*;

use crate::clip_print::agreement::{Agreement, of_candidate};
use crate::clip_print::motion::refine::refined;
use crate::clip_print::motion::{Fit, Shown};
use crate::clip_print::shelf::{CHUNK_SECONDS, Chunk, Shelf};
use crate::error::TraceError;
use crate::registration::temporal::line::TimeMap;
use crate::retrieval::votes::Candidate;
use crate::tuning::{PrintTuning, Tuning};

/// Moments of a run that may be unlike the reference one after the other.
const MOST_GAP: usize = 4;
/// Moments on either side whose median is looked at.
const MEDIAN_REACH: usize = 2;

/// How far from where a candidate is the reference is looked at, seconds: twenty frames of three hours lie within; a print can say more.
const MOST_SECONDS: f64 = 650.0;
/// Moments of a segment at least, one second's.
const MIN_MOMENTS: usize = 8;

/// Moments of a segment from which on what moves makes it certain, two seconds'.
const CERTAIN_MOMENTS: usize = 16;

/// A line of time, and the span of the clip that it is of.
type Told = (Fit, [f64; 2]);
/// A moment of the clip and its media time.
type Guess = (f64, f64);
/// First and last of some moments.
type Run = Option<(usize, usize)>;

/// A span of the clip that shows a title.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// Its place among the titles asked for.
    pub(crate) title: usize,
    pub(crate) mirrored: bool,
    pub(crate) query: [f64; 2],
    pub(crate) time: TimeMap,
    pub(crate) tolerance: f64,
    /// How well what moves in it agrees.
    pub(crate) correlation: f64,
}

/// Where pieces come from.
pub(crate) struct Studio<'a> {
    pub(crate) print: &'a PrintPictures,
    pub(crate) titles: &'a [TitleRecord],
    pub(crate) references: &'a [std::path::PathBuf],
    pub(crate) shelf: &'a Shelf,
    pub(crate) tuning: &'a Tuning,
}

impl Studio<'_> {
    /// What the moments of `left` show of a candidate: one line of time, or several where they tell more; none when that is not certain.
    ///
    /// # Errors
    /// When a reference cannot be decoded.
    pub(crate) fn pieces(
        &self,
        candidate: &Candidate,
        left: &[&PrintMoment],
    ) -> Result<Vec<Piece>, TraceError> {
        let (title, reference) = (
            &self.titles[candidate.title],
            self.references[candidate.title].as_path(),
        );
        let on = (title, reference);
        let Some(agreed) = of_candidate(candidate, self.print, on, self.shelf, self.tuning)? else {
            return Ok(Vec::new());
        };
        let (Some(first), Some(last)) = (left.first(), left.last()) else {
            return Ok(Vec::new());
        };
        let tuning = &self.tuning.print;
        let guess = (candidate.clip_middle, candidate.middle);
        let at = |moment: f64| {
            let since = moment - guess.0;
            let ends = [since * tuning.min_speed, since * tuning.max_speed];
            ends.map(|since| guess.1 + since)
        };
        let from = at(first.clip_time)
            .into_iter()
            .fold(f64::INFINITY, f64::min);
        let to = at(last.clip_time).into_iter().fold(0.0, f64::max);
        let reach = tuning.reach_seconds;
        let near = [guess.1 - MOST_SECONDS, guess.1 + MOST_SECONDS];
        let [from, to] = [from - reach, to + reach].map(|time| time.clamp(near[0], near[1]));
        let chunks = self.chunks(title, reference, [from, to])?;
        let size = self.print.size;
        let told = |map: &Homography, near: (Guess, f64)| {
            let shown = Shown::through(&chunks, map, agreed.reference, size)?;
            let (sharpness, found) = of_map(&shown, &agreed, (left, near), tuning);
            (!found.is_empty()).then_some((sharpness, *map, found))
        };
        let Some(mut best) = agreed.maps.iter().find_map(|map| told(map, (guess, reach))) else {
            return Ok(Vec::new());
        };
        if best.0 < tuning.sure_sharpness {
            for (map, offset) in agreed.of_offsets(size, tuning) {
                let near = (guess.0, guess.0 + offset);
                let other = told(&map, (near, tuning.again_reach_seconds));
                // One that fits a little better may do so by chance.
                let gain = tuning.min_offset_gain;
                best = other
                    .filter(|other| other.0 > best.0 + gain)
                    .unwrap_or(best);
            }
        }
        let (sharpness, map, mut found) = best;
        if sharpness < tuning.sure_sharpness
            && let Some(better) = better_map(&chunks, &agreed, size, (left, &map, &found))
            && let Some(again) = told(&better, near_to(&found, (guess, reach), tuning))
            && again.0 > sharpness
        {
            found = again.2;
        }
        let piece = |(fit, query): Told| Piece {
            title: candidate.title,
            mirrored: candidate.mirrored,
            query,
            time: fit.time,
            tolerance: fit.tolerance,
            correlation: fit.correlation,
        };
        Ok(found.into_iter().map(piece).collect())
    }

    fn chunks(
        &self,
        title: &TitleRecord,
        reference: &Path,
        [from, to]: [f64; 2],
    ) -> Result<Vec<Arc<Chunk>>, TraceError> {
        let last = to.min(title.master.duration_seconds.max(0.0) + CHUNK_SECONDS);
        let number = |seconds: f64| (seconds.max(0.0) / CHUNK_SECONDS) as u64;
        (number(from)..=number(last))
            .into_par_iter()
            .map(|number| self.shelf.chunk(title.id, reference, number))
            .collect()
    }
}

/// Where to look again for the line of time that was found, and how far around; where several were, as before.
fn near_to(found: &[Told], before: (Guess, f64), tuning: &PrintTuning) -> (Guess, f64) {
    match found {
        [(fit, [from, to])] => {
            let middle = f64::midpoint(*from, *to);
            ((middle, fit.time.at(middle)), tuning.again_reach_seconds)
        }
        _ => before,
    }
}

/// The map that shows better than `map` what the longest of some pieces moves like: another one that features agree on, or one near it.
fn better_map(
    chunks: &[Arc<Chunk>],
    agreed: &Agreement,
    size: (usize, usize),
    (left, map, found): (&[&PrintMoment], &Homography, &[Told]),
) -> Option<Homography> {
    let length = |told: &&Told| told.1[1] - told.1[0];
    let (fit, [from, to]) = found
        .iter()
        .max_by(|a, b| length(a).total_cmp(&length(b)))?;
    let own = left.iter().copied();
    let own: Vec<&PrintMoment> = own
        .filter(|moment| (*from..=*to).contains(&moment.clip_time))
        .collect();
    let place = (agreed.reference, size);
    let alike = |map: &Homography| Shown::alike(chunks, map, place, (&own, fit.time));
    let as_it_is = alike(map);
    let others = agreed.maps.iter().map(|map| (alike(map), *map));
    let best = others.fold((as_it_is, *map), |best, other| {
        if other.0 > best.0 { other } else { best }
    });
    let near = refined(chunks, best.1, place, (&own, fit.time));
    near.or((best.0 > as_it_is).then_some(best.1))
}

/// The shots of some moments: they end where the means change at once, and more than from one moment to the next as a rule.
pub(crate) fn shots<'m, 'p>(
    moments: &'m [&'p PrintMoment],
    tuning: &PrintTuning,
) -> Vec<&'m [&'p PrintMoment]> {
    let change = |pair: &[&PrintMoment]| -> f64 {
        let each = pair[0].means.iter().zip(pair[1].means);
        each.map(|(a, b)| f64::from((a - b).abs())).sum::<f64>() / pair[0].means.len() as f64
    };
    let changes: Vec<f64> = moments.windows(2).map(change).collect();
    let mut sorted = changes.clone();
    sorted.sort_by(f64::total_cmp);
    let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let is_cut = |change: &f64| *change > tuning.cut_levels && *change > 4.0 * usual;
    let (mut shots, mut from) = (Vec::new(), 0);
    for (at, _) in changes
        .iter()
        .enumerate()
        .filter(|(_, change)| is_cut(change))
    {
        shots.push(&moments[from..=at]);
        from = at + 1;
    }
    shots.push(&moments[from..]);
    shots
}

/// What some moments show through a map, and how sharply all of them: on one line of time, or on several where those fit better.
fn of_map(
    shown: &Shown,
    agreed: &Agreement,
    (left, near): (&[&PrintMoment], (Guess, f64)),
    tuning: &PrintTuning,
) -> (f64, Vec<Told>) {
    let whole = told(shown, agreed, (left, near), tuning);
    let all = left.len() as f64;
    let within = |[from, to]: [f64; 2]| {
        let own = left.iter().filter(|m| (from..=to).contains(&m.clip_time));
        own.count() as f64 / all
    };
    let sharpness = |found: &[Told]| -> f64 {
        let each = found.iter();
        each.map(|(fit, span)| fit.sharpness * within(*span)).sum()
    };
    let whole: Vec<Told> = whole.into_iter().collect();
    let of_whole = sharpness(&whole);
    if of_whole >= tuning.sure_sharpness || left.len() < 2 * MIN_MOMENTS {
        return (of_whole, whole);
    }
    let mut several = Vec::new();
    for segment in shown.segments(left, tuning) {
        let [first, last] = segment.moments;
        if last - first < MIN_MOMENTS {
            continue;
        }
        let own = &left[first..=last];
        let span = [own[0].clip_time, own[own.len() - 1].clip_time];
        let middle = f64::midpoint(span[0], span[1]);
        let guess = (middle, middle + segment.offset);
        let fit = shown.fit(own, guess, tuning.segment_reach_seconds, tuning);
        let is_certain = |fit: &Fit| agreed.is_certain(fit, own.len() >= CERTAIN_MOMENTS, tuning);
        several.extend(fit.filter(is_certain).map(|fit| (fit, span)));
    }
    let of_several = sharpness(&several);
    if of_several > of_whole + tuning.min_segments_gain {
        (of_several, several)
    } else {
        (of_whole, whole)
    }
}

/// The line of some moments and the span of those that are like the reference along it; none when that is not certain.
fn told(
    shown: &Shown,
    agreed: &Agreement,
    (left, (guess, reach)): (&[&PrintMoment], (Guess, f64)),
    tuning: &PrintTuning,
) -> Option<Told> {
    let mut fit = match left {
        [one] => shown.of_moment(one, guess, reach)?,
        _ => shown.fit(left, guess, reach, tuning)?,
    };
    let mut run = longest_run(&fit.likeness, tuning.min_likeness)?;
    // What shows something else has bent the line.
    if left.len() > 1 && 10 * (run.1 - run.0 + 1) < 9 * left.len() {
        let own = &left[run.0..=run.1];
        let middle = f64::midpoint(own[0].clip_time, own[own.len() - 1].clip_time);
        let again = (middle, fit.time.at(middle));
        let closer = shown.fit(own, again, reach, tuning)?;
        let of_all: Vec<f64> = left
            .iter()
            .map(|m| shown.likeness(m, closer.time))
            .collect();
        run = longest_run(&of_all, tuning.min_likeness)?;
        fit = closer;
    }
    let span = [left[run.0].clip_time, left[run.1].clip_time];
    let is_certain = agreed.is_certain(&fit, left.len() > 8, tuning);
    let is_long = left.len() < 8 || span[1] - span[0] >= tuning.min_seconds;
    (is_certain && is_long).then_some((fit, span))
}

/// First and last of the longest run of moments that are like the reference, each by the median of those around it.
fn longest_run(likeness: &[f64], least: f64) -> Run {
    let alike = |at: usize| {
        let from = at.saturating_sub(MEDIAN_REACH);
        let to = (at + MEDIAN_REACH + 1).min(likeness.len());
        let mut near = likeness[from..to].to_vec();
        near.sort_by(f64::total_cmp);
        near[near.len() / 2] >= least
    };
    let (mut best, mut run): (Run, Run) = (None, None);
    for at in (0..likeness.len()).filter(|at| alike(*at)) {
        run = match run {
            Some((from, last)) if at - last <= MOST_GAP + 1 => Some((from, at)),
            _ => Some((at, at)),
        };
        let length = |run: Run| run.map_or(0, |(from, to)| to - from + 1);
        if length(run) > length(best) {
            best = run;
        }
    }
    best
}

/// Neighbouring pieces on one line of time as one.
pub(crate) fn joined(mut pieces: Vec<Piece>, step: f64, tuning: &PrintTuning) -> Vec<Piece> {
    pieces.sort_by(|a, b| a.query[0].total_cmp(&b.query[0]));
    let mut all: Vec<Vec<Piece>> = Vec::new();
    for piece in pieces {
        let goes_on = |run: &&mut Vec<Piece>| {
            run.last().is_some_and(|last| {
                let between = f64::midpoint(last.query[1], piece.query[0]);
                let apart = (last.time.at(between) - piece.time.at(between)).abs();
                (last.title, last.mirrored) == (piece.title, piece.mirrored)
                    && piece.query[0] - last.query[1] <= 2.0 * step
                    && apart <= tuning.join_seconds.max(last.tolerance.min(piece.tolerance))
            })
        };
        match all.iter_mut().find(goes_on) {
            Some(run) => run.push(piece),
            None => all.push(vec![piece]),
        }
    }
    let mut all: Vec<Piece> = all.iter().filter_map(|run| together(run)).collect();
    all.sort_by(|a, b| a.query[0].total_cmp(&b.query[0]));
    close_gaps(&mut all, step);
    all
}

/// Spans of which one follows on another meet in the middle between the last moment of the one and the first of the other.
fn close_gaps(pieces: &mut [Piece], step: f64) {
    for at in 1..pieces.len() {
        let (before, after) = (pieces[at - 1].query[1], pieces[at].query[0]);
        if (0.0..=2.0 * step).contains(&(after - before)) {
            let middle = f64::midpoint(before, after);
            pieces[at - 1].query[1] = middle;
            pieces[at].query[0] = middle;
        }
    }
}

/// The pieces of a run on the line that fits their ends best, the surer ones more.
fn together(run: &[Piece]) -> Option<Piece> {
    let (first, last) = (run.first()?, run.last()?);
    if run.len() == 1 {
        return Some(first.clone());
    }
    let (mut n, mut x, mut y) = (0.0, 0.0, 0.0);
    let points: Vec<(f64, f64, f64)> = run
        .iter()
        .flat_map(|piece| {
            let weight =
                (piece.query[1] - piece.query[0] + 0.1) / piece.tolerance.max(0.02).powi(2);
            piece.query.map(|t| (t, piece.time.at(t), weight))
        })
        .collect();
    for &(t, m, weight) in &points {
        n += weight;
        x += weight * t;
        y += weight * m;
    }
    let (x, y) = (x / n, y / n);
    let (mut xx, mut xy) = (0.0, 0.0);
    for &(t, m, weight) in &points {
        xx += weight * (t - x).powi(2);
        xy += weight * (t - x) * (m - y);
    }
    let is_usual = run
        .iter()
        .all(|piece| (piece.time.speed - 1.0).abs() < 1e-12);
    let speed = if is_usual { 1.0 } else { xy / xx };
    Some(Piece {
        query: [first.query[0], last.query[1]],
        time: TimeMap {
            offset: y - speed * x,
            speed,
        },
        tolerance: run.iter().map(|piece| piece.tolerance).fold(0.0, f64::max),
        ..first.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_bears_single_moments_that_are_unlike() {
        let mut likeness = vec![0.9; 40];
        likeness[12] = 0.1;
        likeness[13] = -1.0;
        assert_eq!(longest_run(&likeness, 0.5), Some((0, 39)));
        likeness[25..36].fill(0.0);
        assert_eq!(longest_run(&likeness, 0.5), Some((0, 24)));
        assert_eq!(longest_run(&[0.0; 9], 0.5), None);
    }

    #[test]
    fn pieces_on_one_line_are_one_span() {
        let piece = |query: [f64; 2], offset: f64| Piece {
            title: 0,
            mirrored: false,
            query,
            time: TimeMap { offset, speed: 1.0 },
            tolerance: 0.04,
            correlation: 1.0,
        };
        let pieces = vec![
            piece([10.0, 19.9], 50.02),
            piece([0.0, 9.9], 50.0),
            piece([20.0, 27.0], 80.0),
        ];
        let joined = joined(pieces, 0.125, &PrintTuning::default());
        assert_eq!(joined.len(), 2);
        // What follows begins where it ends, in the middle between two moments.
        assert!((joined[0].query[1] - 19.95).abs() < 1e-9);
        assert!((joined[1].query[0] - 19.95).abs() < 1e-9);
        assert!((joined[0].time.offset - 50.01).abs() < 0.005);
        assert!((joined[1].time.offset - 80.0).abs() < 1e-9);
    }
}
