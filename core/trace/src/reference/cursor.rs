//! A reference that is followed frame by frame, forwards.

use std::path::PathBuf;
use std::sync::Arc;

use countermark_fingerprint::Pyramid;
use countermark_media::VideoReader;
use countermark_picture::AnyPlane;

use crate::error::TraceError;
use crate::query::thumbnail::small_grey;
use crate::still::Still;

/// A span of a proxy that is followed along time.
pub(crate) struct SequentialCursor {
    source: Source,
    path: PathBuf,
    /// The last frame that was looked at, and the one after it.
    shown: Option<(f64, Arc<Pyramid>)>,
    next: Option<(f64, Arc<Pyramid>)>,
}

/// Where frames come from.
enum Source {
    Held(std::vec::IntoIter<Arc<Still>>),
    Reader(Box<VideoReader>),
}

impl SequentialCursor {
    /// What a reader of the proxy at `path` shows.
    pub(super) fn new(reader: VideoReader, path: PathBuf) -> Self {
        Self::of(Source::Reader(Box::new(reader)), path)
    }

    /// Frames that are held of it.
    pub(super) fn held(frames: Vec<Arc<Still>>, path: PathBuf) -> Self {
        Self::of(Source::Held(frames.into_iter()), path)
    }

    fn of(source: Source, path: PathBuf) -> Self {
        Self {
            source,
            path,
            shown: None,
            next: None,
        }
    }

    /// The frame nearest to a moment, which is not before the last one asked for; none when there is no frame at all.
    ///
    /// # Errors
    /// When the proxy cannot be decoded.
    pub(crate) fn at(&mut self, media_time: f64) -> Result<Option<Arc<Pyramid>>, TraceError> {
        loop {
            if self.next.is_none() {
                self.next = self.read()?;
            }
            let far = |frame: &Option<(f64, Arc<Pyramid>)>| {
                frame
                    .as_ref()
                    .map_or(f64::INFINITY, |(time, _)| (time - media_time).abs())
            };
            if self.next.is_none() || far(&self.next) > far(&self.shown) {
                break;
            }
            self.shown = self.next.take();
        }
        let shown = self.shown.as_ref();
        Ok(shown.map(|(_, picture)| Arc::clone(picture)))
    }

    /// The frame after all that were read.
    fn read(&mut self) -> Result<Option<(f64, Arc<Pyramid>)>, TraceError> {
        let small = |media_time: f64, luma: AnyPlane<'_>| {
            (media_time, Arc::new(Pyramid::new(small_grey(luma))))
        };
        Ok(match &mut self.source {
            Source::Held(frames) => frames
                .next()
                .map(|still| small(still.media_time, still.luma())),
            Source::Reader(reader) => {
                let frame = reader.next_frame();
                let frame = frame.map_err(TraceError::reference(&self.path))?;
                frame.map(|frame| small(frame.media_time(), frame.luma()))
            }
        })
    }
}
