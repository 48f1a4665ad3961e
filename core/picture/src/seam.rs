//! Straight seams from edge to edge: where pictures were put side by side, above one another, or in a grid.
//!
//! ```text
//! m(x, y)  = mean over the pictures of |g(x + 1, y) - g(x - 2, y)|        across the line between columns x - 1 and x
//! seam(x)  = share of rows with m(x, y) > 6 and m(x, y) > 1.5 max(m(x - 4, y), m(x + 4, y)),  at least 0.45, the highest nearby
//! ```
//!
//! and the same for rows. What one camera saw has no edge that runs from side to side, is as straight as the samples and stays
//! where it is.
//!
//! # Shapes and units
//! Pictures as in [`Grey`], all of one size; levels in 8-bit code values. A seam is the first column, or row, behind it.

use crate::Grey;

/// Contrast of a seam.
const EDGE: f32 = 6.0;
/// The same as a multiple of the contrast beside it.
const ABOVE_BESIDE: f32 = 1.5;
/// Share of a line that is a seam.
const SEAM: f64 = 0.45;
/// Samples to either side whose contrast is compared, and within which there is one seam.
const BESIDE: usize = 4;

/// Where pictures meet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seams {
    /// First columns behind a seam, ascending.
    pub columns: Vec<usize>,
    /// First rows behind a seam, ascending.
    pub rows: Vec<usize>,
}

impl Seams {
    /// Of the pictures of a clip; those of another size than the first are left out.
    #[must_use]
    pub fn of(pictures: &[&Grey]) -> Self {
        let Some(first) = pictures.first() else {
            return Self::default();
        };
        let (width, height) = (first.width(), first.height());
        let alike: Vec<&Grey> = pictures
            .iter()
            .copied()
            .filter(|p| (p.width(), p.height()) == (width, height))
            .collect();
        let at = |p: &Grey, x: usize, y: usize| p.samples()[y * width + x];
        Self {
            columns: along(width, height, &alike, |p, x, y| at(p, x, y)),
            rows: along(height, width, &alike, |p, y, x| at(p, x, y)),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.rows.is_empty()
    }
}

/// Seams across one axis of so many lines of so many samples.
fn along(
    lines: usize,
    samples: usize,
    pictures: &[&Grey],
    at: impl Fn(&Grey, usize, usize) -> f32,
) -> Vec<usize> {
    if lines < 4 * BESIDE || samples == 0 {
        return Vec::new();
    }
    let contrast = |line: usize| -> Vec<f32> {
        (0..samples)
            .map(|sample| {
                let each = pictures
                    .iter()
                    .map(|p| (at(p, line + 1, sample) - at(p, line - 2, sample)).abs());
                each.sum::<f32>() / pictures.len() as f32
            })
            .collect()
    };
    let all: Vec<Vec<f32>> = (2..lines - 1).map(contrast).collect();
    let share = |place: usize| -> f64 {
        let (before, own, after) = (&all[place - BESIDE], &all[place], &all[place + BESIDE]);
        let is_edge =
            |i: &usize| own[*i] > EDGE && own[*i] > ABOVE_BESIDE * before[*i].max(after[*i]);
        (0..samples).filter(is_edge).count() as f64 / samples as f64
    };
    let shares: Vec<(usize, f64)> = (BESIDE..all.len() - BESIDE)
        .map(|place| (place + 2, share(place)))
        .collect();
    let mut seams: Vec<(usize, f64)> = Vec::new();
    for (line, share) in shares.into_iter().filter(|(_, share)| *share >= SEAM) {
        match seams.last_mut() {
            Some(last) if line - last.0 <= BESIDE => {
                if share > last.1 {
                    *last = (line, share);
                }
            }
            _ => seams.push((line, share)),
        }
    }
    seams.into_iter().map(|(line, _)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two slanted textures that move, one before and one behind a column.
    fn side_by_side(seam: usize) -> Vec<Grey> {
        (0..6)
            .map(|n| {
                let level = |x: usize, y: usize| {
                    let (x, y, n) = (x as f32, y as f32, n as f32);
                    if (x as usize) < seam {
                        70.0 + 40.0 * (0.05 * x + 0.11 * y + 0.9 * n).sin()
                    } else {
                        150.0 + 40.0 * (0.08 * x - 0.06 * y + 0.5 * n).sin()
                    }
                };
                let places = (0..120).flat_map(|y| (0..200).map(move |x| (x, y)));
                Grey::new(200, 120, places.map(|(x, y)| level(x, y)).collect()).expect("a picture")
            })
            .collect()
    }

    #[test]
    fn two_films_side_by_side_meet_at_a_seam() {
        for seam in [67, 100] {
            let pictures = side_by_side(seam);
            let found = Seams::of(&pictures.iter().collect::<Vec<_>>());
            assert_eq!((found.columns.len(), found.rows.len()), (1, 0), "{found:?}");
            assert!(found.columns[0].abs_diff(seam) <= 1, "{found:?}");
        }
    }

    #[test]
    fn one_film_has_no_seam() {
        let pictures = side_by_side(0);
        assert!(Seams::of(&pictures.iter().collect::<Vec<_>>()).is_empty());
        assert!(Seams::of(&[]).is_empty());
    }
}
