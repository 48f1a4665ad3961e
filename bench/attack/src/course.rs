//! Which moment of the title each moment of an attacked clip shows: the truth that places are judged by.
//!
//! ```text
//! shown(t) = shown_0 + speed (t - start),   start <= t < end          on each piece; pieces do not overlap
//! after a step:  shown(t) = before(step(t))
//! ```
//!
//! What only covers, blurs or drops frames leaves the time alone. A mean of `N` frames shows their middle.
//!
//! # Shapes and units
//! Seconds: `t` from the first picture of the clip, `shown` of the title's media time. A speed of -1 is backwards.

use serde::{Deserialize, Serialize};

/// Shorter pieces are the rounding of media times.
const SHORTEST: f64 = 1e-6;

/// Which film a part of a clip shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shows {
    /// The title that was attacked.
    #[default]
    Own,
    /// The other title that it was put together with.
    Other,
    /// A third title.
    Third,
    /// A fourth one.
    Fourth,
    /// The first two at a time, each from the same second.
    Both,
    /// All four likewise.
    All,
}

impl Shows {
    /// The films that are put together, in their order.
    pub const FILMS: [Self; 4] = [Self::Own, Self::Other, Self::Third, Self::Fourth];

    /// Whether a part that shows this shows `film` too.
    #[must_use]
    pub fn includes(self, film: Self) -> bool {
        match self {
            Self::All => true,
            Self::Both => matches!(film, Self::Own | Self::Other | Self::Both),
            one => one == film,
        }
    }

    /// For records that leave out what is usual.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    fn is_own(&self) -> bool {
        *self == Self::Own
    }
}

/// A part of a clip that shows the title in one go.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Piece {
    /// First moment, in the clip.
    pub start: f64,
    /// Where it ends, in the clip.
    pub end: f64,
    /// What the first moment shows.
    pub shown: f64,
    /// Seconds of the title a second of the clip.
    pub speed: f64,
    /// Of which film.
    #[serde(default, skip_serializing_if = "Shows::is_own")]
    pub shows: Shows,
}

impl Piece {
    /// What a moment of the clip shows.
    #[must_use]
    pub fn at(&self, moment: f64) -> f64 {
        self.shown + self.speed * (moment - self.start)
    }

    /// Length in the clip.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.end - self.start
    }
}

/// The pieces of a clip, in its order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Course {
    pieces: Vec<Piece>,
}

impl Course {
    /// A clip of `seconds` that shows the title from its start.
    #[must_use]
    pub fn whole(seconds: f64) -> Self {
        Self::of(vec![Piece {
            start: 0.0,
            end: seconds,
            shown: 0.0,
            speed: 1.0,
            shows: Shows::Own,
        }])
    }

    /// Pieces in the order of the clip.
    #[must_use]
    pub fn of(pieces: Vec<Piece>) -> Self {
        Self { pieces }
    }

    /// The pieces.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Length of the clip.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.pieces.last().map_or(0.0, |piece| piece.end)
    }

    /// What a moment of the clip shows; past its ends what the nearest piece would.
    #[must_use]
    pub fn at(&self, moment: f64) -> Option<f64> {
        Some(self.piece_at(moment)?.at(moment))
    }

    /// The piece that a moment of the clip lies in; past its ends the nearest.
    #[must_use]
    pub fn piece_at(&self, moment: f64) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.start <= moment);
        self.pieces.get(after.saturating_sub(1))
    }

    /// A new clip, made of this one: `step` says which moments of this clip the new one shows.
    #[must_use]
    pub fn then(&self, step: &Self) -> Self {
        let mut pieces = Vec::new();
        for new in &step.pieces {
            let mut parts: Vec<Piece> = self
                .pieces
                .iter()
                .enumerate()
                .filter_map(|(index, old)| {
                    // Containers' lengths are not exact: the outer pieces go on for ever.
                    let first = if index == 0 {
                        f64::NEG_INFINITY
                    } else {
                        old.start
                    };
                    let last = index + 1 == self.pieces.len();
                    composed(
                        new,
                        old,
                        (first, if last { f64::INFINITY } else { old.end }),
                    )
                })
                .collect();
            parts.sort_by(|a, b| a.start.total_cmp(&b.start));
            pieces.extend(parts);
        }
        Self { pieces }
    }
}

/// The part of `new` that shows what of the clip before lies in `range`, where `old` holds.
fn composed(new: &Piece, old: &Piece, range: (f64, f64)) -> Option<Piece> {
    let moment = |before: f64| new.start + (before - new.shown) / new.speed;
    let (start, end) = if new.speed == 0.0 {
        let inside = range.0 <= new.shown && new.shown < range.1;
        inside.then_some((new.start, new.end))?
    } else {
        let (a, b) = (moment(range.0), moment(range.1));
        (a.min(b).max(new.start), a.max(b).min(new.end))
    };
    // A picture has no length, and is whole.
    let is_whole = start <= new.start && end >= new.end;
    (is_whole || end - start > SHORTEST).then(|| Piece {
        start,
        end,
        shown: old.at(new.at(start)),
        speed: new.speed * old.speed,
        shows: old.shows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(start: f64, end: f64, shown: f64, speed: f64) -> Piece {
        Piece {
            start,
            end,
            shown,
            speed,
            shows: Shows::Own,
        }
    }

    fn one(end: f64, shown: f64, speed: f64) -> Course {
        Course::of(vec![piece(0.0, end, shown, speed)])
    }

    #[test]
    fn steps_follow_one_another() {
        // Ten seconds from 4 s on, a quarter faster, of them the seconds from 2 s on.
        let course = Course::whole(60.0)
            .then(&one(10.0, 4.0, 1.0))
            .then(&one(8.0, 0.0, 1.25))
            .then(&one(3.0, 2.0, 1.0));
        let [only] = course.pieces() else {
            panic!("{course:?}")
        };
        assert!((only.shown - 6.5).abs() < 1e-9 && (only.speed - 1.25).abs() < 1e-9);
        assert!(course.at(1.0).is_some_and(|t| (t - 7.75).abs() < 1e-9));
        assert!((course.seconds() - 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_cut_through_fragments_keeps_the_parts_of_each() {
        let recap = Course::of(vec![
            piece(0.0, 2.0, 30.0, 1.0),
            piece(2.0, 4.0, 10.0, 1.0),
            piece(4.0, 6.0, 50.0, 1.0),
        ]);
        let cut = recap.then(&one(3.0, 1.5, 1.0));
        assert_eq!(
            cut.pieces(),
            [
                piece(0.0, 0.5, 31.5, 1.0),
                piece(0.5, 2.5, 10.0, 1.0),
                piece(2.5, 3.0, 50.0, 1.0)
            ]
        );
        let faster = recap.then(&one(3.0, 0.0, 2.0));
        let ends: Vec<f64> = faster.pieces().iter().map(|p| p.end).collect();
        assert_eq!(ends, [1.0, 2.0, 3.0]);
        assert_eq!((cut.at(1.5), cut.at(9.0)), (Some(11.0), Some(56.5)));
    }

    #[test]
    fn backwards_runs_through_the_pieces_from_their_ends() {
        let recap = Course::of(vec![piece(0.0, 2.0, 30.0, 1.0), piece(2.0, 4.0, 10.0, 1.0)]);
        let back = recap.then(&one(4.0, 4.0, -1.0));
        assert_eq!(
            back.pieces(),
            [piece(0.0, 2.0, 12.0, -1.0), piece(2.0, 4.0, 32.0, -1.0)]
        );
    }

    #[test]
    fn what_follows_keeps_whose_film_it_is() {
        let second = Piece {
            shows: Shows::Other,
            ..piece(2.0, 4.0, 0.0, 1.0)
        };
        let joined = Course::of(vec![piece(0.0, 2.0, 0.0, 1.0), second]);
        let course = joined.then(&one(1.5, 0.0, 2.0));
        let shows: Vec<Shows> = course.pieces().iter().map(|p| p.shows).collect();
        assert_eq!(shows, [Shows::Own, Shows::Other]);
        assert!(Shows::Both.includes(Shows::Own) && !Shows::Own.includes(Shows::Other));
        assert!(Shows::All.includes(Shows::Fourth) && !Shows::Both.includes(Shows::Third));
    }

    #[test]
    fn a_picture_is_one_moment() {
        let shot = Course::whole(60.0)
            .then(&one(10.0, 4.0, 1.0))
            .then(&one(0.0, 7.5, 1.0));
        assert_eq!(shot.pieces(), [piece(0.0, 0.0, 11.5, 1.0)]);
        assert_eq!((shot.at(0.0), shot.seconds()), (Some(11.5), 0.0));
        assert_eq!(Course::default().at(1.0), None);
    }
}
