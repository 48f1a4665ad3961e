//! The pieces that a search found, as matches of the clip.
//!
//! ```text
//! found, the surest first -> segments that are certain, where no other piece is at the same time -> matches
//! a piece in the place of another one, and as like the clip                                      -> it holds the pictures as well
//! ```
//!
//! # Shapes and units
//! Seconds of the clip and of the master; samples of the clip's frames.

use countermark_register::TitleId;

use crate::registration::segment::Segment;
use crate::result::{Match, Sense, TitleName, has_most, is_taken, share_a_place};
use crate::task::Task;

use super::found::{Found, Place};

/// What a clip shows by its pictures.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    /// In the order in which they were found.
    pub(crate) matches: Vec<Match>,
    /// Query frames that were sighted in them.
    pub(crate) sighted: u64,
}

impl Pieces {
    /// Of what was found, the surest first; of several titles that hold the same pictures those that come first in `known`.
    pub(super) fn of(found: &[Found<'_>], known: &[TitleId], task: &Task<'_>) -> Self {
        let tuning = &task.tuning().retrieval.places;
        let rank = |found: &&Found<'_>| {
            let own = known.iter().position(|title| *title == found.title().id);
            own.unwrap_or(known.len())
        };
        let mut found: Vec<&Found<'_>> = found.iter().collect();
        found.sort_by_key(rank);
        let mut pieces = Self::default();
        let mut likeness: Vec<f64> = Vec::new();
        for found in found {
            let segments = found.registration.segments.iter().enumerate();
            let certain = segments.filter(|(_, segment)| segment.is_certain);
            let each = certain.flat_map(|(at, segment)| {
                let pieces = found.pieces(at, segment).into_iter();
                pieces.map(move |piece| (at, segment, piece))
            });
            let mut counted = None;
            for (at, segment, piece) in each {
                // What shares a letter or a window with the clip is no piece where another one is.
                let is_taken_there = if found.slight.contains(&at) {
                    has_most(piece.query, &pieces.matches)
                } else {
                    is_taken(&piece, &pieces.matches)
                };
                if !is_taken_there {
                    // A segment that changes places is several pieces.
                    if counted.replace(at) != Some(at) {
                        pieces.sighted += segment.sighted as u64;
                    }
                    likeness.push(segment.likeness);
                    pieces.matches.push(piece);
                    continue;
                }
                let title = TitleName::from(found.title());
                for (other, known) in pieces.matches.iter_mut().zip(&likeness) {
                    let holds = other.title.as_ref() != Some(&title)
                        && !other.also.contains(&title)
                        && is_taken(other, std::slice::from_ref(&piece))
                        && segment.likeness >= known - tuning.max_twin_loss;
                    if holds {
                        other.also.push(title.clone());
                    }
                }
            }
        }
        pieces
    }
}

/// Adds to the pieces that pictures tell what each proves by the mark; where the mark proves a piece along another line of time
/// than the pictures say, or of a title that they do not tell, that one is told.
pub(crate) fn attach(proved: Vec<Match>, pieces: &mut Vec<Match>, task: &Task<'_>) {
    let apart = task.tuning().registration.locate.alternative_seconds;
    for proved in proved {
        let same = |piece: &&mut Match| {
            let both = [
                piece.query[0].max(proved.query[0]),
                piece.query[1].min(proved.query[1]),
            ];
            let middle = f64::midpoint(both[0], both[1]);
            let at = |found: &Match| found.reference[0] + found.speed * (middle - found.query[0]);
            piece.title == proved.title
                && piece.mirrored == proved.mirrored
                && both[0] <= both[1]
                && (proved.rectangle.is_none() || share_a_place(piece, &proved))
                && (at(piece) - at(&proved)).abs() <= apart
        };
        if let Some(piece) = pieces.iter_mut().find(same) {
            for payload in &proved.payloads {
                if !piece.payloads.contains(payload) {
                    piece.payloads.push(*payload);
                }
            }
            continue;
        }
        if !proved.payloads.is_empty() {
            let of_it = |piece: &Match| {
                piece.title == proved.title && is_taken(piece, std::slice::from_ref(&proved))
            };
            pieces.retain(|piece| !of_it(piece) || !piece.payloads.is_empty());
            pieces.push(proved);
        } else if !is_taken(&proved, pieces) {
            pieces.push(proved);
        }
    }
    in_order_of_time(pieces);
}

/// Sorts matches by when they begin, those at one time by where they are: rows of panels from left to right.
pub(crate) fn in_order_of_time(matches: &mut [Match]) {
    let place = |found: &Match| {
        let rect = found.rectangle.as_ref().map(|own| own.rect);
        rect.map_or((0, 0), |rect| (rect.top, rect.left))
    };
    matches.sort_by(|a, b| {
        let began = a.query[0].total_cmp(&b.query[0]);
        began.then_with(|| place(a).cmp(&place(b)))
    });
}

impl Found<'_> {
    /// A segment as matches of the clip: one for each place in which it stays.
    fn pieces(&self, at: usize, segment: &Segment) -> Vec<Match> {
        let playback = self.way.playback;
        let whole = playback.of_clip(Match {
            query: segment.query,
            reference: segment.query.map(|moment| segment.time.at(moment).max(0.0)),
            speed: segment.time.speed,
            tolerance: Some(segment.precision),
            mirrored: segment.is_mirrored(),
            negative: false,
            rectangle: None,
            title: Some(self.title().into()),
            also: Vec::new(),
            by: vec![Sense::Picture],
            payloads: Vec::new(),
        });
        let places: Vec<&Place> = self.places(at).collect();
        if places.len() < 2 {
            let rectangle = places.first().map(|place| place.rectangle);
            return vec![Match { rectangle, ..whole }];
        }
        let media_time = |moment: f64| whole.reference[0] + whole.speed * (moment - whole.query[0]);
        let piece = |place: &&Place| Match {
            query: place.span,
            reference: place.span.map(|moment| media_time(moment).max(0.0)),
            rectangle: Some(place.rectangle),
            ..whole.clone()
        };
        places.iter().map(piece).collect()
    }
}
