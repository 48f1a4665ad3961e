//! Epochs of media time and the fade between them.
//!
//! ```text
//! e = floor(t / T),  phi = t / T - e
//! waveform[e](t)     = 1 - f,  waveform[e +- 1](t) = f
//! f = (1 - smooth(d / c)) / 2 for a distance d < c to the nearer border, else 0;   smooth(x) = x^2 (3 - 2 x)
//! ```
//!
//! # Shapes and units
//! `t` in seconds of media time, `T` the format's epoch, `c` its fade as a share of an epoch.

use crate::format::FormatSpec;

/// The two epochs present at one moment.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct EpochMix {
    /// The epoch of the moment.
    pub(crate) epoch: u64,
    /// The neighbour that fades in or out; the epoch itself far from borders.
    pub(crate) neighbour: u64,
    /// The neighbour's weight, 0 to 0.5.
    pub(crate) fade: f32,
}

impl EpochMix {
    /// The mix at a media time; times before zero count as zero.
    #[must_use]
    pub(crate) fn at(format: &FormatSpec, media_time: f64) -> Self {
        let place = (media_time / format.epoch_seconds).max(0.0);
        let epoch = place.floor();
        let phase = place - epoch;
        let (distance, neighbour) = if phase < 0.5 {
            (phase, epoch - 1.0)
        } else {
            (1.0 - phase, epoch + 1.0)
        };
        let epoch = epoch as u64;
        if distance >= format.crossfade || neighbour < 0.0 {
            return Self {
                epoch,
                neighbour: epoch,
                fade: 0.0,
            };
        }
        let x = distance / format.crossfade;
        let fade = (1.0 - x * x * (3.0 - 2.0 * x)) / 2.0;
        Self {
            epoch,
            neighbour: neighbour as u64,
            fade: fade as f32,
        }
    }

    /// Root mean square of a chip of unit amplitude, in the mean over fair signs: `sqrt((1 - f)^2 + f^2)`.
    #[must_use]
    pub(crate) fn cross_fade_level(self) -> f32 {
        ((1.0 - self.fade) * (1.0 - self.fade) + self.fade * self.fade).sqrt()
    }

    /// The epochs present and the weights of their signs, which sum to one.
    pub(crate) fn parts(self) -> impl Iterator<Item = (u64, f32)> {
        let fading = (self.neighbour != self.epoch).then_some((self.neighbour, self.fade));
        std::iter::once((self.epoch, 1.0 - self.fade)).chain(fading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: FormatSpec = FormatSpec::CURRENT;

    #[test]
    fn neighbours_share_a_border_equally() {
        let mix = EpochMix::at(&FORMAT, 3.0 * FORMAT.epoch_seconds);
        assert_eq!((mix.epoch, mix.neighbour, mix.fade), (3, 2, 0.5));
    }

    #[test]
    fn an_epoch_is_alone_in_its_middle() {
        let mix = EpochMix::at(&FORMAT, 3.5 * FORMAT.epoch_seconds);
        assert_eq!(mix.parts().collect::<Vec<_>>(), [(3, 1.0)]);
    }

    #[test]
    fn the_first_epoch_has_no_neighbour_before_it() {
        assert_eq!(
            EpochMix::at(&FORMAT, 0.0),
            EpochMix {
                epoch: 0,
                neighbour: 0,
                fade: 0.0
            }
        );
        assert_eq!(EpochMix::at(&FORMAT, -1.0).epoch, 0);
    }

    #[test]
    fn the_fade_is_continuous() {
        let weight = |step: i32| -> f32 {
            let mix = EpochMix::at(&FORMAT, f64::from(step) * 0.001);
            mix.parts()
                .filter(|part| part.0 == 3)
                .map(|part| part.1)
                .sum()
        };
        for step in 1..4000 {
            assert!(
                (weight(step) - weight(step - 1)).abs() < 0.03,
                "step {step}"
            );
        }
    }
}
