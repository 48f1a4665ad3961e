//! What killed processes left behind, in register and catalogue.
//!
//! A reference or a print without a title is removed when a claim says that a killed process was adding that title; one
//! without a claim may be of a title that an older copy of the register does not know, so it is named and stays.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use countermark_register::{
    Access, ClaimState, Register, RegisterError, Settlement, TitleId, Work,
};

use crate::{Catalogue, CatalogueError, Vault, draft, index};

/// What was found at the opening of a vault, and settled.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Leftovers {
    /// Deliveries.
    pub deliveries: Vec<Settlement>,
    /// Files of titles that were never on record, now removed.
    pub removed: Vec<PathBuf>,
}

impl Vault {
    /// Settles what killed processes left behind. What living ones work on is left alone, and all of a vault that cannot
    /// be written.
    ///
    /// # Errors
    /// [`RegisterError::Cancelled`] once `cancelled` says so; what was settled before stays settled.
    pub fn settle(&self, cancelled: &dyn Fn() -> bool) -> Result<Leftovers, CatalogueError> {
        if self.register().access() == Access::ReadOnly {
            return Ok(Leftovers::default());
        }
        Ok(Leftovers {
            deliveries: self.register().settle(cancelled)?,
            removed: self.catalogue().remove_unfinished(self.register())?,
        })
    }
}

impl Catalogue {
    /// Removes references and prints that killed processes wrote for titles that are not on record.
    fn remove_unfinished(&self, register: &dyn Register) -> Result<Vec<PathBuf>, CatalogueError> {
        let mut removed = Vec::new();
        for work in self.claims().works()? {
            let Work::Title(id) = work else { continue };
            let ClaimState::Abandoned(claim) = self.claims().state(work)? else {
                continue;
            };
            match register.title(id) {
                // Killed between the record and the release of the claim.
                Ok(_) => {}
                Err(RegisterError::NoTitle { .. }) => {
                    for path in [self.reference_of(id), self.print_path(id)] {
                        match fs::remove_file(&path) {
                            Ok(()) => removed.push(path),
                            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                            Err(error) => return Err(CatalogueError::file("remove", &path)(error)),
                        }
                    }
                }
                Err(error) => return Err(error.into()),
            }
            claim.release();
        }
        Ok(removed)
    }

    /// Files that have the name of a title, but no title on record, and no process that works on one: left by 0.1.0, or
    /// of titles that an older copy of the register does not know.
    ///
    /// # Errors
    /// [`CatalogueError::File`], [`CatalogueError::Register`].
    pub fn orphans(&self, register: &dyn Register) -> Result<Vec<PathBuf>, CatalogueError> {
        let files = self.files_of_titles()?;
        // After the files: a title that was added meanwhile is on record.
        let known: BTreeSet<TitleId> = register.titles()?.iter().map(|title| title.id).collect();
        self.unknown_of(files, &known)
    }

    /// The same beside titles that are `known` from elsewhere.
    pub(crate) fn orphans_of(
        &self,
        known: &BTreeSet<TitleId>,
    ) -> Result<Vec<PathBuf>, CatalogueError> {
        self.unknown_of(self.files_of_titles()?, known)
    }

    fn files_of_titles(&self) -> Result<Vec<(TitleId, PathBuf)>, CatalogueError> {
        let mut files = named_by_titles(&self.references(), draft::EXTENSION)?;
        files.extend(named_by_titles(&self.prints_folder(), index::EXTENSION)?);
        Ok(files)
    }

    fn unknown_of(
        &self,
        files: Vec<(TitleId, PathBuf)>,
        known: &BTreeSet<TitleId>,
    ) -> Result<Vec<PathBuf>, CatalogueError> {
        let mut orphans = Vec::new();
        for (id, path) in files {
            if !known.contains(&id)
                && matches!(self.claims().state(Work::Title(id))?, ClaimState::Absent)
            {
                orphans.push(path);
            }
        }
        orphans.sort();
        Ok(orphans)
    }

    fn reference_of(&self, id: TitleId) -> PathBuf {
        self.references().join(format!("{id}.{}", draft::EXTENSION))
    }
}

/// The files `<title>.<extension>` of a folder.
fn named_by_titles(
    folder: &Path,
    extension: &str,
) -> Result<Vec<(TitleId, PathBuf)>, CatalogueError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(CatalogueError::file("read", folder)(error)),
    };
    Ok(entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let (id, found) = path.file_name()?.to_str()?.split_once('.')?;
            (found == extension).then_some(())?;
            Some((TitleId::parse(id)?, path))
        })
        .collect())
}
