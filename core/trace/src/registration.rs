//! Where and when a clip shows a title, in any perspective and at any speed: pictures alone decide, no keys.
//!
//! ```text
//! probes of the clip -> local features -> key frames of the reference -> a homography for each probe that is sighted
//! homographies -> maps that are only cropped and scaled -> the map of each probe that is most like some frame
//! sighted probes -> correlation with all frames of the reference, read on where it ends too soon -> lines of time -> runs
//! runs -> all moments of the clip around them -> pieces that follow one another -> segments
//! segments -> direct alignment of probes with the reference's frames -> a path of homographies for each
//! where the camera moves: every frame that is demodulated -> alignment with the frame of the reference that it shows
//! ```
//!
//! Registration does not look at any key, so whatever it chooses costs no hypothesis.
//!
//! # Shapes and units
//! Times in seconds: the clip's own clock, and media time. Homographies map the reference proxy's samples to those of a
//! probe; [`Segment::projection`] maps the picture's unit square to the samples of a frame.

use countermark_fingerprint::Homography;
use countermark_mark::observe::projected::Projection;
use countermark_media::Luma;

use crate::view::Content;

mod change;
mod curves;
mod drafts;
mod geometry;
mod handheld;
mod joint;
mod landmarks;
mod level;
mod pieces;
mod placing;
mod probes;
mod search;
mod sighting;
mod spans;
mod timing;
mod track;

use geometry::Path;
pub(crate) use geometry::spread;
pub(crate) use pieces::is_cut;
pub(crate) use probes::{FEATURES, grey, means, small_grey};
pub use probes::{Moment, Probe, Probes};
pub use search::locate;
pub(crate) use sighting::features;
pub use timing::TimeLine;
pub(crate) use track::Tracker;

/// A span of the clip that shows a span of the title.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// First and last moment, on the clip's clock.
    pub query: [f64; 2],
    /// Media time of every moment.
    pub time: TimeLine,
    /// Other lines that pictures would allow: where little moves they do not tell the time.
    pub other_times: Vec<TimeLine>,
    /// Probes that were sighted there.
    pub sighted: usize,
    /// Scores of their consensus, added up.
    pub sureness: f64,
    /// From samples of `reference` to samples of `probe`.
    path: Path,
    /// Columns and rows of the reference that the path starts from.
    reference: (usize, usize),
    /// Columns and rows of the probes that the path leads to.
    probe: (usize, usize),
    /// What the probes show of the frames; none for all of them.
    content: Option<Content>,
}

/// Where some probes may lie in a title, by what the index says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clue {
    /// A moment of the clip, and the media time it may show, within [`Clue::SLACK`].
    pub clip_time: f64,
    /// That media time.
    pub media_time: f64,
    /// Media seconds that pass in a second of the clip.
    pub speed: f64,
    /// How far from that moment probes may follow it, in seconds of the clip.
    pub reach: f64,
    /// Whether the clip shows the title mirrored there.
    pub mirrored: bool,
}

impl Clue {
    /// How far its media time may be off, in seconds: places of the index lie two seconds apart.
    pub const SLACK: f64 = 3.0;

    /// The media time that a moment of the clip may show.
    fn expected(&self, clip_time: f64) -> Option<f64> {
        let since = clip_time - self.clip_time;
        (since.abs() <= self.reach).then_some(self.media_time + self.speed * since)
    }
}

/// Probes sighted on one line of time that make a title known: pictures that have nothing in common may agree on a map now
/// and then, but not on the time as well.
const SIGHTINGS: usize = 3;

/// Scores of consensus that make it known with fewer, as those of a screenshot: a frame of the film itself has hundreds, one
/// of another film that shares a window or a letter up to thirty.
const SURE: f64 = 60.0;

/// How a clip shows a title.
#[derive(Debug, Clone, PartialEq)]
pub struct Registration {
    /// Ascending, not overlapping.
    pub segments: Vec<Segment>,
}

impl Segment {
    /// Whether the clip does show the title there.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.sighted >= SIGHTINGS || self.sureness >= SURE
    }

    /// Whether a moment of the clip belongs to it.
    #[must_use]
    pub fn holds(&self, clip_time: f64) -> bool {
        (self.query[0]..=self.query[1]).contains(&clip_time)
    }

    /// Whether left and right are exchanged.
    #[must_use]
    pub fn is_mirrored(&self) -> bool {
        let map = self.path.at(self.query[0]);
        map.is_some_and(|map| map.is_mirrored())
    }

    /// From samples of the reference to samples of a probe; none at an impossible place.
    #[must_use]
    pub fn map(&self, clip_time: f64) -> Option<Homography> {
        self.path.at(clip_time)
    }

    /// The part of a frame that was registered: without bars.
    #[must_use]
    pub fn within<'a>(&self, luma: Luma<'a>) -> Luma<'a> {
        self.content.map_or(luma, |content| content.of(luma))
    }

    /// Where a map puts the picture's unit square in the registered part of a frame; none at an impossible place.
    #[must_use]
    pub fn projection(&self, map: &Homography, frame: (usize, usize)) -> Option<Projection> {
        let into = Homography::scaling(self.reference.0 as f64, self.reference.1 as f64)?;
        let out = Homography::scaling(
            frame.0 as f64 / self.probe.0 as f64,
            frame.1 as f64 / self.probe.1 as f64,
        )?;
        let whole = into.then(map)?.then(&out)?;
        Projection::new(whole.matrix())
    }
}

impl Registration {
    /// Probes that were sighted, over all segments.
    #[must_use]
    pub fn sighted(&self) -> usize {
        self.segments.iter().map(|segment| segment.sighted).sum()
    }

    /// Whether the clip does show the title.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.segments.iter().any(Segment::is_certain)
    }

    /// The segment that a moment of the clip belongs to.
    #[must_use]
    pub fn segment(&self, clip_time: f64) -> Option<(usize, &Segment)> {
        self.segments
            .iter()
            .enumerate()
            .find(|(_, segment)| segment.holds(clip_time))
    }
}
