//! Sound in any format, brought to one channel of 32-bit float at a fixed rate.

use std::ffi::c_int;
use std::ptr;

use ffmpeg_next::ffi as sys;
use sys::{AVChannelLayout, AVChannelOrder, AVSampleFormat};

use super::error::check;
use super::{FfmpegError, Frame};

/// What the conversion is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
struct SoundFormat {
    samples: AVSampleFormat,
    rate: c_int,
    channels: c_int,
    order: AVChannelOrder,
}

/// Reusable conversion; libswresample keeps its filter while the format stays the same.
pub(crate) struct Resampler {
    raw: *mut sys::SwrContext,
    made_for: Option<SoundFormat>,
    rate: c_int,
}

// SAFETY: the context is owned, and libswresample has no thread affinity.
unsafe impl Send for Resampler {}

impl Resampler {
    /// A conversion to `rate` samples a second.
    pub(crate) fn new(rate: u32) -> Self {
        Self {
            raw: ptr::null_mut(),
            made_for: None,
            rate: rate.cast_signed(),
        }
    }

    /// Whether `frame` continues what was converted so far, in the same format.
    pub(crate) fn continues(&self, frame: &Frame) -> bool {
        self.made_for.is_some() && self.made_for == frame.sound_format()
    }

    /// Appends the sound of `frame`, all but a filter's length of it, to `output`. After a change of format the
    /// conversion begins anew: [`Resampler::flush`] it before.
    pub(crate) fn convert(
        &mut self,
        frame: &Frame,
        output: &mut Vec<f32>,
    ) -> Result<(), FfmpegError> {
        let format = frame.sound_format().ok_or_else(FfmpegError::invalid)?;
        if self.made_for != Some(format) {
            self.open(frame, format)?;
        }
        let raw = frame.get();
        self.run(raw.extended_data, raw.nb_samples, output)
    }

    /// Appends what the filter still holds; the next conversion begins anew.
    pub(crate) fn flush(&mut self, output: &mut Vec<f32>) -> Result<(), FfmpegError> {
        if self.made_for.take().is_none() {
            return Ok(());
        }
        self.run(ptr::null_mut(), 0, output)
    }

    fn open(&mut self, frame: &Frame, format: SoundFormat) -> Result<(), FfmpegError> {
        self.made_for = None;
        // SAFETY: both layouts are plain values that the call copies; a mono layout holds no memory of its own, and one
        // by default order neither. The context is null or owned, and is reused or freed by the call.
        check(unsafe {
            let mut mono = std::mem::zeroed::<AVChannelLayout>();
            sys::av_channel_layout_default(&raw mut mono, 1);
            let mut usual = std::mem::zeroed::<AVChannelLayout>();
            sys::av_channel_layout_default(&raw mut usual, format.channels);
            let source = if format.order == AVChannelOrder::AV_CHANNEL_ORDER_UNSPEC {
                &raw const usual
            } else {
                &raw const frame.get().ch_layout
            };
            sys::swr_alloc_set_opts2(
                &raw mut self.raw,
                (&raw const mono).cast_mut(),
                AVSampleFormat::AV_SAMPLE_FMT_FLT,
                self.rate,
                source.cast_mut(),
                format.samples,
                format.rate,
                0,
                ptr::null_mut(),
            )
        })?;
        // A mean, not a sum: what fills all channels stays as loud.
        // SAFETY: an owned context, and the terminated name of an option that every such context has.
        check(unsafe {
            sys::av_opt_set_double(self.raw.cast(), c"rematrix_maxval".as_ptr(), 1.0, 0)
        })?;
        // SAFETY: an owned context with all options set.
        check(unsafe { sys::swr_init(self.raw) })?;
        self.made_for = Some(format);
        Ok(())
    }

    fn run(
        &mut self,
        input: *mut *mut u8,
        samples: c_int,
        output: &mut Vec<f32>,
    ) -> Result<(), FfmpegError> {
        // SAFETY: an initialised context.
        let room = check(unsafe { sys::swr_get_out_samples(self.raw, samples) })?;
        let start = output.len();
        output.resize(start + room as usize, 0.0);
        let mut target = output[start..].as_mut_ptr().cast::<u8>();
        // SAFETY: `target` has room for `room` floats of the one output channel; `input` is null, which drains the
        // filter, or the planes of a live frame in the format that the context was made for, `samples` long each.
        let written = check(unsafe {
            sys::swr_convert(self.raw, &raw mut target, room, input.cast(), samples)
        })?;
        output.truncate(start + written as usize);
        Ok(())
    }
}

impl Drop for Resampler {
    fn drop(&mut self) {
        // SAFETY: null or owned; freed once.
        unsafe { sys::swr_free(&raw mut self.raw) }
    }
}

impl Frame {
    /// Samples of each channel.
    pub(crate) fn sample_count(&self) -> usize {
        self.get().nb_samples.max(0) as usize
    }

    /// Samples a second.
    pub(crate) fn sample_rate(&self) -> u32 {
        self.get().sample_rate.max(0) as u32
    }

    /// How the samples of sound are stored; `None` for what is no sound.
    pub(super) fn sample_format(&self) -> Option<AVSampleFormat> {
        self.sound_format().map(|format| format.samples)
    }

    /// `None` for what is no sound.
    fn sound_format(&self) -> Option<SoundFormat> {
        const FORMATS: std::ops::Range<c_int> = 0..AVSampleFormat::AV_SAMPLE_FMT_NB as c_int;
        let frame = self.get();
        let sound = FORMATS.contains(&frame.format)
            && frame.sample_rate > 0
            && frame.nb_samples > 0
            && frame.ch_layout.nb_channels > 0;
        sound.then(|| SoundFormat {
            // SAFETY: the number is one of the enumeration's, from 0 to one below its count.
            samples: unsafe { std::mem::transmute::<c_int, AVSampleFormat>(frame.format) },
            rate: frame.sample_rate,
            channels: frame.ch_layout.nb_channels,
            order: frame.ch_layout.order,
        })
    }
}
