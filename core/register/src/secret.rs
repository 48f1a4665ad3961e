//! The owner secret on disk.
//!
//! ```text
//! secret/owner.key:  countermark owner secret 1 LF  <64 hex digits> LF
//!                    or sealed with a passphrase, see `sealed`
//! check value     =  first 16 bytes of SHA-256("countermark owner secret check 1" || secret)
//! ```
//!
//! The check value sits in the register and tells a secret of another vault apart; 256 random bits cannot be found from
//! it. While a register is being made, `secret/unfinished` lies beside the secret: a database that is missing or empty then was
//! never more than that, and one that is missing or empty without it was lost.

use std::{fs, io, io::Write as _, path::Path};

use countermark_mark::key::OwnerSecret;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{
    Place, Randomness, RegisterError,
    hex::{from_hex, to_hex},
    ledger::key::LedgerKey,
    passphrase::{self, Passphrase},
    private_file::{self, Existing},
};

mod sealed;

use sealed::Closed;
pub use sealed::Cost;

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
        match private_file::write(&path, &plain(&bytes), Existing::Keep) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(RegisterError::file("write", &path)(error)),
        }
        Self::load(root)
    }

    /// Reads the secret of the vault at `root`, with its passphrase where it is sealed; refuses one that others can read.
    pub(crate) fn load(root: &Path) -> Result<Self, RegisterError> {
        match read(root)? {
            Kept::Plain(bytes) => Ok(Self::new(&bytes)),
            Kept::Sealed(text) => open(root, &text, None).map(|bytes| Self::new(&bytes)),
        }
    }
}

/// The secret as it lies on disk.
enum Kept {
    Plain(Zeroizing<[u8; 32]>),
    Sealed(String),
}

fn read(root: &Path) -> Result<Kept, RegisterError> {
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
    let damaged = || RegisterError::SecretDamaged {
        secret: path.clone(),
    };
    let text = std::str::from_utf8(&text).map_err(|_| damaged())?;
    if text.starts_with(sealed::HEADER) {
        return Ok(Kept::Sealed(text.to_owned()));
    }
    parse(text).map(Kept::Plain).ok_or_else(damaged)
}

/// Opens a sealed secret with a passphrase, else with the one that is asked for.
fn open(
    root: &Path,
    text: &str,
    passphrase: Option<&Passphrase>,
) -> Result<Zeroizing<[u8; 32]>, RegisterError> {
    let asked;
    let passphrase = if let Some(given) = passphrase {
        given
    } else {
        let answer = passphrase::of(root).map_err(RegisterError::file(
            "ask for the passphrase of",
            &path(root),
        ))?;
        asked = answer.ok_or_else(|| RegisterError::Sealed {
            place: Place::folder(root),
        })?;
        &asked
    };
    sealed::opened(text, passphrase.text()).map_err(|closed| match closed {
        Closed::Damaged => RegisterError::SecretDamaged { secret: path(root) },
        Closed::WrongPassphrase => RegisterError::WrongPassphrase {
            place: Place::folder(root),
        },
    })
}

/// Whether the secret of the register at `root` is sealed.
///
/// # Errors
/// As opening the register.
pub fn is_sealed(root: &Path) -> Result<bool, RegisterError> {
    read(root).map(|kept| matches!(kept, Kept::Sealed(_)))
}

/// Seals the owner secret of the register at `root`. What was written is opened again before it takes the other's place, and the
/// other one's bytes are overwritten.
///
/// # Errors
/// [`RegisterError::SealedAlready`]; [`RegisterError::WeakPassphrase`]; those of opening the register; when the file cannot be written.
pub fn seal(root: &Path, passphrase: &Passphrase, cost: Cost) -> Result<(), RegisterError> {
    let Kept::Plain(secret) = read(root)? else {
        return Err(RegisterError::SealedAlready {
            place: Place::folder(root),
        });
    };
    let found = passphrase.text().chars().count();
    if found < Passphrase::LEAST {
        return Err(RegisterError::WeakPassphrase {
            found,
            least: Passphrase::LEAST,
        });
    }
    let salt = Randomness::system().bytes::<16>()?;
    let text = sealed::sealed(&secret, passphrase.text(), cost, salt)
        .ok_or_else(|| RegisterError::SecretDamaged { secret: path(root) })?;
    if open(root, &text, Some(passphrase))? != secret {
        return Err(RegisterError::SecretDamaged { secret: path(root) });
    }
    replace(root, text.as_bytes())
}

/// Takes the passphrase from the owner secret of the register at `root`.
///
/// # Errors
/// [`RegisterError::NotSealed`], [`RegisterError::WrongPassphrase`]; when the file cannot be written.
pub fn unseal(root: &Path) -> Result<(), RegisterError> {
    let Kept::Sealed(text) = read(root)? else {
        return Err(RegisterError::NotSealed {
            place: Place::folder(root),
        });
    };
    let secret = open(root, &text, None)?;
    replace(root, &plain(&secret))
}

/// Puts another text into the secret's file, whole or not at all, and overwrites what was in the old one.
fn replace(root: &Path, text: &[u8]) -> Result<(), RegisterError> {
    let path = path(root);
    let failure = |error| RegisterError::file("write", &path)(error);
    let old = fs::OpenOptions::new().write(true).open(&path);
    let mut old = old.map_err(failure)?;
    let bytes = old.metadata().map_err(failure)?.len();
    private_file::write(&path, text, Existing::Replace).map_err(failure)?;
    // The name is the new file's; what the old one held is still on the disk.
    let blank = vec![b'\n'; usize::try_from(bytes).unwrap_or(0)];
    old.write_all(&blank)
        .and_then(|()| old.sync_all())
        .map_err(failure)
}

/// The text of a secret that is not sealed.
fn plain(bytes: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    let digits = Zeroizing::new(to_hex(bytes));
    Zeroizing::new(format!("{HEADER}\n{}\n", *digits).into_bytes())
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

fn parse(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let (header, digits) = text.split_once('\n')?;
    if header != HEADER {
        return None;
    }
    from_hex(digits.trim_end()).map(Zeroizing::new)
}
