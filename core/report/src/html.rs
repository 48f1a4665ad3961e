//! The shell of a page: one HTML file that holds all it shows.
//!
//! A page needs nothing else: no script, no font, no picture from elsewhere. It follows the reader's choice of light or
//! dark, is never wider than a screen of 360 pixels, and prints in light. Text is escaped by type (`maud`).
//!
//! # References
//! W3C (2008), Extensible Markup Language 1.0 (Fifth Edition), section 2.2, production 2: Char.
//! L. Masinter (1998), The "data" URL scheme, RFC 2397.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("html/style.css");

const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/// A page of this title. Characters that no document may hold (U+0000 to U+001F, U+FFFE, U+FFFF) become U+FFFD.
#[must_use]
pub fn document(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    };
    let mut page = page.into_string().replace(is_forbidden, "\u{fffd}");
    page.push('\n');
    page
}

/// Whether XML 1.0 forbids a character and HTML browsers treat it in ways of their own.
fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}') && !matches!(c, '\n' | '\t')
}

/// Names and values.
#[must_use]
pub fn facts(rows: &[(&str, String)]) -> Markup {
    html! {
        dl.facts {
            @for (name, value) in rows {
                div { dt { (name) } dd { (value) } }
            }
        }
    }
}

/// What may be wider than the page, a table: it scrolls by itself, and can be reached by keyboard. The label is what a screen reader calls it.
#[must_use]
pub fn scroll(label: &str, what: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label=(label) { (what) }
    }
}

/// A file inside a page, of a MIME type such as `image/png`.
#[must_use]
pub fn data_uri(mime: &str, bytes: &[u8]) -> String {
    format!("data:{mime};base64,{}", STANDARD.encode(bytes))
}

/// A word at the beginning of a sentence.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A page as XML, for a parser that looks into it: the elements that HTML leaves open are closed.
#[must_use]
pub fn as_xml(page: &str) -> String {
    const OPEN: [&str; 4] = ["<meta ", "<img ", "<br>", "<wbr>"];
    let mut rest = page.strip_prefix("<!DOCTYPE html>").unwrap_or(page);
    let mut xml = String::with_capacity(page.len());
    while let Some(at) = OPEN.iter().filter_map(|tag| rest.find(tag)).min() {
        // Text and attributes hold no `>`: it is escaped there.
        let Some(length) = rest[at..].find('>') else {
            break;
        };
        xml.push_str(&rest[..at + length]);
        xml.push_str("/>");
        rest = &rest[at + length + 1..];
    }
    xml + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_gives_back_what_was_written() -> Result<(), roxmltree::Error> {
        let nasty = "a < b && \"c\" > 'd' é 🎬 ]]> --";
        let page = as_xml(&document(nasty, &html! { p title=(nasty) { (nasty) } }));
        let tree = roxmltree::Document::parse(&page)?;
        let p = tree.descendants().find(|node| node.has_tag_name("p"));
        let p = p.expect("a paragraph");
        assert_eq!((p.attribute("title"), p.text()), (Some(nasty), Some(nasty)));
        Ok(())
    }

    #[test]
    fn forbidden_characters_do_not_get_into_a_page() -> Result<(), roxmltree::Error> {
        let page = as_xml(&document("a", &html! { p { "a\0b\u{1b}c\u{ffff}" } }));
        let tree = roxmltree::Document::parse(&page)?;
        let p = tree.descendants().find(|node| node.has_tag_name("p"));
        assert_eq!(
            p.and_then(|p| p.text()),
            Some("a\u{fffd}b\u{fffd}c\u{fffd}")
        );
        Ok(())
    }

    #[test]
    fn test_vectors_of_rfc_4648_agree() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foobar", "Zm9vYmFy"),
        ] {
            let uri = data_uri("image/png", plain.as_bytes());
            assert_eq!(uri, format!("data:image/png;base64,{coded}"));
        }
    }
}
