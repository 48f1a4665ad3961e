//! Content that carries no mark, in place of the pictures: what a detector must stay silent on.
//!
//! ```text
//! content-black    y = 0                                content-flat   y = 1/2
//! content-noise    every code from 0 to 255 alike, fresh in each sample of each plane and picture
//! content-bars     seven bars of 75 %, castellations, and -I, white, +Q, black with three small steps
//! content-slides   a title and five lines of random words on a tint, others every 3 s
//! ```
//!
//! # Shapes and units
//! Size, range, depth and times of the pictures stay.
//! # References
//! SMPTE EG 1-1990, alignment color bar test signal.

use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::light::colour::Coding;
use crate::samples::layer::{over, rgba};
use crate::{NEUTRAL, ParseAttackError, Picture, Random};

use super::lettering::{Lettering, room, words};
use super::patch::Patch;

const SLIDE_SECONDS: f64 = 3.0;
/// Lines below a slide's title.
const SLIDE_LINES: usize = 5;

/// What the pictures are replaced by.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Content {
    Black,
    Flat,
    Noise,
    Bars,
    Slides,
}

const NAMES: [(&str, Content); 5] = [
    ("black", Content::Black),
    ("flat", Content::Flat),
    ("noise", Content::Noise),
    ("bars", Content::Bars),
    ("slides", Content::Slides),
];

/// Reads `content`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    if head != "content" {
        return None;
    }
    let found = NAMES.iter().find(|(name, _)| *name == strength);
    Some(match found {
        Some((_, content)) => Ok(Box::new(*content)),
        None => Err(ParseAttackError::Strength {
            step: format!("{head}-{strength}"),
            range: "black, flat, noise, bars, slides",
        }),
    })
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(_, content)| content == self);
        write!(f, "content-{}", name.map_or("", |(name, _)| name))
    }
}

impl PictureAttack for Content {
    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        let random = random.clone();
        match self {
            Self::Black => Box::new(Each(Level(0.0))),
            Self::Flat => Box::new(Each(Level(0.5))),
            Self::Noise => Box::new(Each(Noise { random })),
            Self::Bars => Box::new(Each(Bars { painted: None })),
            Self::Slides => Box::new(Each(Slides {
                random,
                shown: None,
            })),
        }
    }

    fn keeps_the_mark(&self) -> bool {
        false
    }
}

/// Grey between 0, black, and 1, white.
struct Level(f32);

impl Effect for Level {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        let (black, white) = (picture.black(), picture.white());
        picture
            .y
            .samples_mut()
            .fill(black + self.0 * (white - black));
        picture.u.samples_mut().fill(NEUTRAL);
        picture.v.samples_mut().fill(NEUTRAL);
        picture
    }
}

struct Noise {
    random: Random,
}

impl Effect for Noise {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        for plane in [&mut picture.y, &mut picture.u, &mut picture.v] {
            for eight in plane.samples_mut().chunks_mut(8) {
                let bytes = self.random.bits().to_le_bytes();
                for (sample, byte) in eight.iter_mut().zip(bytes) {
                    *sample = f32::from(byte);
                }
            }
        }
        picture
    }
}

struct Bars {
    painted: Option<Patch>,
}

impl Effect for Bars {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        let size = (picture.width(), picture.height());
        let painted = self.painted.get_or_insert_with(|| {
            Patch::paint(size, &Coding::of(&picture), |x, y| {
                let share = |place: usize, side: usize| (place as f32 + 0.5) / side as f32;
                rgba(bar(share(x, size.0), share(y, size.1)), 1.0)
            })
        });
        painted.lay(&mut picture, (0, 0));
        picture
    }
}

/// The colour of the bars at shares of the width and the height.
fn bar(x: f32, y: f32) -> [f32; 3] {
    let seventh = ((x * 7.0) as usize).min(6);
    // Bits of green, red, blue fall as on the bars from grey to blue.
    let colour = |bits: usize| [2, 4, 1].map(|bit| if bits & bit > 0 { 0.75 } else { 0.0 });
    if y < 2.0 / 3.0 {
        return colour(7 - seventh);
    }
    if y < 0.75 {
        let reversed = if seventh.is_multiple_of(2) {
            seventh + 1
        } else {
            0
        };
        return colour(reversed);
    }
    // -I, white, +Q and black are 5/28 wide each, then three steps of 1/21, then black.
    match (x * 28.0 / 5.0) as usize {
        0 => [0.0, 0.129, 0.298],
        1 => [1.0; 3],
        2 => [0.196, 0.0, 0.416],
        3 => [0.0; 3],
        _ => match (x * 21.0) as usize {
            15 => [-0.04; 3],
            17 => [0.04; 3],
            _ => [0.0; 3],
        },
    }
}

struct Slides {
    random: Random,
    /// The number of what is shown.
    shown: Option<(u64, Patch)>,
}

impl Slides {
    fn painted(&mut self, picture: &Picture) -> Patch {
        let size = (picture.width(), picture.height());
        let random = &mut self.random;
        let (width, height) = (size.0 as f32, size.1 as f32);
        let short = width.min(height);
        let left = 0.08 * width;
        let mut lettering = Lettering::default();
        let mut write = |top: f32, cell: f32| {
            let most = room(0.84 * width, cell).max(1);
            // Lines end at different places.
            let least = most.div_ceil(2);
            let length = least + random.below(most - least + 1);
            lettering.write(left, top, cell, &words(random, length));
        };
        write(0.1 * height, short / 80.0);
        for line in 0..SLIDE_LINES {
            write((0.3 + 0.125 * line as f32) * height, short / 130.0);
        }
        let tint = [(); 3].map(|()| random.between(0.8, 1.0) as f32);
        let ink = [(); 3].map(|()| random.between(0.0, 0.3) as f32);
        Patch::paint(size, &Coding::of(picture), |x, y| {
            over(rgba(ink, lettering.ink(x, y, 0.0)), rgba(tint, 1.0))
        })
    }
}

impl Effect for Slides {
    fn apply(&mut self, mut picture: Picture, seconds: f64) -> Picture {
        // A microsecond absorbs the rounding of media times.
        let number = ((seconds + 1e-6) / SLIDE_SECONDS) as u64;
        if self.shown.as_ref().is_none_or(|shown| shown.0 != number) {
            self.shown = Some((number, self.painted(&picture)));
        }
        if let Some((_, patch)) = &self.shown {
            patch.lay(&mut picture, (0, 0));
        }
        picture
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tryout::{
        applied, applied_from, applied_once, attack, coloured, grey, moments, refused, touched,
    };

    #[test]
    fn nothing_of_the_input_is_left_but_its_size_and_kind() {
        for (name, _) in NAMES {
            let name = format!("content-{name}");
            let one = grey(64, 48, |x, y| (x * y % 200) as f32);
            let mut other = coloured(64, 48, [200.0, 60.0, 170.0]);
            assert_eq!(applied_once(&name, &one), applied_once(&name, &other));
            other.bit_depth = 10;
            other.full_range = true;
            let out = applied_once(&name, &other);
            assert!(out.bit_depth == 10 && out.full_range, "{name}");
            assert_eq!((out.width(), out.height()), (64, 48));
            assert!(!attack(&name).keeps_the_mark(), "{name}");
        }
        assert!(attack("grey").keeps_the_mark());
    }

    #[test]
    fn levels_are_black_and_the_middle_of_either_range() {
        let mut picture = coloured(4, 4, [77.0, 60.0, 170.0]);
        for (full_range, flat) in [(false, 125.5), (true, 127.5)] {
            picture.full_range = full_range;
            let black = if full_range { 0.0 } else { 16.0 };
            for (name, level) in [("content-black", black), ("content-flat", flat)] {
                let out = applied_once(name, &picture);
                assert!(
                    out.y.samples().iter().all(|s| (s - level).abs() < 1e-4),
                    "{name}"
                );
                assert!(
                    out.v.samples().iter().all(|s| (s - NEUTRAL).abs() < 1e-4),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn noise_is_uniform_over_all_codes_and_fresh() {
        let picture = grey(128, 128, |_, _| 90.0);
        let out = applied("content-noise", &[picture.clone(), picture]);
        let (mean, variance) = moments(out[0].y.samples());
        // Five deviations of the estimates; 73.9 is 256 / sqrt 12.
        assert!((mean - 127.5).abs() < 2.9 && (variance.sqrt() - 73.9).abs() < 1.4);
        let same = out[0].y.samples().iter().zip(out[1].y.samples());
        let same = same.filter(|(a, b)| (*a - *b).abs() < 0.5).count();
        assert!((24..105).contains(&same), "{same}");
    }

    #[test]
    fn bars_have_the_colours_of_the_signal_in_order() {
        let out = applied_once("content-bars", &grey(280, 180, |_, _| 90.0));
        let coding = Coding::of(&out);
        for (seventh, rgb) in [
            [0.75, 0.75, 0.75],
            [0.75, 0.75, 0.0],
            [0.0, 0.75, 0.75],
            [0.0, 0.75, 0.0],
            [0.75, 0.0, 0.75],
            [0.75, 0.0, 0.0],
            [0.0, 0.0, 0.75],
        ]
        .into_iter()
        .enumerate()
        {
            let x = 40 * seventh + 20;
            let found = [out.y.row(60)[x], out.u.row(30)[x / 2], out.v.row(30)[x / 2]];
            for (found, code) in found.into_iter().zip(coding.codes(rgb)) {
                assert!((found - code).abs() < 1e-3, "{seventh}");
            }
        }
        // Below blue stands grey, below white black, and white is the second of the last row.
        assert!((out.y.row(127)[260] - coding.codes([0.75; 3])[0]).abs() < 1e-3);
        assert!((out.y.row(127)[60] - 16.0).abs() < 1e-3);
        assert!((out.y.row(170)[75] - 235.0).abs() < 1e-3);
        // Steps below and above black; the first is clipped where the file has no code for it.
        assert!(out.y.row(170)[206] < 16.0 && out.y.row(170)[232] > 20.0);
    }

    #[test]
    fn slides_change_every_three_seconds() {
        let three = vec![grey(160, 90, |_, _| 90.0); 3];
        // Shown at 2.94, 2.98 and 3.02 seconds.
        let out = applied_from("content-slides", 2.94, &three);
        assert_eq!(out[0], out[1]);
        assert!(touched(&out[1], &out[2]).count > 1000);
    }

    #[test]
    fn other_content_is_refused() {
        refused(&["content-", "content-white", "content-noise-5"]);
    }
}
