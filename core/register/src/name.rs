//! Names that people give: of titles, distributors and licensees.
//!
//! ```text
//! on record:  NFC(name), refused with control, format and other invisible characters
//! alike:      fold(a) = fold(b)  or  look(a) = look(b)
//! fold(x) = NFKD(x) without marks and blanks, lower case      look(x) = the same with letters of other scripts, digits and
//!                                                             pairs that look like Latin letters as those letters
//! ```
//!
//! A simple measure: it finds other case, width, accents, blanks, Cyrillic and Greek letters that look Latin, 0 and O, 1, l and
//! I, rn and m. Alike names are allowed and worth a warning.
//!
//! # References
//! Unicode Standard Annex 15 (normalisation forms); Unicode Technical Standard 39, section 4 (confusable detection).

use std::fmt;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::{Named, RegisterError};

/// The longest name, in characters.
pub(crate) const LONGEST: usize = 200;

/// A name on record that people may take for another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// What is named.
    pub what: Named,
    /// The other name.
    pub name: String,
    /// The one on record.
    pub known: String,
}

impl fmt::Display for Alike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, name, known } = self;
        write!(
            f,
            "the {what} {name:?} may be taken for the {what} {known:?}, which is on record"
        )
    }
}

/// A name as it is put on record: in normal form C.
pub(crate) fn composed(name: &str) -> String {
    name.nfc().collect()
}

/// The name to put on record. Refuses what would break a listing or cannot be seen: empty, very long, with control or
/// invisible characters, or with blanks at an end.
pub(crate) fn accepted(what: Named, name: &str) -> Result<String, RegisterError> {
    // Composing makes no name longer than this.
    let is_short = name.len() <= 16 * LONGEST;
    let accepted = if is_short {
        composed(name)
    } else {
        String::new()
    };
    let length = accepted.chars().count();
    if length == 0
        || length > LONGEST
        || accepted.chars().any(is_unseen)
        || accepted.trim() != accepted
    {
        return Err(RegisterError::BadName {
            what,
            max: LONGEST,
            name: name.chars().take(2 * LONGEST).collect(),
        });
    }
    Ok(accepted)
}

/// Whether a character is not seen, or moves others: controls, formats, separators of lines, fillers, selectors, tags.
pub(crate) fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{70f}' | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{8e2}'
            | '\u{890}'..='\u{891}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{ffff}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1345f}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
}

/// The names of `known` that people may take for `name`; not the name itself.
pub(crate) fn alike(what: Named, name: &str, known: Vec<String>) -> Vec<Alike> {
    let name = composed(name);
    let (own_fold, own_look) = (fold(&name), look(&name));
    known
        .into_iter()
        .filter(|other| *other != name && (fold(other) == own_fold || look(other) == own_look))
        .map(|known| Alike {
            what,
            name: name.clone(),
            known,
        })
        .collect()
}

/// Without case, width, marks and blanks.
fn fold(name: &str) -> String {
    bare(name).flat_map(char::to_lowercase).collect()
}

/// As it looks, where Latin letters are expected.
fn look(name: &str) -> String {
    let letters: String = bare(name).map(latin).flat_map(char::to_lowercase).collect();
    letters
        .replace("rn", "m")
        .replace("vv", "w")
        .replace("cl", "d")
}

fn bare(name: &str) -> impl Iterator<Item = char> {
    name.nfkd()
        .filter(|&c| !is_combining_mark(c) && !is_unseen(c) && !c.is_whitespace())
}

/// The Latin letter that a character looks like.
const fn latin(c: char) -> char {
    match c {
        'А' | 'а' | 'Α' | 'α' => 'a',
        'В' | 'Β' => 'b',
        'С' | 'с' | 'Ϲ' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'Е' | 'е' | 'Ε' => 'e',
        'Н' | 'Η' | 'һ' => 'h',
        'Ј' | 'ј' => 'j',
        'К' | 'к' | 'Κ' | 'κ' => 'k',
        'М' | 'Μ' => 'm',
        'Ν' => 'n',
        '0' | 'О' | 'о' | 'Ο' | 'ο' => 'o',
        'Р' | 'р' | 'Ρ' | 'ρ' => 'p',
        'ԛ' => 'q',
        'Ѕ' | 'ѕ' | '5' => 's',
        'Т' | 'Τ' | 'т' | 'τ' => 't',
        'υ' => 'u',
        'ν' => 'v',
        'ԝ' => 'w',
        'Х' | 'х' | 'Χ' | 'χ' => 'x',
        'У' | 'у' | 'Υ' => 'y',
        'Ζ' => 'z',
        '1' | 'I' | '|' | 'І' | 'Ι' | 'Ӏ' | 'ӏ' => 'l',
        'і' | 'ι' | 'ı' => 'i',
        '‐'..='―' | '−' => '-',
        '‘' | '’' | '´' | '`' => '\'',
        other => other,
    }
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
            "हिन्दी फ़िल्म",
            "فيلم",
        ] {
            accepted(Named::Title, name).expect(name);
        }
    }

    #[test]
    fn names_that_break_a_listing_or_cannot_be_seen_are_refused() {
        for name in [
            "",
            " a",
            "a\n",
            "a\tb",
            "\u{7f}",
            &"x".repeat(201),
            &"x".repeat(1 << 20),
            "Sea\u{200b}",
            "\u{202e}aeS",
            "Sea\u{2028}b",
            "Sea\u{e0041}",
            "\u{feff}Sea",
            "S\u{ad}ea",
            "Sea\u{fe0f}",
            "\u{3164}",
            "a\u{9b}31m",
        ] {
            accepted(Named::Title, name).expect_err(name);
        }
    }

    #[test]
    fn one_name_in_two_forms_is_one_name() {
        let decomposed = "Bru\u{308}cke";
        assert_eq!(
            accepted(Named::Title, decomposed).expect("a name"),
            "Br\u{fc}cke"
        );
    }

    #[test]
    fn names_that_look_alike_are_found_and_others_are_not() {
        let known = |known: &str| vec![known.to_owned()];
        for (name, other) in [
            ("sea", "Sea"),
            ("Ｓｅａ", "Sea"),
            ("Sеа", "Sea"), // Cyrillic e and a
            ("NORD", "Nord"),
            ("N0rd", "Nord"),
            ("Nоrd", "Nord"), // Cyrillic o
            ("Bil1", "Bill"),
            ("BilI", "Bill"),
            ("Modern", "Modem"),
            ("Nord Film", "NordFilm"),
            ("Bruecke", "Bruecke "),
            ("Brucke", "Brücke"),
        ] {
            assert_eq!(
                alike(Named::Distributor, name, known(other)).len(),
                1,
                "{name} {other}"
            );
        }
        for (name, other) in [
            ("Sea", "Sea"),
            ("Sea", "Nord"),
            ("Episode 1", "Episode 2"),
            ("第3集", "第4集"),
        ] {
            assert_eq!(
                alike(Named::Distributor, name, known(other)),
                [],
                "{name} {other}"
            );
        }
    }
}
