//! Elementary functions whose bits are the same on every machine.
//!
//! ```text
//! exp x = T6(x / 256)^256           T6 = Taylor polynomial of degree 6
//! ln x  = e ln 2 + 2 sum_{odd i <= 17} t^i / i,     x = m 2^e,  m in [sqrt 1/2, sqrt 2),  t = (m - 1) / (m + 1)
//! atan2 : odd polynomial of degree 11 on [0, 1], carried to the circle by symmetry
//! ```
//!
//! # Shapes and units
//! Angles are turns: 1 is the whole circle, 0 points right and 1/4 down, as the rows of a picture go.
//! # Determinism
//! Additions, multiplications, divisions and square roots only, in a fixed order: a system's library decides nothing.

use std::f64::consts::{LN_2, SQRT_2, TAU};

/// `e^x` for `|x|` up to about 20, to 1e-9 of itself.
pub(crate) fn exp(x: f64) -> f64 {
    let t = x / 256.0;
    let mut power = 1.0
        + t * (1.0
            + t / 2.0 * (1.0 + t / 3.0 * (1.0 + t / 4.0 * (1.0 + t / 5.0 * (1.0 + t / 6.0)))));
    for _ in 0..8 {
        power *= power;
    }
    power
}

/// The natural logarithm of a positive normal number, to 1e-13.
pub(crate) fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = ((bits >> 52) & 0x7ff) as i64 - 1023;
    let mut mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if mantissa >= SQRT_2 {
        mantissa /= 2.0;
        exponent += 1;
    }
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let square = t * t;
    let series = (0..9)
        .rev()
        .fold(0.0, |sum, i| sum * square + 1.0 / f64::from(2 * i + 1));
    exponent as f64 * LN_2 + 2.0 * t * series
}

/// Cosine and sine of an angle in turns.
pub(crate) fn cos_sin(turns: f64) -> (f64, f64) {
    let quarters = (turns * 4.0).round();
    let x = (turns - quarters / 4.0) * TAU;
    let square = x * x;
    let series = |first: f64| {
        // Nine terms: on an eighth of the circle the tenth is below 1e-16.
        (0..9).rev().fold(1.0, |sum, i| {
            let n = 2.0 * f64::from(i) + first;
            1.0 - sum * square / ((n + 1.0) * (n + 2.0))
        })
    };
    let (cos, sin) = (series(0.0), x * series(1.0));
    match quarters.rem_euclid(4.0) as u8 {
        0 => (cos, sin),
        1 => (-sin, cos),
        2 => (-cos, -sin),
        _ => (sin, -cos),
    }
}

/// The direction of `(x, y)` in turns, `0..=1`, to 1e-5 of a turn; 0 for the origin. Without branches, so that a row of
/// them is computed in vectors.
pub(crate) fn direction(y: f32, x: f32) -> f32 {
    let (ax, ay) = (x.abs(), y.abs());
    let (small, large) = if ax < ay { (ax, ay) } else { (ay, ax) };
    let ratio = small / (large + f32::MIN_POSITIVE);
    let square = ratio * ratio;
    let series = 0.999_977_26
        + square
            * (-0.332_623_47
                + square
                    * (0.193_543_46
                        + square
                            * (-0.116_432_87 + square * (0.052_653_32 + square * -0.011_721_2))));
    let eighth = ratio * series * (1.0 / std::f32::consts::TAU);
    let quarter = if ax < ay { 0.25 - eighth } else { eighth };
    let half = if x < 0.0 { 0.5 - quarter } else { quarter };
    if y < 0.0 { 1.0 - half } else { half }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_agree_with_the_system_library() {
        for i in -400..400 {
            let x = f64::from(i) * 0.037;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-9, "exp {x}");
            assert!((ln(x.exp()) - x).abs() < 1e-12, "ln e^{x}");
            let (cos, sin) = cos_sin(x);
            assert!((cos - (TAU * x).cos()).abs() < 1e-12, "cos {x}");
            assert!((sin - (TAU * x).sin()).abs() < 1e-12, "sin {x}");
        }
    }

    #[test]
    fn a_direction_is_that_of_its_cosine_and_sine() {
        for i in 0..1000 {
            let turns = f64::from(i) / 1000.0;
            let (cos, sin) = cos_sin(turns);
            let found = f64::from(direction(sin as f32 * 7.0, cos as f32 * 7.0));
            let apart = (found - turns).rem_euclid(1.0);
            assert!(apart.min(1.0 - apart) < 1e-5, "{turns}: {found}");
        }
        assert!(direction(0.0, 0.0).abs() < f32::EPSILON);
    }
}
