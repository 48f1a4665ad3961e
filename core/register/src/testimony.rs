//! What the ledger testifies: whether it holds, what it says, and where the tables say otherwise.
//!
//! ```text
//! remembered head, entries -> chain, MACs -> breaks? nobody is accused
//!                                        \-> word: titles, distributors, deliveries -> beside the rows: discrepancies
//! ```
//!
//! The tables are what programs work with, and whoever can write the database can edit them. The ledger's entries carry MACs under
//! the owner's secret. So where the ledger holds, its word is what is said, and where it does not, nothing is.
//!
//! # Shapes and units
//! Entries are counted from 1.

use std::collections::BTreeMap;

use crate::{
    Checksum, DeliveryRecord, DistributorRecord, LedgerEntry, Timestamp, TitleFiles, TitleId,
    TitleRecord,
    ledger::{
        Chain,
        head::{Head, Remembered},
        key::LedgerKey,
    },
};

pub(crate) mod finding;
pub(crate) mod rows;
pub(crate) mod word;

use finding::{Discrepancy, Fact, Finding, Row};
use rows::Rows;
use word::Word;

/// Steps back of a clock that are no more than processes that wait for each other.
const CLOCK_TOLERANCE_MILLIS: u64 = 60_000;

/// What the ledger testifies.
#[derive(Debug, Clone)]
pub struct Testimony {
    entries: i64,
    head: String,
    findings: Vec<Finding>,
    facts: Vec<Fact>,
    titles: Vec<TitleRecord>,
    distributors: Vec<DistributorRecord>,
    deliveries: Vec<DeliveryRecord>,
    files: BTreeMap<TitleId, TitleFiles>,
    segments: BTreeMap<String, Checksum>,
    /// Titles whose files or facts no entry tells of.
    unnoted: Vec<TitleId>,
}

impl Testimony {
    /// What somebody states without a ledger: an expert package.
    pub(crate) fn stated(
        titles: Vec<TitleRecord>,
        distributors: Vec<DistributorRecord>,
        deliveries: Vec<DeliveryRecord>,
    ) -> Self {
        Self {
            entries: 0,
            head: String::new(),
            findings: Vec::new(),
            facts: Vec::new(),
            titles,
            distributors,
            deliveries,
            files: BTreeMap::new(),
            segments: BTreeMap::new(),
            unnoted: Vec::new(),
        }
    }

    /// With findings that were made beside its entries one by one: about the ledger as a tree.
    pub(crate) fn with_findings(mut self, findings: &[Finding]) -> Self {
        self.findings.extend_from_slice(findings);
        self
    }

    /// Entries of the ledger.
    #[must_use]
    pub const fn entries(&self) -> i64 {
        self.entries
    }

    /// Hash of the last good entry, hex.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.head
    }

    /// Why the ledger proves nothing; none where it holds.
    #[must_use]
    pub fn broken(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.breaks())
    }

    /// All that is wrong.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What an expert would ask about a register in which nothing is wrong.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Where rows and ledger differ, of the rows that `asked` accepts.
    pub fn discrepancies(&self, asked: impl Fn(Row) -> bool) -> impl Iterator<Item = &Discrepancy> {
        self.findings
            .iter()
            .filter_map(move |finding| match finding {
                Finding::Row(found) if asked(found.row()) => Some(found),
                _ => None,
            })
    }

    /// The titles of the ledger, by name.
    #[must_use]
    pub fn titles(&self) -> &[TitleRecord] {
        &self.titles
    }

    /// The distributors of the ledger, by name.
    #[must_use]
    pub fn distributors(&self) -> &[DistributorRecord] {
        &self.distributors
    }

    /// The deliveries of the ledger, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> &[DeliveryRecord] {
        &self.deliveries
    }

    /// The checksums on record of a title's files.
    #[must_use]
    pub fn files(&self, title: TitleId) -> Option<&TitleFiles> {
        self.files.get(&title)
    }

    /// The checksums on record of the index's segments that hold several titles, by file name.
    #[must_use]
    pub const fn segments(&self) -> &BTreeMap<String, Checksum> {
        &self.segments
    }

    /// Titles of which no entry tells the files: added by an older program.
    #[must_use]
    pub fn unnoted(&self) -> &[TitleId] {
        &self.unnoted
    }
}

/// Entries, one after the other from the first.
pub(crate) struct Hearing<'k> {
    key: &'k LedgerKey,
    remembered: Remembered,
    chain: Chain,
    word: Word,
    /// The first entry with a MAC.
    first: Option<(i64, Timestamp)>,
    broken: Option<Finding>,
    facts: Vec<Fact>,
    last: Option<Timestamp>,
    /// The hash that stands where the remembered head was.
    at_head: Option<String>,
}

/// What is known of a register beside its entries.
pub(crate) struct Beside {
    /// Entries that the database gave numbers to.
    pub(crate) numbered: i64,
    /// Whether the schema on disk has MACs.
    pub(crate) has_macs: bool,
    /// The file of the remembered head.
    pub(crate) head_path: std::path::PathBuf,
    pub(crate) rows: Rows,
    /// The titles of the tables that can be read.
    pub(crate) titles: Vec<TitleRecord>,
    /// Where copies were to be written.
    pub(crate) outputs: Vec<(crate::DeliveryId, String)>,
}

impl<'k> Hearing<'k> {
    pub(crate) fn new(key: &'k LedgerKey, remembered: Remembered) -> Self {
        Self {
            key,
            remembered,
            chain: Chain::new(),
            word: Word::default(),
            first: None,
            broken: None,
            facts: Vec::new(),
            last: None,
            at_head: None,
        }
    }

    /// Takes the next entry; `false` once the ledger does not hold.
    pub(crate) fn hear(&mut self, entry: LedgerEntry) -> bool {
        let seq = entry.seq;
        if !self.chain.follow(&entry) {
            // The chain's own check names the link.
            return false;
        }
        self.broken = match (entry.is_authentic(self.key), &self.first) {
            (Some(false), _) => Some(Finding::ForeignMac { seq }),
            (None, Some(_)) => Some(Finding::NoMac { seq }),
            (Some(true), None) => {
                self.first = Some((seq, entry.time.clone()));
                None
            }
            (Some(true), Some(_)) | (None, None) => None,
        };
        if self.broken.is_none() && self.word.hear(&entry).is_none() {
            self.broken = Some(Finding::Unreadable { seq });
        }
        if let Remembered::Head(Head { seq: noted, .. }) = self.remembered
            && noted == seq
        {
            self.at_head = Some(entry.hash.clone());
        }
        if let Some(from) = self.last.take()
            && let (Some(before), Some(now)) = (from.unix_millis(), entry.time.unix_millis())
            && now + CLOCK_TOLERANCE_MILLIS < before
        {
            let to = entry.time.clone();
            self.facts.push(Fact::ClockWentBack { seq, from, to });
        }
        self.last = Some(entry.time);
        self.broken.is_none()
    }

    /// What the ledger testifies, beside the tables.
    pub(crate) fn finish(mut self, beside: Beside) -> Testimony {
        let check = self.chain.finish(0);
        let mut findings: Vec<Finding> = check.broken.map(Finding::Chain).into_iter().collect();
        findings.extend(self.broken);
        let first = self.first.as_ref().map_or(0, |(seq, _)| *seq);
        let is_whole = findings.is_empty();
        if is_whole {
            match &self.remembered {
                Remembered::Head(head) if head.first != first => {
                    findings.push(Finding::WrittenAnew {
                        remembered: head.first,
                        found: first,
                    });
                }
                _ if first == 0 && beside.has_macs => findings.push(Finding::NoMacs),
                _ => {}
            }
        }
        let mut written = beside.numbered;
        match self.remembered {
            Remembered::Head(head) if is_whole => {
                written = written.max(head.seq);
                if self.at_head.is_some_and(|hash| hash != head.hash) {
                    findings.push(Finding::Forked { seq: head.seq });
                }
                if head.seq < check.entries {
                    let entries = check.entries - head.seq;
                    self.facts.push(Fact::HeadBehind { entries });
                }
            }
            Remembered::Nothing if beside.has_macs => findings.push(Finding::HeadMissing {
                path: beside.head_path,
            }),
            Remembered::Damaged => findings.push(Finding::HeadDamaged {
                path: beside.head_path,
            }),
            Remembered::Head(_) | Remembered::Nothing => {}
        }
        if is_whole && written > check.entries {
            findings.push(Finding::CutShort {
                entries: check.entries,
                written,
            });
        }
        let without = if first == 0 { check.entries } else { first - 1 };
        if is_whole && without > 0 {
            self.facts.push(Fact::WithoutMacs {
                entries: without,
                since: self.first.map(|(_, time)| time),
            });
        }
        if is_whole {
            findings.extend(rows::differences(&self.word, beside.rows));
        }
        let mut word = self.word;
        for (id, path) in &beside.outputs {
            word.place_output(*id, Some(path));
        }
        let row_of = |id: TitleId| beside.titles.iter().find(|title| title.id == id);
        let mut titles: Vec<TitleRecord> = word
            .titles
            .keys()
            .filter_map(|id| word.title_record(*id, row_of(*id)))
            .collect();
        titles.sort_by(|a, b| a.name.cmp(&b.name));
        let unnoted = word.titles.iter();
        let unnoted = unnoted.filter(|(_, title)| title.files.is_none() || title.facts.is_none());
        let unnoted = unnoted.map(|(id, _)| *id).collect();
        let files = word.titles.iter_mut();
        let files = files.filter_map(|(id, title)| Some((*id, title.files.take()?)));
        let files = files.collect();
        let mut distributors: Vec<DistributorRecord> = word.distributors.into_values().collect();
        distributors.sort_by(|a, b| a.name.cmp(&b.name));
        Testimony {
            entries: check.entries,
            head: check.head,
            findings,
            facts: self.facts,
            titles,
            distributors,
            deliveries: word.deliveries,
            files,
            segments: word.segments,
            unnoted,
        }
    }
}

#[cfg(test)]
mod tests;
