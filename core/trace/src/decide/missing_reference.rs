//! Titles whose reference is missing or damaged: their pictures cannot be compared, but keys alone may read the mark.
//!
//! # Shapes and units
//! Titles by their ids.

use std::collections::BTreeSet;
use std::path::Path;

use countermark_catalogue::Vault;
use countermark_register::{ReadKeyFile, TitleId, TitleRecord};

use crate::error::TraceError;
use crate::observer::Note;
use crate::read::read_among;
use crate::result::{Accusation, ClipReport, Factors, Verdict};
use crate::task::Task;

use crate::decide::answer::recorded;

/// Titles that a warning names.
const MAX_NAMED_TITLES: usize = 5;

/// The titles without a reference.
pub(crate) struct MissingReferences<'a> {
    vault: &'a Vault,
    titles: &'a [TitleRecord],
    ids: BTreeSet<TitleId>,
}

impl<'a> MissingReferences<'a> {
    /// Those that are `known` to have lost it, and those whose file is gone.
    pub(crate) fn new(
        vault: &'a Vault,
        titles: &'a [TitleRecord],
        known: BTreeSet<TitleId>,
    ) -> Self {
        let gone = |title: &&TitleRecord| !vault.catalogue().reference_path(title).is_file();
        let mut lost = known;
        lost.extend(titles.iter().filter(gone).map(|title| title.id));
        Self {
            vault,
            titles,
            ids: lost,
        }
    }

    /// Another one.
    pub(crate) fn add(&mut self, title: TitleId) {
        self.ids.insert(title);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// What keys alone read in the clip, one among so many clips and titles; none without such titles.
    ///
    /// # Errors
    /// When the clip or the vault cannot be read.
    pub(crate) fn read(
        &self,
        clip: &Path,
        among: Factors,
        task: &Task<'_>,
    ) -> Result<Option<ClipReport>, TraceError> {
        if self.ids.is_empty() {
            return Ok(None);
        }
        let first = self.titles().take(MAX_NAMED_TITLES);
        let titles: Vec<String> = first.map(|title| title.name.clone()).collect();
        task.note(&Note::ReadByKeysAlone {
            others: self.len() - titles.len(),
            titles,
        });
        let distributors = self.vault.register().distributors()?;
        let keys: Vec<Vec<ReadKeyFile>> = self
            .titles()
            .map(|title| ReadKeyFile::all_of_title(self.vault.register(), title, &distributors))
            .collect::<Result<Vec<_>, _>>()?;
        // Each format of a title is looked for.
        let formats = keys.iter().map(Vec::len).max().unwrap_or(1);
        let among = Factors {
            formats: formats as u64,
            ..among
        };
        let keys: Vec<ReadKeyFile> = keys.into_iter().flatten().collect();
        let report = read_among(clip, &keys, among, task)?;
        Ok(Some(match report.verdict {
            Verdict::Traced => self.named(report, task)?,
            Verdict::TitleOnly | Verdict::NotFound => report,
        }))
    }

    fn titles(&self) -> impl Iterator<Item = &'a TitleRecord> {
        let is_lost = |title: &&TitleRecord| self.ids.contains(&title.id);
        self.titles.iter().filter(is_lost)
    }

    /// The report with the deliveries on record that its payloads name.
    fn named(&self, report: ClipReport, task: &Task<'_>) -> Result<ClipReport, TraceError> {
        let named = report.identity.as_ref().and_then(|i| i.title.as_ref());
        let is_named = |title: &&TitleRecord| Some(title.id) == named.map(|named| named.id);
        let Some(title) = self.titles().find(is_named) else {
            return Ok(report);
        };
        task.note(&Note::PicturesUnchecked {
            title: title.name.clone(),
        });
        let deliveries = self.vault.register().deliveries(Some(title.id))?;
        let distributors = self.vault.register().distributors()?;
        let deliveries = report
            .deliveries
            .into_iter()
            .map(|read| recorded(read, &deliveries, &distributors))
            .collect::<Vec<Accusation>>();
        Ok(ClipReport {
            deliveries,
            ..report
        })
    }
}
