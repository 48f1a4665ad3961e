//! Whether an answer places a clip rightly: the right title, and each moment where the attack took it from.
//!
//! ```text
//! match right     <=>  title right  and  |reference(m) - shown(m)| <= 0.1 s,    m = its middle
//! placed          <=>  every match right  and  matches cover half of the clip
//! fragment right  <=>  matches that are right at the middle of their share of it cover half of it
//! ```
//!
//! `shown` is the [`Course`] that the attack left. Of a title that shows the same film, times are shifted by its offset.
//!
//! # Shapes and units
//! Seconds; a picture has no length and is covered by any match.

use serde::{Deserialize, Serialize};

use crate::statistics::Share;
use crate::subject::Sighting;
use crate::suite::ShownTitle;
use countermark_attack::{Course, Piece};

/// How far from the truth a time may be.
pub const TOLERANCE_SECONDS: f64 = 0.1;

/// Share of a clip, or of a fragment, that matches must cover.
const COVERED: f64 = 0.5;

/// Rounding of times that are right to the tolerance.
const ROUNDING: f64 = 1e-6;

/// Where an answer places a clip, against the truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Placing {
    /// The largest error at the middle of a match of a right title; none without such a match.
    pub time_error: Option<f64>,
    /// Share of the clip that matches of right titles cover, 0 to 1.
    pub covered: f64,
    /// Fragments that are placed rightly, of those that the clip was cut from.
    #[serde(flatten)]
    pub fragments: Fragments,
}

/// How many fragments are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fragments {
    /// Of the clip; 1 where it was not cut together.
    pub fragments: u64,
    /// Placed rightly.
    pub fragments_right: u64,
}

impl From<Fragments> for Share {
    fn from(of: Fragments) -> Self {
        Self {
            hits: of.fragments_right,
            trials: of.fragments,
        }
    }
}

impl Placing {
    /// Holds `sightings` against the truth: the titles whose film the clip shows, and which moments.
    #[must_use]
    pub fn new(sightings: &[Sighting], titles: &[ShownTitle], course: &Course) -> Self {
        let right: Vec<Placed<'_>> = sightings
            .iter()
            .filter_map(|sighting| {
                let title = titles.iter().find(|title| title.name == sighting.title)?;
                Some(Placed { sighting, title })
            })
            .collect();
        let errors = right.iter().filter_map(|placed| {
            let [start, end] = placed.sighting.query;
            placed.error(f64::midpoint(start, end), course)
        });
        // Nothing is asked of what no title in the register shows.
        let known = |piece: &&Piece| titles.iter().any(|title| piece.shows.includes(title.film));
        let fragments_right = course
            .pieces()
            .iter()
            .filter(known)
            .filter(|piece| {
                let own = right
                    .iter()
                    .filter_map(|placed| placed.share_of(piece, course));
                let shares: Vec<[f64; 2]> = own.collect();
                !shares.is_empty() && covered(&shares, piece.start, piece.end) >= COVERED
            })
            .count();
        let spans: Vec<[f64; 2]> = right.iter().map(|placed| placed.sighting.query).collect();
        Self {
            time_error: errors.max_by(f64::total_cmp),
            covered: if course.pieces().iter().all(|piece| known(&piece)) {
                covered(&spans, 0.0, course.seconds())
            } else {
                covered_of(&spans, course.pieces().iter().filter(known))
            },
            fragments: Fragments {
                fragments: course.pieces().iter().filter(known).count() as u64,
                fragments_right: fragments_right as u64,
            },
        }
    }

    /// Whether every time is right, of half of the clip at least.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.covered >= COVERED && self.time_error.is_some_and(is_near)
    }

    /// The same with no fragment right: their delivery was not named.
    #[must_use]
    pub fn without_fragments(self) -> Self {
        Self {
            fragments: Fragments {
                fragments_right: 0,
                ..self.fragments
            },
            ..self
        }
    }
}

/// A match of a right title.
struct Placed<'a> {
    sighting: &'a Sighting,
    title: &'a ShownTitle,
}

impl Placed<'_> {
    /// How far the time at a moment of the clip is off.
    fn error(&self, moment: f64, course: &Course) -> Option<f64> {
        let ([start, end], [from, to]) = (self.sighting.query, self.sighting.reference);
        let along = if end > start {
            (moment - start) / (end - start)
        } else {
            0.0
        };
        let told = from + along * (to - from) - self.title.offset;
        let own = course.piece_at(moment)?;
        if own.shows.includes(self.title.film) {
            return Some((told - own.at(moment)).abs());
        }
        // Another film is shown there: how far it is to where this one is, and what it shows there.
        let pieces = course
            .pieces()
            .iter()
            .filter(|piece| piece.shows.includes(self.title.film));
        let errors = pieces.map(|piece| {
            let nearest = moment.clamp(piece.start, piece.end);
            (moment - nearest).abs() + (told - piece.at(nearest)).abs()
        });
        errors.min_by(f64::total_cmp)
    }

    /// What the match says about a fragment, if it is right about that.
    fn share_of(&self, piece: &Piece, course: &Course) -> Option<[f64; 2]> {
        let [start, end] = self.sighting.query;
        let (start, end) = (start.max(piece.start), end.min(piece.end));
        let error = self.error(f64::midpoint(start, end), course)?;
        (start <= end && is_near(error)).then_some([start, end])
    }
}

fn is_near(error: f64) -> bool {
    error <= TOLERANCE_SECONDS + ROUNDING
}

/// Share of the pieces together that the spans cover.
fn covered_of<'a>(spans: &[[f64; 2]], pieces: impl Iterator<Item = &'a Piece>) -> f64 {
    let (mut sum, mut length) = (0.0, 0.0);
    for piece in pieces {
        sum += covered(spans, piece.start, piece.end) * piece.seconds();
        length += piece.seconds();
    }
    if length > 0.0 { sum / length } else { 0.0 }
}

/// Share of what lies between `start` and `end` that the spans cover together; all of what has no length.
fn covered(spans: &[[f64; 2]], start: f64, end: f64) -> f64 {
    if end <= start {
        return if spans.is_empty() { 0.0 } else { 1.0 };
    }
    let mut spans = spans.to_vec();
    spans.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let (mut sum, mut reached) = (0.0, start);
    for [from, to] in spans {
        let (from, to) = (from.max(reached), to.min(end));
        if to > from {
            sum += to - from;
            reached = to;
        }
    }
    sum / (end - start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use countermark_attack::Shows;

    fn sighting(title: &str, query: [f64; 2], reference: [f64; 2]) -> Sighting {
        Sighting {
            title: title.to_owned(),
            query,
            reference,
        }
    }

    fn titles() -> [ShownTitle; 2] {
        [("film", 0.0), ("twin", 5.0)].map(|(name, offset)| ShownTitle {
            name: name.to_owned(),
            offset,
            film: Shows::Own,
        })
    }

    fn course(pieces: &[(f64, f64, f64)]) -> Course {
        let piece = |&(start, shown, speed): &(f64, f64, f64)| Piece {
            start,
            end: start + 2.0,
            shown,
            speed,
            ..Piece::default()
        };
        Course::of(pieces.iter().map(piece).collect())
    }

    #[test]
    fn a_place_is_right_to_a_tenth_of_a_second_over_half_of_the_clip() {
        let course = course(&[(0.0, 30.0, 1.1)]);
        for (query, reference, right) in [
            ([0.0, 2.0], [30.0, 32.2], true),
            ([0.0, 2.0], [30.1, 32.3], true),
            ([0.0, 2.0], [30.15, 32.35], false),
            // The speed is wrong and the middle right.
            ([0.0, 2.0], [30.1, 32.1], true),
            ([1.0, 2.0], [31.1, 32.2], true),
            ([1.1, 2.0], [31.21, 32.2], false),
        ] {
            let placing = Placing::new(&[sighting("film", query, reference)], &titles(), &course);
            assert_eq!(placing.is_right(), right, "{query:?} {reference:?}");
        }
        let twin = [sighting("twin", [0.0, 2.0], [35.0, 37.2])];
        assert!(Placing::new(&twin, &titles(), &course).is_right());
        let other = [sighting("other", [0.0, 2.0], [30.0, 32.2])];
        let placing = Placing::new(&other, &titles(), &course);
        assert!(!placing.is_right() && placing.time_error.is_none() && placing.covered < 1e-9);
    }

    #[test]
    fn one_wrong_match_spoils_the_clip_and_not_the_other_fragments() {
        let course = course(&[(0.0, 30.0, 1.0), (2.0, 10.0, 1.0), (4.0, 50.0, 1.0)]);
        let sightings = [
            sighting("film", [0.1, 1.9], [30.1, 31.9]),
            sighting("film", [2.0, 4.0], [11.0, 13.0]),
            sighting("film", [4.9, 6.0], [50.9, 52.0]),
        ];
        let placing = Placing::new(&sightings, &titles(), &course);
        assert!(!placing.is_right());
        assert_eq!(Share::from(placing.fragments), Share { hits: 2, trials: 3 });
        // A match over the border is right about its middle only, and about the fragment that its share is right about.
        let wide = [sighting("film", [0.0, 3.0], [30.0, 33.0])];
        let placing = Placing::new(&wide, &titles(), &course);
        assert_eq!(placing.fragments.fragments_right, 1);
        assert_eq!(placing.without_fragments().fragments.fragments_right, 0);
    }

    #[test]
    fn of_two_titles_put_together_each_has_its_own_time() {
        let second = Piece {
            start: 2.0,
            end: 4.0,
            shown: 0.0,
            speed: 1.0,
            shows: Shows::Other,
        };
        let own = *course(&[(0.0, 30.0, 1.0)])
            .pieces()
            .first()
            .expect("a piece");
        let joined = Course::of(vec![own, second]);
        let mut both = titles().to_vec();
        both.push(ShownTitle {
            name: "other".to_owned(),
            offset: 0.0,
            film: Shows::Other,
        });
        let right = [
            sighting("film", [0.0, 2.0], [30.0, 32.0]),
            sighting("other", [2.0, 4.0], [0.0, 2.0]),
        ];
        let placing = Placing::new(&right, &both, &joined);
        assert!(placing.is_right() && (placing.covered - 1.0).abs() < 1e-9);
        assert_eq!(Share::from(placing.fragments), Share { hits: 2, trials: 2 });
        // The first title's name on the second film, with the second film's times, is wrong.
        let wrong = [right[0].clone(), sighting("film", [2.0, 4.0], [0.0, 2.0])];
        let placing = Placing::new(&wrong, &both, &joined);
        assert!(!placing.is_right() && placing.time_error.is_some_and(|error| error > 10.0));
        // Of a title that no register holds nothing is asked.
        let placing = Placing::new(&right[..1], &titles(), &joined);
        assert!(placing.is_right() && (placing.covered - 1.0).abs() < 1e-9);
        assert_eq!(Share::from(placing.fragments), Share { hits: 1, trials: 1 });
    }

    #[test]
    fn a_picture_is_covered_by_any_match() {
        let shot = Course::whole(60.0).then(&Course::of(vec![Piece {
            start: 0.0,
            end: 0.0,
            shown: 7.5,
            speed: 1.0,
            ..Piece::default()
        }]));
        let found = [sighting("film", [0.0, 0.0], [7.45, 7.45])];
        let placing = Placing::new(&found, &titles(), &shot);
        assert!(placing.is_right() && placing.fragments.fragments_right == 1);
        assert!(!Placing::new(&[], &titles(), &shot).is_right());
    }
}
