//! Who signs: a chain of certificates and the first one's private key.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Cursor};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use c2pa::{BoxedSigner, Reader, SigningAlg, ValidationState, create_signer};
use zeroize::Zeroizing;

use super::embed::{Embedding, embed};
use super::stoppable::Stoppable;
use super::verified::faults;
use super::{certificate_sha256, context};
use crate::{CredentialsError, Statement};

/// Algorithms by key: which one it is, the key says.
const ALGORITHMS: [SigningAlg; 5] = [
    SigningAlg::Es256,
    SigningAlg::Es384,
    SigningAlg::Es512,
    SigningAlg::Ed25519,
    SigningAlg::Ps256,
];

/// A file of ISO base media that is as small as can be.
const SMALLEST: &[u8] = b"\0\0\0\x14ftypisom\0\0\0\0isom\0\0\0\x0cmdatmark";

/// Who signs manifests. It has signed one before any work begins, so that a certificate that does not do is found out then.
pub struct Signer {
    chain: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
    algorithm: SigningAlg,
    certificate_sha256: String,
    is_exposed: bool,
}

/// The same certificate is the same signer.
impl PartialEq for Signer {
    fn eq(&self, other: &Self) -> bool {
        self.certificate_sha256 == other.certificate_sha256
    }
}

impl Eq for Signer {}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("certificate_sha256", &self.certificate_sha256)
            .finish_non_exhaustive()
    }
}

impl Signer {
    /// With a chain in PEM, the signer's own certificate first, and its key in PKCS#8 PEM.
    ///
    /// # Errors
    /// [`CredentialsError::File`], [`CredentialsError::Key`], [`CredentialsError::Certificate`]: they do not go together, have
    /// expired, or are not as C2PA wants them.
    pub fn load(certificates: &Path, key: &Path) -> Result<Self, CredentialsError> {
        let chain = fs::read(certificates).map_err(cannot("read", certificates))?;
        let refused = |reason: String| CredentialsError::Certificate {
            path: certificates.to_owned(),
            reason,
        };
        let certificate_sha256 = std::str::from_utf8(&chain)
            .ok()
            .and_then(certificate_sha256)
            .ok_or_else(|| refused("there is no certificate in it".to_owned()))?;
        let is_exposed = fs::metadata(key).map_err(cannot("read", key))?;
        let is_exposed = is_exposed.permissions().mode() & 0o077 != 0;
        let secret = Zeroizing::new(fs::read(key).map_err(cannot("read", key))?);
        let is_its_algorithm = |&algorithm: &SigningAlg| {
            create_signer::from_keys(&chain, &secret, algorithm, None).is_ok()
        };
        let algorithm = ALGORITHMS.into_iter().find(is_its_algorithm);
        let signer = Self {
            algorithm: algorithm.ok_or_else(|| CredentialsError::Key {
                path: key.to_owned(),
            })?,
            chain,
            key: secret,
            certificate_sha256,
            is_exposed,
        };
        signer.tried().map_err(refused)?;
        Ok(signer)
    }

    /// SHA-256 of the signer's certificate, hex.
    #[must_use]
    pub fn certificate_sha256(&self) -> &str {
        &self.certificate_sha256
    }

    /// Whether others than its owner can read the key's file.
    #[must_use]
    pub const fn key_is_exposed(&self) -> bool {
        self.is_exposed
    }

    /// Writes the file `from`, MP4 or MOV, to the file `to`, which is there, with a manifest that states so; `stop` ends the work.
    ///
    /// # Errors
    /// [`CredentialsError::NoPlace`], [`CredentialsError::Unsigned`], [`CredentialsError::File`], [`CredentialsError::Cancelled`].
    pub fn sign(
        &self,
        statement: &Statement<'_>,
        from: &Path,
        to: &Path,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), CredentialsError> {
        let inner = File::open(from).map_err(cannot("read", from))?;
        let mut output = OpenOptions::new()
            .read(true)
            .write(true)
            .open(to)
            .map_err(cannot("write", to))?;
        let written = embed(
            statement,
            self.boxed().map_err(|error| unsigned(from, &error))?,
            &mut Stoppable { inner, stop },
            &mut output,
        );
        written.map_err(|error| match error {
            _ if stop() => CredentialsError::Cancelled,
            Embedding::NoPlace(reason) => CredentialsError::NoPlace {
                path: from.to_owned(),
                reason,
            },
            Embedding::File(source) | Embedding::C2pa(c2pa::Error::IoError(source)) => {
                cannot("write", to)(source)
            }
            Embedding::C2pa(error) => unsigned(from, &error),
        })
    }

    /// Signs the smallest of all files and reads it back; why that cannot be.
    fn tried(&self) -> Result<(), String> {
        let statement = Statement {
            title: "none",
            format: 0,
            binding: "",
            version: env!("CARGO_PKG_VERSION"),
        };
        let failed = |error: c2pa::Error| error.to_string();
        let mut output = Cursor::new(Vec::new());
        let signer = self.boxed().map_err(failed)?;
        embed(&statement, signer, &mut Cursor::new(SMALLEST), &mut output).map_err(|error| {
            match error {
                Embedding::NoPlace(reason) => reason.to_owned(),
                Embedding::File(error) => error.to_string(),
                Embedding::C2pa(error) => error.to_string(),
            }
        })?;
        let reader = Reader::from_context(context().map_err(failed)?);
        let reader = reader.with_stream("video/mp4", output).map_err(failed)?;
        match reader.validation_state() {
            ValidationState::Invalid => Err(faults(&reader).join(", ")),
            _ => Ok(()),
        }
    }

    fn boxed(&self) -> c2pa::Result<BoxedSigner> {
        create_signer::from_keys(&self.chain, &self.key, self.algorithm, None)
    }
}

fn unsigned(path: &Path, error: &c2pa::Error) -> CredentialsError {
    CredentialsError::Unsigned {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

fn cannot(act: &'static str, path: &Path) -> impl Fn(io::Error) -> CredentialsError {
    let path = path.to_owned();
    move |source| CredentialsError::File {
        act,
        path: path.clone(),
        source,
    }
}
