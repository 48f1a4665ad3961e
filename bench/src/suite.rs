//! Suites: what to run and what must come out, as versioned TOML.
//!
//! ```toml
//! version = 1
//! seed = 1
//! include = ["social"]           # optional: rows of other built-in suites
//! [clips]
//! min_short_side = 360
//! min_seconds = 4.0
//! first_seconds = 20.0           # optional: only the start of longer clips
//! [quality]
//! min_psnr_y_db = 46.0
//! min_vmaf_mean = 95.0
//! min_vmaf_p1 = 90.0
//! [deliveries]                   # optional
//! marked = 2                     # copies made of each clip; attacks take turns
//! registered = 1000              # deliveries on record, those that were made among them
//! [null]                         # optional
//! keys = 100000                  # wrong keys scored on each clip, unmarked and marked
//! [[row]]
//! group = "A. re-encode"         # optional: heading in the report
//! name = "H.264 CRF 33"          # optional: what people call it
//! attack = "cut-10s+h264-crf33"
//! path = "read"                  # or "trace"
//! min_rate = 0.90                # optional: without it a row only must accuse nobody wrongly
//! min_any_rate = 0.99            # optional, of several copies: share with at least one of them named
//! ```
//!
//! # Shapes and units
//! Rates are shares of clips whose answer is exactly the deliveries that were attacked, 0 to 1. Wrong accusations must be
//! none in every suite.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use thiserror::Error;

use crate::attack::Attack;

/// The version of suite files that this program reads.
pub const VERSION: u32 = 1;

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
    #[error("the suite {name} is malformed: {source}")]
    Malformed {
        /// Name or file.
        name: String,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
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
    /// Nothing would be measured.
    #[error("the suite {name} has nothing to measure: no row, no quality, no null")]
    Empty {
        /// Name or file.
        name: String,
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

/// Which part of the detector answers.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum DetectorPath {
    /// Blind, with the exported key.
    Read,
    /// With the vault's reference of the named title.
    Trace,
}

/// Which clips a suite takes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipRule {
    /// Pixels of the shorter side.
    pub min_short_side: u32,
    /// Length.
    pub min_seconds: f64,
    /// Longer clips are cut to this length before they are marked; whole if absent.
    pub first_seconds: Option<f64>,
    /// Clips taken at most, spread evenly over the folder's names; all if absent.
    pub max_clips: Option<usize>,
    /// Pixels of the shorter side at most.
    pub max_short_side: Option<u32>,
    /// Only these file stems; all if absent.
    #[serde(default)]
    pub only: Vec<String>,
}

/// What every clip's quality must reach.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityFloor {
    /// Luma PSNR over the clip against the decoded master.
    pub min_psnr_y_db: f64,
    /// Mean VMAF, checked when VMAF was measured.
    pub min_vmaf_mean: Option<f64>,
    /// First percentile of VMAF over frames, checked when VMAF was measured.
    pub min_vmaf_p1: Option<f64>,
}

/// How many deliveries a clip has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryRule {
    /// Copies that are made.
    #[serde(default = "two")]
    pub marked: usize,
    /// Deliveries on record; no fewer than are made.
    #[serde(default)]
    pub registered: usize,
}

fn two() -> usize {
    2
}

impl Default for DeliveryRule {
    fn default() -> Self {
        Self {
            marked: two(),
            registered: 0,
        }
    }
}

/// Wrong keys to score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NullRule {
    /// On each clip, once unmarked and once marked.
    pub keys: u64,
}

/// One attack and what must survive it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The chain.
    #[serde(deserialize_with = "attack")]
    pub attack: Attack,
    /// Who answers.
    pub path: DetectorPath,
    /// Smallest share of clips with exactly the deliveries that were attacked; measured only if absent.
    pub min_rate: Option<f64>,
    /// Smallest share of clips with at least one of them and nobody else.
    pub min_any_rate: Option<f64>,
    /// Heading in the report.
    #[serde(default)]
    pub group: String,
    /// What people call it; the attack's own name if absent.
    pub name: Option<String>,
}

/// A suite.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// [`VERSION`].
    pub version: u32,
    /// Seed of every random place.
    pub seed: u64,
    /// Which clips.
    pub clips: ClipRule,
    /// Floors of quality; not measured if absent.
    pub quality: Option<QualityFloor>,
    /// Copies and register.
    #[serde(default)]
    pub deliveries: DeliveryRule,
    /// Wrong keys; none are scored if absent.
    pub null: Option<NullRule>,
    /// Suites whose rows are run too, before its own; rows that are there already are not repeated.
    #[serde(default)]
    pub include: Vec<String>,
    /// What to do to them.
    #[serde(rename = "row", default)]
    pub rows: Vec<Row>,
}

fn attack<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Attack, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(serde::de::Error::custom)
}

/// Read first: a file of another version may have other fields.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

const BUILT_IN: [(&str, &str); 12] = [
    ("main", include_str!("../suites/main.toml")),
    ("bars", include_str!("../suites/bars.toml")),
    ("smoke", include_str!("../suites/smoke.toml")),
    ("standard", include_str!("../suites/standard.toml")),
    ("video-seal", include_str!("../suites/video-seal.toml")),
    ("dci", include_str!("../suites/dci.toml")),
    ("social", include_str!("../suites/social.toml")),
    ("camcorder", include_str!("../suites/camcorder.toml")),
    ("collusion", include_str!("../suites/collusion.toml")),
    ("null", include_str!("../suites/null.toml")),
    ("full", include_str!("../suites/full.toml")),
    ("peers", include_str!("../suites/peers.toml")),
];

impl Suite {
    /// A built-in suite by its name, or one from a `.toml` file.
    ///
    /// # Errors
    /// [`SuiteError`].
    pub fn load(name: &str) -> Result<Self, SuiteError> {
        if let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Self::parse(name, text);
        }
        let path = Path::new(name);
        if path.extension().is_none_or(|e| e != "toml") {
            return Err(SuiteError::Unknown {
                known: BUILT_IN.map(|(known, _)| known).join(", "),
                name: name.to_owned(),
            });
        }
        let text = std::fs::read_to_string(path).map_err(|source| SuiteError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(name, &text)
    }

    fn parse(name: &str, text: &str) -> Result<Self, SuiteError> {
        let malformed = |source| SuiteError::Malformed {
            name: name.to_owned(),
            source: Box::new(source),
        };
        let Head { version } = toml::from_str(text).map_err(malformed)?;
        if version != VERSION {
            return Err(SuiteError::Version {
                name: name.to_owned(),
                version,
            });
        }
        let mut suite: Self = toml::from_str(text).map_err(malformed)?;
        for included in std::mem::take(&mut suite.include) {
            let own = std::mem::take(&mut suite.rows);
            let known = BUILT_IN.iter().find(|(known, _)| *known == included);
            let (_, text) =
                known
                    .filter(|_| included != name)
                    .ok_or_else(|| SuiteError::Unknown {
                        known: BUILT_IN.map(|(known, _)| known).join(", "),
                        name: included.clone(),
                    })?;
            suite.rows = Self::parse(&included, text)?.rows;
            for row in own {
                let is_new = |other: &Row| other.attack != row.attack || other.path != row.path;
                if suite.rows.iter().all(is_new) {
                    suite.rows.push(row);
                }
            }
        }
        let rates = suite.rows.iter().flat_map(|row| {
            [
                ("min_rate", row.min_rate),
                ("min_any_rate", row.min_any_rate),
            ]
        });
        for (field, value) in rates.filter_map(|(field, rate)| Some((field, rate?))) {
            if !(0.0..=1.0).contains(&value) {
                return Err(SuiteError::Range {
                    name: name.to_owned(),
                    field,
                    range: "0 to 1",
                    value,
                });
            }
        }
        for (index, row) in suite.rows.iter().enumerate() {
            let same = |other: &Row| other.attack == row.attack && other.path == row.path;
            if suite.rows[..index].iter().any(same) {
                return Err(SuiteError::Twice {
                    name: name.to_owned(),
                    attack: row.attack.to_string(),
                });
            }
        }
        if suite.rows.is_empty() && suite.quality.is_none() && suite.null.is_none() {
            return Err(SuiteError::Empty {
                name: name.to_owned(),
            });
        }
        let marked = suite.deliveries.marked;
        if !(2..=64).contains(&marked) {
            return Err(SuiteError::Range {
                name: name.to_owned(),
                field: "marked",
                range: "2 to 64",
                value: marked as f64,
            });
        }
        if let Some(value) = suite.clips.first_seconds
            && !(1.0..=36_000.0).contains(&value)
        {
            return Err(SuiteError::Range {
                name: name.to_owned(),
                field: "first_seconds",
                range: "1 to 36000",
                value,
            });
        }
        Ok(suite)
    }

    /// What of clips is marked, and how many deliveries they have, in a line.
    #[must_use]
    pub fn preparation(&self) -> String {
        let part = self
            .clips
            .first_seconds
            .map_or("whole clips".to_owned(), |s| format!("the first {s} s"));
        let DeliveryRule { marked, registered } = self.deliveries;
        format!("{part}, {marked} copies, {registered} on record")
    }

    /// Whether the suite takes a clip of this stem, short side and length.
    #[must_use]
    pub fn takes(&self, stem: &str, short_side: u32, seconds: f64) -> bool {
        let rule = &self.clips;
        (rule.min_short_side..=rule.max_short_side.unwrap_or(u32::MAX)).contains(&short_side)
            && seconds >= rule.min_seconds
            && (rule.only.is_empty() || rule.only.iter().any(|s| s == stem))
    }
}

#[cfg(test)]
mod tests {
    use super::DetectorPath::{Read, Trace};
    use super::*;

    const SMALL: &str = "version = 1\nseed = 3\n[clips]\nmin_short_side = 360\nmin_seconds = 4.0\n";

    #[test]
    fn built_in_suites_parse() -> Result<(), SuiteError> {
        for (name, _) in BUILT_IN {
            let suite = Suite::load(name)?;
            assert!(!suite.rows.is_empty(), "{name}");
        }
        Ok(())
    }

    #[test]
    fn main_suite_is_the_table_of_the_issue() -> Result<(), SuiteError> {
        let suite = Suite::load("main")?;
        let rows: Vec<(String, DetectorPath, Option<f64>)> = suite
            .rows
            .iter()
            .map(|r| (r.attack.to_string(), r.path, r.min_rate))
            .collect();
        let want = [
            ("cut-10s+h264-crf33", Read, 0.90),
            ("cut-10s+h264-360p-450k", Read, 0.90),
            ("cut-10s+hevc-crf32", Read, 0.95),
            ("cut-3s+h264-crf28", Read, 0.90),
            ("cut-3s+h264-crf40", Trace, 0.85),
            ("cut-8s+h264-crf40", Trace, 0.95),
            ("h264-crf23+jpeg-q80", Trace, 0.95),
            ("cut-10s+h264-240p-180k", Trace, 0.90),
        ];
        assert_eq!(rows, want.map(|(a, p, r)| (a.to_owned(), p, Some(r))));
        Ok(())
    }

    #[test]
    fn wrong_suites_are_named() {
        let row = "[[row]]\nattack = \"h264-crf33\"\npath = \"read\"\nmin_rate = 0.9\n";
        assert!(Suite::parse("x", &format!("{SMALL}{row}")).is_ok());
        for (text, word) in [
            (SMALL.to_owned(), "nothing to measure"),
            (
                format!("{SMALL}{}", row.replace("crf33", "crf99")),
                "crf0 to crf63",
            ),
            (format!("{SMALL}{}", row.replace("read", "guess")), "guess"),
            (format!("{SMALL}{}", row.replace("0.9", "90")), "0 to 1"),
            (format!("{SMALL}first_seconds = 0\n{row}"), "1 to 36000"),
            (format!("{SMALL}{row}{row}"), "two rows"),
            (format!("{SMALL}{row}extra = 1\n"), "extra"),
            ("version = 2\nshape = 1".to_owned(), "version 1"),
            ("not toml".to_owned(), "malformed"),
        ] {
            let message =
                Suite::parse("x", &text).map_or_else(|e| e.to_string(), |_| String::new());
            assert!(message.contains(word), "{word}: {message}");
        }
        let message = Suite::load("nonsense").map_or_else(|e| e.to_string(), |_| String::new());
        assert!(
            message.contains("main, bars, smoke") && message.contains("nonsense"),
            "{message}"
        );
        assert!(matches!(
            Suite::load("absent.toml"),
            Err(SuiteError::Read { .. })
        ));
    }

    #[test]
    fn clips_are_taken_by_size_length_and_name() -> Result<(), SuiteError> {
        let row = "[[row]]\nattack = \"h264-crf33\"\npath = \"trace\"\nmin_rate = 1\n";
        let mut suite = Suite::parse("x", &format!("{SMALL}{row}"))?;
        assert!(
            suite.takes("a", 360, 4.0)
                && !suite.takes("a", 359, 9.0)
                && !suite.takes("a", 720, 3.9)
        );
        suite.clips.only = vec!["b".to_owned()];
        assert!(suite.takes("b", 360, 4.0) && !suite.takes("a", 360, 4.0));
        Ok(())
    }
}
