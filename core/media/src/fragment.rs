//! Lone segments of a fragmented MP4: they are read behind the initialisation segment that lies beside them.
//!
//! ```text
//! init (ftyp, moov with mvex)  +  segment (styp, sidx, moof, mdat, ..)
//! ```
//!
//! Among several initialisations that of the segment's track is taken, then the one whose name is most like the segment's: packagers
//! name both after the rendition.
//!
//! # References
//! ISO/IEC 14496-12, 8.8 (movie fragments), 8.16 (segments).

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::MediaError;
use crate::assembly::Assembly;
use crate::iso::{IsoBox, boxes, child, descendant, top_level, u32_at};

/// An initialisation segment is small: it describes tracks and holds no pictures.
const MOST_INIT_BYTES: u64 = 4 << 20;

/// Files of the folder that are looked at.
const MOST_FILES: usize = 10_000;

/// The segment at `path`, of these boxes, behind its initialisation.
pub(crate) fn with_init(path: &Path, top: &[IsoBox]) -> Result<Assembly, MediaError> {
    let missing = || MediaError::NeedsInit {
        path: path.to_owned(),
        wanted: "the file with `ftyp` and `moov` that the stream began with, such as init.mp4"
            .to_owned(),
    };
    let track = track_of(path, top);
    let init = best_init(path, track).ok_or_else(missing)?;
    let mut assembly = Assembly::new();
    assembly.push_file(&init.into(), None)?;
    let segment: Arc<Path> = path.into();
    assembly.push_file(&segment, None)?;
    Ok(assembly)
}

/// Whether these boxes are a segment without its initialisation.
pub(crate) fn is_lone_segment(top: &[IsoBox]) -> bool {
    let has = |kind: &[u8; 4]| top.iter().any(|found| found.kind == *kind);
    has(b"moof") && !has(b"moov")
}

/// The track that the first fragment is of.
fn track_of(path: &Path, top: &[IsoBox]) -> Option<u32> {
    let first = top.iter().find(|found| found.kind == *b"moof")?;
    let bytes = read_range(path, first)?;
    u32_at(descendant(&bytes, &[b"traf", b"tfhd"])?, 4)
}

fn read_range(path: &Path, wanted: &IsoBox) -> Option<Vec<u8>> {
    use std::io::{Seek as _, SeekFrom};
    let length = wanted.payload.end - wanted.payload.start;
    if length > MOST_INIT_BYTES {
        return None;
    }
    let mut file = fs::File::open(path).ok()?;
    file.seek(SeekFrom::Start(wanted.payload.start)).ok()?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn best_init(path: &Path, track: Option<u32>) -> Option<PathBuf> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let own = path.file_name()?.to_string_lossy().into_owned();
    let entries = fs::read_dir(folder).ok()?.take(MOST_FILES).flatten();
    let inits = entries.filter_map(|entry| {
        let candidate = entry.path();
        let metadata = fs::symlink_metadata(&candidate).ok()?;
        if !metadata.is_file() || metadata.len() > MOST_INIT_BYTES || entry.file_name() == *own {
            return None;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        let tracks = tracks_of_init(&candidate)?;
        let is_track = track.is_none_or(|track| tracks.contains(&track));
        Some((
            is_track,
            likeness(&own, &name),
            std::cmp::Reverse(name),
            candidate,
        ))
    });
    inits.max().map(|(_, _, _, init)| init)
}

/// The tracks of an initialisation segment; none for any other file.
fn tracks_of_init(path: &Path) -> Option<Vec<u32>> {
    let top = top_level(path).ok()?;
    let has = |kind: &[u8; 4]| top.iter().any(|found| found.kind == *kind);
    if has(b"moof") || has(b"mdat") {
        return None;
    }
    let movie = top.iter().find(|found| found.kind == *b"moov")?;
    let bytes = read_range(path, movie)?;
    child(&bytes, b"mvex")?;
    let extended = descendant(&bytes, &[b"mvex"])?;
    let tracks = boxes(extended)
        .into_iter()
        .filter(|found| found.kind == *b"trex")
        .filter_map(|found| u32_at(extended, found.payload.start as usize + 4));
    Some(tracks.collect())
}

/// Pieces of letters or digits that two names share, numbers by their value.
fn likeness(one: &str, other: &str) -> usize {
    let words = |name: &str| -> Vec<String> {
        name.split(|c: char| !c.is_alphanumeric())
            .flat_map(|word| {
                let cut = word
                    .find(|c: char| c.is_ascii_digit())
                    .unwrap_or(word.len());
                [&word[..cut], word[cut..].trim_start_matches('0')].map(str::to_lowercase)
            })
            .filter(|word| !word.is_empty())
            .collect()
    };
    let others = words(other);
    words(one)
        .iter()
        .filter(|word| others.contains(word))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iso::boxed;

    fn init(tracks: &[u32]) -> Vec<u8> {
        let trex = |track: &u32| boxed(b"trex", &[&[0; 4], &track.to_be_bytes(), &[0; 16]]);
        let all: Vec<u8> = tracks.iter().flat_map(trex).collect();
        let mut bytes = boxed(b"ftyp", &[b"iso5\0\0\0\0"]);
        bytes.extend(boxed(b"moov", &[&boxed(b"mvex", &[&all])]));
        bytes
    }

    fn segment(track: u32) -> Vec<u8> {
        let tfhd = boxed(b"tfhd", &[&[0; 4], &track.to_be_bytes()]);
        let mut bytes = boxed(b"styp", &[b"msdh\0\0\0\0"]);
        bytes.extend(boxed(b"moof", &[&boxed(b"traf", &[&tfhd])]));
        bytes.extend(boxed(b"mdat", &[b"pictures"]));
        bytes
    }

    #[test]
    fn the_initialisation_of_the_track_is_found_by_likeness_of_names() {
        let folder = tempfile::tempdir().expect("folder");
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).expect("write");
            path
        };
        write("init-stream0.m4s", &init(&[1]));
        write("init-stream1.m4s", &init(&[1]));
        write("init-stream2.m4s", &init(&[9]));
        write("notes.txt", b"nothing");
        let own = write("chunk-stream1-00002.m4s", &segment(1));
        let top = top_level(&own).expect("readable");
        assert!(is_lone_segment(&top));
        assert_eq!(track_of(&own, &top), Some(1));
        let found = best_init(&own, Some(1)).expect("an initialisation");
        assert!(found.ends_with("init-stream1.m4s"), "{}", found.display());
        let other = best_init(&own, Some(9)).expect("an initialisation");
        assert!(other.ends_with("init-stream2.m4s"), "{}", other.display());
        assert!(with_init(&own, &top).is_ok());
    }

    #[test]
    fn without_an_initialisation_it_is_said_what_is_missing() {
        let folder = tempfile::tempdir().expect("folder");
        let own = folder.path().join("7.m4s");
        fs::write(&own, segment(1)).expect("write");
        let error = with_init(&own, &top_level(&own).expect("readable")).expect_err("alone");
        let message = error.to_string();
        assert!(
            message.contains("needs its initialisation segment"),
            "{message}"
        );
        assert!(message.contains("7.m4s"), "{message}");
    }
}
