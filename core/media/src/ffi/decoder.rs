//! A video decoder.

use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU64, Ordering};

use ffmpeg_next::ffi as sys;

use super::error::check;
use super::{FfmpegError, Frame, Packet, Stream, log};

/// What a decoder answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    /// The frame was filled.
    Frame,
    /// The decoder wants another packet.
    Hungry,
    /// The decoder was flushed and has nothing left.
    End,
}

/// A decoder for one stream.
pub(crate) struct Decoder {
    raw: NonNull<sys::AVCodecContext>,
    /// Counted by [`log`] through the context's `opaque`, from any of the decoder's threads.
    concealed: Box<AtomicU64>,
}

// SAFETY: the context is owned, used by one thread at a time, and libavcodec has no thread affinity.
unsafe impl Send for Decoder {}

impl Decoder {
    /// Opens the decoder of `stream` with frame and slice threads; `None` when FFmpeg has no decoder for it.
    pub(crate) fn open(stream: Stream<'_>, threads: usize) -> Result<Option<Self>, FfmpegError> {
        log::silence();
        drop(log::take());
        let parameters = stream.parameters();
        // SAFETY: a lookup in a static table.
        let codec = unsafe { sys::avcodec_find_decoder(parameters.codec_id) };
        if codec.is_null() {
            return Ok(None);
        }
        // SAFETY: allocates a context for a valid codec; null only when memory is exhausted.
        let raw =
            NonNull::new(unsafe { sys::avcodec_alloc_context3(codec) }).unwrap_or_else(|| {
                std::alloc::handle_alloc_error(std::alloc::Layout::new::<sys::AVCodecContext>())
            });
        let mut decoder = Self {
            raw,
            concealed: Box::default(),
        };
        let concealed: *const AtomicU64 = &raw const *decoder.concealed;
        // SAFETY: both structures are valid; the context is owned.
        check(unsafe { sys::avcodec_parameters_to_context(raw.as_ptr(), parameters) })?;
        let context = decoder.get_mut();
        context.pkt_timebase = stream.raw().time_base;
        context.opaque = concealed.cast_mut().cast();
        context.max_pixels = crate::bound::MOST_PIXELS as i64;
        context.thread_count = threads.clamp(1, 64) as i32;
        context.thread_type = sys::FF_THREAD_FRAME | sys::FF_THREAD_SLICE;
        // SAFETY: an unopened owned context and its codec.
        check(unsafe { sys::avcodec_open2(raw.as_ptr(), codec, ptr::null_mut()) })?;
        Ok(Some(decoder))
    }

    fn get_mut(&mut self) -> &mut sys::AVCodecContext {
        // SAFETY: `raw` points to a context that this value owns, borrowed mutably here.
        unsafe { self.raw.as_mut() }
    }

    /// Feeds a packet, or `None` to flush. `Ok(false)`: the decoder is full, receive first and feed again.
    pub(crate) fn send(&mut self, packet: Option<&Packet>) -> Result<bool, FfmpegError> {
        let packet = packet.map_or(ptr::null(), Packet::as_ptr);
        // SAFETY: an opened decoder and a valid packet or null.
        let code = unsafe { sys::avcodec_send_packet(self.raw.as_ptr(), packet) };
        if code == sys::AVERROR(sys::EAGAIN) {
            return Ok(false);
        }
        check(code)?;
        Ok(true)
    }

    /// From the next packet on: whether pictures that no other one refers to are left out. All others stay the same.
    pub(crate) fn skip_unreferenced(&mut self, skip: bool) {
        self.get_mut().skip_frame = if skip {
            sys::AVDiscard::AVDISCARD_NONREF
        } else {
            sys::AVDiscard::AVDISCARD_DEFAULT
        };
    }

    /// Fills `frame` if a picture is ready.
    pub(crate) fn receive(&mut self, frame: &mut Frame) -> Result<Received, FfmpegError> {
        // SAFETY: an opened decoder and an owned frame, which is released before it is filled.
        let code = unsafe { sys::avcodec_receive_frame(self.raw.as_ptr(), frame.as_mut_ptr()) };
        match code {
            sys::AVERROR_EOF => Ok(Received::End),
            code if code == sys::AVERROR(sys::EAGAIN) => Ok(Received::Hungry),
            code => {
                check(code)?;
                Ok(Received::Frame)
            }
        }
    }

    /// Pictures whose missing parts the decoder has made up so far, those in flight included. FFmpeg's flag on the
    /// picture itself comes too late when pictures are decoded in parallel.
    pub(crate) fn concealed(&self) -> u64 {
        self.concealed.load(Ordering::Relaxed)
    }

    /// Forgets everything fed so far: after a seek.
    pub(crate) fn reset(&mut self) {
        // SAFETY: an opened decoder.
        unsafe { sys::avcodec_flush_buffers(self.raw.as_ptr()) }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        let mut raw = self.raw.as_ptr();
        // SAFETY: `raw` is owned and freed once.
        unsafe { sys::avcodec_free_context(&raw mut raw) }
    }
}
