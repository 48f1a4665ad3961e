//! Names that people give: of titles, distributors and licensees.

use crate::{Named, RegisterError};

/// The longest name, in characters.
const LONGEST: usize = 200;

/// Refuses names that would break a listing: empty, very long, with control characters or blanks at an end.
pub(crate) fn check(what: Named, name: &str) -> Result<(), RegisterError> {
    let length = name.chars().count();
    if length == 0 || length > LONGEST || name.chars().any(char::is_control) || name.trim() != name
    {
        return Err(RegisterError::BadName {
            what,
            max: LONGEST,
            name: name.chars().take(2 * LONGEST).collect(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_script_pass() {
        for name in [
            "Die Brücke",
            "霸道总裁 第3集",
            "a",
            "O'Neil & Söhne \"x\"; drop table titles",
        ] {
            check(Named::Title, name).expect(name);
        }
    }

    #[test]
    fn names_that_break_a_listing_are_refused() {
        for name in ["", " a", "a\n", "a\tb", "\u{7f}", &"x".repeat(201)] {
            check(Named::Title, name).expect_err(name);
        }
    }
}
