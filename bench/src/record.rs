//! What a run leaves on record: a line of `results.jsonl` each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::gap::Gap;
use crate::null::Tail;
use crate::provenance::RunHead;
use crate::quality::Told;
use crate::trial::Trial;

/// What the mark costs one clip.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Quality {
    /// File stem of the clip.
    pub clip: String,
    /// Frames compared.
    pub frames: u64,
    /// Luma PSNR over all frames.
    pub psnr_y_db: f64,
    /// Lowest luma PSNR of a frame.
    pub worst_frame_psnr_y_db: f64,
    /// Which frame that is, from 0.
    pub worst_frame: u64,
    /// Mean SSIM of luma.
    pub ssim: f64,
    /// Lowest SSIM of a frame.
    pub worst_frame_ssim: f64,
    /// Lowest luma PSNR of a block.
    pub worst_block_psnr_y_db: f64,
    /// Root mean square of the mark's change from frame to frame in flat regions, 8-bit code values; none without such
    /// regions.
    pub flicker: Option<f64>,
    /// Contrast of the mark in flat regions, in percent of their light: 95th percentile; none without such regions.
    #[serde(default)]
    pub flat_contrast_percent: Option<f64>,
    /// How far black is lifted, 8-bit code values: 99.9th percentile; none without black, or in full range.
    #[serde(default)]
    pub black_lift_codes: Option<f64>,
    /// Share of samples that the mark drove out of narrow range, in the worst frame; none in full range.
    #[serde(default)]
    pub strays: Option<f64>,
    /// Mean VMAF; none when no FFmpeg with libvmaf was given.
    pub vmaf_mean: Option<f64>,
    /// First percentile of VMAF over frames.
    pub vmaf_p1: Option<f64>,
    /// XPSNR of luma; none when no FFmpeg with that filter was given.
    pub xpsnr_y_db: Option<f64>,
    /// Size of the marked against the unmarked video at equal CRF, minus 1.
    pub bitrate_change: Option<f64>,
    /// Bitrate of the marked against the unmarked video at equal luma PSNR, minus 1, over CRF 18 to 46; none when it was not
    /// measured, or the curves share no quality.
    #[serde(default)]
    pub bd_rate: Option<f64>,
    /// What the suite's programs told, by their names.
    #[serde(default)]
    pub metrics: BTreeMap<String, Told>,
}

/// How long marking took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Marking {
    /// File stem of the clip.
    pub clip: String,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Frames of one copy.
    pub frames: u64,
    /// Seconds for one copy, encoding included: the mean over copies.
    pub seconds: f64,
}

/// Wrong keys on one clip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NullTail {
    /// File stem of the clip.
    pub clip: String,
    /// Whether the clip was marked, with other keys.
    pub marked: bool,
    /// How often scores reached each level.
    #[serde(flatten)]
    pub tail: Tail,
}

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "lowercase")]
pub enum Record {
    /// Always first.
    Run(RunHead),
    /// An attack.
    Trial(Trial),
    /// A clip's quality.
    Quality(Quality),
    /// A clip's marking.
    Marking(Marking),
    /// A clip's wrong keys.
    Null(NullTail),
    /// What was asked for and is not there; the next run tries again.
    Gap(Gap),
}

impl Record {
    /// The clip that it is of; none of the run's head.
    #[must_use]
    pub fn clip(&self) -> Option<&str> {
        match self {
            Self::Run(_) => None,
            Self::Trial(trial) => Some(&trial.clip),
            Self::Quality(quality) => Some(&quality.clip),
            Self::Marking(marking) => Some(&marking.clip),
            Self::Null(tail) => Some(&tail.clip),
            Self::Gap(gap) => Some(&gap.clip),
        }
    }
}
