//! One attack on one marked clip, and what the detector's answer was worth.
//!
//! # Shapes and units
//! Times in seconds, sizes in bytes.

use serde::{Deserialize, Serialize};

use crate::placing::Placing;
use crate::suite::DetectorPath;

/// What the detector's answer was worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// Exactly the deliveries that were attacked; nobody where nothing was marked. The right title and the right time.
    Exact,
    /// Some of the deliveries that were attacked, and nobody else. The right title, but not the time, or of too little.
    Part,
    /// Nobody, though something was marked; no title.
    None,
    /// Somebody else, alone or beside the right one; another title; any of either in an unknown clip.
    Wrong,
}

/// One attack on one marked clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// File stem of the clip.
    pub clip: String,
    /// Name of the chain.
    pub attack: String,
    /// Who answered.
    pub path: DetectorPath,
    /// Payloads of the copies that were attacked; none where nothing was marked.
    pub expected: Vec<String>,
    /// Payloads that were accused.
    pub accused: Vec<String>,
    /// Titles that were named.
    #[serde(default)]
    pub titles: Vec<String>,
    /// Whether the register lacks the clip's title.
    #[serde(default)]
    pub unknown: bool,
    /// Where the answer places the clip; none of `read`, of unknown clips and where nothing of the title is left.
    #[serde(default)]
    pub placing: Option<Placing>,
    /// The answer against the truth.
    pub answer: Answer,
    /// Decimal logarithm of the lowest bound; none when nothing could be scored.
    pub log10_p: Option<f64>,
    /// Share of the address code's bits whose soft value has the wrong sign; none where it was not measured.
    pub coded_bit_errors: Option<f64>,
    /// Starts of the random cuts, in seconds.
    pub cuts: Vec<f64>,
    /// Seconds of media in the attacked clip.
    pub clip_seconds: f64,
    /// Size of the attacked clip.
    pub bytes: u64,
    /// Seconds that the detector took.
    pub detector_seconds: f64,
    /// What all systems are measured by.
    #[serde(default)]
    pub measures: Measures,
}

/// Measures of one trial that all systems share.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Measures {
    /// How sure the system is that a mark is there, more is surer; none when it said nothing.
    #[serde(default)]
    pub score: Option<f64>,
    /// Share of bits that were read rightly, 0.5 is guessing; none when there is no one payload to read.
    #[serde(default)]
    pub bit_accuracy: Option<f64>,
    /// Whether the system says that a mark is there.
    #[serde(default)]
    pub claims: bool,
    /// Why the system gave no answer: the trial counts as none.
    #[serde(default)]
    pub failure: Option<String>,
    /// Of the attacked clip against the master, bent as the attack bends it; none where it was not measured.
    #[serde(default)]
    pub after: Option<AttackedQuality>,
}

/// What an attack leaves of the pictures.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AttackedQuality {
    /// Luma PSNR over the clip.
    pub psnr_y_db: f64,
    /// Mean SSIM of luma.
    pub ssim: f64,
    /// Mean VMAF; none when no FFmpeg with libvmaf was given.
    #[serde(default)]
    pub vmaf_mean: Option<f64>,
}
