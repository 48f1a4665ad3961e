//! Attacks on the line of time that do not keep one speed: ramps, stalls, stills.
//!
//! ```text
//! ramp-AxBxC   the thirds of the clip at A, B and C times their speed
//! ease-AxB     the speed goes from A to B:  shown(u) = A u + (B - A) u^2 / 2U,   U = 2 T / (A + B)
//! stall-S      the middle picture stands for S seconds
//! stills-S     every S seconds the picture that is due, which stands until the next
//! ```
//!
//! # Shapes and units
//! `A`, `B`, `C` factors; `S`, `T` and `U` seconds: `T` the clip's before, `U` after.

use std::fmt;

use super::effect::{ClipShape, Next, PictureAttack, Shown, Stage, Timing};
use super::strength::number;
use super::{AttackError, Course, ParseAttackError, Piece, Random};

/// Pieces that stand for a speed that changes all the time: each within a hundredth of a second for clips of a minute.
const EASED_PIECES: u32 = 24;

/// A change of pace with its strength.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Tempo {
    Ramp([f64; 3]),
    Ease([f64; 2]),
    Stall(f64),
    Stills(f64),
}

/// Reads `ramp`, `ease`, `stall` and `stills`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let factors = |range: &'static str| -> Result<Vec<f64>, ParseAttackError> {
        let each = strength.split('x');
        each.map(|factor| number(&step, factor, &(0.25..=4.0), range))
            .collect()
    };
    let bad = |range| ParseAttackError::Strength {
        step: step.clone(),
        range,
    };
    let tempo = match head {
        "ramp" => {
            let range = "three factors of 0.25 to 4, like 1x1.6x0.75";
            factors(range).and_then(|all| {
                let three = all.try_into().map_err(|_| bad(range))?;
                Ok(Tempo::Ramp(three))
            })
        }
        "ease" => {
            let range = "two factors of 0.25 to 4, like 0.8x1.6";
            factors(range).and_then(|all| {
                let two = all.try_into().map_err(|_| bad(range))?;
                Ok(Tempo::Ease(two))
            })
        }
        "stall" => number(&step, strength, &(0.2..=10.0), "0.2 to 10 seconds").map(Tempo::Stall),
        "stills" => number(&step, strength, &(0.2..=10.0), "0.2 to 10 seconds").map(Tempo::Stills),
        _ => return None,
    };
    Some(tempo.map(|tempo| Box::new(tempo) as Box<dyn PictureAttack>))
}

impl fmt::Display for Tempo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ramp([a, b, c]) => write!(f, "ramp-{a}x{b}x{c}"),
            Self::Ease([a, b]) => write!(f, "ease-{a}x{b}"),
            Self::Stall(seconds) => write!(f, "stall-{seconds}"),
            Self::Stills(seconds) => write!(f, "stills-{seconds}"),
        }
    }
}

impl PictureAttack for Tempo {
    fn begin(&self, clip: &ClipShape, _: &mut Random) -> Box<dyn Stage> {
        let before = Timing {
            seconds: clip.seconds,
            frame_rate: clip.frame_rate,
        };
        match *self {
            Self::Ramp(_) | Self::Ease(_) => Box::new(Moved {
                course: self.shown(before),
            }),
            Self::Stall(seconds) => Box::new(Stalled {
                at: clip.seconds / 2.0,
                seconds,
                step: 1.0 / clip.frame_rate,
                held: None,
                stood: false,
            }),
            Self::Stills(seconds) => Box::new(Stills {
                seconds,
                slot: 0,
                held: None,
            }),
        }
    }

    fn timing(&self, before: Timing) -> Timing {
        let pieces = self.shown(before);
        Timing {
            seconds: pieces.last().map_or(before.seconds, |piece| piece.end),
            ..before
        }
    }

    fn bends(&self) -> bool {
        true
    }

    fn course(&self, before: Timing) -> Option<Course> {
        Some(Course::of(self.shown(before)))
    }
}

impl Tempo {
    /// What is shown of a clip.
    fn shown(self, before: Timing) -> Vec<Piece> {
        let whole = before.seconds;
        // Lengths of the clip before, and how fast each is shown.
        let parts: Vec<(f64, f64)> = match self {
            Self::Ramp(speeds) => speeds.map(|speed| (whole / 3.0, speed)).to_vec(),
            Self::Ease([a, b]) => {
                let after = 2.0 * whole / (a + b);
                let shown = |share: f64| after * share * (a + (b - a) * share / 2.0);
                let share = |n: u32| f64::from(n) / f64::from(EASED_PIECES);
                let each = (0..EASED_PIECES).map(|n| {
                    let length = shown(share(n + 1)) - shown(share(n));
                    (length, length * f64::from(EASED_PIECES) / after)
                });
                each.collect()
            }
            Self::Stall(seconds) => {
                let half = whole / 2.0;
                // The picture that stands was the last one before the middle.
                let still = Piece {
                    start: half,
                    end: half + seconds,
                    shown: (half - 0.5 / before.frame_rate).max(0.0),
                    speed: 0.0,
                    ..Piece::default()
                };
                let part = |start: f64, shown: f64| Piece {
                    start,
                    end: start + half,
                    shown,
                    speed: 1.0,
                    ..Piece::default()
                };
                return vec![part(0.0, 0.0), still, part(half + seconds, half)];
            }
            Self::Stills(seconds) => {
                let count = (whole / seconds).ceil().max(1.0) as u32;
                let still = |n: u32| Piece {
                    start: f64::from(n) * seconds,
                    end: (f64::from(n + 1) * seconds).min(whole),
                    shown: f64::from(n) * seconds,
                    speed: 0.0,
                    ..Piece::default()
                };
                return (0..count).map(still).collect();
            }
        };
        let (mut start, mut shown) = (0.0, 0.0);
        let pieces = parts.into_iter().map(|(length, speed)| {
            let piece = Piece {
                start,
                end: start + length / speed,
                shown,
                speed,
                ..Piece::default()
            };
            (start, shown) = (piece.end, shown + length);
            piece
        });
        pieces.collect()
    }
}

/// Pictures that are shown at other times.
struct Moved {
    course: Vec<Piece>,
}

impl Stage for Moved {
    fn push(&mut self, mut shown: Shown, next: &mut Next<'_>) -> Result<(), AttackError> {
        let after = self
            .course
            .partition_point(|piece| piece.shown <= shown.seconds);
        if let Some(piece) = self.course.get(after.saturating_sub(1)) {
            shown.seconds = piece.start + (shown.seconds - piece.shown) / piece.speed;
        }
        next(shown)
    }
}

/// A picture that stands, between two parts that run.
struct Stalled {
    at: f64,
    seconds: f64,
    step: f64,
    held: Option<Shown>,
    stood: bool,
}

impl Stage for Stalled {
    fn push(&mut self, mut shown: Shown, next: &mut Next<'_>) -> Result<(), AttackError> {
        if !self.stood && shown.seconds >= self.at {
            self.stood = true;
            if let Some(held) = self.held.take() {
                let count = (self.seconds / self.step).round() as u32;
                for n in 0..count {
                    next(Shown {
                        picture: held.picture.clone(),
                        seconds: shown.seconds + f64::from(n) * self.step,
                    })?;
                }
            }
        }
        if self.stood {
            shown.seconds += self.seconds;
        } else {
            self.held = Some(shown.clone());
        }
        next(shown)
    }
}

/// Pictures that stand until the next one is due.
struct Stills {
    seconds: f64,
    slot: u32,
    held: Option<Shown>,
}

impl Stage for Stills {
    fn push(&mut self, shown: Shown, next: &mut Next<'_>) -> Result<(), AttackError> {
        // Half a microsecond absorbs the rounding of media times.
        let due = f64::from(self.slot) * self.seconds - 5e-7;
        if self.held.is_none() || shown.seconds >= due {
            self.slot = (shown.seconds / self.seconds + 1e-6) as u32 + 1;
            self.held = Some(shown.clone());
        }
        let picture = self.held.as_ref().map(|held| held.picture.clone());
        next(Shown {
            picture: picture.unwrap_or_else(|| shown.picture.clone()),
            seconds: shown.seconds,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Picture, Plane};
    use super::*;

    /// Six seconds at ten pictures a second, each as bright as its number: when each is shown, and which.
    fn run(name: &str) -> (Vec<(f64, f64)>, Course) {
        let (head, strength) = name.split_once('-').expect("a strength");
        let attack = parse(head, strength).expect("known").expect("in range");
        assert_eq!(attack.to_string(), name);
        let clip = ClipShape {
            width: 2,
            height: 2,
            frame_rate: 10.0,
            seconds: 6.0,
        };
        let mut stage = attack.begin(&clip, &mut Random::new([3; 32]));
        let mut shown = Vec::new();
        let mut next = |s: Shown| {
            shown.push((s.seconds, f64::from(s.picture.y.samples()[0])));
            Ok(())
        };
        for n in 0..60_u8 {
            let picture = Picture::grey(Plane::filled(2, 2, f32::from(n)));
            let seconds = f64::from(n) / 10.0;
            stage
                .push(Shown { picture, seconds }, &mut next)
                .expect("room");
        }
        stage.end(&mut next).expect("room");
        let before = Timing {
            seconds: 6.0,
            frame_rate: 10.0,
        };
        let course = attack.course(before).expect("a course");
        assert!((course.seconds() - attack.timing(before).seconds).abs() < 1e-9);
        (shown, course)
    }

    #[test]
    fn every_picture_is_shown_when_the_course_says() {
        for name in ["ramp-1x1.6x0.75", "ease-0.8x1.6", "stall-1.2", "stills-1.5"] {
            let (shown, course) = run(name);
            assert!(shown.windows(2).all(|w| w[0].0 < w[1].0), "{name}");
            for (seconds, number) in &shown {
                // A picture stands until the next: the course may say any moment of that.
                let told = course.at(*seconds + 1e-6).expect("a course");
                let error = told - number / 10.0;
                assert!((-0.02..0.1).contains(&error), "{name} {seconds}: {error}");
            }
        }
    }

    #[test]
    fn ramps_are_thirds_and_stills_follow_one_another() {
        let (_, course) = run("ramp-1x2x0.5");
        let pieces = course.pieces();
        assert_eq!(
            pieces.iter().map(|p| p.speed).collect::<Vec<_>>(),
            [1.0, 2.0, 0.5]
        );
        assert!((course.seconds() - (2.0 + 1.0 + 4.0)).abs() < 1e-9);
        let (shown, course) = run("stills-1.5");
        assert_eq!(course.pieces().len(), 4);
        let mut numbers: Vec<u32> = shown.iter().map(|s| s.1.round() as u32).collect();
        numbers.dedup();
        assert_eq!(numbers, [0, 15, 30, 45]);
        let (shown, _) = run("stall-1.2");
        assert_eq!(shown.len(), 60 + 12);
        assert_eq!(
            shown.iter().filter(|s| (s.1 - 29.0).abs() < 0.5).count(),
            13
        );
    }

    #[test]
    fn strengths_out_of_range_are_refused() {
        for (head, strength) in [
            ("ramp", "1x2"),
            ("ramp", "1x2x9"),
            ("ease", "1"),
            ("stall", "0"),
            ("stills", "100"),
        ] {
            assert!(
                matches!(parse(head, strength), Some(Err(_))),
                "{head}-{strength}"
            );
        }
        assert!(parse("speed", "2").is_none());
    }
}
