//! The segments that are open in this process.
//!
//! A file is mapped and its checksum looked at once for as long as it stays the file it was (its inode, size and time):
//! the index of 10,000 hours has 2 GB, which no clip may read again. What the index lacks of a title is made from its
//! reference, and kept as well.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use countermark_fingerprint::index::{TitlePrint, segment_of};
use countermark_media::CancelToken;
use countermark_register::TitleId;

use super::mapped::Bytes;
use crate::{files::Stamp, picture_prints};

/// The extension of a segment.
pub(crate) const EXTENSION: &str = "seg";

/// A file's bytes, or why it is no whole segment.
type Opened = Result<Arc<Bytes>, String>;

/// The segments that are open.
#[derive(Debug, Default)]
pub(crate) struct Segments {
    files: Mutex<HashMap<PathBuf, (Stamp, Opened)>>,
    /// Made from references: titles whose files are missing or damaged.
    made: Mutex<BTreeMap<TitleId, (Option<Stamp>, Made)>>,
    /// Files whose checksum was looked at.
    #[cfg(test)]
    checks: std::sync::atomic::AtomicU64,
}

/// A segment that was made from a title's reference.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) bytes: Arc<Bytes>,
    /// Why it has no pictures, if it has none.
    pub(super) failure: Option<String>,
}

impl Segments {
    #[cfg(test)]
    pub(super) fn checks(&self) -> u64 {
        self.checks.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// The whole segment in a file. Of threads that ask at once, one looks at the checksum and the others wait.
    pub(super) fn open(&self, path: &Path) -> Opened {
        let file = File::open(path).map_err(|error| error.to_string())?;
        let metadata = file.metadata().map_err(|error| error.to_string())?;
        let stamp = Stamp::of(&metadata);
        let mut files = lock(&self.files);
        if let Some((known, opened)) = files.get(path)
            && *known == stamp
        {
            return opened.clone();
        }
        #[cfg(test)]
        self.checks
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let opened = Bytes::of(&file)
            .map(Arc::new)
            .map_err(|error| error.to_string());
        files.insert(path.to_path_buf(), (stamp, opened.clone()));
        opened
    }

    /// Forgets the files of a folder that are not there any more.
    pub(super) fn retain(&self, folder: &Path, present: &[PathBuf]) {
        let present: BTreeSet<&Path> = present.iter().map(PathBuf::as_path).collect();
        lock(&self.files)
            .retain(|path, _| path.parent() != Some(folder) || present.contains(path.as_path()));
    }

    /// The segment of a title whose own file is missing or damaged, from its reference and without its sound.
    pub(super) fn made(&self, title: TitleId, reference: &Path) -> Made {
        let stamp = reference
            .metadata()
            .ok()
            .map(|metadata| Stamp::of(&metadata));
        if let Some((known, made)) = lock(&self.made).get(&title)
            && *known == stamp
        {
            return made.clone();
        }
        let (pictures, failure) = match picture_prints(reference, &CancelToken::new()) {
            Ok(pictures) => (pictures, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        let print = TitlePrint {
            id: title.for_index(),
            pictures,
            sound: Vec::new(),
        };
        let made = Made {
            bytes: Arc::new(Bytes::Held(segment_of(&print))),
            failure,
        };
        lock(&self.made).insert(title, (stamp, made.clone()));
        made
    }
}

/// A thread that panicked has left whole entries.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
