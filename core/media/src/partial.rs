//! An output under a temporary name beside its target, renamed when it is complete.
//!
//! ```text
//! .NAME.countermark-PID-NUMBER.partial  --complete-->  NAME
//! ```
//!
//! A process that is killed leaves its file. The next output of the same name removes it, and no other file: a live writer
//! holds an exclusive lock (`flock`), which the system releases with the process, so whatever can be locked is abandoned.
//! Where the file system knows no locks, nothing is removed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::MediaError;

/// Names tried before giving up: another process can only hold as many as it has files in work.
const ATTEMPTS: u32 = 64;

/// Bytes of the original name that a temporary name quotes: file systems allow 255 in all.
const QUOTED_BYTES: usize = 160;

/// What tells a file of ours from any other.
const OWNER: &str = "countermark-";

/// A file in the making. Dropped before [`PartialFile::commit`], it removes itself.
#[derive(Debug)]
pub(crate) struct PartialFile {
    target: PathBuf,
    temporary: PathBuf,
    /// Held for its lock alone: FFmpeg writes through a handle of its own.
    _locked: File,
    committed: bool,
    overwrite: bool,
}

impl PartialFile {
    /// Reserves a hidden, unique name beside `target`, and removes what killed processes left of the same output.
    pub(crate) fn create(target: &Path, overwrite: bool) -> Result<Self, MediaError> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        if !overwrite && fs::symlink_metadata(target).is_ok() {
            return Err(MediaError::OutputExists {
                path: target.to_owned(),
            });
        }
        if target.as_os_str().as_bytes().ends_with(b"/") {
            // Renaming would find this out only after the whole file was written.
            return Err(MediaError::Io {
                path: target.to_owned(),
                action: "create",
                source: io::ErrorKind::IsADirectory.into(),
            });
        }
        remove_abandoned_of(target);
        let name = quoted(target);
        let mut failure = io::Error::from(io::ErrorKind::AlreadyExists);
        for _ in 0..ATTEMPTS {
            let number = COUNTER.fetch_add(1, Ordering::Relaxed);
            let temporary = target.with_file_name(format!(
                ".{name}.{OWNER}{}-{number}.partial",
                std::process::id()
            ));
            match OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&temporary)
            {
                Ok(file) => {
                    if !holds(&file, &temporary) {
                        continue;
                    }
                    return Ok(Self {
                        target: target.to_owned(),
                        temporary,
                        _locked: file,
                        committed: false,
                        overwrite,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => failure = error,
                Err(error) => {
                    failure = error;
                    break;
                }
            }
        }
        Err(MediaError::Io {
            path: target.to_owned(),
            action: "create",
            source: failure,
        })
    }

    /// Another one in its place, of the same final name.
    pub(crate) fn another(&self) -> Result<Self, MediaError> {
        Self::create(&self.target, self.overwrite)
    }

    /// Where to write.
    pub(crate) fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// The final name.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the file another final name in the same folder.
    pub(crate) fn rename_target(&mut self, target: &Path) {
        target.clone_into(&mut self.target);
    }

    /// Bytes written.
    pub(crate) fn size(&self) -> Result<u64, MediaError> {
        let metadata = fs::metadata(&self.temporary).map_err(|source| MediaError::Io {
            path: self.target.clone(),
            action: "write",
            source,
        })?;
        Ok(metadata.len())
    }

    /// Makes the bytes durable and gives the file its final name. Answers its size in bytes.
    pub(crate) fn commit(mut self) -> Result<u64, MediaError> {
        let bytes = self.publish().map_err(|source| {
            if source.kind() == io::ErrorKind::AlreadyExists {
                MediaError::OutputExists {
                    path: self.target.clone(),
                }
            } else {
                MediaError::Io {
                    path: self.target.clone(),
                    action: "write",
                    source,
                }
            }
        })?;
        self.committed = true;
        Ok(bytes)
    }

    fn publish(&self) -> io::Result<u64> {
        let file = File::open(&self.temporary)?;
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        if self.overwrite {
            fs::rename(&self.temporary, &self.target)?;
        } else {
            // A hard link fails where a rename would silently replace a file that appeared meanwhile.
            match fs::hard_link(&self.temporary, &self.target) {
                // The file has its name: a second one that stays is no failure.
                Ok(()) => drop(fs::remove_file(&self.temporary)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
                // Not every file system has hard links.
                Err(_) => fs::rename(&self.temporary, &self.target)?,
            }
        }
        // The name is durable once its directory is; where directories cannot be synced, nothing more can be done.
        if let Ok(directory) = File::open(directory(&self.target)) {
            let _ = directory.sync_all();
        }
        Ok(bytes)
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing can be done about a file that cannot be removed; its name says what it is.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Locks a new file; `false` when another process took it for abandoned in the moment before.
fn holds(file: &File, path: &Path) -> bool {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => false,
        // Without locks nobody removes the file either.
        Err(TryLockError::Error(_)) => true,
        Ok(()) => is_at(file, path),
    }
}

/// Whether `path` still names the open `file`.
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(file), Ok(path)) => file.dev() == path.dev() && file.ino() == path.ino(),
        _ => false,
    }
}

/// Removes what killed processes left of the output `target`. What is still being written stays, and what cannot be
/// removed: it harms nobody.
pub fn remove_abandoned_of(target: &Path) {
    let wanted = quoted(target);
    remove_abandoned(directory(target), |output| output == wanted);
}

/// Whether a killed process left a complete or half file of the output `target` that never had that name.
#[must_use]
pub fn has_unpublished(target: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let wanted = quoted(target);
    let entries = fs::read_dir(directory(target))
        .into_iter()
        .flatten()
        .flatten();
    entries
        .filter(|entry| output_of(&entry.file_name().to_string_lossy()) == Some(&wanted))
        // A second link is the name that it was given, wherever that is by now.
        .any(|entry| {
            entry
                .metadata()
                .is_ok_and(|it| it.is_file() && it.nlink() == 1)
        })
}

/// Removes what killed processes left in `folder`, whatever its output was called: only for folders in which nobody but
/// the project writes.
pub fn remove_abandoned_in(folder: &Path) {
    remove_abandoned(folder, |_| true);
}

fn remove_abandoned(folder: &Path, is_wanted: impl Fn(&str) -> bool) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if !output_of(&name.to_string_lossy()).is_some_and(&is_wanted)
            || !entry.file_type().is_ok_and(|kind| kind.is_file())
        {
            continue;
        }
        let path = entry.path();
        if let Ok(file) = File::open(&path)
            && file.try_lock().is_ok()
            && is_at(&file, &path)
        {
            let _ = fs::remove_file(&path);
        }
    }
}

/// The output's name as its temporary name quotes it. Names that are too long or no text are cut and told apart by a hash
/// of all their bytes.
fn quoted(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default();
    match name.to_str() {
        Some(text) if text.len() <= QUOTED_BYTES => text.to_owned(),
        _ => {
            let text = name.to_string_lossy();
            let ends = text
                .char_indices()
                .map(|(at, letter)| at + letter.len_utf8());
            let end = ends.take_while(|&end| end <= QUOTED_BYTES - 17).last();
            format!(
                "{}~{:016x}",
                &text[..end.unwrap_or(0)],
                fnv1a(name.as_bytes())
            )
        }
    }
}

/// FNV-1a, 64 bits: the same in every version of the program.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The output that a file called `.NAME.countermark-PID-NUMBER.partial` belongs to; `None` for any other name.
fn output_of(name: &str) -> Option<&str> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (output, ids) = name
        .strip_prefix('.')?
        .strip_suffix(".partial")?
        .rsplit_once('.')?;
    let (process, number) = ids.strip_prefix(OWNER)?.split_once('-')?;
    (digits(process) && digits(number)).then_some(output)
}

/// Whether two paths name the same existing file.
pub(crate) fn same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => a.dev() == b.dev() && a.ino() == b.ino(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_made_here_are_partial() {
        assert_eq!(
            output_of(".film v1.2.mp4.countermark-4711-0.partial"),
            Some("film v1.2.mp4")
        );
        for name in [
            "film.mp4.countermark-4711-0.partial",
            ".film.mp4.partial",
            ".notes.2024-11.partial",
            ".film.mp4.4711-0.partial",
            ".film.mp4.countermark-4711.partial",
            ".film.mp4.countermark--0.partial",
            ".film.mp4.countermark-4711-x.partial",
            ".film.mp4.countermark-4711-0.part",
        ] {
            assert_eq!(output_of(name), None, "{name}");
        }
    }

    #[test]
    fn what_a_killed_process_left_of_the_same_output_goes_and_all_else_stays() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let abandoned = folder.path().join(".a.mp4.countermark-4711-0.partial");
        let others = [
            ".notes.2024-11.partial",
            ".a.mp4.4711-0.partial",
            ".b.mp4.countermark-4711-0.partial",
        ]
        .map(|name| folder.path().join(name));
        for path in others.iter().chain([&abandoned]) {
            fs::write(path, "half").expect("a file");
        }
        let target = folder.path().join("a.mp4");
        let live = PartialFile::create(&target, false).expect("a name");
        let other = PartialFile::create(&target, false).expect("another name");
        assert!(live.temporary().exists() && other.temporary().exists());
        assert!(!abandoned.exists());
        for path in &others {
            assert!(path.exists(), "{}", path.display());
        }
        remove_abandoned_in(folder.path());
        assert!(live.temporary().exists() && !others[2].exists());
    }

    #[test]
    fn long_names_and_names_that_are_no_text_are_told_apart() {
        use std::ffi::OsStr;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let long = "\u{e9}".repeat(120);
        let names = [
            folder.path().join(format!("{long}a.mp4")),
            folder.path().join(format!("{long}b.mp4")),
            folder.path().join(OsStr::from_bytes(b"\xff.mp4")),
            folder.path().join(OsStr::from_bytes(b"\xfe.mp4")),
        ];
        let quotes = names.each_ref().map(|name| quoted(name));
        for (number, quote) in quotes.iter().enumerate() {
            assert!(quote.len() <= QUOTED_BYTES, "{quote}");
            assert!(!quotes[number + 1..].contains(quote), "{quote}");
            PartialFile::create(&names[number], false).expect("a name of at most 255 bytes");
        }
    }

    #[test]
    fn a_directory_is_refused_before_anything_is_written() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let target = folder.path().join("a.mp4/");
        let refused = PartialFile::create(&target, false).expect_err("refused");
        assert!(refused.to_string().ends_with("a.mp4/"), "{refused}");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }
}
