//! Exchange of keys: evidence must not depend on who might be accused.
//!
//! ```text
//! one owner secret, one title   x   distributors and deliveries D, D'    ->    r(clip, D) = r(clip, D'), bit for bit
//! ```
//!
//! Under the null the signs of a delivery are independent of the clip; if nothing chooses by them they are independent of the
//! soft values `r` too, and the bound holds. What synchronisation chips or pictures choose is the same for both registers. A
//! detector stops at an accusation, which is paid for: then what was looked at until there must be the same.

use super::look::Look;

/// What differs between two looks at one clip with registers of one title, in words; nothing when no choice looked at
/// deliveries' signs.
#[must_use]
pub fn differences(a: &Look, b: &Look) -> Vec<String> {
    let mut found = Vec::new();
    let (few, many) = (
        a.pieces.len().min(b.pieces.len()),
        a.pieces.len().max(b.pieces.len()),
    );
    if few == 0 {
        found.push("one of them looked at nothing".to_owned());
    }
    let shorter = if a.pieces.len() < b.pieces.len() {
        a
    } else {
        b
    };
    if few < many && !shorter.is_accused {
        found.push(format!(
            "{few} pieces of evidence and {many}, though nobody was accused"
        ));
    }
    for (at, (one, other)) in a.pieces.iter().zip(&b.pieces).enumerate() {
        if !one.is_same(other) {
            found.push(format!("piece {at}: {:?} and {:?}", one.part, other.part));
        }
    }
    found
}
