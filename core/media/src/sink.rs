//! From pictures and foreign packets to a complete file.
//!
//! The encoder opens with the first picture, which alone knows the true format, colour and HDR metadata; packets that
//! come before it wait.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use crate::ancillary::UserData;
use crate::container::Container;
use crate::conversion::Conversion;
use crate::ffi::{
    ColourTags, Encoder, FfmpegError, Frame, Hdr10, OpenFailure, Output, Packet, Received,
    StoredFields, VideoEncoderSpec,
};
use crate::partial::PartialFile;
use crate::rational::rescale;
use crate::settings::PictureBytes;
use crate::{CancelToken, Carriage, EncodeSettings, LossKind, MediaError, Rational, VideoCodec};

/// How far from a slot of a constant rate a picture may come, as a share of a frame.
const SLOT_TOLERANCE: f64 = 0.25;

/// What is known about the video before its first picture.
pub(crate) struct VideoPlan {
    pub(crate) settings: EncodeSettings,
    pub(crate) threads: usize,
    /// Unit of the timestamps that pictures arrive with.
    pub(crate) time_base: Rational,
    pub(crate) frame_rate: Rational,
    /// The container's aspect, which wins over the picture's.
    pub(crate) sample_aspect: Rational,
    /// For what pictures leave open.
    pub(crate) colour: ColourTags,
    pub(crate) hdr10: Hdr10,
    /// `Some(top field first)` where the master has fields, for pictures that do not say it.
    pub(crate) top_first: Option<bool>,
    /// How the master's container tells that order.
    pub(crate) stored_fields: Option<StoredFields>,
    /// Of the first picture, for codecs that write it themselves.
    pub(crate) timecode: Option<String>,
    /// Whether the output stands for the input: what pictures bring must be in it.
    pub(crate) is_faithful: bool,
}

/// A file being written.
pub(crate) struct Sink {
    file: PartialFile,
    container: Container,
    output: Output,
    plan: VideoPlan,
    video: usize,
    encoder: Option<Encoder>,
    time_base: Rational,
    packet: Packet,
    waiting: VecDeque<(usize, Rational, Packet)>,
    last_dts: BTreeMap<usize, i64>,
    last_pts: Option<i64>,
    /// Duration by pts of pictures inside the encoder.
    durations: BTreeMap<i64, i64>,
    frame_ticks: i64,
    frames: u64,
    adjusted_times: u64,
    pixel_format: String,
    /// By output stream.
    conversions: BTreeMap<usize, Conversion>,
    /// By pts, what goes into coded pictures here.
    user_data: BTreeMap<i64, UserData>,
    fields: Option<bool>,
    cancel: CancelToken,
}

/// What a finished file contains.
pub(crate) struct Written {
    pub(crate) frames: u64,
    pub(crate) adjusted_times: u64,
    pub(crate) pixel_format: String,
}

impl Sink {
    /// `output` has all its streams; `video` is the one to encode.
    pub(crate) fn new(
        file: PartialFile,
        container: Container,
        output: Output,
        video: usize,
        plan: VideoPlan,
        cancel: CancelToken,
    ) -> Self {
        let time_base = match constant_rate(&plan, container) {
            Some(rate) => rate.inverse(),
            None => plan.time_base,
        };
        let frame_ticks = if plan.frame_rate.is_known() {
            rescale(1, plan.frame_rate.inverse(), time_base).max(1)
        } else {
            0
        };
        Self {
            file,
            container,
            output,
            plan,
            video,
            encoder: None,
            time_base,
            packet: Packet::new(),
            waiting: VecDeque::new(),
            last_dts: BTreeMap::new(),
            last_pts: None,
            durations: BTreeMap::new(),
            frame_ticks,
            frames: 0,
            adjusted_times: 0,
            pixel_format: String::new(),
            conversions: BTreeMap::new(),
            user_data: BTreeMap::new(),
            fields: None,
            cancel,
        }
    }

    /// Lets packets of these output streams pass through a conversion.
    pub(crate) fn converting(mut self, conversions: BTreeMap<usize, Conversion>) -> Self {
        self.conversions = conversions;
        self
    }

    /// The output's final name.
    pub(crate) fn path(&self) -> &Path {
        self.file.target()
    }

    /// Encodes a picture whose `pts` is set in the plan's time base.
    pub(crate) fn write_frame(&mut self, mut frame: Frame) -> Result<(), MediaError> {
        self.cancel.check(self.file.target())?;
        if self.encoder.is_none() {
            self.start(&frame)?;
        }
        let arrived = frame.pts().unwrap_or_default();
        self.settle_fields(&mut frame)?;
        self.check_slot(arrived)?;
        let mut pts = rescale(arrived, self.plan.time_base, self.time_base);
        if let Some(last) = self.last_pts.filter(|&last| pts <= last) {
            pts = last + 1;
            self.adjusted_times += 1;
        }
        self.last_pts = Some(pts);
        let duration = match rescale(frame.duration(), self.plan.time_base, self.time_base) {
            0 => self.frame_ticks,
            duration => duration,
        };
        self.durations.insert(pts, duration);
        frame.set_pts(pts);
        frame.forget_coding();
        self.keep_user_data(&frame, pts)?;
        while !self.send(Some(&frame))? {
            self.drain()?;
        }
        self.frames += 1;
        self.drain()
    }

    /// Writes a packet of output stream `stream` whose times are in `time_base`.
    pub(crate) fn write_packet(
        &mut self,
        stream: usize,
        time_base: Rational,
        packet: Packet,
    ) -> Result<(), MediaError> {
        if self.encoder.is_none() {
            self.waiting.push_back((stream, time_base, packet));
            return Ok(());
        }
        self.pass(stream, time_base, Some(packet))
    }

    /// A packet, or the end of its stream, through the stream's conversion if there is one.
    fn pass(
        &mut self,
        stream: usize,
        time_base: Rational,
        packet: Option<Packet>,
    ) -> Result<(), MediaError> {
        let Some(conversion) = self.conversions.get_mut(&stream) else {
            return packet.map_or(Ok(()), |packet| self.mux(stream, time_base, packet));
        };
        let ready = conversion.convert(packet, time_base)?;
        let time_base = conversion.time_base();
        ready
            .into_iter()
            .try_for_each(|packet| self.mux(stream, time_base, packet))
    }

    /// Every picture of a stream of fields says so, and in one order.
    fn settle_fields(&mut self, frame: &mut Frame) -> Result<(), MediaError> {
        let Some(top_first) = self.fields else {
            return Ok(());
        };
        let may_lose = &self.plan.settings.allow_loss;
        if let Some(other) = frame.interlaced()
            && other != top_first
            && self.plan.is_faithful
            && !may_lose.contains(&LossKind::FieldOrder)
        {
            return Err(MediaError::MixedFields {
                path: self.file.target().to_owned(),
                frame: self.frames,
                order: if other {
                    "the top field"
                } else {
                    "the bottom field"
                },
            });
        }
        frame.set_interlaced(Some(top_first));
        Ok(())
    }

    /// A faithful copy at a constant rate has no place for times between frames.
    fn check_slot(&self, arrived: i64) -> Result<(), MediaError> {
        let Some(rate) = constant_rate(&self.plan, self.container) else {
            return Ok(());
        };
        let seconds = arrived as f64 * self.plan.time_base.as_f64();
        let slot = seconds * rate.as_f64();
        let gap = match self.last_pts {
            Some(last) if self.container.is_mxf() => slot.round() - last as f64,
            _ => 1.0,
        };
        let is_even = (slot - slot.round()).abs() <= SLOT_TOLERANCE && gap <= 1.0;
        if is_even || !self.plan.is_faithful {
            return Ok(());
        }
        Err(MediaError::UnevenRate {
            path: self.file.target().to_owned(),
            frame: self.frames,
            seconds,
            rate,
            holder: if self.container.is_mxf() {
                "MXF"
            } else {
                self.plan.settings.codec.encoder()
            },
        })
    }

    /// Captions and the active format go where the encoder does not write them, or are an error.
    fn keep_user_data(&mut self, frame: &Frame, pts: i64) -> Result<(), MediaError> {
        let settings = &self.plan.settings;
        if let Some(data) = UserData::left_by_encoder(frame, settings.codec) {
            self.user_data.insert(pts, data);
        }
        if !self.plan.is_faithful || settings.codec.carries_user_data() {
            return Ok(());
        }
        let reason = format!("{} has no place for it", settings.codec.encoder());
        for (kind, what, is_there) in [
            (
                LossKind::Captions,
                "closed captions",
                frame.captions().is_some(),
            ),
            (
                LossKind::Afd,
                "the active format description",
                frame.active_format().is_some(),
            ),
        ] {
            if is_there && !settings.allow_loss.contains(&kind) {
                return Err(MediaError::WouldLose {
                    path: self.file.target().to_owned(),
                    losses: vec![Carriage::dropped(kind, what.to_owned(), &reason)],
                });
            }
        }
        Ok(())
    }

    /// Flushes the encoder and completes the file, still under its temporary name.
    pub(crate) fn finish(mut self) -> Result<(PartialFile, Written), MediaError> {
        if self.encoder.is_none() {
            return Err(MediaError::NothingWritten {
                path: self.file.target().to_owned(),
            });
        }
        self.send(None)?;
        self.drain()?;
        let converted: Vec<usize> = self.conversions.keys().copied().collect();
        for stream in converted {
            self.pass(stream, self.time_base, None)?;
        }
        let path = self.file.target().to_owned();
        self.output.finish().map_err(|source| MediaError::Ffmpeg {
            path,
            action: "complete the output",
            source,
        })?;
        let written = Written {
            frames: self.frames,
            adjusted_times: self.adjusted_times,
            pixel_format: self.pixel_format,
        };
        Ok((self.file, written))
    }

    fn start(&mut self, frame: &Frame) -> Result<(), MediaError> {
        let codec = self.plan.settings.codec;
        let format = frame.format();
        let Some(format) = format else {
            return Err(self.failure("encode a frame without a pixel format")(
                FfmpegError::invalid(),
            ));
        };
        let from_frame = frame.hdr10();
        let hdr10 = Hdr10 {
            mastering_display: from_frame
                .mastering_display
                .or_else(|| self.plan.hdr10.mastering_display.clone()),
            light_level: from_frame.light_level.or(self.plan.hdr10.light_level),
        };
        let aspect = if self.plan.sample_aspect.is_known() {
            self.plan.sample_aspect
        } else {
            frame.sample_aspect()
        };
        let frame_rate = match constant_rate(&self.plan, self.container) {
            Some(rate) => rate,
            None => self.plan.frame_rate,
        };
        self.fields = frame.interlaced().or(self.plan.top_first);
        let sample_bytes = if format.bit_depth() > 8 { 2 } else { 1 };
        let picture =
            PictureBytes(u64::from(frame.width()) * u64::from(frame.height()) * sample_bytes);
        let spec = VideoEncoderSpec {
            name: codec.encoder(),
            width: frame.width(),
            height: frame.height(),
            format,
            time_base: self.time_base,
            frame_rate,
            sample_aspect: aspect,
            colour: frame.colour().or(self.plan.colour),
            interlaced: self.fields,
            interlaced_tools: codec.has_interlaced_tools(),
            bit_rate: self.plan.settings.bit_rate(),
            quantiser: self.plan.settings.quantiser(),
            gop: self.plan.settings.gop,
            threads: codec.encoder_threads(self.plan.threads),
            global_header: self.output.wants_global_header(),
            options: self.encoder_options(&hdr10, picture),
        };
        let encoder = Encoder::open_video(&spec).map_err(|failure| match failure {
            OpenFailure::Missing => MediaError::EncoderMissing {
                encoder: codec.encoder(),
            },
            OpenFailure::UnknownOption(option) => MediaError::UnknownEncoderOption {
                encoder: codec.encoder(),
                option,
            },
            OpenFailure::Refused(source) => MediaError::Ffmpeg {
                path: self.file.target().to_owned(),
                action: "open the encoder with these settings",
                source,
            },
        })?;
        self.pixel_format = format.name();
        let tag = codec.iso_tag().filter(|_| self.container.is_iso_media());
        let stored = self.plan.stored_fields.filter(|_| self.fields.is_some());
        let profile = codec.profile_number(self.plan.settings.profile.as_deref());
        self.output
            .describe_encoded(self.video, &encoder, tag)
            .and_then(|()| self.output.set_hdr10(self.video, frame))
            .map(|()| {
                self.output
                    .complete_description(self.video, profile, stored);
            })
            .and_then(|()| self.output.write_header(self.container.muxer_options()))
            .map_err(self.failure("write the header of the output"))?;
        self.encoder = Some(encoder);
        while let Some((stream, time_base, packet)) = self.waiting.pop_front() {
            self.pass(stream, time_base, Some(packet))?;
        }
        Ok(())
    }

    fn encoder_options(&self, hdr10: &Hdr10, picture: PictureBytes) -> Vec<(String, String)> {
        let settings = &self.plan.settings;
        let mut options = settings.encoder_options(hdr10, self.plan.threads, picture, self.fields);
        if settings.codec == VideoCodec::Mpeg2
            && let Some(timecode) = &self.plan.timecode
        {
            options.push(("gop_timecode".to_owned(), timecode.clone()));
        }
        options
    }

    fn send(&mut self, frame: Option<&Frame>) -> Result<bool, MediaError> {
        let Some(encoder) = &mut self.encoder else {
            return Ok(true);
        };
        encoder.send(frame).map_err(|source| MediaError::Ffmpeg {
            path: self.file.target().to_owned(),
            action: "encode",
            source,
        })
    }

    fn drain(&mut self) -> Result<(), MediaError> {
        loop {
            self.cancel.check(self.file.target())?;
            let Some(encoder) = &mut self.encoder else {
                return Ok(());
            };
            let received = encoder.receive(&mut self.packet);
            match received.map_err(self.failure("encode"))? {
                Received::Frame => {
                    let mut packet = std::mem::replace(&mut self.packet, Packet::new());
                    if let Some(pts) = packet.pts()
                        && let Some(data) = self.user_data.remove(&pts)
                    {
                        let coded = data.insert(self.plan.settings.codec, packet.data());
                        let whole = packet.with_other_data(&coded);
                        packet = whole.map_err(self.failure("write user data"))?;
                    }
                    let duration = packet.pts().and_then(|pts| self.durations.remove(&pts));
                    packet.set_duration(duration.unwrap_or(self.frame_ticks));
                    self.mux(self.video, self.time_base, packet)?;
                }
                Received::Hungry | Received::End => return Ok(()),
            }
        }
    }

    /// Writes a packet, nudging decoding times that do not increase: muxers refuse those.
    fn mux(
        &mut self,
        stream: usize,
        time_base: Rational,
        mut packet: Packet,
    ) -> Result<(), MediaError> {
        packet.set_stream(stream);
        packet.rescale(time_base, self.output.time_base(stream));
        if let Some(dts) = packet.dts() {
            let lowest = self
                .last_dts
                .get(&stream)
                .map(|last| last + i64::from(!self.output.allows_equal_times()));
            let raised = lowest.map_or(dts, |lowest| lowest.max(dts));
            if raised != dts {
                packet.set_dts(Some(raised));
                packet.set_pts(packet.pts().map(|pts| pts.max(raised)));
                self.adjusted_times += 1;
            }
            self.last_dts.insert(stream, raised);
        }
        self.output
            .write(&mut packet)
            .map_err(self.failure("write to the output"))
    }

    fn failure(&self, action: &'static str) -> impl FnOnce(FfmpegError) -> MediaError + use<> {
        let path = self.file.target().to_owned();
        move |source| MediaError::Ffmpeg {
            path,
            action,
            source,
        }
    }
}

/// Frames a second, where the codec or the container counts time in frames.
fn constant_rate(plan: &VideoPlan, container: Container) -> Option<Rational> {
    let codec = plan.settings.codec;
    if codec.needs_constant_rate() {
        Some(codec.nearest_rate(plan.frame_rate))
    } else if container.is_mxf() {
        Some(VideoCodec::Mpeg2.nearest_rate(plan.frame_rate))
    } else {
        None
    }
}
