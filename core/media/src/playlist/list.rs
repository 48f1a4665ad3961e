//! A list and its folder: which files its names stand for, and how they are put together.
//!
//! # Shapes and units
//! At most [`MOST_BYTES`] of list and [`MOST_SEGMENTS`] segments.

use std::ffi::OsString;
use std::io::Read as _;
use std::ops::Range;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::MediaError;
use crate::assembly::Assembly;
use crate::integrity::MissingSegments;

/// Bytes of a list at most: some 200 hours of segments of two seconds.
const MOST_BYTES: u64 = 16 << 20;

/// Segments of a list at most.
pub(super) const MOST_SEGMENTS: usize = 200_000;

/// Which of a list's renditions is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Pictures,
    Sound,
}

/// What a list leads to.
#[derive(Debug)]
pub(crate) struct Joined {
    pub(crate) assembly: Assembly,
    /// Segments that the list names and that are not there.
    pub(crate) missing: Option<MissingSegments>,
}

/// One part of a rendition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) range: Option<Range<u64>>,
    /// What a decoder needs first, where it is not in the segment itself.
    pub(super) init: Option<(String, Option<Range<u64>>)>,
}

/// A list and its folder.
pub(super) struct List {
    path: PathBuf,
    /// Without links, so that it can be compared.
    folder: PathBuf,
    pub(super) text: String,
}

/// Why a name leads to no file.
pub(super) enum Unmet {
    Elsewhere,
    Itself,
    Absent,
}

impl List {
    pub(super) fn open(path: &Path) -> Result<Self, MediaError> {
        let io = |source| MediaError::Io {
            path: path.to_owned(),
            action: "read",
            source,
        };
        let own = path.canonicalize().map_err(io)?;
        let mut bytes = Vec::new();
        let file = std::fs::File::open(&own).map_err(io)?;
        file.take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(io)?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(refused(
                path,
                format!("it is longer than {MOST_BYTES} bytes"),
            ));
        }
        Ok(Self {
            folder: own.parent().unwrap_or(Path::new("/")).to_owned(),
            path: path.to_owned(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }

    pub(super) fn refuse(&self, reason: impl Into<String>) -> MediaError {
        refused(&self.path, reason.into())
    }

    /// Another list that this one names.
    pub(super) fn nested(&self, name: &str) -> Result<Self, MediaError> {
        let path = self.find(name).map_err(|why| self.unmet(name, &why))?;
        Self::open(&path)
    }

    /// The file that a name stands for.
    pub(super) fn find(&self, name: &str) -> Result<Arc<Path>, Unmet> {
        let without_query = name.split(['?', '#']).next().unwrap_or_default();
        let is_fetched = name.split_once("://").is_some_and(|(scheme, _)| {
            !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        let candidates = if is_fetched {
            let last = without_query.rsplit('/').next().unwrap_or_default();
            vec![unescaped(last)]
        } else {
            vec![PathBuf::from(name), unescaped(without_query)]
        };
        let mut why = if is_fetched {
            Unmet::Elsewhere
        } else {
            Unmet::Absent
        };
        for candidate in candidates {
            match self.look_up(&candidate) {
                Ok(path) => return Ok(path),
                Err(Unmet::Absent) => {}
                Err(other) => why = other,
            }
        }
        Err(why)
    }

    fn look_up(&self, name: &Path) -> Result<Arc<Path>, Unmet> {
        let is_plain =
            |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if name.as_os_str().is_empty() {
            return Err(Unmet::Absent);
        }
        if !name.components().all(is_plain) {
            return Err(Unmet::Elsewhere);
        }
        let path = self
            .folder
            .join(name)
            .canonicalize()
            .map_err(|_| Unmet::Absent)?;
        if !path.starts_with(&self.folder) {
            return Err(Unmet::Elsewhere);
        }
        if self.path.canonicalize().is_ok_and(|own| own == path) {
            return Err(Unmet::Itself);
        }
        // A named pipe would keep us waiting for ever.
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => Ok(path.into()),
            _ => Err(Unmet::Absent),
        }
    }

    fn unmet(&self, name: &str, why: &Unmet) -> MediaError {
        let name = shortened(name);
        self.refuse(match why {
            Unmet::Elsewhere => format!(
                "it names {name:?}, which does not lie in its folder, and nothing else is opened or fetched: save the segments beside \
                 it"
            ),
            Unmet::Itself => format!("it names itself, {name:?}"),
            Unmet::Absent => format!("{name:?}, which it names, does not lie in its folder"),
        })
    }

    /// The parts that are there, each behind its initialisation where that is a new one.
    pub(super) fn put_together(&self, parts: &[Part]) -> Result<Joined, MediaError> {
        if parts.is_empty() {
            return Err(self.refuse("it names no segment"));
        }
        let mut assembly = Assembly::new();
        let mut missing: Vec<(&str, Unmet)> = Vec::new();
        let mut init = None;
        for part in parts {
            let path = match self.find(&part.name) {
                Ok(path) => path,
                Err(why) => {
                    missing.push((&part.name, why));
                    continue;
                }
            };
            if part.init.is_some() && init != part.init.as_ref() {
                init = part.init.as_ref();
                if let Some((name, range)) = init {
                    let path = self.find(name).map_err(|_| MediaError::NeedsInit {
                        path: self.path.clone(),
                        wanted: format!("{:?}", shortened(name)),
                    })?;
                    assembly.push_file(&path, range.clone())?;
                }
            }
            if assembly.push_file(&path, part.range.clone()).is_err() {
                missing.push((&part.name, Unmet::Absent));
            }
        }
        match missing.first() {
            Some((name, why)) if missing.len() == parts.len() => Err(self.unmet(name, why)),
            first => Ok(Joined {
                assembly,
                missing: first.map(|(name, _)| MissingSegments {
                    count: missing.len() as u64,
                    first: shortened(name),
                }),
            }),
        }
    }
}

fn refused(path: &Path, reason: String) -> MediaError {
    MediaError::Playlist {
        path: path.to_owned(),
        reason,
    }
}

/// A name for a message.
pub(super) fn shortened(name: &str) -> String {
    const MOST: usize = 120;
    match name.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name.to_owned(),
    }
}

/// A name with its `%41` replaced by bytes.
fn unescaped(name: &str) -> PathBuf {
    let bytes = name.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes
            .get(at + 1..at + 3)
            .and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if bytes[at] == b'%' && byte != 0 => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    OsString::from_vec(out).into()
}
