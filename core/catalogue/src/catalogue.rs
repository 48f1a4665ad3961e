//! The catalogue's files: where references are, and what of the index is open.

use std::path::{Path, PathBuf};

use countermark_register::{Claims, TitleId, TitleRecord, private_file};

use crate::{CatalogueError, files::Sums, index::Segments};

const REFERENCES: &str = "references";
const INDEX: &str = "index";
const TITLES: &str = "titles";

/// References and index of one vault, with the segments that this process has open.
#[derive(Debug)]
pub struct Catalogue {
    root: PathBuf,
    claims: Claims,
    pub(crate) segments: Segments,
    pub(crate) sums: Sums,
}

impl Catalogue {
    /// The catalogue in the folder `root`. Reads nothing yet.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
            claims: Claims::of_vault(root),
            segments: Segments::default(),
            sums: Sums::default(),
        }
    }

    /// Makes the folders of a new catalogue in `root`.
    ///
    /// # Errors
    /// [`CatalogueError::File`].
    pub fn init(root: &Path) -> Result<Self, CatalogueError> {
        let catalogue = Self::at(root);
        let references = catalogue.references();
        private_file::create_directory(&references)
            .map_err(CatalogueError::file("create", &references))?;
        Ok(catalogue)
    }

    /// The reference of a title.
    #[must_use]
    pub fn reference_path(&self, title: &TitleRecord) -> PathBuf {
        self.references().join(&title.reference_file)
    }

    pub(crate) fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The folder of the references.
    #[must_use]
    pub fn references(&self) -> PathBuf {
        self.root.join(REFERENCES)
    }

    pub(crate) fn index_folder(&self) -> PathBuf {
        self.root.join(INDEX)
    }

    pub(crate) fn prints_folder(&self) -> PathBuf {
        self.index_folder().join(TITLES)
    }

    /// What the index keeps of one title.
    pub(crate) fn print_path(&self, title: TitleId) -> PathBuf {
        self.prints_folder()
            .join(format!("{title}.{}", crate::index::EXTENSION))
    }
}
