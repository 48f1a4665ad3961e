//! Keeping the index in few segments: many small ones become one large one, and what is in larger ones goes.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use countermark_fingerprint::index::{Segment, TitlePrint, merged, segment_of};
use countermark_media::CancelToken;
use countermark_register::{Checksum, Register, TitleFiles, private_file};

use super::{
    EXTENSION, Index, IndexSegment, Unindexed, create_folders, holds, mapped::Bytes, merged_files,
    write,
};
use crate::{Catalogue, CatalogueError, picture_prints};

const LOCK: &str = "lock";

/// Titles read from their own files before they are merged.
pub(super) const LOOSE: usize = 16;

/// Merged segments of about one size before they are merged, and what counts as one size.
pub(super) const ALIKE: usize = 4;

impl Catalogue {
    /// Makes the index over the register's titles whole: writes what is missing of titles from their references (without their
    /// sound), puts it on record, and merges small segments into large ones.
    ///
    /// # Errors
    /// [`CatalogueError::File`], [`CatalogueError::Register`]. Nothing is lost then.
    pub fn mend_index(&self, register: &dyn Register) -> Result<Vec<Unindexed>, CatalogueError> {
        let mut missing = Vec::new();
        let testimony = register.testimony()?;
        for title in &register.titles()? {
            let path = self.print_path(title.id);
            if self
                .segments
                .open(&path)
                .is_ok_and(|bytes| holds(&bytes, title))
            {
                continue;
            }
            match picture_prints(&self.reference_path(title), &CancelToken::new()) {
                Ok(pictures) => {
                    let print = TitlePrint {
                        id: title.id.for_index(),
                        pictures,
                        sound: Vec::new(),
                    };
                    write(&path, &segment_of(&print))?;
                    let recorded = testimony.files(title.id).cloned();
                    let files = TitleFiles {
                        print: self.files_of(title.id, &title.reference_file)?.print,
                        ..recorded.unwrap_or_else(|| TitleFiles::named(&title.reference_file))
                    };
                    register.note_title(title, &files)?;
                }
                Err(error) => missing.push(Unindexed {
                    title: title.name.clone(),
                    why: error.to_string(),
                }),
            }
        }
        self.compact_index(register)?;
        Ok(missing)
    }

    /// Merges small segments into large ones where enough of them have piled up, and puts each on record before it is written.
    ///
    /// # Errors
    /// [`CatalogueError::File`], [`CatalogueError::Register`]. Nothing is lost then.
    pub fn compact_index(&self, register: &dyn Register) -> Result<(), CatalogueError> {
        let titles = &register.titles()?;
        let folder = self.index_folder();
        create_folders(&folder).map_err(CatalogueError::file("create", &folder))?;
        let lock = folder.join(LOCK);
        let held = private_file::owners_alone()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock)
            .map_err(CatalogueError::file("create", &lock))?;
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
            let name = format!("{count}-{crc:08x}.{EXTENSION}");
            register.note_segment(&name, Checksum::of_bytes(&bytes))?;
            write(&folder.join(name), &bytes)?;
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
