//! Who reposted whom, as far as times and seconds tell.
//!
//! ```text
//! parent(i) = the clip j that was seen before i, of the same title and delivery, such that every span of i lies within a span of j
//!             (give or take 0.5 s); of several the shortest, of several of one length the first that was seen
//! ```
//!
//! A guess, not a finding: who cut a clip out of the title itself looks the same. Clips without a delivery, which were only identified,
//! are set beside each other by their seconds alone.
//!
//! # Shapes and units
//! Seconds of the title; times are milliseconds since 1970.

use countermark_register::desk::Sighting;

/// Seconds that a repost may seem to have more than its source.
const SLACK: f64 = 0.5;

/// A clip that was seen, and the one it may be cut from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen<'a> {
    /// Its first piece: place, time, origin.
    pub(crate) first: &'a Sighting,
    /// Seconds of the title, each span in order.
    pub(crate) spans: Vec<[f64; 2]>,
    /// Place of its parent in the list.
    pub(crate) parent: Option<usize>,
    /// Steps from a clip without a parent.
    pub(crate) depth: usize,
}

impl Seen<'_> {
    /// Seconds of the title that it shows.
    pub(crate) fn seconds(&self) -> f64 {
        self.spans.iter().map(|[from, to]| to - from).sum()
    }

    fn holds(&self, other: &[[f64; 2]]) -> bool {
        let within = |a: &[f64; 2], b: &[f64; 2]| a[0] >= b[0] - SLACK && a[1] <= b[1] + SLACK;
        other
            .iter()
            .all(|span| self.spans.iter().any(|own| within(span, own)))
    }
}

/// The clips of one title's sightings, which come in the order they were seen.
pub(crate) fn spread(sightings: &[Sighting]) -> Vec<Seen<'_>> {
    let mut clips: Vec<Seen<'_>> = Vec::new();
    for one in sightings {
        let span = [one.span[0].min(one.span[1]), one.span[0].max(one.span[1])];
        let same = clips.iter_mut().find(|clip| {
            clip.first.job.is_some() && clip.first.job == one.job && clip.first.title == one.title
        });
        match same {
            Some(clip) => clip.spans.push(span),
            None => clips.push(Seen {
                first: one,
                spans: vec![span],
                parent: None,
                depth: 0,
            }),
        }
    }
    for at in 0..clips.len() {
        let own = &clips[at];
        let is_source = |other: &&(usize, &Seen<'_>)| {
            let (_, other) = other;
            other.first.title == own.first.title
                && other.first.delivery == own.first.delivery
                && other.first.seen < own.first.seen
                && other.holds(&own.spans)
        };
        let sources = clips[..at].iter().enumerate();
        let parent = sources
            .filter(|other| is_source(&other))
            .min_by(|(_, a), (_, b)| a.seconds().total_cmp(&b.seconds()));
        let parent = parent.map(|(place, _)| place);
        clips[at].depth = parent.map_or(0, |place| clips[place].depth + 1);
        clips[at].parent = parent;
    }
    clips
}

/// The places of the clips as a tree is read: each followed by those that may be cut from it.
pub(crate) fn in_order(clips: &[Seen<'_>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(clips.len());
    let children = |of: Option<usize>| {
        let own = (0..clips.len()).filter(move |at| clips[*at].parent == of);
        own.rev().collect::<Vec<usize>>()
    };
    let mut open = children(None);
    while let Some(at) = open.pop() {
        order.push(at);
        open.extend(children(Some(at)));
    }
    order
}

#[cfg(test)]
mod tests {
    use countermark_register::desk::Origin;

    use super::*;

    fn seen(job: Option<&str>, delivery: Option<&str>, span: [f64; 2], seen: i64) -> Sighting {
        Sighting {
            number: seen,
            job: job.map(str::to_owned),
            title: "T".to_owned(),
            delivery: delivery.map(str::to_owned),
            place: "tube".to_owned(),
            span,
            seen,
            origin: Origin::default(),
        }
    }

    #[test]
    fn a_clip_within_an_earlier_one_of_the_same_delivery_hangs_under_the_shortest_of_them() {
        let all = [
            seen(Some("whole"), Some("a"), [0.0, 60.0], 1),
            seen(Some("half"), Some("a"), [0.0, 30.0], 2),
            seen(Some("cut"), Some("a"), [10.2, 30.4], 3),
            seen(Some("other"), Some("b"), [10.0, 30.0], 4),
            seen(Some("more"), Some("a"), [25.0, 45.0], 5),
            seen(Some("again"), Some("a"), [0.0, 60.0], 6),
        ];
        let clips = spread(&all);
        let parents: Vec<_> = clips.iter().map(|clip| clip.parent).collect();
        assert_eq!(parents, [None, Some(0), Some(1), None, Some(0), Some(0)]);
        assert_eq!(clips[2].depth, 2);
        assert_eq!(in_order(&clips), [0, 1, 2, 4, 5, 3]);
    }

    #[test]
    fn pieces_of_one_clip_are_one_and_must_all_be_within_the_other() {
        let all = [
            seen(Some("x"), None, [0.0, 20.0], 1),
            seen(Some("recap"), None, [1.0, 3.0], 2),
            seen(Some("recap"), None, [40.0, 42.0], 2),
            seen(None, None, [1.0, 2.0], 3),
            seen(None, None, [1.0, 2.0], 3),
        ];
        let clips = spread(&all);
        assert_eq!(clips.len(), 4, "prints are clips of their own");
        let parents: Vec<_> = clips.iter().map(|clip| clip.parent).collect();
        assert_eq!(parents, [None, None, Some(1), Some(1)]);
        // Backwards spans are those of the title all the same.
        let back = [
            seen(None, None, [9.0, 1.0], 1),
            seen(None, None, [2.0, 3.0], 2),
        ];
        assert_eq!(spread(&back)[1].parent, Some(0));
    }
}
