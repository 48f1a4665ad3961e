//! Clips cut from parts: a recap of short fragments, the whole backwards, copies one after the other.
//!
//! ```text
//! recap-10x2s     10 fragments of 2 s from random places, in the order of the title
//! reverse         the last picture first
//! ```
//!
//! Parts are sought and decoded one by one: no more than a quarter of a second is held to turn it round.
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
use super::{AttackError, ParseAttackError, Random};

/// What is turned round at a time.
const TURN_SECONDS: f64 = 0.25;

/// How long a copy is shown before chance chooses again.
const SEGMENT_SECONDS: f64 = 2.0;

/// A new order of a clip's parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Montage {
    /// Fragments of equal length.
    Recap {
        /// How many.
        fragments: u32,
        /// Length of each.
        seconds: f64,
    },
    /// Backwards.
    Reverse,
}

impl Montage {
    /// Reads `recap` and `reverse`; `None` if the word is neither.
    pub(super) fn parse(head: &str, strength: &str) -> Option<Result<Self, ParseAttackError>> {
        let step = format!("{head}-{strength}");
        let accepted = "1x0.5s to 100x60s";
        match head {
            "reverse" if strength.is_empty() => Some(Ok(Self::Reverse)),
            "recap" => Some((|| {
                let bad = || ParseAttackError::Strength {
                    step: step.clone(),
                    range: accepted,
                };
                let (count, rest) = strength.split_once('x').ok_or_else(bad)?;
                let seconds = rest.strip_suffix('s').ok_or_else(bad)?;
                Ok(Self::Recap {
                    fragments: whole(&step, count, &(1..=100), accepted)?,
                    seconds: number(&step, seconds, &(0.5..=60.0), accepted)?,
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
            } => f64::from(fragments) * each.min(seconds),
            Self::Reverse => seconds,
        }
    }

    /// The parts of a clip of `length` seconds in their new order, and whether each is turned round.
    fn parts(self, file: &Path, length: f64, random: &mut Random) -> (Vec<Part>, bool) {
        let part = |start, seconds| Part {
            file: file.to_owned(),
            start,
            seconds,
        };
        match self {
            Self::Recap { fragments, seconds } => {
                let kept = seconds.min(length);
                let mut starts: Vec<f64> = (0..fragments)
                    .map(|_| random.between(0.0, length - kept))
                    .collect();
                starts.sort_by(f64::total_cmp);
                (starts.into_iter().map(|s| part(s, kept)).collect(), false)
            }
            Self::Reverse => {
                let count = (length / TURN_SECONDS).ceil().max(1.0) as usize;
                let start = |index: usize| index as f64 * TURN_SECONDS;
                // The last part takes all that follows: containers' lengths are not exact.
                let seconds = |index| {
                    if index + 1 == count {
                        3600.0
                    } else {
                        TURN_SECONDS
                    }
                };
                let parts = (0..count).rev().map(|i| part(start(i), seconds(i)));
                (parts.collect(), true)
            }
        }
    }

    /// Cuts `input` anew.
    pub(super) fn run(
        self,
        input: &Path,
        output: &Path,
        encode: &EncodeSettings,
        random: &mut Random,
    ) -> Result<Vec<f64>, AttackError> {
        let shape = shape_of(input)?;
        let (parts, reversed) = self.parts(input, shape.seconds, random);
        join(&parts, reversed, output, encode)?;
        Ok(if reversed {
            Vec::new()
        } else {
            parts.iter().map(|part| part.start).collect()
        })
    }
}

impl fmt::Display for Montage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recap { fragments, seconds } => write!(f, "recap-{fragments}x{seconds}s"),
            Self::Reverse => f.write_str("reverse"),
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
        })
        .collect();
    join(&parts, false, output, encode)?;
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
}

/// Puts parts one after the other, each turned round where `reversed`.
fn join(
    parts: &[Part],
    reversed: bool,
    output: &Path,
    encode: &EncodeSettings,
) -> Result<(), AttackError> {
    let Some(first) = parts.first() else {
        return Err(AttackError::NothingLeft {
            path: output.to_owned(),
        });
    };
    let rate = shape_of(&first.file)?.frame_rate;
    let mut file = Output::new(output, encode, rate, 8);
    let mut end = 0.0_f64;
    for part in parts {
        let time = (part.start, part.seconds);
        let mut reader = Pictures::open(&part.file, Some(time), 8, encode.threads)?;
        let mut held: Vec<Shown> = Vec::new();
        let mut origin = None;
        let begun = end;
        while let Some(shown) = reader.next()? {
            let seconds = shown.seconds - *origin.get_or_insert(shown.seconds);
            end = end.max(begun + seconds + 1.0 / rate);
            if reversed {
                held.push(Shown { seconds, ..shown });
            } else {
                file.write(&shown.picture, begun + seconds)?;
            }
        }
        let last = held.last().map_or(0.0, |shown| shown.seconds);
        for shown in held.iter().rev() {
            file.write(&shown.picture, begun + last - shown.seconds)?;
        }
    }
    file.finish()
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
        let (parts, reversed) = recap.parts(Path::new("a"), 60.0, &mut Random::new([1; 32]));
        assert!(!reversed && parts.len() == 10);
        assert!(parts.iter().all(|p| (0.0..=58.0).contains(&p.start)));
        assert!(parts.windows(2).all(|w| w[0].start <= w[1].start));
        assert!((recap.seconds_left(60.0) - 20.0).abs() < 1e-9);
        let (short, _) = recap.parts(Path::new("a"), 1.5, &mut Random::new([1; 32]));
        assert!(
            short
                .iter()
                .all(|p| p.start.abs() < 1e-9 && (p.seconds - 1.5).abs() < 1e-9)
        );
    }

    #[test]
    fn reverse_begins_with_the_last_part() {
        let reverse = Montage::parse("reverse", "")
            .expect("known")
            .expect("no strength");
        let (parts, reversed) = reverse.parts(Path::new("a"), 0.9, &mut Random::new([1; 32]));
        let starts: Vec<f64> = parts.iter().map(|p| p.start).collect();
        assert!(reversed && starts == [0.75, 0.5, 0.25, 0.0]);
        for bad in ["", "10", "10x2", "0x2s", "10x0s"] {
            assert!(
                matches!(Montage::parse("recap", bad), Some(Err(_))),
                "{bad}"
            );
        }
    }
}
