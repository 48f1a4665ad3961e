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
//! registered = 1000              # deliveries on record, those that were made among them: so many if absent
//! [negatives]                    # optional: see [`Negatives`]
//! unmarked = "one"               # or "each", "none"
//! [measures]                     # optional
//! after_attack = true            # quality of every attacked clip against the master
//! bd_rate = true
//! [[metric]]                     # optional: a program that prints a number
//! name = "LPIPS"
//! command = ["lpips", "{reference}", "{in}"]
//! [system]                       # optional: the system that is asked, see [`crate::system`]
//! [null]                         # optional
//! keys = 100000                  # wrong keys scored on each clip, unmarked and marked
//! [catalogue]                    # optional: one register with all titles, where else each clip has its own; see
//! unknown = ["drone"]            # [`Catalogue`]
//! [[row]]
//! group = "A. re-encode"         # optional: heading in the report
//! name = "H.264 CRF 33"          # optional: what people call it
//! attack = "cut-10s+h264-crf33"
//! path = "read"                  # or "trace", "identify"
//! min_rate = 0.90                # optional: without it a row only must accuse nobody wrongly
//! min_any_rate = 0.99            # optional, of several copies: share with at least one of them named
//! min_fragment_rate = 0.90       # optional, of clips cut together: share of fragments that are placed rightly
//! only = ["opening-480p"]        # optional: only these clips
//! ```
//!
//! # Shapes and units
//! Rates are shares of clips whose answer is exactly the deliveries that were attacked, 0 to 1; of `identify` those whose
//! title and time are right ([`crate::placing`]). Wrong accusations, and answers about unknown clips, must be none in every
//! suite.

mod catalogue;
mod negatives;
mod systems;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use thiserror::Error;

use countermark_attack::{Attack, Source};

use crate::quality::Metric;
use crate::system::System;

pub use catalogue::{Catalogue, SameFilm, ShownTitle};
pub use negatives::{Negatives, Unmarked};

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
    /// With the register: by the title's reference.
    Trace,
    /// By the pictures alone: title and time.
    Identify,
}

impl DetectorPath {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Read, Self::Trace, Self::Identify];
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
    #[serde(default = "thousand")]
    pub registered: usize,
}

fn two() -> usize {
    2
}

/// Whom a detector could accuse wrongly must be on record.
fn thousand() -> usize {
    1000
}

impl Default for DeliveryRule {
    fn default() -> Self {
        Self {
            marked: two(),
            registered: thousand(),
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

/// Measures that take time of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureRule {
    /// Quality of every attacked clip against the master.
    #[serde(default)]
    pub after_attack: bool,
    /// Bitrate of marked against unmarked video at equal PSNR, from encodes at five CRFs each.
    #[serde(default)]
    pub bd_rate: bool,
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
    /// Smallest share of clips with at least one of them and nobody else; of `identify` those with the right title.
    pub min_any_rate: Option<f64>,
    /// Smallest share of the fragments of all clips that are placed rightly.
    pub min_fragment_rate: Option<f64>,
    /// Only clips of these file stems; all if absent.
    #[serde(default)]
    pub only: Vec<String>,
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
    /// The text that it was read from, with those that it includes.
    #[serde(skip)]
    pub text: String,
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
    /// One register with all titles; one for each clip if absent.
    pub catalogue: Option<Catalogue>,
    /// In which clips nobody may be named, beside those of the rows.
    #[serde(default)]
    pub negatives: Negatives,
    /// What all systems are measured by, where it takes time of its own.
    #[serde(default)]
    pub measures: MeasureRule,
    /// Programs that measure quality.
    #[serde(rename = "metric", default)]
    pub metrics: Vec<Metric>,
    /// Which system is asked; the built-in one if absent.
    pub system: Option<System>,
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

const BUILT_IN: [(&str, &str); 22] = [
    ("main", include_str!("../suites/main.toml")),
    ("bars", include_str!("../suites/bars.toml")),
    ("smoke", include_str!("../suites/smoke.toml")),
    ("standard", include_str!("../suites/standard.toml")),
    ("video-seal", include_str!("../suites/video-seal.toml")),
    ("dci", include_str!("../suites/dci.toml")),
    ("social", include_str!("../suites/social.toml")),
    ("camcorder", include_str!("../suites/camcorder.toml")),
    ("collusion", include_str!("../suites/collusion.toml")),
    (
        "collusion-many",
        include_str!("../suites/collusion-many.toml"),
    ),
    (
        "collusion-ten",
        include_str!("../suites/collusion-ten.toml"),
    ),
    ("identify", include_str!("../suites/identify.toml")),
    (
        "identify-many",
        include_str!("../suites/identify-many.toml"),
    ),
    ("recaps", include_str!("../suites/recaps.toml")),
    ("trace", include_str!("../suites/trace.toml")),
    ("trace-many", include_str!("../suites/trace-many.toml")),
    ("reposts", include_str!("../suites/reposts.toml")),
    ("blind", include_str!("../suites/blind.toml")),
    ("framing", include_str!("../suites/framing.toml")),
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
        let mut suite = Self::parse(name, &text)?;
        if let Some(system) = suite.system.take() {
            let folder = path.parent().unwrap_or(Path::new("."));
            suite.system = Some(system.checked(folder)?);
        }
        Ok(suite)
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
        text.clone_into(&mut suite.text);
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
            let included = Self::parse(&included, text)?;
            suite.text.push_str(&included.text);
            suite.rows = included.rows;
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
                ("min_fragment_rate", row.min_fragment_rate),
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
        suite.check_truth(name)?;
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

    /// Every row has a right answer on every clip.
    fn check_truth(&self, name: &str) -> Result<(), SuiteError> {
        let unjudged = |what: String| SuiteError::Unjudged {
            name: name.to_owned(),
            what,
        };
        let identified = |row: &&Row| row.path == DetectorPath::Identify;
        for row in self.rows.iter().filter(identified) {
            if row.attack.source().is_some_and(Source::is_foreign) {
                return Err(unjudged(format!(
                    "identify {}: its pictures are another title's",
                    row.attack
                )));
            }
        }
        let contradiction = self.catalogue.as_ref().and_then(Catalogue::contradiction);
        match contradiction {
            Some(clip) => Err(unjudged(format!(
                "{clip}: it is unknown, and yet in the register or of the same film as another"
            ))),
            None => Ok(()),
        }
    }

    /// Whether the suite leaves the clip out of its register.
    #[must_use]
    pub fn is_unknown(&self, clip: &str) -> bool {
        self.catalogue
            .as_ref()
            .is_some_and(|catalogue| catalogue.is_unknown(clip))
    }

    /// Whether the row is asked of a clip: keys alone read only what was marked.
    #[must_use]
    pub fn asks(&self, row: &Row, clip: &str) -> bool {
        let stands_by = |all: &Catalogue| all.bystanders.iter().any(|stem| stem == clip);
        let named = row.only.iter().any(|stem| stem == clip);
        let all = row.only.is_empty() && !self.catalogue.as_ref().is_some_and(stands_by);
        (named || all) && !(row.path == DetectorPath::Read && self.is_unknown(clip))
    }

    /// What of clips is marked, and how many deliveries they have, in a line.
    #[must_use]
    pub fn preparation(&self) -> String {
        let part = self
            .clips
            .first_seconds
            .map_or("whole clips".to_owned(), |s| format!("the first {s} s"));
        let DeliveryRule { marked, registered } = self.deliveries;
        let register = self
            .catalogue
            .as_ref()
            .map_or_else(String::new, |all| format!(", {}", all.in_words()));
        format!("{part}, {marked} copies, {registered} on record{register}")
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
mod tests;
