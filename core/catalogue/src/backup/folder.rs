//! A folder that is written under a hidden name and gets its own when it is whole.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use countermark_register::private_file;

use super::BackupError;
use super::digest::hash;

/// A folder that does not have its name yet; dropped, it is removed.
pub(super) struct Draft {
    folder: tempfile::TempDir,
    target: PathBuf,
}

impl Draft {
    /// A folder that is to be called `target`, which must not be there.
    pub(super) fn of(target: &Path) -> Result<Self, BackupError> {
        let target = std::path::absolute(target).map_err(BackupError::file("create", target))?;
        refuse_existing(&target)?;
        let parent = private_file::directory_of(&target);
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        let folder = tempfile::Builder::new()
            .prefix(&name)
            .suffix(".tmp")
            .tempdir_in(&parent)
            .map_err(BackupError::file("create", &target))?;
        private_file::close(folder.path(), 0o700)
            .map_err(BackupError::file("create", folder.path()))?;
        Ok(Self { folder, target })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes a folder in it, if it is there.
    pub(super) fn forget(&self, name: &str) -> Result<(), BackupError> {
        let path = self.path().join(name);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(BackupError::file("remove", &path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Makes everything in it durable, and gives it its name.
    pub(super) fn publish(self) -> Result<(), BackupError> {
        sync_below(self.path())?;
        refuse_existing(&self.target)?;
        // A folder that comes here in this moment is replaced if it is empty, and refused if it is not.
        fs::rename(self.path(), &self.target).map_err(BackupError::file("write", &self.target))?;
        // It is no longer under the name that would be removed.
        let _ = self.folder.keep();
        sync(&private_file::directory_of(&self.target))
    }
}

fn refuse_existing(target: &Path) -> Result<(), BackupError> {
    if target.symlink_metadata().is_ok() {
        let path = target.to_path_buf();
        return Err(BackupError::Exists { path });
    }
    Ok(())
}

/// Copies one file between two folders, whole; one that went meanwhile is left out, as are links.
pub(super) fn copy(
    from: &Path,
    to: &Path,
    path: &Path,
    cancelled: &dyn Fn() -> bool,
) -> Result<(), BackupError> {
    let (source, target) = (from.join(path), to.join(path));
    let mut folder = to.to_path_buf();
    for name in path.parent().unwrap_or(Path::new("")) {
        folder.push(name);
        private_file::create_directory(&folder).map_err(BackupError::file("create", &folder))?;
    }
    let copied = fs::File::open(&source).and_then(|mut source| {
        let mut options = private_file::owners_alone();
        let mut target = options.write(true).create_new(true).open(&target)?;
        io::copy(&mut source, &mut target).map(drop)
    });
    match copied {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound && !target.exists() => return Ok(()),
        Err(error) => return Err(BackupError::file("copy", &source)(error)),
    }
    // Whole files only are there: the same bytes are read again, or the disk is not to be trusted.
    if source.exists() && hash(&source, cancelled)? != hash(&target, cancelled)? {
        return Err(BackupError::Differs { path: target });
    }
    Ok(())
}

/// Files of a folder and the folders in it, by name, as paths below `root`; neither hidden ones, which are unfinished, nor locks.
pub(super) fn files_below(root: &Path, folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let place = root.join(folder);
    let failure = |error| BackupError::file("read", &place)(error);
    let entries = match fs::read_dir(&place) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failure(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failure)?;
        let kind = entry.file_type().map_err(failure)?;
        let path = folder.join(entry.file_name());
        if entry.file_name().as_encoded_bytes().starts_with(b".") || entry.file_name() == "lock" {
            continue;
        }
        if kind.is_dir() {
            found.extend(files_below(root, &path)?);
        } else if kind.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn sync_below(folder: &Path) -> Result<(), BackupError> {
    let failure = |error| BackupError::file("write", folder)(error);
    for entry in fs::read_dir(folder).map_err(failure)? {
        let entry = entry.map_err(failure)?;
        if entry.file_type().map_err(failure)?.is_dir() {
            sync_below(&entry.path())?;
        } else {
            sync(&entry.path())?;
        }
    }
    sync(folder)
}

fn sync(path: &Path) -> Result<(), BackupError> {
    fs::File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(BackupError::file("write", path))
}
