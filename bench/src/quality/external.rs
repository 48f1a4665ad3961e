//! The external FFmpeg that measures what is not measured here.
//!
//! ```text
//! tool -i first -i second -lavfi "[0:v:0]..[a];[1:v:0]..[b];[a][b]metric=log" -f null -
//! ```
//!
//! Frames are paired by their number: both inputs get the same made-up timestamps, so that variable frame rates and
//! start times cannot shift one against the other.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use countermark_media::MediaError;
use thiserror::Error;

/// The environment variable with the path of an FFmpeg that has libvmaf.
pub const VMAF_VARIABLE: &str = "COUNTERMARK_VMAF_FFMPEG";

/// Why VMAF or XPSNR could not be measured.
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
    /// The tool lacks libvmaf.
    #[error("{VMAF_VARIABLE} must name an FFmpeg with libvmaf, got {}", tool.display())]
    NoLibvmaf {
        /// The tool.
        tool: PathBuf,
    },
    /// The tool failed.
    #[error("{} could not {action}: {message}", tool.display())]
    Failed {
        /// The tool.
        tool: PathBuf,
        /// What it was asked to do.
        action: &'static str,
        /// Its last line, else how it ended.
        message: String,
    },
    /// The master cannot be probed.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// A log cannot be read.
    #[error("cannot read the log {}", path.display())]
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
    /// The log ends without a value for the clip.
    #[error("the XPSNR log has no average over the clip, it ends in {last_line:?}")]
    NoAverage {
        /// What it ends in.
        last_line: String,
    },
}

/// An FFmpeg, and which of the measuring filters it has.
#[derive(Debug, Clone)]
pub(super) struct Tool {
    path: PathBuf,
    filters: Vec<String>,
}

/// Two files to compare, and how their frames enter the filter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparison<'a> {
    /// What the tool is asked to do, for messages.
    pub(super) action: &'static str,
    /// The filter's inputs, in its order.
    pub(super) inputs: [&'a Path; 2],
    /// Filters for each input, each followed by a comma.
    pub(super) prepare: &'a str,
    /// The filter with its options; it writes `log`.
    pub(super) filter: &'a str,
    /// Name of the log.
    pub(super) log: &'a str,
    /// Where the log goes.
    pub(super) folder: &'a Path,
}

impl Tool {
    /// Asks the FFmpeg at `path` for its filters.
    pub(super) fn open(path: &Path) -> Result<Self, VmafError> {
        // A bare name is looked up; a path must mean the same from every folder.
        let mut tool = Self {
            path: if path.components().count() > 1 {
                absolute(path)
            } else {
                path.to_owned()
            },
            filters: Vec::new(),
        };
        let output = tool.run("list its filters", Command::new(&tool.path).arg("-filters"))?;
        tool.filters = filters(&String::from_utf8_lossy(&output.stdout));
        Ok(tool)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn has(&self, filter: &str) -> bool {
        self.filters.iter().any(|f| f == filter)
    }

    /// The first line of what it says of itself.
    pub(super) fn version(&self) -> Result<String, VmafError> {
        let output = self.run("tell its version", Command::new(&self.path).arg("-version"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }

    /// Runs the comparison and answers the text of its log.
    pub(super) fn compare(&self, comparison: &Comparison<'_>) -> Result<String, VmafError> {
        let Comparison {
            action,
            inputs: [first, second],
            prepare,
            filter,
            log,
            folder,
        } = *comparison;
        let graph = format!(
            "[0:v:0]{prepare}settb=1/25,setpts=N[a];[1:v:0]{prepare}settb=1/25,setpts=N[b];[a][b]{filter}"
        );
        let before_input: [&OsStr; 2] = ["-noautorotate".as_ref(), "-i".as_ref()];
        // The filter's own syntax would need the log's path escaped: run in the folder instead.
        let mut command = Command::new(&self.path);
        command
            .current_dir(folder)
            .args(["-nostdin", "-v", "error"])
            .args(before_input)
            .arg(absolute(first))
            .args(before_input)
            .arg(absolute(second))
            .args(["-lavfi", &graph, "-f", "null", "-"]);
        self.run(action, &mut command)?;
        let path = folder.join(log);
        std::fs::read_to_string(&path).map_err(|source| VmafError::Read { path, source })
    }

    fn run(&self, action: &'static str, command: &mut Command) -> Result<Output, VmafError> {
        let output = command
            .arg("-hide_banner")
            .stdin(Stdio::null())
            .output()
            .map_err(|source| VmafError::Start {
                tool: self.path.clone(),
                source,
            })?;
        if output.status.success() {
            return Ok(output);
        }
        let text = String::from_utf8_lossy(&output.stderr);
        Err(VmafError::Failed {
            tool: self.path.clone(),
            action,
            message: text
                .lines()
                .last()
                .map_or_else(|| output.status.to_string(), str::to_owned),
        })
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The names in a list as `ffmpeg -filters` prints it: flags, name, inputs and outputs, what it does.
fn filters(list: &str) -> Vec<String> {
    list.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace().skip(1);
            let name = words.next()?;
            words.next()?.contains("->").then(|| name.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_from_the_lists_of_old_and_new_versions() {
        let list = "Filters:\n  T.. = Timeline support\n  | = Source or sink filter\n\
            \x20... vmafmotion        V->V       Calculate the VMAF Motion score.\n\
            \x20.. libvmaf           VV->V      Calculate the VMAF between two video streams.\n\
            \x20T. xpsnr             VV->V      Calculate the extended PSNR -> XPSNR.\n";
        assert_eq!(filters(list), ["vmafmotion", "libvmaf", "xpsnr"]);
    }

    #[test]
    fn a_tool_that_fails_is_named_with_its_last_line() {
        let error = Tool::open(Path::new("ls")).err();
        assert!(
            matches!(&error, Some(VmafError::Failed { tool, .. }) if tool == Path::new("ls")),
            "{error:?}"
        );
    }
}
