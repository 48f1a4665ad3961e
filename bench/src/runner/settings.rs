//! How a suite is run: what the command line or a test asks for.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::shard::Shard;
use crate::suite::Suite;

/// How a suite is run.
#[derive(Debug)]
pub struct RunSettings<'a> {
    /// Name of the suite, for the record.
    pub name: &'a str,
    /// The suite.
    pub suite: &'a Suite,
    /// Folder of clips.
    pub clips: &'a Path,
    /// Folder of results.
    pub out: &'a Path,
    /// Trials at a time.
    pub threads: NonZeroUsize,
    /// An FFmpeg with libvmaf.
    pub vmaf: Option<PathBuf>,
    /// Leave marked and attacked files in place.
    pub keep: bool,
    /// Forget what an earlier run in this folder measured.
    pub fresh: bool,
    /// Only this part of the trials; all if absent.
    pub shard: Option<Shard>,
    /// Folder of marked copies that runs share.
    pub cache: Option<PathBuf>,
    /// The command line, for the record.
    pub command: String,
}
