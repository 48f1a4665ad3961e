//! A copy together with other titles, as compilations, duets and trailers show them, and which of them is shown when.
//!
//! ```text
//! joined            own(t), 0 <= t < A;  other(t - A), A <= t < 2 A at most
//! stacked           own(t) above other(t), until one ends
//! beside            the middle of own(t) left of the middle of other(t), half a frame each, until one ends
//! grid              own(t) and other(t) above the middles of two more titles, a quarter of a frame each, until one ends
//! interleaved-Ns    own(k N + s) at 2 k N + s,  other(k N + s) at (2 k + 1) N + s,  0 <= s < N, until one ends
//! ```
//!
//! The result has the copy's width and frame rate; the other title's pictures are resampled to the copy's size, or their middles to
//! their part of it, and the newest of them that is due is shown.
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

/// Puts `copy` and the `others` together into `output`, and says which of them is shown when.
pub(super) fn together(
    how: Together,
    copy: &Path,
    others: &[&Path],
    output: &Path,
    encode: &EncodeSettings,
) -> Result<Course, AttackError> {
    let own = shape_of(copy)?;
    let tick = 1.0 / own.frame_rate;
    let time = |ticks: u64| ticks as f64 / own.frame_rate;
    let whole = |seconds: f64| (seconds / tick).round() as u64;
    let (mut films, mut ticks) = (vec![Film::open(copy, encode)?], vec![whole(own.seconds)]);
    for other in others {
        films.push(Film::open(other, encode)?);
        ticks.push(whole(shape_of(other)?.seconds));
    }
    let mut file = Output::new(output, encode, own.frame_rate, 8);
    let size = (own.width, own.height);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut clock = 0_u64;
    for turn in turns(how, &ticks, &whole) {
        let mut shown = 0;
        for index in turn.first..turn.first + turn.ticks {
            let due: Result<Vec<Option<Picture>>, AttackError> = films
                .iter_mut()
                .zip(Shows::FILMS)
                .filter(|(_, film)| turn.shows.includes(*film))
                .map(|(film, _)| Ok(film.at(time(index), tick)?.cloned()))
                .collect();
            let Some(due) = due?.into_iter().collect::<Option<Vec<Picture>>>() else {
                break;
            };
            file.write(&composed(how, &due, size), time(clock + shown))?;
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

/// A stretch of one film, or of several, in pictures.
struct Turn {
    shows: Shows,
    first: u64,
    ticks: u64,
}

/// The turns of films of so many pictures each, the copy's first.
fn turns(how: Together, ticks: &[u64], whole: &dyn Fn(f64) -> u64) -> Vec<Turn> {
    let turn = |shows, first, ticks| Turn {
        shows,
        first,
        ticks,
    };
    let shortest = ticks.iter().copied().min().unwrap_or(0);
    match how {
        Together::Joined => vec![
            turn(Shows::Own, 0, ticks[0]),
            turn(Shows::Other, 0, ticks[1].min(ticks[0])),
        ],
        Together::Stacked | Together::Beside => vec![turn(Shows::Both, 0, shortest)],
        Together::Grid => vec![turn(Shows::All, 0, shortest)],
        Together::Interleaved { seconds } => {
            let each = whole(seconds).max(1);
            let count = shortest.div_ceil(each);
            let pair = |k: u64| {
                let length = |film: usize| each.min(ticks[film] - k * each);
                [
                    turn(Shows::Own, k * each, length(0)),
                    turn(Shows::Other, k * each, length(1)),
                ]
            };
            (0..count).flat_map(pair).collect()
        }
    }
}

/// The pictures that are due at a moment in one, for a copy of `size`.
fn composed(how: Together, due: &[Picture], size: (usize, usize)) -> Picture {
    let half = |side: usize| side / 4 * 2;
    let (columns, part) = match how {
        Together::Joined | Together::Interleaved { .. } | Together::Stacked => (1, size),
        Together::Beside => (2, (half(size.0), size.1)),
        Together::Grid => (2, (half(size.0), half(size.1))),
    };
    let fitted = due.iter().map(|picture| {
        let own = (picture.width(), picture.height());
        let window = Window::whole(picture);
        match how {
            _ if own == part => picture.clone(),
            Together::Beside | Together::Grid => resampled(picture, part, window.of_aspect(part)),
            _ => resampled(picture, part, window),
        }
    });
    tiled(&fitted.collect::<Vec<_>>(), columns)
}

/// Pictures of one size side by side, so many in a row.
fn tiled(pictures: &[Picture], columns: usize) -> Picture {
    let rows = pictures.len() / columns;
    let planes = |plane: fn(&Picture) -> &Plane| {
        let (wide, high) = (plane(&pictures[0]).width(), plane(&pictures[0]).height());
        Plane::from_fn(wide * columns, high * rows, |x, y| {
            plane(&pictures[y / high * columns + x / wide]).row(y % high)[x % wide]
        })
    };
    Picture {
        y: planes(|picture| &picture.y),
        u: planes(|picture| &picture.u),
        v: planes(|picture| &picture.v),
        ..pictures[0].clone()
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
        for (index, fps, seconds) in [(0, 10, 3.0), (2, 15, 2.0), (1, 10, 4.0), (3, 12, 2.5)] {
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
            beside: &[&files[2], &files[3]],
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
    fn panels_share_a_frame_of_the_copys_size() -> Checked {
        for (name, shows) in [
            ("beside+h264-crf28", Shows::Both),
            ("grid+h264-crf28", Shows::All),
        ] {
            let (told, size, _) = pieces(name)?;
            assert_eq!(told, vec![piece(0.0, 2.0, 0.0, shows)], "{name}");
            // Halves of 90 rows are 44 each.
            let rows = if shows == Shows::All { 88 } else { 90 };
            assert_eq!(size, (160, rows), "{name}");
        }
        Ok(())
    }

    #[test]
    fn panels_stand_row_by_row() {
        let picture = |value: f32| Picture::grey(Plane::filled(4, 2, value));
        let four: Vec<Picture> = [1.0, 2.0, 3.0, 4.0].map(picture).to_vec();
        let grid = tiled(&four, 2);
        let corner = |x: usize, y: usize| grid.y.row(y)[x].to_bits();
        assert_eq!(
            [corner(0, 0), corner(7, 0), corner(0, 3), corner(7, 3)],
            [1.0_f32, 2.0, 3.0, 4.0].map(f32::to_bits)
        );
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
