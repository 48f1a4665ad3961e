//! From code values to R'G'B' and back, as the size and range of a picture imply.
//!
//! ```text
//! y  = (Y - black) / (white - black)        Cb = (U - 128) / c,   Cr = (V - 128) / c,   c = 224 or 255 (full range)
//! R' = y + 2 (1 - Kr) Cr,   B' = y + 2 (1 - Kb) Cb,   G' = (y - Kr R' - Kb B') / (1 - Kr - Kb)
//! Kr, Kb = 0.299, 0.114 up to 576 lines (BT.601), else 0.2126, 0.0722 (BT.709)
//! ```
//!
//! # Shapes and units
//! Code values on the 8-bit scale; R'G'B' in [0, 1] where the code values are legal.
//! # References
//! ITU-R BT.601-7, BT.709-6: matrix coefficients and quantisation.

use crate::{NEUTRAL, Picture};

/// Rows up to which a picture counts as standard definition.
const STANDARD_LINES: usize = 576;

/// How a picture's code values stand for colours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Coding {
    /// Code value of black.
    pub(crate) black: f32,
    /// White less black.
    pub(crate) luma_span: f32,
    /// From the least to the greatest legal chroma.
    pub(super) chroma_span: f32,
    red: f32,
    blue: f32,
}

impl Coding {
    /// The coding of `picture`.
    pub(crate) fn of(picture: &Picture) -> Self {
        let (red, blue) = if picture.height() <= STANDARD_LINES {
            (0.299, 0.114)
        } else {
            (0.2126, 0.0722)
        };
        Self {
            black: picture.black(),
            luma_span: picture.white() - picture.black(),
            chroma_span: if picture.full_range { 255.0 } else { 224.0 },
            red,
            blue,
        }
    }

    /// R'G'B' of Y, U, V.
    #[inline]
    pub(super) fn rgb(&self, [y, u, v]: [f32; 3]) -> [f32; 3] {
        let y = (y - self.black) / self.luma_span;
        let red = y + 2.0 * (1.0 - self.red) * (v - NEUTRAL) / self.chroma_span;
        let blue = y + 2.0 * (1.0 - self.blue) * (u - NEUTRAL) / self.chroma_span;
        let green = (y - self.red * red - self.blue * blue) / (1.0 - self.red - self.blue);
        [red, green, blue]
    }

    /// Y, U, V of R'G'B'.
    #[inline]
    pub(crate) fn codes(&self, [red, green, blue]: [f32; 3]) -> [f32; 3] {
        let y = self.red * red + (1.0 - self.red - self.blue) * green + self.blue * blue;
        [
            self.black + self.luma_span * y,
            NEUTRAL + self.chroma_span * (blue - y) / (2.0 * (1.0 - self.blue)),
            NEUTRAL + self.chroma_span * (red - y) / (2.0 * (1.0 - self.red)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Plane;

    #[test]
    fn primaries_have_the_code_values_of_the_standards() {
        // 8-bit limited range: BT.601 red 81, 90, 240 and blue 41, 240, 110; BT.709 green 173, 42, 26.
        for (lines, rgb, codes) in [
            (480, [1.0, 0.0, 0.0], [81.0, 90.0, 240.0]),
            (576, [0.0, 0.0, 1.0], [41.0, 240.0, 110.0]),
            (720, [0.0, 1.0, 0.0], [173.0, 42.0, 26.0]),
            (720, [1.0, 1.0, 1.0], [235.0, 128.0, 128.0]),
        ] {
            let coding = Coding::of(&Picture::grey(Plane::filled(2, lines, 16.0)));
            let found = coding.codes(rgb);
            let back = coding.rgb(found);
            for i in 0..3 {
                assert!((found[i] - codes[i]).abs() <= 0.5, "{found:?}");
                assert!((back[i] - rgb[i]).abs() < 1e-5, "{back:?}");
            }
        }
    }

    #[test]
    fn full_range_spans_every_code() {
        let mut picture = Picture::grey(Plane::filled(2, 720, 0.0));
        picture.full_range = true;
        let coding = Coding::of(&picture);
        assert!((coding.codes([1.0; 3])[0] - 255.0).abs() < 1e-4);
        assert!((coding.codes([0.0, 0.0, 1.0])[1] - 255.5).abs() < 1e-3);
    }
}
