//! An owned `AVDictionary`: options going in, and what the callee did not know coming back.

use std::ffi::{CStr, CString};
use std::ptr;

use ffmpeg_next::ffi as sys;

/// Key-value strings in FFmpeg's own representation.
pub(crate) struct Dictionary {
    raw: *mut sys::AVDictionary,
}

impl Dictionary {
    pub(crate) fn new() -> Self {
        Self {
            raw: ptr::null_mut(),
        }
    }

    /// Sets `key`; an interior NUL ends the text, as it would in C.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        let (key, value) = (c_string(key), c_string(value));
        // SAFETY: `raw` is null or a dictionary that this value owns; both strings are terminated and copied.
        unsafe {
            sys::av_dict_set(&raw mut self.raw, key.as_ptr(), value.as_ptr(), 0);
        }
    }

    /// Every pair, in the order in which FFmpeg keeps them.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        // SAFETY: `raw` is null or a dictionary that this value owns.
        unsafe { pairs_of(self.raw) }
    }

    /// The slot that FFmpeg fills, frees and replaces.
    pub(super) fn slot(&mut self) -> *mut *mut sys::AVDictionary {
        &raw mut self.raw
    }

    /// The dictionary itself, for a caller that lays several in a row.
    pub(super) fn slot_mut(&mut self) -> &mut *mut sys::AVDictionary {
        &mut self.raw
    }

    /// Gives the dictionary away; the receiver frees it.
    pub(super) fn into_raw(mut self) -> *mut sys::AVDictionary {
        std::mem::replace(&mut self.raw, ptr::null_mut())
    }
}

impl Drop for Dictionary {
    fn drop(&mut self) {
        // SAFETY: `raw` is null or owned; av_dict_free accepts both.
        unsafe { sys::av_dict_free(&raw mut self.raw) }
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for Dictionary {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut dictionary = Self::new();
        for (key, value) in pairs {
            dictionary.set(key.as_ref(), value.as_ref());
        }
        dictionary
    }
}

/// Every pair of a dictionary that FFmpeg owns.
///
/// # Safety
/// `raw` must be null or point to a dictionary that stays alive during the call.
pub(super) unsafe fn pairs_of(raw: *const sys::AVDictionary) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut entry = ptr::null_mut();
    loop {
        // SAFETY: `raw` is valid by the contract above, `entry` is null or the previous answer; the empty key with
        // IGNORE_SUFFIX walks over all entries.
        entry = unsafe {
            sys::av_dict_get(
                raw,
                c"".as_ptr(),
                entry,
                sys::AV_DICT_IGNORE_SUFFIX as std::ffi::c_int,
            )
        };
        if entry.is_null() {
            return pairs;
        }
        // SAFETY: an entry that av_dict_get returned holds two terminated strings.
        let (key, value) =
            unsafe { (CStr::from_ptr((*entry).key), CStr::from_ptr((*entry).value)) };
        pairs.push((
            key.to_string_lossy().into_owned(),
            value.to_string_lossy().into_owned(),
        ));
    }
}

/// A C string, cut at an interior NUL.
pub(super) fn c_string(text: &str) -> CString {
    let visible = text.split('\0').next().unwrap_or_default();
    CString::new(visible).unwrap_or_default()
}

/// Metadata that describes the old file's bytes and would be false in the new one.
pub(super) fn is_stale(key: &str) -> bool {
    const KEYS: [&str; 8] = [
        "encoder",
        "major_brand",
        "minor_version",
        "compatible_brands",
        "bps",
        "duration",
        "number_of_frames",
        "number_of_bytes",
    ];
    let key = key.to_lowercase();
    KEYS.iter()
        .any(|stale| key == *stale || key.starts_with(&format!("{stale}-")))
        || key.starts_with("_statistics_")
}
