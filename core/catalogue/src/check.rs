//! Everything of a vault, gone through: its ledger, its rows, its files, and who can get at them.
//!
//! ```text
//! permissions -> open -> chain, MACs, remembered head, rows -> references, prints, segments -> orphans
//! ```
//!
//! A vault that cannot be opened is told as far as it can be seen.

use std::{collections::BTreeSet, fmt, path::Path};

use countermark_register::{
    ErrorKind, Fact, Finding, LedgerEntry, RegisterError, Testimony, TitleRecord, permissions,
    proof::Proofs,
};

use crate::{Catalogue, CatalogueError, Vault, files::FileFinding, index::merged_files};

/// Something that is wrong with a vault.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// With its register.
    Register(Finding),
    /// With a file of its catalogue.
    File(FileFinding),
    /// It cannot be opened, so the rest was not gone through.
    Unopened(RegisterError),
}

impl Problem {
    /// A word for scripts.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Register(finding) => finding.kind(),
            Self::File(finding) => finding.kind(),
            Self::Unopened(_) => "unopened",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register(finding) => finding.fmt(f),
            Self::File(finding) => finding.fmt(f),
            Self::Unopened(error) => {
                write!(f, "{error}")?;
                let mut cause = std::error::Error::source(error);
                while let Some(error) = cause {
                    write!(f, ": {error}")?;
                    cause = error.source();
                }
                f.write_str("; the rest was not gone through")
            }
        }
    }
}

/// Something that is worth knowing about a vault in which nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remark {
    /// About its register.
    Register(Fact),
    /// Titles whose files have no checksum on record.
    WithoutChecksums {
        /// How many.
        titles: u64,
    },
    /// A head that was noted elsewhere is that of an entry.
    NotedHead {
        /// The entry.
        seq: i64,
        /// Entries that are newer.
        newer: i64,
    },
}

impl Remark {
    /// A word for scripts.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Register(fact) => fact.kind(),
            Self::WithoutChecksums { .. } => "without-checksums",
            Self::NotedHead { .. } => "noted-head",
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register(fact) => fact.fmt(f),
            Self::WithoutChecksums { titles } => {
                write!(f, "{titles} titles have files without a checksum on record")
            }
            Self::NotedHead { seq, newer } => write!(
                f,
                "the noted head is entry {seq} of the ledger; {newer} entries are newer"
            ),
        }
    }
}

/// What a check of a vault came to.
#[derive(Debug, Default)]
pub struct VaultCheck {
    /// Entries of the ledger.
    pub entries: i64,
    /// Hash of the last good entry, hex: to be noted elsewhere.
    pub head: String,
    /// Titles in the ledger.
    pub titles: u64,
    /// Deliveries in the ledger.
    pub deliveries: u64,
    /// Files of the catalogue that were read.
    pub files: u64,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What is worth knowing.
    pub remarks: Vec<Remark>,
}

impl Vault {
    /// Goes through the vault in the folder `root`. `noted_head` is a head that somebody noted elsewhere. Reads every file.
    ///
    /// # Errors
    /// [`RegisterError::Missing`] where no vault is, [`RegisterError::Busy`], [`RegisterError::Cancelled`] once `cancelled` says so.
    pub fn check(
        root: &Path,
        noted_head: Option<&str>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<VaultCheck, CatalogueError> {
        let mut check = VaultCheck::default();
        let catalogue = Catalogue::at(root);
        let mut open = permissions::open_files(root);
        open.extend(permissions::open_in(&catalogue.references()));
        open.extend(permissions::open_in(&catalogue.index_folder()));
        check
            .problems
            .extend(open.into_iter().map(Problem::Register));
        let vault = match Self::open(root) {
            Ok(vault) => vault,
            Err(error) => return check.unopened(error),
        };
        let testimony = match vault.register().testimony() {
            Ok(testimony) => testimony,
            Err(error) => return check.unopened(error),
        };
        check.hear(&testimony);
        check.hear_heads(&vault)?;
        let odd = match vault.register().odd_objects() {
            Ok(odd) => odd,
            Err(error) => return check.unopened(error),
        };
        check
            .problems
            .extend(odd.into_iter().map(Problem::Register));
        if let Some(noted) = noted_head {
            check.note_head(&vault, &testimony, noted)?;
        }
        check.read_files(&vault, &testimony, cancelled)?;
        if cancelled() {
            return Err(RegisterError::Cancelled.into());
        }
        let orphans = vault.catalogue().orphans_beside(testimony.titles())?;
        let orphans = orphans.into_iter().map(|path| FileFinding::Orphan { path });
        check.problems.extend(orphans.map(Problem::File));
        Ok(check)
    }
}

impl VaultCheck {
    /// A vault that cannot be opened is a finding, unless there is none, or it may be opened in a moment.
    fn unopened(mut self, error: RegisterError) -> Result<Self, CatalogueError> {
        match error.kind() {
            ErrorKind::Missing | ErrorKind::Busy | ErrorKind::Cancelled => Err(error.into()),
            _ => {
                self.problems.push(Problem::Unopened(error));
                Ok(self)
            }
        }
    }

    fn hear(&mut self, testimony: &Testimony) {
        self.entries = testimony.entries();
        testimony.head().clone_into(&mut self.head);
        self.titles = testimony.titles().len() as u64;
        self.deliveries = testimony.deliveries().len() as u64;
        let findings = testimony.findings().iter().cloned();
        self.problems.extend(findings.map(Problem::Register));
        let facts = testimony.facts().iter().cloned();
        self.remarks.extend(facts.map(Remark::Register));
    }

    /// The ledger as a tree: heads that were signed, and stamps of them.
    fn hear_heads(&mut self, vault: &Vault) -> Result<(), RegisterError> {
        let proofs = Proofs::of(vault.register())?;
        let findings = proofs.stamps_that_fail().into_iter();
        self.problems.extend(findings.map(Problem::Register));
        Ok(())
    }

    fn note_head(
        &mut self,
        vault: &Vault,
        testimony: &Testimony,
        noted: &str,
    ) -> Result<(), RegisterError> {
        let mut found = None;
        vault.register().walk_ledger(&mut |entry: LedgerEntry| {
            if entry.hash.eq_ignore_ascii_case(noted) {
                found = Some(entry.seq);
            }
            found.is_none()
        })?;
        if found.is_none() {
            // A head of the tree, as it is signed and published.
            found = Proofs::of(vault.register())?
                .size_of_root(noted)
                .map(|size| size as i64);
        }
        match found {
            Some(seq) => self.remarks.push(Remark::NotedHead {
                seq,
                newer: (testimony.entries() - seq).max(0),
            }),
            None => self
                .problems
                .push(Problem::Register(Finding::NotedHeadUnknown {
                    hash: noted.to_owned(),
                })),
        }
        Ok(())
    }

    /// References, prints and segments beside their checksums.
    fn read_files(
        &mut self,
        vault: &Vault,
        testimony: &Testimony,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<(), CatalogueError> {
        let catalogue = vault.catalogue();
        let mut without = 0;
        for title in testimony.titles() {
            if cancelled() {
                return Err(RegisterError::Cancelled.into());
            }
            without += u64::from(self.read_title(catalogue, testimony, title, cancelled));
        }
        if without > 0 {
            self.remarks
                .push(Remark::WithoutChecksums { titles: without });
        }
        for path in merged_files(&catalogue.index_folder())? {
            self.files += 1;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let found = match testimony.segments().get(&*name) {
                Some(recorded) => catalogue.sums.compare(&path, None, *recorded, cancelled),
                None => Some(FileFinding::Unrecorded { path: path.clone() }),
            };
            self.problems.extend(found.map(Problem::File));
        }
        Ok(())
    }

    /// Whether a file of a title has no checksum on record.
    fn read_title(
        &mut self,
        catalogue: &Catalogue,
        testimony: &Testimony,
        title: &TitleRecord,
        cancelled: &dyn Fn() -> bool,
    ) -> bool {
        let files = testimony.files(title.id);
        let mut is_without = false;
        for (path, recorded) in [
            (
                catalogue.reference_path(title),
                files.and_then(|files| files.reference),
            ),
            (
                catalogue.print_path(title.id),
                files.and_then(|files| files.print),
            ),
        ] {
            self.files += 1;
            let found = match recorded {
                Some(recorded) => {
                    let name = Some(title.name.as_str());
                    catalogue.sums.compare(&path, name, recorded, cancelled)
                }
                None if path.exists() => {
                    is_without = true;
                    None
                }
                None => Some(FileFinding::Missing {
                    title: title.name.clone(),
                    path,
                }),
            };
            self.problems.extend(found.map(Problem::File));
        }
        is_without
    }
}

impl Catalogue {
    /// Files that have the name of a title which is not among `titles`, and no process that works on it.
    fn orphans_beside(
        &self,
        titles: &[TitleRecord],
    ) -> Result<Vec<std::path::PathBuf>, CatalogueError> {
        let known: BTreeSet<_> = titles.iter().map(|title| title.id).collect();
        self.orphans_of(&known)
    }
}
