//! How a clip was looked at, as a map from the reference's picture into a probe.
//!
//! ```text
//! registered:  the segment's map
//! upright:     probe -> between the bars -> frame -> turned upright -> reference,  and back
//! ```
//!
//! # Shapes and units
//! Samples of the reference proxy and of the probe.

use countermark_picture::content::Content;
use countermark_picture::{Grey, Homography, QuarterTurn};

use crate::query::playback::Playback;
use crate::query::view::{Shown, ViewHypothesis};
use crate::registration::segment::Registration;

/// How a clip was looked at when it answered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sight<'a> {
    /// The picture fills the frame.
    Whole(QuarterTurn),
    /// The picture fills what lies between the bars.
    Between(QuarterTurn),
    /// The picture lies where registration found it, on the clock of a playback.
    Registered(&'a Registration, Playback),
}

impl<'a> Sight<'a> {
    /// As a view looks at it.
    #[must_use]
    pub(crate) fn of_view(view: &'a ViewHypothesis) -> Self {
        match &view.shown {
            Shown::Whole => Self::Whole(view.turn),
            Shown::Between(_) => Self::Between(view.turn),
            Shown::Registered(registration) => Self::Registered(registration, view.playback),
        }
    }

    /// From samples of the reference's picture to those of a probe, at its moment; `content` is what probes show of
    /// frames.
    #[must_use]
    pub(crate) fn map(
        &self,
        (picture, clip_time): (&Grey, f64),
        content: Option<Content>,
        reference: &Grey,
    ) -> Option<Homography> {
        let (turn, content) = match self {
            Self::Registered(registration, playback) => {
                let own = playback.own(clip_time);
                let (_, segment) = registration.segment(own)?;
                let map = segment.map(own)?;
                if segment.content == content {
                    return Some(map);
                }
                // A part of the picture.
                let part = (segment.probe.0 as f64, segment.probe.1 as f64);
                let whole = match content {
                    Some(content) => content.in_frame()?.inverse()?,
                    None => Homography::IDENTITY,
                };
                let size = (picture.width() as f64, picture.height() as f64);
                return map
                    .then(&Homography::scaling(1.0 / part.0, 1.0 / part.1)?)?
                    .then(&segment.content?.in_frame()?)?
                    .then(&whole)?
                    .then(&Homography::scaling(size.0, size.1)?);
            }
            Self::Whole(turn) => (turn, content),
            Self::Between(turn) => (turn, None),
        };
        let unit =
            Homography::scaling(1.0 / picture.width() as f64, 1.0 / picture.height() as f64)?;
        let in_frame = match content {
            Some(content) => unit.then(&content.in_frame()?)?,
            None => unit,
        };
        let samples = Homography::scaling(reference.width() as f64, reference.height() as f64)?;
        in_frame
            .then(&turn.of_unit_square()?)?
            .then(&samples)?
            .inverse()
    }
}
