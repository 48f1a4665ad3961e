//! A register with its catalogue: what registering, delivering and tracing work on.

use std::{path::Path, sync::Arc};

use countermark_register::{Randomness, Register, RegisterError, SqliteRegister};

use crate::{Catalogue, CatalogueError};

/// A register and the catalogue of its titles, shared between threads.
#[derive(Debug, Clone)]
pub struct Vault {
    register: Arc<dyn Register>,
    catalogue: Arc<Catalogue>,
}

impl Vault {
    /// A register and its catalogue, wherever they are.
    #[must_use]
    pub fn new(register: Arc<dyn Register>, catalogue: Arc<Catalogue>) -> Self {
        Self {
            register,
            catalogue,
        }
    }

    /// Makes a vault in the folder `root`.
    ///
    /// # Errors
    /// As [`SqliteRegister::init`]; [`CatalogueError::File`].
    pub fn init(root: &Path) -> Result<Self, CatalogueError> {
        Self::init_with(root, Randomness::system())
    }

    /// As [`Vault::init`], with secret and identifiers drawn from `randomness`.
    ///
    /// # Errors
    /// As [`Vault::init`].
    pub fn init_with(root: &Path, randomness: Randomness) -> Result<Self, CatalogueError> {
        let register = SqliteRegister::init_with(root, randomness)?;
        let catalogue = Catalogue::init(root)?;
        Ok(Self::new(Arc::new(register), Arc::new(catalogue)))
    }

    /// Opens the vault in the folder `root`.
    ///
    /// # Errors
    /// As [`SqliteRegister::open`].
    pub fn open(root: &Path) -> Result<Self, RegisterError> {
        let register = SqliteRegister::open(root)?;
        Ok(Self::new(Arc::new(register), Arc::new(Catalogue::at(root))))
    }

    /// As [`Vault::open`], with identifiers and payloads drawn from `randomness`.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_with(root: &Path, randomness: Randomness) -> Result<Self, RegisterError> {
        let register = SqliteRegister::open(root)?.drawing_from(randomness);
        Ok(Self::new(Arc::new(register), Arc::new(Catalogue::at(root))))
    }

    /// Who got what, and the keys.
    #[must_use]
    pub fn register(&self) -> &dyn Register {
        &*self.register
    }

    /// References and index.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }
}
