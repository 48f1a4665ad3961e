//! Size and pixel format conversion. The scaler itself drops timestamps and colour; here they are carried over.

use std::ffi::c_int;
use std::ptr;

use ffmpeg_next::ffi as sys;

use super::error::check;
use super::{ColourTags, FfmpegError, Frame, PixelFormat};

/// Bicubic, exact rounding, chroma interpolated at full resolution.
const FLAGS: c_int = sys::SWS_BICUBIC | sys::SWS_ACCURATE_RND | sys::SWS_FULL_CHR_H_INT;

/// Reusable conversion; libswscale keeps its tables while the geometry stays the same.
pub(crate) struct Scaler {
    raw: *mut sys::SwsContext,
}

// SAFETY: the context is owned, and libswscale has no thread affinity.
unsafe impl Send for Scaler {}

impl Scaler {
    pub(crate) fn new() -> Self {
        Self {
            raw: ptr::null_mut(),
        }
    }

    /// `source` in another format and size, tagged `colour`; samples are converted when the range or the matrix
    /// changes.
    pub(crate) fn convert(
        &mut self,
        source: &Frame,
        format: PixelFormat,
        (width, height): (u32, u32),
        colour: ColourTags,
    ) -> Result<Frame, FfmpegError> {
        let mut target = Frame::with_picture(format, width, height)?;
        target.copy_properties(source)?;
        target.set_colour(colour);
        let Some(source_format) = source.format() else {
            return Err(FfmpegError::new(sys::AVERROR_INVALIDDATA));
        };
        // SAFETY: the context is null or owned; it is reused or freed by the call.
        self.raw = unsafe {
            sys::sws_getCachedContext(
                self.raw,
                source.get().width,
                source.get().height,
                source_format.raw(),
                target.get().width,
                target.get().height,
                format.raw(),
                FLAGS,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null(),
            )
        };
        if self.raw.is_null() {
            return Err(FfmpegError::new(sys::AVERROR_INVALIDDATA));
        }
        // A side without a YCbCr matrix (RGB, gray, untagged) takes the other side's: then none is converted.
        let from = if source_format.is_rgb() || !source.colour().has_matrix() {
            colour
        } else {
            source.colour()
        };
        let full_source = source.colour().is_full_range() || source_format.is_rgb();
        // SAFETY: the context is valid; coefficient tables are static. A format pair without a matrix answers -1,
        // which is no failure.
        unsafe {
            sys::sws_setColorspaceDetails(
                self.raw,
                sys::sws_getCoefficients(from.matrix as c_int),
                c_int::from(full_source),
                sys::sws_getCoefficients(colour.matrix as c_int),
                c_int::from(colour.is_full_range()),
                0,
                1 << 16,
                1 << 16,
            );
        }
        // SAFETY: both frames hold pictures of exactly the geometry that the context was made for; source rows are
        // only read.
        check(unsafe {
            sys::sws_scale(
                self.raw,
                source.get().data.as_ptr().cast(),
                source.get().linesize.as_ptr(),
                0,
                source.get().height,
                target.get().data.as_ptr(),
                target.get().linesize.as_ptr(),
            )
        })?;
        Ok(target)
    }
}

impl Drop for Scaler {
    fn drop(&mut self) {
        // SAFETY: null or owned; freed once.
        unsafe { sys::sws_freeContext(self.raw) }
    }
}
