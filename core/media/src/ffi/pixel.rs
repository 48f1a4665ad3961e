//! Pixel formats: what FFmpeg's descriptor says about a format, and whether its luma can be lent out as it lies.

use std::ffi::{CStr, c_int};

use ffmpeg_next::ffi as sys;
use sys::AVPixelFormat;

/// How the samples of a directly addressable luma plane are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LumaLayout {
    /// 1 or 2.
    pub(crate) bytes_per_sample: usize,
    /// Significant bits, aligned to the least significant one.
    pub(crate) bit_depth: u8,
}

/// A pixel format known to the linked libavutil.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PixelFormat(AVPixelFormat);

impl PixelFormat {
    pub(crate) const RGB24: Self = Self(AVPixelFormat::AV_PIX_FMT_RGB24);
    pub(crate) const YUV420P: Self = Self(AVPixelFormat::AV_PIX_FMT_YUV420P);
    pub(crate) const YUV422P: Self = Self(AVPixelFormat::AV_PIX_FMT_YUV422P);
    pub(crate) const YUV444P: Self = Self(AVPixelFormat::AV_PIX_FMT_YUV444P);
    pub(crate) const YUV420P10: Self = Self(AVPixelFormat::AV_PIX_FMT_YUV420P10LE);
    pub(crate) const YUV422P10: Self = Self(AVPixelFormat::AV_PIX_FMT_YUV422P10LE);
    pub(crate) const YUV444P10: Self = Self(AVPixelFormat::AV_PIX_FMT_YUV444P10LE);
    pub(crate) const YUV444P12: Self = Self(AVPixelFormat::AV_PIX_FMT_YUV444P12LE);
    pub(crate) const YUV444P16: Self = Self(AVPixelFormat::AV_PIX_FMT_YUV444P16LE);

    /// The format with FFmpeg's number `value`, if the linked library knows it.
    pub(super) fn from_raw(value: c_int) -> Option<Self> {
        if value < 0 || value >= AVPixelFormat::AV_PIX_FMT_NB as c_int {
            return None;
        }
        // SAFETY: the enumeration was generated from the linked library's header and is dense from 0 to NB; `value`
        // lies in that range by the check above.
        let format: AVPixelFormat = unsafe { std::mem::transmute(value) };
        // SAFETY: a lookup in a static table; null for a format without a descriptor.
        let described = unsafe { !sys::av_pix_fmt_desc_get(format).is_null() };
        described.then_some(Self(format))
    }

    /// The format called `name`.
    #[cfg(test)]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let name = std::ffi::CString::new(name).ok()?;
        // SAFETY: `name` is terminated and only read.
        let format = unsafe { sys::av_get_pix_fmt(name.as_ptr()) };
        Self::from_raw(format as c_int)
    }

    pub(super) fn raw(self) -> AVPixelFormat {
        self.0
    }

    fn descriptor(self) -> &'static sys::AVPixFmtDescriptor {
        // SAFETY: descriptors are static, and every constructor made sure that this one exists.
        unsafe { &*sys::av_pix_fmt_desc_get(self.0) }
    }

    /// FFmpeg's name, such as `yuv420p10le`.
    pub(crate) fn name(self) -> String {
        // SAFETY: a descriptor's name is a static terminated string.
        let name = unsafe { CStr::from_ptr(self.descriptor().name) };
        name.to_string_lossy().into_owned()
    }

    /// Bits of the first component.
    pub(crate) fn bit_depth(self) -> u8 {
        self.descriptor().comp[0].depth.clamp(1, 16) as u8
    }

    fn has_flag(self, flag: c_int) -> bool {
        self.descriptor().flags & flag as u64 != 0
    }

    pub(crate) fn is_rgb(self) -> bool {
        self.has_flag(sys::AV_PIX_FMT_FLAG_RGB) || self.has_flag(sys::AV_PIX_FMT_FLAG_PAL)
    }

    /// Whether each sample has a transparency.
    pub(crate) fn has_alpha(self) -> bool {
        self.has_flag(sys::AV_PIX_FMT_FLAG_ALPHA)
    }

    /// log2 of the horizontal and vertical chroma subsampling.
    pub(crate) fn chroma_shift(self) -> (u8, u8) {
        let descriptor = self.descriptor();
        (descriptor.log2_chroma_w, descriptor.log2_chroma_h)
    }

    /// Whether a picture of this size has whole chroma samples: H.264 and HEVC cannot code any other.
    pub(crate) fn divides(self, width: u32, height: u32) -> bool {
        let (x, y) = self.chroma_shift();
        width.is_multiple_of(1 << x) && height.is_multiple_of(1 << y)
    }

    /// Whether the format is one of the deprecated `yuvj` names, which say full range in the format.
    pub(crate) fn is_deprecated_full_range(self) -> bool {
        self.canonical() != self
    }

    /// The format without FFmpeg's deprecated "full range" duplicates.
    pub(crate) fn canonical(self) -> Self {
        Self(match self.0 {
            AVPixelFormat::AV_PIX_FMT_YUVJ420P => AVPixelFormat::AV_PIX_FMT_YUV420P,
            AVPixelFormat::AV_PIX_FMT_YUVJ422P => AVPixelFormat::AV_PIX_FMT_YUV422P,
            AVPixelFormat::AV_PIX_FMT_YUVJ444P => AVPixelFormat::AV_PIX_FMT_YUV444P,
            AVPixelFormat::AV_PIX_FMT_YUVJ440P => AVPixelFormat::AV_PIX_FMT_YUV440P,
            AVPixelFormat::AV_PIX_FMT_YUVJ411P => AVPixelFormat::AV_PIX_FMT_YUV411P,
            other => other,
        })
    }

    /// How to address luma in plane 0, or `None` when the picture must be converted first: RGB, packed, big-endian,
    /// shifted (P010), floating-point and hardware formats.
    pub(crate) fn luma_layout(self) -> Option<LumaLayout> {
        let unusable = sys::AV_PIX_FMT_FLAG_RGB
            | sys::AV_PIX_FMT_FLAG_PAL
            | sys::AV_PIX_FMT_FLAG_BITSTREAM
            | sys::AV_PIX_FMT_FLAG_HWACCEL
            | sys::AV_PIX_FMT_FLAG_BAYER
            | sys::AV_PIX_FMT_FLAG_FLOAT;
        let luma = self.descriptor().comp[0];
        let bit_depth = u8::try_from(luma.depth).ok()?;
        let bytes_per_sample = match bit_depth {
            8 => 1,
            9..=16 => 2,
            _ => return None,
        };
        let big_endian = bytes_per_sample == 2
            && self.has_flag(sys::AV_PIX_FMT_FLAG_BE) != cfg!(target_endian = "big");
        let plain = !self.has_flag(unusable)
            && !big_endian
            && luma.plane == 0
            && luma.offset == 0
            && luma.shift == 0
            && luma.step as usize == bytes_per_sample;
        plain.then_some(LumaLayout {
            bytes_per_sample,
            bit_depth,
        })
    }

    /// The format of `choices` that loses least of this one.
    pub(crate) fn closest(self, choices: &[Self]) -> Option<Self> {
        let mut list: Vec<AVPixelFormat> = choices.iter().map(|choice| choice.0).collect();
        list.push(AVPixelFormat::AV_PIX_FMT_NONE);
        // SAFETY: `list` ends with NONE, as the function demands; the loss pointer may be null.
        let best = unsafe {
            sys::avcodec_find_best_pix_fmt_of_list(
                list.as_ptr(),
                self.0,
                std::ffi::c_int::from(self.has_alpha()),
                std::ptr::null_mut(),
            )
        };
        Self::from_raw(best as c_int)
    }
}

/// A list of formats that ends with `NONE`, as encoders publish it.
///
/// # Safety
/// `list` must be null or point to formats ending with `AV_PIX_FMT_NONE`.
pub(super) unsafe fn formats_of(mut list: *const AVPixelFormat) -> Vec<PixelFormat> {
    let mut formats = Vec::new();
    if list.is_null() {
        return formats;
    }
    loop {
        // SAFETY: the terminator has not been passed yet, by the contract above.
        let format = unsafe { *list };
        if format == AVPixelFormat::AV_PIX_FMT_NONE {
            return formats;
        }
        formats.push(PixelFormat(format));
        // SAFETY: the current entry is not the terminator, so another one follows.
        list = unsafe { list.add(1) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(name: &str) -> Option<(usize, u8)> {
        let format = PixelFormat::from_name(name).expect(name);
        format
            .luma_layout()
            .map(|layout| (layout.bytes_per_sample, layout.bit_depth))
    }

    #[test]
    fn planar_luma_is_lent_and_everything_else_is_converted() {
        assert_eq!(layout("yuv420p"), Some((1, 8)));
        assert_eq!(layout("nv12"), Some((1, 8)));
        assert_eq!(layout("yuv422p10le"), Some((2, 10)));
        assert_eq!(layout("yuva444p12le"), Some((2, 12)));
        assert_eq!(layout("gray16le"), Some((2, 16)));
        for name in [
            "p010le",
            "yuv420p10be",
            "gbrp",
            "rgb24",
            "pal8",
            "yuyv422",
            "monow",
            "grayf32le",
        ] {
            assert_eq!(layout(name), None, "{name}");
        }
    }

    #[test]
    fn odd_pictures_do_not_divide_into_subsampled_chroma() {
        assert!(!PixelFormat::YUV420P.divides(1079, 608));
        assert!(!PixelFormat::YUV420P.divides(1080, 607));
        assert!(PixelFormat::YUV422P.divides(1080, 607));
        assert!(PixelFormat::YUV444P.divides(1079, 607));
    }

    #[test]
    fn closest_keeps_depth_and_chroma_where_it_can() {
        let choices = [
            PixelFormat::YUV420P,
            PixelFormat::YUV420P10,
            PixelFormat::YUV444P,
        ];
        let closest = |name: &str| PixelFormat::from_name(name).and_then(|it| it.closest(&choices));
        assert_eq!(closest("p010le"), Some(PixelFormat::YUV420P10));
        assert_eq!(closest("yuv420p12le"), Some(PixelFormat::YUV420P10));
        assert_eq!(closest("rgb24"), Some(PixelFormat::YUV444P));
    }
}
