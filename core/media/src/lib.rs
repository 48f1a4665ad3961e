//! Decoding, encoding and muxing through FFmpeg.
//!
//! - [`probe`] says what a file is; [`VideoReader`] decodes it, still images included;
//!   [`SoundReader`] decodes its sound.
//! - [`repair`] recovers the pictures of a file that was cut off before its index was written.
//! - [`transcode`] makes a marked file of a master: pictures are edited on their way from the decoder to the encoder,
//!   everything else is carried over as it is.
//! - [`recode`] makes the degraded copies of the bench and the proxies of the vault; [`VideoWriter`] writes pictures
//!   and sound of our own.
//!
//! No other crate of the project names FFmpeg. Nothing here prints: FFmpeg's log is quoted in [`MediaError`].
//!
//! # Shapes and units
//! Media time is in seconds since the start of the video stream as a player shows it, for sound as well: it goes on where the
//! file's timestamps restart, jump or overlap ([`ClockBreak`]). Strides are in samples. Timestamps ([`Pts`]) count
//! units of their stream's time base.

mod album;
mod ancillary;
mod assembly;
mod bound;
mod cancel;
mod carriage;
mod carry;
mod clip;
mod clock;
mod codec;
mod colour;
mod container;
mod conversion;
mod convert;
mod error;
mod fan_out;
mod ffi;
mod finished;
mod fragment;
mod head;
mod info;
mod integrity;
mod inventory;
pub mod iso;
mod length;
mod loss;
mod observer;
mod opening;
mod outlook;
mod pace;
mod partial;
mod piped;
mod pipeline;
mod plan;
mod playlist;
mod probe;
mod rational;
mod reader;
mod recode;
mod repair;
mod report;
mod sequence;
mod settings;
mod sink;
mod sound;
mod source;
mod stocktake;
mod summary;
mod threads;
mod transcode;
mod writer;

pub use cancel::CancelToken;
pub use carry::DroppedStream;
pub use clock::{ClockBreak, file_seconds};
pub use codec::VideoCodec;
pub use colour::ColourInfo;
pub use container::holds_manifest;
pub use conversion::SoundCodec;
pub use error::{FfmpegError, MediaError};
pub use fan_out::{
    CopyOrder, CopyPicture, FrameTime, PictureEditor, check_order, transcode_many, transcode_piped,
};
pub use ffi::{clear_fresh_memory, library_versions};
pub use finished::FinishedCopy;
pub use info::{MediaInfo, VideoInfo};
pub use integrity::{Integrity, MissingSegments};
pub use inventory::{Inventory, inventory};
pub use loss::{Carriage, Fate, LossKind};
pub use observer::Observer;
pub use outlook::carriage_of;
pub use partial::{has_unpublished, remove_abandoned_in, remove_abandoned_of};
pub use piped::Piped;
pub use probe::probe;
pub use rational::{Pts, Rational};
pub use reader::{ReadOptions, VideoFrame, VideoReader};
pub use recode::{Recode, RecodeReport, recode};
pub use repair::{Repair, repair};
pub use report::{Note, TranscodeReport};
pub use sequence::sequence_path;
pub use settings::{EncodeSettings, Rate};
pub use sound::{SoundBlock, SoundOptions, SoundReader};
pub use stocktake::{Stocktake, StreamStock, stocktake};
pub use summary::StreamSummary;
pub use transcode::{LumaEdit, transcode};
pub use writer::{
    AudioFormat, Chapter, FileLabels, Planes, SampleFormat, VideoWriter, VideoWriterSettings,
};
