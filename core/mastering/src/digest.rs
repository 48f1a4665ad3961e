//! SHA-256 of a file's bytes.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use countermark_media::CancelToken;
use sha2::{Digest as _, Sha256};

const BLOCK_BYTES: usize = 1 << 20;

/// The hash of the file at `path`. Once `cancel` is set it ends with an error of kind `Interrupted`.
pub(crate) fn sha256_of(path: &Path, cancel: &CancelToken) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; BLOCK_BYTES];
    loop {
        if cancel.is_cancelled() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hash.finalize().into()),
            Ok(read) => hash.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
