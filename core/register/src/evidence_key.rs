//! The evidence key on disk: it signs heads of the ledger and bundles, and reads no mark.
//!
//! ```text
//! secret/evidence.key:  countermark evidence key 1 LF  <64 hex digits: the seed> LF
//! ```
//!
//! It is drawn when it is first needed, apart from the owner secret: who may sign need not be who may mark. Its public half is
//! put on record in the ledger before anything is signed. One that was lost is replaced by another, and the ledger says so.
//!
//! # References
//! Josefsson and Liusvaara 2017, RFC 8032, section 5.1.5: the seed.

use std::{fs, io, path::Path};

use countermark_evidence::EvidenceKey;
use zeroize::Zeroizing;

use crate::{
    Place, Randomness, RegisterError,
    hex::{from_hex, to_hex},
    private_file::{self, Existing},
    secret,
};

const HEADER: &str = "countermark evidence key 1";
const FILE: &str = "evidence.key";

/// The key of the register at `root`; none when none was made. Refuses one that others can read.
pub(crate) fn load(root: &Path) -> Result<Option<EvidenceKey>, RegisterError> {
    let path = secret::directory(root).join(FILE);
    match private_file::exposed_mode(&path) {
        Ok(None) => {}
        Ok(Some(mode)) => {
            return Err(RegisterError::SecretExposed {
                path,
                mode,
                wanted: 0o600,
            });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(RegisterError::file("read", &path)(error)),
    }
    let text = Zeroizing::new(fs::read(&path).map_err(RegisterError::file("read", &path))?);
    match parse(&text) {
        Some(seed) => Ok(Some(EvidenceKey::of_seed(*seed))),
        None => Err(RegisterError::SecretDamaged { secret: path }),
    }
}

/// Makes one, or takes the one that another process made meanwhile.
pub(crate) fn create(root: &Path) -> Result<EvidenceKey, RegisterError> {
    let path = secret::directory(root).join(FILE);
    // Not the register's own stream: identifiers drawn after it would be others.
    let seed = Zeroizing::new(Randomness::system().bytes::<32>()?);
    let digits = Zeroizing::new(to_hex(seed.as_slice()));
    let text = Zeroizing::new(format!("{HEADER}\n{}\n", *digits));
    match private_file::write(&path, text.as_bytes(), Existing::Keep) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(RegisterError::file("write", &path)(error))
        }
        _ => load(root)?.ok_or_else(|| RegisterError::SecretMissing {
            place: Place::folder(root),
            secret: path,
        }),
    }
}

fn parse(text: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let (header, digits) = std::str::from_utf8(text).ok()?.split_once('\n')?;
    (header == HEADER).then_some(())?;
    from_hex(digits.trim_end()).map(Zeroizing::new)
}
