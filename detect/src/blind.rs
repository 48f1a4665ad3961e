//! The blind path: synchronise by keyed chips, then decode. Keys are all it needs.
//!
//! ```text
//! window -> residual against the moving average -> soft values -> best shifts -> evidence -> list decoding
//! ```
//!
//! The synchronisation chips choose the shift; they say nothing about a delivery's own signs, so the choice costs no
//! hypothesis. Every shift that is decoded does.

use countermark_mark::bound::Hypotheses;
use countermark_mark::chips::ChipPlan;
use countermark_mark::code::polar::ListDecoder;
use countermark_mark::evidence::{Evidence, Finding, LIST, open_hypotheses};
use countermark_mark::key::ScopedPayloadKey;
use countermark_mark::lattice::LatticeGeometry;
use countermark_mark::observe::Observation;
use countermark_mark::residual::Residuals;
use countermark_mark::soft::{BIN_SECONDS, SoftValues, Trust};
use countermark_mark::sync::{Shift, search};

/// Shifts that are decoded when none stands out.
const SHIFTS: usize = 6;

/// A synchronisation score that no wrong shift reaches: one in 10^9 titles of an hour.
const CERTAIN: f64 = 9.0;

/// How far the shift may wander from one window to the next, in bins.
const WANDER: i64 = 16;

/// What the blind path knows of a clip so far.
pub struct BlindTrail<'a> {
    plan: &'a ChipPlan,
    lattice: LatticeGeometry,
    /// Bins of the title.
    bins: i64,
    /// One trail for each shift of the first window.
    trails: Vec<Trail>,
    offsets: u64,
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
    /// The proved bound, hypotheses included.
    pub log10_p: f64,
    /// Seconds of the media at the clip's start.
    pub start: f64,
}

impl<'a> BlindTrail<'a> {
    /// For a title of that length.
    #[must_use]
    pub fn new(plan: &'a ChipPlan, lattice: LatticeGeometry, title_seconds: f64) -> Self {
        let bins = (title_seconds / BIN_SECONDS).ceil().max(1.0) as i64;
        Self {
            plan,
            lattice,
            bins,
            trails: Vec::new(),
            offsets: 0,
        }
    }

    /// Takes in the next window.
    pub fn push(&mut self, window: &[Observation]) {
        let residuals = Residuals::blind(self.lattice, window);
        let soft = SoftValues::new(&residuals, Trust::Blind);
        if self.trails.is_empty() {
            let found = search(self.plan, &soft, -(WANDER / 2)..=self.bins, SHIFTS);
            self.offsets += found.tried;
            let certain = found
                .best
                .first()
                .is_some_and(|s| s.score.value() > CERTAIN);
            let keep = if certain { 1 } else { SHIFTS };
            self.trails = found
                .best
                .into_iter()
                .take(keep)
                .map(|shift| Trail {
                    shift,
                    evidence: Evidence::collect(self.plan, &soft, shift.bins),
                })
                .collect();
            return;
        }
        for trail in &mut self.trails {
            let around = trail.shift.bins - WANDER..=trail.shift.bins + WANDER;
            let near = search(self.plan, &soft, around, 1);
            self.offsets += near.tried;
            if let Some(shift) = near.best.first() {
                let certain = shift.score.value() > CERTAIN / 2.0;
                let bins = if certain {
                    shift.bins
                } else {
                    trail.shift.bins
                };
                trail
                    .evidence
                    .merge(Evidence::collect(self.plan, &soft, bins));
            }
        }
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

    /// The open decision for every key, when `geometries` were tried.
    #[must_use]
    pub fn decode(&self, keys: &[&ScopedPayloadKey], geometries: u64) -> Option<OpenFinding> {
        let mut decoder = ListDecoder::new(LIST);
        let hypotheses = open_hypotheses(keys.len(), self.trails.len() as u64).times(geometries);
        let mut best: Option<OpenFinding> = None;
        for trail in &self.trails {
            for (key, scoped) in keys.iter().enumerate() {
                let Some(finding) = trail.evidence.decode(scoped, &mut decoder) else {
                    continue;
                };
                let log10_p = finding.score.log10_p(hypotheses);
                if best.is_none_or(|best| log10_p < best.log10_p) {
                    let start = trail.shift.bins as f64 * BIN_SECONDS;
                    best = Some(OpenFinding {
                        key,
                        finding,
                        log10_p,
                        start,
                    });
                }
            }
        }
        best
    }

    /// The evidence of every shift, with the hypotheses that choosing among them costs.
    #[must_use]
    pub fn evidence(&self) -> (Vec<&Evidence>, Hypotheses) {
        let all: Vec<_> = self.trails.iter().map(|trail| &trail.evidence).collect();
        let hypotheses = Hypotheses::ONE.times(all.len() as u64);
        (all, hypotheses)
    }
}
