//! The index over titles: a small segment for each, merged into few large ones.
//!
//! ```text
//! index/titles/<title>.seg    written before its title is on record; never changed
//! index/<n>-<crc>.seg         n titles; made by merging when small ones pile up
//! ```
//!
//! A title that no whole merged segment holds is read from its own file, and one that has none from its reference: what is
//! missing or damaged is said, and the rest is searched. Merged segments hold nothing that the titles' own do not, so they
//! may be removed at any time.
//!
//! # Shapes and units
//! See `countermark_fingerprint::index`.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use countermark_fingerprint::index::Segment;
use countermark_register::{TitleRecord, private_file};

use crate::{Catalogue, CatalogueError};

mod mapped;
mod merge;
mod segments;

use mapped::Bytes;
pub(crate) use segments::{EXTENSION, Segments};

/// All that there is of the index over some titles. Shares its bytes with the catalogue that it is of.
#[derive(Debug)]
pub struct Index {
    segments: Vec<IndexSegment>,
    /// Titles that could not be read from the index.
    pub unindexed: Vec<Unindexed>,
}

/// A title that is not in the index, or damaged there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unindexed {
    /// Its name.
    pub title: String,
    /// Why, with the file.
    pub why: String,
}

/// A segment and the titles that are searched in it.
#[derive(Debug)]
pub struct IndexSegment {
    bytes: Arc<Bytes>,
    path: PathBuf,
    /// For each of its titles the place among the titles asked for; none for those found elsewhere.
    titles: Vec<Option<usize>>,
}

impl IndexSegment {
    /// The segment.
    #[must_use]
    pub fn view(&self) -> Segment<'_> {
        let Ok(segment) = Segment::read(self.bytes.get()) else {
            unreachable!("it was read when the index was opened")
        };
        segment
    }

    /// Which of the titles asked for a title of the segment is.
    #[must_use]
    pub fn title(&self, number: usize) -> Option<usize> {
        self.titles.get(number).copied().flatten()
    }
}

impl Index {
    /// Its segments: each title is in one of them.
    #[must_use]
    pub fn segments(&self) -> &[IndexSegment] {
        &self.segments
    }

    /// Bytes of all segments.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.segments
            .iter()
            .map(|s| s.bytes.get().len() as u64)
            .sum()
    }
}

impl Catalogue {
    /// The index over `titles`. Segments that this process has open are not read again.
    ///
    /// Titles without a whole segment are fingerprinted again from their references, in memory; [`Index::unindexed`] names
    /// them.
    ///
    /// # Errors
    /// [`CatalogueError::File`] when the folder of the index cannot be read.
    pub fn index(&self, titles: &[TitleRecord]) -> Result<Index, CatalogueError> {
        let mut wanted: BTreeMap<[u8; 16], usize> =
            titles.iter().map(|t| t.id.for_index()).zip(0..).collect();
        let (mut segments, mut unindexed) = (Vec::new(), Vec::new());
        let folder = self.index_folder();
        let large = merged_files(&folder)?;
        self.segments.retain(&folder, &large);
        for path in large {
            if let Ok(bytes) = self.segments.open(&path) {
                segments.extend(claimed(bytes, path, &mut wanted));
            }
        }
        let single: Vec<usize> = wanted.values().copied().collect();
        for place in single {
            let title = &titles[place];
            let path = self.print_path(title.id);
            let opened = self.segments.open(&path).and_then(|bytes| {
                if holds(&bytes, title) {
                    Ok(bytes)
                } else {
                    Err("it is of another title".to_owned())
                }
            });
            let bytes = match opened {
                Ok(bytes) => bytes,
                Err(why) => {
                    let made = self.segments.made(title.id, &self.reference_path(title));
                    let mut why = format!("{}: {why}", path.display());
                    if let Some(failure) = &made.failure {
                        why = format!("{why}; {failure}");
                    }
                    let title = title.name.clone();
                    unindexed.push(Unindexed { title, why });
                    made.bytes
                }
            };
            segments.extend(claimed(bytes, path, &mut wanted));
        }
        Ok(Index {
            segments,
            unindexed,
        })
    }
}

/// Whether a segment is of a title.
fn holds(bytes: &Bytes, title: &TitleRecord) -> bool {
    let id = title.id.for_index();
    Segment::read(bytes.get())
        .is_ok_and(|segment| segment.titles().iter().any(|title| title.id == id))
}

/// A segment with those of its titles that are still wanted; none when there are none.
fn claimed(
    bytes: Arc<Bytes>,
    path: PathBuf,
    wanted: &mut BTreeMap<[u8; 16], usize>,
) -> Option<IndexSegment> {
    let segment = Segment::read(bytes.get()).ok()?;
    let titles: Vec<Option<usize>> = segment
        .titles()
        .iter()
        .map(|title| wanted.remove(&title.id))
        .collect();
    titles.iter().any(Option::is_some).then_some(IndexSegment {
        bytes,
        path,
        titles,
    })
}

/// Merged segments, those of most titles first.
pub(crate) fn merged_files(folder: &Path) -> Result<Vec<PathBuf>, CatalogueError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(CatalogueError::file("read", folder)(error)),
    };
    let mut files: Vec<(usize, PathBuf)> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?;
            let (count, rest) = name.split_once('-')?;
            rest.ends_with(EXTENSION).then_some(())?;
            Some((count.parse().ok()?, path))
        })
        .collect();
    files.sort_by(|a, b| b.cmp(a));
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

/// Makes a folder of the index and the index itself, for their owner alone.
fn create_folders(folder: &Path) -> io::Result<()> {
    if let Some(above) = folder.parent().filter(|above| !above.exists()) {
        private_file::create_directory(above)?;
    }
    private_file::create_directory(folder)
}

/// Writes a segment whole or not at all.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), CatalogueError> {
    let folder = private_file::directory_of(path);
    create_folders(&folder)
        .and_then(|()| private_file::write(path, bytes, private_file::Existing::Replace))
        .map_err(CatalogueError::file("write", path))
}

#[cfg(test)]
mod tests;
