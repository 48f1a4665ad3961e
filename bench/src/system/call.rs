//! One call of a foreign program, within limits.
//!
//! ```text
//! spawn in a process group of its own, in an empty folder, with another one for temporary files
//! every 20 ms:  time > limit  or  memory of the group > limit  or  printed > limit  or  written > limit   ->  kill the group
//! afterwards:   the group is killed, whatever is left of it; the folder holds what was asked for and nothing else
//! ```
//!
//! A program that leaves its group (`setsid`) is out of reach, and one that writes elsewhere is not seen: a call is fenced
//! against faults, not against malice. Memory is read from `/proc`; where there is none it is not limited.
//!
//! # Shapes and units
//! Seconds of wall time; MiB of resident memory, the sum over the group; bytes.

use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use thiserror::Error;

use super::answer::excerpt;

/// Bytes that a program may print to stdout, and to stderr.
const MOST_PRINTED: usize = 1 << 20;

/// Bytes that a call may leave in its folder.
const MOST_WRITTEN: u64 = 16 << 30;

/// How often the limits are looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// How long a reader may take to see the end of a pipe once the group is gone.
const GRACE: Duration = Duration::from_secs(2);

/// What a call may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Wall time.
    pub seconds: f64,
    /// Memory of all its processes.
    pub memory_mb: u64,
}

/// Why a call gave no answer; each one line.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CallError {
    /// The program does not start.
    #[error("cannot start {program}: {why}")]
    Start {
        /// The program.
        program: String,
        /// Why: in the line itself, which is all that a result keeps.
        why: std::io::Error,
    },
    /// It took too long.
    #[error("{program} was stopped after {seconds} s, its limit")]
    Time {
        /// The program.
        program: String,
        /// The limit.
        seconds: f64,
    },
    /// It took too much memory.
    #[error("{program} was stopped at {memory_mb} MiB of memory, its limit")]
    Memory {
        /// The program.
        program: String,
        /// The limit.
        memory_mb: u64,
    },
    /// It printed too much.
    #[error("{program} was stopped: it printed more than {} bytes", MOST_PRINTED)]
    Printed {
        /// The program.
        program: String,
    },
    /// It wrote too much.
    #[error("{program} was stopped: it wrote more than {} GiB", MOST_WRITTEN >> 30)]
    Written {
        /// The program.
        program: String,
    },
    /// It ended badly.
    #[error("{program} failed ({status}){said}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// Its last line, after a colon.
        said: String,
    },
    /// It did not write the file that it was asked for.
    #[error("{program} did not write {file}")]
    NotWritten {
        /// The program.
        program: String,
        /// The file's name.
        file: String,
    },
    /// It wrote another file than the one it was asked for.
    #[error("{program} wrote another file: {file}")]
    Another {
        /// The program.
        program: String,
        /// The file's name.
        file: String,
    },
    /// It changed the file that it was to look at.
    #[error("{program} changed its input {file}")]
    Input {
        /// The program.
        program: String,
        /// The file's name.
        file: String,
    },
    /// The folder of the call cannot be used.
    #[error("cannot use {}: {why}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why: in the line itself, which is all that a result keeps.
        why: std::io::Error,
    },
    /// The answer is rubbish.
    #[error("{program}: {what}")]
    Rubbish {
        /// The program.
        program: String,
        /// What is wrong with it.
        what: String,
    },
}

/// Where one call works: an empty folder, an input that must stay as it is, and maybe an output in that folder.
#[derive(Debug, Clone, Copy)]
pub struct Workshop<'a> {
    /// Made, and removed by the caller.
    pub folder: &'a Path,
    /// What must not change.
    pub input: &'a Path,
    /// Name of the one file that may be there afterwards, and must.
    pub output: Option<&'a str>,
}

/// Runs a command to its end and answers what it printed.
///
/// # Errors
/// [`CallError`].
pub fn call(
    words: &[OsString],
    limits: Limits,
    workshop: Workshop<'_>,
) -> Result<String, CallError> {
    let path = PathBuf::from(words.first().cloned().unwrap_or_default());
    let program = path
        .file_name()
        .map_or_else(String::new, |name| excerpt(&name.to_string_lossy()));
    let before = stamp(workshop.input);
    let scratch = Scratch::beside(workshop.folder)?;
    let mut command = Command::new(&path);
    command
        .args(&words[1..])
        .current_dir(workshop.folder)
        .env("TMPDIR", &scratch.0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let child = command.spawn().map_err(|why| CallError::Start {
        program: program.clone(),
        why,
    })?;
    let (printed, said) =
        Group::new(child).finish(&program, limits, &[workshop.folder, &scratch.0])?;
    if stamp(workshop.input) != before {
        let file = name_of(workshop.input);
        return Err(CallError::Input { program, file });
    }
    look_around(&program, workshop)?;
    if let Some(said) = said {
        return Err(said);
    }
    String::from_utf8(printed).map_err(|_| CallError::Rubbish {
        program,
        what: "its answer is no text".to_owned(),
    })
}

/// Where a program may put what it forgets afterwards: removed with all that is in it.
struct Scratch(PathBuf);

impl Scratch {
    fn beside(folder: &Path) -> Result<Self, CallError> {
        let path = folder.with_extension("scratch");
        match fs::create_dir_all(&path) {
            Ok(()) => Ok(Self(path)),
            Err(why) => Err(CallError::Folder { path, why }),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed lies in the clip's folder, which goes with it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Length and time of change; none where there is no file.
fn stamp(path: &Path) -> Option<(u64, std::time::SystemTime)> {
    let data = fs::metadata(path).ok()?;
    Some((data.len(), data.modified().ok()?))
}

fn name_of(path: &Path) -> String {
    excerpt(&path.file_name().unwrap_or_default().to_string_lossy())
}

/// The folder holds the output and nothing else.
fn look_around(program: &str, workshop: Workshop<'_>) -> Result<(), CallError> {
    let path = workshop.folder;
    let unusable = |why| CallError::Folder {
        path: path.to_owned(),
        why,
    };
    let mut written = false;
    for entry in fs::read_dir(path).map_err(unusable)? {
        let name = entry.map_err(unusable)?.file_name();
        if workshop.output.is_some_and(|output| name == output) {
            written = true;
        } else {
            return Err(CallError::Another {
                program: program.to_owned(),
                file: excerpt(&name.to_string_lossy()),
            });
        }
    }
    match workshop.output {
        Some(output) if !written => Err(CallError::NotWritten {
            program: program.to_owned(),
            file: output.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// What is read of a pipe: as much as may be printed, and whether that was too much.
struct Pipe {
    reader: JoinHandle<Vec<u8>>,
    overflows: Arc<AtomicBool>,
}

impl Pipe {
    fn new(mut from: impl Read + Send + 'static) -> Self {
        let overflows = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&overflows);
        let reader = thread::spawn(move || {
            let (mut kept, mut buffer) = (Vec::new(), [0; 8192]);
            loop {
                match from.read(&mut buffer) {
                    Ok(0) | Err(_) => return kept,
                    Ok(count) if kept.len() + count <= MOST_PRINTED => {
                        kept.extend_from_slice(&buffer[..count]);
                    }
                    // Read on and forget: a full pipe would look like a program that hangs.
                    Ok(_) => flag.store(true, Ordering::Relaxed),
                }
            }
        });
        Self { reader, overflows }
    }

    fn overflows(&self) -> bool {
        self.overflows.load(Ordering::Relaxed)
    }

    /// What was printed; a process that left the group may hold the pipe open, and is not waited for.
    fn text(self) -> Vec<u8> {
        let begun = Instant::now();
        while !self.reader.is_finished() {
            if begun.elapsed() > GRACE {
                return Vec::new();
            }
            thread::sleep(PAUSE);
        }
        self.reader.join().unwrap_or_default()
    }
}

/// A program and all that it started; gone at the end, whatever happens.
struct Group {
    child: Child,
    pipes: [Option<Pipe>; 2],
}

impl Group {
    fn new(mut child: Child) -> Self {
        let pipes = [
            child.stdout.take().map(Pipe::new),
            child.stderr.take().map(Pipe::new),
        ];
        Self { child, pipes }
    }

    fn id(&self) -> Pid {
        Pid::from_raw(self.child.id() as i32)
    }

    /// Waits for the end: what was printed, and how it failed if it did.
    fn finish(
        mut self,
        program: &str,
        limits: Limits,
        folders: &[&Path],
    ) -> Result<(Vec<u8>, Option<CallError>), CallError> {
        let begun = Instant::now();
        let program = program.to_owned();
        let mut rounds = 0_u32;
        let status = loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                break status;
            }
            if begun.elapsed().as_secs_f64() > limits.seconds {
                let seconds = limits.seconds;
                return Err(CallError::Time { program, seconds });
            }
            if self.pipes.iter().flatten().any(Pipe::overflows) {
                return Err(CallError::Printed { program });
            }
            if memory_mb(self.id()) > limits.memory_mb {
                let memory_mb = limits.memory_mb;
                return Err(CallError::Memory { program, memory_mb });
            }
            if rounds.is_multiple_of(16)
                && folders.iter().map(|folder| written(folder)).sum::<u64>() > MOST_WRITTEN
            {
                return Err(CallError::Written { program });
            }
            rounds += 1;
            thread::sleep(PAUSE);
        };
        let _ = killpg(self.id(), Signal::SIGKILL);
        let overflows = self.pipes.iter().flatten().any(Pipe::overflows);
        let [printed, said] =
            std::mem::take(&mut self.pipes).map(|pipe| pipe.map_or_else(Vec::new, Pipe::text));
        if overflows {
            return Err(CallError::Printed { program });
        }
        let failure = (!status.success()).then(|| {
            let said = String::from_utf8_lossy(&said);
            let last = said.lines().rev().find(|line| !line.trim().is_empty());
            CallError::Failed {
                program,
                status: status.to_string(),
                said: last.map_or_else(String::new, |line| format!(": {}", excerpt(line))),
            }
        });
        Ok((printed, failure))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Of a group that is gone there is nothing to kill, and of a child that was waited for nothing to wait for.
        let _ = killpg(self.id(), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

/// Bytes in the files of a folder.
fn written(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| Some(entry.metadata().ok()?.len()))
        .sum()
}

/// Resident memory of a process group; 0 where the system does not tell.
fn memory_mb(group: Pid) -> u64 {
    // Of `/proc/N/stat` the fields after the name in brackets: state, parent, group. Of `statm` the second: resident pages.
    const PAGE: u64 = 4096;
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pages = entries.filter_map(|entry| {
        let name = entry.file_name();
        name.to_str()?.parse::<u32>().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let (_, after) = stat.rsplit_once(')')?;
        let of: i32 = after.split_whitespace().nth(2)?.parse().ok()?;
        if of != group.as_raw() {
            return None;
        }
        let statm = fs::read_to_string(entry.path().join("statm")).ok()?;
        statm.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    (pages.sum::<u64>() * PAGE) >> 20
}

#[cfg(test)]
mod tests;
