//! VMAF v0.6.1 through an FFmpeg with libvmaf, a measuring tool that the environment names.
//!
//! Frames are paired by their number: both inputs get the same made-up timestamps, so that variable frame rates and
//! start times cannot shift one against the other.
//!
//! # References
//! Z. Li et al. (2016), Toward a practical perceptual video quality metric, Netflix Technology Blog.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use thiserror::Error;

use crate::statistics::{mean, percentile};

/// The environment variable with the path of an FFmpeg that has libvmaf.
pub const VMAF_VARIABLE: &str = "COUNTERMARK_VMAF_FFMPEG";

/// Why VMAF could not be measured.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmafError {
    /// The tool does not start.
    #[error("cannot start {} (from {VMAF_VARIABLE})", tool.display())]
    Start {
        /// The tool.
        tool: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The tool failed.
    #[error("{} could not measure VMAF: {message}", tool.display())]
    Failed {
        /// The tool.
        tool: PathBuf,
        /// Its last line.
        message: String,
    },
    /// The log cannot be read.
    #[error("cannot read the VMAF log {}", path.display())]
    Read {
        /// The log.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The log is no libvmaf log.
    #[error("the VMAF log is malformed")]
    Malformed(#[from] serde_json::Error),
    /// The log has no frames.
    #[error("the VMAF log has no frames")]
    Empty,
}

/// VMAF of a clip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vmaf {
    /// Mean over frames.
    pub mean: f64,
    /// First percentile over frames.
    pub p1: f64,
    /// Frames measured.
    pub frames: usize,
}

#[derive(Deserialize)]
struct Log {
    frames: Vec<Frame>,
}

#[derive(Deserialize)]
struct Frame {
    metrics: Metrics,
}

#[derive(Deserialize)]
struct Metrics {
    vmaf: f64,
}

impl Vmaf {
    /// Reads a JSON log of libvmaf 2 or later.
    ///
    /// # Errors
    /// When the text is no such log, or has no frames.
    pub fn parse(log: &str) -> Result<Self, VmafError> {
        let log: Log = serde_json::from_str(log)?;
        let scores: Vec<f64> = log.frames.iter().map(|f| f.metrics.vmaf).collect();
        match (mean(&scores), percentile(&scores, 1.0)) {
            (Some(mean), Some(p1)) => Ok(Self {
                mean,
                p1,
                frames: scores.len(),
            }),
            _ => Err(VmafError::Empty),
        }
    }
}

/// Measures `marked` against `master` with `tool`; the log goes into `folder`.
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
    // The filter's own syntax would need the path escaped: run in the folder instead.
    let log = "vmaf.json";
    let here = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let graph = format!(
        "[0:v:0]settb=1/25,setpts=N[a];[1:v:0]settb=1/25,setpts=N[b];\
         [a][b]libvmaf=log_fmt=json:log_path={log}:n_threads={threads}"
    );
    let output = Command::new(tool)
        .current_dir(folder)
        .args([
            "-hide_banner",
            "-nostdin",
            "-v",
            "error",
            "-noautorotate",
            "-i",
        ])
        .arg(here(marked))
        .args(["-noautorotate", "-i"])
        .arg(here(master))
        .args(["-lavfi", &graph, "-f", "null", "-"])
        .stdout(Stdio::null())
        .output()
        .map_err(|source| VmafError::Start {
            tool: tool.to_owned(),
            source,
        })?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(VmafError::Failed {
            tool: tool.to_owned(),
            message: text.lines().last().unwrap_or("no message").to_owned(),
        });
    }
    let path = folder.join(log);
    let text = std::fs::read_to_string(&path).map_err(|source| VmafError::Read { path, source })?;
    Vmaf::parse(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_gives_mean_and_first_percentile() -> Result<(), VmafError> {
        let frames: Vec<String> = (0..101)
            .map(|i| {
                format!(
                    r#"{{"frameNum":{i},"metrics":{{"integer_motion":0.1,"vmaf":{}}}}}"#,
                    f64::from(i) * 0.5 + 50.0
                )
            })
            .collect();
        let log = format!(
            r#"{{"version":"3.0.0","fps":9.1,"frames":[{}],"pooled_metrics":{{"vmaf":{{"mean":75.0}}}}}}"#,
            frames.join(",")
        );
        let vmaf = Vmaf::parse(&log)?;
        assert!((vmaf.mean - 75.0).abs() < 1e-9 && (vmaf.p1 - 50.5).abs() < 1e-9);
        assert_eq!(vmaf.frames, 101);
        Ok(())
    }

    #[test]
    fn other_logs_are_refused() {
        assert!(matches!(
            Vmaf::parse(r#"{"frames":[]}"#),
            Err(VmafError::Empty)
        ));
        assert!(matches!(
            Vmaf::parse("<VMAF/>"),
            Err(VmafError::Malformed(_))
        ));
        assert!(matches!(
            Vmaf::parse(r#"{"frames":[{"metrics":{"psnr_y":4}}]}"#),
            Err(VmafError::Malformed(_))
        ));
    }

    #[test]
    fn missing_tool_is_named() {
        let error = measure(
            Path::new("/no/such/ffmpeg"),
            Path::new("a"),
            Path::new("b"),
            Path::new("."),
            1,
        );
        let message = error.map_or_else(|e| e.to_string(), |_| String::new());
        assert!(message.contains("/no/such/ffmpeg") && message.contains(VMAF_VARIABLE));
    }
}
