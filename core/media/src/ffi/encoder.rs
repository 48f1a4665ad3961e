//! A video or audio encoder. Options that the encoder does not know are reported, never ignored.

use std::ffi::CString;
use std::ptr::{self, NonNull};

use ffmpeg_next::ffi as sys;
use sys::{AVFieldOrder, AVSampleFormat};

use super::error::check;
use super::pixel::formats_of;
use super::{ColourTags, Dictionary, FfmpegError, Frame, Packet, PixelFormat, Received, log};
use crate::Rational;

/// Everything that a video encoder must know before its first frame.
pub(crate) struct VideoEncoderSpec {
    pub(crate) name: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) format: PixelFormat,
    pub(crate) time_base: Rational,
    pub(crate) frame_rate: Rational,
    pub(crate) sample_aspect: Rational,
    pub(crate) colour: ColourTags,
    /// `Some(top field first)`.
    pub(crate) interlaced: Option<bool>,
    /// Code interlaced pictures with the encoder's interlaced tools.
    pub(crate) interlaced_tools: bool,
    pub(crate) bit_rate: Option<u64>,
    /// A fixed quantiser instead of a rate.
    pub(crate) quantiser: Option<f32>,
    pub(crate) gop: Option<u32>,
    /// 0 leaves the number to the encoder.
    pub(crate) threads: usize,
    pub(crate) global_header: bool,
    pub(crate) options: Vec<(String, String)>,
}

/// Everything that an audio encoder must know before its first frame.
pub(crate) struct AudioEncoderSpec {
    pub(crate) name: &'static str,
    pub(crate) samples: SoundSamples,
    pub(crate) sample_rate: u32,
    pub(crate) channels: usize,
    /// 0 where the codec has none.
    pub(crate) bit_rate: u64,
    pub(crate) global_header: bool,
}

/// How an encoder wants its samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SoundSamples {
    FloatPlanar,
    Bits16,
    Bits32,
    Bits16Planar,
    Bits32Planar,
}

impl SoundSamples {
    fn raw(self) -> AVSampleFormat {
        match self {
            Self::FloatPlanar => AVSampleFormat::AV_SAMPLE_FMT_FLTP,
            Self::Bits16 => AVSampleFormat::AV_SAMPLE_FMT_S16,
            Self::Bits32 => AVSampleFormat::AV_SAMPLE_FMT_S32,
            Self::Bits16Planar => AVSampleFormat::AV_SAMPLE_FMT_S16P,
            Self::Bits32Planar => AVSampleFormat::AV_SAMPLE_FMT_S32P,
        }
    }
}

/// Why an encoder did not open.
pub(crate) enum OpenFailure {
    /// The linked FFmpeg was built without it.
    Missing,
    /// It does not know this option.
    UnknownOption(String),
    /// It refused its settings.
    Refused(FfmpegError),
}

impl From<FfmpegError> for OpenFailure {
    fn from(error: FfmpegError) -> Self {
        Self::Refused(error)
    }
}

/// An open encoder.
pub(crate) struct Encoder {
    raw: NonNull<sys::AVCodecContext>,
}

// SAFETY: the context is owned, used by one thread at a time, and libavcodec has no thread affinity.
unsafe impl Send for Encoder {}

/// The pixel formats that the encoder `name` takes; `None` when the linked FFmpeg lacks it.
pub(crate) fn encoder_formats(name: &str) -> Option<Vec<PixelFormat>> {
    let codec = find(name)?;
    // SAFETY: an encoder's list is null or static and ends with NONE.
    Some(unsafe { formats_of((*codec.as_ptr()).pix_fmts) })
}

fn find(name: &str) -> Option<NonNull<sys::AVCodec>> {
    let name = CString::new(name).ok()?;
    // SAFETY: a lookup by a terminated name in a static table.
    NonNull::new(unsafe { sys::avcodec_find_encoder_by_name(name.as_ptr()) }.cast_mut())
}

impl Encoder {
    pub(crate) fn open_video(spec: &VideoEncoderSpec) -> Result<Self, OpenFailure> {
        let codec = find(spec.name).ok_or(OpenFailure::Missing)?;
        let mut encoder = Self::allocate(codec);
        let context = encoder.get_mut();
        context.width = spec.width as i32;
        context.height = spec.height as i32;
        context.pix_fmt = spec.format.raw();
        context.time_base = spec.time_base.into();
        context.framerate = spec.frame_rate.into();
        context.sample_aspect_ratio = spec.sample_aspect.into();
        context.color_range = spec.colour.range;
        context.color_primaries = spec.colour.primaries;
        context.color_trc = spec.colour.transfer;
        context.colorspace = spec.colour.matrix;
        context.chroma_sample_location = spec.colour.chroma_location;
        context.thread_count = spec.threads as i32;
        context.field_order = match spec.interlaced {
            None => AVFieldOrder::AV_FIELD_PROGRESSIVE,
            Some(true) => AVFieldOrder::AV_FIELD_TT,
            Some(false) => AVFieldOrder::AV_FIELD_BB,
        };
        if spec.interlaced.is_some() && spec.interlaced_tools {
            context.flags |=
                (sys::AV_CODEC_FLAG_INTERLACED_DCT | sys::AV_CODEC_FLAG_INTERLACED_ME) as i32;
        }
        if let Some(bit_rate) = spec.bit_rate {
            context.bit_rate = i64::try_from(bit_rate).unwrap_or(i64::MAX);
        }
        if let Some(quantiser) = spec.quantiser {
            context.flags |= sys::AV_CODEC_FLAG_QSCALE as i32;
            context.global_quality = (quantiser * sys::FF_QP2LAMBDA as f32).round() as i32;
        }
        if let Some(gop) = spec.gop {
            context.gop_size = i32::try_from(gop).unwrap_or(i32::MAX);
        }
        encoder.start(codec, spec.global_header, &spec.options)?;
        Ok(encoder)
    }

    pub(crate) fn open_audio(spec: &AudioEncoderSpec) -> Result<Self, OpenFailure> {
        let codec = find(spec.name).ok_or(OpenFailure::Missing)?;
        let mut encoder = Self::allocate(codec);
        let context = encoder.get_mut();
        context.sample_rate = spec.sample_rate as i32;
        context.sample_fmt = spec.samples.raw();
        if matches!(
            spec.samples,
            SoundSamples::Bits32 | SoundSamples::Bits32Planar
        ) {
            context.bits_per_raw_sample = 24;
        }
        context.bit_rate = spec.bit_rate as i64;
        context.time_base = Rational::new(1, spec.sample_rate as i32).into();
        // SAFETY: the layout belongs to an owned, unopened context.
        unsafe {
            sys::av_channel_layout_default(&raw mut context.ch_layout, spec.channels as i32);
        }
        encoder.start(codec, spec.global_header, &[])?;
        Ok(encoder)
    }

    fn allocate(codec: NonNull<sys::AVCodec>) -> Self {
        log::silence();
        drop(log::take());
        // SAFETY: allocates a context for a valid codec; null only when memory is exhausted.
        let raw = NonNull::new(unsafe { sys::avcodec_alloc_context3(codec.as_ptr()) });
        let raw = raw.unwrap_or_else(|| {
            std::alloc::handle_alloc_error(std::alloc::Layout::new::<sys::AVCodecContext>())
        });
        Self { raw }
    }

    fn start(
        &mut self,
        codec: NonNull<sys::AVCodec>,
        global_header: bool,
        options: &[(String, String)],
    ) -> Result<(), OpenFailure> {
        if global_header {
            self.get_mut().flags |= sys::AV_CODEC_FLAG_GLOBAL_HEADER as i32;
        }
        let mut left: Dictionary = options
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        // SAFETY: an unopened owned context, its codec, and an owned dictionary, which afterwards holds what was not
        // understood.
        check(unsafe { sys::avcodec_open2(self.raw.as_ptr(), codec.as_ptr(), left.slot()) })?;
        if let Some((key, value)) = left.pairs().into_iter().next() {
            return Err(OpenFailure::UnknownOption(format!("{key}={value}")));
        }
        // x264 and x265 only warn about what they do not know inside their own parameter string.
        let refused = log::take().into_iter().find(|line| {
            let line = line.to_lowercase();
            line.contains("unknown option")
                || line.contains("error parsing option")
                || line.contains("invalid value for")
        });
        match refused {
            Some(line) => Err(OpenFailure::UnknownOption(line)),
            None => Ok(()),
        }
    }

    pub(super) fn get(&self) -> &sys::AVCodecContext {
        // SAFETY: `raw` points to a context that this value owns.
        unsafe { self.raw.as_ref() }
    }

    fn get_mut(&mut self) -> &mut sys::AVCodecContext {
        // SAFETY: `raw` points to a context that this value owns, borrowed mutably here.
        unsafe { self.raw.as_mut() }
    }

    pub(crate) fn time_base(&self) -> Rational {
        self.get().time_base.into()
    }

    /// Audio samples that the encoder wants in a frame.
    pub(crate) fn frame_samples(&self) -> usize {
        match self.get().frame_size {
            size if size > 0 => size as usize,
            _ => 1024,
        }
    }

    /// Feeds a frame, or `None` to flush. `Ok(false)`: the encoder is full, receive first and feed again.
    pub(crate) fn send(&mut self, frame: Option<&Frame>) -> Result<bool, FfmpegError> {
        let frame = frame.map_or(ptr::null(), Frame::as_ptr);
        // SAFETY: an opened encoder and a valid frame or null.
        let code = unsafe { sys::avcodec_send_frame(self.raw.as_ptr(), frame) };
        if code == sys::AVERROR(sys::EAGAIN) {
            return Ok(false);
        }
        check(code)?;
        Ok(true)
    }

    /// Fills `packet` if one is ready.
    pub(crate) fn receive(&mut self, packet: &mut Packet) -> Result<Received, FfmpegError> {
        packet.clear();
        // SAFETY: an opened encoder and an owned, empty packet.
        let code = unsafe { sys::avcodec_receive_packet(self.raw.as_ptr(), packet.as_mut_ptr()) };
        match code {
            sys::AVERROR_EOF => Ok(Received::End),
            code if code == sys::AVERROR(sys::EAGAIN) => Ok(Received::Hungry),
            code => {
                check(code)?;
                Ok(Received::Frame)
            }
        }
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        let mut raw = self.raw.as_ptr();
        // SAFETY: `raw` is owned and freed once.
        unsafe { sys::avcodec_free_context(&raw mut raw) }
    }
}
