//! What is known of where a clip shows a title before its mark is looked for: a search for the mark goes no further.
//!
//! # Shapes and units
//! Seconds: media time, and the clip's own clock from its first frame.

/// How far two clocks may tell one frame apart, in seconds: far below the time from one frame to the next.
const SAME_SECONDS: f64 = 1e-4;

/// Frames of a clip, and the span of a title that they show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Within<'a> {
    /// First and last second of media that may be shown.
    pub(crate) media: [f64; 2],
    /// Moments of the clip whose frames are looked at, ascending; no others are.
    pub(crate) moments: &'a [f64],
    /// Where the picture lies, at most [`MAX_PLACES`].
    pub(crate) places: &'a [Placed],
}

/// Places of a picture that are looked at: no more than the speeds of whole pictures, which are not.
pub(crate) const MAX_PLACES: usize = 4;

/// Where registration puts a title's picture in the frames, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed {
    /// Its upper left, upper right and lower left corner, as shares of the frame's sides.
    pub(crate) corners: [(f64, f64); 3],
    /// Seconds of media at the clip's time zero.
    pub(crate) start: f64,
    /// Seconds of media that pass in a second of the clip.
    pub(crate) speed: f64,
}

impl Within<'_> {
    /// Whether the frame of a moment of the clip is looked at.
    pub(crate) fn holds(&self, clip_time: f64) -> bool {
        let next = self
            .moments
            .partition_point(|moment| *moment < clip_time - SAME_SECONDS);
        self.moments
            .get(next)
            .is_some_and(|moment| *moment <= clip_time + SAME_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_frames_but_those_named_are_looked_at() {
        let moments = [0.5, 0.54, 2.0];
        let within = Within {
            media: [10.0, 12.0],
            moments: &moments,
            places: &[],
        };
        for (moment, holds) in [
            (0.46, false),
            (0.5, true),
            (0.540_01, true),
            (0.58, false),
            (2.04, false),
        ] {
            assert_eq!(within.holds(moment), holds, "{moment}");
        }
    }
}
