//! One stage of the work as the media library reports it.

use countermark_media::CancelToken;

use crate::{Observer, Stage};

/// Hands the frames of one stage on to the request's observer.
pub(crate) struct StageFrames<'a> {
    pub(crate) observer: &'a dyn Observer,
    pub(crate) stage: Stage,
    pub(crate) cancel: &'a CancelToken,
}

impl countermark_media::Observer for StageFrames<'_> {
    fn started(&self, total_frames: Option<u64>) {
        self.observer.stage(self.stage, total_frames);
    }

    fn frames_done(&self, frames: u64) {
        self.observer.frames_done(frames);
    }

    fn cancel_token(&self) -> Option<&CancelToken> {
        Some(self.cancel)
    }
}
