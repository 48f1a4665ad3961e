//! The blind path: synchronise by keyed chips, then decode. Keys are all it needs.
//!
//! ```text
//! window -> residual against the moving average -> soft values -> best shifts -> evidence -> list decoding
//! ```
//!
//! The synchronisation chips choose the shift; they say nothing about a delivery's own signs, so the choice costs no
//! hypothesis. Every shift that is decoded does.

use std::ops::RangeInclusive;

use countermark_mark::ChipPlan;
use countermark_mark::Observation;
use countermark_mark::Residuals;
use countermark_mark::code::polar::ListDecoder;
use countermark_mark::evidence::{Evidence, Finding, LIST};
use countermark_mark::key::ScopedPayloadKey;
use countermark_mark::soft::{BINS_PER_EPOCH, SoftValues, Trust, bin_seconds};
use countermark_mark::sync::{Shift, search};

use crate::result::{Bound, Factors};
use crate::tuning::BlindTuning;

/// What the blind path knows of a clip so far.
pub struct SyncTracker<'a> {
    plan: &'a ChipPlan,
    /// Bins of the title that the clip may show.
    bins: RangeInclusive<i64>,
    /// One trail for each shift that is followed, best first.
    trails: Vec<Trail>,
    offsets: u64,
    tuning: &'a BlindTuning,
}

struct Trail {
    shift: Shift,
    evidence: Evidence,
}

/// The best that an open decision found.
#[derive(Clone, Copy, Debug)]
pub struct OpenFinding {
    /// Which of the keys.
    pub key: usize,
    /// Payload and scores.
    pub finding: Finding,
    /// Its bound, hypotheses included.
    pub bound: Bound,
    /// Seconds of the media at the clip's start.
    pub start: f64,
}

impl<'a> SyncTracker<'a> {
    /// For a title of that length.
    #[must_use]
    pub fn new(plan: &'a ChipPlan, title_seconds: f64, tuning: &'a BlindTuning) -> Self {
        Self::between(plan, [0.0, title_seconds], tuning)
    }

    /// For a clip that may show a span of a title.
    pub(crate) fn between(
        plan: &'a ChipPlan,
        [from, to]: [f64; 2],
        tuning: &'a BlindTuning,
    ) -> Self {
        let bin = |seconds: f64| seconds / bin_seconds(plan.format());
        Self {
            plan,
            bins: bin(from).floor() as i64..=bin(to).ceil().max(1.0) as i64,
            trails: Vec::new(),
            offsets: 0,
            tuning,
        }
    }

    /// Takes in the next window.
    ///
    /// Until a shift is certain, every window is searched through the whole title, so that a clip may begin with black or
    /// with something else. From then on the shift is followed; a window that does not go on from it is searched anew.
    pub fn push(&mut self, window: &[Observation]) {
        let residuals = Residuals::blind(self.plan.lattice(), window);
        let soft = SoftValues::new(&residuals, self.plan.format(), Trust::Blind);
        self.push_soft(&soft);
    }

    /// As [`Self::push`], for soft values that were had otherwise.
    pub fn push_soft(&mut self, soft: &SoftValues) {
        // The clip may show something else before the title begins.
        let first = soft.bins().first().map_or(0, |bin| bin.number as i64);
        let (from, to) = (*self.bins.start(), *self.bins.end());
        let everywhere = from - self.tuning.max_wander_bins / 2 - first..=to - first;
        let lost = self.sync_score() <= self.tuning.certain_sync_score;
        let tuning = self.tuning;
        for trail in &mut self.trails {
            let around = trail.shift.bins - tuning.max_wander_bins
                ..=trail.shift.bins + tuning.max_wander_bins;
            let near = search(self.plan, soft, around, 1);
            self.offsets += near.tried;
            let mut bins = trail.shift.bins;
            match near.best.first() {
                Some(shift) if shift.score.value() > tuning.certain_sync_score / 2.0 => {
                    bins = shift.bins;
                }
                _ if lost => {}
                _ => {
                    let anew = search(self.plan, soft, everywhere.clone(), 1);
                    self.offsets += anew.tried;
                    let certain = anew
                        .best
                        .first()
                        .filter(|shift| shift.score.value() > tuning.certain_sync_score);
                    bins = certain.map_or(bins, |shift| shift.bins);
                }
            }
            trail
                .evidence
                .merge(Evidence::collect(self.plan, soft, bins));
        }
        if lost {
            self.look_everywhere(soft, everywhere);
        }
    }

    /// Adds the best shifts of a window to those that are followed, and keeps the best of all.
    fn look_everywhere(&mut self, soft: &SoftValues, everywhere: RangeInclusive<i64>) {
        let found = search(self.plan, soft, everywhere, self.tuning.max_shifts);
        self.offsets += found.tried;
        for shift in found.best {
            let known = |trail: &Trail| trail.shift.bins.abs_diff(shift.bins) < BINS_PER_EPOCH;
            if let Some(trail) = self.trails.iter_mut().find(|trail| known(trail)) {
                if shift.score > trail.shift.score {
                    trail.shift = shift;
                }
                continue;
            }
            let evidence = Evidence::collect(self.plan, soft, shift.bins);
            self.trails.push(Trail { shift, evidence });
        }
        self.trails
            .sort_by(|a, b| b.shift.score.value().total_cmp(&a.shift.score.value()));
        let keep = if self.sync_score() > self.tuning.certain_sync_score {
            1
        } else {
            self.tuning.max_shifts
        };
        self.trails.truncate(keep);
    }

    /// Shifts tried.
    #[must_use]
    pub fn offsets(&self) -> u64 {
        self.offsets
    }

    /// How well the synchronisation chips agree at the best shift.
    #[must_use]
    pub fn sync_score(&self) -> f64 {
        self.trails
            .iter()
            .map(|trail| trail.shift.score.value())
            .fold(0.0, f64::max)
    }

    /// The open decision for every key, one among so many hypotheses.
    #[must_use]
    pub fn decode(&self, keys: &[&ScopedPayloadKey], among: Factors) -> Option<OpenFinding> {
        let mut decoder = ListDecoder::new(LIST);
        let hypotheses = Factors {
            keys: keys.len() as u64,
            list: LIST as u64,
            shifts: self.trails.len() as u64,
            ..among
        };
        let mut best: Option<OpenFinding> = None;
        for trail in &self.trails {
            for (key, scoped) in keys.iter().enumerate() {
                let Some(finding) = trail.evidence.decode(scoped, &mut decoder) else {
                    continue;
                };
                let bound = Bound::new(finding.score, hypotheses);
                if best.is_none_or(|best| bound.log10() < best.bound.log10()) {
                    let start = trail.shift.bins as f64 * bin_seconds(self.plan.format());
                    best = Some(OpenFinding {
                        key,
                        finding,
                        bound,
                        start,
                    });
                }
            }
        }
        best
    }

    /// The evidence of every shift that is followed: each is a hypothesis.
    #[must_use]
    pub fn evidence(&self) -> Vec<&Evidence> {
        self.trails.iter().map(|trail| &trail.evidence).collect()
    }
}

#[cfg(test)]
mod tests {
    use countermark_mark::FormatSpec;
    use countermark_mark::Payload;
    use countermark_mark::key::CarrierKey;
    use countermark_mark::lattice::cpu::CpuLevel;
    use countermark_mark::{Embedder, Strength};
    use countermark_mark::{Placement, Sampler};
    use countermark_picture::{BitDepth, PlaneGeometry, PlaneView, PlaneViewMut};

    use super::*;

    const SIZE: (usize, usize) = (480, 360);
    const RATE: f64 = 12.0;

    /// A still picture with a texture of its own for each scene.
    fn picture(scene: usize) -> Vec<u8> {
        let sample = |x: usize, y: usize| {
            (70 + (x * (3 + scene) + y * 5) % 97 + (x / 23 * 41 + y / 19 * (29 + scene)) % 40) as u8
        };
        (0..SIZE.1)
            .flat_map(|y| (0..SIZE.0).map(move |x| sample(x, y)))
            .collect()
    }

    #[test]
    fn a_clip_that_begins_with_something_else_is_still_read() {
        let carrier = CarrierKey::from_bytes([3; 32]);
        let scoped = ScopedPayloadKey::from_bytes([4; 32]);
        let payload = Payload::new(0xc0ff_ee00_1234_5678);
        let mut embedder = Embedder::new(&carrier, &scoped, payload, SIZE, Strength::DEFAULT)
            .expect("a supported size");
        let lattice = embedder.lattice();
        let mut sampler = Sampler::new(SIZE, Placement::Whole, lattice, CpuLevel::probe())
            .expect("inside the frame");
        let geometry = PlaneGeometry::packed(SIZE.0, SIZE.1).expect("a valid size");
        let mut observe = |samples: &[u8], time: f64| {
            let plane = PlaneView::new(samples, geometry, BitDepth::EIGHT).expect("a whole plane");
            sampler.observe(&plane, time).expect("a whole frame")
        };
        let intro: Vec<_> = (0..60)
            .map(|n| observe(&picture(7), f64::from(n) / RATE))
            .collect();
        let copy: Vec<_> = (0..60)
            .map(|n| {
                let mut samples = picture(2);
                let mut plane = PlaneViewMut::new(&mut samples, geometry, BitDepth::EIGHT)
                    .expect("a whole plane");
                embedder.mark(&mut plane, 30.0 + f64::from(n) / RATE);
                observe(&samples, f64::from(60 + n) / RATE)
            })
            .collect();
        let plan = ChipPlan::new(&carrier, lattice, &FormatSpec::CURRENT);
        let tuning = BlindTuning::default();
        let mut trail = SyncTracker::new(&plan, 120.0, &tuning);
        trail.push(&intro);
        assert!(trail.sync_score() < tuning.certain_sync_score);
        trail.push(&copy);
        let found = trail.decode(&[&scoped], Factors::ONE).expect("a candidate");
        assert_eq!(found.finding.payload, payload);
        assert!(found.bound.accuses(), "{found:?}");
        assert!((found.start - 25.0).abs() < 0.2, "{}", found.start);
    }
}
