//! What is said of a score: how high it is, and how seldom it would occur under the null hypothesis.
//!
//! ```text
//! 1 of 10^min(-log10 bound, 30) analyses, rounded towards less certainty
//! ```
//!
//! # Shapes and units
//! Bounds as decimal logarithms. Nothing below 10^-30 is ever said: a leaked key, a mixed-up file or a bug are likelier than that, and
//! no key of 256 bits supports a number below 10^-77.

use countermark_trace::result::{Accusation, Bound};

/// The lowest bound that is put into words. JSON holds the number itself as `log10_bound`.
pub const LEAST_LOG10: f64 = -30.0;

/// The null hypothesis of an accusation, in full.
pub const NULL: &str = "neither that copy, nor anything made from it, nor its keys, nor earlier scores had been available to whoever \
                        made the clip";

/// What no score says.
#[must_use]
pub fn not_said(accused: &[Accusation]) -> String {
    let (whose, theirs) = match accused {
        [one] => (
            one.distributor.as_str(),
            format!("{}\u{2019}s", one.distributor),
        ),
        _ => ("anybody", "a licensee\u{2019}s".to_owned()),
    };
    format!(
        "This is not the probability that {whose} is innocent. It does not say who made the clip, and it does not exclude that \
         {theirs} signal was recorded elsewhere and laid over other pictures of the same title."
    )
}

/// `one of ..`, rounded towards less certainty, never below [`LEAST_LOG10`].
#[must_use]
pub fn chance(log10_bound: f64) -> String {
    let digits = (-log10_bound.max(LEAST_LOG10)).floor().max(0.0) as u32;
    match digits {
        0 => "one of 1".to_owned(),
        1..=2 => format!("one of {}", 10_u32.pow(digits)),
        3..=17 => {
            let number = ["1", "10", "100"][digits as usize % 3];
            let name = ["thousand", "million", "billion", "trillion", "quadrillion"]
                [digits as usize / 3 - 1];
            format!("one of {number} {name}")
        }
        _ => format!("one of 10^{digits}"),
    }
}

/// Score and threshold, rounded towards less certainty.
#[must_use]
pub fn score(bound: &Bound) -> String {
    format!(
        "score {}, threshold {}",
        rounded_down(bound.t()),
        rounded_up(bound.threshold_t())
    )
}

/// A score to two decimals, not above it.
#[must_use]
pub fn rounded_down(score: f64) -> String {
    format!("{:.2}", (score * 100.0).floor() / 100.0)
}

/// A threshold to two decimals, not below it.
#[must_use]
pub fn rounded_up(threshold: f64) -> String {
    format!("{:.2}", (threshold * 100.0).ceil() / 100.0)
}

/// The conditional that a score stands for.
#[must_use]
pub fn conditional(bound: &Bound) -> String {
    let analyses = match bound.hypotheses().clips {
        0 | 1 => "analyses".to_owned(),
        clips => format!("cases of {clips} clips"),
    };
    format!(
        "If {NULL}, a score above the threshold would occur in fewer than one of a billion {analyses}, one as high in fewer than {}.",
        chance(bound.log10())
    )
}
