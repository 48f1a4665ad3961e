//! A failed FFmpeg call: its code, its text, and what the library logged about it.

use std::ffi::{CStr, c_int};
use std::fmt;

use ffmpeg_next::ffi as sys;

use super::log;

/// What FFmpeg answered when a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FfmpegError {
    code: c_int,
    log: Vec<String>,
}

impl FfmpegError {
    /// FFmpeg's error number: negative, an `errno` or a four-letter tag.
    #[must_use]
    pub fn code(&self) -> i32 {
        self.code
    }

    /// What FFmpeg logged about the failure, oldest line first.
    #[must_use]
    pub fn log(&self) -> &[String] {
        &self.log
    }

    /// Data that contradicts itself.
    pub(crate) fn invalid() -> Self {
        Self::new(sys::AVERROR_INVALIDDATA)
    }

    /// Pictures that are beyond what is taken, and why.
    pub(crate) fn refused(reason: impl fmt::Display) -> Self {
        Self {
            code: sys::AVERROR_INVALIDDATA,
            log: vec![reason.to_string()],
        }
    }

    /// Describes `code` with the log of the calling thread.
    pub(super) fn new(code: c_int) -> Self {
        Self {
            code,
            log: log::take(),
        }
    }
}

impl fmt::Display for FfmpegError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 128];
        // SAFETY: the length passed is the length of `text`, and av_strerror terminates what it writes.
        let message = unsafe {
            sys::av_strerror(self.code, text.as_mut_ptr(), text.len());
            CStr::from_ptr(text.as_ptr())
        };
        write!(formatter, "{}", message.to_string_lossy())?;
        for (index, line) in self.log.iter().enumerate() {
            let separator = if index == 0 { " (" } else { "; " };
            write!(formatter, "{separator}{line}")?;
        }
        if self.log.is_empty() {
            Ok(())
        } else {
            write!(formatter, ")")
        }
    }
}

impl std::error::Error for FfmpegError {}

/// Turns a negative return code into an error.
pub(super) fn check(code: c_int) -> Result<c_int, FfmpegError> {
    if code < 0 {
        Err(FfmpegError::new(code))
    } else {
        Ok(code)
    }
}
