//! An output under a temporary name beside its target, renamed when it is complete.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::MediaError;

/// Names tried before giving up: another process can only hold as many as it has files in work.
const ATTEMPTS: u32 = 64;

/// A file in the making. Dropped before [`PartialFile::commit`], it removes itself.
pub(crate) struct PartialFile {
    target: PathBuf,
    temporary: PathBuf,
    committed: bool,
    overwrite: bool,
}

impl PartialFile {
    /// Reserves a hidden, unique name beside `target`.
    pub(crate) fn create(target: &Path, overwrite: bool) -> Result<Self, MediaError> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        if !overwrite && fs::symlink_metadata(target).is_ok() {
            return Err(MediaError::OutputExists {
                path: target.to_owned(),
            });
        }
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
                Ok(_) => {
                    return Ok(Self {
                        target: target.to_owned(),
                        temporary,
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
        let directory = match self.target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        // The name is durable once its directory is; where directories cannot be synced, nothing more can be done.
        if let Ok(directory) = File::open(directory) {
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

/// Whether two paths name the same existing file.
pub(crate) fn same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => a.dev() == b.dev() && a.ino() == b.ino(),
        _ => false,
    }
}
