//! An owned `AVPacket`. A packet is released before it is filled again: not doing so leaks its buffer.

use std::ptr::NonNull;

use ffmpeg_next::ffi as sys;

use super::FfmpegError;
use super::error::check;
use crate::Rational;

/// One compressed packet with its timestamps.
pub(crate) struct Packet {
    raw: NonNull<sys::AVPacket>,
}

// SAFETY: a packet is a plain owned object whose buffer is reference-counted atomically; FFmpeg allows moving it.
unsafe impl Send for Packet {}

impl Packet {
    pub(crate) fn new() -> Self {
        // SAFETY: allocates; null only when memory is exhausted.
        let raw = NonNull::new(unsafe { sys::av_packet_alloc() }).unwrap_or_else(|| {
            std::alloc::handle_alloc_error(std::alloc::Layout::new::<sys::AVPacket>())
        });
        Self { raw }
    }

    /// A packet with bytes of its own.
    pub(crate) fn with_data(bytes: &[u8]) -> Result<Self, FfmpegError> {
        let mut packet = Self::new();
        let size = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        // SAFETY: an owned, empty packet; the new buffer has `size` bytes, which are then filled.
        unsafe {
            check(sys::av_new_packet(packet.as_mut_ptr(), size))?;
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), packet.get_mut().data, size as usize);
        }
        Ok(packet)
    }

    /// The same packet with other bytes.
    pub(crate) fn with_other_data(&self, bytes: &[u8]) -> Result<Self, FfmpegError> {
        let mut packet = Self::with_data(bytes)?;
        // SAFETY: two owned packets; times, flags and side data are copied, not the bytes.
        check(unsafe { sys::av_packet_copy_props(packet.as_mut_ptr(), self.as_ptr()) })?;
        packet.get_mut().stream_index = self.get().stream_index;
        Ok(packet)
    }

    pub(super) fn as_ptr(&self) -> *const sys::AVPacket {
        self.raw.as_ptr()
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut sys::AVPacket {
        self.raw.as_ptr()
    }

    fn get(&self) -> &sys::AVPacket {
        // SAFETY: `raw` points to a packet that this value owns.
        unsafe { self.raw.as_ref() }
    }

    fn get_mut(&mut self) -> &mut sys::AVPacket {
        // SAFETY: `raw` points to a packet that this value owns, borrowed mutably here.
        unsafe { self.raw.as_mut() }
    }

    /// Releases the data that the packet refers to.
    pub(crate) fn clear(&mut self) {
        // SAFETY: `raw` is an owned packet.
        unsafe { sys::av_packet_unref(self.raw.as_ptr()) }
    }

    pub(crate) fn stream(&self) -> usize {
        self.get().stream_index.max(0) as usize
    }

    pub(crate) fn set_stream(&mut self, index: usize) {
        self.get_mut().stream_index = index as i32;
        self.get_mut().pos = -1;
    }

    pub(crate) fn is_corrupt(&self) -> bool {
        self.get().flags & sys::AV_PKT_FLAG_CORRUPT != 0
    }

    pub(crate) fn is_key(&self) -> bool {
        self.get().flags & sys::AV_PKT_FLAG_KEY != 0
    }

    pub(crate) fn pts(&self) -> Option<i64> {
        timestamp(self.get().pts)
    }

    pub(crate) fn dts(&self) -> Option<i64> {
        timestamp(self.get().dts)
    }

    pub(crate) fn set_pts(&mut self, pts: Option<i64>) {
        self.get_mut().pts = pts.unwrap_or(sys::AV_NOPTS_VALUE);
    }

    pub(crate) fn set_dts(&mut self, dts: Option<i64>) {
        self.get_mut().dts = dts.unwrap_or(sys::AV_NOPTS_VALUE);
    }

    pub(crate) fn duration(&self) -> i64 {
        self.get().duration
    }

    pub(crate) fn set_key(&mut self) {
        self.get_mut().flags |= sys::AV_PKT_FLAG_KEY;
    }

    pub(crate) fn set_duration(&mut self, duration: i64) {
        self.get_mut().duration = duration;
    }

    /// The compressed bytes.
    pub(crate) fn data(&self) -> &[u8] {
        let packet = self.get();
        if packet.data.is_null() || packet.size <= 0 {
            return &[];
        }
        // SAFETY: a packet with data holds `size` bytes there for as long as it is neither changed nor released.
        unsafe { std::slice::from_raw_parts(packet.data, packet.size as usize) }
    }

    /// Converts timestamps and duration from one time base to another.
    pub(crate) fn rescale(&mut self, from: Rational, to: Rational) {
        // SAFETY: `raw` is an owned packet; both denominators are positive by construction of `Rational`.
        unsafe { sys::av_packet_rescale_ts(self.raw.as_ptr(), from.into(), to.into()) }
    }
}

impl Clone for Packet {
    /// A second reference to the same bytes.
    fn clone(&self) -> Self {
        let mut copy = Self::new();
        // SAFETY: both packets are owned; the only failure is exhausted memory, which leaves `copy` empty.
        let code = unsafe { sys::av_packet_ref(copy.as_mut_ptr(), self.as_ptr()) };
        debug_assert!(code >= 0, "av_packet_ref fails only without memory");
        copy
    }
}

impl Drop for Packet {
    fn drop(&mut self) {
        let mut raw = self.raw.as_ptr();
        // SAFETY: `raw` is owned and freed once.
        unsafe { sys::av_packet_free(&raw mut raw) }
    }
}

/// FFmpeg's "no timestamp" as `None`.
pub(super) fn timestamp(value: i64) -> Option<i64> {
    (value != sys::AV_NOPTS_VALUE).then_some(value)
}
