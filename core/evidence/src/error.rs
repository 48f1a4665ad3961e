//! What can go wrong with evidence, said with its values and without a remedy.

use std::{io, path::PathBuf};

/// An error of this crate. Never carries a secret. That a bundle does not hold is a result, not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// A file cannot be read or written.
    #[error("cannot {act} {}", path.display())]
    File {
        /// What was tried.
        act: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The file is no archive, or a damaged one.
    #[error("not a whole bundle: {0}")]
    Archive(String),
    /// A bundle that was encrypted to a recipient.
    #[error("the bundle is encrypted (age): only its recipient can open it")]
    Encrypted,
    /// An archive that no honest program makes.
    #[error("refused as hostile: {0}")]
    Hostile(String),
    /// A newer program made it.
    #[error("the bundle has version {found}, this program knows versions up to {known}")]
    Newer {
        /// Its version.
        found: u64,
        /// The newest version known here.
        known: u64,
    },
    /// A part that every bundle has is missing, or cannot be understood.
    #[error("the bundle's {name} cannot be read: {reason}")]
    Part {
        /// The part.
        name: String,
        /// Why.
        reason: String,
    },
    /// The token is no answer of a time stamping authority, or a refusal.
    #[error("no time stamp: {0}")]
    NoStamp(String),
    /// A token about something else.
    #[error("the time stamp is of the digest {found}, not of {wanted}")]
    OtherDigest {
        /// The digest in the token, hex.
        found: String,
        /// That of the head, hex.
        wanted: String,
    },
    /// The token's signature does not hold under the authority's certificates.
    #[error("the time stamp does not verify: {0}")]
    StampBroken(String),
    /// The program that verifies tokens is not there.
    #[error("the program openssl, which verifies time stamps, cannot be run")]
    NoOpenssl(#[source] io::Error),
    /// The authority could not be asked.
    #[error("the time stamping authority at {url} did not answer: {reason}")]
    NoAnswer {
        /// Its address.
        url: String,
        /// Why.
        reason: String,
    },
    /// A bundle is stamped once: a later stamp would take the place of an earlier one.
    #[error("the bundle is stamped already")]
    StampedAlready,
    /// A bundle whose own `verify.py` knows no stamp of the bundle, or another form of it.
    #[error(
        "the bundle was made by another version of this program, whose verify.py would take the stamp for a stranger\u{2019}s file"
    )]
    OtherVersion,
    /// A case cannot be written as JSON.
    #[error("a case cannot be written")]
    Json(#[from] serde_json::Error),
}

impl EvidenceError {
    pub(crate) fn file(
        act: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { act, path, source }
    }
}
