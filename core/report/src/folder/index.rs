//! The page over the pages of a folder: a line for each clip, and what could not be examined.

use std::fmt::Write as _;

use maud::{Markup, html};

use crate::html::{capital, document, scroll};

/// A clip's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The clip as it was named.
    pub(super) clip: String,
    /// Its page's file name, escaped for a link.
    pub(super) link: String,
    pub(super) verdict: &'static str,
    pub(super) titles: Vec<String>,
    pub(super) distributors: Vec<String>,
    /// Why it could not be examined.
    pub(super) error: Option<String>,
}

/// The page over them.
pub(super) fn index(lines: &[Line], written: &str) -> String {
    let title = format!("{} clips", lines.len());
    let body = html! {
        header {
            p.kicker { "Countermark: clips that were examined" }
            h1 { (title) }
            p { "Written " (written) " by countermark " (env!("CARGO_PKG_VERSION")) "." }
        }
        main {
            (scroll("clips", &html! {
                table {
                    thead {
                        tr {
                            th scope="col" { "clip" }
                            th scope="col" { "answer" }
                            th scope="col" { "title" }
                            th scope="col" { "distributor" }
                        }
                    }
                    tbody { @for line in lines { (row(line)) } }
                }
            }))
        }
    };
    document(&title, &body)
}

/// The page of a clip that could not be examined.
pub(super) fn broken(clip: &str, error: &str, facts: &Markup) -> String {
    let title = format!("{clip}: could not be examined");
    let body = html! {
        header {
            p.kicker { "Countermark: analysis of a clip" }
            h1 { (clip) }
            div.verdict.nothing {
                strong { "Could not be examined" }
                p { (capital(error)) "." }
            }
            (facts)
        }
    };
    document(&title, &body)
}

fn row(line: &Line) -> Markup {
    html! {
        tr {
            td { a href=(line.link) { (line.clip) } }
            td {
                (line.verdict)
                @if let Some(error) = &line.error { ": " (error) }
            }
            td { (line.titles.join(", ")) }
            td { (line.distributors.join(", ")) }
        }
    }
}

/// A file name as the target of a link: every byte that is not a letter, a digit, `-`, `_` or `.` is escaped.
pub(super) fn link_to(name: &std::ffi::OsStr) -> String {
    let mut link = String::from("./");
    for &byte in name.as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            link.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(link, "%{byte:02X}");
        }
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_page_whatever_its_name() {
        let name = std::ffi::OsStr::new("a b&\"<é>.mp4.html");
        assert_eq!(link_to(name), "./a%20b%26%22%3C%C3%A9%3E.mp4.html");
        assert_eq!(
            link_to(std::ffi::OsStr::new("javascript:x")),
            "./javascript%3Ax"
        );
    }
}
