//! Bytes that FFmpeg reads through us instead of from a file.

use std::ffi::{c_int, c_void};
use std::io::Read;
use std::ptr::{self, NonNull};

use ffmpeg_next::ffi as sys;

use super::FfmpegError;
use crate::assembly::{Assembly, AssemblyReader};

/// Bytes that come once, from the beginning.
pub(crate) type ByteStream = Box<dyn Read + Send>;

type Seek = unsafe extern "C" fn(*mut c_void, i64, c_int) -> i64;

/// Bytes that FFmpeg asks for at once, as for its own files.
const BUFFER: usize = 32 << 10;

/// Where the bytes come from.
enum Origin {
    Assembly(AssemblyReader),
    /// From a pipe: they come once.
    Stream(ByteStream),
}

/// An `AVIOContext` over bytes of our own.
pub(super) struct Bytes {
    raw: NonNull<sys::AVIOContext>,
    /// Read through the context's `opaque`; lives as long as the context.
    _origin: Box<Origin>,
}

impl Bytes {
    pub(super) fn new(assembly: Assembly) -> Result<Self, FfmpegError> {
        Self::over(Origin::Assembly(assembly.into_reader()))
    }

    pub(super) fn of_stream(stream: ByteStream) -> Result<Self, FfmpegError> {
        Self::over(Origin::Stream(stream))
    }

    fn over(origin: Origin) -> Result<Self, FfmpegError> {
        // Without a function for it FFmpeg does not seek.
        let seeks = match &origin {
            Origin::Assembly(_) => Some(seek as Seek),
            Origin::Stream(_) => None,
        };
        let mut origin = Box::new(origin);
        let opaque: *mut Origin = &raw mut *origin;
        // SAFETY: allocates; null only when memory is exhausted, which the next call refuses.
        let buffer = unsafe { sys::av_malloc(BUFFER as _) };
        if buffer.is_null() {
            return Err(FfmpegError::new(sys::AVERROR(sys::ENOMEM)));
        }
        // SAFETY: a buffer of the length given, which the context takes over; both functions have the signatures asked for and
        // get `opaque`, which outlives the context.
        let raw = unsafe {
            sys::avio_alloc_context(
                buffer.cast(),
                BUFFER as c_int,
                0,
                opaque.cast(),
                Some(read),
                None,
                seeks,
            )
        };
        let raw = NonNull::new(raw).ok_or_else(|| FfmpegError::new(sys::AVERROR(sys::ENOMEM)))?;
        Ok(Self {
            raw,
            _origin: origin,
        })
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut sys::AVIOContext {
        self.raw.as_ptr()
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        let mut raw = self.raw.as_ptr();
        // SAFETY: FFmpeg may have replaced the buffer by another of its own: the one in the context is freed, once; then the
        // context.
        unsafe {
            sys::av_freep((&raw mut (*raw).buffer).cast());
            sys::avio_context_free(&raw mut raw);
        }
        debug_assert_eq!(raw, ptr::null_mut());
    }
}

unsafe extern "C" fn read(opaque: *mut c_void, target: *mut u8, length: c_int) -> c_int {
    let Ok(length) = usize::try_from(length) else {
        return sys::AVERROR(sys::EINVAL);
    };
    // SAFETY: `Bytes::over` alone installs this function, with an origin that outlives the context and that nothing else uses.
    let origin = unsafe { &mut *opaque.cast::<Origin>() };
    // SAFETY: FFmpeg passes room for `length` bytes.
    let target = unsafe { std::slice::from_raw_parts_mut(target, length) };
    let read = match origin {
        Origin::Assembly(reader) => reader.read(target),
        Origin::Stream(stream) => stream.read(target),
    };
    match read {
        Ok(0) => sys::AVERROR_EOF,
        Ok(read) => read as c_int,
        Err(_) => sys::AVERROR(sys::EIO),
    }
}

unsafe extern "C" fn seek(opaque: *mut c_void, offset: i64, whence: c_int) -> i64 {
    // SAFETY: as in `read`.
    let Origin::Assembly(reader) = (unsafe { &mut *opaque.cast::<Origin>() }) else {
        return i64::from(sys::AVERROR(sys::EINVAL));
    };
    let base = match whence & !sys::AVSEEK_FORCE {
        sys::AVSEEK_SIZE => return reader.length() as i64,
        sys::SEEK_SET => 0,
        sys::SEEK_CUR => reader.position() as i64,
        sys::SEEK_END => reader.length() as i64,
        _ => return i64::from(sys::AVERROR(sys::EINVAL)),
    };
    match base
        .checked_add(offset)
        .and_then(|to| u64::try_from(to).ok())
    {
        Some(to) => {
            reader.go_to(to);
            to as i64
        }
        None => i64::from(sys::AVERROR(sys::EINVAL)),
    }
}
