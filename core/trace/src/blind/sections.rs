//! A clip section by section: what the blind path holds of it at a time.
//!
//! # Shapes and units
//! Times in seconds on the clip's own clock, from its first frame. A section is at most 24 s long as a rule and of
//! frames of one size: up to 200 MiB, three times that while its host is cancelled.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use countermark_mark::FormatSpec;
use countermark_mark::blind::demodulate::ChipWindows;
use countermark_mark::blind::pose::LatticePose;
use countermark_mark::blind::stack::FrameStack;
use countermark_mark::blind::whitened::WhitenedResiduals;
use countermark_media::{VideoFrame, VideoReader};
use countermark_picture::content::ContentFinder;
use countermark_picture::{AnyPlane, Rect, by_depth};

use crate::error::TraceError;
use crate::observer::Stage;
use crate::query::footage::{complain, open_clip};
use crate::query::orientation::Pose;
use crate::task::Task;

use crate::blind::within::Within;

/// Decodes a file into sections.
pub(crate) struct Sections<'a> {
    reader: VideoReader,
    task: &'a Task<'a>,
    within: Option<Within<'a>>,
    borders: ContentFinder,
    /// The first frame of the next section.
    ahead: Option<VideoFrame>,
    start: Option<f64>,
    pub(crate) frames: u64,
    pub(crate) seconds: f64,
}

/// Frames of one size without their host.
pub(crate) struct Section {
    /// Columns and rows of the frames.
    pub(crate) frame: (usize, usize),
    /// What lies between bars.
    pub(crate) content: Option<Rect>,
    pub(crate) residues: WhitenedResiduals,
    /// What titles share: the chips through footprints that each of them looks at.
    shared: RefCell<Vec<(LatticePose, FormatSpec, Rc<ChipWindows>)>>,
}

impl Section {
    /// The chips through a footprint that other titles may look through as well.
    pub(crate) fn chips(&self, footprint: &LatticePose, format: &FormatSpec) -> Rc<ChipWindows> {
        let mut shared = self.shared.borrow_mut();
        let known =
            |known: &&(LatticePose, FormatSpec, _)| known.0 == *footprint && known.1 == *format;
        if let Some((_, _, chips)) = shared.iter().find(known) {
            return Rc::clone(chips);
        }
        let chips = Rc::new(self.residues.chips(footprint, format));
        shared.push((*footprint, *format, Rc::clone(&chips)));
        chips
    }
}

impl<'a> Sections<'a> {
    /// Opens a clip.
    ///
    /// # Errors
    /// When the file holds no video or picture that can be decoded.
    pub(crate) fn open(path: &Path, task: &'a Task<'a>) -> Result<Self, TraceError> {
        let reader = open_clip(path)?;
        task.stage(Stage::Decoding, reader.info().frames);
        Ok(Self {
            reader,
            task,
            within: None,
            borders: ContentFinder::default(),
            ahead: None,
            start: None,
            frames: 0,
            seconds: 0.0,
        })
    }

    /// Of some frames alone; those between them are as if they were not there.
    pub(crate) fn within(self, within: Option<Within<'a>>) -> Self {
        Self { within, ..self }
    }

    /// How the clip's frames are coded.
    pub(crate) fn pose(&self) -> Pose {
        let info = self.reader.info();
        Pose {
            width: info.width,
            height: info.height,
            rotation_degrees: info.rotation_degrees,
        }
    }

    /// The next section; none at the end of the clip.
    ///
    /// # Errors
    /// When the decoder fails.
    pub(crate) fn next(&mut self) -> Result<Option<Section>, TraceError> {
        let Some(first) = self.take()? else {
            return Ok(None);
        };
        let luma = first.luma();
        let frame = luma.size();
        let longest = self.task.tuning().decision.blind.section_seconds;
        let mut stack = FrameStack::new(frame);
        let begun = self.seconds;
        self.add(&mut stack, luma)?;
        while let Some(next) = self.take()? {
            let luma = next.luma();
            let goes_on = luma.size() == frame && self.seconds - begun < longest;
            if !goes_on {
                self.ahead = Some(next);
                break;
            }
            self.add(&mut stack, luma)?;
        }
        let content = self.borders.content().map(|content| content.rect(frame));
        Ok(Some(Section {
            frame,
            content,
            residues: WhitenedResiduals::new(&stack),
            shared: RefCell::default(),
        }))
    }

    /// The next frame that is looked at; its time becomes that of the clip.
    fn take(&mut self) -> Result<Option<VideoFrame>, TraceError> {
        loop {
            let next = match self.ahead.take() {
                Some(frame) => Some(frame),
                None => self.reader.next_frame().map_err(TraceError::Clip)?,
            };
            let Some(frame) = next else {
                complain(&self.reader, self.task);
                return Ok(None);
            };
            let start = *self.start.get_or_insert(frame.media_time());
            self.seconds = frame.media_time() - start;
            if self.within.is_none_or(|within| within.holds(self.seconds)) {
                return Ok(Some(frame));
            }
            self.task.proceed()?;
        }
    }

    fn add(&mut self, stack: &mut FrameStack, luma: AnyPlane<'_>) -> Result<(), TraceError> {
        self.frames += 1;
        self.task.progress(self.frames);
        self.task.proceed()?;
        self.borders.look(luma, self.seconds);
        by_depth!(luma, |view| stack.push(&view, self.seconds));
        Ok(())
    }
}
