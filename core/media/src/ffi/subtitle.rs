//! Text subtitles from one form into another: srt, ASS, `mov_text`, `WebVTT`.
//!
//! # Shapes and units
//! Times of packets are in microseconds on both sides.
//! # References
//! FFmpeg 5.1, `libavcodec/avcodec.h`: `avcodec_decode_subtitle2`, `avcodec_encode_subtitle`.

use std::ffi::{CString, c_int};
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

use ffmpeg_next::ffi as sys;

use super::error::check;
use super::{FfmpegError, OpenFailure, Output, Packet, Stream};
use crate::Rational;

/// Bytes of one encoded subtitle at most.
const MOST_BYTES: usize = 1 << 16;

/// A decoder and an encoder of text subtitles.
pub(crate) struct SubtitleTranslator {
    decoder: NonNull<sys::AVCodecContext>,
    encoder: NonNull<sys::AVCodecContext>,
    buffer: Vec<u8>,
}

// SAFETY: both contexts are owned, used by one thread at a time, and libavcodec has no thread affinity.
unsafe impl Send for SubtitleTranslator {}

/// Frees a context that is not yet part of anything.
struct Context(NonNull<sys::AVCodecContext>);

impl Context {
    fn new(codec: *const sys::AVCodec) -> Result<Self, OpenFailure> {
        if codec.is_null() {
            return Err(OpenFailure::Missing);
        }
        // SAFETY: allocates a context for a valid codec; null only when memory is exhausted.
        NonNull::new(unsafe { sys::avcodec_alloc_context3(codec) })
            .map(Self)
            .ok_or_else(|| FfmpegError::new(sys::AVERROR(sys::ENOMEM)).into())
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let mut raw = self.0.as_ptr();
        // SAFETY: owned and freed once.
        unsafe { sys::avcodec_free_context(&raw mut raw) }
    }
}

impl SubtitleTranslator {
    /// From the subtitles of `stream` into the form of the encoder `name`.
    pub(crate) fn open(stream: Stream<'_>, name: &str) -> Result<Self, OpenFailure> {
        let parameters = stream.parameters();
        let name = CString::new(name).unwrap_or_default();
        // SAFETY: lookups in static tables by number and by terminated name.
        let (from, to) = unsafe {
            (
                sys::avcodec_find_decoder(parameters.codec_id),
                sys::avcodec_find_encoder_by_name(name.as_ptr()),
            )
        };
        let (decoder, encoder) = (Context::new(from)?, Context::new(to)?);
        let microseconds = Rational::new(1, 1_000_000).into();
        // SAFETY: unopened owned contexts, valid parameters and codecs; the header is copied, terminated, into memory of
        // FFmpeg's that the encoder frees.
        unsafe {
            check(sys::avcodec_parameters_to_context(
                decoder.0.as_ptr(),
                parameters,
            ))?;
            (*decoder.0.as_ptr()).pkt_timebase = microseconds;
            check(sys::avcodec_open2(
                decoder.0.as_ptr(),
                from,
                ptr::null_mut(),
            ))?;
            let (source, target) = (&*decoder.0.as_ptr(), &mut *encoder.0.as_ptr());
            target.time_base = microseconds;
            if !source.subtitle_header.is_null() && source.subtitle_header_size > 0 {
                let size = source.subtitle_header_size as usize;
                let header: *mut u8 = sys::av_mallocz(size + 1).cast();
                if header.is_null() {
                    return Err(FfmpegError::new(sys::AVERROR(sys::ENOMEM)).into());
                }
                ptr::copy_nonoverlapping(source.subtitle_header, header, size);
                target.subtitle_header = header;
                target.subtitle_header_size = source.subtitle_header_size;
            }
            check(sys::avcodec_open2(encoder.0.as_ptr(), to, ptr::null_mut()))?;
        }
        let translator = Self {
            decoder: decoder.0,
            encoder: encoder.0,
            buffer: vec![0; MOST_BYTES],
        };
        std::mem::forget((decoder, encoder));
        Ok(translator)
    }

    /// Describes the output's stream.
    pub(crate) fn describe(&self, output: &mut Output, index: usize) -> Result<(), FfmpegError> {
        // SAFETY: an open encoder that this value owns.
        output.describe_context(index, unsafe { self.encoder.as_ref() })
    }

    /// The subtitle of `packet` in the other form; none where it shows nothing.
    pub(crate) fn translate(&mut self, packet: &mut Packet) -> Result<Option<Packet>, FfmpegError> {
        let mut subtitle = MaybeUninit::<sys::AVSubtitle>::zeroed();
        let mut got: c_int = 0;
        let (pts, duration) = (packet.pts(), packet.duration());
        // SAFETY: an open decoder, an owned packet, and zeroed memory for the answer, for which zero is a valid value.
        let (code, subtitle) = unsafe {
            let code = sys::avcodec_decode_subtitle2(
                self.decoder.as_ptr(),
                subtitle.as_mut_ptr(),
                &raw mut got,
                packet.as_mut_ptr(),
            );
            (code, subtitle.assume_init_mut())
        };
        check(code)?;
        if got == 0 || subtitle.num_rects == 0 {
            // SAFETY: the decoder's answer, freed once.
            unsafe { sys::avsubtitle_free(subtitle) };
            return Ok(None);
        }
        let shown = i64::from(subtitle.end_display_time) * 1000;
        subtitle.start_display_time = 0;
        // SAFETY: an open encoder, a buffer of the length given, and the decoder's answer, freed once afterwards.
        let size = unsafe {
            let size = sys::avcodec_encode_subtitle(
                self.encoder.as_ptr(),
                self.buffer.as_mut_ptr(),
                self.buffer.len() as c_int,
                subtitle,
            );
            sys::avsubtitle_free(subtitle);
            check(size)?
        };
        let mut translated = Packet::with_data(&self.buffer[..size.max(0) as usize])?;
        translated.set_pts(pts);
        translated.set_dts(pts);
        translated.set_duration(if duration > 0 { duration } else { shown });
        translated.set_key();
        Ok(Some(translated))
    }
}

impl Drop for SubtitleTranslator {
    fn drop(&mut self) {
        drop((Context(self.decoder), Context(self.encoder)));
    }
}
