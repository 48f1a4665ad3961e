//! The proof bundle of a traced clip: what a report, a register and the evidence behind an answer come to.
//!
//! ```text
//! ClipReport, Exhibits, EvidenceKeeper, Register -> Case, soft values, head, stamp -> countermark_evidence::Bundle -> ZIP
//! ```
//!
//! Everything but `analysis.json` is the same whenever the clip is analysed. Of secrets it holds the keys of the accused deliveries
//! alone; of the others who came near it tells commitments and whole numbers.

use std::path::Path;

use countermark_evidence::{
    Bundle, Case, EvidenceKey, ProcessRecords, SoftRows, Stamp,
    bundle::{ACQUIRED, ANALYSIS, REPORT},
    case::{Accused, Factor, LedgerProof, Next, SCHEMA, Suspect, THRESHOLD_LOG10},
    hex::to_hex,
};
use countermark_mark::Evidence;
use countermark_mark::code::fingerprint::FINGERPRINT_POSITIONS;
use countermark_register::proof::{self, HeadOnRecord, Proofs};
use countermark_register::{Access, Finding, Register, RegisterError, Row};
use countermark_trace::exhibits::{Exhibits, OTHERS};
use countermark_trace::observer::EvidenceKeeper;
use countermark_trace::result::{Accusation, ClipReport, Decision, Match};
use serde_json::{Value, json};

use crate::still::still;
use crate::{Answer as _, Audience, Circumstances, Custody, Page, Subject};

mod analysis;
mod clock;
mod error;
mod expert;
#[cfg(feature = "age")]
mod recipient;

pub use error::BundleError;
pub use expert::{TITLE_KEY, recompute};
#[cfg(feature = "age")]
pub use recipient::Recipient;

/// What a bundle is made of.
#[derive(Clone, Copy)]
pub struct CaseFile<'a> {
    /// The clip.
    pub subject: Subject<'a>,
    /// The answer.
    pub report: &'a ClipReport,
    /// What a page shows beyond it.
    pub exhibits: &'a Exhibits,
    /// The evidence behind it.
    pub evidence: &'a EvidenceKeeper<'a>,
    /// The command and the libraries.
    pub circumstances: &'a Circumstances,
    /// How the clip was acquired: JSON.
    pub acquired: Option<&'a [u8]>,
}

impl CaseFile<'_> {
    /// The sealed bundle; none when nobody is accused, for then there is nothing to prove.
    ///
    /// A head of the ledger is signed where none holds the commitments yet and the register can be written.
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn bundle(&self, register: &dyn Register) -> Result<Option<Vec<u8>>, BundleError> {
        self.sealed(register, false)
    }

    /// As [`Self::bundle`], with the working files on record of the accused copies' titles.
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn bundle_with_records(
        &self,
        register: &dyn Register,
    ) -> Result<Option<Vec<u8>>, BundleError> {
        self.sealed(register, true)
    }

    fn sealed(
        &self,
        register: &dyn Register,
        with_records: bool,
    ) -> Result<Option<Vec<u8>>, BundleError> {
        if self.report.deliveries.is_empty() {
            return Ok(None);
        }
        let key = register.evidence_key()?;
        let (proofs, head) = self.head(register, &key)?;
        let mut accused = Vec::new();
        let mut soft = Vec::new();
        for (at, accusation) in self.report.deliveries.iter().enumerate() {
            let (one, rows) = self.accused(at + 1, accusation, register, &proofs, head.as_ref())?;
            accused.push(one);
            soft.push(rows);
        }
        let custody = Custody {
            analysed: format!("see {ANALYSIS}"),
            ..Custody::of_named(self.subject.original, self.subject.file_name())?
        };
        let stamp = head.as_ref().and_then(|head| head.stamp.clone());
        let case = Case {
            schema: SCHEMA,
            suspect: Suspect {
                file: custody.file_name.clone(),
                bytes: custody.bytes,
                sha256: custody.sha256.clone(),
                acquired: self.acquired.is_some(),
            },
            title: self
                .report
                .identity
                .as_ref()
                .and_then(|it| Some(it.title.as_ref()?.name.clone())),
            matches: self.matches()?,
            pictures_compared: self.report.compared.pictures_compared,
            threshold_log10: THRESHOLD_LOG10,
            next: self.next(&proofs),
            ledger: ledger_of(register, &proofs, head.as_ref(), &key)?,
            warnings: self.warnings(register)?,
            records: with_records
                .then(|| self.records(register, &proofs, head.as_ref()))
                .transpose()?,
            accused,
        };
        let bundle = sealed_parts(&case, &soft, stamp.as_ref())?;
        let bundle = self.with_report(bundle, register, &custody, &case)?;
        let analysis = analysis::of(self.report, self.circumstances, register)?;
        let mut bundle = bundle.with(ANALYSIS, pretty(&analysis)?);
        if let Some(acquired) = self.acquired {
            serde_json::from_slice::<Value>(acquired).map_err(BundleError::Acquired)?;
            bundle = bundle.with(ACQUIRED, acquired.to_vec());
        }
        Ok(Some(bundle.seal(&key)?))
    }

    /// The head that holds every commitment, every name and the evidence key; signed now where there is none.
    fn head(
        &self,
        register: &dyn Register,
        key: &EvidenceKey,
    ) -> Result<(Proofs, Option<HeadOnRecord>), RegisterError> {
        let mut proofs = Proofs::of(register)?;
        let mut at: Vec<i64> = Vec::new();
        for id in self.report.deliveries.iter().filter_map(|it| it.delivery) {
            at.extend(proofs.committed_at(id));
            at.extend(proof::named_at(register, &register.delivery(id)?)?);
        }
        let Some(key_at) = proofs.key_at(key) else {
            return Ok((proofs, None));
        };
        let last = at.into_iter().fold(key_at, i64::max);
        let mut head = proofs.head_over(last, key).cloned();
        if head.is_none() && register.access() == Access::ReadWrite {
            head = Some(proof::sign_head(register)?);
            proofs = Proofs::of(register)?;
        }
        Ok((proofs, head))
    }

    fn accused(
        &self,
        number: usize,
        it: &Accusation,
        register: &dyn Register,
        proofs: &Proofs,
        head: Option<&HeadOnRecord>,
    ) -> Result<(Accused, SoftRows), BundleError> {
        let unnamed = || BundleError::Unnamed {
            payload: it.payload.to_string(),
        };
        let record = it.delivery.map(|id| register.delivery(id)).transpose()?;
        let distributor = it.distributor_id.ok_or_else(unnamed)?;
        let found = self
            .report
            .identity
            .as_ref()
            .and_then(|it| it.title.as_ref());
        let (title_id, title) = match (&record, found) {
            (Some(record), _) => (record.title_id, record.title.clone()),
            (None, Some(title)) => (title.id, title.name.clone()),
            (None, None) => return Err(unnamed()),
        };
        let key = register
            .scoped_payload_key(distributor, title_id)
            .delivery(it.payload);
        let t = it.bound.t();
        let evidence = self
            .evidence
            .of_score(&key, t)
            .ok_or_else(|| BundleError::NotKept {
                distributor: it.distributor.clone(),
            })?;
        let rows = soft_rows(&evidence);
        let entries = match (&record, head) {
            (Some(record), Some(head)) => {
                proof::entries_about(register, proofs, record, head.head.size)?
            }
            _ => Vec::new(),
        };
        let commitments = it.delivery.and_then(|id| proofs.commitments(id)).unzip();
        let factors = it.bound.hypotheses().each();
        let accused = Accused {
            distributor: it.distributor.clone(),
            title,
            licensee: it.licensee.clone(),
            delivery: it.delivery.map(|id| id.to_string()),
            payload: it.payload.to_string(),
            delivery_key: to_hex(key.expose_bytes()),
            soft: format!("soft/{number}.bin"),
            rows: rows.rows(),
            t,
            threshold_t: it.bound.threshold_t(),
            log10_bound: it.bound.log10(),
            hypotheses: factors
                .into_iter()
                .map(|(name, count, what)| Factor {
                    name: name.to_owned(),
                    count: count.max(1),
                    what: what.to_owned(),
                })
                .collect(),
            decision: match it.path {
                Decision::Open => "open",
                Decision::Closed => "closed",
            }
            .to_owned(),
            // Without a head there is no entry to show them by.
            commitment: commitments.0.filter(|_| head.is_some()).map(str::to_owned),
            payload_commitment: commitments.1.filter(|_| head.is_some()).map(str::to_owned),
            entries,
        };
        Ok((accused, rows))
    }

    fn matches(&self) -> Result<Value, BundleError> {
        let mut found = json!({"geometry": self.report.geometry});
        if let Some(identity) = &self.report.identity {
            found["identity"] = serde_json::to_value(identity).map_err(BundleError::Json)?;
        }
        Ok(found)
    }

    fn next(&self, proofs: &Proofs) -> Vec<Next> {
        let standings = self.exhibits.standings.iter();
        let innocent = standings.filter(|it| !it.accused).take(OTHERS);
        let next = innocent.map(|it| Next {
            commitment: proofs
                .commitments(it.delivery)
                .map(|(key, _)| key.to_owned()),
            score_at_most: it.bound.told_t() as u64,
        });
        next.collect()
    }

    /// The working files on record of the accused copies' titles.
    fn records(
        &self,
        register: &dyn Register,
        proofs: &Proofs,
        head: Option<&HeadOnRecord>,
    ) -> Result<ProcessRecords, RegisterError> {
        let mut titles = Vec::new();
        for id in self.report.deliveries.iter().filter_map(|it| it.delivery) {
            titles.push(register.delivery(id)?.title_id);
        }
        let size = head.map_or(0, |head| head.head.size);
        proof::records_of(register, proofs, &titles, size)
    }

    /// What is wrong with the register, as far as it concerns the accused.
    fn warnings(&self, register: &dyn Register) -> Result<Vec<String>, RegisterError> {
        let concerns = |row: Row| {
            self.report.deliveries.iter().any(|it| match row {
                Row::Delivery(id) => it.delivery == Some(id),
                Row::Distributor(id) => it.distributor_id == Some(id),
                _ => true,
            })
        };
        let testimony = register.testimony()?;
        let findings = testimony.findings().iter();
        let own = findings.filter(|finding| match finding {
            Finding::Row(found) => concerns(found.row()),
            _ => true,
        });
        Ok(own.map(ToString::to_string).collect())
    }

    /// With the page and its JSON, without times.
    fn with_report(
        &self,
        bundle: Bundle,
        register: &dyn Register,
        custody: &Custody,
        case: &Case,
    ) -> Result<Bundle, BundleError> {
        let report = ClipReport {
            file: self.subject.file_name().to_owned(),
            seconds: f64::NAN,
            ..self.report.clone()
        };
        let ids: Vec<_> = report
            .deliveries
            .iter()
            .filter_map(|it| it.delivery)
            .collect();
        let circumstances = Circumstances {
            libraries: self.circumstances.libraries.clone(),
            ..Circumstances::default()
        };
        let circumstances = circumstances
            .with_deliveries(register, &ids)?
            .with_working_files(case.records.as_ref());
        let statement = report.statement();
        let middle = |found: &Match| f64::midpoint(found.query[0], found.query[1]);
        let shown = statement.matches.first().map_or(0.0, middle);
        let still = still(self.subject.examined, shown).unwrap_or_default();
        let page = Page {
            statement,
            custody,
            exhibits: self.exhibits,
            circumstances: &circumstances,
            still: still.as_deref(),
            audience: Audience::Outgoing,
        };
        let html = page.to_html()?;
        let document = report.document(Audience::Outgoing);
        let mut json = serde_json::to_value(&document).map_err(BundleError::Json)?;
        if let Some(fields) = json.as_object_mut() {
            fields.remove("seconds");
            fields.insert("notes".into(), json!(self.exhibits.notes));
        }
        Ok(bundle
            .with("report.html", html.into_bytes())
            .with(REPORT, pretty(&json)?))
    }
}

fn sealed_parts(
    case: &Case,
    soft: &[SoftRows],
    stamp: Option<&Stamp>,
) -> Result<Bundle, BundleError> {
    Ok(Bundle::new(case, soft, stamp)?)
}

fn ledger_of(
    register: &dyn Register,
    proofs: &Proofs,
    head: Option<&HeadOnRecord>,
    key: &EvidenceKey,
) -> Result<Option<LedgerProof>, RegisterError> {
    let (Some(head), Some(at)) = (head, proofs.key_at(key)) else {
        return Ok(None);
    };
    let mut key_entry = None;
    register.walk_ledger(&mut |entry| {
        if entry.seq == at {
            key_entry = proofs.opened(&entry, head.head.size);
        }
        entry.seq < at
    })?;
    Ok(key_entry.map(|key_entry| LedgerProof {
        head: head.head.clone(),
        key_entry,
        stamp: head.stamp.as_ref().map(|stamp| stamp.facts.clone()),
    }))
}

fn soft_rows(evidence: &Evidence) -> SoftRows {
    let (epochs, values) = evidence.fingerprint();
    let rows = epochs.iter().zip(values.rows());
    SoftRows::of_rows(rows.map(|(epoch, row)| {
        let values: [f32; FINGERPRINT_POSITIONS] = std::array::from_fn(|at| row[at]);
        (*epoch, values)
    }))
}

fn pretty(value: &Value) -> Result<Vec<u8>, BundleError> {
    let mut json = serde_json::to_vec_pretty(value).map_err(BundleError::Json)?;
    json.push(b'\n');
    Ok(json)
}

/// Writes a sealed bundle whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, zip: &[u8]) -> Result<(), BundleError> {
    Ok(countermark_evidence::bundle::write(path, zip)?)
}
