//! A stage of the search: its geometries at all starts in the title, from coarse to fine.
//!
//! ```text
//! coarse grid, every start    -> the best peaks of all geometries
//! fine grid, around those     -> peaks -> refined in space and time -> soft values -> decoded
//! fine grid, every start      -> the same, where nothing was decoded
//! ```
//!
//! Whatever is chosen on the way is chosen by synchronisation chips. A coarse peak that no wrong start reaches is followed up at once.
//! A weak mark may not be among the best of the coarse grid, so the fine one has the last word. At most `max_peaks` of a stage are
//! decoded, whatever the way.
//!
//! # Shapes and units
//! Starts in halves of an epoch of the media.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use countermark_mark::blind::correlate::{Correlator, Quarters};
use countermark_mark::blind::demodulate::ChipWindows;
use countermark_mark::blind::hypothesis::{Peak, STARTS_PER_EPOCH, start_seconds};
use countermark_mark::blind::pose::LatticePose;
use countermark_mark::blind::refine::refined;
use countermark_mark::blind::search_grid::{CoarseGrid, SearchStage};
use countermark_mark::blind::whitened::WhitenedResiduals;

use crate::blind::sections::Section;
use crate::blind::speed::{Search, SpeedEstimate};
use crate::error::TraceError;
use crate::task::Task;

use super::Reading;

/// Epochs whose patterns are held at a time on the stage's own grid: seventeen minutes, some 20 MB.
const EPOCHS_AT_A_TIME: u64 = 2048;

/// Coarse geometries after which a peak that stands out is followed up: six shares, upright and mirrored.
const MEMBERS_AT_A_TIME: usize = 12;

/// A coarse peak, and the place of its geometry in the grid.
type Candidate = (Peak, usize);

impl Reading<'_> {
    /// Searches the geometries of a stage, and decodes what looks best.
    ///
    /// # Errors
    /// When the work is to end.
    pub(crate) fn search(
        &mut self,
        section: &Section,
        stage: &SearchStage,
        number: u64,
        task: &Task<'_>,
    ) -> Result<(), TraceError> {
        let content = section
            .content
            .and_then(|rect| section.residues.within(rect));
        let residues = content.as_ref().unwrap_or(&section.residues);
        let mut quarters = Quarters::new(residues, self.title.plan.format());
        self.geometries += stage.hypotheses.len() as u64;
        let at = (section, number);
        let mut most = self.tuning.blind.max_peaks;
        if let Some(coarse) = &stage.coarse {
            most -= self.search_coarse(residues, &mut quarters, (stage, coarse), at, task)?;
            if self.is_accused() {
                return Ok(());
            }
        }
        let epochs = self.title.epochs();
        let mut peaks = Vec::new();
        for first in epochs.clone().step_by(EPOCHS_AT_A_TIME as usize) {
            let span = first..(first + EPOCHS_AT_A_TIME).min(epochs.end);
            let correlator =
                Correlator::new(&self.title.plan, stage.step, stage.largest, span.clone());
            for &hypothesis in &stage.hypotheses {
                task.proceed()?;
                let starts = self.starts(residues, &span, hypothesis.speed);
                let keep = self.tuning.blind.peaks_of_look;
                peaks.extend(correlator.peaks(&mut quarters, hypothesis, starts, keep));
            }
        }
        self.decode_peaks(residues, (peaks, most), at, task)?;
        Ok(())
    }

    /// Looks at a coarse grid, and on the fine one around its best peaks; how many were decoded.
    fn search_coarse(
        &mut self,
        residues: &WhitenedResiduals,
        quarters: &mut Quarters,
        (stage, coarse): (&SearchStage, &CoarseGrid),
        at: (&Section, u64),
        task: &Task<'_>,
    ) -> Result<usize, TraceError> {
        let tuning = &self.tuning.blind;
        let (plan, epochs) = (&self.title.plan, self.title.epochs());
        let correlator = Correlator::new(plan, coarse.step, stage.largest, epochs.clone());
        let starts = self.starts(residues, &epochs, 1.0);
        let looked_at = coarse.members.len() * (starts.end - starts.start).max(0) as usize;
        let most = tuning.max_candidates;
        let keep = (looked_at / tuning.starts_of_candidate.max(1))
            .clamp(tuning.min_candidates.min(most), most);
        let mut candidates: Vec<Candidate> = Vec::new();
        let mut left = tuning.max_coarse_peaks.min(tuning.max_peaks);
        let allowed = left;
        for (slice, members) in coarse.members.chunks(MEMBERS_AT_A_TIME).enumerate() {
            let mut stands_out = false;
            for (place, member) in members.iter().enumerate() {
                task.proceed()?;
                let starts = self.starts(residues, &epochs, member.hypothesis.speed);
                let peaks = correlator.peaks(quarters, member.hypothesis, starts, keep);
                let best = peaks.first().map_or(0.0, |peak| f64::from(peak.score));
                stands_out |= best >= tuning.certain_peak_score;
                let place = slice * MEMBERS_AT_A_TIME + place;
                candidates.extend(peaks.into_iter().map(|peak| (peak, place)));
            }
            best_first(&mut candidates, keep);
            if stands_out && left > 0 {
                let chosen = &candidates[..tuning.candidates_of_certain.min(candidates.len())];
                let peaks = self.fine_peaks(residues, quarters, (stage, coarse), chosen, task)?;
                left -= self.decode_peaks(residues, (peaks, left), at, task)?;
                if self.is_accused() {
                    return Ok(allowed - left);
                }
            }
        }
        drop(correlator);
        if left == 0 {
            return Ok(allowed);
        }
        let peaks = self.fine_peaks(residues, quarters, (stage, coarse), &candidates, task)?;
        left -= self.decode_peaks(residues, (peaks, left), at, task)?;
        Ok(allowed - left)
    }

    /// The peaks of the fine grid in the geometries around candidates, at the starts of these.
    fn fine_peaks(
        &self,
        residues: &WhitenedResiduals,
        quarters: &mut Quarters,
        (stage, coarse): (&SearchStage, &CoarseGrid),
        candidates: &[Candidate],
        task: &Task<'_>,
    ) -> Result<Vec<Peak>, TraceError> {
        let mut starts: BTreeMap<usize, BTreeSet<i64>> = BTreeMap::new();
        let mut epochs: BTreeSet<u64> = BTreeSet::new();
        let all = self.title.epochs();
        let start_seconds = start_seconds(self.title.plan.format());
        for (peak, place) in candidates {
            for &near in &coarse.members[*place].near {
                starts.entry(near).or_default().insert(peak.start);
            }
            let epoch = |time: f64, more: i64| {
                let at = (time * peak.speed / start_seconds).floor() as i64 + peak.start + more;
                u64::try_from(at.div_euclid(STARTS_PER_EPOCH)).unwrap_or(0)
            };
            let [begin, end] = residues.span();
            let shown = epoch(begin, 0).max(all.start)..(epoch(end, 1) + 1).min(all.end);
            epochs.extend(shown);
        }
        let correlator = Correlator::new(&self.title.plan, stage.step, stage.largest, epochs);
        let mut peaks = Vec::new();
        for (hypothesis, starts) in starts {
            task.proceed()?;
            let hypothesis = stage.hypotheses[hypothesis];
            let keep = self.tuning.blind.peaks_of_look;
            peaks.extend(correlator.peaks(quarters, hypothesis, starts, keep));
        }
        Ok(peaks)
    }

    /// Refines and decodes the best of some peaks; how many were decoded.
    fn decode_peaks(
        &mut self,
        residues: &WhitenedResiduals,
        (peaks, most): (Vec<Peak>, usize),
        at: (&Section, u64),
        task: &Task<'_>,
    ) -> Result<usize, TraceError> {
        let mut decoded = 0;
        for peak in distinct(peaks, most) {
            task.proceed()?;
            let Some((footprint, pace, chips)) = self.settled(residues, peak) else {
                continue;
            };
            decoded += 1;
            self.take(footprint, pace.speed, &chips, at, task)?;
            if self.is_accused() {
                break;
            }
        }
        Ok(decoded)
    }

    /// Where in the title a clip may begin that shows some of these epochs: before the media does, too.
    fn starts(&self, residues: &WhitenedResiduals, epochs: &Range<u64>, speed: f64) -> Range<i64> {
        let format = self.title.plan.format();
        let (epoch_seconds, start_seconds) = (format.epoch_seconds(), start_seconds(format));
        let [begin, end] = residues.span().map(|time| time * speed);
        let from = epochs.start as f64 * epoch_seconds - begin - (end - begin) / 2.0;
        let to = epochs.end as f64 * epoch_seconds - begin;
        (from / start_seconds).floor() as i64..(to / start_seconds).ceil() as i64
    }

    /// A peak refined in space and time; none when the synchronisation chips do not bear it out.
    pub(super) fn settled(
        &mut self,
        residues: &WhitenedResiduals,
        peak: Peak,
    ) -> Option<(LatticePose, SpeedEstimate, ChipWindows)> {
        let (plan, tuning) = (&self.title.plan, &self.tuning.speed);
        let start_seconds = start_seconds(plan.format());
        let mut refine = |peak: &Peak| {
            let footprint = refined(residues, plan, peak);
            let chips = residues.chips(&footprint, plan.format());
            let start = peak.start as f64 * start_seconds;
            let mut search = Search::near(plan, &chips, start, residues.span(), tuning);
            let pace = search.settled(peak.speed);
            self.offsets += search.tried();
            (footprint, pace, chips)
        };
        let first = refine(&peak);
        if !first.1.is_promising(tuning) {
            return None;
        }
        if first.1.is_about(peak.speed, tuning) {
            return Some(first);
        }
        // Epochs that were taken for others blurred the refinement.
        let again = refine(&Peak {
            speed: first.1.speed,
            start: (first.1.start / start_seconds).round() as i64,
            pose: first.0,
            ..peak
        });
        Some(if again.1.score > first.1.score {
            again
        } else {
            first
        })
    }
}

/// The best candidates alone, best first.
fn best_first(candidates: &mut Vec<Candidate>, most: usize) {
    candidates.sort_by(|(a, a_place), (b, b_place)| {
        let by_score = b.score.total_cmp(&a.score);
        by_score
            .then(a.start.cmp(&b.start))
            .then(a_place.cmp(b_place))
    });
    candidates.truncate(most);
}

/// The best peaks, no two of about the same place and time.
fn distinct(mut peaks: Vec<Peak>, most: usize) -> Vec<Peak> {
    peaks.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.start.cmp(&b.start)));
    let mut kept: Vec<Peak> = Vec::new();
    for peak in peaks {
        if kept.len() == most {
            break;
        }
        let near = |other: &Peak| {
            let across = other.pose.samples_across() * 3.0;
            let corners = other.pose.corners();
            let close = corners
                .iter()
                .zip(peak.pose.corners())
                .all(|(a, b)| (a.0 - b.0).abs() < across && (a.1 - b.1).abs() < across);
            close && other.start.abs_diff(peak.start) <= 2
        };
        if !kept.iter().any(near) {
            kept.push(peak);
        }
    }
    kept
}
