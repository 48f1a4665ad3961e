//! What stands for the signer in a program that was built without it.

use std::convert::Infallible;
use std::path::Path;

use crate::{CredentialsError, Statement};

/// Nobody: there is no signer without the feature `c2pa`.
#[derive(Debug, PartialEq, Eq)]
pub struct Signer(Infallible);

impl Signer {
    /// Refuses.
    ///
    /// # Errors
    /// [`CredentialsError::NotBuilt`].
    pub fn load(_certificates: &Path, _key: &Path) -> Result<Self, CredentialsError> {
        Err(CredentialsError::NotBuilt)
    }

    /// SHA-256 of the signer's certificate.
    #[must_use]
    pub const fn certificate_sha256(&self) -> &str {
        match self.0 {}
    }

    /// Whether others than its owner can read the key's file.
    #[must_use]
    pub const fn key_is_exposed(&self) -> bool {
        match self.0 {}
    }

    /// Writes a file again, with a manifest.
    ///
    /// # Errors
    /// None: there is no signer.
    pub const fn sign(
        &self,
        _statement: &Statement<'_>,
        _from: &Path,
        _to: &Path,
        _stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), CredentialsError> {
        match self.0 {}
    }
}
