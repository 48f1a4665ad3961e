//! Where in the title a clip comes from, at any number of speeds: what a speed does not change is computed once.
//!
//! ```text
//! c(n, e) = sum of s[e,i] y[n,i] over the synchronisation chips i      window n, epoch e: the same at every speed
//! t(v, h) = sum of weight(e; floor(v t[n] / seconds of a bin) + h) c(n, e) / || soft values grouped by v and h ||
//! ```
//!
//! # Shapes and units
//! As in [`crate::sync`]. A row of correlations is kept for each epoch that was asked for: 320 bytes for ten seconds of a clip.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::demodulate::ChipWindows;
use crate::chips::ChipPlan;
use crate::sync::{Search, correlations, epochs, picked, ranked};

/// Searches among the shifts of one clip through one pose.
#[derive(Debug)]
pub struct SpeedSearch<'a> {
    plan: &'a ChipPlan,
    chips: &'a ChipWindows,
    /// The synchronisation chips of each window.
    picked: Vec<Vec<f32>>,
    rows: BTreeMap<u64, Vec<f32>>,
}

impl<'a> SpeedSearch<'a> {
    /// Of the windows of a clip.
    #[must_use]
    pub fn new(plan: &'a ChipPlan, chips: &'a ChipWindows) -> Self {
        let windows = chips.windows().iter();
        Self {
            plan,
            chips,
            picked: windows.map(|(_, values)| picked(plan, values)).collect(),
            rows: BTreeMap::new(),
        }
    }

    /// The shifts in `range` under which the clip agrees best with the plan when `speed` media seconds pass in a second of it: as
    /// [`crate::sync::search`] of its soft values.
    #[must_use]
    pub fn at(&mut self, speed: f64, range: RangeInclusive<i64>, keep: usize) -> Search {
        let soft = self.chips.soft_values(speed);
        let numbers = self.chips.bin_numbers(speed);
        let Some(epochs) = epochs(&numbers, &range) else {
            return Search::NOTHING;
        };
        let missing: Vec<u64> = (epochs.clone())
            .filter(|epoch| !self.rows.contains_key(epoch))
            .collect();
        let fresh = correlations(self.plan, &self.picked, missing.iter().copied());
        self.rows.extend(missing.into_iter().zip(fresh));
        let first_epoch = *epochs.start();
        let rows: Vec<&[f32]> = self
            .rows
            .range(epochs)
            .map(|row| row.1.as_slice())
            .collect();
        let bins = soft.bins().iter();
        let of_bins: Vec<Vec<f32>> = bins.map(|bin| picked(self.plan, &bin.values)).collect();
        ranked(
            (&soft, &of_bins),
            (&numbers, first_epoch, &rows),
            range,
            keep,
        )
    }
}
