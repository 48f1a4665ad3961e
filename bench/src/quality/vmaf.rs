//! VMAF v0.6.1 and XPSNR through an FFmpeg with libvmaf, a measuring tool that the environment names.
//!
//! # Shapes and units
//! Points of VMAF, 0 to 100, a score for each frame; the mean and the first percentile are over frames.
//!
//! # References
//! Z. Li et al. (2016), Toward a practical perceptual video quality metric, Netflix Technology Blog.

use std::path::Path;

use serde::Deserialize;

use super::external::{Comparison, Tool, VmafError};
use super::xpsnr;
use crate::statistics::{mean, percentile};

/// What the external tool measured of a clip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vmaf {
    /// Mean over frames.
    pub mean: f64,
    /// First percentile over frames.
    pub p1: f64,
    /// The worst frame's score.
    pub worst: f64,
    /// The worst frame from 0, the first of equals.
    pub worst_frame: u64,
    /// Frames measured.
    pub frames: usize,
    /// Luma XPSNR over the clip; none when the tool has no filter for it (FFmpeg before 7.1), and for pictures that
    /// the filter cannot read: RGB, more than 14 bits, fewer than 64 columns of more than 8 bits.
    pub xpsnr_y_db: Option<f64>,
}

#[derive(Deserialize)]
struct Log {
    frames: Vec<Frame>,
}

#[derive(Deserialize)]
struct Frame {
    #[serde(rename = "frameNum")]
    number: u64,
    metrics: Metrics,
}

#[derive(Deserialize)]
struct Metrics {
    vmaf: f64,
}

impl Vmaf {
    /// Reads a JSON log of libvmaf 2 or later, which says nothing of XPSNR.
    ///
    /// # Errors
    /// When the text is no such log, or has no frames.
    pub fn parse(log: &str) -> Result<Self, VmafError> {
        let log: Log = serde_json::from_str(log)?;
        let scores: Vec<f64> = log.frames.iter().map(|f| f.metrics.vmaf).collect();
        let worst = log
            .frames
            .iter()
            .min_by(|a, b| a.metrics.vmaf.total_cmp(&b.metrics.vmaf));
        match (mean(&scores), percentile(&scores, 1.0), worst) {
            (Some(mean), Some(p1), Some(worst)) => Ok(Self {
                mean,
                p1,
                worst: worst.metrics.vmaf,
                worst_frame: worst.number,
                frames: scores.len(),
                xpsnr_y_db: None,
            }),
            _ => Err(VmafError::Empty),
        }
    }
}

/// Measures `marked` against `master` with `tool`; logs go into `folder`. VMAF uses `threads`, XPSNR one.
///
/// # Errors
/// [`VmafError`].
pub fn measure(
    tool: &Path,
    marked: &Path,
    master: &Path,
    folder: &Path,
    threads: usize,
) -> Result<Vmaf, VmafError> {
    let tool = open(tool)?;
    let log = "vmaf.json";
    let text = tool.compare(&Comparison {
        action: "measure VMAF",
        inputs: [marked, master],
        prepare: "",
        filter: &format!("libvmaf=log_fmt=json:log_path={log}:n_threads={threads}"),
        log,
        folder,
    })?;
    Ok(Vmaf {
        xpsnr_y_db: xpsnr::measure(&tool, marked, master, folder)?,
        ..Vmaf::parse(&text)?
    })
}

fn open(tool: &Path) -> Result<Tool, VmafError> {
    let tool = Tool::open(tool)?;
    if tool.has("libvmaf") {
        Ok(tool)
    } else {
        Err(VmafError::NoLibvmaf {
            tool: tool.path().to_owned(),
        })
    }
}

/// What `tool` calls itself, once it is known to measure VMAF.
///
/// # Errors
/// [`VmafError`].
pub fn measuring_tool(tool: &Path) -> Result<String, VmafError> {
    open(tool)?.version()
}

#[cfg(test)]
mod tests;
