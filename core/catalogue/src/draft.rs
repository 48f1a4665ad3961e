//! The files of a title that is about to be added.

use std::{
    fs,
    path::{Path, PathBuf},
};

use countermark_fingerprint::index::{PicturePrint, TitlePrint, segment_of};
use countermark_register::{Checksum, Claim, TitleDraft, TitleFiles, TitleId, Work, private_file};

use crate::{Catalogue, CatalogueError, index};

/// The extension of a reference.
pub(crate) const EXTENSION: &str = "mp4";

/// Reference and print of a title that is not on record yet, claimed for as long as it lives.
///
/// Dropping it removes both, so that a title that is given up leaves nothing behind; [`ReferenceDraft::keep`] once the
/// title is on record. Those of a killed process are found by their claim (see [`crate::Vault::settle`]).
#[derive(Debug)]
pub struct ReferenceDraft {
    id: TitleId,
    reference: PathBuf,
    print: PathBuf,
    claim: Option<Claim>,
    kept: bool,
}

impl Catalogue {
    /// The files of `title`, to be written.
    ///
    /// # Errors
    /// [`CatalogueError::Register`] when they cannot be claimed; [`CatalogueError::File`].
    pub fn draft(&self, title: &TitleDraft) -> Result<ReferenceDraft, CatalogueError> {
        let id = title.id();
        let claim = self.claims().claim(Work::Title(id))?;
        let references = self.references();
        private_file::create_directory(&references)
            .map_err(CatalogueError::file("create", &references))?;
        Ok(ReferenceDraft {
            id,
            reference: references.join(format!("{id}.{EXTENSION}")),
            print: self.print_path(id),
            claim: Some(claim),
            kept: false,
        })
    }
}

impl ReferenceDraft {
    /// Where the reference is to be written (under a temporary name first).
    #[must_use]
    pub fn reference_path(&self) -> &Path {
        &self.reference
    }

    /// Writes what the index keeps of the title: it is found by it from the moment it is on record.
    ///
    /// # Errors
    /// [`CatalogueError::File`].
    pub fn write_print(
        &self,
        pictures: Vec<PicturePrint>,
        sound: Vec<(u32, u32)>,
    ) -> Result<(), CatalogueError> {
        let print = TitlePrint {
            id: self.id.for_index(),
            pictures,
            sound,
        };
        index::write(&self.print, &segment_of(&print))
    }

    /// The files with their checksums, for the record, once they are written; from here on they are their owner's alone.
    ///
    /// # Errors
    /// [`CatalogueError::ReferenceMissing`], [`CatalogueError::File`].
    pub fn files(&self) -> Result<TitleFiles, CatalogueError> {
        if !self.reference.is_file() {
            return Err(CatalogueError::ReferenceMissing {
                path: self.reference.clone(),
            });
        }
        private_file::close(&self.reference, 0o600)
            .map_err(CatalogueError::file("close", &self.reference))?;
        let sum = |path: &Path| {
            Checksum::of_file(path, &|| false).map_err(CatalogueError::file("read", path))
        };
        Ok(TitleFiles {
            reference_file: format!("{}.{EXTENSION}", self.id),
            reference: sum(&self.reference)?,
            print: if self.print.is_file() {
                sum(&self.print)?
            } else {
                None
            },
        })
    }

    /// As the end of the process would: files and claim stay, and the claim's lock is gone.
    #[cfg(test)]
    pub(crate) fn abandon(mut self) {
        self.kept = true;
        self.claim = None;
    }

    /// The title is on record: its files stay.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for ReferenceDraft {
    fn drop(&mut self) {
        if !self.kept {
            // There may be none yet; and nobody is left to tell.
            let _ = fs::remove_file(&self.reference);
            let _ = fs::remove_file(&self.print);
        }
        if let Some(claim) = self.claim.take() {
            claim.release();
        }
    }
}
