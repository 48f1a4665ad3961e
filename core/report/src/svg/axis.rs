//! An axis of seconds or of scores, with ticks at round values.
//!
//! # Shapes and units
//! Values in the axis's own unit; places in user units of a drawing.

/// Round steps of time, in seconds: beyond a minute those of a clock.
const TIMES: [f64; 20] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0,
    1200.0, 1800.0, 3600.0, 7200.0,
];

/// Round steps of a score.
const SCORES: [f64; 8] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0];

/// Seconds from which times are written as minutes and seconds.
const CLOCK: f64 = 120.0;

/// A stretch of values on a stretch of places.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axis {
    values: [f64; 2],
    places: [f64; 2],
}

impl Axis {
    /// From the first value at the first place to the last at the last.
    pub(crate) fn new(values: [f64; 2], places: [f64; 2]) -> Self {
        Self { values, places }
    }

    /// Through all values, with some room on either side.
    pub(crate) fn around(values: impl Iterator<Item = f64> + Clone, places: [f64; 2]) -> Self {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        let room = if high - low > 1e-6 {
            0.06 * (high - low)
        } else {
            0.5
        };
        Self::new([low - room, high + room], places)
    }

    /// Where a value lies.
    pub(crate) fn place(self, value: f64) -> f64 {
        let [low, high] = self.values;
        let [first, last] = self.places;
        first + (last - first) * (value - low) / (high - low)
    }

    /// At most so many moments, none below 0, with their names.
    pub(crate) fn moments(self, most: usize) -> Vec<(f64, String)> {
        let step = self.step(&TIMES, most);
        let clock = self.is_long();
        self.multiples(step)
            .into_iter()
            .filter(|time| *time >= 0.0)
            .map(|time| (self.place(time), name(time, step, clock)))
            .collect()
    }

    /// What moments are written in.
    pub(crate) fn unit_of_moments(self) -> &'static str {
        if self.is_long() {
            "minutes and seconds"
        } else {
            "seconds"
        }
    }

    fn is_long(self) -> bool {
        self.values[1] >= CLOCK
    }

    /// At most so many scores, with their names.
    pub(crate) fn scores(self, most: usize) -> Vec<(f64, String)> {
        let step = self.step(&SCORES, most);
        self.multiples(step)
            .into_iter()
            .map(|score| (self.place(score), format!("{score:.0}")))
            .collect()
    }

    fn step(self, steps: &[f64], most: usize) -> f64 {
        let span = self.values[1] - self.values[0];
        let fits = |step: &f64| span / step <= most as f64;
        let largest = steps.last().copied().unwrap_or(1.0);
        let coarser = || largest * (span / (largest * most as f64)).ceil();
        steps.iter().copied().find(fits).unwrap_or_else(coarser)
    }

    fn multiples(self, step: f64) -> Vec<f64> {
        // A multiple at the very end is one of them, however it was rounded.
        let first = (self.values[0] / step - 1e-9).ceil() as i64;
        let last = (self.values[1] / step + 1e-9).floor() as i64;
        (first..=last).map(|n| n as f64 * step).collect()
    }
}

fn name(time: f64, step: f64, clock: bool) -> String {
    if clock {
        let seconds = time.round() as u64;
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        return if hours > 0 {
            format!("{hours}:{minutes:02}:{seconds:02}")
        } else {
            format!("{minutes}:{seconds:02}")
        };
    }
    let decimals = (-step.log10()).ceil().max(0.0) as usize;
    format!("{time:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        let names = |values: [f64; 2]| -> Vec<String> {
            let ticks = Axis::new(values, [0.0, 100.0]).moments(5);
            ticks.into_iter().map(|(_, name)| name).collect()
        };
        assert_eq!(names([-0.2, 4.2]), ["0", "1", "2", "3", "4"]);
        assert_eq!(names([1.0, 1.4]), ["1.0", "1.1", "1.2", "1.3", "1.4"]);
        assert_eq!(
            names([3590.0, 3720.0]),
            ["1:00:00", "1:00:30", "1:01:00", "1:01:30", "1:02:00"]
        );
        assert!(Axis::new([0.0, 1e6], [0.0, 100.0]).moments(5).len() <= 6);
    }

    #[test]
    fn a_single_value_lies_in_the_middle() {
        let axis = Axis::around(std::iter::once(7.0), [0.0, 100.0]);
        assert!((axis.place(7.0) - 50.0).abs() < 1e-9);
    }
}
