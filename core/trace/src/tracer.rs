//! What is asked of the library: a request for one clip, put to a tracer that knows the vault.
//!
//! ```text
//! Tracer (vault, titles, tuning)   -- identify, trace: Request, Observer -->  Identification, ClipReport
//! Reader (read keys, tuning)       -- read: clip, Observer              -->  ClipReport
//! ```
//!
//! Both are made once and used for any number of clips.

use std::path::Path;
use std::sync::Arc;

use countermark_catalogue::Vault;
use countermark_fingerprint::print::ClipPrint;
use countermark_register::{Attested, ReadKeyFile, TitleRecord};

use crate::clip_print::file::in_file;
use crate::clip_print::recognise::identify_print;
use crate::clip_print::shelf::Shelf;
use crate::credentials::credentials_of;
use crate::error::TraceError;
use crate::exhibits::Exhibits;
use crate::identify::identify_clip;
use crate::observer::Observer;
use crate::read::read_among;
use crate::register::{Named, tell};
use crate::request::Request;
use crate::result::{ClipReport, Factors, Identification};
use crate::task::Task;
use crate::trace::trace_clip;
use crate::tuning::Tuning;

/// Identifies and traces clips against the titles of a vault. Names are those of the register's ledger, whatever its tables say;
/// where the two differ about what an answer names, a note says so.
pub struct Tracer {
    vault: Vault,
    attested: Arc<Attested>,
    titles: Vec<TitleRecord>,
    tuning: Tuning,
    shelf: Shelf,
}

impl Tracer {
    /// Against all titles that the vault has now.
    ///
    /// # Errors
    /// [`TraceError::Register`] when the register cannot be read, or its ledger does not hold: then nobody can be named.
    pub fn new(vault: &Vault) -> Result<Self, TraceError> {
        let (vault, attested) = vault.attested()?;
        Ok(Self {
            titles: vault.register().titles()?,
            vault,
            attested,
            tuning: Tuning::default(),
            shelf: Shelf::default(),
        })
    }

    /// With other values than the product's.
    #[must_use]
    pub fn with_tuning(mut self, tuning: Tuning) -> Self {
        self.tuning = tuning;
        self
    }

    /// The titles that clips are held against, in the register's order.
    #[must_use]
    pub fn titles(&self) -> &[TitleRecord] {
        &self.titles
    }

    /// Names the titles of a clip and the seconds of them, by its pictures and its sound; the clip may be a print. Finding nothing is a
    /// result.
    ///
    /// # Errors
    /// When the clip or the vault cannot be read, or the observer asked to stop.
    pub fn identify(
        &self,
        request: &Request<'_>,
        observer: &dyn Observer,
    ) -> Result<Identification, TraceError> {
        self.identify_with_exhibits(request, observer, None)
    }

    /// As [`Self::identify`], and collects what a page shows beyond the answer. An exhibit that cannot be had is noted.
    ///
    /// # Errors
    /// As [`Self::identify`].
    pub fn identify_with_exhibits(
        &self,
        request: &Request<'_>,
        observer: &dyn Observer,
        exhibits: Option<&mut Exhibits>,
    ) -> Result<Identification, TraceError> {
        if let Some(print) = in_file(request.clip)? {
            let name = request.clip.display().to_string();
            return self.identify_print((&print, &name), request.listed, observer);
        }
        let task = Task::new(observer, &self.tuning);
        let titles = self.asked_for(request);
        identify_clip(request, &self.vault, &titles, &task, exhibits, |answer| {
            answer.credentials = credentials_of(request.clip, None, &self.attested, &task)?;
            let named = Named::of(&answer.identity, &[]);
            self.tell(&named, &titles, &task)?;
            task.identified(answer);
            Ok(())
        })
    }

    /// Names the titles of a print that is called `name` and the seconds of them, with the titles that come nearest, `listed` of them.
    /// What was looked at of references is kept for the next prints.
    ///
    /// # Errors
    /// When the vault cannot be read, or the observer asked to stop.
    pub fn identify_print(
        &self,
        (print, name): (&ClipPrint, &str),
        listed: usize,
        observer: &dyn Observer,
    ) -> Result<Identification, TraceError> {
        let task = Task::new(observer, &self.tuning);
        let vault = (&self.vault, &self.titles[..]);
        let identification = identify_print((print, name), vault, listed, &self.shelf, &task)?;
        let named = Named::of(&identification.identity, &[]);
        self.tell(&named, &self.titles, &task)?;
        task.identified(&identification);
        Ok(identification)
    }

    /// Names the deliveries that a clip carries the signal of. Finding nothing is a result.
    ///
    /// # Errors
    /// When the clip or the vault cannot be read, or the observer asked to stop.
    pub fn trace(
        &self,
        request: &Request<'_>,
        observer: &dyn Observer,
    ) -> Result<ClipReport, TraceError> {
        self.trace_with_exhibits(request, observer, None)
    }

    /// As [`Self::trace`], and collects what a page shows beyond the answer. An exhibit that cannot be had is noted.
    ///
    /// # Errors
    /// As [`Self::trace`].
    pub fn trace_with_exhibits(
        &self,
        request: &Request<'_>,
        observer: &dyn Observer,
        exhibits: Option<&mut Exhibits>,
    ) -> Result<ClipReport, TraceError> {
        refuse_print(request.clip)?;
        let task = Task::new(observer, &self.tuning);
        let titles = self.asked_for(request);
        trace_clip(request, &self.vault, &titles, &task, exhibits, |report| {
            let accused = Some(&report.deliveries[..]);
            report.credentials = credentials_of(request.clip, accused, &self.attested, &task)?;
            let named = report
                .identity
                .as_ref()
                .map(|identity| Named::of(identity, &report.deliveries));
            let named = named.unwrap_or_default();
            self.tell(&named, &titles, &task)?;
            task.traced(report);
            Ok(())
        })
    }

    /// Notes what is wrong with what the answer depends on.
    fn tell(
        &self,
        named: &Named,
        titles: &[TitleRecord],
        task: &Task<'_>,
    ) -> Result<(), TraceError> {
        tell(named, titles, &self.attested, self.vault.catalogue(), task)
    }

    fn asked_for(&self, request: &Request<'_>) -> Vec<TitleRecord> {
        let wanted =
            |title: &&TitleRecord| request.titles.is_none_or(|own| own.contains(&title.id));
        self.titles.iter().filter(wanted).cloned().collect()
    }
}

/// Reads payloads with keys alone: no vault, no reference.
#[derive(Clone)]
pub struct Reader<'k> {
    keys: &'k [ReadKeyFile],
    names_title: bool,
    case_clips: u64,
    tuning: Tuning,
}

impl<'k> Reader<'k> {
    /// With the key of one title: answers do not repeat which it is.
    #[must_use]
    pub fn of_title(key: &'k ReadKeyFile) -> Self {
        Self {
            keys: std::slice::from_ref(key),
            names_title: false,
            case_clips: 1,
            tuning: Tuning::default(),
        }
    }

    /// With the keys of any number of titles: answers name the title.
    #[must_use]
    pub fn of_titles(keys: &'k [ReadKeyFile]) -> Self {
        Self {
            keys,
            names_title: true,
            case_clips: 1,
            tuning: Tuning::default(),
        }
    }

    /// With other values than the product's.
    #[must_use]
    pub fn with_tuning(mut self, tuning: Tuning) -> Self {
        self.tuning = tuning;
        self
    }

    /// Each clip is one of so many of a case, see [`Request::case_clips`].
    #[must_use]
    pub fn in_case_of(mut self, clips: u64) -> Self {
        self.case_clips = clips.max(1);
        self
    }

    /// Reads the payload of one clip. Finding nothing is a result.
    ///
    /// # Errors
    /// When the clip cannot be read, a key is of a title that cannot have been marked, or the observer asked to stop.
    pub fn read(&self, clip: &Path, observer: &dyn Observer) -> Result<ClipReport, TraceError> {
        refuse_print(clip)?;
        let task = Task::new(observer, &self.tuning);
        let among = Factors {
            clips: self.case_clips,
            titles: self.keys.len() as u64,
            ..Factors::ONE
        };
        let report = read_among(clip, self.keys, among, &task)?;
        Ok(ClipReport {
            identity: report.identity.filter(|_| self.names_title),
            ..report
        })
    }
}

/// A print carries no mark.
fn refuse_print(clip: &Path) -> Result<(), TraceError> {
    match in_file(clip)? {
        Some(_) => Err(TraceError::PrintOnly {
            path: clip.to_path_buf(),
        }),
        None => Ok(()),
    }
}
