//! Room for all rows, before the first of them is made.
//!
//! ```text
//! a copy takes about as much as its master
//! ```
//!
//! # Shapes and units
//! Bytes.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;

use super::fault::RowFault;

/// Counts what is written to each file system.
#[derive(Debug, Default)]
pub(super) struct Space {
    /// By device: what is free, and what the rows so far need.
    devices: HashMap<u64, (u64, u64)>,
}

impl Space {
    /// Takes `bytes` for a file in `folder`; a fault where they are not free. A system that does not tell is believed to have room.
    pub(super) fn take(&mut self, folder: &Path, bytes: u64) -> Result<(), RowFault> {
        let folder = existing(folder);
        let Ok(found) = folder.metadata() else {
            return Ok(());
        };
        let (free, needed) = self.devices.entry(found.dev()).or_insert_with(|| {
            let free = statvfs(&folder).map_or(u64::MAX, |system| {
                system
                    .blocks_available()
                    .saturating_mul(system.fragment_size())
            });
            (free, 0)
        });
        *needed = needed.saturating_add(bytes);
        if *needed > *free {
            return Err(RowFault::NoSpace {
                folder,
                free: *free,
                needed: *needed,
            });
        }
        Ok(())
    }
}

/// The folder, or the nearest one above that is there.
fn existing(folder: &Path) -> PathBuf {
    let above = folder.ancestors().find(|it| it.is_dir());
    match above {
        Some(found) if !found.as_os_str().is_empty() => found.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_together_and_folders_that_are_to_be_made_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut space = Space::default();
        let inside = folder.path().join("not/yet/there");
        space.take(&inside, 1).expect("room for a byte");
        let fault = space
            .take(folder.path(), u64::MAX - 1)
            .expect_err("no such disk");
        assert!(
            matches!(
                fault,
                RowFault::NoSpace {
                    needed: u64::MAX,
                    ..
                }
            ),
            "{fault}"
        );
    }
}
