//! One picture as attacks on pixels see it: 4:2:0 planes of real numbers.
//!
//! ```text
//! code value on the 8-bit scale = sample of the file / 2^(bit_depth - 8)
//! y = (Y' - black) / (white - black),   black, white = 16, 235 (limited range) or 0, 255 (full range)
//! ```
//!
//! # Shapes and units
//! Row major without padding. Luma `width x height`, both even; chroma half of each, neutral at 128, sited in the middle
//! of its four luma samples. Values may leave the range between attacks; they are clipped when they are written.

use countermark_media::{Planes, SampleFormat, VideoFrame};
use countermark_picture::{AnyPlane, Value as _, by_depth};

use super::lie::Lie;

/// Neutral chroma.
pub const NEUTRAL: f32 = 128.0;

/// Samples of one colour component.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    width: usize,
    height: usize,
    samples: Vec<f32>,
}

impl Plane {
    /// A plane of one value.
    #[must_use]
    pub fn filled(width: usize, height: usize, value: f32) -> Self {
        Self {
            width,
            height,
            samples: vec![value; width * height],
        }
    }

    /// A plane whose sample at column `x`, row `y` is `value(x, y)`.
    #[must_use]
    pub fn from_fn(
        width: usize,
        height: usize,
        mut value: impl FnMut(usize, usize) -> f32,
    ) -> Self {
        let mut samples = Vec::with_capacity(width * height);
        for y in 0..height {
            samples.extend((0..width).map(|x| value(x, y)));
        }
        Self {
            width,
            height,
            samples,
        }
    }

    /// Columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// All samples, row after row.
    #[must_use]
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// All samples, for writing.
    pub fn samples_mut(&mut self) -> &mut [f32] {
        &mut self.samples
    }

    /// Row `y`.
    #[must_use]
    pub fn row(&self, y: usize) -> &[f32] {
        &self.samples[y * self.width..][..self.width]
    }

    /// The rows from the top.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.samples.chunks_exact_mut(self.width)
    }

    /// The sample at column `x`, row `y`; outside the plane the nearest one.
    #[must_use]
    pub fn clamped(&self, x: isize, y: isize) -> f32 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.samples[y * self.width + x]
    }

    fn of(luma: &AnyPlane<'_>) -> Self {
        let scale = luma.bit_depth().level();
        Self {
            width: luma.width(),
            height: luma.height(),
            samples: by_depth!(luma, |view| view
                .rows()
                .flatten()
                .map(|sample| sample.value() * scale)
                .collect()),
        }
    }

    /// Rounded to `bit_depth` bits.
    fn codes(&self, bit_depth: u8) -> Vec<u16> {
        let scale = f32::from(1_u16 << (bit_depth - 8));
        let top = f32::from(((1_u32 << bit_depth) - 1) as u16);
        let code = |sample: &f32| (sample * scale + 0.5).clamp(0.0, top) as u16;
        self.samples.iter().map(code).collect()
    }

    fn bytes(&self) -> Vec<u8> {
        let code = |sample: &f32| (sample + 0.5).clamp(0.0, 255.0) as u8;
        self.samples.iter().map(code).collect()
    }
}

/// A picture in colour.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Luma.
    pub y: Plane,
    /// Blue difference.
    pub u: Plane,
    /// Red difference.
    pub v: Plane,
    /// Black at 0 and white at 255 instead of 16 and 235.
    pub full_range: bool,
    /// Bits of a sample in the file it came from, and in the file it goes to.
    pub bit_depth: u8,
    /// Where the picture that was attacked lies in this one.
    pub(crate) lies: Lie,
}

impl Picture {
    /// A grey picture of limited range and 8 bits.
    ///
    /// # Panics
    /// When a side is odd: 4:2:0 has no half chroma samples.
    #[must_use]
    pub fn grey(y: Plane) -> Self {
        let (width, height) = (y.width, y.height);
        assert!(
            width.is_multiple_of(2) && height.is_multiple_of(2),
            "sides must be even: {width}x{height}"
        );
        Self {
            y,
            u: Plane::filled(width / 2, height / 2, NEUTRAL),
            v: Plane::filled(width / 2, height / 2, NEUTRAL),
            full_range: false,
            bit_depth: 8,
            lies: Lie::whole(),
        }
    }

    /// A picture that was read as 4:2:0; none if it was not.
    #[must_use]
    pub fn of(frame: &VideoFrame) -> Option<Self> {
        let luma = frame.luma();
        let [u, v] = frame.chroma()?;
        if luma.size() != (u.width() * 2, u.height() * 2) {
            return None;
        }
        Some(Self {
            y: Plane::of(&luma),
            u: Plane::of(&u),
            v: Plane::of(&v),
            full_range: frame.is_full_range(),
            bit_depth: luma.bit_depth().bits() as u8,
            lies: Lie::whole(),
        })
    }

    /// Luma columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.y.width
    }

    /// Luma rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.y.height
    }

    /// Code value of black.
    #[must_use]
    pub fn black(&self) -> f32 {
        if self.full_range { 0.0 } else { 16.0 }
    }

    /// Code value of white.
    #[must_use]
    pub fn white(&self) -> f32 {
        if self.full_range { 255.0 } else { 235.0 }
    }

    /// The same planes through `change`, which is told how many times smaller than luma each is (1 or 2).
    #[must_use]
    pub fn map_planes(&self, mut change: impl FnMut(&Plane, usize) -> Plane) -> Self {
        Self {
            y: change(&self.y, 1),
            u: change(&self.u, 2),
            v: change(&self.v, 2),
            full_range: self.full_range,
            bit_depth: self.bit_depth,
            lies: self.lies,
        }
    }

    /// How [`Picture::write`] lays the samples out.
    #[must_use]
    pub fn format(bit_depth: u8) -> SampleFormat {
        if bit_depth > 8 {
            SampleFormat::Yuv420Bits10
        } else {
            SampleFormat::Yuv420Bits8
        }
    }

    /// Hands rounded planes in the layout of [`Picture::format`] to `write`.
    pub fn write<R>(&self, bit_depth: u8, write: impl FnOnce(Planes<'_>) -> R) -> R {
        if bit_depth > 8 {
            let [y, u, v] = [&self.y, &self.u, &self.v].map(|plane| plane.codes(10));
            write(Planes::Yuv16 {
                y: &y,
                u: &u,
                v: &v,
            })
        } else {
            let [y, u, v] = [&self.y, &self.u, &self.v].map(Plane::bytes);
            write(Planes::Yuv8 {
                y: &y,
                u: &u,
                v: &v,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_rounded_and_clipped_at_either_depth() {
        let plane = Plane::from_fn(2, 2, |x, y| [[-3.0, 16.26], [99.5, 300.0]][y][x]);
        assert_eq!(plane.bytes(), [0, 16, 100, 255]);
        assert_eq!(plane.codes(10), [0, 65, 398, 1023]);
    }

    #[test]
    fn outside_a_plane_lies_its_edge() {
        let plane = Plane::from_fn(3, 2, |x, y| (10 * y + x) as f32);
        for ((x, y), expected) in [((-4, 0), 0.0), ((9, 9), 12.0), ((1, 1), 11.0)] {
            let found = plane.clamped(x, y);
            assert!((found - expected).abs() < 1e-6, "{x}, {y}: {found}");
        }
    }
}
