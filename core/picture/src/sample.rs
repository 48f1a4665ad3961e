//! Samples of a plane and their bit depth.
//!
//! ```text
//! level = sample / 2^(bit_depth - 8)        every depth on the scale of 8-bit code values
//! ```
//!
//! # Shapes and units
//! Code values: `u8` carries 8 bits, `u16` carries 8 to 16 bits in its low end.

use crate::PlaneError;

/// Bits of a code value: 8 to 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BitDepth(u8);

impl BitDepth {
    /// 8 bits.
    pub const EIGHT: Self = Self(8);
    /// 10 bits.
    pub const TEN: Self = Self(10);

    /// Proves the range.
    ///
    /// # Errors
    /// [`PlaneError::BitDepth`] outside 8 to 16.
    pub const fn new(bits: u8) -> Result<Self, PlaneError> {
        if bits < 8 || bits > 16 {
            return Err(PlaneError::BitDepth(bits));
        }
        Ok(Self(bits))
    }

    /// Bits of a code value.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0 as u32
    }

    /// Largest code value, `2^bits - 1`.
    #[must_use]
    pub const fn max_code(self) -> u16 {
        ((1_u32 << self.0) - 1) as u16
    }

    /// The factor that turns a sample into 8-bit code values: `2^(8 - bits)`, exact.
    #[must_use]
    pub fn level(self) -> f32 {
        1.0 / self.codes_per_8bit_code() as f32
    }

    /// Code values of this depth in one code value of 8 bits: `2^(bits - 8)`.
    #[must_use]
    pub const fn codes_per_8bit_code(self) -> u32 {
        1 << (self.0 - 8)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u16 {}
}

/// What a filter reads: a code value, or a level in floating point.
pub trait Value: Copy {
    /// As f32, exact.
    fn value(self) -> f32;
}

macro_rules! impl_value {
    ($($code:ty),+) => {
        $(impl Value for $code {
            // Kernels must be compiled into the caller's instruction set.
            #[inline(always)]
            fn value(self) -> f32 {
                f32::from(self)
            }
        })+
    };
}

impl_value!(u8, u16, f32);

/// A sample type: `u8` or `u16`.
pub trait Sample:
    sealed::Sealed + Value + Default + Send + Sync + Into<u16> + std::fmt::Debug + 'static
{
    /// Largest bit depth that the type carries.
    const MAX_BIT_DEPTH: BitDepth;

    /// Samples as what they are, for code that is compiled once for each type and not once more for each caller.
    #[must_use]
    fn codes(samples: &[Self]) -> Codes<'_>;

    /// As it is.
    #[must_use]
    fn code(self) -> u16 {
        self.into()
    }

    /// Whether the type can carry that depth: `u8` carries 8 bits only.
    #[must_use]
    fn carries(bit_depth: BitDepth) -> bool {
        bit_depth <= Self::MAX_BIT_DEPTH
    }
}

/// Samples of one of the two types.
#[derive(Debug, Clone, Copy)]
pub enum Codes<'a> {
    /// Eight bits a sample.
    U8(&'a [u8]),
    /// Eight to sixteen bits a sample, in the low bits.
    U16(&'a [u16]),
}

impl Sample for u8 {
    const MAX_BIT_DEPTH: BitDepth = BitDepth(8);

    fn codes(samples: &[Self]) -> Codes<'_> {
        Codes::U8(samples)
    }
}

impl Sample for u16 {
    const MAX_BIT_DEPTH: BitDepth = BitDepth(16);

    fn codes(samples: &[Self]) -> Codes<'_> {
        Codes::U16(samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_reach_the_full_code_range() {
        assert_eq!(BitDepth::new(16).map(BitDepth::max_code), Ok(u16::MAX));
        assert_eq!(BitDepth::TEN.codes_per_8bit_code(), 4);
        assert_eq!(BitDepth::TEN.level().to_bits(), 0.25_f32.to_bits());
    }

    #[test]
    fn depths_outside_eight_to_sixteen_are_refused() {
        for bits in [0, 7, 17, 255] {
            assert_eq!(BitDepth::new(bits), Err(PlaneError::BitDepth(bits)));
        }
        assert!(u8::carries(BitDepth::EIGHT) && !u8::carries(BitDepth::TEN));
    }
}
