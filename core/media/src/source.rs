//! From a file to the decoded frames of one stream and the packets of all others, in file order.

use std::path::{Path, PathBuf};

use crate::assembly::Assembly;
use crate::clock::{Clock, Counting};
use crate::ffi::{
    ByteStream, Decoder, FfmpegError, Frame, Input, Packet, Received, Stream, StreamKind,
};
use crate::head::check_size;
use crate::info::frame_ticks;
use crate::opening::{Opened, open_container, open_input};
use crate::piped;
use crate::playlist::Wanted;
use crate::rational::rescale;
use crate::{CancelToken, Integrity, MediaError, Pts, Rational, integrity};

/// Decoding errors in a row after which the rest of the stream is given up.
const PATIENCE: u32 = 4096;

/// The next thing in a file.
pub(crate) enum Event {
    /// A picture, or a piece of sound, of the decoded stream; its `pts` is set.
    Frame(Frame),
    /// A packet of another stream.
    Packet(Packet),
    /// Nothing more.
    End,
}

/// A file being decoded.
pub(crate) struct FrameSource {
    path: PathBuf,
    input: Input,
    decoder: Decoder,
    /// The decoded stream.
    decoded: usize,
    /// The stream whose index is searched.
    indexed: usize,
    zero_seconds: Option<f64>,
    packet: Packet,
    stage: Stage,
    integrity: Integrity,
    /// Frames flagged as damaged, and frames concealed that no longer count.
    flagged: u64,
    forgiven: u64,
    last_pts: Option<i64>,
    /// Ticks from one frame to the next, for files that do not say.
    frame_ticks: i64,
    frames: u64,
    errors_in_a_row: u32,
    /// Pictures shown before this are wanted only as far as later ones refer to them.
    wanted_from: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The decoder may hold pictures.
    Receive,
    /// The decoder wants the packet that was already read.
    Resend,
    /// The decoder wants a new packet.
    Read,
    /// The decoder was told that nothing follows.
    Flush,
    End,
}

impl FrameSource {
    /// Decodes the video stream.
    pub(crate) fn open(
        path: &Path,
        threads: usize,
        cancel: &CancelToken,
    ) -> Result<Self, MediaError> {
        let (opened, video) = open_input(path, cancel)?;
        Self::of_pictures(path, opened, video, threads)
    }

    /// Decodes the pictures of a file that was put together.
    pub(crate) fn of_assembly(
        path: &Path,
        assembly: Assembly,
        demuxer: &str,
    ) -> Result<Self, MediaError> {
        let refuse = |source| MediaError::NotMedia {
            path: path.to_owned(),
            source,
        };
        let input =
            Input::of_bytes(assembly, Some(demuxer), &CancelToken::new()).map_err(refuse)?;
        let video = input.best_video().map(Stream::index);
        let video = video.ok_or_else(|| refuse(FfmpegError::invalid()))?;
        Self::of_pictures(path, Opened::whole(input), video, 1)
    }

    /// Decodes what comes through a pipe; `path` is only named in errors.
    pub(crate) fn of_pipe(
        path: &Path,
        stream: ByteStream,
        threads: usize,
        cancel: &CancelToken,
    ) -> Result<Self, MediaError> {
        let refuse = |source| MediaError::NotMedia {
            path: path.to_owned(),
            source,
        };
        let input = Input::of_stream(stream, piped::DEMUXER, cancel).map_err(refuse)?;
        let video = input.best_video().map(Stream::index);
        let video = video.ok_or_else(|| refuse(FfmpegError::invalid()))?;
        Self::of_pictures(path, Opened::whole(input), video, threads)
    }

    fn of_pictures(
        path: &Path,
        opened: Opened,
        video: usize,
        threads: usize,
    ) -> Result<Self, MediaError> {
        let stream = opened
            .input
            .stream(video)
            .expect("the index came from this input's streams");
        check_size(path, (stream.width(), stream.height()))?;
        let frame_ticks = frame_ticks(stream);
        Self::of_stream(path, opened, video, threads, frame_ticks)
    }

    /// Decodes the sound that a viewer hears, or that of the stream `wanted`, and skips all other streams; `None` for a file
    /// without it.
    pub(crate) fn open_sound(
        path: &Path,
        wanted: Option<usize>,
    ) -> Result<Option<Self>, MediaError> {
        let mut opened = open_container(path, Wanted::Sound, &CancelToken::new())?;
        let input = &mut opened.input;
        let is_sound = |stream: &Stream<'_>| stream.kind() == StreamKind::Audio;
        let found = match wanted {
            None => input.best_audio(),
            Some(index) => input.stream(index).filter(is_sound),
        };
        let Some(sound) = found else {
            return Ok(None);
        };
        let index = sound.index();
        let frame_ticks = sound.samples_per_packet().map_or(1, |samples| {
            let period = Rational::new(1, sound.sample_rate().cast_signed());
            rescale(samples, period, sound.time_base()).max(1)
        });
        // The index of a Matroska file names the pictures alone.
        let video = input.best_video();
        let indexed = video.map_or(index, Stream::index);
        let zero_seconds = video.or_else(|| input.stream(index)).and_then(|stream| {
            let start = Pts(stream.start_time()?);
            Some(start.seconds(stream.time_base()))
        });
        input.keep_only(index);
        let mut source = Self::of_stream(path, opened, index, 1, frame_ticks)?;
        source.indexed = indexed;
        source.zero_seconds = zero_seconds;
        Ok(Some(source))
    }

    fn of_stream(
        path: &Path,
        opened: Opened,
        decoded: usize,
        threads: usize,
        frame_ticks: i64,
    ) -> Result<Self, MediaError> {
        let input = opened.input;
        let stream = input
            .stream(decoded)
            .expect("the index came from this input's streams");
        let decoder = Decoder::open(stream, threads)
            .map_err(|source| MediaError::Ffmpeg {
                path: path.to_owned(),
                action: "open the decoder",
                source,
            })?
            .ok_or_else(|| MediaError::NoDecoder {
                path: path.to_owned(),
                codec: stream.codec_name(),
            })?;
        let mut integrity = Integrity::default();
        integrity.missing_bytes = integrity::missing_bytes(path);
        integrity.missing_segments = opened.missing_segments;
        Ok(Self {
            path: path.to_owned(),
            input,
            decoder,
            decoded,
            indexed: decoded,
            zero_seconds: None,
            packet: Packet::new(),
            stage: Stage::Read,
            integrity,
            flagged: 0,
            forgiven: 0,
            last_pts: None,
            frame_ticks,
            frames: 0,
            errors_in_a_row: 0,
            wanted_from: None,
        })
    }

    pub(crate) fn input(&self) -> &Input {
        &self.input
    }

    /// Index of the decoded stream.
    pub(crate) fn video(&self) -> usize {
        self.decoded
    }

    /// Media time 0 of sound on the clock of the file, in seconds: the start of the video, else its own, where the file
    /// says it.
    pub(crate) fn zero_seconds(&self) -> Option<f64> {
        self.zero_seconds
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn integrity(&self) -> &Integrity {
        &self.integrity
    }

    /// Frames delivered.
    pub(crate) fn frames(&self) -> u64 {
        self.frames
    }

    pub(crate) fn time_base(&self) -> Rational {
        self.input
            .stream(self.decoded)
            .map_or(Rational::UNKNOWN, Stream::time_base)
    }

    /// Time of media time 0, where the file says it.
    pub(crate) fn start_time(&self) -> Option<i64> {
        self.input.stream(self.decoded).and_then(Stream::start_time)
    }

    /// A clock for the decoded stream that starts at `origin`, else with the first frame.
    pub(crate) fn clock(&self, origin: Option<i64>) -> Clock {
        let counting = Counting {
            time_base: self.time_base(),
            wrap_bits: self
                .input
                .stream(self.decoded)
                .map_or(64, Stream::wrap_bits),
            may_jump: self.input.has_discontinuous_time(),
            usual_length: self.frame_ticks,
        };
        Clock::new(counting, origin)
    }

    /// Skips all other streams.
    pub(crate) fn keep_only_video(&mut self) {
        self.input.keep_only(self.decoded);
    }

    /// Goes to the key frame at or before `seconds` on the clock of the file; see [`FrameSource::seek`].
    pub(crate) fn seek_seconds(&mut self, seconds: f64) -> Result<(), FfmpegError> {
        let microseconds = (seconds * 1e6).round() as i64;
        let time_base = self
            .input
            .stream(self.indexed)
            .map_or(Rational::UNKNOWN, Stream::time_base);
        self.seek(rescale(
            microseconds,
            Rational::new(1, 1_000_000),
            time_base,
        ))
    }

    /// Goes to the key frame at or before `pts` of the index, forgetting damage met so far: it is not what the caller asked for.
    pub(crate) fn seek(&mut self, pts: i64) -> Result<(), FfmpegError> {
        self.input.seek(self.indexed, pts)?;
        self.decoder.reset();
        self.stage = Stage::Read;
        self.last_pts = None;
        self.forget_damage();
        Ok(())
    }

    /// Pictures shown before `pts` need not be delivered.
    pub(crate) fn want_from(&mut self, pts: i64) {
        self.wanted_from = Some(pts);
    }

    /// Forgets damaged pictures and packets: those before the first wanted picture do not matter.
    pub(crate) fn forget_damage(&mut self) {
        self.integrity.damaged_packets = 0;
        self.integrity.damaged_frames = 0;
        self.flagged = 0;
        self.forgiven = self.decoder.concealed();
    }

    /// The next picture or foreign packet. Damage is counted, never mistaken for the end.
    pub(crate) fn next(&mut self) -> Event {
        self.next_telling(&mut |_| ())
    }

    /// As [`FrameSource::next`]; `told` is shown every packet of the decoded stream on its way to the decoder.
    pub(crate) fn next_telling(&mut self, told: &mut dyn FnMut(&Packet)) -> Event {
        loop {
            match self.stage {
                Stage::Receive | Stage::Flush => {
                    if let Some(frame) = self.receive() {
                        return Event::Frame(frame);
                    }
                }
                Stage::Resend => self.feed(),
                Stage::Read => match self.input.read(&mut self.packet) {
                    Ok(true) if self.packet.stream() == self.decoded => {
                        if self.packet.is_corrupt() {
                            self.integrity.damaged_packets += 1;
                        }
                        told(&self.packet);
                        self.feed();
                    }
                    Ok(true) => {
                        return Event::Packet(std::mem::replace(&mut self.packet, Packet::new()));
                    }
                    Ok(false) => self.flush(),
                    Err(error) => {
                        self.integrity.read_error = Some(error.to_string());
                        self.flush();
                    }
                },
                Stage::End => return Event::End,
            }
        }
    }

    /// Reads packets of the decoded stream past the decoder, until `wants` answers false or nothing more can be read.
    pub(crate) fn pass(&mut self, wants: &mut dyn FnMut(&Packet) -> bool) {
        while self.input.read(&mut self.packet).unwrap_or(false) {
            if self.packet.stream() == self.decoded && !wants(&self.packet) {
                return;
            }
        }
    }

    fn feed(&mut self) {
        if let Some(from) = self.wanted_from {
            let is_early = self.packet.pts().is_some_and(|pts| pts < from);
            self.decoder.skip_unreferenced(is_early);
        }
        match self.decoder.send(Some(&self.packet)) {
            Ok(true) => self.stage = Stage::Receive,
            Ok(false) if self.stage == Stage::Resend => {
                // Full although everything was received: a decoder that breaks its contract. Drop the packet.
                self.integrity.damaged_packets += 1;
                self.stage = Stage::Read;
            }
            Ok(false) => self.stage = Stage::Resend,
            Err(_) => {
                self.integrity.damaged_packets += 1;
                self.stage = Stage::Receive;
            }
        }
    }

    fn flush(&mut self) {
        // A decoder that refuses the flush has nothing left either; receiving finds that out.
        let _ = self.decoder.send(None);
        self.stage = Stage::Flush;
    }

    fn receive(&mut self) -> Option<Frame> {
        let mut frame = Frame::new();
        match self.decoder.receive(&mut frame) {
            Ok(Received::Frame) => {
                self.errors_in_a_row = 0;
                self.frames += 1;
                if frame.is_damaged() {
                    self.flagged += 1;
                }
                let pts = frame.best_effort_pts().unwrap_or_else(|| {
                    self.last_pts
                        .map_or(self.start_time().unwrap_or(0), |last| {
                            last.saturating_add(self.frame_ticks)
                        })
                });
                frame.set_pts(pts);
                self.last_pts = Some(pts);
                self.count_damage();
                return Some(frame);
            }
            Ok(Received::Hungry) if self.stage == Stage::Receive => self.stage = Stage::Read,
            Ok(Received::Hungry | Received::End) => self.stage = Stage::End,
            Err(_) => {
                self.integrity.damaged_packets += 1;
                self.errors_in_a_row += 1;
                if self.errors_in_a_row > PATIENCE {
                    self.stage = Stage::End;
                }
            }
        }
        self.count_damage();
        None
    }

    /// A concealed picture may be flagged as well: the larger count holds.
    fn count_damage(&mut self) {
        let concealed = self.decoder.concealed().saturating_sub(self.forgiven);
        self.integrity.damaged_frames = self.flagged.max(concealed);
    }
}
