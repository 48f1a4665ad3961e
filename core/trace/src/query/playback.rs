//! How a clip is played against its title: forwards or backwards, faster or slower by far, as a negative.
//!
//! ```text
//! forwards at rate r:   own = r t                      backwards:   own = |r| (end - t)
//! negative:             luma -> highest level - luma
//! ```
//!
//! The index is asked for copies that run forwards, at 0.7 to 1.4 times the usual speed. On its own clock a clip of another kind
//! is one of these. Where it points to the title all the same, registration finds the clip's course as it is.
//!
//! # Shapes and units
//! Times in seconds: `t` on the clip's clock, from its first frame to its `end`; `own` on the clock of the playback. Rates in
//! seconds of the title a second of the clip.

use crate::result::Match;

/// One way to play a clip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Playback {
    rate: f64,
    end: f64,
    negative: bool,
}

impl Playback {
    /// As it is.
    pub(crate) const PLAIN: Self = Self {
        rate: 1.0,
        end: 0.0,
        negative: false,
    };

    /// At about that rate, backwards where it is negative, for a clip whose last moment is `end`.
    #[must_use]
    pub(crate) fn at_rate(rate: f64, end: f64) -> Self {
        Self {
            rate,
            end,
            negative: false,
        }
    }

    /// With black and white exchanged.
    #[must_use]
    pub(crate) fn negative(self) -> Self {
        Self {
            negative: true,
            ..self
        }
    }

    /// Whether black and white are exchanged.
    #[must_use]
    pub(crate) fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether it runs backwards.
    #[must_use]
    pub(crate) fn is_backwards(&self) -> bool {
        self.rate < 0.0
    }

    /// A speed on the clip's clock, on its own.
    #[must_use]
    pub(crate) fn own_speed(&self, speed: f64) -> f64 {
        speed / self.rate
    }

    /// Whether it runs at the usual rate, either way.
    #[must_use]
    pub(crate) fn is_exact(&self) -> bool {
        self.pace().to_bits() == 1.0_f64.to_bits()
    }

    /// Seconds of its clock in a second of the clip.
    #[must_use]
    pub(crate) fn pace(&self) -> f64 {
        self.rate.abs()
    }

    /// A moment of the clip on the playback's clock.
    #[must_use]
    pub(crate) fn own(&self, clip_time: f64) -> f64 {
        if self.is_backwards() {
            -self.rate * (self.end - clip_time)
        } else {
            self.rate * clip_time
        }
    }

    /// A moment of the playback's clock in the clip.
    #[must_use]
    pub(crate) fn clip_time(&self, own: f64) -> f64 {
        if self.is_backwards() {
            self.end + own / self.rate
        } else {
            own / self.rate
        }
    }

    /// So many seconds of the playback's clock in the clip.
    #[must_use]
    pub(crate) fn clip_seconds(&self, own: f64) -> f64 {
        own / self.pace()
    }

    /// A span of the playback's clock in the clip.
    #[must_use]
    pub(crate) fn span(&self, [from, to]: [f64; 2]) -> [f64; 2] {
        let (from, to) = (self.clip_time(from), self.clip_time(to));
        [from.min(to), from.max(to)]
    }

    /// A match that was found on the playback's clock, on the clip's.
    #[must_use]
    pub(crate) fn of_clip(&self, found: Match) -> Match {
        let [first, last] = found.reference;
        Match {
            query: self.span(found.query),
            reference: if self.is_backwards() {
                [last, first]
            } else {
                [first, last]
            },
            speed: found.speed * self.rate,
            negative: self.negative,
            ..found
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_span(found: [f64; 2], expected: [f64; 2]) {
        let near = |(a, b): (f64, f64)| (a - b).abs() < 1e-12;
        assert!(found.into_iter().zip(expected).all(near), "{found:?}");
    }

    #[test]
    fn a_clip_that_runs_backwards_ends_where_its_playback_begins() {
        let back = Playback::at_rate(-1.0, 5.0);
        assert_eq!(back.own(5.0).to_bits(), 0.0_f64.to_bits());
        assert_eq!(back.own(0.0).to_bits(), 5.0_f64.to_bits());
        is_span(back.span([1.0, 2.0]), [3.0, 4.0]);
    }

    #[test]
    fn own_moments_lead_back_to_the_clip() {
        for rate in [0.5, 1.0, 2.0, 4.0, -0.5, -1.0, -2.0] {
            let playback = Playback::at_rate(rate, 7.0);
            for moment in [0.0, 1.25, 7.0] {
                let again = playback.clip_time(playback.own(moment));
                assert!((again - moment).abs() < 1e-12, "{rate} {moment} {again}");
            }
        }
    }

    #[test]
    fn a_match_of_a_slowed_clip_that_runs_backwards() {
        // Five seconds of the title, backwards and at half the speed, in a clip of ten.
        let back = Playback::at_rate(-0.5, 10.0);
        let found = Match {
            query: [0.0, 5.0],
            reference: [42.0, 47.0],
            speed: 1.0,
            tolerance: None,
            mirrored: false,
            negative: false,
            rectangle: None,
            title: None,
            also: Vec::new(),
            by: Vec::new(),
            payloads: Vec::new(),
        };
        let found = back.of_clip(found);
        is_span(found.query, [0.0, 10.0]);
        is_span(found.reference, [47.0, 42.0]);
        assert_eq!(found.speed.to_bits(), (-0.5_f64).to_bits());
    }
}
