//! Painted rectangles that are laid over pictures.
//!
//! ```text
//! p' = (1 - a) p + a c        a: cover, c: code value of the paint; for chroma a and a c are the means of four pixels
//! ```
//!
//! # Shapes and units
//! Places and sides in luma samples, all even. Paint is premultiplied display-referred R'G'B' in [0, 1] with its cover.

use crate::geometry::rectangle::even;
use crate::light::colour::Coding;
use crate::samples::layer::Rgba;
use crate::{NEUTRAL, Picture, Plane, Random};

/// Columns and rows.
pub(super) type Size = (usize, usize);

/// The sides of a rectangle with `share` of the area of `frame`, `aspect` times as wide as high unless it would come
/// closer to the edges than `margin`.
pub(super) fn sides(frame: Size, share: f64, aspect: f64, margin: usize) -> Size {
    let area = share * (frame.0 * frame.1) as f64;
    let (most_width, most_height) = (frame.0 - 2 * margin, frame.1 - 2 * margin);
    let height = even((area / aspect).sqrt()).min(most_height);
    let width = even(area / height as f64).min(most_width);
    (width, even(area / width as f64).min(most_height))
}

/// Where a rectangle lies that is `margin` away from two edges of `frame`, in a random corner.
pub(super) fn corner(frame: Size, size: Size, margin: usize, random: &mut Random) -> Size {
    let corner = random.below(4);
    let x = [margin, frame.0 - size.0 - margin][corner % 2];
    let y = [margin, frame.1 - size.1 - margin][corner / 2];
    (x, y)
}

/// A painted rectangle.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    /// Cover and paint of luma, blue and red difference; the paint times its cover.
    planes: [(Plane, Plane); 3],
}

impl Patch {
    /// A patch whose pixel at column `x`, row `y` is `paint(x, y)`, in the code values of `coding`.
    pub(super) fn paint(
        (width, height): Size,
        coding: &Coding,
        paint: impl Fn(usize, usize) -> Rgba,
    ) -> Self {
        let blank = |shrink| Plane::filled(width / shrink, height / shrink, 0.0);
        let mut planes = [1, 2, 2].map(|shrink| (blank(shrink), blank(shrink)));
        for y in 0..height {
            for x in 0..width {
                let [red, green, blue, cover] = paint(x, y);
                let codes = coding.codes([red, green, blue]);
                for (plane, (to, code)) in planes.iter_mut().zip(codes).enumerate() {
                    // Codes of premultiplied colours lack only the cover of the zero of their scale.
                    let (zero, shrink, part) = if plane == 0 {
                        (coding.black, 1, 1.0)
                    } else {
                        (NEUTRAL, 2, 0.25)
                    };
                    let at = y / shrink * (width / shrink) + x / shrink;
                    to.0.samples_mut()[at] += part * cover;
                    to.1.samples_mut()[at] += part * (code - (1.0 - cover) * zero);
                }
            }
        }
        Self { planes }
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> Size {
        (self.planes[0].0.width(), self.planes[0].0.height())
    }

    /// Lays the whole patch over `picture` with its upper left corner at `at`.
    pub(super) fn lay(&self, picture: &mut Picture, at: Size) {
        self.lay_part(picture, at, (0, 0), self.size());
    }

    /// Lays what lies `size` wide and high from `from` on over `picture`, with its upper left corner at `at`.
    pub(super) fn lay_part(&self, picture: &mut Picture, at: Size, from: Size, size: Size) {
        let targets = [&mut picture.y, &mut picture.u, &mut picture.v];
        for ((target, (covers, paints)), shrink) in
            targets.into_iter().zip(&self.planes).zip([1, 2, 2])
        {
            let [at, from, size] = [at, from, size].map(|(x, y)| (x / shrink, y / shrink));
            for (y, row) in target.rows_mut().skip(at.1).take(size.1).enumerate() {
                let covers = &covers.row(from.1 + y)[from.0..];
                let paints = &paints.row(from.1 + y)[from.0..];
                let row = &mut row[at.0..at.0 + size.0];
                for ((sample, cover), paint) in row.iter_mut().zip(covers).zip(paints) {
                    *sample = (1.0 - cover) * *sample + paint;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::layer::rgba;
    use crate::tryout::coloured;

    #[test]
    fn half_cover_is_half_way_to_the_paint_and_chroma_is_a_mean() {
        let mut picture = coloured(8, 8, [60.0, 100.0, 150.0]);
        let coding = Coding::of(&picture);
        let red = [1.0, 0.0, 0.0];
        let patch = Patch::paint((4, 2), &coding, |x, _| match x {
            0 | 1 => rgba(red, 0.5),
            2 => rgba(red, 1.0),
            _ => [0.0; 4],
        });
        patch.lay(&mut picture, (2, 4));
        let [y, u, v] = coding.codes(red);
        for (x, expected) in [(1, 60.0), (2, 30.0 + y / 2.0), (4, y), (5, 60.0), (6, 60.0)] {
            let found = picture.y.row(5)[x];
            assert!((found - expected).abs() < 1e-3, "{x}: {found}");
        }
        for x in [1, 2] {
            let found = [picture.u.row(2)[x], picture.v.row(2)[x]];
            let expected = [50.0 + u / 2.0, 75.0 + v / 2.0];
            assert!((found[0] - expected[0]).abs() < 1e-3, "{found:?}");
            assert!((found[1] - expected[1]).abs() < 1e-3, "{found:?}");
        }
        assert!((picture.y.row(3)[3] - 60.0).abs() < 1e-6);
        assert!((picture.u.row(3)[1] - 100.0).abs() < 1e-6);
    }

    #[test]
    fn parts_are_taken_from_where_they_are_asked_for() {
        let mut picture = coloured(8, 4, [60.0, 128.0, 128.0]);
        let coding = Coding::of(&picture);
        let patch = Patch::paint((12, 4), &coding, |x, _| rgba([x as f32 / 12.0; 3], 1.0));
        patch.lay_part(&mut picture, (2, 0), (6, 2), (4, 2));
        let shade = |x: f32| 16.0 + 219.0 * x / 12.0;
        for (x, expected) in [(1, 60.0), (2, shade(6.0)), (5, shade(9.0)), (6, 60.0)] {
            assert!((picture.y.row(1)[x] - expected).abs() < 1e-3);
        }
        assert!((picture.y.row(2)[3] - 60.0).abs() < 1e-6);
    }

    #[test]
    fn rectangles_have_their_share_in_wide_and_tall_frames() {
        let mut random = Random::new([1; 32]);
        for frame in [(1280, 720), (720, 1280), (800, 332), (320, 180)] {
            for share in [0.02, 0.05, 0.2, 0.4] {
                let (width, height) = sides(frame, share, 16.0 / 9.0, 4);
                let found = (width * height) as f64 / (frame.0 * frame.1) as f64;
                assert!(
                    (found / share - 1.0).abs() < 0.05,
                    "{frame:?} {share}: {found}"
                );
                let (x, y) = corner(frame, (width, height), 4, &mut random);
                assert!(x + width + 4 <= frame.0 && y + height + 4 <= frame.1);
                assert!(
                    [x, y, width, height]
                        .iter()
                        .all(|side| side.is_multiple_of(2))
                );
            }
        }
    }
}
