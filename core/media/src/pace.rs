//! How many frames of a second are taken, so that what a clip costs grows with its seconds and not with its frames.
//!
//! ```text
//! allowance = min(BURST, allowance + rate * step),    a frame is taken if allowance >= 1, and takes 1
//! ```
//!
//! Files of up to `rate` frames a second are left alone, also where their timestamps are rounded or bunched.
//!
//! # Shapes and units
//! Times in seconds.

use std::num::NonZeroU32;

/// Frames that may come at once.
const BURST: f64 = 16.0;

/// Lets frames pass.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    rate: Option<f64>,
    allowance: f64,
    last: Option<f64>,
}

impl Pace {
    /// Of so many frames a second; all of them by default.
    pub(crate) fn new(rate: Option<NonZeroU32>) -> Self {
        Self {
            rate: rate.map(|rate| f64::from(rate.get())),
            allowance: BURST,
            last: None,
        }
    }

    /// Whether the next frame is taken.
    pub(crate) fn takes(&mut self, media_time: f64) -> bool {
        let Some(rate) = self.rate else {
            return true;
        };
        let step = media_time - self.last.unwrap_or(media_time);
        self.last = Some(media_time);
        self.allowance = (self.allowance + rate * step.max(0.0)).min(BURST);
        let is_taken = self.allowance >= 1.0;
        if is_taken {
            self.allowance -= 1.0;
        }
        is_taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(rate: u32, times: impl Iterator<Item = f64>) -> usize {
        let mut pace = Pace::new(NonZeroU32::new(rate));
        times.filter(|&time| pace.takes(time)).count()
    }

    #[test]
    fn ordinary_rates_pass_however_their_times_are_rounded() {
        for (rate, digits) in [
            (24_000.0 / 1001.0, 1e3),
            (59.94, 1e3),
            (119.88, 1e3),
            (120.0, 1e9),
            (240.0, 1e3),
        ] {
            let times = (0..5000).map(|frame| (f64::from(frame) / rate * digits).round() / digits);
            assert_eq!(taken(250, times), 5000, "{rate}");
        }
    }

    #[test]
    fn a_thousand_frames_a_second_are_thinned_and_times_that_stand_still_end() {
        let thousand = taken(250, (0..10_000).map(|frame| f64::from(frame) / 1000.0));
        assert!((2490..2520).contains(&thousand), "{thousand}");
        assert_eq!(taken(250, std::iter::repeat_n(0.0, 5000)), BURST as usize);
        assert_eq!(
            taken(250, (0..100).map(|frame| -f64::from(frame))),
            BURST as usize
        );
    }
}
