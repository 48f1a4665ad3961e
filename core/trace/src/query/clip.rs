//! A clip seen through a title's lattice: decoded frame by frame, held window by window.
//!
//! # Shapes and units
//! Times in seconds on the clip's own clock, from its first frame. A window is at most 16 s long as a rule and is
//! the most that is ever held: 16 s of 60 frames are 27 MiB.

use std::path::Path;

use countermark_mark::lattice::LatticeGeometry;
use countermark_mark::lattice::cpu::CpuLevel;
use countermark_mark::{Observation, Placement, ProjectedSampler, Sampler};
use countermark_media::{ReadOptions, VideoReader};
use countermark_picture::content::ContentFinder;
use countermark_picture::{QuarterTurn, TurnedPlane};

use crate::error::TraceError;
use crate::observer::{Note, Stage};
use crate::query::orientation::Pose;
use crate::query::sampling::{observe, project};
use crate::query::view::{Inset, Shown, View};
use crate::reference::Reference;
use crate::registration::spatial::tracker::Tracker;
use crate::task::Task;

/// Decodes a file and puts its frames on a lattice.
pub struct ClipReader<'a> {
    reader: VideoReader,
    path: &'a Path,
    lattice: LatticeGeometry,
    view: View,
    borders: ContentFinder,
    turned: TurnedPlane,
    sampler: Option<Sampler>,
    projected: ProjectedSampler,
    tracker: Option<Tracker<'a>>,
    task: &'a Task<'a>,
    /// The first frame of the next window.
    ahead: Option<Observation>,
    frames: u64,
    start: Option<f64>,
    end: f64,
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
        let reader = VideoReader::open(path, ReadOptions::default()).map_err(TraceError::Clip)?;
        task.stage(Stage::Decoding, reader.info().frames);
        Ok(Self {
            reader,
            path,
            lattice,
            view: View {
                turn: QuarterTurn::None,
                shown: Shown::Whole,
            },
            borders: ContentFinder::default(),
            turned: TurnedPlane::default(),
            sampler: None,
            projected: ProjectedSampler::new(lattice, CpuLevel::probe()),
            tracker: None,
            task,
            ahead: None,
            frames: 0,
            start: None,
            end: 0.0,
        })
    }

    /// Every frame is looked at like this before it is put on the lattice.
    #[must_use]
    pub(crate) fn seen_as(mut self, view: View) -> Self {
        self.view = view;
        self
    }

    /// Frames of a segment whose camera moves are led on to those of the reference.
    #[must_use]
    pub(crate) fn beside(mut self, reference: &'a Reference<'a>) -> Self {
        self.tracker = Some(Tracker::new(reference));
        self
    }

    /// The picture between bars, from the frames so far.
    #[must_use]
    pub(crate) fn inset(&self) -> Option<Inset> {
        Inset::of(&self.borders, self.lattice)
    }

    /// How the clip's frames are coded.
    #[must_use]
    pub(crate) fn pose(&self) -> Pose {
        let info = self.reader.info();
        Pose {
            width: info.width,
            height: info.height,
            rotation_degrees: info.rotation_degrees,
        }
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
            if observation.media_time - first >= seconds || !goes_on {
                self.ahead = Some(observation);
                break;
            }
            window.push(observation);
        }
        Ok(window)
    }

    /// The segment of the registration that a moment belongs to.
    fn segment(&self, clip_time: f64) -> Option<usize> {
        match &self.view.shown {
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
            let Some(frame) = self.reader.next_frame().map_err(TraceError::Clip)? else {
                let integrity = self.reader.integrity();
                if !integrity.is_complete() {
                    self.task.note(&Note::ClipDamaged {
                        integrity: integrity.clone(),
                    });
                }
                return Ok(None);
            };
            let start = *self.start.get_or_insert(frame.media_time());
            self.end = frame.media_time() - start;
            self.frames += 1;
            self.task.progress(self.frames);
            self.task.proceed()?;
            let luma = self.turned.turn(frame.luma(), self.view.turn);
            let cannot = TraceError::clip_picture(self.path);
            let placement = match &self.view.shown {
                Shown::Whole => {
                    self.borders.look(luma, self.end);
                    Placement::Whole
                }
                Shown::Between(inset) => inset.placement(luma.size()),
                Shown::Registered(registration) => {
                    let Some((index, segment)) = registration.segment(self.end) else {
                        continue;
                    };
                    let luma = segment.within(luma);
                    let map = match &mut self.tracker {
                        Some(tracker) => tracker.map((index, segment), luma, self.end)?,
                        None => segment.map(self.end),
                    };
                    let observed = map
                        .and_then(|map| segment.projection(&map, luma.size()))
                        .map(|shown| project(&mut self.projected, luma, &shown, self.end))
                        .transpose()
                        .map_err(&cannot)?;
                    match observed.flatten() {
                        Some(observation) => return Ok(Some(observation)),
                        None => continue,
                    }
                }
            };
            return observe(&mut self.sampler, self.lattice, luma, placement, self.end)
                .map_err(cannot)
                .map(Some);
        }
    }
}
