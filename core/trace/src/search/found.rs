//! A title that a clip shows, and where in the frames.
//!
//! # Shapes and units
//! Seconds on the clip's own clock and of media; samples of the clip's frames.

use std::sync::Arc;

use countermark_register::{TitleId, TitleRecord};

use crate::query::part::Part;
use crate::query::playback::Playback;
use crate::reference::spans::Spans;
use crate::registration::segment::Registration;
use crate::result::Rectangle;
use crate::retrieval::candidates::Lead;
use crate::retrieval::replays::Replay;

use super::canvas::Canvas;
use super::cover::Cover;

/// Media seconds around what was found that are looked at as well.
const MARGIN_SECONDS: f64 = 1.0;

/// A title that a clip shows.
pub(crate) struct Found<'a> {
    pub(crate) lead: Lead<'a>,
    pub(crate) registration: Arc<Registration>,
    pub(crate) way: Replay,
    /// The part of the picture that was looked at; none for all of it.
    pub(crate) part: Option<Part>,
    /// What certain segments cover, by their places.
    pub(super) covers: Vec<(usize, Cover)>,
    /// Where they lie in the frames, where that is a part of the picture.
    pub(super) places: Vec<Place>,
    /// Segments that cover next to nothing.
    pub(super) slight: Vec<usize>,
}

/// Where a segment lies in the frames, while it stays there.
pub(super) struct Place {
    pub(super) segment: usize,
    /// On the clip's clock.
    pub(super) span: [f64; 2],
    pub(super) rectangle: Rectangle,
}

impl<'a> Found<'a> {
    pub(crate) fn title(&self) -> &'a TitleRecord {
        self.lead.title
    }

    /// Seconds of the clip that it explains.
    pub(super) fn explained(&self) -> f64 {
        let own = self.registration.explained();
        self.way.playback.clip_seconds(own)
    }

    pub(super) fn is_certain(&self) -> bool {
        let segments = &self.registration.segments;
        segments.iter().any(|segment| segment.is_certain)
    }

    /// Whether it is certain of a moment of the clip.
    pub(super) fn is_certain_at(&self, moment: f64) -> bool {
        let own = self.way.playback.own(moment);
        let mut segments = self.registration.segments.iter();
        segments.any(|segment| segment.is_certain && segment.holds(own))
    }

    /// The media time that it certainly shows at a moment of the clip.
    pub(super) fn certainly_at(&self, moment: f64) -> Option<f64> {
        let own = self.way.playback.own(moment);
        let mut segments = self.registration.segments.iter();
        let segment = segments.find(|segment| segment.is_certain && segment.holds(own))?;
        Some(segment.time.at(own))
    }

    /// The spans of its certain segments, on the clip's clock.
    pub(super) fn certain_spans(&self) -> impl Iterator<Item = [f64; 2]> {
        let segments = self.registration.segments.iter();
        let certain = segments.filter(|segment| segment.is_certain);
        certain.map(|segment| self.way.playback.span(segment.query))
    }

    /// The middles of its segments, on the clip's clock.
    pub(super) fn middles(&self) -> impl Iterator<Item = f64> {
        let segments = self.registration.segments.iter();
        segments.map(|segment| {
            let [from, to] = self.way.playback.span(segment.query);
            f64::midpoint(from, to)
        })
    }

    /// The spans of the title that are looked at, those that it was found in among them.
    pub(crate) fn spans(&self) -> Spans {
        let mut spans = self.lead.spans.clone();
        for segment in &self.registration.segments {
            let ends = segment.query.map(|moment| segment.time.at(moment));
            let (from, to) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
            spans.add([(from - MARGIN_SECONDS).max(0.0), to + MARGIN_SECONDS]);
        }
        spans
    }

    pub(super) fn is_of(&self, title: TitleId, playback: Playback) -> bool {
        self.title().id == title && self.way.playback == playback
    }

    /// The places of a segment in the frames; none where it fills the picture.
    pub(super) fn places(&self, segment: usize) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(move |own| own.segment == segment)
    }
}

impl Found<'_> {
    /// The parts of the picture that its segments cover, each over all the time that they do.
    pub(super) fn own_parts(&self, canvas: &mut Canvas<'_>) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        for (_, cover) in &self.covers {
            let Some(part) = canvas.own(cover) else {
                continue;
            };
            let same = |known: &&mut Part| canvas.is_same(known, &part);
            match parts.iter_mut().find(same) {
                Some(known) => known.spans.extend(part.spans),
                None => parts.push(part),
            }
        }
        parts
    }

    /// Says where its segments lie in the frames.
    pub(super) fn place_on(&mut self, canvas: &mut Canvas<'_>) {
        for (at, cover) in &self.covers {
            if canvas.is_slight(cover, self.part.as_ref()) {
                self.slight.push(*at);
                continue;
            }
            let Some(own) = canvas.own(cover) else {
                continue;
            };
            // What was looked at on its own and is filled is the place.
            let filled = self
                .part
                .as_ref()
                .filter(|part| canvas.is_filled(part, &own));
            let frame = canvas.frame();
            let rect = filled.unwrap_or(&own).content.rect(frame);
            self.places.push(Place {
                segment: *at,
                span: cover.span,
                rectangle: Rectangle { rect, frame },
            });
        }
        let Some(part) = &self.part else {
            return;
        };
        // What nothing tells the place of lies where it was found.
        let frame = canvas.frame();
        let rect = part.content.rect(frame);
        for (at, segment) in self.registration.segments.iter().enumerate() {
            if segment.is_certain && self.covers.iter().all(|(known, _)| *known != at) {
                self.places.push(Place {
                    segment: at,
                    span: self.way.playback.span(segment.query),
                    rectangle: Rectangle { rect, frame },
                });
            }
        }
    }

    /// Whether it is seen where another one is, over the same time.
    pub(super) fn is_in_place_of(&self, other: &Found<'_>) -> bool {
        let share = |cover: &Cover, own: &Cover| {
            let both = cover.covered.iter().zip(&own.covered);
            let shared = both.filter(|(a, b)| **a && **b).count();
            let all = cover.covered.iter().filter(|covered| **covered).count();
            2 * shared > all
        };
        let meets =
            |cover: &Cover, own: &Cover| cover.span[0] < own.span[1] && own.span[0] < cover.span[1];
        self.covers.iter().any(|(_, cover)| {
            other
                .covers
                .iter()
                .any(|(_, own)| meets(cover, own) && share(cover, own))
        })
    }
}
