//! What travels with a picture beside its samples: closed captions, active format, time code, field order, HDR that changes.
//!
//! # References
//! FFmpeg 5.1, `libavutil/frame.h`, `timecode.h`; ATSC A/53 part 4 (captions, AFD); SMPTE ST 12-1 (time code).

use std::ffi::{CStr, c_char};

use ffmpeg_next::ffi as sys;
use sys::AVFrameSideDataType;

use super::Frame;
use crate::Rational;

/// Bytes of a time code as text.
const TIMECODE_BYTES: usize = 64;

impl Frame {
    /// Closed captions: triplets of CTA-708, as they came.
    pub(crate) fn captions(&self) -> Option<&[u8]> {
        self.side_bytes(AVFrameSideDataType::AV_FRAME_DATA_A53_CC)
    }

    /// The active format description, four bits.
    pub(crate) fn active_format(&self) -> Option<u8> {
        let bytes = self.side_bytes(AVFrameSideDataType::AV_FRAME_DATA_AFD)?;
        bytes.first().map(|byte| byte & 0xf)
    }

    /// HDR10+ or Dolby Vision beside the picture.
    pub(crate) fn has_dynamic_hdr(&self) -> bool {
        [
            AVFrameSideDataType::AV_FRAME_DATA_DYNAMIC_HDR_PLUS,
            AVFrameSideDataType::AV_FRAME_DATA_DOVI_METADATA,
        ]
        .into_iter()
        .any(|kind| self.side_bytes(kind).is_some())
    }

    /// The time code that the coded pictures carry, such as `01:00:00:00`; with `;` where frames are dropped.
    pub(crate) fn timecode(&self, rate: Rational) -> Option<String> {
        if let Some(bytes) = self.side_bytes(AVFrameSideDataType::AV_FRAME_DATA_GOP_TIMECODE)
            && let Some(bits) = bytes.first_chunk::<8>()
        {
            let bits = i64::from_ne_bytes(*bits) as u32;
            let mut text = [0; TIMECODE_BYTES];
            // SAFETY: the buffer is longer than any text that the function writes, and it ends the text.
            unsafe { sys::av_timecode_make_mpeg_tc_string(text.as_mut_ptr(), bits) };
            return text_of(&text);
        }
        let bytes = self.side_bytes(AVFrameSideDataType::AV_FRAME_DATA_S12M_TIMECODE)?;
        let (count, first) = (bytes.first_chunk::<4>()?, bytes.get(4..8)?);
        if u32::from_ne_bytes(*count) == 0 {
            return None;
        }
        let code = u32::from_ne_bytes(*first.first_chunk::<4>()?);
        let mut text = [0; TIMECODE_BYTES];
        // SAFETY: as above.
        unsafe {
            sys::av_timecode_make_smpte_tc_string2(text.as_mut_ptr(), rate.into(), code, 0, 0)
        };
        text_of(&text)
    }

    /// Says that the picture is of two fields, or of one.
    pub(crate) fn set_interlaced(&mut self, top_first: Option<bool>) {
        let frame = self.get_mut();
        frame.interlaced_frame = i32::from(top_first.is_some());
        frame.top_field_first = i32::from(top_first.unwrap_or_default());
    }

    fn side_bytes(&self, kind: AVFrameSideDataType) -> Option<&[u8]> {
        // SAFETY: an owned frame; the answer is null or side data that lives as long as the frame.
        let entry = unsafe { sys::av_frame_get_side_data(self.as_ptr(), kind).as_ref() }?;
        if entry.data.is_null() || entry.size == 0 {
            return None;
        }
        // SAFETY: the entry holds `size` bytes for as long as the frame lives unchanged.
        Some(unsafe { std::slice::from_raw_parts(entry.data, entry.size) })
    }

    /// Gives the picture closed captions and an active format, as a decoder of broadcast streams does.
    #[cfg(test)]
    pub(crate) fn add_user_data(&mut self, captions: &[u8], active_format: u8) {
        for (kind, bytes) in [
            (AVFrameSideDataType::AV_FRAME_DATA_A53_CC, captions),
            (AVFrameSideDataType::AV_FRAME_DATA_AFD, &[active_format][..]),
        ] {
            // SAFETY: an owned frame; the new entry has the size of what is copied into it.
            unsafe {
                let entry = sys::av_frame_new_side_data(self.as_mut_ptr(), kind, bytes.len());
                assert!(!entry.is_null(), "memory");
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), (*entry).data, bytes.len());
            }
        }
    }
}

fn text_of(text: &[c_char; TIMECODE_BYTES]) -> Option<String> {
    // SAFETY: the array was zeroed and is longer than what was written: it holds a terminator.
    let text = unsafe { CStr::from_ptr(text.as_ptr()) };
    text.to_str()
        .ok()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}
