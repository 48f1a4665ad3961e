//! One register with all titles of a run, as a studio has it.
//!
//! ```toml
//! [catalogue]
//! unknown = ["drone"]            # clips that are left out of it: nothing may be found in them
//! bystanders = ["opening-720p"]  # titles that are only there: attacked by rows that name them with `only`
//! [[catalogue.same]]             # clips that show the same film
//! clip = "opening-480p"
//! other = "opening-720p"
//! offset = 0.0                   # what is at t in the clip is at t + offset in the other
//! ```
//!
//! # Shapes and units
//! Clips by their file stems, which are their titles' names too; offsets in seconds of media time.

use countermark_attack::Shows;
use serde::Deserialize;

/// Two clips that show the same film.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SameFilm {
    /// One clip.
    pub clip: String,
    /// The other.
    pub other: String,
    /// What is at `t` in the clip is at `t + offset` in the other.
    #[serde(default)]
    pub offset: f64,
}

/// Which titles are in the register, and which of them are alike.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Clips that are left out of it.
    #[serde(default)]
    pub unknown: Vec<String>,
    /// Titles that only rows which name them attack: they make the register larger, not the run.
    #[serde(default)]
    pub bystanders: Vec<String>,
    /// Pairs of clips that show the same film.
    #[serde(default)]
    pub same: Vec<SameFilm>,
}

/// A title that a clip shows.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownTitle {
    /// Its name in the register.
    pub name: String,
    /// What the clip's own title has at `t`, this one has at `t + offset`.
    pub offset: f64,
    /// Whose film that is, where two titles were put together.
    pub film: Shows,
}

impl Catalogue {
    /// Whether the clip is left out of the register.
    #[must_use]
    pub fn is_unknown(&self, clip: &str) -> bool {
        self.unknown.iter().any(|stem| stem == clip)
    }

    /// The titles that the film of `clip` is in, its own first.
    #[must_use]
    pub fn titles_of(&self, clip: &str) -> Vec<ShownTitle> {
        let shown = |name: &str, offset| ShownTitle {
            name: name.to_owned(),
            offset,
            film: Shows::Own,
        };
        let alike = self.same.iter().filter_map(|pair| {
            if pair.clip == clip {
                Some(shown(&pair.other, pair.offset))
            } else if pair.other == clip {
                Some(shown(&pair.clip, -pair.offset))
            } else {
                None
            }
        });
        std::iter::once(shown(clip, 0.0)).chain(alike).collect()
    }

    /// A clip that is said to be unknown, and to be in the register or show the film of another: it could be found rightly.
    pub(super) fn contradiction(&self) -> Option<&str> {
        let pairs = self.same.iter().flat_map(|pair| [&pair.clip, &pair.other]);
        let mut named = pairs.chain(&self.bystanders);
        named.find(|clip| self.is_unknown(clip)).map(String::as_str)
    }

    /// In a line.
    pub(super) fn in_words(&self) -> String {
        if self.unknown.is_empty() {
            return "one register".to_owned();
        }
        format!("one register without {}", self.unknown.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_of_one_film_are_each_others_titles() {
        let catalogue = Catalogue {
            unknown: vec!["d".to_owned()],
            bystanders: vec!["b".to_owned()],
            same: vec![SameFilm {
                clip: "a".to_owned(),
                other: "b".to_owned(),
                offset: 2.5,
            }],
        };
        let of = |clip: &str| -> Vec<(String, f64)> {
            let titles = catalogue.titles_of(clip).into_iter();
            titles.map(|title| (title.name, title.offset)).collect()
        };
        assert_eq!(of("a"), [("a".to_owned(), 0.0), ("b".to_owned(), 2.5)]);
        assert_eq!(of("b"), [("b".to_owned(), 0.0), ("a".to_owned(), -2.5)]);
        assert_eq!(of("c"), [("c".to_owned(), 0.0)]);
        assert!(catalogue.is_unknown("d") && !catalogue.is_unknown("a"));
        assert_eq!(catalogue.contradiction(), None);
    }
}
