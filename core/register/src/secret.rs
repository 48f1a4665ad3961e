//! The owner secret on disk.
//!
//! ```text
//! secret/owner.key:  countermark owner secret 1 LF  <64 hex digits> LF
//! check value     =  first 16 bytes of SHA-256("countermark owner secret check 1" || secret)
//! ```
//!
//! The check value sits in the register and tells a secret of another vault apart; 256 random bits cannot be found from
//! it.

use std::{fs, io, path::Path};

use countermark_mark::key::OwnerSecret;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{
    Place, Randomness, RegisterError,
    hex::{from_hex, to_hex},
    private_file::{self, Existing},
};

const HEADER: &str = "countermark owner secret 1";
const DIRECTORY: &str = "secret";
const FILE: &str = "owner.key";

/// The owner secret with its check value.
pub(crate) struct StoredSecret {
    pub(crate) secret: OwnerSecret,
    pub(crate) check: String,
}

impl StoredSecret {
    fn new(bytes: &Zeroizing<[u8; 32]>) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"countermark owner secret check 1");
        hash.update(bytes.as_slice());
        Self {
            secret: OwnerSecret::from_bytes(**bytes),
            check: to_hex(&hash.finalize()[..16]),
        }
    }

    /// Makes the secret of the vault at `root`, or takes the one that an unfinished `init` left. Never overwrites one.
    pub(crate) fn create(root: &Path, randomness: &Randomness) -> Result<Self, RegisterError> {
        let directory = root.join(DIRECTORY);
        private_file::create_directory(&directory)
            .map_err(RegisterError::file("create", &directory))?;
        let path = directory.join(FILE);
        let bytes = Zeroizing::new(randomness.bytes::<32>()?);
        let digits = Zeroizing::new(to_hex(bytes.as_slice()));
        let text = Zeroizing::new(format!("{HEADER}\n{}\n", *digits));
        match private_file::write(&path, text.as_bytes(), Existing::Keep) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(RegisterError::file("write", &path)(error)),
        }
        Self::load(root)
    }

    /// Reads the secret of the vault at `root`; refuses one that others can read.
    pub(crate) fn load(root: &Path) -> Result<Self, RegisterError> {
        let directory = root.join(DIRECTORY);
        let path = directory.join(FILE);
        let unreadable = |source: io::Error| {
            if source.kind() == io::ErrorKind::NotFound {
                RegisterError::SecretMissing {
                    place: Place::folder(root),
                    secret: path.clone(),
                }
            } else {
                RegisterError::file("read", &path)(source)
            }
        };
        for (guarded, wanted) in [(&directory, 0o700), (&path, 0o600)] {
            if let Some(mode) = private_file::exposed_mode(guarded).map_err(unreadable)? {
                return Err(RegisterError::SecretExposed {
                    path: guarded.clone(),
                    mode,
                    wanted,
                });
            }
        }
        let text = Zeroizing::new(fs::read(&path).map_err(unreadable)?);
        parse(&text)
            .map(|bytes| Self::new(&bytes))
            .ok_or_else(|| RegisterError::SecretDamaged { secret: path })
    }
}

/// Where the secret of the vault at `root` is.
pub(crate) fn path(root: &Path) -> std::path::PathBuf {
    root.join(DIRECTORY).join(FILE)
}

fn parse(text: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let text = std::str::from_utf8(text).ok()?;
    let (header, digits) = text.split_once('\n')?;
    if header != HEADER {
        return None;
    }
    from_hex(digits.trim_end()).map(Zeroizing::new)
}
