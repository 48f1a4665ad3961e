//! Sound into the form that a container has: PCM of another width without loss, ALAC without loss, or AAC.
//!
//! # Shapes and units
//! Times are in samples on the way out. Where the source's times leave a gap of more than [`GAP_SECONDS`], silence fills it:
//! the other forms count samples.

use std::path::{Path, PathBuf};

use super::open_failure;
use crate::container::Container;
use crate::ffi::{
    AudioEncoderSpec, Decoder, Encoder, FfmpegError, Frame, Output, Packet, Received, SampleQueue,
    SoundSamples, Stream,
};
use crate::rational::rescale;
use crate::{MediaError, Rational};

/// Below this, times of sound are taken for rounded.
const GAP_SECONDS: f64 = 0.05;
/// Gaps are filled up to this length; longer ones are a break of the clock.
const LONGEST_GAP_SECONDS: f64 = 60.0;

/// A form of sound that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SoundCodec {
    /// AAC, 96 kb/s a channel.
    Aac,
    /// PCM, 16 bits.
    Pcm16,
    /// PCM, 24 bits.
    Pcm24,
    /// Apple Lossless.
    Alac,
}

/// An encoder and what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SoundForm {
    pub(crate) encoder: &'static str,
    samples: SoundSamples,
    bits_a_channel: u64,
    /// The only rate, where there is one.
    rate: Option<u32>,
}

impl SoundForm {
    pub(crate) fn of(codec: SoundCodec, bits: u32) -> Self {
        let exact = |encoder, samples| Self {
            encoder,
            samples,
            bits_a_channel: 0,
            rate: None,
        };
        match codec {
            SoundCodec::Aac => Self {
                encoder: "aac",
                samples: SoundSamples::FloatPlanar,
                bits_a_channel: 96_000,
                rate: None,
            },
            SoundCodec::Pcm16 => exact("pcm_s16le", SoundSamples::Bits16),
            SoundCodec::Pcm24 => exact("pcm_s24le", SoundSamples::Bits32),
            SoundCodec::Alac if bits <= 16 => exact("alac", SoundSamples::Bits16Planar),
            SoundCodec::Alac => exact("alac", SoundSamples::Bits32Planar),
        }
    }

    /// The form for sound that `container` does not hold as it is; none where there is no fitting one.
    pub(crate) fn target(stream: Stream<'_>, container: Container) -> Option<Self> {
        let codec = stream.codec_name();
        let bits = stream.sample_bits();
        let is_exact = codec.starts_with("pcm_") || matches!(codec.as_str(), "flac" | "alac");
        let pcm = if is_exact && bits <= 16 {
            SoundCodec::Pcm16
        } else {
            SoundCodec::Pcm24
        };
        match container {
            Container::Mp4 if is_exact && bits <= 24 && stream.channels() <= 8 => {
                Some(Self::of(SoundCodec::Alac, bits))
            }
            Container::Mp4 | Container::MpegTs => Some(Self::of(SoundCodec::Aac, bits)),
            Container::Mov => Some(Self::of(pcm, bits)),
            Container::Mxf => Some(Self {
                rate: Some(48_000),
                ..Self::of(pcm, bits)
            }),
            Container::Matroska | Container::WebM | Container::MxfOpAtom => None,
        }
    }

    /// Whether nothing is lost of the samples.
    pub(crate) fn describe(self) -> String {
        if self.bits_a_channel > 0 {
            format!(
                "{} at {} kb/s a channel",
                self.encoder,
                self.bits_a_channel / 1000
            )
        } else {
            self.encoder.to_owned()
        }
    }
}

/// Sound on its way into another form.
pub(crate) struct SoundConversion {
    decoder: Decoder,
    encoder: Encoder,
    queue: SampleQueue,
    /// Time of the next sample that goes in, in samples; none before the first.
    expected: Option<i64>,
    next_pts: i64,
    rate: u32,
    path: PathBuf,
}

impl SoundConversion {
    /// Opens the way from `stream` into `index` of `output`, and describes that.
    pub(crate) fn open(
        stream: Stream<'_>,
        form: SoundForm,
        output: &mut Output,
        index: usize,
        path: &Path,
    ) -> Result<Self, MediaError> {
        let failure = |source| MediaError::Ffmpeg {
            path: path.to_owned(),
            action: "convert a sound track",
            source,
        };
        let decoder = Decoder::open(stream, 1).map_err(failure)?;
        let decoder = decoder.ok_or_else(|| MediaError::NoDecoder {
            path: path.to_owned(),
            codec: stream.codec_name(),
        })?;
        let (rate, channels) = (
            form.rate.unwrap_or_else(|| stream.sample_rate()),
            stream.channels(),
        );
        let encoder = Encoder::open_audio(&AudioEncoderSpec {
            name: form.encoder,
            samples: form.samples,
            sample_rate: rate,
            channels: channels as usize,
            bit_rate: form.bits_a_channel * u64::from(channels),
            global_header: output.wants_global_header(),
        })
        .map_err(|error| open_failure(path, form.encoder, error))?;
        output
            .describe_encoded(index, &encoder, None)
            .map_err(failure)?;
        Ok(Self {
            decoder,
            queue: SampleQueue::towards(&encoder).map_err(failure)?,
            encoder,
            expected: None,
            next_pts: 0,
            rate,
            path: path.to_owned(),
        })
    }

    pub(super) fn time_base(&self) -> Rational {
        Rational::new(1, self.rate.cast_signed())
    }

    pub(super) fn convert(
        &mut self,
        packet: Option<&Packet>,
        time_base: Rational,
    ) -> Result<Vec<Packet>, MediaError> {
        let mut ready = Vec::new();
        while !self.decoder.send(packet).map_err(self.failure())? {
            self.decode(time_base)?;
        }
        self.decode(time_base)?;
        self.encode(packet.is_none(), &mut ready)?;
        Ok(ready)
    }

    fn decode(&mut self, time_base: Rational) -> Result<(), MediaError> {
        loop {
            let mut frame = Frame::new();
            if self.decoder.receive(&mut frame).map_err(self.failure())? != Received::Frame {
                return Ok(());
            }
            self.keep_time(&frame, time_base)?;
            let pushed = self.queue.push(&frame, &self.encoder);
            pushed.map_err(self.failure())?;
            let length = rescale(
                frame.sample_count() as i64,
                Rational::new(1, frame.sample_rate().max(1).cast_signed()),
                self.time_base(),
            );
            self.expected = self.expected.map(|at| at + length);
        }
    }

    /// The first frame says when the sound begins; a later one that comes late is preceded by silence.
    fn keep_time(&mut self, frame: &Frame, time_base: Rational) -> Result<(), MediaError> {
        let Some(pts) = frame.best_effort_pts() else {
            self.expected.get_or_insert(0);
            return Ok(());
        };
        let at = rescale(pts, time_base, self.time_base());
        let Some(expected) = self.expected else {
            self.expected = Some(at);
            self.next_pts = at;
            return Ok(());
        };
        let gap = at - expected;
        let seconds = gap as f64 / f64::from(self.rate);
        if seconds > GAP_SECONDS && seconds <= LONGEST_GAP_SECONDS {
            let filled = self.queue.push_silence(gap as usize, &self.encoder);
            filled.map_err(self.failure())?;
            self.expected = Some(at);
        }
        Ok(())
    }

    fn encode(&mut self, is_end: bool, ready: &mut Vec<Packet>) -> Result<(), MediaError> {
        if is_end {
            let flushed = self.queue.flush(&self.encoder);
            flushed.map_err(self.failure())?;
        }
        let wanted = self.encoder.frame_samples();
        while self.queue.len() >= wanted || (is_end && self.queue.len() > 0) {
            let frame = self.queue.pop(wanted, &self.encoder);
            let mut frame = frame.map_err(self.failure())?;
            frame.set_pts(self.next_pts);
            self.next_pts += frame.sample_count() as i64;
            while !self.encoder.send(Some(&frame)).map_err(self.failure())? {
                self.drain(ready)?;
            }
            self.drain(ready)?;
        }
        if is_end {
            self.encoder.send(None).map_err(self.failure())?;
            self.drain(ready)?;
        }
        Ok(())
    }

    fn drain(&mut self, ready: &mut Vec<Packet>) -> Result<(), MediaError> {
        loop {
            let mut packet = Packet::new();
            match self.encoder.receive(&mut packet).map_err(self.failure())? {
                Received::Frame => ready.push(packet),
                Received::Hungry | Received::End => return Ok(()),
            }
        }
    }

    fn failure(&self) -> impl FnOnce(FfmpegError) -> MediaError + use<> {
        let path = self.path.clone();
        |source| MediaError::Ffmpeg {
            path,
            action: "convert a sound track",
            source,
        }
    }
}
