//! Strengths as they stand in names: one spelling for each number.
//!
//! # Shapes and units
//! Decimal numbers without plus sign, exponent, or superfluous zeros: `5`, `0.71`, `-0.05`.

use std::ops::RangeInclusive;

use super::ParseAttackError;

/// The number that `text` spells; `step` is quoted when it is none, or outside `range`.
///
/// # Errors
/// [`ParseAttackError::Strength`] with `accepted`, which says the range in words.
pub fn number(
    step: &str,
    text: &str,
    range: &RangeInclusive<f64>,
    accepted: &'static str,
) -> Result<f64, ParseAttackError> {
    text.parse::<f64>()
        .ok()
        .filter(|value| range.contains(value) && value.to_string() == text)
        .ok_or_else(|| ParseAttackError::Strength {
            step: step.to_owned(),
            range: accepted,
        })
}

/// The whole number that `text` spells.
///
/// # Errors
/// As [`number`].
pub fn whole(
    step: &str,
    text: &str,
    range: &RangeInclusive<u32>,
    accepted: &'static str,
) -> Result<u32, ParseAttackError> {
    text.parse::<u32>()
        .ok()
        .filter(|value| range.contains(value) && value.to_string() == text)
        .ok_or_else(|| ParseAttackError::Strength {
            step: step.to_owned(),
            range: accepted,
        })
}

/// Two whole numbers written as `9x16`.
///
/// # Errors
/// As [`number`].
pub fn pair(
    step: &str,
    text: &str,
    range: &RangeInclusive<u32>,
    accepted: &'static str,
) -> Result<(u32, u32), ParseAttackError> {
    let (first, second) = text
        .split_once('x')
        .ok_or_else(|| ParseAttackError::Strength {
            step: step.to_owned(),
            range: accepted,
        })?;
    Ok((
        whole(step, first, range, accepted)?,
        whole(step, second, range, accepted)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_spelling() {
        for (text, value) in [("5", 5.0), ("0.71", 0.71), ("-0.05", -0.05)] {
            assert_eq!(number("x", text, &(-9.0..=9.0), "-9 to 9"), Ok(value));
        }
        for text in ["", "+5", "05", "5.0", ".5", "5e0", "inf", "NaN", "10"] {
            assert!(
                number("x", text, &(-9.0..=9.0), "-9 to 9").is_err(),
                "{text}"
            );
        }
        assert_eq!(pair("x", "9x16", &(1..=64), "1x1 to 64x64"), Ok((9, 16)));
        assert!(pair("x", "9x65", &(1..=64), "1x1 to 64x64").is_err());
        assert!(whole("x", "033", &(0..=63), "0 to 63").is_err());
    }
}
