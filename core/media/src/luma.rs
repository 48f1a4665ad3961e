//! The luma plane of one picture, lent out for reading or for editing in place.
//!
//! # Shapes and units
//! Row major, `samples[y * stride + x]` for `x < width`, `y < height`; what lies between `width` and `stride` is
//! padding. The slice has `stride * (height - 1) + width` samples. Code values occupy the low `bit_depth` bits.

/// Samples of a picture that is being read.
#[derive(Debug, Clone, Copy)]
pub enum LumaSamples<'a> {
    /// Eight bits a sample.
    U8(&'a [u8]),
    /// Nine to sixteen bits a sample, in the low bits.
    U16(&'a [u16]),
}

/// The visible luma of one decoded picture.
#[derive(Debug, Clone, Copy)]
pub struct Luma<'a> {
    /// Code values.
    pub samples: LumaSamples<'a>,
    /// Visible samples in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Samples from one row to the next.
    pub stride: usize,
    /// Significant bits of a sample.
    pub bit_depth: u8,
    /// Black at 0 and white at the top, instead of 16 to 235 (times `2^(bit_depth - 8)`).
    pub full_range: bool,
}

/// Samples of a picture that may be changed.
#[derive(Debug)]
pub enum LumaSamplesMut<'a> {
    /// Eight bits a sample.
    U8(&'a mut [u8]),
    /// Nine to sixteen bits a sample, in the low bits. Values above `2^bit_depth - 1` must not be written.
    U16(&'a mut [u16]),
}

/// The visible luma of one picture on its way to the encoder.
#[derive(Debug)]
pub struct LumaMut<'a> {
    /// Code values.
    pub samples: LumaSamplesMut<'a>,
    /// Visible samples in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Samples from one row to the next.
    pub stride: usize,
    /// Significant bits of a sample.
    pub bit_depth: u8,
    /// Black at 0 and white at the top, instead of 16 to 235 (times `2^(bit_depth - 8)`).
    pub full_range: bool,
}

impl LumaMut<'_> {
    /// The same picture, for reading.
    #[must_use]
    pub fn as_luma(&self) -> Luma<'_> {
        Luma {
            samples: match &self.samples {
                LumaSamplesMut::U8(samples) => LumaSamples::U8(samples),
                LumaSamplesMut::U16(samples) => LumaSamples::U16(samples),
            },
            width: self.width,
            height: self.height,
            stride: self.stride,
            bit_depth: self.bit_depth,
            full_range: self.full_range,
        }
    }
}
