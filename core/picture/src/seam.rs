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
//! ```text
//! d(x)     = sum over rows and pictures of  sign(g(b - 2) - g(b + 1)) (g(x - 1) - g(x)),      b: where d is highest near the seam
//! at       = sum of x d(x) / sum of d(x)  over x = b - 1, b, b + 1        a sample that both share is shared in that proportion
//! r(x, z)  = correlation over rows and pictures of  h(x), h(z),  h(x, y) = g(x, y + 4) - g(x, y)
//! parted  <=>  r(b - 2, b + 1) < 0.5 max(r(b - 5, b - 2), r(b + 1, b + 4)),  or a side is flat
//! ```
//!
//! An edge within a picture, such as a post, leaves what lies beside it in common; what was put together has nothing.
//!
//! # Shapes and units
//! Pictures as in [`Grey`], all of one size; levels in 8-bit code values. Places of seams in samples from the first edge.

use crate::Grey;

/// Contrast of a seam.
const EDGE: f32 = 6.0;
/// The same as a multiple of the contrast beside it.
const ABOVE_BESIDE: f32 = 1.5;
/// Share of a line that is a seam.
const SEAM: f64 = 0.45;
/// Samples to either side whose contrast is compared, and within which there is one seam.
const BESIDE: usize = 4;

/// Samples along a line over which its pattern is taken.
const ALONG: usize = 4;
/// Share of the correlation beside a seam that is left across it where pictures part.
const PARTED: f64 = 0.5;

/// Where pictures meet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seams {
    /// Between columns, ascending.
    pub columns: Vec<Seam>,
    /// Between rows, ascending.
    pub rows: Vec<Seam>,
}

/// A line at which two pictures meet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seam {
    /// Where, in samples: a whole number where it lies between two samples.
    pub at: f64,
    /// Whether nothing goes on across it: one picture may have an edge as straight.
    pub is_parted: bool,
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
) -> Vec<Seam> {
    let shares = edges(lines, samples, pictures, &at).into_iter();
    let shares = shares.map(|(line, edge)| {
        let share = edge.iter().filter(|is_edge| **is_edge).count() as f64;
        (line, share / samples as f64)
    });
    let mut seams: Vec<(usize, f64)> = Vec::new();
    for (line, share) in shares.filter(|(_, share)| *share >= SEAM) {
        match seams.last_mut() {
            Some(last) if line - last.0 <= BESIDE => {
                if share > last.1 {
                    *last = (line, share);
                }
            }
            _ => seams.push((line, share)),
        }
    }
    let across = Across {
        lines,
        samples,
        pictures,
        at,
    };
    seams.iter().map(|(line, _)| across.seam(*line)).collect()
}

/// Lines of which the samples beside are known, each with the samples along it at which it is an edge that stays where it is.
pub(crate) fn edges(
    lines: usize,
    samples: usize,
    pictures: &[&Grey],
    at: &impl Fn(&Grey, usize, usize) -> f32,
) -> Vec<(usize, Vec<bool>)> {
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
    let edge = |place: usize| {
        let (before, own, after) = (&all[place - BESIDE], &all[place], &all[place + BESIDE]);
        let is_edge = |i: usize| own[i] > EDGE && own[i] > ABOVE_BESIDE * before[i].max(after[i]);
        (place + 2, (0..samples).map(is_edge).collect())
    };
    (BESIDE..all.len() - BESIDE).map(edge).collect()
}

/// The pictures, seen across the lines of one axis.
struct Across<'a, F> {
    lines: usize,
    samples: usize,
    pictures: &'a [&'a Grey],
    /// The sample of a picture in a line, at a place along it.
    at: F,
}

impl<F: Fn(&Grey, usize, usize) -> f32> Across<'_, F> {
    /// The seam near a line that lies [`BESIDE`] from either edge at least.
    fn seam(&self, line: usize) -> Seam {
        let steps = |line: usize, places: [usize; 3]| places.map(|place| self.step(line, place));
        let near = [line - 2, line - 1, line, line + 1, line + 2];
        let highest = near
            .into_iter()
            .max_by(|a, b| self.step(line, *a).total_cmp(&self.step(line, *b)))
            .unwrap_or(line);
        let places = [highest - 1, highest, highest + 1];
        let shares = steps(highest, places).map(|step| step.max(0.0));
        let all: f64 = shares.iter().sum();
        let mean = places.iter().zip(shares);
        let mean: f64 = mean.map(|(place, share)| *place as f64 * share).sum();
        Seam {
            at: if all > 0.0 {
                mean / all
            } else {
                highest as f64
            },
            is_parted: self.is_parted(highest),
        }
    }

    /// How much of what lies between the two sides of a line lies between a place and the sample before it.
    fn step(&self, line: usize, place: usize) -> f64 {
        let mut sum = 0.0;
        for picture in self.pictures {
            for sample in 0..self.samples {
                let level = |line: usize| f64::from((self.at)(picture, line, sample));
                let step = level(place - 1) - level(place);
                let sides = level(line - 2) - level(line + 1);
                sum += if sides < 0.0 { -step } else { step };
            }
        }
        sum
    }

    /// Whether what lies before a line has nothing in common with what lies behind it.
    fn is_parted(&self, line: usize) -> bool {
        let (before, behind) = (line - 2, line + 1);
        let mut sides: Vec<Option<f64>> = Vec::new();
        if let Some(other) = before.checked_sub(3) {
            sides.push(self.likeness(other, before));
        }
        if behind + 3 < self.lines {
            sides.push(self.likeness(behind, behind + 3));
        }
        let beside = sides.into_iter().flatten().fold(0.0, f64::max);
        let across = self.likeness(before, behind);
        across.is_none_or(|across| across < PARTED * beside)
    }

    /// How the patterns along two lines correlate; none where one is flat.
    fn likeness(&self, a: usize, b: usize) -> Option<f64> {
        let (mut both, mut own, mut other) = (0.0, 0.0, 0.0);
        for picture in self.pictures {
            for sample in ALONG..self.samples {
                let change = |line: usize| {
                    let level = |sample: usize| f64::from((self.at)(picture, line, sample));
                    level(sample) - level(sample - ALONG)
                };
                let (x, y) = (change(a), change(b));
                both += x * y;
                own += x * x;
                other += y * y;
            }
        }
        let norm: f64 = own * other;
        (norm > 0.0).then(|| both / norm.sqrt())
    }
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
            let own = found.columns[0];
            assert!(
                (own.at - seam as f64).abs() < 0.3 && own.is_parted,
                "{found:?}"
            );
        }
    }

    #[test]
    fn a_seam_within_a_sample_is_told_to_a_part_of_it() {
        // What was 401 columns wide, seen at half of it: column 67 is a third of the one film's, two thirds of the other's.
        let pictures: Vec<Grey> = side_by_side(67)
            .into_iter()
            .map(|picture| {
                let mut samples = picture.samples().to_vec();
                for row in samples.chunks_exact_mut(200) {
                    row[67] = row[66] / 3.0 + row[68] * 2.0 / 3.0;
                }
                Grey::new(200, 120, samples).expect("a picture")
            })
            .collect();
        let found = Seams::of(&pictures.iter().collect::<Vec<_>>());
        let columns = found.columns;
        assert!(
            columns.len() == 1 && (columns[0].at - 67.33).abs() < 0.2,
            "{columns:?}"
        );
    }

    #[test]
    fn an_edge_of_one_picture_does_not_part_it() {
        // A wall that is lighter from a column on, with the same pattern on either side.
        let level = |x: usize, y: usize, n: usize| {
            let light = if x < 90 { 0.0 } else { 50.0 };
            let (x, y, n) = (x as f32, y as f32, n as f32);
            80.0 + light + 30.0 * (0.05 * x + 0.31 * y + 0.2 * n).sin()
        };
        let pictures: Vec<Grey> = (0..6)
            .map(|n| {
                let places = (0..120).flat_map(|y| (0..200).map(move |x| (x, y)));
                let samples = places.map(|(x, y)| level(x, y, n));
                Grey::new(200, 120, samples.collect()).expect("a picture")
            })
            .collect();
        let found = Seams::of(&pictures.iter().collect::<Vec<_>>());
        assert!(
            found.columns.len() == 1 && !found.columns[0].is_parted,
            "{found:?}"
        );
    }

    #[test]
    fn one_film_has_no_seam() {
        let pictures = side_by_side(0);
        assert!(Seams::of(&pictures.iter().collect::<Vec<_>>()).is_empty());
        assert!(Seams::of(&[]).is_empty());
    }
}
