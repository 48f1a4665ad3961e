//! Sound between a decoder and an encoder that wants another form: converted, and cut into frames of the encoder's length.
//!
//! # Shapes and units
//! Samples are counted for each channel.

use std::ffi::c_int;
use std::ptr::{self, NonNull};

use ffmpeg_next::ffi as sys;
use sys::AVSampleFormat;

use super::error::check;
use super::{Encoder, FfmpegError, Frame};

/// Converted samples that wait for an encoder.
pub(crate) struct SampleQueue {
    converter: *mut sys::SwrContext,
    queue: NonNull<sys::AVAudioFifo>,
    format: AVSampleFormat,
    rate: c_int,
}

// SAFETY: both objects are owned, used by one thread at a time, and have no thread affinity.
unsafe impl Send for SampleQueue {}

impl SampleQueue {
    /// For what `encoder` takes.
    pub(crate) fn towards(encoder: &Encoder) -> Result<Self, FfmpegError> {
        let context = encoder.get();
        let (format, channels) = (context.sample_fmt, context.ch_layout.nb_channels);
        // SAFETY: allocates; null only when memory is exhausted.
        let queue = unsafe { sys::av_audio_fifo_alloc(format, channels, 4096) };
        let queue = NonNull::new(queue).ok_or(FfmpegError::new(sys::AVERROR(sys::ENOMEM)))?;
        Ok(Self {
            converter: ptr::null_mut(),
            queue,
            format,
            rate: context.sample_rate,
        })
    }

    /// Samples that wait.
    pub(crate) fn len(&self) -> usize {
        // SAFETY: an owned queue.
        unsafe { sys::av_audio_fifo_size(self.queue.as_ptr()) }.max(0) as usize
    }

    /// Adds the sound of a decoded frame.
    pub(crate) fn push(&mut self, frame: &Frame, encoder: &Encoder) -> Result<(), FfmpegError> {
        if self.converter.is_null() {
            self.open(frame, encoder)?;
        }
        let raw = frame.get();
        self.run(raw.extended_data.cast(), raw.nb_samples, encoder)
    }

    /// Adds silence of the encoder's rate.
    pub(crate) fn push_silence(
        &mut self,
        samples: usize,
        encoder: &Encoder,
    ) -> Result<(), FfmpegError> {
        let samples = c_int::try_from(samples).map_err(FfmpegError::refused)?;
        let mut silence = self.empty_frame(samples, encoder)?;
        let channels = encoder.get().ch_layout.nb_channels;
        let planes = silence.get_mut().extended_data;
        // SAFETY: the frame has room for `samples` samples of this format in each plane.
        check(unsafe {
            sys::av_samples_set_silence(planes, 0, samples, channels, self.format);
            sys::av_audio_fifo_write(self.queue.as_ptr(), planes.cast(), samples)
        })?;
        Ok(())
    }

    /// Adds what the converter still holds.
    pub(crate) fn flush(&mut self, encoder: &Encoder) -> Result<(), FfmpegError> {
        if self.converter.is_null() {
            return Ok(());
        }
        self.run(ptr::null_mut(), 0, encoder)
    }

    /// Takes a frame of up to `samples` samples.
    pub(crate) fn pop(&mut self, samples: usize, encoder: &Encoder) -> Result<Frame, FfmpegError> {
        let samples = samples.min(self.len());
        let mut frame = self.empty_frame(samples as c_int, encoder)?;
        let planes = frame.get_mut().extended_data;
        // SAFETY: the frame has room for `samples` samples of the queue's format in each plane.
        check(unsafe {
            sys::av_audio_fifo_read(self.queue.as_ptr(), planes.cast(), samples as c_int)
        })?;
        Ok(frame)
    }

    fn open(&mut self, frame: &Frame, encoder: &Encoder) -> Result<(), FfmpegError> {
        let source = frame.get();
        let format = frame.sample_format().ok_or_else(FfmpegError::invalid)?;
        // An unnamed order of channels stays as it is: both sides are given the encoder's layout then.
        let same_count = source.ch_layout.nb_channels == encoder.get().ch_layout.nb_channels;
        let layout = if same_count {
            &raw const encoder.get().ch_layout
        } else {
            &raw const source.ch_layout
        };
        // SAFETY: both layouts live through the call, which copies them; the slot is null and is filled on success.
        check(unsafe {
            sys::swr_alloc_set_opts2(
                &raw mut self.converter,
                (&raw const encoder.get().ch_layout).cast_mut(),
                self.format,
                self.rate,
                layout.cast_mut(),
                format,
                source.sample_rate,
                0,
                ptr::null_mut(),
            )
        })?;
        // SAFETY: an owned context with all options set.
        check(unsafe { sys::swr_init(self.converter) })?;
        Ok(())
    }

    fn run(
        &mut self,
        input: *mut *mut u8,
        samples: c_int,
        encoder: &Encoder,
    ) -> Result<(), FfmpegError> {
        // SAFETY: an initialised context.
        let room = check(unsafe { sys::swr_get_out_samples(self.converter, samples) })?;
        if room == 0 {
            return Ok(());
        }
        let mut converted = self.empty_frame(room, encoder)?;
        let planes = converted.get_mut().extended_data;
        // SAFETY: the frame has room for `room` samples; `input` is null, which drains the converter, or the planes of a live
        // frame in the format that the context was made for, `samples` long each.
        let written = check(unsafe {
            sys::swr_convert(self.converter, planes, room, input.cast(), samples)
        })?;
        // SAFETY: the frame holds `written` samples of the queue's format in each plane.
        check(unsafe { sys::av_audio_fifo_write(self.queue.as_ptr(), planes.cast(), written) })?;
        Ok(())
    }

    fn empty_frame(&self, samples: c_int, encoder: &Encoder) -> Result<Frame, FfmpegError> {
        let mut frame = Frame::new();
        let raw = frame.get_mut();
        raw.format = self.format as c_int;
        raw.nb_samples = samples;
        raw.sample_rate = self.rate;
        // SAFETY: copies a layout into an owned frame without one.
        check(unsafe {
            sys::av_channel_layout_copy(&raw mut raw.ch_layout, &raw const encoder.get().ch_layout)
        })?;
        // SAFETY: format, length and layout are set on a frame without buffers.
        check(unsafe { sys::av_frame_get_buffer(frame.as_mut_ptr(), 0) })?;
        Ok(frame)
    }
}

impl Drop for SampleQueue {
    fn drop(&mut self) {
        // SAFETY: the converter is null or owned, the queue owned; each is freed once.
        unsafe {
            sys::swr_free(&raw mut self.converter);
            sys::av_audio_fifo_free(self.queue.as_ptr());
        }
    }
}
