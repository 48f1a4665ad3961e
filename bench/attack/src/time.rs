//! Attacks on time, as pictures arrive: faster and slower, dropped, blended and averaged frames.
//!
//! ```text
//! speed-F     t' = t / F
//! drop-P      P % of the frames, at random, are not shown; the one before stays
//! blend-R     frame k of the new rate at k / R = (1 - w) frame(i) + w frame(i + 1),   t_i <= k / R < t_{i+1}
//! average-N   frame k = mean of frames k - N + 1 to k
//! head-N      the first N frames
//! ```
//!
//! # Shapes and units
//! `F` a factor, `R` frames a second, `P` percent, `N` frames.

use std::collections::VecDeque;
use std::fmt;

use super::effect::{ClipShape, Next, PictureAttack, Shown, Stage, Timing};
use super::strength::{number, whole};
use super::{AttackError, Course, ParseAttackError, Picture, Piece, Random};

/// A change of time with its strength.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Time {
    Speed(f64),
    Drop(u32),
    Blend(u32),
    Average(u32),
    Head(u32),
}

/// Reads `speed`, `drop`, `blend`, `average` and `head`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let time = match head {
        "speed" => number(&step, strength, &(0.25..=4.0), "0.25 to 4").map(Time::Speed),
        "drop" => whole(&step, strength, &(1..=95), "1 to 95 percent").map(Time::Drop),
        "blend" => whole(&step, strength, &(1..=240), "1 to 240 frames a second").map(Time::Blend),
        // "average-of-3" is a mix of copies.
        "average" if !strength.starts_with("of-") => {
            whole(&step, strength, &(2..=16), "2 to 16 frames").map(Time::Average)
        }
        "head" => whole(&step, strength, &(1..=100_000), "1 to 100000 frames").map(Time::Head),
        _ => return None,
    };
    Some(time.map(|time| Box::new(time) as Box<dyn PictureAttack>))
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Speed(factor) => write!(f, "speed-{factor}"),
            Self::Drop(percent) => write!(f, "drop-{percent}"),
            Self::Blend(rate) => write!(f, "blend-{rate}"),
            Self::Average(frames) => write!(f, "average-{frames}"),
            Self::Head(frames) => write!(f, "head-{frames}"),
        }
    }
}

impl PictureAttack for Time {
    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        match *self {
            Self::Speed(factor) => Box::new(Speed { factor }),
            Self::Drop(percent) => Box::new(Drop {
                share: f64::from(percent) / 100.0,
                random: random.clone(),
                first: true,
            }),
            Self::Blend(rate) => Box::new(Blend {
                rate: f64::from(rate),
                slot: 0,
                before: None,
            }),
            Self::Average(frames) => Box::new(Average {
                frames: frames as usize,
                held: VecDeque::new(),
            }),
            Self::Head(frames) => Box::new(Head { left: frames }),
        }
    }

    fn timing(&self, before: Timing) -> Timing {
        match *self {
            Self::Speed(factor) => Timing {
                seconds: before.seconds / factor,
                frame_rate: before.frame_rate * factor,
            },
            Self::Blend(rate) => Timing {
                frame_rate: f64::from(rate),
                ..before
            },
            Self::Head(frames) => Timing {
                seconds: before.seconds.min(f64::from(frames) / before.frame_rate),
                ..before
            },
            Self::Drop(_) | Self::Average(_) => before,
        }
    }

    fn bends(&self) -> bool {
        // A mean of frames takes from them; its length and rate are those of before.
        !matches!(self, Self::Average(_))
    }

    fn course(&self, before: Timing) -> Option<Course> {
        let (shown, speed) = match *self {
            Self::Speed(factor) => (0.0, factor),
            Self::Average(frames) => (-f64::from(frames - 1) / (2.0 * before.frame_rate), 1.0),
            Self::Head(_) => (0.0, 1.0),
            Self::Drop(_) | Self::Blend(_) => return None,
        };
        Some(Course::of(vec![Piece {
            start: 0.0,
            end: self.timing(before).seconds,
            shown,
            speed,
            ..Piece::default()
        }]))
    }
}

struct Speed {
    factor: f64,
}

impl Stage for Speed {
    fn push(&mut self, mut shown: Shown, next: &mut Next<'_>) -> Result<(), AttackError> {
        shown.seconds /= self.factor;
        next(shown)
    }
}

struct Drop {
    share: f64,
    random: Random,
    first: bool,
}

impl Stage for Drop {
    fn push(&mut self, shown: Shown, next: &mut Next<'_>) -> Result<(), AttackError> {
        let dropped = self.random.unit() < self.share;
        // A clip begins with a picture.
        if dropped && !std::mem::take(&mut self.first) {
            return Ok(());
        }
        self.first = false;
        next(shown)
    }
}

struct Blend {
    rate: f64,
    slot: u64,
    before: Option<Shown>,
}

impl Stage for Blend {
    fn push(&mut self, shown: Shown, next: &mut Next<'_>) -> Result<(), AttackError> {
        if let Some(before) = self.before.take() {
            let span = (shown.seconds - before.seconds).max(1e-9);
            loop {
                let seconds = self.slot as f64 / self.rate;
                // Half a microsecond absorbs the rounding of media times.
                if seconds >= shown.seconds - 5e-7 {
                    break;
                }
                let weight = ((seconds - before.seconds) / span).clamp(0.0, 1.0) as f32;
                next(Shown {
                    picture: mixed(&[(&before.picture, 1.0 - weight), (&shown.picture, weight)]),
                    seconds,
                })?;
                self.slot += 1;
            }
        }
        self.before = Some(shown);
        Ok(())
    }

    fn end(&mut self, next: &mut Next<'_>) -> Result<(), AttackError> {
        match self.before.take() {
            Some(last) => next(Shown {
                seconds: self.slot as f64 / self.rate,
                picture: last.picture,
            }),
            None => Ok(()),
        }
    }
}

struct Average {
    frames: usize,
    held: VecDeque<Picture>,
}

impl Stage for Average {
    fn push(&mut self, shown: Shown, next: &mut Next<'_>) -> Result<(), AttackError> {
        if self.held.len() == self.frames {
            self.held.pop_front();
        }
        self.held.push_back(shown.picture);
        let weight = 1.0 / self.held.len() as f32;
        let parts: Vec<(&Picture, f32)> = self.held.iter().map(|p| (p, weight)).collect();
        next(Shown {
            picture: mixed(&parts),
            seconds: shown.seconds,
        })
    }
}

struct Head {
    left: u32,
}

impl Stage for Head {
    fn push(&mut self, shown: Shown, next: &mut Next<'_>) -> Result<(), AttackError> {
        if self.left == 0 {
            return Ok(());
        }
        self.left -= 1;
        next(shown)
    }
}

/// The weighted sum of pictures of one size; of none at all nothing sensible, so there is at least one.
pub(super) fn mixed(parts: &[(&Picture, f32)]) -> Picture {
    let mut sum = parts[0].0.clone();
    for (index, &(picture, weight)) in parts.iter().enumerate() {
        for (to, from) in [
            (&mut sum.y, &picture.y),
            (&mut sum.u, &picture.u),
            (&mut sum.v, &picture.v),
        ] {
            for (to, from) in to.samples_mut().iter_mut().zip(from.samples()) {
                *to = if index == 0 { 0.0 } else { *to } + weight * from;
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::super::Plane;
    use super::*;

    fn run(name: &str, times: &[f64]) -> Vec<(f64, f32)> {
        let (head, strength) = name.split_once('-').expect("a strength");
        let attack = parse(head, strength).expect("known").expect("in range");
        assert_eq!(attack.to_string(), name);
        let clip = ClipShape {
            width: 2,
            height: 2,
            frame_rate: 10.0,
            seconds: 1.0,
        };
        let mut stage = attack.begin(&clip, &mut Random::new([3; 32]));
        let mut shown = Vec::new();
        let mut next = |s: Shown| {
            shown.push((s.seconds, s.picture.y.samples()[0]));
            Ok(())
        };
        for (index, &seconds) in times.iter().enumerate() {
            let picture = Picture::grey(Plane::filled(2, 2, index as f32));
            stage
                .push(Shown { picture, seconds }, &mut next)
                .expect("room");
        }
        stage.end(&mut next).expect("room");
        shown
    }

    fn tenths(count: u32) -> Vec<f64> {
        (0..count).map(|i| f64::from(i) / 10.0).collect()
    }

    #[test]
    fn double_speed_halves_the_times() {
        let times: Vec<f64> = run("speed-2", &tenths(4)).iter().map(|s| s.0).collect();
        assert_eq!(times, [0.0, 0.05, 0.1, 0.15]);
    }

    #[test]
    fn a_fifth_of_the_frames_is_dropped_but_never_the_first() {
        let shown = run("drop-20", &tenths(2000));
        assert!((1540..1660).contains(&shown.len()), "{}", shown.len());
        assert!(shown[0].1.abs() < 1e-6 && shown.windows(2).all(|w| w[0].0 < w[1].0));
    }

    #[test]
    fn blended_frames_lie_between_their_neighbours_in_proportion() {
        let shown = run("blend-25", &tenths(5));
        for (k, (seconds, value)) in shown.iter().enumerate() {
            assert!((seconds - k as f64 / 25.0).abs() < 1e-9);
            // Pictures are numbered, ten a second.
            assert!(
                (f64::from(*value) - (seconds * 10.0).min(4.0)).abs() < 1e-5,
                "{shown:?}"
            );
        }
        assert_eq!(shown.len(), 11);
        let same = run("blend-10", &tenths(4));
        assert!(
            same.len() == 4
                && same
                    .iter()
                    .zip(0_u8..)
                    .all(|(s, n)| (s.1 - f32::from(n)).abs() < 1e-5)
        );
    }

    #[test]
    fn average_is_that_of_the_last_frames_and_head_keeps_the_first() {
        let values: Vec<f32> = run("average-3", &tenths(5)).iter().map(|s| s.1).collect();
        for (value, expected) in values.iter().zip([0.0, 0.5, 1.0, 2.0, 3.0]) {
            assert!((value - expected).abs() < 1e-5, "{values:?}");
        }
        assert_eq!(run("head-3", &tenths(9)).len(), 3);
    }

    #[test]
    fn strengths_out_of_range_are_refused_and_mixes_are_left_to_others() {
        for (head, strength) in [
            ("speed", "0"),
            ("drop", "100"),
            ("blend", "0"),
            ("average", "1"),
        ] {
            assert!(
                matches!(parse(head, strength), Some(Err(_))),
                "{head}-{strength}"
            );
        }
        assert!(parse("average", "of-3").is_none() && parse("blur", "3").is_none());
    }
}
