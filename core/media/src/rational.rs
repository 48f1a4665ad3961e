//! Exact fractions: frame rates, time bases, sample aspects.

use std::fmt;

use ffmpeg_next::ffi::AVRational;

/// A fraction with a positive denominator, or `0/1` for "unknown".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rational {
    numerator: i32,
    denominator: i32,
}

impl Rational {
    /// The unknown fraction, `0/1`.
    pub const UNKNOWN: Self = Self {
        numerator: 0,
        denominator: 1,
    };

    /// `numerator / denominator`, or [`Rational::UNKNOWN`] when the denominator is not positive.
    #[must_use]
    pub const fn new(numerator: i32, denominator: i32) -> Self {
        if denominator <= 0 {
            Self::UNKNOWN
        } else {
            Self {
                numerator,
                denominator,
            }
        }
    }

    /// The number above the line.
    #[must_use]
    pub const fn numerator(self) -> i32 {
        self.numerator
    }

    /// The number below the line; always positive.
    #[must_use]
    pub const fn denominator(self) -> i32 {
        self.denominator
    }

    /// The fraction as a floating-point number.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// Whether the fraction says anything: FFmpeg writes `0/1` or `0/0` for "unknown".
    #[must_use]
    pub const fn is_known(self) -> bool {
        self.numerator > 0
    }

    /// One over the fraction; unknown stays unknown.
    #[must_use]
    pub const fn inverse(self) -> Self {
        Self::new(self.denominator, self.numerator)
    }
}

impl fmt::Display for Rational {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.numerator, self.denominator)
    }
}

impl From<AVRational> for Rational {
    fn from(raw: AVRational) -> Self {
        Self::new(raw.num, raw.den)
    }
}

impl From<Rational> for AVRational {
    fn from(fraction: Rational) -> Self {
        Self {
            num: fraction.numerator,
            den: fraction.denominator,
        }
    }
}

/// A timestamp in units of its stream's time base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pts(pub i64);

impl Pts {
    /// The timestamp in seconds.
    #[must_use]
    pub fn seconds(self, time_base: Rational) -> f64 {
        self.0 as f64 * time_base.as_f64()
    }
}

/// `value` in units of `from`, rounded to the nearest unit of `to`; halves away from zero.
pub(crate) fn rescale(value: i64, from: Rational, to: Rational) -> i64 {
    let scale = i128::from(from.numerator) * i128::from(to.denominator);
    let divisor = i128::from(from.denominator) * i128::from(to.numerator.max(1));
    let product = i128::from(value) * scale;
    let half = divisor / 2;
    let rounded = if product >= 0 {
        (product + half) / divisor
    } else {
        (product - half) / divisor
    };
    rounded.clamp(i128::from(i64::MIN + 1), i128::from(i64::MAX)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_becomes_unknown() {
        assert_eq!(Rational::new(3, 0), Rational::UNKNOWN);
        assert_eq!(Rational::new(3, -1), Rational::UNKNOWN);
        assert!(!Rational::UNKNOWN.is_known());
    }

    #[test]
    fn rescaling_rounds_to_nearest_away_from_zero() {
        let (millisecond, tick) = (Rational::new(1, 1000), Rational::new(1, 24));
        assert_eq!(rescale(1000, millisecond, tick), 24);
        assert_eq!(rescale(21, millisecond, tick), 1);
        assert_eq!(rescale(-21, millisecond, tick), -1);
        assert_eq!(rescale(20, millisecond, tick), 0);
        assert_eq!(rescale(i64::MAX, tick, millisecond), i64::MAX);
    }
}
