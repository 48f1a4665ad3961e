//! The manifest: the digest of every file of a bundle, signed.
//!
//! ```text
//! manifest.json      {"schema", "program", "files": [{"name", "bytes", "sha256"}, ..]}     every file but these five
//! manifest.sig       Ed25519(evidence key, manifest.json), 64 bytes
//! manifest.json.minisig   the same signature in the form of minisign
//! manifest.sig.tsr   RFC 3161 token of SHA-256(manifest.sig), where the bundle was stamped; manifest.sig.authority.pem: its certificates
//! ```

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{archive::Files, case::SCHEMA, hex::to_hex};

/// The file of the manifest.
pub const MANIFEST: &str = "manifest.json";
/// The file of its signature.
pub const SIGNATURE: &str = "manifest.sig";
/// The file of its signature in the form of minisign.
pub const MINISIG: &str = "manifest.json.minisig";

/// The authority's response for the signature, added after it was made.
pub const SIGNATURE_STAMP: &str = "manifest.sig.tsr";
/// The authority's certificates.
pub const SIGNATURE_AUTHORITY: &str = "manifest.sig.authority.pem";

/// Digests of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form's version.
    pub schema: u64,
    /// Which program made the bundle.
    pub program: String,
    /// Every file but the manifest, its signatures and their stamp.
    pub files: Vec<Listed>,
}

/// A file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of it, hex.
    pub sha256: String,
}

impl Manifest {
    /// Of files.
    #[must_use]
    pub fn of(files: &Files) -> Self {
        let own = files.iter().filter(|(name, _)| !is_outside(name));
        Self {
            schema: SCHEMA,
            program: format!("countermark {}", env!("CARGO_PKG_VERSION")),
            files: own.map(|(name, bytes)| Listed::of(name, bytes)).collect(),
        }
    }

    /// The first file that is missing, changed, or not listed.
    #[must_use]
    pub fn difference(&self, files: &Files) -> Option<String> {
        let changed = self.files.iter().find_map(|listed| {
            let name = &listed.name;
            match files.get(name) {
                None => Some(format!("{name} is missing")),
                Some(bytes) if Listed::of(name, bytes) != *listed => {
                    Some(format!("{name} was changed"))
                }
                Some(_) => None,
            }
        });
        let listed = |name: &String| self.files.iter().any(|file| file.name == *name);
        changed.or_else(|| {
            let stranger = files.keys().find(|name| !is_outside(name) && !listed(name));
            stranger.map(|name| format!("{name} is not listed"))
        })
    }
}

impl Listed {
    fn of(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            bytes: bytes.len() as u64,
            sha256: to_hex(&Sha256::digest(bytes)),
        }
    }
}

fn is_outside(name: &str) -> bool {
    [
        MANIFEST,
        SIGNATURE,
        MINISIG,
        SIGNATURE_STAMP,
        SIGNATURE_AUTHORITY,
    ]
    .contains(&name)
}
