//! A register with its catalogue: what registering, delivering and tracing work on.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use countermark_register::{
    Access, Attested, Randomness, Register, RegisterError, SqliteRegister, permissions,
};

use crate::{Catalogue, CatalogueError, Unindexed, older};

/// An index that was made whole again.
#[derive(Debug)]
#[non_exhaustive]
pub struct Mended {
    /// Titles on record.
    pub titles: u64,
    /// Those of them that could not be read.
    pub lost: Vec<Unindexed>,
    /// Files of no title on record: they stay, for an older copy of the register may have been put back.
    pub orphans: Vec<PathBuf>,
    /// Files that a search looks into.
    pub segments: u64,
    /// Bytes of them.
    pub bytes: u64,
}

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

    /// Opens the vault in the folder `root`. The files of titles that an older program added are put on record as they are found,
    /// once, which reads all of them.
    ///
    /// # Errors
    /// As [`SqliteRegister::open`], also where others can write references or index.
    pub fn open(root: &Path) -> Result<Self, RegisterError> {
        Self::opened(root, SqliteRegister::open(root)?)
    }

    fn opened(root: &Path, register: SqliteRegister) -> Result<Self, RegisterError> {
        let catalogue = Catalogue::at(root);
        for folder in [
            catalogue.references(),
            catalogue.index_folder(),
            catalogue.prints_folder(),
        ] {
            permissions::refuse_writable(&folder, 0o700)?;
        }
        if register.access() == Access::ReadWrite && register.has_unnoted_titles()? {
            older::note_files(&catalogue, &register)?;
        }
        Ok(Self::new(Arc::new(register), Arc::new(catalogue)))
    }

    /// As [`Vault::open`], with identifiers and payloads drawn from `randomness`.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_with(root: &Path, randomness: Randomness) -> Result<Self, RegisterError> {
        Self::opened(root, SqliteRegister::open(root)?.drawing_from(randomness))
    }

    /// The same vault, whose register answers with its ledger's word: whoever names somebody reads this one.
    ///
    /// # Errors
    /// As [`Attested::new`].
    pub fn attested(&self) -> Result<(Self, Arc<Attested>), RegisterError> {
        let attested = Arc::new(Attested::new(Arc::clone(&self.register))?);
        let vault = Self {
            register: Arc::clone(&attested) as Arc<dyn Register>,
            catalogue: Arc::clone(&self.catalogue),
        };
        Ok((vault, attested))
    }

    /// The same vault with its ledger's word where that holds, else as it is: to be listed, and to name nobody.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub fn listed(&self) -> Result<Self, RegisterError> {
        match self.register.testimony()?.broken() {
            None => Ok(self.attested()?.0),
            Some(_) => Ok(self.clone()),
        }
    }

    /// Makes the index whole again, from the references.
    ///
    /// # Errors
    /// When the register cannot be read or the index not be written.
    pub fn mend(&self) -> Result<Mended, CatalogueError> {
        let titles = self.register().titles()?;
        let lost = self.catalogue().mend_index(self.register())?;
        let orphans = self.catalogue().orphans(self.register())?;
        let index = self.catalogue().index(&titles)?;
        Ok(Mended {
            titles: titles.len() as u64,
            lost,
            orphans,
            segments: index.segments().len() as u64,
            bytes: index.bytes(),
        })
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
