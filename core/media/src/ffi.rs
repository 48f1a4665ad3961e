//! The border to libavformat, libavcodec, libswresample and libswscale: the only place where `unsafe` is written.
//!
//! Every type here owns exactly one object of FFmpeg, frees it in `Drop`, and offers safe methods. Raw pointers never
//! leave this module. The safe wrappers of `ffmpeg-next` are not used: they turn read errors into end of file, leak a
//! reused packet and hide the options that an encoder did not know.
//!
//! # Threads
//! FFmpeg objects may move between threads and may not be used from two at once; that is `Send` without `Sync`.
//! # References
//! FFmpeg 5.1, `libavformat/avformat.h`, `libavcodec/avcodec.h`, `libavutil/frame.h`, `libswresample/swresample.h`,
//! `libswscale/swscale.h`.
#![expect(
    unsafe_code,
    reason = "this module is the FFI border; everything above it is safe"
)]

mod ancillary;
mod bytes;
mod canvas;
mod compose;
mod decoder;
mod dictionary;
mod encoder;
mod error;
mod frame;
mod gate;
mod hdr;
mod input;
mod interrupt;
mod log;
mod memory;
mod output;
mod packet;
mod pixel;
mod queue;
mod resampler;
mod scaler;
mod stream;
mod subtitle;
mod tags;
mod version;

pub(crate) use bytes::ByteStream;
pub(crate) use decoder::{Decoder, Received};
pub(crate) use dictionary::Dictionary;
pub(crate) use encoder::{
    AudioEncoderSpec, Encoder, OpenFailure, SoundSamples, VideoEncoderSpec, encoder_formats,
};
pub use error::FfmpegError;
pub(crate) use frame::{ColourTags, Frame};
pub(crate) use hdr::Hdr10;
pub(crate) use input::{Input, guessed_format};
pub use memory::clear_fresh_memory;
pub(crate) use output::{Output, container_holds};
pub(crate) use packet::Packet;
pub(crate) use pixel::PixelFormat;
pub(crate) use queue::SampleQueue;
pub(crate) use resampler::Resampler;
pub(crate) use scaler::Scaler;
pub(crate) use stream::{StoredFields, Stream, StreamKind};
pub(crate) use subtitle::SubtitleTranslator;
pub use version::library_versions;
