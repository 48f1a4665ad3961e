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

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use countermark_fingerprint::index::{Segment, TitlePrint, check, merged, segment_of};
use countermark_media::CancelToken;

use crate::{TitleId, TitleRecord, Vault, VaultError};

mod mapped;
mod proxy;
mod sound;

use mapped::Bytes;
pub use proxy::picture_prints;
pub use sound::{sound_peaks, sound_prints};

const INDEX: &str = "index";
const TITLES: &str = "titles";
const EXTENSION: &str = "seg";
const LOCK: &str = "lock";

/// Titles read from their own files before they are merged.
const LOOSE: usize = 16;

/// Merged segments of about one size before they are merged, and what counts as one size.
const ALIKE: usize = 4;

/// All that there is of the index over some titles.
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
pub struct IndexSegment {
    bytes: Bytes,
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

impl Vault {
    /// The index over `titles`.
    ///
    /// Titles without a whole segment are fingerprinted again from their references, in memory; [`Index::unindexed`] names
    /// them.
    ///
    /// # Errors
    /// [`VaultError::File`] when the directory of the index cannot be read.
    pub fn index(&self, titles: &[TitleRecord]) -> Result<Index, VaultError> {
        let mut wanted: BTreeMap<[u8; 16], usize> =
            titles.iter().map(|t| t.id.for_index()).zip(0..).collect();
        let (mut segments, mut unindexed) = (Vec::new(), Vec::new());
        for path in merged_files(&self.index_path())? {
            if let Ok(bytes) = Bytes::open(&path) {
                segments.extend(claimed(bytes, &path, &mut wanted));
            }
        }
        let single = wanted.clone();
        for (id, place) in single {
            let title = &titles[place];
            let path = self.print_path(title.id);
            let bytes = match Bytes::open(&path) {
                Ok(bytes) => bytes,
                Err(why) => {
                    let mut why = format!("{}: {why}", path.display());
                    let again = picture_prints(&self.reference_path(title), &CancelToken::new());
                    let pictures = again.unwrap_or_else(|error| {
                        why = format!("{why}; {error}");
                        Vec::new()
                    });
                    let title = title.name.clone();
                    unindexed.push(Unindexed { title, why });
                    Bytes::Held(segment_of(&TitlePrint {
                        id,
                        pictures,
                        sound: Vec::new(),
                    }))
                }
            };
            segments.extend(claimed(bytes, &path, &mut wanted));
        }
        Ok(Index {
            segments,
            unindexed,
        })
    }

    /// Makes the index whole: writes what is missing of titles from their references (without their sound), and merges
    /// small segments into large ones.
    ///
    /// # Errors
    /// [`VaultError::File`], [`VaultError::Database`]. Nothing is lost then.
    pub fn mend_index(&self) -> Result<Vec<Unindexed>, VaultError> {
        let mut missing = Vec::new();
        for title in self.titles()? {
            let path = self.print_path(title.id);
            if Bytes::open(&path).is_ok() {
                continue;
            }
            match picture_prints(&self.reference_path(&title), &CancelToken::new()) {
                Ok(pictures) => write(
                    &path,
                    &segment_of(&TitlePrint {
                        id: title.id.for_index(),
                        pictures,
                        sound: Vec::new(),
                    }),
                )?,
                Err(error) => missing.push(Unindexed {
                    title: title.name,
                    why: error.to_string(),
                }),
            }
        }
        self.compact_index()?;
        Ok(missing)
    }

    /// Merges small segments into large ones where enough of them have piled up.
    ///
    /// # Errors
    /// [`VaultError::File`], [`VaultError::Database`]. Nothing is lost then.
    pub fn compact_index(&self) -> Result<(), VaultError> {
        let directory = self.index_path();
        let file_error = |act, path: &Path| {
            let path = path.to_path_buf();
            move |source| VaultError::File { act, path, source }
        };
        fs::create_dir_all(&directory).map_err(file_error("create", &directory))?;
        let lock = directory.join(LOCK);
        let held = File::create(&lock).map_err(file_error("create", &lock))?;
        held.lock().map_err(file_error("lock", &lock))?;
        let titles = self.titles()?;
        loop {
            let index = self.index(&titles)?;
            let Some(chosen) = to_merge(&index.segments, &directory) else {
                return sweep(&directory, &index);
            };
            let views: Vec<Segment<'_>> = chosen.iter().map(|s| s.view()).collect();
            let bytes = merged(&views);
            let count: usize = views.iter().map(|view| view.titles().len()).sum();
            let crc = u32::from_le_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]);
            write(
                &directory.join(format!("{count}-{crc:08x}.{EXTENSION}")),
                &bytes,
            )?;
        }
    }

    pub(crate) fn index_path(&self) -> PathBuf {
        self.root().join(INDEX)
    }

    /// What the index keeps of one title.
    pub(crate) fn print_path(&self, title: TitleId) -> PathBuf {
        let file = format!("{title}.{EXTENSION}");
        self.index_path().join(TITLES).join(file)
    }
}

/// A segment with those of its titles that are still wanted; none when there are none.
fn claimed(
    bytes: Bytes,
    path: &Path,
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
        path: path.to_path_buf(),
        titles,
    })
}

/// Merged segments, those of most titles first.
fn merged_files(directory: &Path) -> Result<Vec<PathBuf>, VaultError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => {
            return Err(VaultError::File {
                act: "read",
                path: directory.to_path_buf(),
                source,
            });
        }
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

/// The segments that are worth merging now: whole loose ones, or merged ones of about one size.
fn to_merge<'a>(segments: &'a [IndexSegment], directory: &Path) -> Option<Vec<&'a IndexSegment>> {
    // One that shares titles with another would bring them in twice.
    let whole = |s: &&IndexSegment| s.titles.iter().all(Option::is_some);
    let (large, loose): (Vec<_>, Vec<_>) = segments
        .iter()
        .filter(|s| matches!(s.bytes, Bytes::Mapped(_)))
        .filter(whole)
        .partition(|s| s.path.parent() == Some(directory));
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
fn sweep(directory: &Path, index: &Index) -> Result<(), VaultError> {
    let live: BTreeSet<&Path> = index.segments.iter().map(|s| s.path.as_path()).collect();
    for path in merged_files(directory)? {
        if !live.contains(path.as_path()) {
            fs::remove_file(&path).map_err(|source| VaultError::File {
                act: "remove",
                path,
                source,
            })?;
        }
    }
    Ok(())
}

/// Writes a segment whole or not at all.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let directory = crate::private_file::directory_of(path);
    fs::create_dir_all(&directory)
        .and_then(|()| {
            crate::private_file::write(path, bytes, crate::private_file::Existing::Replace)
        })
        .map_err(|source| VaultError::File {
            act: "write",
            path: path.to_path_buf(),
            source,
        })
}

#[cfg(test)]
mod tests;
