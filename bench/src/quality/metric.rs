//! A program that measures quality, as a command that prints a number: LPIPS, CVVDP, whatever comes.
//!
//! ```toml
//! [[metric]]
//! name = "LPIPS"
//! command = ["python3", "{folder}/lpips.py", "{reference}", "{in}"]
//! seconds = 600          # optional: limit of one call
//! memory_mb = 4096       # optional
//! ```
//!
//! `{reference}` is the clean file, `{in}` the marked one. The last line of what it prints is the number. A program that is not
//! there, or fails, leaves the measure unchecked and says why; it does not end a run.
//!
//! # Shapes and units
//! Those of the program.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::system::{Limits, Place, Template, Workshop, call};

/// A program that measures.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its name in tables.
    pub name: String,
    /// What is run.
    pub command: Template,
    /// Limit of one call.
    #[serde(default = "ten_minutes")]
    pub seconds: f64,
    /// Limit of one call.
    #[serde(default = "four_gibibytes")]
    pub memory_mb: u64,
}

fn ten_minutes() -> f64 {
    600.0
}

fn four_gibibytes() -> u64 {
    4096
}

/// What a program told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Told {
    /// A number.
    Value(f64),
    /// None, and why.
    Unchecked(String),
}

impl Told {
    /// The number, if there is one.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(*value),
            Self::Unchecked(_) => None,
        }
    }
}

impl Metric {
    /// Measures `marked` against `master`. Programs run in `folder`, which must be empty; names of programs are looked for from
    /// the present folder on.
    #[must_use]
    pub fn measure(&self, master: &Path, marked: &Path, folder: &Path) -> Told {
        let here = std::env::current_dir().unwrap_or_default();
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let values: BTreeMap<Place, OsString> = BTreeMap::from([
            (Place::In, absolute(marked).into()),
            (Place::Reference, absolute(master).into()),
            (Place::Folder, here.clone().into()),
        ]);
        let words = match self.command.filled(&values, &here) {
            Ok(words) => words,
            Err(error) => return Told::Unchecked(error.to_string()),
        };
        let limits = Limits {
            seconds: self.seconds,
            memory_mb: self.memory_mb,
        };
        let workshop = Workshop {
            folder,
            input: marked,
            output: None,
        };
        match call(&words, limits, workshop) {
            Err(error) => Told::Unchecked(error.to_string()),
            Ok(text) => {
                let last = text.lines().rev().find(|line| !line.trim().is_empty());
                let number = last.and_then(|line| line.trim().parse::<f64>().ok());
                match number.filter(|number| number.is_finite()) {
                    Some(number) => Told::Value(number),
                    None => Told::Unchecked(format!("{} printed no number", self.name)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(script: &str) -> Told {
        let metric: Metric = toml::from_str(&format!(
            "name = \"M\"\ncommand = [\"sh\", \"-c\", '{script}', \"sh\", \"{{reference}}\", \"{{in}}\"]\n"
        ))
        .expect("a metric");
        let folder = tempfile::tempdir().expect("a folder");
        let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        metric.measure(&clip, &clip, folder.path())
    }

    #[test]
    fn the_last_line_is_the_number_and_anything_else_is_unchecked() {
        assert_eq!(told("echo loading; echo 0.125; echo"), Told::Value(0.125));
        assert_eq!(
            told("test -f \"$1\" && test -f \"$2\" && echo 1"),
            Told::Value(1.0)
        );
        assert_eq!(told("echo nan").value(), None);
        assert!(matches!(told("exit 1"), Told::Unchecked(why) if why.contains("failed")));
        let missing: Metric =
            toml::from_str("name = \"M\"\ncommand = [\"no-such-program-here\"]\n")
                .expect("a metric");
        let folder = tempfile::tempdir().expect("a folder");
        let told = missing.measure(folder.path(), folder.path(), folder.path());
        assert!(
            matches!(told, Told::Unchecked(why) if why.starts_with("cannot start no-such-program-here"))
        );
    }
}
