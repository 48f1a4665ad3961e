//! Frame rates as they are typed.

use countermark_mastering::Rational;

/// The rate that a text says, such as 24 or 24000/1001.
///
/// # Errors
/// What is wanted, where it says none.
pub fn frame_rate(text: &str) -> Result<Rational, String> {
    let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
    let parsed = numerator.parse().ok().zip(denominator.parse().ok());
    parsed
        .map(|(numerator, denominator)| Rational::new(numerator, denominator))
        .filter(|rate| rate.is_known())
        .ok_or_else(|| "a rate such as 24 or 24000/1001 is wanted".to_owned())
}
