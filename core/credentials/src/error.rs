//! Why a manifest is not signed or not read.

use std::io;
use std::path::PathBuf;

/// Why a manifest is not signed or not read. Never carries a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// The program was built without what signs.
    #[error("this program was built without the feature c2pa, which signs manifests")]
    NotBuilt,
    /// The certificates cannot be used.
    #[error("{} is no chain of PEM certificates with which a manifest can be signed: {reason}", path.display())]
    Certificate {
        /// Their file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The private key cannot be used. Nothing of it is said.
    #[error("{} is no private key in PKCS#8 PEM without a passphrase, on P-256, P-384, P-521, of Ed25519 or RSA", path.display())]
    Key {
        /// Its file.
        path: PathBuf,
    },
    /// A file that has no place for the manifest.
    #[error("no manifest can be put into {}: {reason}", path.display())]
    NoPlace {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: &'static str,
    },
    /// The manifest was not signed.
    #[error("the manifest of {} was not signed: {reason}", path.display())]
    Unsigned {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A file cannot be read or written.
    #[error("cannot {act} {}", path.display())]
    File {
        /// What was tried.
        act: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// Whoever waits asked for the end.
    #[error("cancelled")]
    Cancelled,
}
