//! Files that only their owner may read, written whole or not at all.
//!
//! Written under a temporary name of mode 0600 in the same directory, synced, then linked or renamed into place: a
//! killed process leaves either no file or a whole one.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

/// What to do with a file that is already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and writing is an error of kind `AlreadyExists`.
    Keep,
    /// It is replaced.
    Replace,
}

/// Writes `contents` to `path`, mode 0600. With [`Existing::Keep`] an existing file is an error of kind
/// `AlreadyExists`, also when another process makes it at the same moment.
///
/// # Errors
/// When the folder or the file cannot be written; nothing is left then.
pub fn write(path: &Path, contents: &[u8], existing: Existing) -> io::Result<()> {
    let directory = directory_of(path);
    let mut file = tempfile::Builder::new()
        .prefix(".countermark-")
        .suffix(".tmp")
        .tempfile_in(&directory)?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    match existing {
        Existing::Keep => file.persist_noclobber(path).map_err(|error| error.error)?,
        Existing::Replace => file.persist(path).map_err(|error| error.error)?,
    };
    sync_directory(&directory)
}

/// The directory that holds `path`.
#[must_use]
pub fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Makes a directory of mode 0700 unless one is there.
///
/// # Errors
/// When it cannot be made, or something else has its name.
pub fn create_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        result => result,
    }
}

/// Makes the folder of a vault, mode 0700, and those above it as usual. One that is there and empty is closed to others as well.
pub(crate) fn create_root(path: &Path) -> io::Result<()> {
    fs::create_dir_all(directory_of(path))?;
    create_directory(path)?;
    if fs::read_dir(path)?.next().is_none() {
        close(path, 0o700)?;
    }
    Ok(())
}

/// Makes an empty file of mode 0600 unless one is there.
///
/// # Errors
/// When it cannot be made.
pub fn create(path: &Path) -> io::Result<()> {
    let mut options = owners_alone();
    options.write(true).create(true).truncate(false);
    options.open(path).map(|_| ())
}

/// Options for a file that is made for its owner alone.
#[must_use]
pub fn owners_alone() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Gives `path` the permission bits `mode`.
///
/// # Errors
/// When they cannot be changed.
#[cfg(unix)]
pub fn close(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Systems without permission bits guard files by other means.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn close(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

/// The permission bits of `path` when they let the group or others in.
#[cfg(unix)]
pub(crate) fn exposed_mode(path: &Path) -> io::Result<Option<u32>> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)?.permissions().mode() & 0o7777;
    Ok((mode & 0o077 != 0).then_some(mode))
}

/// The number of the file on its file system.
#[cfg(unix)]
pub(crate) fn inode(file: &fs::File) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(file.metadata()?.ino())
}

/// Whether `path` still names the open `file`.
#[cfg(unix)]
pub(crate) fn is_at(file: &fs::File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(file), Ok(path)) => file.dev() == path.dev() && file.ino() == path.ino(),
        _ => false,
    }
}

/// Systems without permission bits guard files by other means, which are not looked at here.
#[cfg(not(unix))]
pub(crate) fn exposed_mode(path: &Path) -> io::Result<Option<u32>> {
    fs::metadata(path).map(|_| None)
}

/// A rename is on disk only when its directory is.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) {
        fs::File::open(directory)?.sync_all()
    } else {
        Ok(())
    }
}
