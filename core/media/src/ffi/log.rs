//! FFmpeg's own log: captured per thread instead of printed, so that an error can quote it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::CStr;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use ffmpeg_next::ffi as sys;

/// Lines kept per thread: enough for the cause that precedes a failing call.
const KEPT_LINES: usize = 8;

/// FFmpeg's remark about any short or foreign file, which says nothing that the failure itself does not say better.
const GUESS: &str = "misdetection possible";

/// How FFmpeg's decoders begin the report of a picture with missing parts, once a picture.
#[cfg(target_arch = "x86_64")]
const CONCEALMENT: &[u8] = b"concealing ";

thread_local! {
    static LINES: RefCell<VecDeque<String>> = const { RefCell::new(VecDeque::new()) };
}

/// Takes FFmpeg's log away from standard error. Idempotent; every constructor of this module's parents calls it.
pub(super) fn silence() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `capture` has the signature that av_log asks for and lives for the whole program.
        unsafe {
            sys::av_log_set_callback(Some(capture));
        }
        // The C type of a variable argument list differs between architectures: elsewhere the log is only silenced.
        #[cfg(not(target_arch = "x86_64"))]
        // SAFETY: sets one global integer.
        unsafe {
            sys::av_log_set_level(sys::AV_LOG_QUIET);
        }
    });
}

/// Removes and returns what FFmpeg complained about in this thread since the last call.
pub(super) fn take() -> Vec<String> {
    LINES
        .try_with(|lines| lines.borrow_mut().drain(..).collect())
        .unwrap_or_default()
}

#[cfg(target_arch = "x86_64")]
unsafe extern "C" fn capture(
    source: *mut std::ffi::c_void,
    level: std::ffi::c_int,
    format: *const std::ffi::c_char,
    arguments: *mut sys::__va_list_tag,
) {
    // SAFETY: FFmpeg passes what av_log was called with.
    unsafe { count_concealment(source, format) };
    if level > sys::AV_LOG_WARNING {
        return;
    }
    let mut text = [0u8; 512];
    // The prefix holds an address, which differs from run to run.
    let mut print_prefix = 0;
    // SAFETY: FFmpeg passes a valid format and argument list; the length given is the length of `text`, less the
    // terminator that av_log_format_line2 always writes.
    unsafe {
        sys::av_log_format_line2(
            source,
            level,
            format,
            arguments,
            text.as_mut_ptr().cast(),
            text.len() as std::ffi::c_int,
            &raw mut print_prefix,
        );
    }
    let end = text
        .iter()
        .position(|&byte| byte == 0)
        .unwrap_or(text.len());
    let line = String::from_utf8_lossy(&text[..end]).trim().to_owned();
    if line.is_empty() || line.contains(GUESS) {
        return;
    }
    // A thread that is being torn down has no buffer any more; its complaint is dropped.
    let _ = LINES.try_with(|lines| {
        let mut lines = lines.borrow_mut();
        if lines.contains(&line) {
            return;
        }
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    });
}

/// Adds one to the decoder's count when `format` is the report of a concealed picture.
///
/// # Safety
/// `source` must be null or point to a structure that begins with a pointer to its class; `format` must be terminated.
#[cfg(target_arch = "x86_64")]
unsafe fn count_concealment(source: *mut std::ffi::c_void, format: *const std::ffi::c_char) {
    if source.is_null() || format.is_null() {
        return;
    }
    // SAFETY: terminated by the contract above.
    if !unsafe { CStr::from_ptr(format) }
        .to_bytes()
        .starts_with(CONCEALMENT)
    {
        return;
    }
    // SAFETY: the structure begins with the pointer by the contract above; the second call answers a static class.
    let is_codec = unsafe { *source.cast::<*const sys::AVClass>() == sys::avcodec_get_class() };
    if !is_codec {
        return;
    }
    // SAFETY: only a codec context has this class. Its threads' contexts are copies with the same `opaque`, which
    // `Decoder` alone sets, to a counter that outlives the context.
    let counter = unsafe {
        (*source.cast::<sys::AVCodecContext>())
            .opaque
            .cast::<AtomicU64>()
    };
    // SAFETY: null or the counter, as above.
    if let Some(counter) = unsafe { counter.as_ref() } {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
