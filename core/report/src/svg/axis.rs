//! Axes: how values become places, and which of them are written.
//!
//! ```text
//! place = (s(value) - s(low)) / (s(high) - s(low)),     s = identity or log10
//! ```
//!
//! # Shapes and units
//! Values in the axis's own unit; a place is 0 at the low end and 1 at the high end.

/// Round steps of time, in seconds: beyond a minute those of a clock.
const TIMES: [f64; 20] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0,
    1200.0, 1800.0, 3600.0, 7200.0,
];

/// Round steps of a score.
const SCORES: [f64; 8] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0];

/// Seconds from which times are written as minutes and seconds.
const CLOCK_SECONDS: f64 = 120.0;

/// Share of an axis that stays free beyond its outermost value.
const MARGIN: f64 = 0.06;

/// How values become places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// By their logarithm; values must be positive.
    Log10,
}

/// An axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    label: String,
    scale: Scale,
    low: f64,
    high: f64,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Rates from 0 to 100 %.
    #[must_use]
    pub fn rate(label: &str) -> Self {
        let ticks =
            [0.0, 0.25, 0.5, 0.75, 1.0].map(|rate| (rate, format!("{:.0} %", rate * 100.0)));
        Self {
            label: label.to_owned(),
            scale: Scale::Linear,
            low: 0.0,
            high: 1.0,
            ticks: ticks.to_vec(),
        }
    }

    /// From 0 to a little beyond `last`, with a tick at each whole number.
    #[must_use]
    pub fn counted(label: &str, last: u32) -> Self {
        Self {
            label: label.to_owned(),
            scale: Scale::Linear,
            low: 0.0,
            high: f64::from(last) + 0.3,
            ticks: (0..=last).map(|n| (f64::from(n), n.to_string())).collect(),
        }
    }

    /// From 10 to the power `lowest` up to 1.
    #[must_use]
    pub fn decades(label: &str, lowest: i32) -> Self {
        let ticks = (lowest..=0).map(|decade| (10_f64.powi(decade), format!("1e{decade}")));
        Self {
            label: label.to_owned(),
            scale: Scale::Log10,
            low: 10_f64.powi(lowest),
            high: 1.0,
            ticks: ticks.collect(),
        }
    }

    /// Through `values`, with a tick at each, in powers where they span a decade.
    #[must_use]
    pub fn through(label: &str, values: &[f64]) -> Self {
        let (low, high) = extent(values.iter().copied());
        let scale = if low > 0.0 && high / low >= 8.0 {
            Scale::Log10
        } else {
            Scale::Linear
        };
        // Dots at the ends keep clear of the frame.
        let (low, high) = match scale {
            Scale::Log10 => {
                let margin = (high / low).powf(MARGIN);
                (low / margin, high * margin)
            }
            Scale::Linear => {
                let margin = ((high - low) * MARGIN).max(1e-9);
                (low - margin, high + margin)
            }
        };
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        Self {
            label: label.to_owned(),
            scale,
            low,
            high,
            ticks: sorted.into_iter().map(|v| (v, v.to_string())).collect(),
        }
    }

    /// Around moments, in seconds, with at most `most` ticks at round times, none below 0. The label says in what they
    /// are written.
    #[must_use]
    pub fn times(label: &str, moments: impl Iterator<Item = f64>, most: usize) -> Self {
        let (low, high) = extent(moments);
        let room = if high - low > 1e-6 {
            MARGIN * (high - low)
        } else {
            0.5
        };
        let (low, high) = (low - room, high + room);
        let is_long = high >= CLOCK_SECONDS;
        let unit = if is_long {
            "minutes and seconds"
        } else {
            "seconds"
        };
        let step = step(&TIMES, high - low, most);
        let ticks = multiples([low, high], step)
            .filter(|time| *time >= 0.0)
            .map(|time| (time, time_name(time, step, is_long)));
        Self {
            label: format!("{label} in {unit}"),
            scale: Scale::Linear,
            low,
            high,
            ticks: ticks.collect(),
        }
    }

    /// Scores from the first to the last, with at most `most` ticks.
    #[must_use]
    pub fn scores(label: &str, [low, high]: [f64; 2], most: usize) -> Self {
        let step = step(&SCORES, high - low, most);
        Self {
            label: label.to_owned(),
            scale: Scale::Linear,
            low,
            high,
            ticks: multiples([low, high], step)
                .map(|score| (score, format!("{score:.0}")))
                .collect(),
        }
    }

    /// What it measures.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The values that are written, with their names.
    #[must_use]
    pub fn ticks(&self) -> &[(f64, String)] {
        &self.ticks
    }

    /// From 0 at the low end to 1 at the high end; what lies outside is put on the edge.
    #[must_use]
    pub fn place(&self, value: f64) -> f64 {
        let (value, low, high) = match self.scale {
            Scale::Linear => (value, self.low, self.high),
            Scale::Log10 => (
                value.max(f64::MIN_POSITIVE).log10(),
                self.low.log10(),
                self.high.log10(),
            ),
        };
        ((value - low) / (high - low)).clamp(0.0, 1.0)
    }
}

/// The lowest and the highest value.
fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

/// The least of the steps of which `span` holds at most so many, or a multiple of the largest.
fn step(steps: &[f64], span: f64, most: usize) -> f64 {
    let fits = |step: &f64| span / step <= most as f64;
    let largest = steps.last().copied().unwrap_or(1.0);
    let coarser = || largest * (span / (largest * most as f64)).ceil();
    steps.iter().copied().find(fits).unwrap_or_else(coarser)
}

fn multiples([low, high]: [f64; 2], step: f64) -> impl Iterator<Item = f64> {
    // A multiple at the very end is one of them, however it was rounded.
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(move |n| n as f64 * step)
}

fn time_name(time: f64, step: f64, is_long: bool) -> String {
    if is_long {
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

    fn names(axis: &Axis) -> Vec<&str> {
        axis.ticks().iter().map(|(_, name)| name.as_str()).collect()
    }

    #[test]
    fn ticks_of_time_are_round_and_few() {
        let times = |moments: [f64; 2]| Axis::times("time", moments.into_iter(), 5);
        let short = times([0.0, 4.0]);
        assert_eq!(names(&short), ["0", "1", "2", "3", "4"]);
        assert_eq!(short.label(), "time in seconds");
        assert_eq!(
            names(&times([1.02, 1.38])),
            ["1.0", "1.1", "1.2", "1.3", "1.4"]
        );
        let long = times([3600.0, 3710.0]);
        assert_eq!(names(&long), ["1:00:00", "1:00:30", "1:01:00", "1:01:30"]);
        assert_eq!(long.label(), "time in minutes and seconds");
        assert!(times([0.0, 1e6]).ticks().len() <= 6);
    }

    #[test]
    fn a_single_moment_lies_in_the_middle() {
        let axis = Axis::times("time", std::iter::once(7.0), 5);
        assert!((axis.place(7.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn decades_are_evenly_spaced_and_outliers_stay_on_the_edge() {
        let axis = Axis::through("x", &[1.0, 10.0, 100.0]);
        assert_eq!(axis.scale, Scale::Log10);
        let gaps = [
            axis.place(10.0) - axis.place(1.0),
            axis.place(100.0) - axis.place(10.0),
        ];
        assert!((gaps[0] - gaps[1]).abs() < 1e-12, "{gaps:?}");
        let down = Axis::decades("p", -6);
        assert!((down.place(1e-3) - 0.5).abs() < 1e-12);
        assert!(down.place(0.0).abs() < 1e-12 && (down.place(7.0) - 1.0).abs() < 1e-12);
        assert_eq!(Axis::through("x", &[28.0, 34.0, 40.0]).scale, Scale::Linear);
    }
}
