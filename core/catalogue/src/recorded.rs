//! References and prints beside what is on record of them.
//!
//! # Shapes and units
//! Sizes in bytes.

use std::{io, path::Path};

use countermark_register::{Checksum, TitleFiles, TitleId, TitleRecord};

use crate::{
    Catalogue, CatalogueError,
    files::{Difference, FileFinding},
};

impl Catalogue {
    /// What is wrong with the reference of a title, beside its checksum on record. Reads all of it, once in a process; none once
    /// `cancelled` says so, and none where it is missing, which whoever reads it is told.
    #[must_use]
    pub fn reference_finding(
        &self,
        title: &TitleRecord,
        recorded: &TitleFiles,
        cancelled: &dyn Fn() -> bool,
    ) -> Option<FileFinding> {
        let path = self.reference_path(title);
        let found = self
            .sums
            .compare(&path, Some(&title.name), recorded.reference?, cancelled)?;
        (!matches!(found, FileFinding::Missing { .. })).then_some(found)
    }

    /// The same of its size alone, which costs next to nothing.
    #[must_use]
    pub fn reference_size_finding(
        &self,
        title: &TitleRecord,
        recorded: &TitleFiles,
    ) -> Option<FileFinding> {
        let path = self.reference_path(title);
        let (recorded, found) = (recorded.reference?.bytes, path.metadata().ok()?.len());
        (found != recorded).then(|| FileFinding::Changed {
            title: Some(title.name.clone()),
            path,
            found: Difference::Size { recorded, found },
        })
    }

    /// Reference and print of a title as they are now.
    pub(crate) fn files_of(
        &self,
        id: TitleId,
        reference_file: &str,
    ) -> Result<TitleFiles, CatalogueError> {
        let sum = |path: &Path| match Checksum::of_file(path, &|| false) {
            Ok(sum) => Ok(sum),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(CatalogueError::file("read", path)(error)),
        };
        Ok(TitleFiles {
            reference_file: reference_file.to_owned(),
            reference: sum(&self.references().join(reference_file))?,
            print: sum(&self.print_path(id))?,
        })
    }
}
