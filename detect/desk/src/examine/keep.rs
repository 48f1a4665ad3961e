//! What an examination keeps beside its answer: the page, the frames that were compared, and, where somebody is accused, the proof bundle.
//!
//! ```text
//! <keep>/report.html, frames.json, N-clip.png, N-master.png, bundle.zip        mode 0600 in 0700, each whole or not at all
//! ```
//!
//! A bundle opens the keys of the accused deliveries, and no other.

use std::path::Path;

use countermark_catalogue::Vault;
use countermark_register::private_file::{self, Existing};
use countermark_report::{Answer, CaseFile, Circumstances, Subject, kept};
use countermark_trace::TraceError;
use countermark_trace::exhibits::Exhibits;
use countermark_trace::observer::{EvidenceKeeper, Observer};
use countermark_trace::result::ClipReport;
use serde_json::json;

use super::{Errand, Told, clean};
use crate::problem::full;

/// File name of a bundle.
pub(crate) const BUNDLE: &str = "bundle.zip";

fn subject(errand: &Errand) -> Subject<'_> {
    Subject {
        original: &errand.clip,
        examined: &errand.clip,
        name: &errand.name,
    }
}

fn circumstances(errand: &Errand) -> Circumstances {
    Circumstances::of_command(format!("the desk: {}", errand.kind))
}

fn write(errand: &Errand, name: &str, bytes: &[u8]) -> Result<(), String> {
    let folder: &Path = &errand.keep;
    let written = private_file::create_directory(folder)
        .and_then(|()| private_file::write(&folder.join(name), bytes, Existing::Replace));
    written.map_err(|error| error.kind().to_string())
}

/// Keeps the page and the frames of an answer.
pub(super) fn page(
    answer: &impl Answer,
    exhibits: &Exhibits,
    vault: &Vault,
    errand: &Errand,
) -> Result<(), String> {
    let accused = answer.statement().accused.iter();
    let ids: Vec<_> = accused.filter_map(|accused| accused.delivery).collect();
    let (vault, _) = vault.attested().map_err(|error| full(&error))?;
    let register = vault.register();
    let circumstances = circumstances(errand)
        .with_register(register)
        .and_then(|own| own.with_deliveries(register, &ids))
        .map_err(|error| full(&error))?;
    let files = kept(
        subject(errand),
        answer,
        exhibits,
        &circumstances,
        &errand.vault,
    );
    for (name, bytes) in files.map_err(|error| full(&error))? {
        write(errand, &name, &bytes)?;
    }
    Ok(())
}

/// A trace whose evidence is kept, for its bundle.
pub(super) struct Proving<'a> {
    pub(super) vault: &'a Vault,
    pub(super) errand: &'a Errand,
    pub(super) told: &'a Told,
}

impl Proving<'_> {
    /// Traces, and keeps a bundle where somebody is accused. A bundle that cannot be made does not cost the answer: it is noted.
    pub(super) fn traced(
        &self,
        observer: &dyn Observer,
        exhibits: Option<&mut Exhibits>,
        trace: impl FnOnce(&dyn Observer, Option<&mut Exhibits>) -> Result<ClipReport, TraceError>,
    ) -> Result<ClipReport, TraceError> {
        let keeper = EvidenceKeeper::new(observer);
        let mut own = Exhibits::default();
        let collected = exhibits.unwrap_or(&mut own);
        let report = trace(&keeper, Some(&mut *collected))?;
        match self.bundle(&report, collected, &keeper) {
            Ok(true) => self.told.line(&json!({"bundle": true})),
            Ok(false) => (),
            Err(error) => {
                let why = clean(&error, self.errand);
                self.told
                    .line(&json!({"note": format!("no bundle is kept: {why}")}));
            }
        }
        Ok(report)
    }

    fn bundle(
        &self,
        report: &ClipReport,
        exhibits: &Exhibits,
        evidence: &EvidenceKeeper<'_>,
    ) -> Result<bool, String> {
        let errand = self.errand;
        let (vault, _) = self.vault.attested().map_err(|error| full(&error))?;
        let acquired = errand.acquired.to_string();
        let case = CaseFile {
            subject: subject(errand),
            report,
            exhibits,
            evidence,
            circumstances: &circumstances(errand),
            acquired: Some(acquired.as_bytes()),
        };
        let made = case.bundle(vault.register());
        let Some(zip) = made.map_err(|error| full(&error))? else {
            return Ok(false);
        };
        write(errand, BUNDLE, &zip)?;
        Ok(true)
    }
}
