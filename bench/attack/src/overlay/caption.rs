//! Attacks that lay text over the picture: subtitles, a ticker, the caption of a social repost.
//!
//! ```text
//! subtitles-P   two centred lines, white with a black outline, 4 % of the height above the bottom; others every 2 s
//! ticker-P      an opaque band along the bottom; its text runs by a sixth of the width a second
//! text-P        two lines in black on a white box from 12 % of the height on, throughout
//! ```
//!
//! # Shapes and units
//! `P` percent of the frame's height: outlined lines, band, box. Words and colours are random.

use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::geometry::rectangle::even;
use crate::light::colour::Coding;
use crate::samples::layer::{over, rgba};
use crate::strength::number;
use crate::{ParseAttackError, Picture, Random};

use super::lettering::{Lettering, room, width_of, words};
use super::patch::{Patch, Size};
use super::roomy::Roomy;

const SUBTITLE_SECONDS: f64 = 2.0;
/// Characters of a subtitle's line at most.
const SUBTITLE_ROOM: usize = 42;
/// Characters of a caption's line at most.
const CAPTION_ROOM: usize = 26;
/// Widths of the picture that a ticker runs in a second.
const TICKER_SPEED: f64 = 1.0 / 6.0;
/// Half a cell around the letters.
const OUTLINE: f32 = 0.5;
/// Cells from one line to the next.
const LINE: f32 = 9.0;

const WHITE: [f32; 3] = [1.0; 3];
const BLACK: [f32; 3] = [0.0; 3];

/// Text with its strength.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Caption {
    Subtitles(f64),
    Ticker(f64),
    Text(f64),
}

/// Reads `subtitles`, `ticker` and `text`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let percent = || number(&step, strength, &(2.0..=20.0), "2 to 20 percent");
    let caption = match head {
        "subtitles" => percent().map(Caption::Subtitles),
        "ticker" => percent().map(Caption::Ticker),
        "text" => percent().map(Caption::Text),
        _ => return None,
    };
    Some(caption.map(|caption| Box::new(caption) as Box<dyn PictureAttack>))
}

impl fmt::Display for Caption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subtitles(percent) => write!(f, "subtitles-{percent}"),
            Self::Ticker(percent) => write!(f, "ticker-{percent}"),
            Self::Text(percent) => write!(f, "text-{percent}"),
        }
    }
}

impl PictureAttack for Caption {
    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        let random = random.clone();
        match *self {
            Self::Subtitles(percent) => Box::new(Each(Roomy(Subtitles {
                share: percent / 100.0,
                random,
                shown: None,
            }))),
            Self::Ticker(percent) => Box::new(Each(Roomy(Ticker {
                share: percent / 100.0,
                random,
                strip: None,
            }))),
            Self::Text(percent) => Box::new(Each(Roomy(Text {
                share: percent / 100.0,
                random,
                shown: None,
            }))),
        }
    }
}

/// Rows of a block of text.
fn rows(share: f64, picture: &Picture) -> usize {
    even(share * picture.height() as f64)
}

struct Subtitles {
    share: f64,
    random: Random,
    /// The number of what is shown.
    shown: Option<(u64, Patch)>,
}

impl Subtitles {
    fn painted(&mut self, picture: &Picture) -> Patch {
        let (width, height) = (picture.width(), rows(self.share, picture));
        let cell = height as f32 / (LINE + 7.0 + 2.0 * OUTLINE);
        let most = room(0.84 * width as f32, cell).min(SUBTITLE_ROOM);
        let mut lettering = Lettering::default();
        for line in [0.0, 1.0] {
            // The second line is usually shorter.
            let text = words(
                &mut self.random,
                if line > 0.0 { most * 2 / 3 } else { most },
            );
            let left = (width as f32 - width_of(&text, cell)) / 2.0;
            lettering.write(left, (OUTLINE + LINE * line) * cell, cell, &text);
        }
        Patch::paint((width, height), &Coding::of(picture), |x, y| {
            let outline = rgba(BLACK, lettering.ink(x, y, OUTLINE));
            over(rgba(WHITE, lettering.ink(x, y, 0.0)), outline)
        })
    }
}

impl Effect for Subtitles {
    fn apply(&mut self, mut picture: Picture, seconds: f64) -> Picture {
        // A microsecond absorbs the rounding of media times.
        let number = ((seconds + 1e-6) / SUBTITLE_SECONDS) as u64;
        if self.shown.as_ref().is_none_or(|shown| shown.0 != number) {
            self.shown = Some((number, self.painted(&picture)));
        }
        if let Some((_, patch)) = &self.shown {
            let below = even(0.04 * picture.height() as f64);
            let top = picture.height() - patch.size().1 - below;
            patch.lay(&mut picture, (0, top));
        }
        picture
    }
}

struct Ticker {
    share: f64,
    random: Random,
    /// The text once and as much of it again as the picture is wide.
    strip: Option<Patch>,
}

impl Ticker {
    fn painted(picture: &Picture, share: f64, random: &mut Random) -> Patch {
        let (width, height) = (picture.width(), rows(share, picture));
        let cell = height as f32 / 11.0;
        let text = words(random, room(1.5 * width as f32, cell).max(120));
        let period = even(f64::from(width_of(&text, cell) + 6.0 * cell));
        let band = [(); 3].map(|()| random.between(0.0, 0.4) as f32);
        let mut lettering = Lettering::default();
        lettering.write(0.0, 2.0 * cell, cell, &text);
        Patch::paint((period + width, height), &Coding::of(picture), |x, y| {
            over(
                rgba(WHITE, lettering.ink(x % period, y, 0.0)),
                rgba(band, 1.0),
            )
        })
    }
}

impl Effect for Ticker {
    fn apply(&mut self, mut picture: Picture, seconds: f64) -> Picture {
        let (share, random) = (self.share, &mut self.random);
        let painted = || Self::painted(&picture, share, random);
        let strip = self.strip.get_or_insert_with(painted);
        let (width, (length, height)) = (picture.width(), strip.size());
        let run = seconds.max(0.0) * TICKER_SPEED * width as f64;
        let from = (run / 2.0) as usize * 2 % (length - width);
        let at = (0, picture.height() - height);
        strip.lay_part(&mut picture, at, (from, 0), (width, height));
        picture
    }
}

struct Text {
    share: f64,
    random: Random,
    shown: Option<(Size, Patch)>,
}

impl Text {
    fn painted(picture: &Picture, share: f64, random: &mut Random) -> (Size, Patch) {
        let height = rows(share, picture);
        let margin = 1.5;
        let cell = height as f32 / (LINE + 7.0 + 2.0 * margin);
        let most = room(0.84 * picture.width() as f32, cell).clamp(1, CAPTION_ROOM);
        let lines = [(); 2].map(|()| words(random, most));
        let longest = lines
            .iter()
            .map(|line| width_of(line, cell))
            .fold(0.0, f32::max);
        let width = even(f64::from(longest + 2.0 * margin * cell)).min(picture.width());
        let mut lettering = Lettering::default();
        for (line, text) in lines.iter().enumerate() {
            let left = (width as f32 - width_of(text, cell)) / 2.0;
            lettering.write(left, (margin + LINE * line as f32) * cell, cell, text);
        }
        let patch = Patch::paint((width, height), &Coding::of(picture), |x, y| {
            over(rgba(BLACK, lettering.ink(x, y, 0.0)), rgba(WHITE, 1.0))
        });
        let left = (picture.width() - width) / 4 * 2;
        ((left, even(0.12 * picture.height() as f64)), patch)
    }
}

impl Effect for Text {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        let (share, random) = (self.share, &mut self.random);
        let painted = || Self::painted(&picture, share, random);
        let (at, patch) = self.shown.get_or_insert_with(painted);
        patch.lay(&mut picture, *at);
        picture
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tryout::{applied, applied_from, grey, refused, touched};

    fn flat(width: usize, height: usize) -> Picture {
        grey(width, height, |_, _| 90.3)
    }

    #[test]
    fn text_covers_the_height_of_its_name_where_its_name_says() {
        for (width, height) in [(640, 360), (360, 640), (320, 180)] {
            let picture = flat(width, height);
            for (name, share, from, to) in [
                ("subtitles-8", 0.08, 0.85, 0.97),
                ("ticker-8", 0.08, 0.9, 1.0),
                ("text-10", 0.1, 0.1, 1.0 / 3.0),
            ] {
                let out = applied(name, std::slice::from_ref(&picture)).remove(0);
                let touched = touched(&picture, &out);
                let found = touched.height() as f64 / height as f64;
                assert!((found / share - 1.0).abs() < 0.1, "{name}: {found}");
                let rows = [touched.top, touched.bottom + 1].map(|y| y as f64 / height as f64);
                assert!(rows[0] >= from && rows[1] <= to, "{name}: {touched:?}");
                // Centred, or all of the width.
                let beside = touched.left.abs_diff(width - 1 - touched.right);
                assert!(beside <= width / 20, "{name}: {touched:?}");
            }
        }
    }

    #[test]
    fn a_ticker_is_opaque_and_runs() {
        let lit = grey(320, 180, |_, _| 200.0);
        let two = applied("ticker-10", &[flat(320, 180), lit.clone(), lit]);
        let band = |picture: &Picture| picture.y.samples()[320 * 162..].to_vec();
        assert!(touched(&two[1], &two[2]).count > 400);
        let shift = 2;
        let (first, second) = (band(&two[0]), band(&two[1]));
        // A 25th of a second at a sixth of 320 columns is two columns, rounded down to even.
        for (a, b) in first.chunks(320).zip(second.chunks(320)) {
            assert!(a[shift..].iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-3));
        }
        assert!(touched(&flat(320, 180), &two[0]).count == 320 * 18);
    }

    #[test]
    fn subtitles_change_every_two_seconds_and_a_caption_never() {
        let three = vec![flat(320, 180); 3];
        // Shown at 1.94, 1.98 and 2.02 seconds.
        let subtitles = applied_from("subtitles-10", 1.94, &three);
        assert_eq!(subtitles[0], subtitles[1]);
        assert!(touched(&subtitles[1], &subtitles[2]).count > 300);
        let text = applied_from("text-10", 1.94, &three);
        assert_eq!(text[0], text[2]);
    }

    #[test]
    fn subtitles_are_white_on_black_and_leave_the_rest() {
        let picture = flat(640, 360);
        let out = applied("subtitles-8", std::slice::from_ref(&picture)).remove(0);
        let (low, high) = out
            .y
            .samples()
            .iter()
            .fold((255.0_f32, 0.0_f32), |(low, high), &s| {
                (low.min(s), high.max(s))
            });
        assert!(
            (low - 16.0).abs() < 1e-3 && (high - 235.0).abs() < 1e-3,
            "{low} {high}"
        );
        let touched = touched(&picture, &out);
        // Letters and their outlines fill a good part of their lines, not the gaps.
        let filled = touched.count as f64 / (touched.width() * touched.height()) as f64;
        assert!((0.3..0.95).contains(&filled), "{filled}");
        assert!(out.u.samples().iter().all(|s| (s - 128.0).abs() < 1e-3));
    }

    #[test]
    fn strengths_out_of_range_are_refused() {
        refused(&["subtitles-1", "ticker-0", "text-21", "text-"]);
    }
}
