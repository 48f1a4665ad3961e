//! A title and all that is needed to accuse its deliveries: its lattice, keys, records and reference.
//!
//! # Shapes and units
//! Times in seconds, scores as `log10_p`.

use std::path::Path;
use std::sync::Arc;

use countermark_mark::bound::{Hypotheses, NormalisedScore};
use countermark_mark::chips::ChipPlan;
use countermark_mark::code::polar::ListDecoder;
use countermark_mark::evidence::{ACCUSATION_LOG10_P, Evidence, LIST, open_hypotheses};
use countermark_mark::key::{DeliveryKey, ScopedPayloadKey};
use countermark_mark::lattice::LatticeGeometry;
use countermark_mark::payload::Payload;
use countermark_register::{DeliveryRecord, DistributorRecord, TitleRecord, Vault};

use crate::blind::BlindTrail;
use crate::clip::ClipReader;
use crate::error::TraceError;
use crate::observer::{Audit, EvidencePart, Note, Observer, Stage};
use crate::output::{Accusation, Decision, Host, Match};
use crate::reference::Reference;
use crate::turn::Pose;
use crate::view::{Inset, Shown, View, Views};

use super::standings::Closed;
use super::trail::{RegisteredTrail, Spare};

/// A title under suspicion.
pub(super) struct Case<'a> {
    pub(super) title: &'a TitleRecord,
    pub(super) lattice: LatticeGeometry,
    pub(super) plan: ChipPlan,
    pub(super) distributors: Vec<DistributorRecord>,
    pub(super) keys: Vec<ScopedPayloadKey>,
    pub(super) deliveries: Vec<DeliveryRecord>,
    delivery_keys: Vec<DeliveryKey>,
    /// The spans of it that the clip may show.
    pub(super) reference: Reference<'a>,
}

/// What a title came to.
pub(super) struct Answer {
    pub(super) host: Host,
    pub(super) matches: Vec<Match>,
    pub(super) accusations: Vec<Accusation>,
    pub(super) best_log10_p: Option<f64>,
    pub(super) title_known: bool,
    /// Whether the clip seems to be cut together from more pieces than its matches say.
    pub(super) is_cut: bool,
    pub(super) offsets: u64,
    pub(super) frames: u64,
    pub(super) clip_seconds: f64,
    pub(super) inset: Option<Inset>,
    /// How the clip was looked at.
    pub(super) view: View,
    /// How each delivery on record fared in the closed decision.
    pub(super) closed: Vec<Closed>,
}

impl Answer {
    /// Takes the accusations back: the mark answers, but the pictures are not the title's.
    pub(super) fn withhold(&mut self, title: &str, observer: &dyn Observer) {
        // Both decisions may have named the copy: the more certain one comes first.
        if let Some(accused) = self.accusations.first() {
            observer.note(&Note::Withheld {
                payload: accused.payload,
                log10_p: accused.log10_p,
                title: title.to_owned(),
            });
        }
        self.accusations.clear();
        self.title_known = false;
    }

    pub(super) fn is_stronger_than(&self, other: &Self) -> bool {
        let rank = |answer: &Self| {
            (
                !answer.accusations.is_empty(),
                answer.title_known,
                -answer.best_log10_p.unwrap_or(0.0),
            )
        };
        rank(self) > rank(other)
    }
}

impl<'a> Case<'a> {
    /// Looks up the title of a reference.
    ///
    /// # Errors
    /// When the vault cannot be read.
    pub(super) fn open(
        vault: &Vault,
        title: &'a TitleRecord,
        reference: Reference<'a>,
    ) -> Result<Self, TraceError> {
        let lattice = reference.lattice();
        let distributors = vault.distributors()?;
        let keys: Vec<_> = distributors
            .iter()
            .map(|d| vault.scoped_payload_key(d.id, title))
            .collect();
        let mut deliveries = vault.deliveries(Some(title))?;
        deliveries.retain(DeliveryRecord::may_exist);
        let delivery_keys = deliveries
            .iter()
            .map(|d| {
                vault
                    .scoped_payload_key(d.distributor_id, title)
                    .delivery(d.payload)
            })
            .collect();
        let plan = ChipPlan::new(&vault.carrier_key(title), lattice);
        Ok(Self {
            title,
            lattice,
            plan,
            distributors,
            keys,
            deliveries,
            delivery_keys,
            reference,
        })
    }

    /// The ways in which the clip may show this title's master.
    ///
    /// # Errors
    /// When the clip cannot be opened.
    pub(super) fn views(&self, clip: &Path, observer: &dyn Observer) -> Result<Views, TraceError> {
        let master = Pose {
            width: self.title.master.width,
            height: self.title.master.height,
            rotation_degrees: self.title.master.rotation_degrees,
        };
        let reader = ClipReader::open(clip, self.lattice, observer)?;
        Ok(Views::new(master, reader.pose()).with_registration())
    }

    /// What this title comes to when the clip is looked at so; `choices` counts titles and views.
    ///
    /// # Errors
    /// When the clip or the reference cannot be decoded.
    pub(super) fn answer(
        &self,
        clip: &Path,
        view: View,
        choices: usize,
        observer: &dyn Observer,
    ) -> Result<Answer, TraceError> {
        let registration = match &view.shown {
            Shown::Registered(registration) => Some(Arc::clone(registration)),
            Shown::Whole | Shown::Between(_) => None,
        };
        let mut reader = ClipReader::open(clip, self.lattice, observer)?
            .seen_as(view.clone())
            .beside(&self.reference);
        let mut blind =
            BlindTrail::new(&self.plan, self.lattice, self.title.master.duration_seconds);
        let mut registered = RegisteredTrail::default();
        loop {
            let window = reader.next_window()?;
            let Some(first) = window.first() else {
                break;
            };
            let segment = registration
                .as_ref()
                .and_then(|found| found.segment(first.media_time));
            if let Some((_, segment)) = segment {
                registered.push_segment(self, &window, segment)?;
                continue;
            }
            registered.push(self, &window)?;
            if registered.is_empty() {
                blind.push(&window);
            }
        }
        observer.proceed()?;
        observer.stage(Stage::Scoring, None);
        let audit = observer.audit();
        let mut answer = Answer {
            host: if registered.is_empty() {
                Host::Blind
            } else {
                Host::Reference
            },
            matches: registered.matches.clone(),
            accusations: Vec::new(),
            best_log10_p: None,
            title_known: registered.title_known,
            is_cut: registered.is_cut,
            offsets: registered.offsets + blind.offsets(),
            frames: reader.frames(),
            clip_seconds: reader.seconds(),
            inset: reader.inset(),
            view,
            closed: Vec::new(),
        };
        let tried = Hypotheses::ONE.times(choices as u64);
        if registered.is_empty() {
            let (evidence, choices) = blind.evidence();
            for evidence in &evidence {
                show(audit, EvidencePart::Shift, evidence);
            }
            self.accuse(&evidence, tried.and(choices), &mut answer, observer)?;
        } else {
            let alone = registered.pieces.len() + registered.spares.len();
            show(audit, EvidencePart::Together, &registered.evidence);
            let tried = tried.times(readings(alone));
            self.accuse(&[&registered.evidence], tried, &mut answer, observer)?;
            for (at, piece) in registered.pieces.iter().enumerate() {
                show(audit, EvidencePart::Match(at), piece);
            }
            for spare in &registered.spares {
                let part = EvidencePart::Alternative { of: spare.of };
                show(audit, part, &spare.evidence);
            }
            self.accuse_by_match(&registered.pieces, &registered.spares, tried, &mut answer);
        }
        Ok(answer)
    }

    /// Both decisions on each hypothesis of the evidence; `tried` counts the hypotheses.
    ///
    /// # Errors
    /// When the work is to end.
    fn accuse(
        &self,
        evidence: &[&Evidence],
        tried: Hypotheses,
        answer: &mut Answer,
        observer: &dyn Observer,
    ) -> Result<(), TraceError> {
        let closed = tried.times(self.deliveries.len() as u64);
        let open = tried.and(open_hypotheses(self.keys.len(), 1));
        // Not from 0 on: a page shows the innocent below it too.
        let lowest = if evidence.is_empty() { 0.0 } else { f64::MIN };
        let mut best: Vec<NormalisedScore> =
            vec![NormalisedScore::new(lowest, 1.0); self.deliveries.len()];
        let mut decoder = ListDecoder::new(LIST);
        let mut decoded = Vec::new();
        for evidence in evidence {
            for (best, score) in best.iter_mut().zip(evidence.scores(&self.delivery_keys)) {
                if score > *best {
                    *best = score;
                }
            }
            for (distributor, key) in self.distributors.iter().zip(&self.keys) {
                observer.proceed()?;
                decoded.extend(
                    evidence
                        .decode(key, &mut decoder)
                        .map(|found| (distributor, found)),
                );
            }
        }
        let mut note = |log10_p: f64| {
            answer.best_log10_p = Some(
                answer
                    .best_log10_p
                    .map_or(log10_p, |best| best.min(log10_p)),
            );
            log10_p < ACCUSATION_LOG10_P
        };
        for (delivery, score) in self.deliveries.iter().zip(best) {
            let log10_p = score.log10_p(closed);
            answer.closed.push(Closed {
                score,
                tried: closed,
            });
            if note(log10_p) {
                answer
                    .accusations
                    .push(on_record(delivery, log10_p, Decision::Closed));
            }
        }
        for (distributor, found) in decoded {
            let log10_p = found.score.log10_p(open);
            if !note(log10_p) {
                continue;
            }
            let recorded = self
                .deliveries
                .iter()
                .find(|d| d.payload == found.payload && d.distributor_id == distributor.id);
            let named = match recorded {
                Some(delivery) => on_record(delivery, log10_p, Decision::Open),
                None => Accusation {
                    delivery: None,
                    payload: found.payload,
                    distributor: distributor.name.clone(),
                    licensee: None,
                    log10_p,
                    path: Decision::Open,
                },
            };
            let known = answer
                .accusations
                .iter()
                .any(|other| other.payload == named.payload && other.path == Decision::Open);
            if !known {
                answer.accusations.push(named);
            }
        }
        answer
            .accusations
            .sort_by(|a, b| a.log10_p.total_cmp(&b.log10_p));
        answer.title_known |= !answer.accusations.is_empty();
        Ok(())
    }
}

impl Case<'_> {
    /// Scores the deliveries on each match alone: copies may have been spliced, and a match may prove which one it is of.
    /// So may it along another line of time. `tried` counts the matches and the lines too.
    fn accuse_by_match(
        &self,
        pieces: &[Evidence],
        spares: &[Spare],
        tried: Hypotheses,
        answer: &mut Answer,
    ) {
        let tried = tried.times(self.deliveries.len() as u64);
        for (at, piece) in pieces.iter().enumerate() {
            let named = self.accuse_alone(piece, tried, answer);
            if let Some(found) = answer.matches.get_mut(at) {
                found.payloads = named;
            }
        }
        for spare in spares {
            let named = self.accuse_alone(&spare.evidence, tried, answer);
            let Some(found) = answer.matches.get_mut(spare.of) else {
                continue;
            };
            if found.payloads.is_empty() && !named.is_empty() {
                *found = spare.instead.clone();
                found.payloads = named;
            }
        }
    }

    /// The payloads of the deliveries that one piece of evidence alone accuses.
    fn accuse_alone(
        &self,
        evidence: &Evidence,
        tried: Hypotheses,
        answer: &mut Answer,
    ) -> Vec<Payload> {
        let mut named = Vec::new();
        let scores = evidence.scores(&self.delivery_keys);
        for ((delivery, score), closed) in
            self.deliveries.iter().zip(scores).zip(&mut answer.closed)
        {
            let log10_p = score.log10_p(tried);
            let lowest = answer.best_log10_p.map_or(log10_p, |p| p.min(log10_p));
            answer.best_log10_p = Some(lowest);
            if log10_p < closed.log10_p() {
                *closed = Closed { score, tried };
            }
            if log10_p >= ACCUSATION_LOG10_P {
                continue;
            }
            let payload = delivery.payload;
            let known = answer.accusations.iter().any(|a| a.payload == payload);
            if !known {
                answer
                    .accusations
                    .push(on_record(delivery, log10_p, Decision::Closed));
            }
            named.push(payload);
        }
        named
    }
}

/// Evidence that is scored: all matches together, and each alone, along other lines of time too, where there are several.
/// Each is a hypothesis.
fn readings(matches: usize) -> u64 {
    match matches {
        0 | 1 => 1,
        several => several as u64 + 1,
    }
}

/// Hands evidence over to whoever audits.
fn show(audit: Option<&dyn Audit>, part: EvidencePart, evidence: &Evidence) {
    if let Some(audit) = audit {
        audit.evidence(part, evidence);
    }
}

/// The accusation of a delivery on record.
pub(super) fn on_record(delivery: &DeliveryRecord, log10_p: f64, path: Decision) -> Accusation {
    Accusation {
        delivery: Some(delivery.id),
        payload: delivery.payload,
        distributor: delivery.distributor.clone(),
        licensee: delivery.licensee.clone(),
        log10_p,
        path,
    }
}

#[cfg(test)]
mod tests {
    use super::readings;

    #[test]
    fn the_whole_clip_and_each_of_several_matches_are_hypotheses() {
        assert_eq!([0, 1, 2, 10].map(readings), [1, 1, 3, 11]);
    }
}
