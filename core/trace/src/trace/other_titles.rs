//! Whether the mark answers under another title's keys: a copy of the right pictures that was marked under the wrong title's name.
//!
//! ```text
//! the clip shows A, no delivery of A answers -> titles B whose master A's may have been taken for
//! A's registration -> windows without their host -> chips of B's carrier key -> deliveries of B
//! log10 bound = log10(titles tried + titles asked) + other factors - t^2 / 2 log10 e,     told <=> below -9
//! ```
//!
//! It is told, and accuses nobody: whose delivery it is, is in the note. The work is bounded: so many titles are asked as far as the
//! first window, and of those the few go on whose synchronisation chips answer best. These are disjoint from the codes', so
//! that choice is free; all titles that are asked are counted.
//!
//! # Shapes and units
//! Times in seconds on the playback's clock.

use std::sync::Arc;

use countermark_catalogue::Vault;
use countermark_mark::{ChipPlan, FormatSpec};
use countermark_picture::QuarterTurn;
use countermark_register::{CopyFormats, DeliveryRecord, TitleRecord};

use crate::cancel::Strangers;
use crate::decide::registered::{Canceller, RegisteredEvidence};
use crate::decide::suspects::Suspects;
use crate::decide::unanswered::Unanswered;
use crate::error::TraceError;
use crate::observer::{EvidencePart, Note, Stage};
use crate::query::clip::ClipReader;
use crate::query::view::{Shown, ViewHypothesis};
use crate::reference::Reference;
use crate::result::Factors;

use super::Trace;

/// Titles that are asked, the nearest in length first.
const MAX_ASKED_TITLES: usize = 8;

/// Titles that are followed beyond the first window.
const MAX_FOLLOWED_TITLES: usize = 2;

/// How much longer or shorter, as a share, a master may be that is taken for another: what marking lets pass.
const MAX_LENGTH_DIFFERENCE: f64 = 0.01;

/// A title whose keys are asked.
struct Asked {
    title: TitleRecord,
    format: FormatSpec,
    plan: ChipPlan,
    found: RegisteredEvidence,
}

impl<'a> Trace<'a> {
    /// Remembers where a title is shown of which no delivery answers; of several the one that explains most.
    pub(super) fn unanswered(&mut self, other: Unanswered<'a>) {
        let explained = |it: &Unanswered<'_>| it.registration.explained();
        let known = self.unanswered.as_ref().map_or(0.0, explained);
        if explained(&other) > known {
            self.unanswered = Some(other);
        }
    }

    /// Looks whether the mark of another title answers where nobody is accused, and notes it.
    ///
    /// # Errors
    /// When the clip or the vault cannot be read, or the work is to end.
    pub(super) fn ask_other_titles(&mut self, vault: &Vault) -> Result<(), TraceError> {
        let Some(shown) = self.unanswered.take() else {
            return Ok(());
        };
        if !self.findings.together().accused.is_empty() {
            return Ok(());
        }
        let (titles, formats) = alike(vault, shown.title)?;
        if titles.is_empty() {
            return Ok(());
        }
        let spans = shown.spans.clone();
        let Ok(reference) = Reference::of_title(vault, shown.title, spans, self.task) else {
            // It was there a moment ago, and its loss is noted where it was missed.
            return self.task.proceed();
        };
        let lattice = reference.lattice();
        let mut asked: Vec<Asked> = titles
            .into_iter()
            .map(|(title, format)| Asked {
                plan: ChipPlan::new(&vault.register().carrier_key(title.id), lattice, &format),
                title,
                format,
                found: RegisteredEvidence::default(),
            })
            .collect();
        let tried = Factors {
            titles: shown.among.titles.max(self.among.titles) + asked.len() as u64,
            formats: shown.among.formats.max(formats),
            decisions: 2,
            ..shown.among
        };
        self.listen(&shown, &reference, &mut asked)?;
        self.task.stage(Stage::Scoring, None);
        for asked in asked {
            self.task.proceed()?;
            let evidence = &asked.found.evidence;
            if evidence.epochs() == 0 {
                continue;
            }
            if let Some(audit) = self.task.audit() {
                audit.evidence(EvidencePart::OtherTitle, evidence);
            }
            let suspects = Suspects::of_title(vault, &asked.title, &asked.format)?;
            for answers in suspects.would_accuse(evidence, tried) {
                self.task.note(&Note::MarkedAsOther {
                    title: shown.title.name.clone(),
                    other: asked.title.name.clone(),
                    payload: answers.payload,
                    log10_p: answers.bound.log10(),
                    titles: tried.titles,
                });
            }
        }
        Ok(())
    }

    /// Takes the clip in as each title that is asked would have marked it.
    fn listen(
        &self,
        shown: &Unanswered<'_>,
        reference: &Reference<'_>,
        asked: &mut Vec<Asked>,
    ) -> Result<(), TraceError> {
        let lattice = reference.lattice();
        let view = ViewHypothesis {
            turn: QuarterTurn::None,
            shown: Shown::Registered(Arc::clone(&shown.registration)),
            playback: shown.playback,
        };
        let mut reader = ClipReader::of(self.clip, lattice, self.task)?
            .seen_as(view)
            .beside(reference);
        loop {
            let window = reader.next_window()?;
            let Some(first) = window.first() else {
                break;
            };
            let Some((_, segment)) = shown.registration.segment(first.media_time) else {
                continue;
            };
            for asked in &mut *asked {
                self.task.proceed()?;
                let canceller = Canceller {
                    plan: &asked.plan,
                    lattice,
                    reference,
                    strangers: Strangers::Foreign,
                };
                asked.found.push_segment(&canceller, &window, segment)?;
            }
            if asked.iter().any(|asked| !asked.found.is_empty()) {
                let by_chips =
                    |a: &Asked, b: &Asked| a.found.sync_log10_p.total_cmp(&b.found.sync_log10_p);
                asked.sort_by(by_chips);
                asked.truncate(MAX_FOLLOWED_TITLES);
            }
        }
        asked.truncate(MAX_FOLLOWED_TITLES);
        Ok(())
    }
}

/// The titles, each in each format of its copies, whose master that of a title may have been taken for, the nearest in length
/// first; and the most formats of one.
fn alike(
    vault: &Vault,
    shown: &TitleRecord,
) -> Result<(Vec<(TitleRecord, FormatSpec)>, u64), TraceError> {
    let size = |title: &TitleRecord| (title.master.width, title.master.height);
    let differ =
        |title: &TitleRecord| (title.master.duration_seconds - shown.master.duration_seconds).abs();
    let mut titles = vault.register().titles()?;
    titles.retain(|title| {
        title.id != shown.id
            && size(title) == size(shown)
            && differ(title) <= MAX_LENGTH_DIFFERENCE * title.master.duration_seconds
    });
    titles.sort_by(|a, b| differ(a).total_cmp(&differ(b)));
    let (mut found, mut most) = (Vec::new(), 1);
    for title in titles {
        let deliveries = vault.register().deliveries(Some(title.id))?;
        if !deliveries.iter().any(DeliveryRecord::may_exist) {
            continue;
        }
        let formats = CopyFormats::of_title(vault.register(), title.id)?.known;
        most = most.max(formats.len() as u64);
        found.extend(formats.into_iter().map(|format| (title.clone(), format)));
        if found.len() >= MAX_ASKED_TITLES {
            break;
        }
    }
    found.truncate(MAX_ASKED_TITLES);
    Ok((found, most))
}
