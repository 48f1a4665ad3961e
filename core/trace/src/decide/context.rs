//! A title and all that is needed to accuse its deliveries: its lattice, keys, records and reference.
//!
//! # Shapes and units
//! Times in seconds, scores with their bounds.

use std::cell::OnceCell;
use std::sync::Arc;

use countermark_catalogue::Vault;
use countermark_mark::evidence::Evidence;
use countermark_mark::lattice::LatticeGeometry;
use countermark_mark::{ChipPlan, FormatSpec};
use countermark_register::TitleRecord;

use crate::blind::tracker::SyncTracker;
use crate::cancel::Strangers;
use crate::decide::answer::Answer;
use crate::decide::registered::{Canceller, RegisteredEvidence};
use crate::decide::sighted::{Carried, Sighted};
use crate::decide::suspects::{Suspects, readings};
use crate::error::TraceError;
use crate::observer::{Audit, EvidencePart, Stage};
use crate::query::clip::ClipReader;
use crate::query::footage::Footage;
use crate::query::orientation::Pose;
use crate::query::view::{Shown, ViewHypotheses, ViewHypothesis};
use crate::reference::Reference;
use crate::registration::segment::Registration;
use crate::result::{Factors, Host};
use crate::task::Task;

/// A title under suspicion.
pub(crate) struct TitleContext<'a> {
    pub(crate) title: &'a TitleRecord,
    /// Of the deliveries that may be accused.
    pub(crate) format: FormatSpec,
    pub(crate) lattice: LatticeGeometry,
    pub(crate) plan: ChipPlan,
    pub(crate) suspects: Suspects,
    /// Where the clip shows it, once that was looked for; nothing where it shows nothing of it.
    pub(crate) registration: OnceCell<Option<Arc<Registration>>>,
    /// The spans of it that the clip may show.
    pub(crate) reference: Reference<'a>,
}

impl<'a> TitleContext<'a> {
    /// Looks up the title of a reference, with its deliveries of one format.
    ///
    /// # Errors
    /// When the vault cannot be read.
    pub(crate) fn open(
        vault: &Vault,
        title: &'a TitleRecord,
        format: FormatSpec,
        reference: Reference<'a>,
    ) -> Result<Self, TraceError> {
        let lattice = reference.lattice();
        Ok(Self {
            title,
            format,
            lattice,
            plan: ChipPlan::new(&vault.register().carrier_key(title.id), lattice, &format),
            suspects: Suspects::of_title(vault, title, &format)?,
            registration: OnceCell::new(),
            reference,
        })
    }

    /// Goes on with the deliveries of another format; where the clip shows the title stays known.
    ///
    /// # Errors
    /// When the vault cannot be read.
    pub(crate) fn follow(&mut self, vault: &Vault, format: FormatSpec) -> Result<(), TraceError> {
        let carrier = vault.register().carrier_key(self.title.id);
        self.plan = ChipPlan::new(&carrier, self.lattice, &format);
        self.suspects = Suspects::of_title(vault, self.title, &format)?;
        self.format = format;
        Ok(())
    }

    /// The ways in which the clip may show this title's master.
    ///
    /// # Errors
    /// When the clip cannot be opened.
    pub(crate) fn views(&self, clip: &Footage) -> Result<ViewHypotheses, TraceError> {
        let master = Pose {
            width: self.title.master.width,
            height: self.title.master.height,
            rotation_degrees: self.title.master.rotation_degrees,
        };
        let info = clip.info()?;
        let shown = Pose {
            width: info.width,
            height: info.height,
            rotation_degrees: info.rotation_degrees,
        };
        Ok(ViewHypotheses::new(master, shown).with_registration())
    }

    /// What this title comes to when the clip is looked at so, one among so many clips, titles and views. Frames that were not
    /// `sighted` are left out, where it is known which were.
    ///
    /// # Errors
    /// When the clip or the reference cannot be decoded.
    pub(crate) fn answer(
        &self,
        clip: &Footage,
        view: ViewHypothesis,
        among: Factors,
        sighted: Option<&Sighted>,
        task: &Task<'_>,
    ) -> Result<Answer, TraceError> {
        let registration = match &view.shown {
            Shown::Registered(registration) => Some(Arc::clone(registration)),
            Shown::Whole | Shown::Between(_) => None,
        };
        let mut reader = ClipReader::of(clip, self.lattice, task)?
            .seen_as(view.clone())
            .beside(&self.reference);
        let mut blind = SyncTracker::new(
            &self.plan,
            self.title.master.duration_seconds,
            &task.tuning().decision.blind,
        );
        let mut registered = RegisteredEvidence::default();
        let canceller = Canceller {
            plan: &self.plan,
            lattice: self.lattice,
            reference: &self.reference,
            strangers: if registration.is_some() || sighted.is_some() {
                Strangers::Foreign
            } else {
                Strangers::Unlike
            },
        };
        loop {
            let mut window = reader.next_window()?;
            if window.is_empty() {
                break;
            }
            if let Some(sighted) = sighted {
                window.retain(|frame| sighted.holds(frame.media_time));
            }
            let Some(first) = window.first() else {
                continue;
            };
            let segment = registration
                .as_ref()
                .and_then(|found| found.segment(first.media_time));
            if let Some((_, segment)) = segment {
                registered.push_segment(&canceller, &window, segment)?;
                continue;
            }
            registered.push(&canceller, &window)?;
            if registered.is_empty() {
                blind.push(&window);
            }
        }
        task.proceed()?;
        task.stage(Stage::Scoring, None);
        let mut answer = Answer {
            format: self.format,
            host: if registered.is_empty() {
                Host::Blind
            } else {
                Host::Reference
            },
            matches: registered.matches.clone(),
            accusations: Vec::new(),
            best: None,
            title_known: registered.title_known
                || registered
                    .is_known_by_chips(among, task.tuning().decision.evidence.title_log10_p),
            is_cut: registered.is_cut,
            offsets: registered.offsets + blind.offsets(),
            frames: reader.frames(),
            clip_seconds: reader.seconds(),
            inset: reader.inset(),
            explained: 0.0,
            view,
            part: None,
            closed: Vec::new(),
            carried: Carried {
                // Segments that are not certain gave no evidence.
                compared: registration.is_some() && !registered.carried.moments.is_empty(),
                ..registered.carried.clone()
            },
            withheld: Vec::new(),
        };
        self.decide(&registered, &blind, among, &mut answer, task)?;
        Ok(answer)
    }

    /// Both decisions on what was found, one among so many clips, titles and views.
    fn decide(
        &self,
        registered: &RegisteredEvidence,
        blind: &SyncTracker<'_>,
        among: Factors,
        answer: &mut Answer,
        task: &Task<'_>,
    ) -> Result<(), TraceError> {
        let audit = task.audit();
        // The closed and the open decision share one level.
        let tried = Factors {
            decisions: 2,
            ..among
        };
        if registered.is_empty() {
            let evidence = blind.evidence();
            for evidence in &evidence {
                show(audit, EvidencePart::Shift, evidence);
            }
            let tried = Factors {
                shifts: evidence.len() as u64,
                ..tried
            };
            self.suspects.accuse(&evidence, tried, answer, task)?;
        } else {
            let alone = registered.pieces.len() + registered.spares.len();
            show(audit, EvidencePart::Together, &registered.evidence);
            let tried = Factors {
                readings: readings(alone),
                ..tried
            };
            self.suspects
                .accuse(&[&registered.evidence], tried, answer, task)?;
            for (at, piece) in registered.pieces.iter().enumerate() {
                show(audit, EvidencePart::Match(at), piece);
            }
            for spare in &registered.spares {
                let part = EvidencePart::Alternative { of: spare.of };
                show(audit, part, &spare.evidence);
            }
            self.suspects
                .accuse_by_match(&registered.pieces, &registered.spares, tried, answer);
            if registered.doubtful.epochs() > 0 {
                show(audit, EvidencePart::Doubtful, &registered.doubtful);
                answer.withheld = self.suspects.would_accuse(&registered.doubtful, tried);
            }
        }
        Ok(())
    }
}

/// Hands evidence over to whoever audits.
fn show(audit: Option<&dyn Audit>, part: EvidencePart, evidence: &Evidence) {
    if let Some(audit) = audit {
        audit.evidence(part, evidence);
    }
}
