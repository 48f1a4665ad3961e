//! Keeping the index in few segments: many small ones become one large one, and what is in larger ones goes.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
};

use countermark_fingerprint::index::{Segment, TitlePrint, merged, segment_of};
use countermark_media::CancelToken;
use countermark_register::TitleRecord;

use super::{EXTENSION, Index, IndexSegment, Unindexed, mapped::Bytes, merged_files, write};
use crate::{Catalogue, CatalogueError, picture_prints};

const LOCK: &str = "lock";

/// Titles read from their own files before they are merged.
pub(super) const LOOSE: usize = 16;

/// Merged segments of about one size before they are merged, and what counts as one size.
pub(super) const ALIKE: usize = 4;

impl Catalogue {
    /// Makes the index over `titles`, which are all of the register's, whole: writes what is missing of titles from their
    /// references (without their sound), and merges small segments into large ones.
    ///
    /// # Errors
    /// [`CatalogueError::File`]. Nothing is lost then.
    pub fn mend_index(&self, titles: &[TitleRecord]) -> Result<Vec<Unindexed>, CatalogueError> {
        let mut missing = Vec::new();
        for title in titles {
            let path = self.print_path(title.id);
            if self.segments.open(&path).is_ok() {
                continue;
            }
            match picture_prints(&self.reference_path(title), &CancelToken::new()) {
                Ok(pictures) => write(
                    &path,
                    &segment_of(&TitlePrint {
                        id: title.id.for_index(),
                        pictures,
                        sound: Vec::new(),
                    }),
                )?,
                Err(error) => missing.push(Unindexed {
                    title: title.name.clone(),
                    why: error.to_string(),
                }),
            }
        }
        self.compact_index(titles)?;
        Ok(missing)
    }

    /// Merges small segments into large ones where enough of them have piled up. `titles` are all of the register's.
    ///
    /// # Errors
    /// [`CatalogueError::File`]. Nothing is lost then.
    pub fn compact_index(&self, titles: &[TitleRecord]) -> Result<(), CatalogueError> {
        let folder = self.index_folder();
        fs::create_dir_all(&folder).map_err(CatalogueError::file("create", &folder))?;
        let lock = folder.join(LOCK);
        let held = File::create(&lock).map_err(CatalogueError::file("create", &lock))?;
        held.lock().map_err(CatalogueError::file("lock", &lock))?;
        loop {
            let index = self.index(titles)?;
            let Some(chosen) = to_merge(&index.segments, &folder) else {
                return sweep(&folder, &index);
            };
            let views: Vec<Segment<'_>> = chosen.iter().map(|s| s.view()).collect();
            let bytes = merged(&views);
            let count: usize = views.iter().map(|view| view.titles().len()).sum();
            let crc = u32::from_le_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]);
            write(
                &folder.join(format!("{count}-{crc:08x}.{EXTENSION}")),
                &bytes,
            )?;
        }
    }
}

/// The segments that are worth merging now: whole loose ones, or merged ones of about one size.
fn to_merge<'a>(segments: &'a [IndexSegment], folder: &Path) -> Option<Vec<&'a IndexSegment>> {
    // One that shares titles with another would bring them in twice.
    let whole = |s: &&IndexSegment| s.titles.iter().all(Option::is_some);
    let (large, loose): (Vec<_>, Vec<_>) = segments
        .iter()
        .filter(|s| matches!(*s.bytes, Bytes::Mapped(_)))
        .filter(whole)
        .partition(|s| s.path.parent() == Some(folder));
    if loose.len() >= LOOSE {
        return Some(loose);
    }
    let size = |s: &IndexSegment| s.bytes.get().len();
    let mut by_size = large;
    by_size.sort_by_key(|s| size(s));
    by_size
        .windows(ALIKE)
        .find(|w| size(w[ALIKE - 1]) < ALIKE * size(w[0]))
        .map(<[_]>::to_vec)
}

/// Removes merged segments whose titles are all in larger ones.
fn sweep(folder: &Path, index: &Index) -> Result<(), CatalogueError> {
    let live: BTreeSet<&Path> = index.segments.iter().map(|s| s.path.as_path()).collect();
    let dead: Vec<PathBuf> = merged_files(folder)?
        .into_iter()
        .filter(|path| !live.contains(path.as_path()))
        .collect();
    for path in dead {
        fs::remove_file(&path).map_err(CatalogueError::file("remove", &path))?;
    }
    Ok(())
}
