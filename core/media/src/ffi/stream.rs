//! A borrowed view of one stream of an opened input.

use std::ffi::CStr;

use ffmpeg_next::ffi as sys;
use sys::{AVDiscard, AVMediaType, AVPacketSideDataType};

use super::dictionary::pairs_of;
use super::hdr::{ContentLight, MasteringDisplay};
use super::packet::timestamp;
use super::{ColourTags, Hdr10, PixelFormat};
use crate::Rational;

/// What a stream carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamKind {
    Video,
    Audio,
    Subtitle,
    Data,
    Attachment,
}

impl StreamKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Subtitle => "subtitle",
            Self::Data => "data",
            Self::Attachment => "attachment",
        }
    }
}

/// The order of two fields as a container tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredFields(pub(super) sys::AVFieldOrder);

/// One stream as its demuxer describes it.
#[derive(Clone, Copy)]
pub(crate) struct Stream<'a> {
    raw: &'a sys::AVStream,
}

impl<'a> Stream<'a> {
    pub(super) fn new(raw: &'a sys::AVStream) -> Self {
        Self { raw }
    }

    pub(super) fn raw(self) -> &'a sys::AVStream {
        self.raw
    }

    pub(super) fn parameters(self) -> &'a sys::AVCodecParameters {
        // SAFETY: libavformat allocates the parameters with the stream and frees them with it.
        unsafe { &*self.raw.codecpar }
    }

    pub(crate) fn index(self) -> usize {
        self.raw.index.max(0) as usize
    }

    pub(crate) fn kind(self) -> StreamKind {
        match self.parameters().codec_type {
            AVMediaType::AVMEDIA_TYPE_VIDEO => StreamKind::Video,
            AVMediaType::AVMEDIA_TYPE_AUDIO => StreamKind::Audio,
            AVMediaType::AVMEDIA_TYPE_SUBTITLE => StreamKind::Subtitle,
            AVMediaType::AVMEDIA_TYPE_ATTACHMENT => StreamKind::Attachment,
            _ => StreamKind::Data,
        }
    }

    /// FFmpeg's codec name, such as `h264`; `none` for data that no codec describes.
    pub(crate) fn codec_name(self) -> String {
        // SAFETY: answers a static terminated string for every number.
        let name = unsafe { CStr::from_ptr(sys::avcodec_get_name(self.parameters().codec_id)) };
        name.to_string_lossy().into_owned()
    }

    /// The four-character code of the container, where it is printable.
    pub(crate) fn tag(self) -> Option<String> {
        let bytes = self.parameters().codec_tag.to_le_bytes();
        bytes
            .iter()
            .all(|byte| byte.is_ascii_graphic() || *byte == b' ')
            .then(|| String::from_utf8_lossy(&bytes).into_owned())
    }

    pub(crate) fn time_base(self) -> Rational {
        self.raw.time_base.into()
    }

    /// Bits that the container keeps of a timestamp: it counts from 0 again after them.
    pub(crate) fn wrap_bits(self) -> u32 {
        self.raw.pts_wrap_bits.clamp(1, 64) as u32
    }

    pub(crate) fn start_time(self) -> Option<i64> {
        timestamp(self.raw.start_time)
    }

    /// Duration in the time base.
    pub(crate) fn duration(self) -> Option<i64> {
        timestamp(self.raw.duration).filter(|&duration| duration > 0)
    }

    /// The container's own count of pictures or packets.
    pub(crate) fn frames(self) -> Option<u64> {
        u64::try_from(self.raw.nb_frames)
            .ok()
            .filter(|&frames| frames > 0)
    }

    pub(crate) fn average_frame_rate(self) -> Rational {
        self.raw.avg_frame_rate.into()
    }

    pub(crate) fn base_frame_rate(self) -> Rational {
        self.raw.r_frame_rate.into()
    }

    pub(crate) fn is_attached_picture(self) -> bool {
        self.raw.disposition & sys::AV_DISPOSITION_ATTACHED_PIC != 0
    }

    /// Streams that the demuxer reads for its own use, such as a `QuickTime` chapter track.
    pub(crate) fn is_internal(self) -> bool {
        self.raw.discard == AVDiscard::AVDISCARD_ALL
    }

    pub(crate) fn width(self) -> u32 {
        self.parameters().width.max(0) as u32
    }

    pub(crate) fn height(self) -> u32 {
        self.parameters().height.max(0) as u32
    }

    pub(crate) fn pixel_format(self) -> Option<PixelFormat> {
        PixelFormat::from_raw(self.parameters().format)
    }

    /// The container's sample aspect, else the codec's.
    pub(crate) fn sample_aspect(self) -> Rational {
        let container = Rational::from(self.raw.sample_aspect_ratio);
        if container.is_known() {
            container
        } else {
            self.parameters().sample_aspect_ratio.into()
        }
    }

    pub(crate) fn channels(self) -> u32 {
        self.parameters().ch_layout.nb_channels.max(0) as u32
    }

    pub(crate) fn sample_rate(self) -> u32 {
        self.parameters().sample_rate.max(0) as u32
    }

    /// Samples of each channel in a packet of sound, where the codec has a fixed number.
    pub(crate) fn samples_per_packet(self) -> Option<i64> {
        Some(i64::from(self.parameters().frame_size)).filter(|&samples| samples > 0)
    }

    /// The decoder's configuration as the container keeps it.
    pub(crate) fn extra_data(self) -> &'a [u8] {
        let parameters = self.parameters();
        if parameters.extradata.is_null() || parameters.extradata_size <= 0 {
            return &[];
        }
        let length = parameters.extradata_size as usize;
        // SAFETY: libavformat keeps so many bytes there for the life of the stream.
        unsafe { std::slice::from_raw_parts(parameters.extradata, length) }
    }

    pub(crate) fn colour(self) -> ColourTags {
        let parameters = self.parameters();
        ColourTags {
            range: parameters.color_range,
            primaries: parameters.color_primaries,
            transfer: parameters.color_trc,
            matrix: parameters.color_space,
            chroma_location: parameters.chroma_location,
        }
    }

    pub(crate) fn metadata(self) -> Vec<(String, String)> {
        // SAFETY: the dictionary belongs to the stream and lives as long.
        unsafe { pairs_of(self.raw.metadata) }
    }

    /// The picture of a cover-art stream.
    pub(crate) fn attached_picture(self) -> &'a [u8] {
        let packet = &self.raw.attached_pic;
        if packet.data.is_null() || packet.size <= 0 {
            return &[];
        }
        // SAFETY: the demuxer keeps the picture's bytes as long as the stream.
        unsafe { std::slice::from_raw_parts(packet.data, packet.size as usize) }
    }

    /// Stream side data by kind.
    pub(super) fn side_data(self) -> &'a [sys::AVPacketSideData] {
        if self.raw.side_data.is_null() || self.raw.nb_side_data <= 0 {
            return &[];
        }
        // SAFETY: libavformat keeps `nb_side_data` entries here for the life of the stream.
        unsafe { std::slice::from_raw_parts(self.raw.side_data, self.raw.nb_side_data as usize) }
    }

    fn side_data_as<T>(self, kind: AVPacketSideDataType) -> Option<&'a T> {
        let entry = self.side_data().iter().find(|entry| entry.type_ == kind)?;
        if entry.data.is_null() || entry.size < std::mem::size_of::<T>() {
            return None;
        }
        // SAFETY: FFmpeg stores exactly this structure under this kind, in memory of av_malloc (aligned for any type).
        Some(unsafe { &*entry.data.cast::<T>() })
    }

    /// Clockwise rotation that a player applies, in degrees from 0 to 359.
    pub(crate) fn rotation_degrees(self) -> i32 {
        let Some(matrix) =
            self.side_data_as::<[i32; 9]>(AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX)
        else {
            return 0;
        };
        // SAFETY: the matrix has the nine entries that the function reads.
        let counter_clockwise = unsafe { sys::av_display_rotation_get(matrix.as_ptr()) };
        if counter_clockwise.is_finite() {
            (-counter_clockwise).round().rem_euclid(360.0) as i32
        } else {
            0
        }
    }

    /// `Some(top field first)` where the container or the codec says that there are fields. Fields of one frame are stored line by
    /// line: of two orders that FFmpeg tells, the one of coding is meant.
    pub(crate) fn interlaced(self) -> Option<bool> {
        use sys::AVFieldOrder::{AV_FIELD_BB, AV_FIELD_BT, AV_FIELD_TB, AV_FIELD_TT};
        match self.parameters().field_order {
            AV_FIELD_TT | AV_FIELD_TB => Some(true),
            AV_FIELD_BB | AV_FIELD_BT => Some(false),
            _ => None,
        }
    }

    /// What the container says of the fields, for one that is to say the same.
    pub(crate) fn stored_fields(self) -> Option<StoredFields> {
        self.interlaced()
            .map(|_| StoredFields(self.parameters().field_order))
    }

    /// The name of the codec's profile, such as `HQ`.
    pub(crate) fn profile(self) -> Option<String> {
        let parameters = self.parameters();
        // SAFETY: a lookup in static tables; null, or a static terminated string.
        let name = unsafe { sys::avcodec_profile_name(parameters.codec_id, parameters.profile) };
        if name.is_null() {
            return None;
        }
        // SAFETY: as above.
        let name = unsafe { CStr::from_ptr(name) };
        Some(name.to_string_lossy().into_owned())
    }

    /// Bits a second, where the file says it.
    pub(crate) fn bit_rate(self) -> Option<u64> {
        u64::try_from(self.parameters().bit_rate)
            .ok()
            .filter(|&bits| bits > 0)
    }

    /// Significant bits of a sample of sound, where the codec is exact.
    pub(crate) fn sample_bits(self) -> u32 {
        let parameters = self.parameters();
        let raw = parameters.bits_per_raw_sample.max(0);
        let coded = parameters.bits_per_coded_sample.max(0);
        if raw > 0 { raw as u32 } else { coded as u32 }
    }

    pub(crate) fn has_dolby_vision(self) -> bool {
        self.side_data()
            .iter()
            .any(|entry| entry.type_ == AVPacketSideDataType::AV_PKT_DATA_DOVI_CONF)
    }

    pub(crate) fn hdr10(self) -> Hdr10 {
        let light = self
            .side_data_as::<ContentLight>(AVPacketSideDataType::AV_PKT_DATA_CONTENT_LIGHT_LEVEL);
        Hdr10 {
            mastering_display: self
                .side_data_as(AVPacketSideDataType::AV_PKT_DATA_MASTERING_DISPLAY_METADATA)
                .and_then(MasteringDisplay::notation),
            light_level: light.map(|light| (light.max_content, light.max_frame_average)),
        }
    }
}
