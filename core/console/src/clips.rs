//! The clips that a command line names: files, folders, patterns, lists, standard input.
//!
//! ```text
//! clip.mp4 -> itself    folder -> every file below, by name    '*.mp4' -> what matches    @list.txt -> each of its lines    - -> stdin
//! ```
//!
//! Folders are walked without following links to folders, and no folder twice. Hidden files, and what a command itself writes or
//! keeps (pages, the vault), are passed over. Whatever names nothing stays in its place, as an error of its own: the rest is done.
//!
//! # Shapes and units
//! Names are bytes; nothing is lost of those that are not UTF-8.

mod fetch;

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;
use countermark_mastering::batch::pattern;

pub use fetch::Clip;

/// What is examined, and how it is told.
#[derive(Debug, Clone, Args)]
pub struct Clips {
    /// Videos, pictures, saved playlists; folders, which are walked; patterns ('*.mp4'); lists of names (@list.txt); - for standard
    /// input
    #[arg(required = true, value_name = "CLIP")]
    pub clips: Vec<PathBuf>,
    /// Repair files that were cut off before their index was written (`moov`) with this one, of the same camera or program
    #[arg(long, value_name = "FILE")]
    pub repair_with: Option<PathBuf>,
    /// Print results as a table for a spreadsheet, a line for each span
    #[arg(long)]
    pub csv: bool,
}

/// Bytes of a list at most: a million names.
const MOST_LIST_BYTES: u64 = 256 << 20;

/// Folders within folders.
const DEEPEST: usize = 128;

/// One clip to examine, or what was named and is none.
#[derive(Debug)]
pub enum Named {
    /// A file.
    File(PathBuf),
    /// Whatever comes on standard input.
    StandardInput,
    /// A name that leads to no clip, and why.
    Nothing(PathBuf, anyhow::Error),
}

/// All clips that `named` stand for, in that order; nothing below the folders `except` is taken from a folder or a pattern.
#[must_use]
pub fn gather(named: &[PathBuf], except: &[&Path]) -> Vec<Named> {
    let mut gathering = Gathering {
        except: except
            .iter()
            .filter_map(|path| path.canonicalize().ok())
            .collect(),
        found: Vec::new(),
    };
    for name in named {
        gathering.add(name);
    }
    gathering.found
}

struct Gathering {
    except: Vec<PathBuf>,
    found: Vec<Named>,
}

impl Gathering {
    fn add(&mut self, name: &Path) {
        let bytes = name.as_os_str().as_bytes();
        if bytes == b"-" {
            self.found.push(Named::StandardInput);
        } else if let Some(list) = bytes.strip_prefix(b"@").filter(|list| !list.is_empty()) {
            self.add_list(name, Path::new(OsStr::from_bytes(list)));
        } else if name.is_dir() {
            self.add_folder(name);
        } else if !name.exists() && pattern::is_pattern(bytes) {
            self.add_pattern(name);
        } else {
            self.found.push(Named::File(name.to_owned()));
        }
    }

    fn nothing(&mut self, name: &Path, error: anyhow::Error) {
        self.found.push(Named::Nothing(name.to_owned(), error));
    }

    /// Lines of a list are files or folders, by the folder one is in, else by that of the list.
    fn add_list(&mut self, name: &Path, list: &Path) {
        let bytes = match read_list(list) {
            Ok(bytes) => bytes,
            Err(error) => {
                let error = anyhow::Error::new(error)
                    .context(format!("cannot read the list {}", list.display()));
                return self.nothing(name, error);
            }
        };
        let before = self.found.len();
        for line in bytes.split(|&byte| byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let own = PathBuf::from(OsString::from_vec(line.to_vec()));
            let beside = list.parent().unwrap_or(Path::new("")).join(&own);
            let path = if !own.exists() && beside.exists() {
                beside
            } else {
                own
            };
            if path.is_dir() {
                self.add_folder(&path);
            } else {
                self.found.push(Named::File(path));
            }
        }
        if self.found.len() == before {
            self.nothing(name, anyhow!("the list {} names no clip", list.display()));
        }
    }

    fn add_folder(&mut self, folder: &Path) {
        let before = self.found.len();
        let mut seen = BTreeSet::new();
        self.walk(folder, DEEPEST, &mut seen);
        if self.found.len() == before {
            self.nothing(
                folder,
                anyhow!("no clip in the folder {}", folder.display()),
            );
        }
    }

    fn walk(&mut self, folder: &Path, deepest: usize, seen: &mut BTreeSet<(u64, u64)>) {
        let entered = fs::metadata(folder).and_then(|metadata| {
            let is_new = seen.insert((metadata.dev(), metadata.ino()));
            // A folder that was seen before leads in a circle.
            if is_new {
                entries(folder)
            } else {
                Ok(Vec::new())
            }
        });
        let names = match entered {
            Ok(names) => names,
            Err(error) => {
                let error = anyhow::Error::new(error)
                    .context(format!("cannot read the folder {}", folder.display()));
                return self.nothing(folder, error);
            }
        };
        if deepest == 0 {
            return self.nothing(folder, anyhow!("too deep: {}", folder.display()));
        }
        for path in names {
            let is_link = path.is_symlink();
            if path.is_dir() && !is_link && !self.is_excepted(&path) {
                self.walk(&path, deepest - 1, seen);
            } else if path.is_file() {
                self.found.push(Named::File(path));
            }
        }
    }

    fn is_excepted(&self, folder: &Path) -> bool {
        !self.except.is_empty()
            && folder
                .canonicalize()
                .is_ok_and(|own| self.except.contains(&own))
    }

    fn add_pattern(&mut self, name: &Path) {
        let matching = pattern::matching(name);
        if matching.is_empty() {
            return self.nothing(name, anyhow!("no file matches {}", name.display()));
        }
        for path in matching {
            if !path.is_dir() {
                self.found.push(Named::File(path));
            } else if !self.is_excepted(&path) {
                self.add_folder(&path);
            }
        }
    }
}

/// What a folder holds but for hidden files, by name.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().as_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn read_list(list: &Path) -> io::Result<Vec<u8>> {
    use io::Read as _;
    let metadata = fs::metadata(list)?;
    if !metadata.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    let mut bytes = Vec::new();
    fs::File::open(list)?
        .take(MOST_LIST_BYTES)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
