//! A camera that shakes: the map of each frame, led on to the frame of the reference that it shows.
//!
//! A hand moves three to eight times a second: maps of probes, of which there are two a second, know nothing of it. What is
//! off by a sample and a half loses most of the mark, and leaves much of the host that was to be cancelled.
//!
//! Measured on sixteen clips filmed by hand at 500 kb/s: the median of log10 p is -24 without, -53 with pictures of the size
//! of probes, -55 with pictures of half that, as here; motions freer than a similarity are level with it.
//!
//! # Shapes and units
//! Times in seconds. Homographies from samples of the reference to samples of a probe.

use std::sync::Arc;

use countermark_fingerprint::{Freedom, Pyramid, align_all};
use countermark_picture::{AnyPlane, Grey, Homography};

use crate::error::TraceError;
use crate::reference::Reference;
use crate::reference::cursor::SequentialCursor;

use crate::query::thumbnail::small_grey;
use crate::registration::segment::Segment;

/// Follows the frames of a clip, in the order of time.
pub(crate) struct Tracker<'a> {
    reference: &'a Reference<'a>,
    /// The segment that is followed, and the reference as it goes on there.
    reel: Option<(usize, SequentialCursor)>,
}

/// What a frame of a clip is led on to.
pub(crate) struct Guide {
    shown: Option<Arc<Pyramid>>,
    /// The maps of the probes before and after it, where a cut lies between them.
    cut: Option<[Homography; 2]>,
}

impl<'a> Tracker<'a> {
    /// For clips of a reference.
    pub(crate) fn new(reference: &'a Reference<'a>) -> Self {
        Self {
            reference,
            reel: None,
        }
    }

    /// What a frame of segment `index` is led on to: frames come in the order of time.
    ///
    /// # Errors
    /// When the reference cannot be decoded.
    pub(crate) fn guide(
        &mut self,
        (index, segment): (usize, &Segment),
        clip_time: f64,
    ) -> Result<Guide, TraceError> {
        // The reference is followed in the order of time only.
        let is_followed = segment.time.speed > 0.0;
        if !is_followed || segment.path.steady().is_some() || segment.map(clip_time).is_none() {
            return Ok(Guide {
                shown: None,
                cut: None,
            });
        }
        let media_time = segment.time.at(clip_time);
        let reel = match &mut self.reel {
            Some((known, reel)) if *known == index => reel,
            other => {
                let to = segment.time.at(segment.query[1]);
                &mut other
                    .insert((index, self.reference.reel(media_time, to)?))
                    .1
            }
        };
        let shown = reel.at(media_time)?;
        let tuning = &self.reference.tuning().registration.track;
        let cut = segment.path.cut_at(clip_time, segment.reference, tuning);
        Ok(Guide { shown, cut })
    }
}

impl Guide {
    /// The map of a frame, of which `luma` is what was registered; the path's where it leads nowhere. Around a cut the piece before
    /// it and the piece after it are tried: which of them a frame belongs to its own picture tells.
    pub(crate) fn map(
        &self,
        segment: &Segment,
        luma: AnyPlane<'_>,
        clip_time: f64,
    ) -> Option<Homography> {
        let start = segment.map(clip_time);
        let (Some(start), Some(shown)) = (start, &self.shown) else {
            return start;
        };
        let picture = small_grey(luma);
        let (from, to) = (
            scaling(segment.reference, shown.picture()),
            scaling(segment.probe, &picture),
        );
        let picture = Pyramid::new(picture);
        let led = |start: Homography| {
            let (from, to) = (from?, to?);
            let small = from.inverse()?.then(&start)?.then(&to)?;
            let found = align_all(&[(&**shown, &picture)], &small, Freedom::Similarity)?;
            let map = from.then(&found.homography)?.then(&to.inverse()?)?;
            Some((map, found.correlation))
        };
        let best = match self.cut {
            None => led(start),
            Some(pieces) => pieces
                .into_iter()
                .filter_map(led)
                .max_by(|a, b| a.1.total_cmp(&b.1)),
        };
        Some(best.map_or(start, |(map, _)| map))
    }
}

/// From samples of a picture of that size to those of one that shows the same.
fn scaling((columns, rows): (usize, usize), other: &Grey) -> Option<Homography> {
    let share = |side: usize, of: usize| side as f64 / of as f64;
    Homography::scaling(share(other.width(), columns), share(other.height(), rows))
}
