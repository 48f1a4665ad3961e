//! Which seconds of a title are wanted.

use countermark_media::ReadOptions;

/// Seconds read on either side of a wanted span, for seeking lands on frames, not on times.
const SEEK_MARGIN_SECONDS: f64 = 0.3;

/// Spans of a title, in seconds of media time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Spans {
    /// All of it.
    Whole,
    /// Ascending, apart from each other.
    Some(Vec<[f64; 2]>),
}

impl Spans {
    /// Spans in any order, those that meet joined.
    #[must_use]
    pub(crate) fn of(mut spans: Vec<[f64; 2]>) -> Self {
        spans.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let mut joined: Vec<[f64; 2]> = Vec::new();
        for [from, to] in spans {
            match joined.last_mut() {
                Some(last) if from <= last[1] + 2.0 * SEEK_MARGIN_SECONDS => {
                    last[1] = last[1].max(to);
                }
                _ => joined.push([from, to]),
            }
        }
        Self::Some(joined)
    }

    /// Another span; nothing changes where all is wanted already.
    pub(crate) fn add(&mut self, span: [f64; 2]) {
        if let Self::Some(spans) = self {
            let mut spans = std::mem::take(spans);
            spans.push(span);
            *self = Self::of(spans);
        }
    }

    pub(crate) fn options(&self) -> Vec<ReadOptions> {
        match self {
            Self::Whole => vec![ReadOptions::default()],
            Self::Some(spans) => spans.iter().map(|[from, to]| window(*from, *to)).collect(),
        }
    }

    /// Where they begin, unless with the title, and where they end.
    pub(crate) fn ends(&self) -> Vec<f64> {
        match self {
            Self::Whole => Vec::new(),
            Self::Some(spans) => {
                let all = spans.iter().flatten().copied();
                all.filter(|end| *end > 0.0).collect()
            }
        }
    }

    /// What lies beyond some of the ends, within some seconds.
    pub(crate) fn beyond(&self, ends: &[f64], seconds: f64) -> Vec<[f64; 2]> {
        let Self::Some(spans) = self else {
            return Vec::new();
        };
        let mut beyond = Vec::new();
        for (at, [from, to]) in spans.iter().enumerate() {
            if ends.contains(from) {
                let before = at.checked_sub(1).map_or(0.0, |before| spans[before][1]);
                beyond.push([(from - seconds).max(before), *from]);
            }
            if ends.contains(to) {
                let next = spans.get(at + 1).map_or(f64::INFINITY, |next| next[0]);
                beyond.push([*to, (to + seconds).min(next)]);
            }
        }
        beyond
    }
}

/// The frames from one moment to another, with a margin.
pub(crate) fn window(from: f64, to: f64) -> ReadOptions {
    // A clip may begin before the title does, or end before it begins.
    let start = (from - SEEK_MARGIN_SECONDS).max(0.0);
    ReadOptions {
        duration_seconds: Some(to.max(start) + SEEK_MARGIN_SECONDS - start),
        ..from_moment(start)
    }
}

/// A proxy from some moment on: its encoder closes every group of pictures.
pub(crate) fn from_moment(media_time: f64) -> ReadOptions {
    ReadOptions {
        seek_seconds: (media_time > 0.0).then_some(media_time),
        has_closed_groups: true,
        ..ReadOptions::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_meet_are_joined() {
        let spans = Spans::of(vec![[30.0, 40.0], [2.0, 9.0], [5.0, 12.0], [12.1, 14.0]]);
        assert_eq!(spans, Spans::Some(vec![[2.0, 14.0], [30.0, 40.0]]));
    }

    #[test]
    fn spans_are_read_on_until_the_next_one_or_the_beginning() {
        let spans = Spans::of(vec![[3.0, 10.0], [14.0, 20.0]]);
        assert_eq!(spans.ends(), [3.0, 10.0, 14.0, 20.0]);
        assert_eq!(spans.beyond(&[10.0], 8.0), [[10.0, 14.0]]);
        assert_eq!(spans.beyond(&[3.0, 20.0], 8.0), [[0.0, 3.0], [20.0, 28.0]]);
        assert_eq!(Spans::of(vec![[0.0, 5.0]]).ends(), [5.0]);
        assert!(Spans::Whole.ends().is_empty());
        assert!(Spans::Whole.beyond(&[1.0], 8.0).is_empty());
    }

    #[test]
    fn what_lies_before_a_title_is_read_as_its_beginning() {
        for (from, to, start, end) in [
            (-0.6, -0.6, 0.0, SEEK_MARGIN_SECONDS),
            (-0.6, 2.0, 0.0, 2.0 + SEEK_MARGIN_SECONDS),
            (
                5.0,
                7.0,
                5.0 - SEEK_MARGIN_SECONDS,
                7.0 + SEEK_MARGIN_SECONDS,
            ),
        ] {
            let options = window(from, to);
            let first = options.seek_seconds.unwrap_or(0.0);
            let length = options.duration_seconds.expect("a length");
            assert!((first - start).abs() < 1e-9, "{from} {first}");
            assert!((first + length - end).abs() < 1e-9, "{to} {length}");
        }
    }
}
