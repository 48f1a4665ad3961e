//! Clips cut from parts: a recap of short fragments, the whole backwards, copies one after the other.
//!
//! ```text
//! recap-10x2s     10 fragments of 2 s from random places, in the order of the title
//! shuffle-10x2s   10 fragments of 2 s from places that do not overlap, in random order
//! reverse         the last picture first
//! boomerang       forwards, then the last picture first
//! ```
//!
//! Parts are sought and decoded one by one: no more than a quarter of a second is held to turn it round. Of a clip that
//! is too short for fragments apart from each other, they overlap by equal shares.
//!
//! # Shapes and units
//! Seconds of media time.

use std::fmt;
use std::path::{Path, PathBuf};

use countermark_media::EncodeSettings;

use super::effect::Shown;
use super::source::Mix;
use super::stream::{Output, Pictures, shape_of};
use super::strength::{number, whole};
use super::{AttackError, Course, ParseAttackError, Piece, Random};

/// What is turned round at a time.
const TURN_SECONDS: f64 = 0.25;

/// Longer than any clip: containers' lengths are not exact.
const BEYOND_SECONDS: f64 = 3600.0;

/// How long a copy is shown before chance chooses again.
const SEGMENT_SECONDS: f64 = 2.0;

/// Where fragments come from and how they follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// From anywhere, in the order of the title.
    Kept,
    /// From places apart from each other, in random order.
    Shuffled,
}

/// A new order of a clip's parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Montage {
    /// Fragments of equal length.
    Recap {
        /// How many.
        fragments: u32,
        /// Length of each.
        seconds: f64,
        /// Which of them, and in which order.
        order: Order,
    },
    /// Backwards.
    Reverse,
    /// Forwards, then backwards.
    Boomerang,
}

impl Montage {
    /// Reads `recap`, `shuffle`, `reverse` and `boomerang`; `None` if the word is none of them.
    pub(super) fn parse(head: &str, strength: &str) -> Option<Result<Self, ParseAttackError>> {
        let step = format!("{head}-{strength}");
        let accepted = "1x0.5s to 100x60s";
        match head {
            "reverse" if strength.is_empty() => Some(Ok(Self::Reverse)),
            "boomerang" if strength.is_empty() => Some(Ok(Self::Boomerang)),
            "recap" | "shuffle" => Some((|| {
                let bad = || ParseAttackError::Strength {
                    step: step.clone(),
                    range: accepted,
                };
                let (count, rest) = strength.split_once('x').ok_or_else(bad)?;
                let seconds = rest.strip_suffix('s').ok_or_else(bad)?;
                Ok(Self::Recap {
                    fragments: whole(&step, count, &(1..=100), accepted)?,
                    seconds: number(&step, seconds, &(0.5..=60.0), accepted)?,
                    order: if head == "recap" {
                        Order::Kept
                    } else {
                        Order::Shuffled
                    },
                })
            })()),
            _ => None,
        }
    }

    /// Length that is left of `seconds`.
    #[must_use]
    pub fn seconds_left(self, seconds: f64) -> f64 {
        match self {
            Self::Recap {
                fragments,
                seconds: each,
                ..
            } => f64::from(fragments) * each.min(seconds),
            Self::Reverse => seconds,
            Self::Boomerang => 2.0 * seconds,
        }
    }

    /// The parts of a clip of `length` seconds in their new order.
    fn parts(self, file: &Path, length: f64, random: &mut Random) -> Vec<Part> {
        let part = |start, seconds| Part {
            file: file.to_owned(),
            start,
            seconds,
            turned: false,
        };
        match self {
            Self::Recap {
                fragments,
                seconds,
                order,
            } => {
                let kept = seconds.min(length);
                let starts = match order {
                    Order::Kept => {
                        let mut starts = drawn(fragments, length - kept, random);
                        starts.sort_by(f64::total_cmp);
                        starts
                    }
                    Order::Shuffled => shuffled(fragments, kept, length, random),
                };
                starts.into_iter().map(|s| part(s, kept)).collect()
            }
            Self::Reverse | Self::Boomerang => {
                let count = (length / TURN_SECONDS).ceil().max(1.0) as usize;
                let start = |index: usize| index as f64 * TURN_SECONDS;
                // The last part takes all that follows.
                let seconds = |index| {
                    if index + 1 == count {
                        BEYOND_SECONDS
                    } else {
                        TURN_SECONDS
                    }
                };
                let turned = (0..count).rev().map(|i| Part {
                    turned: true,
                    ..part(start(i), seconds(i))
                });
                let first = (self == Self::Boomerang).then(|| part(0.0, BEYOND_SECONDS));
                first.into_iter().chain(turned).collect()
            }
        }
    }

    /// Cuts `input` anew; answers where fragments begin and which moments of `input` are shown.
    pub(super) fn run(
        self,
        input: &Path,
        output: &Path,
        encode: &EncodeSettings,
        random: &mut Random,
    ) -> Result<(Vec<f64>, Course), AttackError> {
        let shape = shape_of(input)?;
        let parts = self.parts(input, shape.seconds, random);
        let joined = join(&parts, output, encode)?;
        if !parts.iter().any(|part| part.turned) {
            let starts = parts.iter().map(|part| part.start).collect();
            return Ok((starts, Course::of(joined)));
        }
        // What was turned in parts is one run.
        let mut runs: Vec<Piece> = Vec::new();
        for piece in joined {
            match runs.last_mut() {
                Some(run) if run.speed < 0.0 => run.end = piece.end,
                _ => runs.push(piece),
            }
        }
        Ok((Vec::new(), Course::of(runs)))
    }
}

/// Places from 0 to `most`.
fn drawn(count: u32, most: f64, random: &mut Random) -> Vec<f64> {
    (0..count).map(|_| random.between(0.0, most)).collect()
}

/// Starts of fragments of `kept` seconds apart from each other, in random order.
///
/// What is left of the clip falls between them as sorted uniform draws do, so that all such places are alike.
fn shuffled(count: u32, kept: f64, length: f64, random: &mut Random) -> Vec<f64> {
    let rest = (length - f64::from(count) * kept).max(0.0);
    let step = kept.min((length - kept) / f64::from(count.max(2) - 1));
    let mut gaps = drawn(count, rest, random);
    gaps.sort_by(f64::total_cmp);
    let mut starts: Vec<f64> = (0..count)
        .zip(gaps)
        .map(|(index, gap)| f64::from(index) * step + gap)
        .collect();
    for last in (1..starts.len()).rev() {
        starts.swap(last, random.below(last + 1));
    }
    starts
}

impl fmt::Display for Montage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recap {
                fragments,
                seconds,
                order,
            } => {
                let name = match order {
                    Order::Kept => "recap",
                    Order::Shuffled => "shuffle",
                };
                write!(f, "{name}-{fragments}x{seconds}s")
            }
            Self::Reverse => f.write_str("reverse"),
            Self::Boomerang => f.write_str("boomerang"),
        }
    }
}

/// Copies of one title in turns: `splice` in equal parts, `segments` every two seconds at random. Answers which copies had
/// a turn, in order: chance, and a short clip, may leave some out.
pub(super) fn in_turns(
    mix: Mix,
    copies: &[&Path],
    output: &Path,
    encode: &EncodeSettings,
    random: &mut Random,
) -> Result<Vec<usize>, AttackError> {
    let Some(first) = copies.first() else {
        return Err(AttackError::NothingLeft {
            path: output.to_owned(),
        });
    };
    let length = shape_of(first)?.seconds;
    let (turns, each): (Vec<usize>, f64) = if mix == Mix::Splice {
        ((0..copies.len()).collect(), length / copies.len() as f64)
    } else {
        let count = (length / SEGMENT_SECONDS).ceil().max(1.0) as usize;
        let turns = (0..count).map(|_| random.below(copies.len()));
        (turns.collect(), SEGMENT_SECONDS)
    };
    let parts: Vec<Part> = turns
        .iter()
        .enumerate()
        .map(|(place, &copy)| Part {
            file: copies[copy].to_path_buf(),
            start: place as f64 * each,
            seconds: each,
            turned: false,
        })
        .collect();
    join(&parts, output, encode)?;
    let mut used = turns;
    used.sort_unstable();
    used.dedup();
    Ok(used)
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    file: PathBuf,
    start: f64,
    seconds: f64,
    /// Whether its last picture comes first.
    turned: bool,
}

/// Puts parts one after the other; answers what each shows of its file.
fn join(parts: &[Part], output: &Path, encode: &EncodeSettings) -> Result<Vec<Piece>, AttackError> {
    let Some(first) = parts.first() else {
        return Err(AttackError::NothingLeft {
            path: output.to_owned(),
        });
    };
    let rate = shape_of(&first.file)?.frame_rate;
    let mut file = Output::new(output, encode, rate, 8);
    let mut end = 0.0_f64;
    let mut pieces = Vec::with_capacity(parts.len());
    for part in parts {
        let time = (part.start, part.seconds);
        let mut reader = Pictures::open(&part.file, Some(time), 8, encode.threads)?;
        let mut held: Vec<Shown> = Vec::new();
        let mut origin = None;
        let begun = end;
        while let Some(shown) = reader.next()? {
            let seconds = shown.seconds - *origin.get_or_insert(shown.seconds);
            end = end.max(begun + seconds + 1.0 / rate);
            if part.turned {
                held.push(Shown { seconds, ..shown });
            } else {
                file.write(&shown.picture, begun + seconds)?;
            }
        }
        let last = held.last().map_or(0.0, |shown| shown.seconds);
        for shown in held.iter().rev() {
            file.write(&shown.picture, begun + last - shown.seconds)?;
        }
        pieces.extend(origin.map(|origin| Piece {
            start: begun,
            end,
            shown: if part.turned { origin + last } else { origin },
            speed: if part.turned { -1.0 } else { 1.0 },
            ..Piece::default()
        }));
    }
    file.finish()?;
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_lie_inside_and_in_order() {
        let recap = Montage::parse("recap", "10x2s")
            .expect("known")
            .expect("in range");
        assert_eq!(recap.to_string(), "recap-10x2s");
        let parts = recap.parts(Path::new("a"), 60.0, &mut Random::new([1; 32]));
        assert!(parts.iter().all(|part| !part.turned) && parts.len() == 10);
        assert!(parts.iter().all(|p| (0.0..=58.0).contains(&p.start)));
        assert!(parts.windows(2).all(|w| w[0].start <= w[1].start));
        assert!((recap.seconds_left(60.0) - 20.0).abs() < 1e-9);
        let short = recap.parts(Path::new("a"), 1.5, &mut Random::new([1; 32]));
        assert!(
            short
                .iter()
                .all(|p| p.start.abs() < 1e-9 && (p.seconds - 1.5).abs() < 1e-9)
        );
    }

    #[test]
    fn shuffled_fragments_lie_apart_in_another_order_and_repeat() {
        let shuffle = Montage::parse("shuffle", "10x2s")
            .expect("known")
            .expect("in range");
        assert_eq!(shuffle.to_string(), "shuffle-10x2s");
        let starts = |length, seed| -> Vec<f64> {
            let random = &mut Random::new([seed; 32]);
            let parts = shuffle.parts(Path::new("a"), length, random);
            parts.iter().map(|part| part.start).collect()
        };
        for seed in 0..20 {
            let drawn = starts(24.0, seed);
            let mut sorted = drawn.clone();
            sorted.sort_by(f64::total_cmp);
            assert_ne!(drawn, sorted);
            assert!(sorted.windows(2).all(|w| w[1] - w[0] >= 2.0 - 1e-9));
            assert!(sorted[0] >= 0.0 && sorted[9] <= 22.0 + 1e-9);
        }
        assert_eq!(starts(24.0, 1), starts(24.0, 1));
        // Eleven seconds hold ten fragments of two only if each shares half of the next.
        let mut tight = starts(11.0, 1);
        tight.sort_by(f64::total_cmp);
        assert!(
            tight
                .iter()
                .zip(0_u8..)
                .all(|(start, place)| (start - f64::from(place)).abs() < 1e-9)
        );
        assert!(starts(1.5, 1).iter().all(|start| start.abs() < 1e-9));
    }

    #[test]
    fn reverse_begins_with_the_last_part() {
        let reverse = Montage::parse("reverse", "")
            .expect("known")
            .expect("no strength");
        let parts = reverse.parts(Path::new("a"), 0.9, &mut Random::new([1; 32]));
        let starts: Vec<f64> = parts.iter().map(|p| p.start).collect();
        assert!(parts.iter().all(|part| part.turned) && starts == [0.75, 0.5, 0.25, 0.0]);
        let both = Montage::Boomerang.parts(Path::new("a"), 0.9, &mut Random::new([1; 32]));
        assert!(!both[0].turned && both[1..] == parts);
        for bad in ["", "10", "10x2", "0x2s", "10x0s"] {
            assert!(
                matches!(Montage::parse("recap", bad), Some(Err(_))),
                "{bad}"
            );
        }
    }
}
