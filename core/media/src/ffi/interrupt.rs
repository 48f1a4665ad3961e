//! FFmpeg's input and output ask before each transfer whether to go on.

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, Ordering};

use ffmpeg_next::ffi as sys;

use crate::CancelToken;

/// The callback of an open file. The caller keeps a clone of `cancel` for as long as the file is open: the callback
/// reads the flag through a pointer.
pub(super) fn callback(cancel: &CancelToken) -> sys::AVIOInterruptCB {
    let flag: *const AtomicBool = cancel.flag();
    sys::AVIOInterruptCB {
        callback: Some(is_cancelled),
        opaque: flag.cast_mut().cast(),
    }
}

unsafe extern "C" fn is_cancelled(flag: *mut c_void) -> c_int {
    // SAFETY: `callback` alone installs this function, with a pointer to a flag that the file's owner keeps alive.
    let flag = unsafe { &*flag.cast_const().cast::<AtomicBool>() };
    c_int::from(flag.load(Ordering::Relaxed))
}
