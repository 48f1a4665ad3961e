//! `trace --bundle`: the proof bundle of the one clip that is traced; `verify`: its verification.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use countermark_console::clips::Clips;
use countermark_console::night::Night;
use countermark_console::{ClipProgress, Exit, Printer};
use countermark_evidence::archive;
use countermark_evidence::verify::{Beside, verify_files};
use countermark_register::Register;
use countermark_report::json::Document;
use countermark_report::{CaseFile, Circumstances, Subject, bundle};
use countermark_trace::Observer;
use countermark_trace::exhibits::Exhibits;
use countermark_trace::observer::{EvidenceKeeper, Recorder};
use countermark_trace::result::ClipReport;

use crate::args::Proof;
use crate::stamping;

/// A bundle that is asked for.
pub struct Bundling {
    to: PathBuf,
    original: PathBuf,
    acquired: Option<Vec<u8>>,
    with_records: bool,
    stamp_request: Option<PathBuf>,
    #[cfg(feature = "age")]
    recipient: Option<bundle::Recipient>,
    circumstances: Circumstances,
    /// What became of it: an answer is told first, whatever becomes of its bundle.
    became: RefCell<Option<anyhow::Result<bool>>>,
}

impl Bundling {
    /// As the command line asks for it.
    ///
    /// # Errors
    /// When several clips are named, or what says how it was acquired cannot be read.
    pub fn new(proof: &Proof, clips: &Clips, night: &Night<'_>) -> anyhow::Result<Option<Self>> {
        let Some(to) = &proof.bundle else {
            return Ok(None);
        };
        anyhow::ensure!(
            night.clips() == 1,
            "a bundle is about one clip, and {} are named: trace each by itself, and count them with --case-clips",
            night.clips()
        );
        let acquired = proof
            .acquired
            .as_ref()
            .map(|path| fs::read(path).with_context(|| format!("cannot read {}", path.display())));
        Ok(Some(Self {
            to: to.clone(),
            original: clips.clips[0].clone(),
            acquired: acquired.transpose()?,
            with_records: proof.records,
            stamp_request: proof.stamp_request.clone(),
            #[cfg(feature = "age")]
            recipient: proof.recipient.clone(),
            circumstances: night.circumstances().clone(),
            became: RefCell::new(None),
        }))
    }

    /// Traces a clip, and writes its bundle.
    ///
    /// # Errors
    /// Those of `trace`.
    pub fn around(
        &self,
        clip: &Path,
        register: &dyn Register,
        observer: &dyn Observer,
        exhibits: Option<&mut Exhibits>,
        trace: impl FnOnce(&dyn Observer, Option<&mut Exhibits>) -> anyhow::Result<ClipReport>,
    ) -> anyhow::Result<ClipReport> {
        let recorder = Recorder::new(observer);
        let keeper = EvidenceKeeper::new(&recorder);
        let mut own = Exhibits::default();
        let collected = exhibits.unwrap_or(&mut own);
        let report = trace(&keeper, Some(collected))?;
        let original = if self.original.is_file() {
            &self.original
        } else {
            clip
        };
        let name = original.file_name().unwrap_or_default().to_string_lossy();
        let case = CaseFile {
            subject: Subject {
                original,
                examined: clip,
                name: &name,
            },
            report: &report,
            exhibits: collected,
            evidence: &keeper,
            circumstances: &self.circumstances,
            acquired: self.acquired.as_deref(),
        };
        *self.became.borrow_mut() = Some(self.write(&case, register));
        Ok(report)
    }

    /// Writes the bundle; false where nobody is accused.
    fn write(&self, case: &CaseFile<'_>, register: &dyn Register) -> anyhow::Result<bool> {
        let zip = if self.with_records {
            case.bundle_with_records(register)?
        } else {
            case.bundle(register)?
        };
        let Some(zip) = zip else {
            return Ok(false);
        };
        if let Some(path) = &self.stamp_request {
            stamping::write_request(&zip, path)?;
        }
        #[cfg(feature = "age")]
        let zip = match &self.recipient {
            Some(recipient) => recipient.encrypt(&zip)?,
            None => zip,
        };
        bundle::write(&self.to, &zip)?;
        Ok(true)
    }

    /// Says what became of the bundle: one that could not be written is an error.
    #[must_use]
    pub fn told(self, exit: Exit, printer: Printer) -> Exit {
        match self.became.into_inner() {
            Some(Ok(true)) => {
                let place = self.to.display();
                printer.warning(&format!(
                    "{place} opens the keys of the accused deliveries: hand it to those who are to check it, and to nobody else"
                ));
                exit
            }
            Some(Ok(false)) => {
                printer.warning(
                    "no bundle was written: nobody is accused, so there is nothing to prove",
                );
                exit
            }
            Some(Err(error)) => {
                printer.error(&error.context("no bundle"));
                Exit::Failed
            }
            None => exit,
        }
    }
}

/// Verifies a bundle; with the clip and an expert package its soft values are computed again.
///
/// # Errors
/// When it is no bundle, or clip or package cannot be read.
pub fn verify(
    bundle: &Path,
    beside: Beside<'_>,
    expert: Option<&Path>,
    printer: Printer,
) -> anyhow::Result<Exit> {
    let files = archive::open(bundle)?;
    let mut found = verify_files(&files, beside)?;
    if let (Some(clip), Some(package)) = (beside.clip, expert) {
        let progress = ClipProgress::new(printer, clip.display().to_string(), None);
        let links = bundle::recompute(&files, clip, package, &progress);
        progress.finish();
        found.links.extend(links?);
    }
    printer.result(&Document::new(&found), &found)?;
    Ok(if found.holds() {
        Exit::Done
    } else {
        Exit::Nothing
    })
}
