//! Which part of a clip's pictures a title covers.
//!
//! ```text
//! covered(x)  =  the map shows the title there, and it is not foreign, in most pictures; opened and closed by 2 %
//! ```
//!
//! The head of `foreign` says what is foreign. In pictures that have nothing in common one sample in four is alike by chance: a
//! part counts by what most of it is.
//!
//! # Shapes and units
//! Pictures as in [`Grey`], all of one size. Places as shares of the picture's sides.

use countermark_picture::{Grey, Homography};

use super::{CLOSING, dilated, eroded, foreign, reach};

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
        let by = reach(CLOSING, width, height);
        let closed = eroded(&dilated(&most, width, height, by), width, height, by);
        let covered = dilated(&eroded(&closed, width, height, by), width, height, by);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_picture::picture;

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
        assert!(share(124..240) < 0.5, "{}", share(124..240));
        assert!(!coverage.holds((1.5, 0.5)));
    }
}
