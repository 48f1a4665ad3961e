//! A reference that is followed frame by frame, forwards.

use std::path::PathBuf;

use countermark_media::VideoReader;
use countermark_picture::Grey;

use crate::error::TraceError;
use crate::query::thumbnail::small_grey;

/// A span of a proxy that is followed along time.
pub(crate) struct Reel {
    reader: VideoReader,
    path: PathBuf,
    /// The last frame that was looked at, and the one after it.
    shown: Option<(f64, Grey)>,
    next: Option<(f64, Grey)>,
}

impl Reel {
    /// What a reader of the proxy at `path` shows.
    pub(crate) fn new(reader: VideoReader, path: PathBuf) -> Self {
        Self {
            reader,
            path,
            shown: None,
            next: None,
        }
    }

    /// The frame nearest to a moment, which is not before the last one asked for; none when there is no frame at all.
    ///
    /// # Errors
    /// When the proxy cannot be decoded.
    pub(crate) fn at(&mut self, media_time: f64) -> Result<Option<&Grey>, TraceError> {
        loop {
            if self.next.is_none() {
                let frame = self.reader.next_frame();
                let frame = frame.map_err(TraceError::reference(&self.path))?;
                self.next = frame.map(|frame| (frame.media_time(), small_grey(frame.luma())));
            }
            let far = |frame: &Option<(f64, Grey)>| {
                frame
                    .as_ref()
                    .map_or(f64::INFINITY, |(time, _)| (time - media_time).abs())
            };
            if self.next.is_none() || far(&self.next) > far(&self.shown) {
                break;
            }
            self.shown = self.next.take();
        }
        Ok(self.shown.as_ref().map(|(_, picture)| picture))
    }
}
