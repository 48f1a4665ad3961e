//! Text of strangers (file names, names on record, tags, errors that quote them) as a terminal may show it.
//!
//! ```text
//! ESC -> \u{1b}    line end -> \n    U+202E -> \u{202e}        in JSON: U+009B -> \u009b, which means the same
//! ```
//!
//! Hidden are C0 and C1 controls, DEL, what turns the direction of writing, what has no width, and tags: an escape sequence rewrites
//! what stands on the screen, a line end adds a verdict of its own, a mark of direction reorders a name.
//!
//! # References
//! Unicode Standard Annex 9, "Unicode Bidirectional Algorithm", section 2; Unicode Technical Report 36, "Unicode Security
//! Considerations", section 2; ECMA-48 (1991), "Control Functions for Coded Character Sets".

use std::fmt::{self, Display, Formatter, Write as _};
use std::path::Path;

/// Whether a character acts instead of showing.
#[must_use]
pub const fn acts(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Soft hyphen, combining joiner, marks of direction, fillers.
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        // Zero width, direction, separators of lines and paragraphs, invisible operators.
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        // Musical formatting, tags.
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

/// A path as text from which it can be told apart from every other: bytes that are no UTF-8 as `\xff`.
#[must_use]
pub fn path_name(path: &Path) -> String {
    let mut name = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        name.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string does not fail.
            let _ = write!(name, "\\x{byte:02x}");
        }
    }
    name
}

/// One name, one line: nothing of it acts on a terminal.
#[derive(Debug, Clone, Copy)]
pub struct Visible<T>(pub T);

/// Words of several lines, whose ends stay: nothing else of it acts on a terminal.
#[derive(Debug, Clone, Copy)]
pub struct VisibleLines<T>(pub T);

impl<T: Display> Display for Visible<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            Filter {
                to: f,
                lines: false
            },
            "{}",
            self.0
        )
    }
}

impl<T: Display> Display for VisibleLines<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(Filter { to: f, lines: true }, "{}", self.0)
    }
}

/// Writes on, with what acts made visible.
struct Filter<'a, 'f> {
    to: &'a mut Formatter<'f>,
    lines: bool,
}

impl fmt::Write for Filter<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if acts(c) && !(self.lines && c == '\n') {
                write!(self.to, "{}", c.escape_default())?;
            } else {
                self.to.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// A line of JSON with what acts as escapes of JSON: a reader gets the same text. JSON itself escapes C0 alone.
#[must_use]
pub fn visible_json(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    for c in json.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(line, "\\u{unit:04x}");
            }
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A name as an attacker would choose it: escape sequences, line ends, marks of direction, anything.
    pub(crate) fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("\u{1b}[2J\u{1b}[1;1H".to_owned()),
            Just("\u{9b}31m".to_owned()),
            Just("\nleak.mp4: traced\n  distributor  Nordlicht".to_owned()),
            Just("\r\u{8}\u{7f}\0".to_owned()),
            Just("\u{202e}4pm.\u{2066}\u{200b}\u{feff}\u{e0041}".to_owned()),
            any::<char>().prop_map(String::from),
            "[ -~]{0,12}",
        ];
        proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn nothing_hostile_acts(name in hostile()) {
            let shown = Visible(&name).to_string();
            prop_assert!(!shown.chars().any(acts), "{shown:?}");
            let lines = VisibleLines(&name).to_string();
            prop_assert!(!lines.chars().any(|c| acts(c) && c != '\n'), "{lines:?}");
            let json = serde_json::to_string(&name).expect("a string");
            let line = visible_json(&json);
            prop_assert!(!line.chars().any(acts), "{line:?}");
            let back: String = serde_json::from_str(&line).expect("a string");
            prop_assert_eq!(back, name);
        }
    }

    #[test]
    fn plain_names_stay_as_they_are() {
        for name in ["Die Brücke (2024).mp4", "映画 🎬", "a\\b 'c' \"d\""] {
            assert_eq!(Visible(name).to_string(), name);
        }
        assert_eq!(Visible("a\u{1b}[31mb\nc").to_string(), "a\\u{1b}[31mb\\nc");
        assert_eq!(VisibleLines("a\tb\nc").to_string(), "a\\tb\nc");
        assert_eq!(visible_json("\"a\u{e0041}\""), "\"a\\udb40\\udc41\"");
    }
}
