//! Which part of a clip's pictures a title covers.
//!
//! ```text
//! like(x)     =  the map shows the title there, and it is not foreign, in most pictures
//! covered(x)  =  mean of like within 4 % of x in rows and columns > 0.7
//! ```
//!
//! The head of `foreign` says what is foreign. In pictures that have nothing in common one sample in four is alike by chance, and
//! half of those of flat grounds: a place counts by what most of its surroundings are.
//!
//! # Shapes and units
//! Pictures as in [`Grey`], all of one size. Places as shares of the picture's sides.

use countermark_picture::{Grey, Homography};

use super::{foreign, reach};

/// Share of the short side within which surroundings lie, and the share of them that must be like the title.
const SURROUNDINGS: f64 = 0.04;
const MOST: f64 = 0.7;

/// What a title covers of the pictures of a clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    width: usize,
    height: usize,
    covered: Vec<bool>,
}

impl Coverage {
    /// Of some pictures, each with the title's own and the map from that one's samples to the picture's; none when that cannot be
    /// told.
    #[must_use]
    pub fn of(pictures: &[(&Grey, &Grey, Homography)]) -> Option<Self> {
        let (first, _, _) = pictures.first()?;
        let (width, height) = (first.width(), first.height());
        let mut often = vec![0_usize; width * height];
        let mut told = 0;
        for (picture, shown, map) in pictures {
            if (picture.width(), picture.height()) != (width, height) {
                continue;
            }
            let Some(like) = foreign::like(picture, shown, map) else {
                continue;
            };
            told += 1;
            for (count, is_like) in often.iter_mut().zip(like) {
                *count += usize::from(is_like);
            }
        }
        let most: Vec<bool> = often.iter().map(|&count| 2 * count > told).collect();
        let covered = mostly(&most, (width, height), reach(SURROUNDINGS, width, height));
        (told > 0).then_some(Self {
            width,
            height,
            covered,
        })
    }

    /// Whether a place is covered; nothing beyond the picture is.
    #[must_use]
    pub fn holds(&self, (x, y): (f64, f64)) -> bool {
        let place = |at: f64, side: usize| {
            let place = (at * side as f64).floor();
            ((0.0..side as f64).contains(&place)).then_some(place as usize)
        };
        match (place(x, self.width), place(y, self.height)) {
            (Some(column), Some(row)) => self.covered[row * self.width + column],
            _ => false,
        }
    }
}

/// Where most of what lies within `reach` samples in rows and columns is set.
fn mostly(set: &[bool], (width, height): (usize, usize), reach: usize) -> Vec<bool> {
    // Counts of all above and to the left, a row and a column more than the picture.
    let stride = width + 1;
    let mut counts = vec![0_usize; stride * (height + 1)];
    for y in 0..height {
        let mut row = 0;
        for x in 0..width {
            row += usize::from(set[y * width + x]);
            counts[(y + 1) * stride + x + 1] = counts[y * stride + x + 1] + row;
        }
    }
    let around = |at: usize, side: usize| (at.saturating_sub(reach), (at + reach + 1).min(side));
    (0..width * height)
        .map(|i| {
            let ((left, right), (top, bottom)) =
                (around(i % width, width), around(i / width, height));
            let count = counts[bottom * stride + right] + counts[top * stride + left]
                - counts[top * stride + right]
                - counts[bottom * stride + left];
            count as f64 > MOST * ((right - left) * (bottom - top)) as f64
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_picture::picture;

    #[test]
    fn a_place_counts_by_its_surroundings() {
        // Three columns of four are set to the left of 6, one of four behind it.
        let set: Vec<bool> = (0..12 * 12)
            .map(|i| match i % 12 {
                x if x < 6 => x % 4 != 3,
                x => x % 4 == 3,
            })
            .collect();
        let held = mostly(&set, (12, 12), 2);
        assert!((0..12).all(|y| held[y * 12] && held[y * 12 + 1]));
        assert!((0..12).all(|y| (7..12).all(|x| !held[y * 12 + x])));
    }

    #[test]
    fn a_title_in_the_left_half_covers_the_left_half() {
        let (own, other) = (picture(3, 240, 160), picture(8, 240, 160));
        let halves: Vec<Grey> = (0..3)
            .map(|_| {
                let places = (0..160).flat_map(|y| (0..240).map(move |x| (x, y)));
                let from = |x: usize| if x < 120 { &own } else { &other };
                let samples = places.map(|(x, y)| from(x).samples()[y * 240 + x]);
                Grey::new(240, 160, samples.collect()).expect("a picture")
            })
            .collect();
        let pictures: Vec<(&Grey, &Grey, Homography)> = halves
            .iter()
            .map(|half| (half, &own, Homography::IDENTITY))
            .collect();
        let coverage = Coverage::of(&pictures).expect("alike");
        let share = |columns: std::ops::Range<usize>| {
            let places = columns.flat_map(|x| (0..160).map(move |y| (x, y)));
            let held: Vec<bool> = places
                .map(|(x, y)| coverage.holds(((x as f64 + 0.5) / 240.0, (y as f64 + 0.5) / 160.0)))
                .collect();
            held.iter().filter(|&&held| held).count() as f64 / held.len() as f64
        };
        assert!(share(0..116) > 0.99, "{}", share(0..116));
        assert!(share(124..240) < 0.3, "{}", share(124..240));
        assert!(!coverage.holds((1.5, 0.5)));
    }
}
