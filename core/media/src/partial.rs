//! An output under a temporary name beside its target, renamed when it is complete.
//!
//! ```text
//! .NAME.PID-NUMBER.partial  --complete-->  NAME
//! ```
//!
//! A process that is killed leaves its file. The next output in the same directory removes it: a live writer holds an
//! exclusive lock (`flock`), which the system releases with the process, so whatever can be locked is abandoned. Where
//! the file system knows no locks, nothing is removed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::MediaError;

/// Names tried before giving up: another process can only hold as many as it has files in work.
const ATTEMPTS: u32 = 64;

/// A file in the making. Dropped before [`PartialFile::commit`], it removes itself.
pub(crate) struct PartialFile {
    target: PathBuf,
    temporary: PathBuf,
    /// Held for its lock alone: FFmpeg writes through a handle of its own.
    _locked: File,
    committed: bool,
    overwrite: bool,
}

impl PartialFile {
    /// Reserves a hidden, unique name beside `target`, and removes what killed processes left there.
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
        remove_abandoned(directory(target));
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        // File systems allow 255 bytes; the original name is there for the person who finds it.
        let name: String = name.chars().take(40).collect();
        let mut failure = io::Error::from(io::ErrorKind::AlreadyExists);
        for _ in 0..ATTEMPTS {
            let number = COUNTER.fetch_add(1, Ordering::Relaxed);
            let temporary =
                target.with_file_name(format!(".{name}.{}-{number}.partial", std::process::id()));
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

    /// Where to write.
    pub(crate) fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// The final name.
    pub(crate) fn target(&self) -> &Path {
        &self.target
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
                Ok(()) => fs::remove_file(&self.temporary)?,
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

/// Removes the partial files in `directory` whose writers are gone. What cannot be removed stays: it harms nobody.
fn remove_abandoned(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if !is_partial(&entry.file_name().to_string_lossy())
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

/// Whether a file is called `.NAME.PID-NUMBER.partial`.
fn is_partial(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    name.strip_prefix('.')
        .and_then(|name| name.strip_suffix(".partial"))
        .and_then(|name| name.rsplit_once('.'))
        .and_then(|(_, ids)| ids.split_once('-'))
        .is_some_and(|(process, number)| digits(process) && digits(number))
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
        assert!(is_partial(".film v1.2.mp4.4711-0.partial"));
        for name in [
            "film.mp4.4711-0.partial",
            ".film.mp4.partial",
            ".film.mp4.4711.partial",
            ".film.mp4.-0.partial",
            ".film.mp4.4711-x.partial",
            ".film.mp4.4711-0.part",
        ] {
            assert!(!is_partial(name), "{name}");
        }
    }

    #[test]
    fn what_a_killed_process_left_goes_and_what_is_being_written_stays() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let abandoned = folder.path().join(".a.mp4.4711-0.partial");
        let foreign = folder.path().join(".a.mp4.partial");
        for path in [&abandoned, &foreign] {
            fs::write(path, "half").expect("a file");
        }
        let live = PartialFile::create(&folder.path().join("b.mp4"), false).expect("a name");
        let other = PartialFile::create(&folder.path().join("c.mp4"), false).expect("a name");
        assert!(live.temporary().exists() && other.temporary().exists());
        assert!(foreign.exists());
        assert!(!abandoned.exists());
    }

    #[test]
    fn a_directory_is_refused_before_anything_is_written() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let target = folder.path().join("a.mp4/");
        let refused = PartialFile::create(&target, false).err().expect("refused");
        assert!(refused.to_string().ends_with("a.mp4/"), "{refused}");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }
}
