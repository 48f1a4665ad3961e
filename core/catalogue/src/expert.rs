//! What an expert needs of a title's files to repeat an analysis: its reference and its part of the index.
//!
//! ```text
//! PACKAGE/title.key  references/TITLE.mp4  index/titles/TITLE.*      the layout of a vault's catalogue
//! ```

use std::{fs, path::Path};

use countermark_register::{TitleRecord, private_file};

use crate::{Catalogue, CatalogueError};

impl Catalogue {
    /// Copies the files of a title into an expert package, which is made when it is not there.
    ///
    /// # Errors
    /// [`CatalogueError::File`], [`CatalogueError::ReferenceMissing`].
    pub fn copy_title(&self, title: &TitleRecord, package: &Path) -> Result<(), CatalogueError> {
        let reference = self.reference_path(title);
        if !reference.is_file() {
            return Err(CatalogueError::ReferenceMissing { path: reference });
        }
        private_file::create_directory(package).map_err(CatalogueError::file("create", package))?;
        let to = Self::init(package)?;
        // Under the name that the package's own register gives it.
        let own = to.references().join(format!("{}.mp4", title.id));
        fs::copy(&reference, &own).map_err(CatalogueError::file("write", &own))?;
        let print = self.print_path(title.id);
        if print.is_file() {
            let folder = to.prints_folder();
            for folder in [to.index_folder(), folder] {
                private_file::create_directory(&folder)
                    .map_err(CatalogueError::file("create", &folder))?;
            }
            let own = to.print_path(title.id);
            fs::copy(&print, &own).map_err(CatalogueError::file("write", &own))?;
        }
        Ok(())
    }
}
