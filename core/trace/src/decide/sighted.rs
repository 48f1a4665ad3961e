//! The moments of a clip whose pictures were compared with a title's and found to be it.
//!
//! ```text
//! registration -> its certain segments -> moments within them: only their frames are evidence
//! ```
//!
//! A mark can be lifted off a copy and laid over other pictures. That the clip shows the title somewhere does not say that
//! the frames with the mark do.
//!
//! # Shapes and units
//! Seconds on the clip's own clock.

use crate::query::playback::Playback;
use crate::registration::segment::{Registration, Segment};

/// Frames further apart are of two spans, in seconds.
const MAX_GAP_SECONDS: f64 = 0.2;

/// Spans of a clip that certainly show the title.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sighted(Vec<[f64; 2]>);

impl Sighted {
    /// As far as a registration is certain.
    pub(crate) fn of(registration: &Registration) -> Self {
        let certain = |segment: &&Segment| segment.is_certain;
        let segments = registration.segments.iter().filter(certain);
        Self(segments.map(|segment| segment.query).collect())
    }

    /// Spans on the clock of a playback, on the clip's.
    pub(crate) fn of_clip(self, playback: Playback) -> Self {
        Self(self.0.into_iter().map(|span| playback.span(span)).collect())
    }

    /// Whether there is no such moment.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a moment is one.
    pub(crate) fn holds(&self, clip_time: f64) -> bool {
        let within = |span: &[f64; 2]| (span[0]..=span[1]).contains(&clip_time);
        self.0.iter().any(within)
    }
}

/// The frames that are evidence.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Carried {
    /// Their moments.
    pub(crate) moments: Vec<f64>,
    /// Whether any of them shows next to nothing of the title.
    pub(crate) is_strange: bool,
    /// Whether the pictures of all of them were found to be the title's, beyond doubt.
    pub(crate) compared: bool,
}

impl Carried {
    /// Leads moments on the clock of a playback back to the clip's.
    pub(crate) fn put_on_the_clip(&mut self, playback: Playback) {
        for moment in &mut self.moments {
            *moment = playback.clip_time(*moment);
        }
    }

    /// Whether all of them are among those that certainly show the title.
    pub(crate) fn is_sighted(&self, sighted: &Sighted) -> bool {
        let holds = |moment: &f64| sighted.holds(*moment);
        !self.is_strange && self.moments.iter().all(holds)
    }
}

/// The spans that frames at these moments make up.
pub(crate) fn spans(moments: &[f64]) -> Vec<[f64; 2]> {
    let mut moments = moments.to_vec();
    moments.sort_by(f64::total_cmp);
    let mut spans: Vec<[f64; 2]> = Vec::new();
    for moment in moments {
        match spans.last_mut() {
            Some(last) if moment - last[1] <= MAX_GAP_SECONDS => last[1] = moment,
            _ => spans.push([moment, moment]),
        }
    }
    spans
}

/// Spans of several titles as one list, each moment once.
pub(crate) fn joined(spans: impl IntoIterator<Item = [f64; 2]>) -> Vec<[f64; 2]> {
    let mut all: Vec<[f64; 2]> = spans.into_iter().collect();
    all.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let mut joined: Vec<[f64; 2]> = Vec::new();
    for [from, to] in all {
        match joined.last_mut() {
            Some(last) if from - last[1] <= MAX_GAP_SECONDS => last[1] = last[1].max(to),
            _ => joined.push([from, to]),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::{joined, spans};

    #[test]
    fn frames_that_follow_each_other_are_a_span() {
        let moments = [2.0, 0.0, 0.04, 0.08, 2.1, 5.0];
        assert_eq!(spans(&moments), [[0.0, 0.08], [2.0, 2.1], [5.0, 5.0]]);
        assert!(spans(&[]).is_empty());
    }

    #[test]
    fn spans_that_meet_or_overlap_are_one() {
        let all = [[3.0, 5.0], [0.0, 1.0], [1.1, 2.0], [4.0, 4.5]];
        assert_eq!(joined(all), [[0.0, 2.0], [3.0, 5.0]]);
    }
}
