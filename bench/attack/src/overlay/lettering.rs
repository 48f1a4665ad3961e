//! Lines of text at any size, and words to fill them.
//!
//! ```text
//! ink(x, y) = share of 2 x 2 points of the pixel that lie on an inked cell of a glyph
//! ```
//!
//! Grown by `g`, a point counts as inked if one `g` cells away in any of eight directions is: an outline.
//!
//! # Shapes and units
//! Pixels; a glyph is 7 cells high, and the next begins 6 cells to the right.

use crate::Random;
use crate::samples::font::{ADVANCE, HEIGHT, inked};

const WORDS: [&str; 40] = [
    "ABOUT", "AFTER", "AGAIN", "ALWAYS", "BEFORE", "BETTER", "BRIDGE", "CHANGE", "CITY", "COME",
    "DOWN", "EVERY", "FIRST", "FOUND", "FROM", "GOING", "HAVE", "HERE", "HOUSE", "IN", "IT",
    "KNOW", "LATER", "LIGHT", "LITTLE", "MORNING", "NEVER", "OF", "ONLY", "PEOPLE", "RIVER",
    "SAID", "SHE", "THE", "THEY", "THIS", "TO", "WATER", "WE", "YOU",
];

/// Random words of up to `room` characters, at least one character.
pub(super) fn words(random: &mut Random, room: usize) -> String {
    let mut text = String::new();
    loop {
        let word = WORDS[random.below(WORDS.len())];
        let gap = usize::from(!text.is_empty());
        if text.len() + gap + word.len() > room {
            break;
        }
        if gap > 0 {
            text.push(' ');
        }
        text.push_str(word);
    }
    if text.is_empty() {
        text.extend("HERE".chars().take(room.max(1)));
    }
    text
}

/// How many characters fit into `width` pixels.
pub(super) fn room(width: f32, cell: f32) -> usize {
    (width / (cell * ADVANCE as f32)) as usize
}

/// Pixels from the first inked column of `text` to the last.
pub(super) fn width_of(text: &str, cell: f32) -> f32 {
    (text.len() * ADVANCE - 1) as f32 * cell
}

/// Lines of text.
#[derive(Debug, Default)]
pub(super) struct Lettering {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    left: f32,
    top: f32,
    cell: f32,
    text: Vec<char>,
}

impl Lettering {
    /// Adds a line with its upper left corner at `left`, `top`.
    pub(super) fn write(&mut self, left: f32, top: f32, cell: f32, text: &str) {
        self.lines.push(Line {
            left,
            top,
            cell,
            text: text.chars().collect(),
        });
    }

    /// How much of the pixel at column `x`, row `y` is inked, with letters grown by `grown` cells on all sides.
    pub(super) fn ink(&self, x: usize, y: usize, grown: f32) -> f32 {
        let lines = self.lines.iter();
        lines.map(|line| line.ink(x, y, grown)).fold(0.0, f32::max)
    }
}

impl Line {
    fn ink(&self, x: usize, y: usize, grown: f32) -> f32 {
        let points = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)];
        let row = (y as f32 - self.top) / self.cell;
        let outside = grown + 1.0 / self.cell;
        if row < -outside || row > HEIGHT as f32 + outside {
            return 0.0;
        }
        let marked = points.iter().filter(|(dx, dy)| {
            let column = (x as f32 + dx - self.left) / self.cell;
            let row = (y as f32 + dy - self.top) / self.cell;
            let at = |right: f32, down: f32| {
                let (column, row) = (column + right * grown, row + down * grown);
                inked(&self.text, column.floor() as isize, row.floor() as isize)
            };
            let around = [-1.0, 0.0, 1.0];
            at(0.0, 0.0)
                || (grown > 0.0 && around.iter().any(|&i| around.iter().any(|&k| at(k, i))))
        });
        marked.count() as f32 / points.len() as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_inked_in_proportion_to_their_size() {
        let ink = |cell: f32, grown: f32| -> f32 {
            let mut lettering = Lettering::default();
            lettering.write(8.0, 10.0, cell, "LI");
            (0..80)
                .flat_map(|y| (0..120).map(move |x| (x, y)))
                .map(|(x, y)| lettering.ink(x, y, grown))
                .sum()
        };
        // L has 11 cells and I has 11.
        for cell in [1.0, 2.5, 4.0] {
            let found = ink(cell, 0.0) / (cell * cell);
            assert!((found / 22.0 - 1.0).abs() < 0.05, "{cell}: {found}");
        }
        assert!(ink(4.0, 0.5) > 1.5 * ink(4.0, 0.0));
    }

    #[test]
    fn a_line_ends_where_its_width_says() {
        let mut lettering = Lettering::default();
        lettering.write(8.0, 10.0, 3.0, "HH");
        let right = 8.0 + width_of("HH", 3.0);
        let inked_at = |x: f32, y: usize| lettering.ink(x as usize, y, 0.0) > 0.5;
        assert!(inked_at(right - 1.0, 12) && !inked_at(right + 1.0, 12));
        assert!(inked_at(8.0, 10) && !inked_at(7.0, 10) && inked_at(9.0, 30) && !inked_at(9.0, 31));
    }

    #[test]
    fn words_fill_their_room_and_never_more() {
        let mut random = Random::new([8; 32]);
        for size in 1..60 {
            let text = words(&mut random, size);
            assert!(!text.is_empty() && text.len() <= size, "{size}: {text}");
            assert!(size < 20 || text.len() + 8 >= size, "{size}: {text}");
        }
    }
}
