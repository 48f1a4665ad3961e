//! What the register's ledger says against its tables, and of references against their files, where an answer depends on it.
//!
//! ```text
//! titles, distributors, deliveries of an answer -> discrepancies of their rows
//!                                               -> references of the titles: size, SHA-256
//! nothing named                                 -> sizes of the references that were asked for
//! ```

use countermark_catalogue::Catalogue;
use countermark_register::{Attested, Discrepancy, Fact, Finding, Row, TitleId, TitleRecord};

use crate::error::TraceError;
use crate::observer::Note;
use crate::result::{Accusation, Identity};
use crate::task::Task;

/// What an answer names.
#[derive(Debug, Default)]
pub(crate) struct Named {
    titles: Vec<TitleId>,
    rows: Vec<Row>,
    payloads: Vec<String>,
}

impl Named {
    /// The titles of an answer and those it accuses.
    pub(crate) fn of(identity: &Identity, accused: &[Accusation]) -> Self {
        let matches = identity.matches.iter().filter_map(|m| m.title.as_ref());
        let mut titles: Vec<TitleId> = identity.title.iter().chain(matches).map(|t| t.id).collect();
        titles.sort();
        titles.dedup();
        let mut rows: Vec<Row> = titles.iter().copied().map(Row::Title).collect();
        for accusation in accused {
            rows.extend(accusation.distributor_id.map(Row::Distributor));
            rows.extend(accusation.delivery.map(Row::Delivery));
        }
        Self {
            titles,
            rows,
            payloads: accused.iter().map(|a| a.payload.to_string()).collect(),
        }
    }

    fn touches(&self, discrepancy: &Discrepancy) -> bool {
        // A delivery that was put in by hand has the payload of another one.
        let is_claimed = matches!(discrepancy, Discrepancy::Unrecorded { name, .. } if self.payloads.contains(name));
        is_claimed || self.rows.contains(&discrepancy.row())
    }
}

/// Notes what is wrong with the register and the references that an answer among `titles` depends on.
///
/// # Errors
/// When the register cannot be read, or the work is to end.
pub(crate) fn tell(
    named: &Named,
    titles: &[TitleRecord],
    attested: &Attested,
    catalogue: &Catalogue,
    task: &Task<'_>,
) -> Result<(), TraceError> {
    let heard = attested.heard()?;
    for finding in heard.findings() {
        let touches = match finding {
            Finding::Row(discrepancy) => named.touches(discrepancy),
            _ => true,
        };
        if touches {
            task.note(&Note::Register {
                finding: finding.clone(),
            });
        }
    }
    for fact in heard.facts() {
        if matches!(fact, Fact::WithoutMacs { .. }) {
            task.note(&Note::RegisterFact { fact: fact.clone() });
        }
    }
    for title in titles {
        let Some(files) = heard.files(title.id) else {
            continue;
        };
        let ended = || task.proceed().is_err();
        let finding = if named.titles.contains(&title.id) {
            catalogue.reference_finding(title, files, &ended)
        } else if named.titles.is_empty() {
            catalogue.reference_size_finding(title, files)
        } else {
            None
        };
        if let Some(finding) = finding {
            let title = title.name.clone();
            task.note(&Note::ReferenceChanged { title, finding });
        }
    }
    task.proceed()
}
