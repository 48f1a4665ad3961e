//! The bundle's ZIP: always the same bytes for the same files, and nothing of a stranger's that could harm when it is read.
//!
//! ```text
//! written: files by name, deflated, times 1980-01-01, mode 0644, no comments, no extra fields
//! read:    at most 500 files, 64 MB each, 256 MB together; plain relative names; each name once; stored or deflated
//! ```
//!
//! Nothing is unpacked to disk: parts are read into memory up to their limits, whatever the headers say.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Cursor, Read, Seek, SeekFrom, Write as _},
    path::Path,
};

use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::EvidenceError;

/// Files of a bundle by name.
pub type Files = BTreeMap<String, Vec<u8>>;

const MOST_FILES: usize = 500;
const MOST_BYTES: u64 = 64 << 20;
const MOST_TOGETHER: u64 = 256 << 20;
/// How a file begins that is encrypted with age.
const ENCRYPTED: &[u8] = b"age-encryption.org/v1\n";
/// The end record without a comment.
const END_RECORD: usize = 22;

/// The ZIP of files.
///
/// # Errors
/// [`EvidenceError::Archive`] when one of them is larger than ZIP allows.
pub fn pack(files: &Files) -> Result<Vec<u8>, EvidenceError> {
    let cannot = |error: &dyn std::fmt::Display| EvidenceError::Archive(error.to_string());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options)
            .map_err(|e| cannot(&e))?;
        zip.write_all(bytes).map_err(|e| cannot(&e))?;
    }
    let written = zip.finish().map_err(|error| cannot(&error))?;
    Ok(written.into_inner())
}

/// The files of the ZIP at `path`.
///
/// # Errors
/// [`EvidenceError::File`], [`EvidenceError::Archive`], [`EvidenceError::Hostile`].
pub fn open(path: &Path) -> Result<Files, EvidenceError> {
    let file = File::open(path).map_err(EvidenceError::file("open", path))?;
    unpack(BufReader::new(file))
}

/// The files of a ZIP.
///
/// # Errors
/// [`EvidenceError::Archive`], [`EvidenceError::Hostile`]; [`EvidenceError::Encrypted`] for one that only its recipient can open.
pub fn unpack(mut source: impl Read + Seek) -> Result<Files, EvidenceError> {
    if begins_as(&mut source, ENCRYPTED) {
        return Err(EvidenceError::Encrypted);
    }
    let counted = counted(&mut source)?;
    let mut zip =
        ZipArchive::new(source).map_err(|error| EvidenceError::Archive(error.to_string()))?;
    // The reader keeps the last of several files of one name; other programs take the first.
    if zip.len() != counted {
        return Err(EvidenceError::Hostile(
            "the archive has several files of one name".to_owned(),
        ));
    }
    if counted > MOST_FILES {
        return Err(EvidenceError::Hostile(format!(
            "{counted} files where at most {MOST_FILES} are allowed"
        )));
    }
    let mut files = Files::new();
    let mut together = 0;
    for at in 0..zip.len() {
        let file = zip
            .by_index(at)
            .map_err(|error| EvidenceError::Archive(error.to_string()))?;
        let name = match file.name() {
            Ok(name) => name.into_owned(),
            Err(error) => return Err(EvidenceError::Archive(error.to_string())),
        };
        if !is_plain(&name) {
            return Err(EvidenceError::Hostile(format!(
                "the file name {name:?} leads out of the bundle"
            )));
        }
        let mut bytes = Vec::new();
        file.take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| EvidenceError::Archive(format!("{name}: {error}")))?;
        together += bytes.len() as u64;
        if bytes.len() as u64 > MOST_BYTES || together > MOST_TOGETHER {
            return Err(EvidenceError::Hostile(format!(
                "{name} unpacks to more than a bundle may hold"
            )));
        }
        files.insert(name, bytes);
    }
    Ok(files)
}

/// Whether a source begins so; it is at its beginning afterwards, or cannot be read at all.
fn begins_as(source: &mut (impl Read + Seek), start: &[u8]) -> bool {
    let mut found = Vec::new();
    let read = source
        .by_ref()
        .take(start.len() as u64)
        .read_to_end(&mut found);
    let is_so = read.is_ok() && found == start;
    source.rewind().is_ok() && is_so
}

/// Files as the end record counts them; it must be the last thing of the archive.
fn counted(source: &mut (impl Read + Seek)) -> Result<usize, EvidenceError> {
    let none = |_| EvidenceError::Archive("the end of the archive is missing".to_owned());
    let mut end = [0; END_RECORD];
    source
        .seek(SeekFrom::End(-(END_RECORD as i64)))
        .map_err(none)?;
    source.read_exact(&mut end).map_err(none)?;
    source.rewind().map_err(none)?;
    if end[..4] != *b"PK\x05\x06" || end[20..] != [0, 0] {
        return Err(EvidenceError::Archive(
            "the end of the archive is missing".to_owned(),
        ));
    }
    Ok(usize::from(u16::from_le_bytes([end[10], end[11]])))
}

/// Whether a name is one or more plain words between slashes.
fn is_plain(name: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty()
            && word != "."
            && word != ".."
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    name.len() <= 100 && name.split('/').all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(zip: &[u8]) -> String {
        unpack(Cursor::new(zip)).expect_err("refused").to_string()
    }

    fn files(names: &[&str]) -> Files {
        let file = |name: &&str| ((*name).to_owned(), b"contents".to_vec());
        names.iter().map(file).collect()
    }

    #[test]
    fn the_same_files_are_the_same_bytes_and_come_back() {
        let own = files(&["b.txt", "a.txt", "folder/c.bin"]);
        let zip = pack(&own).expect("packed");
        assert_eq!(pack(&own).expect("packed"), zip);
        assert_eq!(unpack(Cursor::new(&zip)).expect("unpacked"), own);
    }

    #[test]
    fn names_that_lead_out_are_refused() {
        for name in [
            "../a",
            "/a",
            "a/../b",
            "a\\b",
            "a//b",
            "C:a",
            "a/",
            "\u{202e}a",
        ] {
            assert!(!is_plain(name), "{name}");
        }
        let zip = pack(&files(&["../../etc/passwd"])).expect("packed");
        assert!(
            refused(&zip).contains("leads out of the bundle"),
            "{}",
            refused(&zip)
        );
    }

    #[test]
    fn a_bomb_is_refused_before_it_goes_off() {
        let bomb = Files::from([("a".to_owned(), vec![0; MOST_BYTES as usize + 1])]);
        let zip = pack(&bomb).expect("packed");
        assert!(zip.len() < 1 << 17, "{}", zip.len());
        assert!(
            refused(&zip).contains("unpacks to more"),
            "{}",
            refused(&zip)
        );
    }

    #[test]
    fn a_cut_or_foreign_file_is_told_in_a_line() {
        let zip = pack(&files(&["a"])).expect("packed");
        for broken in [
            &zip[..zip.len() - 1],
            &zip[..10],
            b"",
            b"no archive at all, but long enough",
        ] {
            assert!(
                refused(broken).starts_with("not a whole bundle: "),
                "{}",
                refused(broken)
            );
        }
        let mut damaged = zip.clone();
        damaged[35] ^= 1;
        assert!(
            refused(&damaged).starts_with("not a whole bundle: "),
            "{}",
            refused(&damaged)
        );
    }

    #[test]
    fn an_encrypted_bundle_is_told_from_a_broken_one() {
        let said = refused(b"age-encryption.org/v1\n-> X25519 ..");
        assert!(said.contains("only its recipient can open it"), "{said}");
    }

    #[test]
    fn two_files_of_one_name_are_refused() {
        let zip = pack(&files(&["aa", "ab"])).expect("packed");
        let text: Vec<u8> = zip.clone();
        let twice: Vec<u8> = {
            let mut bytes = text;
            while let Some(at) = bytes.windows(2).position(|two| two == b"ab") {
                bytes[at + 1] = b'a';
            }
            bytes
        };
        assert!(
            refused(&twice).contains("several files of one name"),
            "{}",
            refused(&twice)
        );
    }
}
