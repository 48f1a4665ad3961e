//! The windows of a clip that show the reference: the host cancelled, the shift chosen by the synchronisation chips.
//!
//! ```text
//! window, line of time -> residual, and its innovations -> soft values -> best shift of each
//! the line kept         -> both weighed by place -> soft values -> mean of both -> evidence
//! ```
//!
//! The residual lags behind the picture where an encoder repeats blocks, by a tenth of a second or two, and its innovations do not: each
//! has a shift of its own. Which of the two says more the chips of a second or two do not tell, so both count.
//!
//! # Shapes and units
//! Shifts in bins, times in seconds.

use countermark_mark::ChipPlan;
use countermark_mark::Observation;
use countermark_mark::Residuals;
use countermark_mark::evidence::Evidence;
use countermark_mark::lattice::LatticeGeometry;
use countermark_mark::soft::{SoftValues, Trust};
use countermark_mark::sync::search;

use crate::cancel::{self, Cancelled, Strangers};
use crate::decide::sighted::Carried;
use crate::error::TraceError;
use crate::reference::Reference;
use crate::registration::segment::Segment;
use crate::registration::temporal::line::TimeMap;
use crate::registration::temporal::segmentation::is_cut;
use crate::result::{Factors, Match, Sense};
use crate::tuning::EvidenceTuning;

/// What the host of a title's windows is cancelled with.
pub(crate) struct Canceller<'a> {
    pub(crate) plan: &'a ChipPlan,
    pub(crate) lattice: LatticeGeometry,
    /// The spans of it that the clip may show.
    pub(crate) reference: &'a Reference<'a>,
    pub(crate) strangers: Strangers,
}

impl Canceller<'_> {
    fn tuning(&self) -> &EvidenceTuning {
        &self.reference.tuning().decision.evidence
    }
}

/// What registration made of the windows so far.
#[derive(Default)]
pub(crate) struct RegisteredEvidence {
    pub(crate) evidence: Evidence,
    /// The evidence of each match.
    pub(crate) pieces: Vec<Evidence>,
    /// The evidence of matches along other lines of time, where the synchronisation chips do not tell which is right.
    pub(crate) spares: Vec<Alternative>,
    pub(crate) matches: Vec<Match>,
    pub(crate) title_known: bool,
    /// Whether a window seems to be cut together from several places of the title.
    pub(crate) is_cut: bool,
    pub(crate) offsets: u64,
    /// The frames that are evidence.
    pub(crate) carried: Carried,
    /// What segments say that may not show the title: evidence against nobody.
    pub(crate) doubtful: Evidence,
    /// The lowest chance of a window's synchronisation score, its own shifts counted.
    pub(crate) sync_log10_p: f64,
    /// Windows with such a score.
    windows: u64,
}

/// Another line of time for a match.
pub(crate) struct Alternative {
    /// Which match.
    pub(crate) of: usize,
    /// What the match would be.
    pub(crate) instead: Match,
    pub(crate) evidence: Evidence,
}

impl RegisteredEvidence {
    pub(crate) fn is_empty(&self) -> bool {
        self.matches.is_empty()
    }

    /// Whether the synchronisation chips tell the title: the best of all windows, and one among so many clips, titles and views.
    pub(crate) fn is_known_by_chips(&self, among: Factors, title_log10_p: f64) -> bool {
        let choices = among.hypotheses().times(self.windows);
        self.sync_log10_p + choices.log10() < title_log10_p
    }

    /// Registers a window, lets the synchronisation chips choose among the offsets, and keeps the evidence.
    pub(crate) fn push(
        &mut self,
        canceller: &Canceller<'_>,
        window: &[Observation],
    ) -> Result<(), TraceError> {
        let mut best: Option<(Demodulated, cancel::Offset)> = None;
        let tuning = canceller.tuning();
        let mut tried = 0;
        let reference = canceller.reference;
        for offset in cancel::offsets(window, reference, tuning.max_offsets) {
            let Some(found) = demodulated(canceller, window, offset.time, &mut tried)? else {
                continue;
            };
            if best
                .as_ref()
                .is_none_or(|(known, _)| found.score > known.score)
            {
                best = Some((found, offset));
            }
        }
        self.offsets += tried;
        let Some((found, offset)) = best else {
            return Ok(());
        };
        self.title_known |= offset.correlation > tuning.title_correlation;
        self.is_cut |= is_cut(window, reference);
        let tolerance = cancel::tolerance(window, reference, offset.time);
        let line = (offset.time, tolerance);
        self.keep(canceller, &found, tried, line, false);
        Ok(())
    }

    /// Takes in a window that lies in a segment of a registration.
    pub(crate) fn push_segment(
        &mut self,
        canceller: &Canceller<'_>,
        window: &[Observation],
        segment: &Segment,
    ) -> Result<(), TraceError> {
        let tuning = canceller.tuning();
        let mut tried = 0;
        let mut chosen: Option<(Demodulated, TimeMap)> = None;
        let mut others = Vec::new();
        for time in std::iter::once(segment.time).chain(segment.other_times.iter().copied()) {
            if chosen
                .as_ref()
                .is_some_and(|(c, _)| c.score > tuning.plain_sync_score)
            {
                break;
            }
            let Some(found) = demodulated(canceller, window, time, &mut tried)? else {
                continue;
            };
            let surer = |(known, _): &(Demodulated, TimeMap)| {
                found.score > known.score + tuning.min_sync_gain
            };
            if chosen.as_ref().is_none_or(surer) {
                others.extend(chosen.replace((found, time)));
            } else {
                others.push((found, time));
            }
        }
        self.offsets += tried;
        self.title_known |= segment.is_certain;
        let Some((found, time)) = chosen else {
            return Ok(());
        };
        let line = (time, segment.precision);
        if !segment.is_certain {
            self.doubt(canceller, &found, line, segment.is_mirrored());
            return Ok(());
        }
        let is_plain = found.score > tuning.plain_sync_score;
        self.keep(canceller, &found, tried, line, segment.is_mirrored());
        if !is_plain {
            let of = self.matches.len() - 1;
            self.spares
                .extend(others.iter().map(|(found, time)| Alternative {
                    of,
                    instead: shown(
                        found,
                        (*time, segment.precision),
                        segment.is_mirrored(),
                        canceller.reference,
                    ),
                    evidence: found.evidence(canceller.plan),
                }));
        }
        Ok(())
    }

    fn keep(
        &mut self,
        canceller: &Canceller<'_>,
        found: &Demodulated,
        tried: u64,
        line: (TimeMap, f64),
        mirrored: bool,
    ) {
        let chance = countermark_mark::bound::log10_p(found.score, (tried as f64).log10());
        self.sync_log10_p = self.sync_log10_p.min(chance);
        self.windows += 1;
        let piece = found.evidence(canceller.plan);
        self.evidence.merge(piece.clone());
        self.pieces.push(piece);
        self.carried.moments.extend(&found.carried);
        self.carried.is_strange |= !found.is_like;
        self.matches
            .push(shown(found, line, mirrored, canceller.reference));
    }

    /// Keeps a match whose pictures may be others: its piece is no evidence.
    fn doubt(
        &mut self,
        canceller: &Canceller<'_>,
        found: &Demodulated,
        line: (TimeMap, f64),
        mirrored: bool,
    ) {
        let piece = found.evidence(canceller.plan);
        self.doubtful.merge(piece);
        self.pieces.push(Evidence::default());
        self.matches
            .push(shown(found, line, mirrored, canceller.reference));
    }
}

/// What a window shows along a line of time that is so precise: none of it lies beyond the frames of the reference.
fn shown(
    found: &Demodulated,
    (time, tolerance): (TimeMap, f64),
    mirrored: bool,
    reference: &Reference,
) -> Match {
    let times = reference.times();
    let [first, last] = match (times.first(), times.last()) {
        // Of a still all moments show one.
        (Some(first), Some(last)) if time.speed.abs() > 1e-3 => {
            // A frame lasts.
            let within = |media_time: f64| (media_time - time.offset) / time.speed;
            let frame = reference.frame_seconds();
            let ends = [within(first - frame), within(last + frame)];
            let (from, to) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
            found.shown.map(|moment| moment.clamp(from, to))
        }
        _ => found.shown,
    };
    // Not the shift of the chips: encoders let a faint change lag behind the picture by a tenth of a second or two.
    Match {
        query: [first, last],
        reference: [time.at(first).max(0.0), time.at(last).max(0.0)],
        speed: time.speed,
        tolerance: Some(tolerance),
        mirrored,
        negative: false,
        rectangle: None,
        also: Vec::new(),
        title: None,
        by: vec![Sense::Picture],
        payloads: Vec::new(),
    }
}

/// A window without its host, where the synchronisation chips agree best.
struct Demodulated {
    /// Of the view that agrees better.
    score: f64,
    /// Each view, and its shift in bins.
    views: Vec<(Residuals, i64)>,
    /// First and last moment of the window that show the reference.
    shown: [f64; 2],
    /// Moments whose frames the soft values are of.
    carried: Vec<f64>,
    /// Whether the reference explains enough of each of them.
    is_like: bool,
}

impl Demodulated {
    /// What all views say together, once places are weighed: of the many lines that are tried few come so far.
    fn evidence(&self, plan: &ChipPlan) -> Evidence {
        let mut together = Evidence::default();
        for (residuals, bins) in &self.views {
            let weighed = residuals.weighed_by_place();
            let soft = SoftValues::new(&weighed, plan.format(), Trust::Reference);
            together.join(Evidence::collect(plan, &soft, *bins));
        }
        together
    }
}

/// Cancels the host along a line of time; counts the shifts `tried`.
fn demodulated(
    canceller: &Canceller<'_>,
    window: &[Observation],
    time: TimeMap,
    tried: &mut u64,
) -> Result<Option<Demodulated>, TraceError> {
    let tuning = canceller.tuning();
    let Some(Cancelled {
        residuals,
        shown,
        carried,
        is_like,
    }) = cancel::residuals(
        canceller.lattice,
        window,
        canceller.reference,
        time,
        canceller.strangers,
    )?
    else {
        return Ok(None);
    };
    let mut views = Vec::new();
    let mut score = f64::NEG_INFINITY;
    for residuals in [residuals.clone(), residuals.innovations()] {
        let soft = SoftValues::new(&residuals, canceller.plan.format(), Trust::Reference);
        let near = search(
            canceller.plan,
            &soft,
            -tuning.max_shift_bins..=tuning.max_shift_bins,
            1,
        );
        *tried += near.tried;
        if let Some(shift) = near.best.first() {
            score = score.max(shift.score.value());
            views.push((residuals, shift.bins));
        }
    }
    let found = Demodulated {
        score,
        views,
        shown,
        carried,
        is_like,
    };
    Ok((!found.views.is_empty()).then_some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_chips_tell_is_one_among_all_titles_views_and_windows() {
        let of = |windows| RegisteredEvidence {
            sync_log10_p: -10.5,
            windows,
            ..RegisteredEvidence::default()
        };
        let among = Factors {
            titles: 4,
            views: 3,
            ..Factors::ONE
        };
        // -10.5, then 1.08 for titles and views, then 1 for ten windows.
        assert!(of(1).is_known_by_chips(among, -9.0));
        assert!(!of(10).is_known_by_chips(among, -9.0));
        assert!(of(10).is_known_by_chips(Factors::ONE, -9.0));
        assert!(!RegisteredEvidence::default().is_known_by_chips(Factors::ONE, -9.0));
    }
}
