//! A clip seen through a title's lattice: decoded frame by frame, held window by window.
//!
//! # Shapes and units
//! Times in seconds on the clip's own clock, from its first frame. A window is at most 16 s long as a rule: 16 s of 60
//! frames on the lattice are 27 MiB.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use countermark_mark::Observation;
use countermark_mark::lattice::LatticeGeometry;
use countermark_media::VideoReader;
use countermark_picture::content::ContentFinder;
use countermark_picture::{AnyPlane, TurnedPlane};
use rayon::prelude::*;

use crate::error::{PictureError, TraceError};
use crate::observer::Stage;
use crate::query::footage::{Footage, Held, complain, open_clip};
use crate::query::lens::{Lenses, Look};
use crate::query::playback::Playback;
use crate::query::view::{Inset, Shown, ViewHypothesis};
use crate::reference::Reference;
use crate::registration::spatial::tracker::Tracker;
use crate::task::Task;

/// Frames in memory that are put on the lattice side by side.
const AT_ONCE: usize = 32;

/// Decodes a file and puts its frames on a lattice.
pub struct ClipReader<'a> {
    source: Source,
    path: &'a Path,
    lenses: Lenses,
    borders: ContentFinder,
    turned: TurnedPlane,
    tracker: Option<Tracker<'a>>,
    playback: Playback,
    task: &'a Task<'a>,
    /// On the lattice, to be delivered.
    ready: VecDeque<Observation>,
    /// The first frame of the next window.
    ahead: Option<Observation>,
    frames: u64,
    start: Option<f64>,
    end: f64,
}

/// Where frames come from.
enum Source {
    Held { clip: Arc<Held>, next: usize },
    Reader(Box<VideoReader>),
}

impl<'a> ClipReader<'a> {
    /// Opens a clip.
    ///
    /// # Errors
    /// When the file holds no video or picture that can be decoded.
    pub fn open(
        path: &'a Path,
        lattice: LatticeGeometry,
        task: &'a Task<'a>,
    ) -> Result<Self, TraceError> {
        let reader = open_clip(path)?;
        task.stage(Stage::Decoding, reader.info().frames);
        let source = Source::Reader(Box::new(reader));
        Ok(Self::new(source, path, lattice, task))
    }

    /// Looks at a clip whose frames may be in memory.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) fn of(
        clip: &'a Footage,
        lattice: LatticeGeometry,
        task: &'a Task<'a>,
    ) -> Result<Self, TraceError> {
        let Some(held) = clip.held() else {
            return Self::open(clip.path(), lattice, task);
        };
        task.stage(Stage::Decoding, held.info.frames);
        let source = Source::Held {
            clip: held,
            next: 0,
        };
        Ok(Self::new(source, clip.path(), lattice, task))
    }

    fn new(source: Source, path: &'a Path, lattice: LatticeGeometry, task: &'a Task<'a>) -> Self {
        Self {
            source,
            path,
            lenses: Lenses::new(lattice),
            borders: ContentFinder::default(),
            turned: TurnedPlane::default(),
            tracker: None,
            playback: Playback::PLAIN,
            task,
            ready: VecDeque::new(),
            ahead: None,
            frames: 0,
            start: None,
            end: 0.0,
        }
    }

    /// Every frame is looked at like this before it is put on the lattice. Frames come on the clock of the view's playback, those
    /// of a window in its order.
    #[must_use]
    pub(crate) fn seen_as(mut self, view: ViewHypothesis) -> Self {
        self.playback = view.playback;
        self.lenses.view = view;
        self
    }

    /// Frames of a segment whose camera moves are led on to those of the reference.
    #[must_use]
    pub(crate) fn beside(mut self, reference: &'a Reference<'a>) -> Self {
        // The reference is followed in the order of time only.
        let follows = !self.playback.is_backwards();
        self.tracker = follows.then(|| Tracker::new(reference));
        self
    }

    /// The picture between bars, from the frames so far.
    #[must_use]
    pub(crate) fn inset(&self) -> Option<Inset> {
        Inset::of(&self.borders, self.lenses.lattice)
    }

    /// The next window of frames; empty at the end of the clip. A window holds frames of one segment of a registration,
    /// and none that belong to no segment.
    ///
    /// # Errors
    /// When the decoder fails.
    pub fn next_window(&mut self) -> Result<Vec<Observation>, TraceError> {
        let seconds = self.task.tuning().query.window_seconds;
        let mut window: Vec<Observation> = self.ahead.take().into_iter().collect();
        while let Some(observation) = self.next()? {
            let first = window
                .first()
                .map_or(observation.media_time, |first| first.media_time);
            let goes_on = self.segment(first) == self.segment(observation.media_time);
            if (observation.media_time - first).abs() >= seconds || !goes_on {
                self.ahead = Some(observation);
                break;
            }
            window.push(observation);
        }
        if self.playback.is_backwards() {
            window.reverse();
        }
        Ok(window)
    }

    /// The segment of the registration that a moment belongs to.
    fn segment(&self, clip_time: f64) -> Option<usize> {
        match &self.lenses.view.shown {
            Shown::Registered(registration) => {
                registration.segment(clip_time).map(|(index, _)| index)
            }
            Shown::Whole | Shown::Between(_) => None,
        }
    }

    /// Frames delivered so far.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Seconds from the first to the last frame delivered.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.end
    }

    fn next(&mut self) -> Result<Option<Observation>, TraceError> {
        loop {
            if let Some(observation) = self.ready.pop_front() {
                return Ok(Some(observation));
            }
            let goes_on = match &self.source {
                Source::Held { clip, next } => self.look_at_several(&Arc::clone(clip), *next)?,
                Source::Reader(_) => self.look_at_next()?,
            };
            if !goes_on {
                return Ok(None);
            }
        }
    }

    /// Decodes a frame and puts it on the lattice; false at the end.
    fn look_at_next(&mut self) -> Result<bool, TraceError> {
        let Source::Reader(reader) = &mut self.source else {
            return Ok(false);
        };
        let Some(frame) = reader.next_frame().map_err(TraceError::Clip)? else {
            complain(reader, self.task);
            return Ok(false);
        };
        if let Some(look) = self.meet(frame.luma(), frame.media_time())? {
            let own = self.playback.own(self.end);
            let seen = self.lenses.see(frame.luma(), &look, own);
            let seen = seen.map_err(TraceError::clip_picture(self.path))?;
            self.ready.extend(seen);
        }
        Ok(true)
    }

    /// Puts frames that are in memory on the lattice, from `first` on; false at the end.
    fn look_at_several(&mut self, clip: &Held, first: usize) -> Result<bool, TraceError> {
        let some = &clip.frames[first..clip.frames.len().min(first + AT_ONCE)];
        if some.is_empty() {
            return Ok(false);
        }
        let mut looks = Vec::with_capacity(some.len());
        for still in some {
            let look = self.meet(still.luma(), still.media_time)?;
            looks.extend(look.map(|look| (still, look, self.playback.own(self.end))));
        }
        let lenses = &self.lenses;
        let seen: Vec<Result<Option<Observation>, PictureError>> = looks
            .par_iter()
            .map(|(still, look, seconds)| lenses.see(still.luma(), look, *seconds))
            .collect();
        for seen in seen {
            let seen = seen.map_err(TraceError::clip_picture(self.path))?;
            self.ready.extend(seen);
        }
        if let Source::Held { next, .. } = &mut self.source {
            *next = first + some.len();
        }
        Ok(true)
    }

    /// Takes note of the next frame; none when it belongs to no segment.
    fn meet(&mut self, luma: AnyPlane<'_>, media_time: f64) -> Result<Option<Look>, TraceError> {
        let start = *self.start.get_or_insert(media_time);
        self.end = media_time - start;
        self.frames += 1;
        self.task.progress(self.frames);
        self.task.proceed()?;
        let own = self.playback.own(self.end);
        Ok(match &self.lenses.view.shown {
            Shown::Whole => {
                if self.borders.is_due(self.end) {
                    let luma = self.turned.turn(luma, self.lenses.view.turn);
                    self.borders.look(luma, self.end);
                }
                Some(Look::Placed)
            }
            Shown::Between(_) => Some(Look::Placed),
            Shown::Registered(registration) => match registration.segment(own) {
                Some(found) => {
                    let tracker = self.tracker.as_mut();
                    let guide = tracker.map(|tracker| tracker.guide(found, own));
                    Some(Look::Led(found.0, guide.transpose()?))
                }
                None => None,
            },
        })
    }
}
