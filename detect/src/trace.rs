//! Tracing with the vault: the host cancelled with the reference, both decisions.
//!
//! ```text
//! window -> offsets of the title's reference -> residual -> soft values -> shift by synchronisation chips -> evidence
//! no delivery named: probes -> registration -> window through its maps -> residual -> ...           the same from there
//! evidence -> closed: every delivery on record    -> open: every distributor's key
//! ```
//!
//! When no title's reference matches, the blind path answers, and the report says so. What it finds is an accusation only
//! if the clip's pictures are sighted in the title: a mark that was lifted off a copy and laid over other pictures tells
//! whose copy was used, but not that it leaked.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use countermark_mark::bound::{Hypotheses, NormalisedScore};
use countermark_mark::chips::ChipPlan;
use countermark_mark::code::polar::ListDecoder;
use countermark_mark::evidence::{ACCUSATION_LOG10_P, Evidence, LIST, open_hypotheses};
use countermark_mark::key::{DeliveryKey, ScopedPayloadKey};
use countermark_mark::lattice::LatticeGeometry;
use countermark_vault::{DeliveryRecord, DistributorRecord, TitleRecord, Vault};

use crate::blind::BlindTrail;
use crate::clip::ClipReader;
use crate::observer::Observer;
use crate::output::{Accusation, ClipReport, Decision, Host, Identity, Match, Tried, Verdict};
use crate::reference::Reference;
use crate::registration::{Landmarks, Probes, Registration, locate};
use crate::turn::{Pose, Turn};
use crate::view::{Inset, Shown, View, Views};

mod trail;

use trail::RegisteredTrail;

/// A title and all that is needed to accuse its deliveries.
struct Case<'a> {
    title: &'a TitleRecord,
    lattice: LatticeGeometry,
    plan: ChipPlan,
    distributors: Vec<DistributorRecord>,
    keys: Vec<ScopedPayloadKey>,
    deliveries: Vec<DeliveryRecord>,
    delivery_keys: Vec<DeliveryKey>,
    reference: Reference,
}

/// What a title came to.
struct Answer {
    host: Host,
    matches: Vec<Match>,
    accusations: Vec<Accusation>,
    best_log10_p: Option<f64>,
    title_known: bool,
    offsets: u64,
    frames: u64,
    clip_seconds: f64,
    inset: Option<Inset>,
}

/// Names the deliveries that one clip leaked from, among those of `titles`.
///
/// # Errors
/// When the clip cannot be read. Finding nothing is a result.
pub fn trace_clip(
    clip: &Path,
    vault: &Vault,
    titles: &[TitleRecord],
    observer: &dyn Observer,
) -> anyhow::Result<ClipReport> {
    let begun = Instant::now();
    let mut search = Search {
        clip,
        choices: titles.len(),
        observer,
        best: None,
        offsets: 0,
        probes: None,
    };
    let (mut keys, mut deliveries) = (0, 0);
    let mut geometries = 1;
    for (place, title) in titles.iter().enumerate() {
        let case = Case::open(vault, title)?;
        keys += case.keys.len() as u64;
        deliveries += case.deliveries.len() as u64;
        let views = case.views(clip, observer)?;
        geometries = geometries.max(views.possible() as u64);
        search.upright(place, &case, views)?;
    }
    if !search.is_answered() {
        for (place, title) in titles.iter().enumerate() {
            search.registered(place, &Case::open(vault, title)?)?;
        }
    }
    let Search { best, offsets, .. } = search;
    let (place, answer) = best.context("no title to try")?;
    let verdict = match (answer.accusations.is_empty(), answer.title_known) {
        (false, _) => Verdict::Traced,
        (true, true) => Verdict::TitleOnly,
        (true, false) => Verdict::NotFound,
    };
    let known = verdict != Verdict::NotFound;
    Ok(ClipReport {
        file: clip.display().to_string(),
        verdict,
        identity: Some(Identity {
            title: known.then(|| titles[place].name.clone()),
            matches: if known { answer.matches } else { Vec::new() },
        }),
        deliveries: answer.accusations,
        tried: Tried {
            host: answer.host,
            frames: answer.frames,
            clip_seconds: answer.clip_seconds,
            titles: titles.len() as u64,
            keys,
            deliveries,
            offsets,
            geometries,
            best_log10_p: answer.best_log10_p,
            threshold_log10_p: ACCUSATION_LOG10_P,
        },
        seconds: begun.elapsed().as_secs_f64(),
    })
}

/// The best answer over titles and views.
struct Search<'a> {
    clip: &'a Path,
    /// Titles.
    choices: usize,
    observer: &'a dyn Observer,
    /// With the title's place.
    best: Option<(usize, Answer)>,
    offsets: u64,
    /// Of the clip, when first needed.
    probes: Option<Probes>,
}

impl Search<'_> {
    /// Tries a title on the whole frame and on the picture between bars.
    fn upright(&mut self, place: usize, case: &Case<'_>, mut views: Views) -> anyhow::Result<()> {
        let choices = self.choices * views.possible();
        while let Some(view) = views.next() {
            let mut answer = case.answer(self.clip, view, choices, self.observer)?;
            views.offer(answer.inset);
            let unseen = answer.host == Host::Blind && !answer.accusations.is_empty();
            if unseen && !self.is_sighted(case)? {
                answer.withhold(&case.title.name, self.observer);
            }
            let named = !answer.accusations.is_empty();
            self.note(place, answer);
            if named {
                break;
            }
        }
        Ok(())
    }

    /// Tries a title on the clip as registration finds it.
    fn registered(&mut self, place: usize, case: &Case<'_>) -> anyhow::Result<()> {
        let Some(found) = self.registration(case)? else {
            return Ok(());
        };
        let choices = self.choices * case.views(self.clip, self.observer)?.possible();
        let view = View {
            turn: Turn::None,
            shown: Shown::Registered(Arc::new(found)),
        };
        let answer = case.answer(self.clip, view, choices, self.observer)?;
        self.note(place, answer);
        Ok(())
    }

    fn registration(&mut self, case: &Case<'_>) -> anyhow::Result<Option<Registration>> {
        let probes = match self.probes.take() {
            Some(probes) => probes,
            None => Probes::read(self.clip)?,
        };
        let landmarks = Landmarks::read(&case.reference)?;
        let found = locate(
            &probes,
            &case.reference,
            &landmarks,
            case.lattice,
            self.observer,
        );
        self.probes = Some(probes);
        found
    }

    /// Whether the clip's pictures are the title's.
    fn is_sighted(&mut self, case: &Case<'_>) -> anyhow::Result<bool> {
        let found = self.registration(case)?;
        Ok(found
            .zip(self.probes.as_ref())
            .is_some_and(|(found, probes)| found.is_certain(probes)))
    }

    fn is_answered(&self) -> bool {
        self.best
            .as_ref()
            .is_some_and(|(_, answer)| !answer.accusations.is_empty())
    }

    fn note(&mut self, place: usize, answer: Answer) {
        self.offsets += answer.offsets;
        let stronger = self
            .best
            .as_ref()
            .is_none_or(|(_, known)| answer.is_stronger_than(known));
        if stronger {
            self.best = Some((place, answer));
        }
    }
}

impl Answer {
    /// Takes the accusations back: the mark answers, but the pictures are not the title's.
    fn withhold(&mut self, title: &str, observer: &dyn Observer) {
        // Both decisions may have named the copy: the more certain one comes first.
        if let Some(accused) = self.accusations.first() {
            observer.note(&format!(
                "the mark of payload {} answers (log10 p = {:.2}), but the pictures are not those of {title:?}: it was \
                 lifted off that copy, or the clip is too damaged to be recognised; nobody is accused",
                accused.payload, accused.log10_p
            ));
        }
        self.accusations.clear();
        self.title_known = false;
    }

    fn is_stronger_than(&self, other: &Self) -> bool {
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
    fn open(vault: &Vault, title: &'a TitleRecord) -> anyhow::Result<Self> {
        let reference = Reference::of_title(vault, title)?;
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
    fn views(&self, clip: &Path, observer: &dyn Observer) -> anyhow::Result<Views> {
        let master = Pose {
            width: self.title.master.width,
            height: self.title.master.height,
            rotation_degrees: self.title.master.rotation_degrees,
        };
        let reader = ClipReader::open(clip, self.lattice, observer)?;
        Ok(Views::new(master, reader.pose()).with_registration())
    }

    /// What this title comes to when the clip is looked at so; `choices` counts titles and views.
    fn answer(
        &self,
        clip: &Path,
        view: View,
        choices: usize,
        observer: &dyn Observer,
    ) -> anyhow::Result<Answer> {
        let registration = match &view.shown {
            Shown::Registered(registration) => Some(Arc::clone(registration)),
            Shown::Whole | Shown::Between(_) => None,
        };
        let mut reader = ClipReader::open(clip, self.lattice, observer)?.seen_as(view);
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
        observer.stage("scoring", None);
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
            offsets: registered.offsets + blind.offsets(),
            frames: reader.frames(),
            clip_seconds: reader.seconds(),
            inset: reader.inset(),
        };
        let tried = Hypotheses::ONE.times(choices as u64);
        if registered.is_empty() {
            let (evidence, choices) = blind.evidence();
            for evidence in &evidence {
                observer.evidence(evidence);
            }
            self.accuse(&evidence, tried.and(choices), &mut answer);
        } else {
            observer.evidence(&registered.evidence);
            self.accuse(
                &[&registered.evidence],
                tried.times(registered.choices),
                &mut answer,
            );
        }
        Ok(answer)
    }

    /// Both decisions on each hypothesis of the evidence; `tried` counts the hypotheses.
    fn accuse(&self, evidence: &[&Evidence], tried: Hypotheses, answer: &mut Answer) {
        let closed = tried.times(self.deliveries.len() as u64);
        let open = tried.and(open_hypotheses(self.keys.len(), 1));
        let mut best: Vec<NormalisedScore> =
            vec![NormalisedScore::new(0.0, 1.0); self.deliveries.len()];
        let mut decoder = ListDecoder::new(LIST);
        let mut decoded = Vec::new();
        for evidence in evidence {
            for (best, score) in best.iter_mut().zip(evidence.scores(&self.delivery_keys)) {
                if score > *best {
                    *best = score;
                }
            }
            for (distributor, key) in self.distributors.iter().zip(&self.keys) {
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
            if note(log10_p) {
                answer
                    .accusations
                    .push(accusation(delivery, log10_p, Decision::Closed));
            }
        }
        for (distributor, found) in decoded {
            let log10_p = found.score.log10_p(open);
            if !note(log10_p) {
                continue;
            }
            let on_record = self
                .deliveries
                .iter()
                .find(|d| d.payload == found.payload && d.distributor_id == distributor.id);
            let named = match on_record {
                Some(delivery) => accusation(delivery, log10_p, Decision::Open),
                None => Accusation {
                    delivery: None,
                    payload: found.payload.to_string(),
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
    }
}

fn accusation(delivery: &DeliveryRecord, log10_p: f64, path: Decision) -> Accusation {
    Accusation {
        delivery: Some(delivery.id.to_string()),
        payload: delivery.payload.to_string(),
        distributor: delivery.distributor.clone(),
        licensee: delivery.licensee.clone(),
        log10_p,
        path,
    }
}
