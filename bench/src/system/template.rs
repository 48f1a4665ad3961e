//! A command with places to fill in: program and arguments, each as it stands, without a shell.
//!
//! ```text
//! place = "{" NAME "}",  NAME = in | out | payload | key | state | reference | width | height | folder
//! ```
//!
//! An argument may hold text and places, as in `--out={out}`; a brace that is no place is an error, so that a typing
//! mistake is not handed to a program.
//!
//! # Shapes and units
//! Paths are absolute; width and height are the master's, in pixels.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use thiserror::Error;

/// Why a command cannot be filled in.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemplateError {
    /// There is no program.
    #[error("a command needs a program")]
    Empty,
    /// A brace that is no place.
    #[error("unknown place (known: {known}): {word}", known = Place::names())]
    Unknown {
        /// The argument that it stands in.
        word: String,
    },
    /// A place that must be there.
    #[error("the command lacks {{{}}}", .0.name())]
    Lacks(Place),
    /// Nothing is known for a place.
    #[error("there is nothing for {{{}}} here", .0.name())]
    Nothing(Place),
}

/// What can be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The file to mark or to look at.
    In,
    /// The file to write.
    Out,
    /// Hex digits.
    Payload,
    /// File of 32 secret bytes.
    Key,
    /// Folder that a clip's calls share.
    State,
    /// The unmarked film.
    Reference,
    /// Columns of the master.
    Width,
    /// Rows of the master.
    Height,
    /// Folder of the description.
    Folder,
}

impl Place {
    const ALL: [(Self, &'static str); 9] = [
        (Self::In, "in"),
        (Self::Out, "out"),
        (Self::Payload, "payload"),
        (Self::Key, "key"),
        (Self::State, "state"),
        (Self::Reference, "reference"),
        (Self::Width, "width"),
        (Self::Height, "height"),
        (Self::Folder, "folder"),
    ];

    fn names() -> String {
        Self::ALL.map(|(_, name)| format!("{{{name}}}")).join(", ")
    }

    /// As it stands between the braces.
    #[must_use]
    pub fn name(self) -> &'static str {
        let found = Self::ALL.into_iter().find(|(place, _)| *place == self);
        found.map_or("", |(_, name)| name)
    }
}

/// A part of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(Place),
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    words: Vec<Vec<Part>>,
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Vec::<String>::deserialize(deserializer)?;
        Self::new(&words).map_err(serde::de::Error::custom)
    }
}

impl Template {
    /// Reads program and arguments.
    ///
    /// # Errors
    /// [`TemplateError`].
    pub fn new(words: &[String]) -> Result<Self, TemplateError> {
        if words
            .first()
            .is_none_or(|program| program.trim().is_empty())
        {
            return Err(TemplateError::Empty);
        }
        let words = words
            .iter()
            .map(|word| parts(word))
            .collect::<Result<_, _>>()?;
        Ok(Self { words })
    }

    /// Whether a place occurs.
    #[must_use]
    pub fn has(&self, place: Place) -> bool {
        self.words
            .iter()
            .flatten()
            .any(|part| *part == Part::Place(place))
    }

    /// Whether all of `wanted` occur.
    ///
    /// # Errors
    /// [`TemplateError::Lacks`].
    pub fn check(&self, wanted: &[Place]) -> Result<(), TemplateError> {
        match wanted.iter().find(|place| !self.has(**place)) {
            Some(place) => Err(TemplateError::Lacks(*place)),
            None => Ok(()),
        }
    }

    /// Program and arguments. A program with a folder in its name is looked for from `folder` on, where the description is.
    ///
    /// # Errors
    /// [`TemplateError::Nothing`].
    pub fn filled(
        &self,
        values: &BTreeMap<Place, OsString>,
        folder: &Path,
    ) -> Result<Vec<OsString>, TemplateError> {
        let mut words = Vec::with_capacity(self.words.len());
        for parts in &self.words {
            let mut word = OsString::new();
            for part in parts {
                match part {
                    Part::Text(text) => word.push(text),
                    Part::Place(place) => {
                        word.push(values.get(place).ok_or(TemplateError::Nothing(*place))?);
                    }
                }
            }
            words.push(word);
        }
        let program = PathBuf::from(&words[0]);
        if program.components().count() > 1 && program.is_relative() {
            words[0] = folder.join(program).into_os_string();
        }
        Ok(words)
    }
}

fn parts(word: &str) -> Result<Vec<Part>, TemplateError> {
    let (mut parts, mut rest) = (Vec::new(), word);
    while let Some(start) = rest.find(['{', '}']) {
        let unknown = || TemplateError::Unknown {
            word: word.to_owned(),
        };
        if start > 0 {
            parts.push(Part::Text(rest[..start].to_owned()));
        }
        let inside = rest[start..].strip_prefix('{').ok_or_else(unknown)?;
        let (name, after) = inside.split_once('}').ok_or_else(unknown)?;
        let known = Place::ALL.into_iter().find(|(_, known)| *known == name);
        parts.push(Part::Place(known.ok_or_else(unknown)?.0));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(words: &[&str]) -> Result<Template, TemplateError> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Template::new(&words)
    }

    #[test]
    fn places_are_filled_in_and_nothing_else_is_touched() -> Result<(), TemplateError> {
        let values = BTreeMap::from([
            (Place::In, OsString::from("/a b/$(clip).mkv")),
            (Place::Width, OsString::from("640")),
        ]);
        let command = template(&["tools/run", "--in={in};x", "{width}x{width}", ""])?;
        assert_eq!(
            command.filled(&values, Path::new("/f"))?,
            ["/f/tools/run", "--in=/a b/$(clip).mkv;x", "640x640", ""]
        );
        assert_eq!(
            template(&["run"])?.filled(&values, Path::new("/f"))?,
            ["run"]
        );
        let lacking = template(&["run", "{state}"])?.filled(&values, Path::new("/f"));
        assert_eq!(lacking, Err(TemplateError::Nothing(Place::State)));
        Ok(())
    }

    #[test]
    fn a_brace_that_is_no_place_is_refused() {
        for word in ["{inn}", "{", "}", "{in", "in}", "{}", "{ in }"] {
            assert_eq!(
                template(&["run", word]),
                Err(TemplateError::Unknown {
                    word: word.to_owned()
                })
            );
        }
        assert_eq!(template(&[]), Err(TemplateError::Empty));
        assert_eq!(template(&[" "]), Err(TemplateError::Empty));
        let command = template(&["run", "{in}"]).expect("a command");
        assert_eq!(command.check(&[Place::In]), Ok(()));
        assert_eq!(
            command.check(&[Place::In, Place::Out]),
            Err(TemplateError::Lacks(Place::Out))
        );
    }
}
