//! SHA-256 of files.

use std::{
    fmt,
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use sha2::{Digest as _, Sha256};

use crate::hex::{from_hex, to_hex};

/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

/// SHA-256 of a file's bytes, printed as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileHash([u8; 32]);

impl FileHash {
    /// The hash whose bytes are `bytes`.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash written as `hex`, 64 digits.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        from_hex(hex).map(Self)
    }

    /// The hash of the file at `path`; none once `cancelled` says so.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of_file(path: &Path, cancelled: &dyn Fn() -> bool) -> io::Result<Option<Self>> {
        let mut file = File::open(path)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; CHUNK];
        while !cancelled() {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(Some(Self(hash.finalize().into()))),
                Ok(read) => hash.update(&buffer[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl fmt::Debug for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileHash({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_hash_is_sha_256_of_its_bytes_and_can_be_cancelled() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        std::fs::write(&path, b"abc").expect("a file");
        let hash = FileHash::of_file(&path, &|| false).expect("read");
        // FIPS 180-4, the first example.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash, FileHash::parse(known));
        assert_eq!(FileHash::of_file(&path, &|| true).expect("read"), None);
    }
}
