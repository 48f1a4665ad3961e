//! The owner secret on disk.
//!
//! ```text
//! secret/owner.key:  countermark owner secret 1 LF  <64 hex digits> LF
//! check value     =  first 16 bytes of SHA-256("countermark owner secret check 1" || secret)
//! ```
//!
//! The check value sits in the register and tells a secret of another vault apart; 256 random bits cannot be found from
//! it. While a register is being made, `secret/unfinished` lies beside the secret: a database that is missing or empty then was
//! never more than that, and one that is missing or empty without it was lost.

use std::{fs, io, path::Path};

use countermark_mark::key::OwnerSecret;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{
    Place, Randomness, RegisterError,
    hex::{from_hex, to_hex},
    ledger::key::LedgerKey,
    private_file::{self, Existing},
};

const HEADER: &str = "countermark owner secret 1";
const DIRECTORY: &str = "secret";
const FILE: &str = "owner.key";
const UNFINISHED: &str = "unfinished";

/// The owner secret with its check value.
pub(crate) struct StoredSecret {
    pub(crate) secret: OwnerSecret,
    pub(crate) check: String,
    pub(crate) ledger: LedgerKey,
}

impl StoredSecret {
    fn new(bytes: &Zeroizing<[u8; 32]>) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"countermark owner secret check 1");
        hash.update(bytes.as_slice());
        Self {
            secret: OwnerSecret::from_bytes(**bytes),
            check: to_hex(&hash.finalize()[..16]),
            ledger: LedgerKey::of(bytes),
        }
    }

    /// Makes the secret of the vault at `root`, or takes the one that an unfinished `init` left. Never overwrites one.
    pub(crate) fn create(root: &Path, randomness: &Randomness) -> Result<Self, RegisterError> {
        let directory = root.join(DIRECTORY);
        private_file::create_directory(&directory)
            .map_err(RegisterError::file("create", &directory))?;
        let path = directory.join(FILE);
        if !path.exists() {
            let mark = directory.join(UNFINISHED);
            private_file::write(&mark, b"", Existing::Replace)
                .map_err(RegisterError::file("write", &mark))?;
        }
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

/// Whether there is a secret at `root` whose register was made to its end: one without a database has lost it.
pub(crate) fn had_a_register(root: &Path) -> bool {
    let directory = root.join(DIRECTORY);
    directory.join(FILE).exists() && !directory.join(UNFINISHED).exists()
}

/// The register at `root` is made to its end.
pub(crate) fn finished(root: &Path) -> Result<(), RegisterError> {
    let mark = root.join(DIRECTORY).join(UNFINISHED);
    match fs::remove_file(&mark) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(RegisterError::file("remove", &mark)(error))
        }
        _ => Ok(()),
    }
}

/// The folder of the secrets of the vault at `root`.
pub(crate) fn directory(root: &Path) -> std::path::PathBuf {
    root.join(DIRECTORY)
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
