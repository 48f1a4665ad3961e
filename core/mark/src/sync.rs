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

use crate::bound::NormalisedScore;
use crate::chips::ChipPlan;
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
    range: std::ops::RangeInclusive<i64>,
    keep: usize,
) -> Search {
    assert_eq!(soft.format(), plan.format(), "one format");
    let picked: Vec<Vec<f32>> = soft
        .bins()
        .iter()
        .map(|bin| {
            plan.sync()
                .iter()
                .map(|&chip| bin.values[chip as usize])
                .collect()
        })
        .collect();
    let numbers = || soft.bins().iter().map(|bin| bin.number);
    let (Some(first), Some(last)) = (numbers().min(), numbers().max()) else {
        return Search {
            best: Vec::new(),
            tried: 0,
        };
    };
    let media_bin = |bin: u64, shift: i64| bin.saturating_add_signed(shift);
    let epochs = media_bin(first, *range.start()).saturating_sub(1) / BINS_PER_EPOCH
        ..=(media_bin(last, *range.end()) + 1) / BINS_PER_EPOCH;
    let first_epoch = *epochs.start();
    let correlations: Vec<Vec<f32>> = {
        let mut signs = Vec::new();
        epochs
            .map(|epoch| {
                sync_signs(plan, epoch, &mut signs);
                picked.iter().map(|bin| inner(bin, &signs) as f32).collect()
            })
            .collect()
    };
    let norms: Vec<f64> = (0..BINS_PER_EPOCH as i64)
        .map(|phase| norm(soft, &picked, phase))
        .collect();
    let mut shifts: Vec<Shift> = range
        .clone()
        .map(|bins| {
            let mut sum = 0.0;
            for (place, bin) in soft.bins().iter().enumerate() {
                let Some(mix) = soft.mix_of(bin.number, bins) else {
                    continue;
                };
                for (epoch, weight) in mix.parts() {
                    let row = epoch
                        .checked_sub(first_epoch)
                        .and_then(|e| correlations.get(e as usize));
                    sum += row.map_or(0.0, |row| f64::from(weight * row[place]));
                }
            }
            let norm = norms[bins.rem_euclid(BINS_PER_EPOCH as i64) as usize];
            Shift {
                bins,
                score: NormalisedScore::new(sum, norm),
            }
        })
        .collect();
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
