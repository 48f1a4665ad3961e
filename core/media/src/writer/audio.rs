//! The sound of a written file: AAC, or Vorbis in `WebM`.

use std::path::{Path, PathBuf};

use crate::ffi::{
    AudioEncoderSpec, Encoder, FfmpegError, Frame, OpenFailure, Output, Packet, Received,
    SoundSamples,
};
use crate::sink::Sink;
use crate::{MediaError, Rational};

/// The sound that a writer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AudioFormat {
    /// Samples a second of each channel.
    pub sample_rate: u32,
    /// Channels, 1 to 8.
    pub channels: u16,
}

/// An encoder with the samples that do not fill a frame yet.
pub(super) struct AudioTrack {
    encoder: Encoder,
    stream: usize,
    sample_rate: u32,
    /// One queue a channel.
    queued: Vec<Vec<f32>>,
    next_pts: i64,
    path: PathBuf,
}

impl AudioTrack {
    pub(super) fn add(
        format: AudioFormat,
        start_seconds: f64,
        webm: bool,
        output: &mut Output,
        path: &Path,
    ) -> Result<Self, MediaError> {
        let AudioFormat {
            sample_rate,
            channels,
        } = format;
        if !(8_000..=96_000).contains(&sample_rate) || !(1..=8).contains(&channels) {
            return Err(MediaError::InvalidSetting {
                setting: "audio",
                accepted: "8000 to 96000 Hz and 1 to 8 channels".to_owned(),
                value: format!("{sample_rate} Hz, {channels} channels"),
            });
        }
        let name = if webm { "libvorbis" } else { "aac" };
        let failure = |source| MediaError::Ffmpeg {
            path: path.to_owned(),
            action: "open the audio encoder",
            source,
        };
        let encoder = Encoder::open_audio(&AudioEncoderSpec {
            name,
            samples: SoundSamples::FloatPlanar,
            sample_rate,
            channels: usize::from(channels),
            bit_rate: 96_000 * u64::from(channels),
            global_header: output.wants_global_header(),
        })
        .map_err(|error| match error {
            OpenFailure::Missing => MediaError::EncoderMissing { encoder: name },
            OpenFailure::UnknownOption(option) => MediaError::UnknownEncoderOption {
                encoder: name,
                option,
            },
            OpenFailure::Refused(source) => failure(source),
        })?;
        let stream = output.add_stream().map_err(failure)?;
        output
            .describe_encoded(stream, &encoder, None)
            .map_err(failure)?;
        Ok(Self {
            encoder,
            stream,
            sample_rate,
            queued: vec![Vec::new(); usize::from(channels)],
            next_pts: (start_seconds * f64::from(sample_rate)).round() as i64,
            path: path.to_owned(),
        })
    }

    pub(super) fn write(&mut self, interleaved: &[f32], sink: &mut Sink) -> Result<(), MediaError> {
        let channels = self.queued.len();
        if !interleaved.len().is_multiple_of(channels) {
            return Err(MediaError::WrongLength {
                path: self.path.clone(),
                what: "an audio block",
                expected: interleaved.len().next_multiple_of(channels),
                actual: interleaved.len(),
            });
        }
        for group in interleaved.chunks_exact(channels) {
            for (queue, sample) in self.queued.iter_mut().zip(group) {
                queue.push(*sample);
            }
        }
        let wanted = self.encoder.frame_samples();
        while self.queued[0].len() >= wanted {
            self.encode(wanted, sink)?;
        }
        Ok(())
    }

    pub(super) fn flush(&mut self, sink: &mut Sink) -> Result<(), MediaError> {
        let rest = self.queued[0].len();
        if rest > 0 {
            self.encode(rest, sink)?;
        }
        self.encoder.send(None).map_err(self.failure())?;
        self.drain(sink)
    }

    fn encode(&mut self, samples: usize, sink: &mut Sink) -> Result<(), MediaError> {
        let mut frame =
            Frame::with_audio(samples, self.sample_rate, &self.queued).map_err(self.failure())?;
        frame.set_pts(self.next_pts);
        self.next_pts += samples as i64;
        for queue in &mut self.queued {
            queue.drain(..samples);
        }
        while !self.encoder.send(Some(&frame)).map_err(self.failure())? {
            self.drain(sink)?;
        }
        self.drain(sink)
    }

    fn drain(&mut self, sink: &mut Sink) -> Result<(), MediaError> {
        let time_base: Rational = self.encoder.time_base();
        loop {
            let mut packet = Packet::new();
            match self.encoder.receive(&mut packet).map_err(self.failure())? {
                Received::Frame => sink.write_packet(self.stream, time_base, packet)?,
                Received::Hungry | Received::End => return Ok(()),
            }
        }
    }

    fn failure(&self) -> impl FnOnce(FfmpegError) -> MediaError + use<> {
        let path = self.path.clone();
        |source| MediaError::Ffmpeg {
            path,
            action: "encode sound",
            source,
        }
    }
}
