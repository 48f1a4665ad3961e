//! What the examination of one title came to.
//!
//! # Shapes and units
//! Times in seconds, scores with their bounds.

use countermark_mark::FormatSpec;
use countermark_register::{Day, DeliveryRecord, DistributorRecord};

use crate::decide::sighted::{Carried, Sighted};
use crate::query::view::{Inset, ViewHypothesis};
use crate::registration::segment::Registration;
use crate::registration::temporal::line::TimeMap;
use crate::result::{Accusation, Bound, Decision, Host, LicenceStanding, Match};
use crate::tuning::Tuning;

/// What a title came to.
pub(crate) struct Answer {
    /// Of the deliveries that were scored.
    pub(crate) format: FormatSpec,
    pub(crate) host: Host,
    pub(crate) matches: Vec<Match>,
    pub(crate) accusations: Vec<Accusation>,
    /// The bound that comes nearest to an accusation.
    pub(crate) best: Option<Bound>,
    pub(crate) title_known: bool,
    /// Whether the clip seems to be cut together from more pieces than its matches say.
    pub(crate) is_cut: bool,
    pub(crate) offsets: u64,
    pub(crate) frames: u64,
    pub(crate) clip_seconds: f64,
    pub(crate) inset: Option<Inset>,
    /// Seconds of the clip that registration explains, each as far as it is like the title, where it was asked.
    pub(crate) explained: f64,
    /// How the clip was looked at.
    pub(crate) view: ViewHypothesis,
    /// Which part of the picture; none for all of it.
    pub(crate) part: Option<usize>,
    /// How each delivery on record fared in the closed decision: of several bounds the one that came nearest to an accusation.
    pub(crate) closed: Vec<Bound>,
    /// The frames that are the evidence; of the blind path none is known.
    pub(crate) carried: Carried,
    /// Who would be accused if the pictures did not matter.
    pub(crate) withheld: Vec<Accusation>,
}

impl Answer {
    /// Whether all frames that are evidence were laid beside the title's and are among those that certainly show it.
    pub(crate) fn is_sighted(&self, sighted: &Sighted) -> bool {
        self.host == Host::Reference && self.carried.is_sighted(sighted)
    }

    /// Whether registration finds at other times what its matches show: then there are more pieces than these.
    pub(crate) fn is_bent(&self, found: &Registration, tuning: &Tuning) -> bool {
        let line = |found: &Match| {
            let speed = found.speed;
            let offset = found.reference[0] - speed * found.query[0];
            (found.query, TimeMap { offset, speed })
        };
        let lines: Vec<([f64; 2], TimeMap)> = self.matches.iter().map(line).collect();
        found.contradicts(&lines, tuning.registration.locate.alternative_seconds)
    }

    /// Takes the accusations back: the mark answers, but the pictures are not the title's. No score of such evidence is
    /// kept.
    pub(crate) fn withhold(&mut self) {
        self.withheld.append(&mut self.accusations);
        self.title_known = false;
        self.best = None;
        self.closed.clear();
        self.carried = Carried::default();
    }

    /// Leads what was found on the clock of the view's playback back to the clip's.
    pub(crate) fn put_on_the_clip(&mut self) {
        let playback = self.view.playback;
        let matches = std::mem::take(&mut self.matches).into_iter();
        self.matches = matches.map(|found| playback.of_clip(found)).collect();
        self.carried.put_on_the_clip(playback);
    }

    /// Remembers a bound, and says whether it accuses.
    pub(crate) fn note(&mut self, bound: Bound) -> bool {
        self.best = Some(self.best.map_or(bound, |best| best.nearer(bound)));
        bound.accuses()
    }

    pub(crate) fn is_stronger_than(&self, other: &Self) -> bool {
        let rank = |answer: &Self| {
            (
                !answer.accusations.is_empty(),
                answer.title_known,
                -answer.best.map_or(0.0, |best| best.log10()),
            )
        };
        rank(self) > rank(other)
    }
}

/// The accusation of a delivery on record.
pub(crate) fn on_record(delivery: &DeliveryRecord, bound: Bound, path: Decision) -> Accusation {
    Accusation {
        delivery: Some(delivery.id),
        payload: delivery.payload,
        distributor: delivery.distributor.clone(),
        distributor_id: Some(delivery.distributor_id),
        licensee: delivery.licensee.clone(),
        licence: LicenceStanding::of(delivery, Day::today()),
        bound,
        path,
        decoded: path == Decision::Open,
        share: 1.0,
    }
}

/// An accusation by keys alone, with the delivery on record that it is of. Keys know names alone.
pub(crate) fn recorded(
    read: Accusation,
    deliveries: &[DeliveryRecord],
    distributors: &[DistributorRecord],
) -> Accusation {
    let same = |d: &&DeliveryRecord| d.payload == read.payload && d.distributor == read.distributor;
    match deliveries.iter().find(same) {
        Some(delivery) => on_record(delivery, read.bound, read.path),
        None => Accusation {
            distributor_id: distributors
                .iter()
                .find(|known| known.name == read.distributor)
                .map(|known| known.id),
            ..read
        },
    }
}
