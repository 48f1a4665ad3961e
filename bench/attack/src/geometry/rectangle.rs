//! Rectangles of whole chroma samples: cut out and put in without touching a sample.
//!
//! # Shapes and units
//! Luma pixels; every edge is even, as 4:2:0 wants it.

use crate::{Picture, Plane, Random};

use super::homography::{Homography, Point};

/// The even whole number next to `side`, at least 2.
pub(crate) fn even(side: f64) -> usize {
    ((side / 2.0).round() as usize * 2).max(2)
}

/// The largest size of an aspect inside `size`, which it shares one side with.
pub(super) fn fitted(size: (usize, usize), aspect: f64) -> (usize, usize) {
    let (width, height) = (size.0 as f64, size.1 as f64);
    if width > height * aspect {
        (even(height * aspect).min(size.0), size.1)
    } else {
        (size.0, even(width / aspect).min(size.1))
    }
}

/// A part of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rectangle {
    /// Left edge.
    pub(super) left: usize,
    /// Upper edge.
    pub(super) top: usize,
    /// Columns.
    pub(super) width: usize,
    /// Rows.
    pub(super) height: usize,
}

impl Rectangle {
    /// A part of `size`, no larger than `frame`, at `place` of the room that it has: 0 left or at the top, 1 right or
    /// at the bottom.
    pub(super) fn placed(frame: (usize, usize), size: (usize, usize), place: (f64, f64)) -> Self {
        let size = (size.0.min(frame.0), size.1.min(frame.1));
        // Steps of two pixels, each as likely as any other.
        let start = |frame: usize, side: usize, place: f64| {
            let room = (frame - side) / 2;
            (((room + 1) as f64 * place) as usize).min(room) * 2
        };
        Self {
            left: start(frame.0, size.0, place.0),
            top: start(frame.1, size.1, place.1),
            width: size.0,
            height: size.1,
        }
    }

    /// What lies inside.
    pub(super) fn cut_from(&self, picture: &Picture) -> Picture {
        let mut cut = picture.map_planes(|plane, shrink| {
            let mut part = Plane::filled(self.width / shrink, self.height / shrink, 0.0);
            for (y, row) in part.rows_mut().enumerate() {
                let from = &plane.row(self.top / shrink + y)[self.left / shrink..];
                row.copy_from_slice(&from[..row.len()]);
            }
            part
        });
        let (left, top) = self.corner();
        cut.lies = cut.lies.then(&Homography::shift(-left, -top));
        cut
    }

    fn corner(&self) -> Point {
        (self.left as f64, self.top as f64)
    }

    /// Puts `part`, which has this size, into `picture`: what lies in it lies here from now on.
    pub(super) fn put_into(&self, picture: &mut Picture, part: &Picture) {
        let (left, top) = self.corner();
        picture.lies = part.lies.then(&Homography::shift(left, top));
        for (plane, part, shrink) in [
            (&mut picture.y, &part.y, 1),
            (&mut picture.u, &part.u, 2),
            (&mut picture.v, &part.v, 2),
        ] {
            let rows = plane.rows_mut().skip(self.top / shrink);
            for (y, row) in rows.take(part.height()).enumerate() {
                row[self.left / shrink..][..part.width()].copy_from_slice(part.row(y));
            }
        }
    }
}

/// A random place in a frame.
pub(super) fn anywhere(random: &mut Random) -> (f64, f64) {
    (random.unit(), random.unit())
}

/// Columns and rows of a picture.
pub(crate) fn size_of(picture: &Picture) -> (usize, usize) {
    (picture.width(), picture.height())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::drawn;

    #[test]
    fn sides_are_even_and_fit() {
        assert_eq!((even(405.0), even(404.9), even(0.3)), (406, 404, 2));
        assert_eq!(fitted((1280, 720), 9.0 / 16.0), (406, 720));
        assert_eq!(fitted((720, 1280), 16.0 / 9.0), (720, 406));
        assert_eq!(fitted((1280, 720), 16.0 / 9.0), (1280, 720));
    }

    #[test]
    fn what_is_cut_out_goes_back_to_its_place() {
        let picture = drawn(32, 24, |x, y| x + 100.0 * y);
        let part = Rectangle::placed((32, 24), (12, 8), (0.5, 1.0));
        assert_eq!((part.left, part.top), (10, 16));
        assert_eq!((part.width, part.height), (12, 8));
        let cut = part.cut_from(&picture);
        assert!((cut.y.row(0)[0] - picture.y.row(16)[10]).abs() < 1e-6);
        assert!((cut.u.row(3)[5] - picture.u.row(11)[10]).abs() < 1e-6);
        let mut back = picture.clone();
        part.put_into(&mut back, &cut);
        assert_eq!(back, picture);
    }

    #[test]
    fn every_even_place_is_reached() {
        let mut random = Random::new([4; 32]);
        let mut seen = [false; 5];
        for _ in 0..200 {
            let part = Rectangle::placed((16, 8), (8, 8), anywhere(&mut random));
            assert_eq!((part.left % 2, part.top), (0, 0));
            seen[part.left / 2] = true;
        }
        assert_eq!(seen, [true; 5]);
    }
}
