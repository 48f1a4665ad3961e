//! Why a suite cannot be used.

use std::path::PathBuf;

use thiserror::Error;

use super::VERSION;

/// Why a suite cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SuiteError {
    /// Neither a known name nor a file.
    #[error("unknown suite (known: {known}; or a path to a .toml file): {name}")]
    Unknown {
        /// Names of the built-in suites.
        known: String,
        /// What was asked for.
        name: String,
    },
    /// The file cannot be read.
    #[error("cannot read the suite {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no suite.
    #[error("the suite {name} is malformed, {fault}")]
    Malformed {
        /// Name or file.
        name: String,
        /// Where and why.
        fault: String,
    },
    /// The file is of another version.
    #[error(
        "the suite {name} needs another version of this program (this one reads version {VERSION}): {version}"
    )]
    Version {
        /// Name or file.
        name: String,
        /// The file's version.
        version: u32,
    },
    /// Results are by attack and path: a second row would count the first one's.
    #[error("the suite {name} has two rows of one path with the attack {attack}")]
    Twice {
        /// Name or file.
        name: String,
        /// The attack.
        attack: String,
    },
    /// The system that it describes is none.
    #[error(transparent)]
    System(#[from] crate::system::SystemError),
    /// There is no right answer.
    #[error("the suite {name} cannot judge {what}")]
    Unjudged {
        /// Name or file.
        name: String,
        /// What has no right answer, and why.
        what: String,
    },
    /// Nothing would be measured.
    #[error("the suite {name} has nothing to measure: no row, no quality, no null")]
    Empty {
        /// Name or file.
        name: String,
    },
    /// Suites include one another in a circle.
    #[error("the suite {name} includes itself")]
    Circle {
        /// Name or file.
        name: String,
    },
    /// A floor that everything reaches is none.
    #[error(
        "{field} of the suite {name} is 0, which everything reaches: leave it out to measure without a floor"
    )]
    NoFloor {
        /// Name or file.
        name: String,
        /// Which floor.
        field: &'static str,
    },
    /// A number makes no sense.
    #[error("{field} of the suite {name} is outside {range}: {value}")]
    Range {
        /// Name or file.
        name: String,
        /// Which number.
        field: &'static str,
        /// What is accepted.
        range: &'static str,
        /// The number.
        value: f64,
    },
}
