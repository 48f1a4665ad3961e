//! Which file was analysed, when, and by what.
//!
//! # References
//! NIST (2015), FIPS 180-4, Secure Hash Standard: SHA-256.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use countermark_register::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::ReportError;
use crate::visible::path_name;

/// Bytes read at once.
const PIECE: usize = 1 << 20;

/// What ties a page to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Custody {
    /// The clip's file name, without its folder.
    pub file_name: String,
    /// Its length.
    pub bytes: u64,
    /// Its digest, 64 hex digits.
    pub sha256: String,
    /// The program's version.
    pub version: &'static str,
    /// When the page was made, in UTC.
    pub analysed: String,
}

impl Custody {
    /// Reads the file once more; it is called by its own name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(clip: &Path) -> Result<Self, ReportError> {
        let name = clip.file_name().unwrap_or(clip.as_os_str());
        Self::of_named(clip, &path_name(Path::new(name)))
    }

    /// Reads the file once more.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of_named(clip: &Path, name: &str) -> Result<Self, ReportError> {
        let cannot = |source| ReportError::Clip {
            clip: clip.to_owned(),
            source,
        };
        let mut file = File::open(clip).map_err(cannot)?;
        let mut hash = Sha256::new();
        let mut piece = vec![0; PIECE];
        let mut bytes = 0;
        loop {
            let read = file.read(&mut piece).map_err(cannot)?;
            if read == 0 {
                break;
            }
            hash.update(&piece[..read]);
            bytes += read as u64;
        }
        let mut sha256 = String::with_capacity(64);
        for byte in hash.finalize() {
            let _ = write!(sha256, "{byte:02x}");
        }
        Ok(Self {
            file_name: name.to_owned(),
            bytes,
            sha256,
            version: env!("CARGO_PKG_VERSION"),
            analysed: Timestamp::now().to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_of_fips_180_agrees() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clip = folder.path().join("a.mkv");
        std::fs::write(&clip, "abc").expect("a file");
        let custody = Custody::of(&clip).expect("a readable file");
        assert_eq!((custody.file_name.as_str(), custody.bytes), ("a.mkv", 3));
        assert_eq!(
            custody.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
