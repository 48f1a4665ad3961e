//! Any watermarking system under test: what it is, and the commands that embed and detect.
//!
//! ```toml
//! [system]
//! name = "dwtDctSvd"
//! version = "invisible-watermark 0.2.0"
//! bits = 64                                    # of the payload
//! embed = ["python3", "driver.py", "embed", "{in}", "{out}", "{payload}", "{key}"]
//! detect = ["python3", "driver.py", "detect", "{in}", "{width}", "{height}"]
//! trace = ["python3", "driver.py", "trace", "{in}", "{reference}", "{state}"]   # optional: with reference or register
//! keys = false                                 # which aids its answers need
//! reference = false
//! register = false
//! claim_score = 0.9                            # optional: from which score on it says "present"; else any payload does
//! claim_log10_fpr = -6.0                       # optional: how often, at most, it says so of unmarked clips
//! delivers = false                             # optional: what it writes is the delivery, and is not encoded again
//! seconds = 600                                # optional: of one call
//! memory_mb = 4096                             # optional: of one call, all its processes together
//! ```
//!
//! ```text
//! description -> template -> call (limits) -> answer -> external: Subject
//! ```
//!
//! A command is run as it stands, without a shell, in an empty folder of its own. `detect` prints a JSON object a line
//! ([`Answer`]), or nothing.
//!
//! # Shapes and units
//! Payloads in hex digits, the first bit first; times in seconds, memory in MiB of resident pages.

mod answer;
mod call;
mod capabilities;
mod external;
mod template;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use crate::toml_fault::toml_fault;

pub use answer::Answer;
pub use call::{CallError, Limits, Workshop, call};
pub use capabilities::Capabilities;
pub use external::External;
pub use template::{Place, Template, TemplateError};

/// Why a description is of no use.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SystemError {
    /// The file cannot be read.
    #[error("cannot read the system {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The text is no description.
    #[error("the system {} is malformed, {fault}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        fault: String,
    },
    /// A command cannot be filled in.
    #[error("the command {command} of the system {system}")]
    Command {
        /// Which.
        command: &'static str,
        /// Whose.
        system: String,
        /// Why.
        #[source]
        source: TemplateError,
    },
    /// A number makes no sense.
    #[error("{field} of the system {system} is outside {range}: {value}")]
    Range {
        /// Which number.
        field: &'static str,
        /// Whose.
        system: String,
        /// What is accepted.
        range: &'static str,
        /// The number.
        value: f64,
    },
    /// A name that tables cannot tell apart from ours, or that cannot stand in one.
    #[error(
        "the name of a system must be 1 to 64 visible characters, and not that of the built-in one: {0:?}"
    )]
    Name(String),
}

/// A system as described.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what a system has and needs is a list of yes and no"
)]
pub struct System {
    /// Its name in tables.
    pub name: String,
    /// Which version, in words.
    #[serde(default)]
    pub version: String,
    /// Bits of a payload.
    pub bits: usize,
    /// Marks `{in}`.
    pub embed: Template,
    /// Finds what is in `{in}`, by itself.
    pub detect: Template,
    /// Finds what is in `{in}` with a reference or a register, if the system has such a way.
    pub trace: Option<Template>,
    /// Whether its answers need a secret key.
    #[serde(default)]
    pub keys: bool,
    /// Whether `trace` needs the unmarked film.
    #[serde(default)]
    pub reference: bool,
    /// Whether `trace` needs a register of what was delivered.
    #[serde(default)]
    pub register: bool,
    /// From which score on it says that a mark is there.
    pub claim_score: Option<f64>,
    /// Decimal logarithm of how often it says so at most of an unmarked clip, as its makers state.
    pub claim_log10_fpr: Option<f64>,
    /// Whether what it writes is delivered as it is.
    #[serde(default)]
    pub delivers: bool,
    /// Limit of one call.
    #[serde(default = "ten_minutes")]
    pub seconds: f64,
    /// Limit of one call.
    #[serde(default = "four_gibibytes")]
    pub memory_mb: u64,
    /// Folder of the description: `{folder}`.
    #[serde(skip)]
    pub folder: PathBuf,
}

fn ten_minutes() -> f64 {
    600.0
}

fn four_gibibytes() -> u64 {
    4096
}

/// A file with nothing but a system.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    system: System,
}

/// The name of the system that is built in.
pub const OURS: &str = "Countermark";

impl System {
    /// Reads a description; answers its text too, which results depend on.
    ///
    /// # Errors
    /// [`SystemError`].
    pub fn load(path: &Path) -> Result<(Self, String), SystemError> {
        let text = std::fs::read_to_string(path).map_err(|source| SystemError::Read {
            path: path.to_owned(),
            source,
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Ok((Self::parse(&text, path)?.checked(folder)?, text))
    }

    /// The description in a text of the file `path`, of which nothing but names and paths is asked: its commands are not
    /// looked at.
    ///
    /// # Errors
    /// When the text is no description.
    pub fn parse(text: &str, path: &Path) -> Result<Self, SystemError> {
        let File { system } = toml::from_str(text).map_err(|error| SystemError::Malformed {
            path: path.to_owned(),
            fault: toml_fault(text, &error),
        })?;
        Ok(system)
    }

    /// The description, complete: `{folder}` is `folder`.
    ///
    /// # Errors
    /// [`SystemError`].
    pub fn checked(mut self, folder: &Path) -> Result<Self, SystemError> {
        let visible = |name: &str| !name.chars().any(char::is_control) && name.trim() == name;
        let length = self.name.chars().count();
        if !(1..=64).contains(&length) || !visible(&self.name) || self.name == OURS {
            return Err(SystemError::Name(self.name));
        }
        for (field, range, value, accepted) in [
            ("bits", "1 to 4096", self.bits as f64, 1.0..=4096.0),
            ("seconds", "0.1 to 86400", self.seconds, 0.1..=86_400.0),
            (
                "memory_mb",
                "16 to 1048576",
                self.memory_mb as f64,
                16.0..=1_048_576.0,
            ),
        ] {
            if !accepted.contains(&value) {
                let system = self.name;
                return Err(SystemError::Range {
                    field,
                    system,
                    range,
                    value,
                });
            }
        }
        let commands = [
            (
                "embed",
                Some(&self.embed),
                &[Place::In, Place::Out, Place::Payload][..],
            ),
            ("detect", Some(&self.detect), &[Place::In]),
            ("trace", self.trace.as_ref(), &[Place::In]),
        ];
        for (command, template, wanted) in commands {
            let Some(template) = template else { continue };
            template
                .check(wanted)
                .map_err(|source| SystemError::Command {
                    command,
                    system: self.name.clone(),
                    source,
                })?;
        }
        // A file beside us has no folder in its name.
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        self.folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        Ok(self)
    }

    /// Hex digits of a payload.
    #[must_use]
    pub fn digits(&self) -> usize {
        self.bits.div_ceil(4)
    }

    /// What one call may take.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            seconds: self.seconds,
            memory_mb: self.memory_mb,
        }
    }
}

#[cfg(test)]
mod tests;
