//! An owned reference to an `AVFrame`.
//!
//! Decoded frames are shared with the decoder, which predicts later frames from them: [`Frame::make_writable`] comes
//! before any write.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::NonNull;

use countermark_picture::{
    AnyPlane, AnyPlaneMut, BitDepth, PlaneGeometry, PlaneView, PlaneViewMut,
};
use ffmpeg_next::ffi as sys;
use sys::{
    AVChromaLocation, AVColorPrimaries, AVColorRange, AVColorSpace, AVColorTransferCharacteristic,
    AVFrameSideDataType, AVPictureType,
};

use super::error::check;
use super::hdr::{ContentLight, Hdr10, MasteringDisplay};
use super::packet::timestamp;
use super::{FfmpegError, PixelFormat};
use crate::{ColourInfo, Rational};

/// One picture.
pub(crate) struct Frame {
    raw: NonNull<sys::AVFrame>,
}

// SAFETY: a frame is a plain owned object; its buffers are reference-counted atomically.
unsafe impl Send for Frame {}
// SAFETY: `&Frame` only reads: no method changes anything through a shared reference.
unsafe impl Sync for Frame {}

/// How code values become light: copied from input to output as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ColourTags {
    pub(super) range: AVColorRange,
    pub(super) primaries: AVColorPrimaries,
    pub(super) transfer: AVColorTransferCharacteristic,
    pub(super) matrix: AVColorSpace,
    pub(super) chroma_location: AVChromaLocation,
}

impl Frame {
    pub(crate) fn new() -> Self {
        // SAFETY: allocates; null only when memory is exhausted.
        let raw = NonNull::new(unsafe { sys::av_frame_alloc() }).unwrap_or_else(|| {
            std::alloc::handle_alloc_error(std::alloc::Layout::new::<sys::AVFrame>())
        });
        Self { raw }
    }

    /// A picture with fresh buffers of its own.
    pub(crate) fn with_picture(
        format: PixelFormat,
        width: u32,
        height: u32,
    ) -> Result<Self, FfmpegError> {
        let mut frame = Self::new();
        let raw = frame.get_mut();
        raw.format = format.raw() as c_int;
        raw.width = c_int::try_from(width).unwrap_or(c_int::MAX);
        raw.height = c_int::try_from(height).unwrap_or(c_int::MAX);
        // SAFETY: format and size are set on an empty owned frame, as av_frame_get_buffer demands.
        check(unsafe { sys::av_frame_get_buffer(frame.as_mut_ptr(), 0) })?;
        Ok(frame)
    }

    /// Planar 32-bit float audio with fresh buffers.
    pub(crate) fn with_audio(
        samples: usize,
        sample_rate: u32,
        planes: &[Vec<f32>],
    ) -> Result<Self, FfmpegError> {
        let mut frame = Self::new();
        let raw = frame.get_mut();
        raw.format = sys::AVSampleFormat::AV_SAMPLE_FMT_FLTP as c_int;
        raw.nb_samples = samples as c_int;
        raw.sample_rate = sample_rate as c_int;
        // SAFETY: the layout belongs to an owned frame without buffers.
        unsafe {
            sys::av_channel_layout_default(&raw mut raw.ch_layout, planes.len() as c_int);
        }
        // SAFETY: format, length and layout are set on a frame without buffers.
        check(unsafe { sys::av_frame_get_buffer(frame.as_mut_ptr(), 0) })?;
        for (index, plane) in planes.iter().enumerate() {
            let length = samples.min(plane.len());
            // SAFETY: av_frame_get_buffer allocated `samples` floats for each of the `planes.len()` channels, and
            // extended_data has an entry for each; `length` exceeds neither side.
            unsafe {
                let target = *frame.get().extended_data.add(index);
                std::ptr::copy_nonoverlapping(plane.as_ptr().cast::<u8>(), target, length * 4);
            }
        }
        Ok(frame)
    }

    pub(super) fn as_ptr(&self) -> *const sys::AVFrame {
        self.raw.as_ptr()
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut sys::AVFrame {
        self.raw.as_ptr()
    }

    pub(super) fn get(&self) -> &sys::AVFrame {
        // SAFETY: `raw` points to a frame that this value owns.
        unsafe { self.raw.as_ref() }
    }

    pub(super) fn get_mut(&mut self) -> &mut sys::AVFrame {
        // SAFETY: `raw` points to a frame that this value owns, borrowed mutably here.
        unsafe { self.raw.as_mut() }
    }

    /// A second reference to the same picture.
    pub(crate) fn share(&self) -> Result<Self, FfmpegError> {
        let mut copy = Self::new();
        // SAFETY: both frames are owned, and `copy` is empty.
        check(unsafe { sys::av_frame_ref(copy.as_mut_ptr(), self.as_ptr()) })?;
        Ok(copy)
    }

    pub(crate) fn width(&self) -> u32 {
        self.get().width.max(0) as u32
    }

    pub(crate) fn height(&self) -> u32 {
        self.get().height.max(0) as u32
    }

    /// Hides what lies right of and below `width x height` samples; never grows.
    pub(crate) fn crop_to(&mut self, (width, height): (u32, u32)) {
        let raw = self.get_mut();
        raw.width = raw.width.min(c_int::try_from(width).unwrap_or(c_int::MAX));
        raw.height = raw
            .height
            .min(c_int::try_from(height).unwrap_or(c_int::MAX));
    }

    pub(crate) fn format(&self) -> Option<PixelFormat> {
        PixelFormat::from_raw(self.get().format)
    }

    /// Renames the format without touching samples: only between `yuvj` names and their canonical ones.
    pub(crate) fn rename_format(&mut self, format: PixelFormat) {
        self.get_mut().format = format.raw() as c_int;
    }

    /// FFmpeg's best guess at the presentation time, in the stream's time base.
    pub(crate) fn best_effort_pts(&self) -> Option<i64> {
        timestamp(self.get().best_effort_timestamp).or_else(|| timestamp(self.get().pts))
    }

    pub(crate) fn pts(&self) -> Option<i64> {
        timestamp(self.get().pts)
    }

    pub(crate) fn set_pts(&mut self, pts: i64) {
        self.get_mut().pts = pts;
    }

    pub(crate) fn duration(&self) -> i64 {
        self.get().pkt_duration.max(0)
    }

    /// Whether the picture was coded without reference to others.
    pub(crate) fn is_key(&self) -> bool {
        self.get().key_frame != 0
    }

    /// Lets the encoder's frame rate decide how long the picture is shown.
    pub(crate) fn forget_duration(&mut self) {
        self.get_mut().pkt_duration = 0;
    }

    pub(crate) fn sample_aspect(&self) -> Rational {
        self.get().sample_aspect_ratio.into()
    }

    pub(crate) fn set_sample_aspect(&mut self, aspect: Rational) {
        self.get_mut().sample_aspect_ratio = aspect.into();
    }

    /// `Some(top field first)` for an interlaced picture.
    pub(crate) fn interlaced(&self) -> Option<bool> {
        let frame = self.get();
        (frame.interlaced_frame != 0).then_some(frame.top_field_first != 0)
    }

    /// Whether the decoder concealed or missed something in this picture.
    pub(crate) fn is_damaged(&self) -> bool {
        let frame = self.get();
        frame.flags & sys::AV_FRAME_FLAG_CORRUPT != 0 || frame.decode_error_flags != 0
    }

    /// Forgets how the source was coded: an encoder would otherwise copy the source's frame types.
    pub(crate) fn forget_coding(&mut self) {
        let frame = self.get_mut();
        frame.pict_type = AVPictureType::AV_PICTURE_TYPE_NONE;
        frame.key_frame = 0;
        frame.quality = 0;
    }

    pub(crate) fn colour(&self) -> ColourTags {
        let frame = self.get();
        let full_range = self
            .format()
            .is_some_and(PixelFormat::is_deprecated_full_range);
        ColourTags {
            range: if full_range {
                AVColorRange::AVCOL_RANGE_JPEG
            } else {
                frame.color_range
            },
            primaries: frame.color_primaries,
            transfer: frame.color_trc,
            matrix: frame.colorspace,
            chroma_location: frame.chroma_location,
        }
    }

    pub(crate) fn set_colour(&mut self, colour: ColourTags) {
        let frame = self.get_mut();
        frame.color_range = colour.range;
        frame.color_primaries = colour.primaries;
        frame.color_trc = colour.transfer;
        frame.colorspace = colour.matrix;
        frame.chroma_location = colour.chroma_location;
    }

    /// Makes this the only reference to the picture, copying it when the decoder still holds it.
    pub(crate) fn make_writable(&mut self) -> Result<(), FfmpegError> {
        // SAFETY: an owned frame with buffers; on failure it stays as it was.
        check(unsafe { sys::av_frame_make_writable(self.as_mut_ptr()) })?;
        Ok(())
    }

    /// Copies timestamps, aspect, colour and side data, but no samples.
    pub(crate) fn copy_properties(&mut self, source: &Self) -> Result<(), FfmpegError> {
        // SAFETY: both frames are owned and alive.
        check(unsafe { sys::av_frame_copy_props(self.as_mut_ptr(), source.as_ptr()) })?;
        Ok(())
    }

    /// Whether luma can be lent out without conversion.
    pub(crate) fn lends_luma(&self) -> bool {
        self.plane_geometry(0).is_some()
    }

    /// The visible luma, or `None` when the format does not allow it: convert first.
    pub(crate) fn luma(&self) -> Option<AnyPlane<'_>> {
        self.plane(0)
    }

    /// The visible samples of plane 0 (luma), 1 or 2 (chroma), or `None` when the format does not allow it.
    pub(crate) fn plane(&self, plane: usize) -> Option<AnyPlane<'_>> {
        let (geometry, bit_depth, bytes) = self.plane_geometry(plane)?;
        let (data, length) = (self.get().data[plane], geometry.needed_len());
        if bytes == 1 {
            // SAFETY: `plane_geometry` proved that the plane holds `length` samples from `data` on.
            let samples = unsafe { std::slice::from_raw_parts(data, length) };
            PlaneView::new(samples, geometry, bit_depth)
                .ok()
                .map(AnyPlane::U8)
        } else {
            // SAFETY: as above; `plane_geometry` also proved the alignment of two-byte samples.
            let samples =
                unsafe { std::slice::from_raw_parts(data.cast::<c_void>().cast::<u16>(), length) };
            PlaneView::new(samples, geometry, bit_depth)
                .ok()
                .map(AnyPlane::U16)
        }
    }

    /// The visible luma for writing, or `None` when the format does not allow it or the picture is still shared.
    pub(crate) fn luma_mut(&mut self) -> Option<AnyPlaneMut<'_>> {
        // SAFETY: an owned frame; the call only counts references.
        let writable = unsafe { sys::av_frame_is_writable(self.as_mut_ptr()) } != 0;
        if !writable {
            return None;
        }
        let (geometry, bit_depth, bytes) = self.plane_geometry(0)?;
        let (data, length) = (self.get().data[0], geometry.needed_len());
        if bytes == 1 {
            // SAFETY: `plane_geometry` proved the extent; the picture is not shared, and `self` is borrowed mutably.
            let samples = unsafe { std::slice::from_raw_parts_mut(data, length) };
            PlaneViewMut::new(samples, geometry, bit_depth)
                .ok()
                .map(AnyPlaneMut::U8)
        } else {
            // SAFETY: as above, with the alignment of two-byte samples proved too.
            let samples = unsafe {
                std::slice::from_raw_parts_mut(data.cast::<c_void>().cast::<u16>(), length)
            };
            PlaneViewMut::new(samples, geometry, bit_depth)
                .ok()
                .map(AnyPlaneMut::U16)
        }
    }

    /// Geometry, depth and bytes per sample of a plane that can be addressed as it lies.
    fn plane_geometry(&self, plane: usize) -> Option<(PlaneGeometry, BitDepth, usize)> {
        let frame = self.get();
        let layout = self.format()?.luma_layout()?;
        let (width, height) = self.plane_size(plane)?;
        let bytes = usize::try_from(*frame.linesize.get(plane)?).ok()?;
        let aligned = bytes.is_multiple_of(layout.bytes_per_sample)
            && (frame.data[plane] as usize).is_multiple_of(layout.bytes_per_sample);
        if frame.data[plane].is_null() || !aligned {
            return None;
        }
        let stride = bytes / layout.bytes_per_sample;
        let geometry = PlaneGeometry::new(width, height, stride).ok()?;
        let bit_depth = BitDepth::new(layout.bit_depth).ok()?;
        Some((geometry, bit_depth, layout.bytes_per_sample))
    }

    /// Samples across and down a plane of a planar format.
    fn plane_size(&self, plane: usize) -> Option<(usize, usize)> {
        let (width, height) = (self.width() as usize, self.height() as usize);
        match plane {
            0 => Some((width, height)),
            1 | 2 => {
                let (x, y) = self.format()?.chroma_shift();
                Some((width.div_ceil(1 << x), height.div_ceil(1 << y)))
            }
            _ => None,
        }
    }

    /// Overwrites a plane of a fully planar format with tightly packed samples given as native-endian bytes.
    /// Returns `false` when the sizes differ.
    pub(crate) fn write_plane(&mut self, plane: usize, bytes: &[u8]) -> bool {
        let Some((geometry, _, sample_bytes)) = self.plane_geometry(plane) else {
            return false;
        };
        let row_bytes = geometry.width() * sample_bytes;
        if bytes.len() != row_bytes * geometry.height() {
            return false;
        }
        let target = self.get().data[plane];
        for (row, samples) in bytes.chunks_exact(row_bytes).enumerate() {
            // SAFETY: `plane_geometry` proved `height` rows of `stride` samples; `row_bytes` fits into a row.
            unsafe {
                let line = target.add(row * geometry.stride() * sample_bytes);
                std::ptr::copy_nonoverlapping(samples.as_ptr(), line, row_bytes);
            }
        }
        true
    }

    /// The HDR10 metadata that travels with this picture.
    pub(crate) fn hdr10(&self) -> Hdr10 {
        let display = self
            .side_data::<MasteringDisplay>(
                AVFrameSideDataType::AV_FRAME_DATA_MASTERING_DISPLAY_METADATA,
            )
            .and_then(MasteringDisplay::notation);
        let light = self
            .side_data::<ContentLight>(AVFrameSideDataType::AV_FRAME_DATA_CONTENT_LIGHT_LEVEL)
            .map(|light| (light.max_content, light.max_frame_average));
        Hdr10 {
            mastering_display: display,
            light_level: light,
        }
    }

    fn side_data<T>(&self, kind: AVFrameSideDataType) -> Option<&T> {
        // SAFETY: an owned frame; the answer is null or side data that lives as long as the frame.
        let entry = unsafe { sys::av_frame_get_side_data(self.as_ptr(), kind).as_ref() }?;
        if entry.data.is_null() || entry.size < std::mem::size_of::<T>() {
            return None;
        }
        // SAFETY: FFmpeg stores exactly this structure under this kind, allocated by av_malloc (aligned for any type);
        // its size was checked.
        Some(unsafe { &*entry.data.cast::<T>() })
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        let mut raw = self.raw.as_ptr();
        // SAFETY: `raw` is owned and freed once.
        unsafe { sys::av_frame_free(&raw mut raw) }
    }
}

impl ColourTags {
    /// Nothing said about colour.
    pub(crate) const UNSPECIFIED: Self = Self {
        range: AVColorRange::AVCOL_RANGE_UNSPECIFIED,
        primaries: AVColorPrimaries::AVCOL_PRI_UNSPECIFIED,
        transfer: AVColorTransferCharacteristic::AVCOL_TRC_UNSPECIFIED,
        matrix: AVColorSpace::AVCOL_SPC_UNSPECIFIED,
        chroma_location: AVChromaLocation::AVCHROMA_LOC_UNSPECIFIED,
    };

    pub(crate) fn is_full_range(self) -> bool {
        self.range == AVColorRange::AVCOL_RANGE_JPEG
    }

    pub(crate) fn with_range(self, full: bool) -> Self {
        let range = if full {
            AVColorRange::AVCOL_RANGE_JPEG
        } else {
            AVColorRange::AVCOL_RANGE_MPEG
        };
        Self { range, ..self }
    }

    /// The matrix that a player assumes for an untagged picture: BT.709 from 720 lines or 1280 columns on, else
    /// BT.601.
    pub(crate) fn with_assumed_matrix(self, width: u32, height: u32) -> Self {
        let matrix = if width >= 1280 || height > 576 {
            AVColorSpace::AVCOL_SPC_BT709
        } else {
            AVColorSpace::AVCOL_SPC_SMPTE170M
        };
        Self { matrix, ..self }
    }

    pub(crate) fn is_rgb_matrix(self) -> bool {
        self.matrix == AVColorSpace::AVCOL_SPC_RGB
    }

    pub(crate) fn has_matrix(self) -> bool {
        self.matrix != AVColorSpace::AVCOL_SPC_UNSPECIFIED && !self.is_rgb_matrix()
    }

    /// What `self` leaves open, filled from `other`.
    pub(crate) fn or(self, other: Self) -> Self {
        let unspecified = Self::UNSPECIFIED;
        macro_rules! pick {
            ($field:ident) => {
                if self.$field == unspecified.$field {
                    other.$field
                } else {
                    self.$field
                }
            };
        }
        Self {
            range: pick!(range),
            primaries: pick!(primaries),
            transfer: pick!(transfer),
            matrix: pick!(matrix),
            chroma_location: pick!(chroma_location),
        }
    }

    /// The tags under FFmpeg's names.
    pub(crate) fn info(self) -> ColourInfo {
        // SAFETY: five lookups in static tables; each answers null or a static terminated string.
        unsafe {
            ColourInfo {
                range: name(sys::av_color_range_name(self.range)),
                primaries: name(sys::av_color_primaries_name(self.primaries)),
                transfer: name(sys::av_color_transfer_name(self.transfer)),
                matrix: name(sys::av_color_space_name(self.matrix)),
                chroma_location: name(sys::av_chroma_location_name(self.chroma_location)),
            }
        }
    }
}

/// # Safety
/// `text` must be null or a static terminated string.
unsafe fn name(text: *const c_char) -> String {
    if text.is_null() {
        return "unknown".to_owned();
    }
    // SAFETY: not null, and terminated by the contract above.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_string_lossy().into_owned()
}
