//! Suites: what to run and what must come out, as versioned TOML.
//!
//! ```toml
//! version = 1
//! seed = 1
//! about = "social media"         # optional: what it is for, in a line
//! include = ["social"]           # optional: rows of built-in suites, or of files beside this one
//! [clips]
//! min_clips = 4                  # optional: fewer that could be measured fail the suite
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
//! min_rate = 0.90                # optional, not 0: without a floor a row must accuse nobody wrongly, and counts as not checked
//! min_any_rate = 0.99            # optional, of several copies: share with at least one of them named
//! min_fragment_rate = 0.90       # optional, of clips cut together: share of fragments that are placed rightly
//! only = ["opening-480p"]        # optional: only these clips
//! ```
//!
//! # Shapes and units
//! Rates are shares of clips whose answer is exactly the deliveries that were attacked, 0 to 1; of `identify` those whose
//! title and time are right ([`crate::placing`]). Wrong accusations, and answers about unknown clips, must be none in every
//! suite.

pub mod built_in;
mod catalogue;
mod error;
mod load;
mod negatives;
mod systems;

use serde::{Deserialize, Deserializer};

use countermark_attack::{Attack, Source};

use crate::quality::Metric;
use crate::system::System;

pub use catalogue::{Catalogue, SameFilm, ShownTitle};
pub use error::SuiteError;
pub use negatives::{Negatives, Unmarked};

/// The version of suite files that this program reads.
pub const VERSION: u32 = 1;

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

    /// As it is written in suites and results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Trace => "trace",
            Self::Identify => "identify",
        }
    }
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
    /// Clips that must have been measured; fewer fail the suite.
    pub min_clips: Option<usize>,
    /// Clips taken at most, spread evenly over the folder's names; all if absent.
    pub max_clips: Option<usize>,
    /// Pixels of the shorter side at most.
    pub max_short_side: Option<u32>,
    /// Only these file stems; all if absent.
    #[serde(default)]
    pub only: Vec<String>,
}

impl ClipRule {
    /// Why the suite does not take a clip of this stem, short side in pixels and length; none if it does.
    #[must_use]
    pub fn refusal(&self, stem: &str, short_side: u32, seconds: f64) -> Option<String> {
        if !self.names(stem) {
            Some("the suite does not name it".to_owned())
        } else if short_side < self.min_short_side {
            let least = self.min_short_side;
            Some(format!(
                "its short side of {short_side} pixels is below {least}"
            ))
        } else if let Some(most) = self.max_short_side.filter(|&most| short_side > most) {
            Some(format!(
                "its short side of {short_side} pixels is above {most}"
            ))
        } else if seconds < self.min_seconds {
            let least = self.min_seconds;
            Some(format!("its {seconds:.1} s are fewer than {least} s"))
        } else {
            None
        }
    }

    /// Whether the suite takes clips of this stem at all.
    #[must_use]
    pub fn names(&self, stem: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == stem)
    }
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
    /// Most contrast of the mark in flat regions, in percent.
    pub max_flat_contrast_percent: Option<f64>,
    /// Most that black is lifted, in 8-bit code values.
    pub max_black_lift_codes: Option<f64>,
    /// Most samples of a frame that the mark drives out of narrow range, as a share.
    pub max_strays: Option<f64>,
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

impl Row {
    /// Who answers and the chain: what the row is called in reports, unique in its suite.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.path.name(), self.attack)
    }

    /// Copies that it attacks at once; none where that does not matter.
    #[must_use]
    pub fn copies(&self) -> usize {
        self.attack.source().map_or(0, Source::copies)
    }

    /// Its floors by the names of their fields.
    #[must_use]
    pub fn floors(&self) -> Vec<(&'static str, f64)> {
        let all = [
            ("min_rate", self.min_rate),
            ("min_any_rate", self.min_any_rate),
            ("min_fragment_rate", self.min_fragment_rate),
        ];
        let given = all.into_iter();
        given
            .filter_map(|(name, rate)| Some((name, rate?)))
            .collect()
    }
}

/// A suite.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    #[serde(skip)]
    texts: Vec<(String, String)>,
    /// What it is for, in a line.
    #[serde(default)]
    pub about: String,
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

impl Suite {
    /// Names and texts of the suite and of all that it includes, its own first.
    #[must_use]
    pub fn texts(&self) -> &[(String, String)] {
        &self.texts
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

    /// Copies that are made of each clip.
    #[must_use]
    pub fn copies(&self) -> usize {
        let of_rows = self.rows.iter().map(Row::copies).max();
        self.deliveries.marked.max(of_rows.unwrap_or(0))
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
}

#[cfg(test)]
mod tests;
