//! A copy together with another title, as compilations, duets and trailers show them, and which of them is shown when.
//!
//! ```text
//! joined            own(t), 0 <= t < A;  other(t - A), A <= t < 2 A at most
//! stacked           own(t) above other(t), until one ends
//! interleaved-Ns    own(k N + s) at 2 k N + s,  other(k N + s) at (2 k + 1) N + s,  0 <= s < N, until one ends
//! ```
//!
//! The result has the copy's width and frame rate; the other title's pictures are resampled to the copy's size, and the newest
//! of them that is due is shown.
//!
//! # Shapes and units
//! Seconds of media time; a stack is twice as high as the copy.

use std::path::Path;

use countermark_media::EncodeSettings;

use super::effect::Shown;
use super::geometry::resample::{Window, resampled};
use super::mix::open;
use super::source::Together;
use super::stream::{Output, Pictures, shape_of};
use super::{AttackError, Course, Picture, Piece, Plane, Shows};

/// The pictures of a file by their time, forwards.
struct Film {
    pictures: Pictures,
    origin: Option<f64>,
    shown: Option<Picture>,
    next: Option<Shown>,
}

impl Film {
    fn open(path: &Path, encode: &EncodeSettings) -> Result<Self, AttackError> {
        let mut film = Self {
            pictures: open(path, encode)?,
            origin: None,
            shown: None,
            next: None,
        };
        film.read()?;
        Ok(film)
    }

    fn read(&mut self) -> Result<(), AttackError> {
        self.next = self.pictures.next()?.map(|shown| Shown {
            seconds: shown.seconds - *self.origin.get_or_insert(shown.seconds),
            ..shown
        });
        Ok(())
    }

    /// The newest picture that is due at `seconds`, to the nearest `tick`.
    fn at(&mut self, seconds: f64, tick: f64) -> Result<Option<&Picture>, AttackError> {
        // Times are rounded by containers: half of a picture's time is near enough.
        while let Some(next) = self
            .next
            .take_if(|next| next.seconds <= seconds + tick / 2.0)
        {
            self.shown = Some(next.picture);
            self.read()?;
        }
        Ok(self.shown.as_ref())
    }
}

/// Puts `copy` and `other` together into `output`, and says which of them is shown when.
pub(super) fn together(
    how: Together,
    copy: &Path,
    other: &Path,
    output: &Path,
    encode: &EncodeSettings,
) -> Result<Course, AttackError> {
    let (own, beside) = (shape_of(copy)?, shape_of(other)?);
    let tick = 1.0 / own.frame_rate;
    let time = |ticks: u64| ticks as f64 / own.frame_rate;
    let whole = |seconds: f64| (seconds / tick).round() as u64;
    let (own_ticks, other_ticks) = (whole(own.seconds), whole(beside.seconds));
    let mut film = [Film::open(copy, encode)?, Film::open(other, encode)?];
    let mut file = Output::new(output, encode, own.frame_rate, 8);
    let size = (own.width, own.height);
    let fitted = |picture: &Picture| resampled(picture, size, Window::whole(picture));
    let mut pieces: Vec<Piece> = Vec::new();
    let mut clock = 0_u64;
    for turn in turns(how, own_ticks, other_ticks, &whole) {
        let mut shown = 0;
        for index in turn.first..turn.first + turn.ticks {
            let seconds = time(index);
            let picture = match turn.shows {
                Shows::Own => film[0].at(seconds, tick)?.cloned(),
                Shows::Other => film[1].at(seconds, tick)?.map(&fitted),
                Shows::Both => {
                    let [above, below] = &mut film;
                    match (above.at(seconds, tick)?, below.at(seconds, tick)?) {
                        (Some(above), Some(below)) => Some(stacked(above, &fitted(below))),
                        _ => None,
                    }
                }
            };
            let Some(picture) = picture else { break };
            file.write(&picture, time(clock + shown))?;
            shown += 1;
        }
        if shown > 0 {
            pieces.push(Piece {
                start: time(clock),
                end: time(clock + shown),
                shown: time(turn.first),
                speed: 1.0,
                shows: turn.shows,
            });
        }
        clock += shown;
    }
    file.finish()?;
    Ok(Course::of(pieces))
}

/// A stretch of one film, or of both, in pictures.
struct Turn {
    shows: Shows,
    first: u64,
    ticks: u64,
}

fn turns(how: Together, own: u64, other: u64, whole: &dyn Fn(f64) -> u64) -> Vec<Turn> {
    let turn = |shows, first, ticks| Turn {
        shows,
        first,
        ticks,
    };
    match how {
        Together::Joined => vec![
            turn(Shows::Own, 0, own),
            turn(Shows::Other, 0, other.min(own)),
        ],
        Together::Stacked => vec![turn(Shows::Both, 0, own.min(other))],
        Together::Interleaved { seconds } => {
            let each = whole(seconds).max(1);
            let count = own.min(other).div_ceil(each);
            let pair = |k: u64| {
                let length = |film: u64| each.min(film - k * each);
                [
                    turn(Shows::Own, k * each, length(own)),
                    turn(Shows::Other, k * each, length(other)),
                ]
            };
            (0..count).flat_map(pair).collect()
        }
    }
}

/// One picture above another of its size.
fn stacked(above: &Picture, below: &Picture) -> Picture {
    let over = |above: &Plane, below: &Plane| {
        Plane::from_fn(above.width(), above.height() * 2, |x, y| {
            if y < above.height() {
                above.row(y)[x]
            } else {
                below.row(y - above.height())[x]
            }
        })
    };
    Picture {
        y: over(&above.y, &below.y),
        u: over(&above.u, &below.u),
        v: over(&above.v, &below.v),
        ..above.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::file::{FileQuality, write_clip};
    use super::super::samples::sample_set;
    use super::super::{Attack, Materials, Place, apply};
    use super::*;

    type Checked = Result<(), Box<dyn std::error::Error>>;

    /// Pieces, size and length.
    type Made = (Vec<Piece>, (usize, usize), f64);

    /// Which pieces an attack of two small clips has, and its size.
    fn pieces(name: &str) -> Result<Made, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let mut files = Vec::new();
        for (index, fps, seconds) in [(0, 10, 3.0), (2, 15, 2.0)] {
            let mut spec = sample_set()[index].clone();
            (spec.width, spec.height, spec.fps, spec.seconds) = (160, 90, fps, seconds);
            let file = folder.path().join(format!("{index}.mkv"));
            write_clip(&spec, &file, FileQuality::Crf(20.0))?;
            files.push(file);
        }
        let attack: Attack = name.parse()?;
        let output = folder.path().join("out.mkv");
        let materials = Materials {
            copies: &[&files[0]],
            other: Some(&files[1]),
            ..Materials::default()
        };
        let applied = apply(&attack, &materials, &output, &Place::new(1, "a", name))?;
        let shape = shape_of(&output)?;
        Ok((
            applied.course.pieces().to_vec(),
            (shape.width, shape.height),
            shape.seconds,
        ))
    }

    fn piece(start: f64, end: f64, shown: f64, shows: Shows) -> Piece {
        Piece {
            start,
            end,
            shown,
            speed: 1.0,
            shows,
        }
    }

    #[test]
    fn titles_follow_one_another_with_their_own_times() -> Checked {
        let (told, size, seconds) = pieces("joined+h264-crf28")?;
        assert_eq!(
            told,
            [
                piece(0.0, 3.0, 0.0, Shows::Own),
                piece(3.0, 5.0, 0.0, Shows::Other)
            ]
        );
        assert!(
            size == (160, 90) && (seconds - 5.0).abs() < 0.15,
            "{size:?} {seconds}"
        );
        let (told, _, seconds) = pieces("interleaved-1s")?;
        let want = [
            piece(0.0, 1.0, 0.0, Shows::Own),
            piece(1.0, 2.0, 0.0, Shows::Other),
            piece(2.0, 3.0, 1.0, Shows::Own),
            piece(3.0, 4.0, 1.0, Shows::Other),
        ];
        assert_eq!(told, want);
        assert!((seconds - 4.0).abs() < 0.15, "{seconds}");
        Ok(())
    }

    #[test]
    fn a_stack_shows_both_from_the_same_second() -> Checked {
        let (told, size, _) = pieces("stacked+h264-crf28")?;
        assert_eq!(
            (told, size),
            (vec![piece(0.0, 2.0, 0.0, Shows::Both)], (160, 180))
        );
        Ok(())
    }

    #[test]
    fn what_comes_later_moves_the_truth_too() -> Checked {
        let (told, _, _) = pieces("joined+speed-2")?;
        assert_eq!(
            told[1],
            Piece {
                speed: 2.0,
                ..piece(1.5, 2.5, 0.0, Shows::Other)
            }
        );
        Ok(())
    }
}
