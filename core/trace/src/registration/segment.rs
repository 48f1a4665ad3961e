//! What registration finds: spans of the clip that show spans of the title, and the maps between their pictures.
//!
//! # Shapes and units
//! Times in seconds: the clip's own clock, and media time. Homographies map samples of the reference proxy to those of a
//! probe, after the bend of a segment that has one; [`Segment::projection`] maps the picture's unit square to samples of a frame.

use countermark_mark::Projection;
use countermark_picture::content::Content;
use countermark_picture::{AnyPlane, Homography};

use crate::registration::spatial::bends::Bends;
use crate::registration::spatial::track::Path;
use crate::registration::temporal::line::TimeMap;

/// A span of the clip that shows a span of the title.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Segment {
    /// First and last moment, on the clip's clock.
    pub(crate) query: [f64; 2],
    /// Media time of every moment.
    pub(crate) time: TimeMap,
    /// Other lines that pictures would allow: where little moves they do not tell the time.
    pub(crate) other_times: Vec<TimeMap>,
    /// Query frames that were sighted there.
    pub(crate) sighted: usize,
    /// Scores of their consensus, added up.
    pub(crate) sureness: f64,
    /// Whether both make the title certain.
    pub(crate) is_certain: bool,
    /// How like the reference its moments are along its line, from -1 to 1.
    pub(crate) likeness: f64,
    /// How far its line may be off before the pictures object, in seconds of media.
    pub(crate) precision: f64,
    /// From samples of `reference` to samples of `probe`.
    pub(crate) path: Path,
    /// What bends the reference before the path, where a path does not explain the pictures.
    pub(crate) bends: Option<Bends>,
    /// Columns and rows of the reference that the path starts from.
    pub(crate) reference: (usize, usize),
    /// Columns and rows of the probes that the path leads to.
    pub(crate) probe: (usize, usize),
    /// What the probes show of the frames; none for all of them.
    pub(crate) content: Option<Content>,
}

/// How a clip shows a title.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Registration {
    /// Ascending, not overlapping.
    pub(crate) segments: Vec<Segment>,
    /// Whether along their lines the pictures leave next to nothing unexplained that others would explain: no other way to play
    /// the clip does.
    pub(crate) is_told: bool,
}

impl Segment {
    /// Whether a moment of the clip belongs to it.
    #[must_use]
    pub(crate) fn holds(&self, clip_time: f64) -> bool {
        (self.query[0]..=self.query[1]).contains(&clip_time)
    }

    /// Whether left and right are exchanged.
    #[must_use]
    pub(crate) fn is_mirrored(&self) -> bool {
        let map = self.path.at(self.query[0]);
        map.is_some_and(|map| map.is_mirrored())
    }

    /// From samples of the reference to samples of a probe; none at an impossible place.
    #[must_use]
    pub(crate) fn map(&self, clip_time: f64) -> Option<Homography> {
        self.path.at(clip_time)
    }

    /// The part of a frame that was registered: without bars.
    #[must_use]
    pub(crate) fn within<'a>(&self, luma: AnyPlane<'a>) -> AnyPlane<'a> {
        self.content.map_or(luma, |content| content.of(luma))
    }

    /// Where the map of a moment puts the picture's unit square in the registered part of a frame; none at an impossible place.
    #[must_use]
    pub(crate) fn projection(
        &self,
        (clip_time, map): (f64, &Homography),
        frame: (usize, usize),
    ) -> Option<Projection> {
        let into = Homography::scaling(self.reference.0 as f64, self.reference.1 as f64)?;
        let out = Homography::scaling(
            frame.0 as f64 / self.probe.0 as f64,
            frame.1 as f64 / self.probe.1 as f64,
        )?;
        let whole = into.then(map)?.then(&out)?;
        Projection::new(whole)
            .map(|straight| straight.bent(self.bends.as_ref().map(|bends| bends.at(clip_time))))
    }
}

impl Registration {
    /// Query frames that were sighted, over all segments.
    #[must_use]
    pub(crate) fn sighted(&self) -> usize {
        self.segments.iter().map(|segment| segment.sighted).sum()
    }

    /// Whether a segment shows the title bent.
    #[must_use]
    pub(crate) fn is_bent(&self) -> bool {
        self.segments.iter().any(|segment| segment.bends.is_some())
    }

    /// Seconds that it certainly explains, each as far as it is like the reference.
    #[must_use]
    pub(crate) fn explained(&self) -> f64 {
        let certain = self.segments.iter().filter(|segment| segment.is_certain);
        let seconds = |segment: &Segment| segment.query[1] - segment.query[0];
        certain
            .map(|segment| seconds(segment) * segment.likeness)
            .sum()
    }

    /// Whether it certainly shows so much of a clip, at times that its pictures bear out.
    #[must_use]
    pub(crate) fn tells(&self, seconds: f64) -> bool {
        let certain = self.segments.iter().filter(|segment| segment.is_certain);
        let shown: f64 = certain.map(|s| s.query[1] - s.query[0]).sum();
        self.is_told && shown >= seconds
    }

    /// Whether it puts what some lines show at other times: the most that these may be off is `seconds`.
    #[must_use]
    pub(crate) fn contradicts(&self, lines: &[([f64; 2], TimeMap)], seconds: f64) -> bool {
        let certain = self.segments.iter().filter(|segment| segment.is_certain);
        self.is_told
            && certain.into_iter().any(|segment| {
                lines.iter().any(|(span, line)| {
                    let (from, to) = (span[0].max(segment.query[0]), span[1].min(segment.query[1]));
                    let off = |t: f64| (line.at(t) - segment.time.at(t)).abs();
                    from < to && off(from).max(off(to)) > seconds + segment.precision
                })
            })
    }

    /// The segment that a moment of the clip belongs to.
    #[must_use]
    pub(crate) fn segment(&self, clip_time: f64) -> Option<(usize, &Segment)> {
        self.segments
            .iter()
            .enumerate()
            .find(|(_, segment)| segment.holds(clip_time))
    }
}
