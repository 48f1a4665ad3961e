//! Where in the title a clip comes from: correlation of its soft values with the keyed synchronisation chips.
//!
//! ```text
//! c(n, e) = sum of s[e,i] y[n,i] over the synchronisation chips i
//! t(h)    = sum over bins n and epochs e of weight(e; n + h) c(n, e) / || soft values grouped by h ||
//! ```
//!
//! The signs `s` come from the carrier key alone, so `t(h)` obeys the bound of [`crate::bound`] under the null "this
//! clip does not hold this title's mark at shift h".
//!
//! # Shapes and units
//! Shifts in bins: bin `n` of the clip is bin `n + h` of the media.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use crate::bound::NormalisedScore;
use crate::chips::ChipPlan;
use crate::epoch::EpochMix;
use crate::inner::inner;
use crate::soft::{BINS_PER_EPOCH, SoftValues};

/// A hypothesis of where the clip begins.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Shift {
    /// Bins from the clip's clock to the media's.
    pub bins: i64,
    /// How well the synchronisation chips agree.
    pub score: NormalisedScore,
}

/// What the search has looked at.
#[derive(Clone, PartialEq, Debug)]
pub struct Search {
    /// The best shifts, best first, no two within an epoch of each other.
    pub best: Vec<Shift>,
    /// Shifts tried.
    pub tried: u64,
}

/// Finds the shifts in `range` under which the clip agrees best with the plan.
///
/// # Panics
/// When the soft values are of another format than the plan.
#[must_use]
pub fn search(
    plan: &ChipPlan,
    soft: &SoftValues,
    range: RangeInclusive<i64>,
    keep: usize,
) -> Search {
    assert_eq!(soft.format(), plan.format(), "one format");
    let picked: Vec<Vec<f32>> = soft
        .bins()
        .iter()
        .map(|bin| picked(plan, &bin.values))
        .collect();
    let numbers: Vec<u64> = soft.bins().iter().map(|bin| bin.number).collect();
    let Some(epochs) = epochs(&numbers, &range) else {
        return Search::NOTHING;
    };
    let first_epoch = *epochs.start();
    let rows = correlations(plan, &picked, epochs);
    let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
    ranked((soft, &picked), (&numbers, first_epoch, &rows), range, keep)
}

impl Search {
    /// Of nothing to look at.
    pub(crate) const NOTHING: Self = Self {
        best: Vec::new(),
        tried: 0,
    };
}

/// The values of the synchronisation chips.
pub(crate) fn picked(plan: &ChipPlan, values: &[f32]) -> Vec<f32> {
    let chips = plan.sync().iter();
    chips.map(|&chip| values[chip as usize]).collect()
}

/// The epochs that bins of these numbers may show at shifts in `range`; none when there is no bin.
pub(crate) fn epochs(numbers: &[u64], range: &RangeInclusive<i64>) -> Option<RangeInclusive<u64>> {
    let (first, last) = (numbers.iter().min()?, numbers.iter().max()?);
    let media_bin = |bin: u64, shift: i64| bin.saturating_add_signed(shift);
    Some(
        media_bin(*first, *range.start()).saturating_sub(1) / BINS_PER_EPOCH
            ..=(media_bin(*last, *range.end()) + 1) / BINS_PER_EPOCH,
    )
}

/// `c` of some epochs with the picked values of some bins or windows, `[epoch][bin]`.
pub(crate) fn correlations(
    plan: &ChipPlan,
    picked: &[Vec<f32>],
    epochs: impl IntoIterator<Item = u64>,
) -> Vec<Vec<f32>> {
    let epochs: Vec<u64> = epochs.into_iter().collect();
    let row = |signs: &mut Vec<f32>, &epoch: &u64| {
        sync_signs(plan, epoch, signs);
        picked.iter().map(|bin| inner(bin, signs) as f32).collect()
    };
    epochs.par_iter().map_init(Vec::new, row).collect()
}

/// The best of the shifts in `range`: `soft` with the picked values of its bins, and the correlations, `[epoch][column]` from
/// `first_epoch` on, of columns that lie in the bins of these numbers.
pub(crate) fn ranked(
    (soft, picked): (&SoftValues, &[Vec<f32>]),
    (numbers, first_epoch, rows): (&[u64], u64, &[&[f32]]),
    range: RangeInclusive<i64>,
    keep: usize,
) -> Search {
    let norms: Vec<f64> = (0..BINS_PER_EPOCH as i64)
        .map(|phase| norm(soft, picked, phase))
        .collect();
    // The mix of each bin of the media that any shift reaches.
    let reached = numbers.iter().min().zip(numbers.iter().max());
    let Some((first, last)) = reached else {
        return Search::NOTHING;
    };
    let first_bin = first.saturating_add_signed(*range.start());
    let last_bin = last.saturating_add_signed(*range.end());
    let mixes: Vec<Option<EpochMix>> = (first_bin..=last_bin)
        .map(|bin| soft.mix_of(bin, 0))
        .collect();
    let score = |&bins: &i64| {
        let mut sum = 0.0;
        for (place, number) in numbers.iter().enumerate() {
            let media_bin = number.checked_add_signed(bins);
            let Some(mix) = media_bin.and_then(|bin| mixes[(bin - first_bin) as usize]) else {
                continue;
            };
            for (epoch, weight) in mix.parts() {
                let row = epoch
                    .checked_sub(first_epoch)
                    .and_then(|e| rows.get(e as usize));
                sum += row.map_or(0.0, |row| f64::from(weight * row[place]));
            }
        }
        let norm = norms[bins.rem_euclid(BINS_PER_EPOCH as i64) as usize];
        Shift {
            bins,
            score: NormalisedScore::new(sum, norm),
        }
    };
    let bins: Vec<i64> = range.collect();
    let mut shifts: Vec<Shift> = bins.par_iter().map(score).collect();
    let tried = shifts.len() as u64;
    shifts.sort_by(|a, b| {
        b.score
            .value()
            .total_cmp(&a.score.value())
            .then(a.bins.cmp(&b.bins))
    });
    let mut best: Vec<Shift> = Vec::with_capacity(keep);
    for shift in shifts {
        if best.len() == keep {
            break;
        }
        if best
            .iter()
            .all(|other| other.bins.abs_diff(shift.bins) >= BINS_PER_EPOCH)
        {
            best.push(shift);
        }
    }
    Search { best, tried }
}

fn sync_signs(plan: &ChipPlan, epoch: u64, signs: &mut Vec<f32>) {
    let words = plan.sign_words(epoch);
    signs.clear();
    signs.extend(plan.sync().iter().map(|&chip| {
        if words[chip as usize / 32] >> (chip % 32) & 1 == 0 {
            1.0
        } else {
            -1.0
        }
    }));
}

/// The squared norm of the picked soft values when epochs begin at bins congruent to `-phase`.
fn norm(soft: &SoftValues, picked: &[Vec<f32>], phase: i64) -> f64 {
    // A shift far above zero keeps every bin in the media without moving the phase.
    let shift = phase + BINS_PER_EPOCH as i64;
    let mut sums: Vec<(u64, Vec<f32>)> = Vec::new();
    for (bin, values) in soft.bins().iter().zip(picked) {
        let Some(mix) = soft.mix_of(bin.number, shift) else {
            continue;
        };
        for (epoch, weight) in mix.parts() {
            let place = match sums.binary_search_by_key(&epoch, |sum| sum.0) {
                Ok(place) => place,
                Err(place) => {
                    sums.insert(place, (epoch, vec![0.0; values.len()]));
                    place
                }
            };
            for (sum, y) in sums[place].1.iter_mut().zip(values) {
                *sum += weight * y;
            }
        }
    }
    sums.iter().map(|(_, values)| inner(values, values)).sum()
}
