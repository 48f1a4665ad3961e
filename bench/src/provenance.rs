//! What a run measured with, and what it measured: without it a result may be anybody's.
//!
//! ```text
//! the same results may go on  <=>  program, suite, seed, libraries and the clip's bytes are the same
//! the same qualities may      <=>  the measuring tool is the same, too
//! ```
//!
//! [`Measured`] decides whether results on record are still those of this run; [`RunRecord`] adds what a reader wants to
//! know and what may differ from run to run: `run.json`.
//!
//! # Shapes and units
//! Hashes are SHA-256 in 64 hex digits; times RFC 3339 in UTC.

mod encoders;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use countermark_register::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::clips::Clip;

pub use encoders::encoder_versions;

/// The commit that this program was built from.
pub const COMMIT: &str = env!("COUNTERMARK_COMMIT");

/// What results depend on, beside the suite's name and seed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Commit of the program.
    pub commit: String,
    /// Hash of the program's file.
    pub program: String,
    /// Hash of the suite's text.
    pub suite: String,
    /// Names and versions of FFmpeg's libraries, of x264 and of x265.
    pub libraries: BTreeMap<String, String>,
    /// What the FFmpeg that measures calls itself; none without one.
    pub tool: Option<String>,
    /// Hash of each clip, by file stem.
    pub clips: BTreeMap<String, String>,
}

impl Measured {
    /// Of this program, the texts of a suite with their names, some clips, and the FFmpeg that measures; `folder` is for a
    /// moment that of two tiny encodes.
    ///
    /// # Errors
    /// When the program or a clip cannot be read, or nothing be encoded.
    pub fn of(
        texts: &[(String, String)],
        clips: &[Clip],
        tool: Option<String>,
        folder: &Path,
    ) -> Result<Self> {
        let program = std::env::current_exe().context("cannot find this program's file")?;
        let hashes = clips
            .iter()
            .map(|clip| Ok((clip.stem.clone(), hash_of(&clip.file)?)));
        let mut suite = Sha256::new();
        for (_, text) in texts {
            suite.update((text.len() as u64).to_le_bytes());
            suite.update(text);
        }
        let mut libraries = countermark_media::library_versions();
        libraries.extend(encoder_versions(folder)?);
        Ok(Self {
            commit: COMMIT.to_owned(),
            program: hash_of(&program)?,
            suite: hex(&suite.finalize()),
            libraries,
            tool,
            clips: hashes.collect::<Result<_>>()?,
        })
    }

    /// What differs from an older run so that none of its results may stand, in words; none when they may.
    #[must_use]
    pub fn difference(&self, older: &Self) -> Option<String> {
        if self.program != older.program {
            return Some(format!(
                "they were measured by another build (commit {}, this is {})",
                older.commit, self.commit
            ));
        }
        if self.suite != older.suite {
            return Some("the suite's text has changed".to_owned());
        }
        if self.libraries != older.libraries {
            let words = |all: &BTreeMap<String, String>| {
                let each: Vec<String> = all.iter().map(|(n, v)| format!("{n} {v}")).collect();
                each.join(", ")
            };
            return Some(format!(
                "they were measured with {}, this is {}",
                words(&older.libraries),
                words(&self.libraries)
            ));
        }
        None
    }

    /// Clips of an older run whose bytes are others now, or that are gone.
    #[must_use]
    pub fn changed_clips(&self, older: &Self) -> Vec<String> {
        let same = |(stem, hash): &(&String, &String)| self.clips.get(*stem) == Some(*hash);
        let changed = older.clips.iter().filter(|clip| !same(clip));
        changed.map(|(stem, _)| stem.clone()).collect()
    }
}

/// The version of the records of a run.
pub const RECORDS: u32 = 3;

/// The run that a file of results belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHead {
    /// [`RECORDS`].
    pub schema: u32,
    /// Suite by name.
    pub suite: String,
    /// Seed of every random place.
    pub seed: u64,
    /// Version of the program.
    pub version: String,
    /// Version of the embedded format.
    pub format: u32,
    /// How clips are cut and copies made: results of other cuts and registers are not comparable.
    pub preparation: String,
    /// Names and texts of the suite and of what it includes.
    pub texts: Vec<(String, String)>,
    /// What results depend on beside these.
    pub measured: Measured,
}

impl RunHead {
    /// What differs from an older run so that none of its results may stand, in words; none when they may.
    #[must_use]
    pub fn difference(&self, older: &Self) -> Option<String> {
        if self.schema != older.schema {
            return Some("they were written by another version of this program".to_owned());
        }
        let (measured, was) = (&self.measured, &older.measured);
        if measured.program == was.program && self.seed != older.seed {
            return Some(format!(
                "they were drawn from seed {}, this is {}",
                older.seed, self.seed
            ));
        }
        measured.difference(was).or_else(|| {
            (self.preparation != older.preparation || self.format != older.format)
                .then(|| format!("copies were made as {}", older.preparation))
        })
    }
}

/// The machine that measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor as the system names it.
    pub processor: String,
    /// Threads that the process may use.
    pub threads: usize,
    /// The host's name.
    #[serde(default)]
    pub host: String,
    /// The operating system as it names itself.
    pub system: String,
}

impl Machine {
    /// This one; what the system does not tell is "unknown".
    #[must_use]
    pub fn here() -> Self {
        let line = |file: &str, key: &str| {
            let text = fs::read_to_string(file).ok()?;
            let line = text.lines().find(|line| line.starts_with(key))?;
            let (_, value) = line.split_once([':', '='])?;
            Some(value.trim().trim_matches('"').to_owned())
        };
        let unknown = || "unknown".to_owned();
        Self {
            processor: line("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            host: fs::read_to_string("/proc/sys/kernel/hostname")
                .map_or_else(|_| unknown(), |name| name.trim().to_owned()),
            system: line("/etc/os-release", "PRETTY_NAME").unwrap_or_else(unknown),
        }
    }
}

/// `run.json`: which run a folder of results holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Version of this file.
    pub schema: u32,
    /// When the run was begun, or gone on with last.
    pub begun: String,
    /// The command line.
    pub command: String,
    /// The machine.
    pub machine: Machine,
    /// Version of the embedded format.
    pub format: u32,
    /// Seed of every random place.
    #[serde(default)]
    pub seed: u64,
    /// Names and texts of the suite and of what it includes.
    #[serde(default)]
    pub texts: Vec<(String, String)>,
    /// What was measured, with what.
    pub measured: Measured,
}

/// The version of `run.json`.
pub const SCHEMA: u32 = 2;

impl RunRecord {
    /// Of a run that begins now on this machine.
    #[must_use]
    pub fn now(command: String, head: &RunHead) -> Self {
        Self {
            schema: SCHEMA,
            begun: Timestamp::now().to_string(),
            command,
            machine: Machine::here(),
            format: head.format,
            seed: head.seed,
            texts: head.texts.clone(),
            measured: head.measured.clone(),
        }
    }

    /// Writes `run.json` into a folder of results.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let file = folder.join(FILE);
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Reads `run.json` of a folder of results.
    ///
    /// # Errors
    /// When it is not there, is none, or has another schema.
    pub fn read(folder: &Path) -> Result<Self> {
        let file = folder.join(FILE);
        let text = fs::read_to_string(&file).with_context(|| {
            format!(
                "cannot read {}: run the suite again with this version",
                file.display()
            )
        })?;
        let record: Self = serde_json::from_str(&text)
            .with_context(|| format!("{} is no record of a run", file.display()))?;
        anyhow::ensure!(
            record.schema == SCHEMA,
            "{} has schema {}, this version reads {SCHEMA}: run the suite again",
            file.display(),
            record.schema
        );
        Ok(record)
    }
}

const FILE: &str = "run.json";

pub(crate) fn hash_of(path: &Path) -> Result<String> {
    let read = || {
        let mut hash = Sha256::new();
        let mut file = File::open(path)?;
        let mut buffer = vec![0; 1 << 20];
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                return Ok::<_, std::io::Error>(hex(&hash.finalize()));
            }
            hash.update(&buffer[..count]);
        }
    };
    read().with_context(|| format!("cannot read {}", path.display()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Measured {
        let map = |pairs: &[(&str, &str)]| {
            let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
            pairs.iter().map(own).collect()
        };
        Measured {
            commit: "c0ffee".to_owned(),
            program: "p".to_owned(),
            suite: "s".to_owned(),
            libraries: map(&[("libavcodec", "59.37.100")]),
            tool: None,
            clips: map(&[("a", "1"), ("b", "2")]),
        }
    }

    fn head() -> RunHead {
        RunHead {
            schema: RECORDS,
            suite: "x".to_owned(),
            seed: 1,
            version: "0.1.0".to_owned(),
            format: 2,
            preparation: String::new(),
            texts: vec![("x".to_owned(), "version = 1".to_owned())],
            measured: measured(),
        }
    }

    #[test]
    fn another_program_suite_or_library_measures_anew() {
        let same = measured();
        assert_eq!(same.difference(&measured()), None);
        let mut other = measured();
        other.program = "q".to_owned();
        let words = other.difference(&same).expect("another build");
        assert!(words.contains("another build"), "{words}");
        let mut other = measured();
        other.suite = "t".to_owned();
        assert!(other.difference(&same).is_some());
        let mut other = measured();
        other.libraries.clear();
        assert!(other.difference(&same).is_some());
    }

    #[test]
    fn a_clip_of_other_bytes_is_another_clip() {
        let older = measured();
        let mut newer = measured();
        assert!(newer.changed_clips(&older).is_empty());
        newer.clips.insert("b".to_owned(), "3".to_owned());
        newer.clips.insert("c".to_owned(), "4".to_owned());
        assert_eq!(newer.changed_clips(&older), ["b"]);
        newer.clips.remove("a");
        assert_eq!(newer.changed_clips(&older), ["a", "b"]);
    }

    #[test]
    fn the_record_of_a_run_is_read_back() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let record = RunRecord::now("run --suite x".to_owned(), &head());
        record.write(folder.path())?;
        assert_eq!(RunRecord::read(folder.path())?, record);
        let other = tempfile::tempdir()?;
        let error = RunRecord::read(other.path())
            .expect_err("no record")
            .to_string();
        assert!(error.contains("run.json"), "{error}");
        Ok(())
    }
}
