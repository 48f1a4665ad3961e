//! How the analysis tells what it is doing. Libraries never print.

use countermark_mark::evidence::Evidence;

/// Hears of progress. Every method has an empty default.
pub trait Observer: Sync {
    /// A new stage begins: `decoding`, `searching`, `scoring`; `frames` when their number is known.
    fn stage(&self, name: &str, frames: Option<u64>) {
        let _ = (name, frames);
    }

    /// `done` frames of the stage are done, counted from its start.
    fn frames_done(&self, done: u64) {
        let _ = done;
    }

    /// The soft values that decisions are about to be made from, under one hypothesis of geometry and time.
    fn evidence(&self, evidence: &Evidence) {
        let _ = evidence;
    }

    /// Something the analyst should know, that is no error.
    fn note(&self, text: &str) {
        let _ = text;
    }
}

/// Passes the frames that `countermark-media` reads on to an observer, as the stage `decoding`.
#[derive(Clone, Copy)]
pub struct Decoding<'a>(pub &'a dyn Observer);

impl countermark_media::Observer for Decoding<'_> {
    fn started(&self, total_frames: Option<u64>) {
        self.0.stage("decoding", total_frames);
    }

    fn frames_done(&self, frames: u64) {
        self.0.frames_done(frames);
    }
}

/// Hears nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silence;

impl Observer for Silence {}
