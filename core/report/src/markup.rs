//! Text inside XML and HTML.
//!
//! ```text
//! & < > " '  ->  entities,    characters that XML 1.0 forbids  ->  U+FFFD
//! ```
//!
//! # References
//! W3C (2008), Extensible Markup Language 1.0 (Fifth Edition), section 2.2, production 2: Char.

use std::fmt::{self, Write as _};

/// Text as content or as the value of an attribute.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a>(pub &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // A parser may turn them into spaces inside an attribute.
                '\n' => f.write_str("&#10;")?,
                '\t' => f.write_str("&#9;")?,
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_gives_back_what_was_written() -> Result<(), roxmltree::Error> {
        let nasty = "a < b && \"c\" > 'd'\n\té 🎬 ]]> --";
        let text = format!("<x y=\"{0}\">{0}</x>", Text(nasty));
        let tree = roxmltree::Document::parse(&text)?;
        let x = tree.root_element();
        assert_eq!((x.attribute("y"), x.text()), (Some(nasty), Some(nasty)));
        Ok(())
    }

    #[test]
    fn forbidden_characters_do_not_get_into_a_file() -> Result<(), roxmltree::Error> {
        let text = format!("<x>{}</x>", Text("a\0b\u{1b}c\u{ffff}"));
        let tree = roxmltree::Document::parse(&text)?;
        assert_eq!(
            tree.root_element().text(),
            Some("a\u{fffd}b\u{fffd}c\u{fffd}")
        );
        Ok(())
    }
}
