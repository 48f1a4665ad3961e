//! What is being done, told to whoever shows it, and the way to end it.

use std::path::PathBuf;

use countermark_catalogue::CatalogueError;
use countermark_media::{CancelToken, DroppedStream, MediaError, Note};
use countermark_register::DeliveryId;

use crate::Settled;
use crate::verify::Remark;

/// Receives stages, progress and notices of one request, and can end it.
pub trait Observer: Sync {
    /// A stage begins, on about this many frames where it counts frames and the master says how many it has.
    fn stage(&self, _stage: Stage, _total_frames: Option<u64>) {}

    /// This many frames of the present stage are done, counted from its start.
    fn frames_done(&self, _frames: u64) {}

    /// Something that does not end the work, but that somebody should know.
    fn notice(&self, _notice: Notice) {}

    /// The token that ends the work; asked for once, when the request begins. `None`: it cannot be ended.
    fn cancel_token(&self) -> Option<&CancelToken> {
        None
    }
}

/// Nobody watches.
impl Observer for () {}

/// A part of the work that takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// The master's compact proxy is rendered. Counts frames.
    RenderingReference,
    /// The proxy's pictures are fingerprinted.
    FingerprintingPictures,
    /// The master's sound is fingerprinted.
    FingerprintingSound,
    /// The copies are marked and encoded. Counts frames of the master.
    Marking {
        /// How many copies are made.
        copies: usize,
    },
    /// Manifests are signed into the copies.
    Signing,
    /// The copies' bytes are hashed.
    Hashing,
    /// The copies are read back.
    Verifying,
}

/// Something to know.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice {
    /// A delivery is on record, its file not yet made.
    DeliveryBegun {
        /// Position of the copy in the request.
        copy: usize,
        /// The delivery.
        delivery: DeliveryId,
    },
    /// Quality and robustness are measured at another strength than the one asked for.
    StrengthUnmeasured,
    /// Most of the master is black or flat: a clip of such a part carries no mark.
    FewPictures {
        /// Share of the pictures that are neither.
        share: f64,
    },
    /// A stream of the master is not in the copy.
    StreamDropped {
        /// The copy.
        output: PathBuf,
        /// The stream and the reason.
        stream: DroppedStream,
    },
    /// Something in the copy is not exactly as in the master.
    Changed {
        /// The copy.
        output: PathBuf,
        /// What.
        note: Note,
    },
    /// A copy was verified: what could not be looked at, or is weak.
    Verified {
        /// The copy.
        output: PathBuf,
        /// What to know.
        remarks: Vec<Remark>,
    },
    /// The master has no sound that the title could be recognised by.
    Silent,
    /// The title will not be recognised by its sound.
    SoundUnreadable(MediaError),
    /// The title is on record and is found, but the index was not merged.
    IndexNotCompacted(CatalogueError),
    /// What a killed run had left was settled.
    Settled(Settled),
    /// What a killed run left could not be settled; it will be tried again.
    Unsettled(CatalogueError),
}
