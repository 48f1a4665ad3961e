//! An opened media file and its packets.

use std::ffi::{CStr, CString, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::{self, NonNull};

use ffmpeg_next::ffi as sys;
use sys::{AVDiscard, AVMediaType};

use super::bytes::{ByteStream, Bytes};
use super::dictionary::{c_string, pairs_of};
use super::error::check;
use super::gate::{self, Gate, Names};
use super::packet::timestamp;
use super::{Dictionary, FfmpegError, Packet, Stream, StreamKind, interrupt, log};
use crate::assembly::Assembly;
use crate::bound::MOST_PIXELS;
use crate::sequence::Sequence;
use crate::{CancelToken, Rational};

/// An opened file, or bytes that are read as one.
pub(crate) struct Input {
    raw: NonNull<sys::AVFormatContext>,
    /// What is read where FFmpeg opens nothing itself; freed after the context.
    _bytes: Option<Bytes>,
    /// Asked by the context before it opens anything.
    _gate: Box<Gate>,
    /// Keeps the flag that the interrupt callback reads.
    _cancel: CancelToken,
}

// SAFETY: the context is owned, used by one thread at a time, and libavformat has no thread affinity.
unsafe impl Send for Input {}

/// Where the bytes are.
enum Source {
    /// In a file of this URL.
    File(CString),
    /// In what the caller puts together.
    Bytes,
    /// In files whose names have a number.
    Numbered {
        pattern: CString,
        prefix: CString,
        suffix: CString,
        first: u64,
        rate: Rational,
    },
}

impl Source {
    /// What FFmpeg is told to open, and what it may open.
    fn names(self) -> (CString, Names) {
        match self {
            Self::File(url) => (url.clone(), Names::One(url)),
            Self::Bytes => (CString::default(), Names::None),
            Self::Numbered {
                pattern,
                prefix,
                suffix,
                ..
            } => (pattern, Names::Numbered { prefix, suffix }),
        }
    }
}

impl Input {
    /// Opens `path` and reads enough of it to know its streams; `format` is the demuxer, where FFmpeg would choose another.
    ///
    /// Only the local file itself is opened, see [`Gate`]: nothing inside of it can lead elsewhere. Reading fails once `cancel`
    /// is set.
    pub(crate) fn open(
        path: &Path,
        format: Option<&str>,
        cancel: &CancelToken,
    ) -> Result<Self, FfmpegError> {
        Self::begin(Source::File(file_url(path)), None, format, cancel)
    }

    /// Opens numbered pictures as a video.
    pub(crate) fn of_sequence(
        sequence: &Sequence,
        cancel: &CancelToken,
    ) -> Result<Self, FfmpegError> {
        let (pattern, prefix, suffix) = sequence.pattern();
        let source = Source::Numbered {
            pattern: file_url(&pattern),
            prefix: file_url(&prefix),
            suffix: c_string(suffix),
            first: sequence.first,
            rate: sequence.rate,
        };
        Self::begin(source, None, Some("image2"), cancel)
    }

    /// Opens bytes that were put together; `format` as in [`Input::open`].
    pub(crate) fn of_bytes(
        assembly: Assembly,
        format: Option<&str>,
        cancel: &CancelToken,
    ) -> Result<Self, FfmpegError> {
        Self::begin(Source::Bytes, Some(Bytes::new(assembly)?), format, cancel)
    }

    /// Opens what comes once, with the demuxer `format`.
    pub(crate) fn of_stream(
        stream: ByteStream,
        format: &str,
        cancel: &CancelToken,
    ) -> Result<Self, FfmpegError> {
        Self::begin(
            Source::Bytes,
            Some(Bytes::of_stream(stream)?),
            Some(format),
            cancel,
        )
    }

    fn begin(
        source: Source,
        mut bytes: Option<Bytes>,
        format: Option<&str>,
        cancel: &CancelToken,
    ) -> Result<Self, FfmpegError> {
        log::silence();
        drop(log::take());
        // `pattern_type=none`: an image called `shot%02d.png` is one file, not a sequence.
        let mut options: Dictionary = [
            ("protocol_whitelist", "file"),
            ("format_whitelist", gate::DEMUXERS),
            ("pattern_type", "none"),
        ]
        .into_iter()
        .collect();
        if let Source::Numbered { first, rate, .. } = &source {
            options.set("pattern_type", "sequence");
            options.set("start_number", &first.to_string());
            options.set("framerate", &rate.to_string());
        }
        // SAFETY: allocates; null only when memory is exhausted.
        let mut raw = unsafe { sys::avformat_alloc_context() };
        // SAFETY: null or the fresh context, which nothing else refers to.
        let Some(context) = (unsafe { raw.as_mut() }) else {
            return Err(FfmpegError::new(sys::AVERROR(sys::ENOMEM)));
        };
        context.interrupt_callback = interrupt::callback(cancel);
        let (url, names) = source.names();
        let gate = Gate::before(context, names);
        if let Some(bytes) = &mut bytes {
            context.pb = bytes.as_mut_ptr();
        }
        let format = format.map_or(ptr::null(), |name| {
            // SAFETY: a lookup in a static table by a terminated name.
            unsafe { sys::av_find_input_format(c_string(name).as_ptr()) }
        });
        // SAFETY: all pointers are valid for the call; on failure FFmpeg frees the context and leaves null.
        check(unsafe {
            sys::avformat_open_input(&raw mut raw, url.as_ptr(), format, options.slot())
        })?;
        let Some(raw) = NonNull::new(raw) else {
            return Err(FfmpegError::new(sys::AVERROR_UNKNOWN));
        };
        let input = Self {
            raw,
            _bytes: bytes,
            _gate: gate,
            _cancel: cancel.clone(),
        };
        input.describe_streams()?;
        Ok(input)
    }

    /// Reads until the streams are known; no picture beyond [`MOST_PIXELS`] is decoded for that.
    fn describe_streams(&self) -> Result<(), FfmpegError> {
        let bound = MOST_PIXELS.to_string();
        let mut options: Vec<Dictionary> = (0..self.stream_count())
            .map(|_| std::iter::once(("max_pixels", &*bound)).collect())
            .collect();
        let mut slots: Vec<*mut sys::AVDictionary> = options
            .iter_mut()
            .map(|options| std::mem::replace(options.slot_mut(), ptr::null_mut()))
            .collect();
        let each = if slots.is_empty() {
            ptr::null_mut()
        } else {
            slots.as_mut_ptr()
        };
        // SAFETY: an opened context, and one dictionary for each of its streams; FFmpeg replaces them by what was left over.
        let code = unsafe { sys::avformat_find_stream_info(self.raw.as_ptr(), each) };
        for (options, left) in options.iter_mut().zip(slots) {
            *options.slot_mut() = left;
        }
        check(code)?;
        Ok(())
    }

    fn get(&self) -> &sys::AVFormatContext {
        // SAFETY: `raw` points to a context that this value owns.
        unsafe { self.raw.as_ref() }
    }

    /// The demuxer's short names, such as `mov,mp4,m4a,3gp,3g2,mj2`.
    pub(crate) fn format_name(&self) -> String {
        // SAFETY: an opened input has a demuxer, whose name is a static terminated string.
        let name = unsafe { CStr::from_ptr((*self.get().iformat).name) };
        name.to_string_lossy().into_owned()
    }

    /// Whether timestamps may jump and start anywhere, as in broadcast streams.
    pub(crate) fn has_discontinuous_time(&self) -> bool {
        // SAFETY: an opened input has a demuxer.
        unsafe { (*self.get().iformat).flags & sys::AVFMT_TS_DISCONT != 0 }
    }

    pub(crate) fn stream_count(&self) -> usize {
        self.get().nb_streams as usize
    }

    pub(crate) fn stream(&self, index: usize) -> Option<Stream<'_>> {
        if index >= self.stream_count() {
            return None;
        }
        // SAFETY: `streams` has `nb_streams` entries, each valid for the life of the context.
        Some(Stream::new(unsafe { &**self.get().streams.add(index) }))
    }

    pub(crate) fn streams(&self) -> impl Iterator<Item = Stream<'_>> {
        (0..self.stream_count()).filter_map(|index| self.stream(index))
    }

    /// The stream that a viewer watches: FFmpeg's choice, but never cover art.
    pub(crate) fn best_video(&self) -> Option<Stream<'_>> {
        let watchable = |stream: &Stream<'_>| {
            stream.kind() == StreamKind::Video
                && !stream.is_attached_picture()
                && !stream.is_internal()
        };
        self.best(AVMediaType::AVMEDIA_TYPE_VIDEO)
            .filter(watchable)
            .or_else(|| {
                self.streams()
                    .filter(watchable)
                    .max_by_key(|stream| u64::from(stream.width()) * u64::from(stream.height()))
            })
    }

    /// The stream that a viewer hears, in FFmpeg's choice.
    pub(crate) fn best_audio(&self) -> Option<Stream<'_>> {
        self.best(AVMediaType::AVMEDIA_TYPE_AUDIO)
    }

    fn best(&self, kind: AVMediaType) -> Option<Stream<'_>> {
        // SAFETY: an opened context; the decoder slot may be null.
        let best = unsafe {
            sys::av_find_best_stream(self.raw.as_ptr(), kind, -1, -1, ptr::null_mut(), 0)
        };
        usize::try_from(best)
            .ok()
            .and_then(|index| self.stream(index))
    }

    /// Lets the demuxer skip every stream but one.
    pub(crate) fn keep_only(&mut self, index: usize) {
        for other in 0..self.stream_count() {
            if other != index {
                // SAFETY: `streams` has `nb_streams` entries; the context is borrowed mutably.
                unsafe {
                    let stream = *self.get().streams.add(other);
                    (*stream).discard = AVDiscard::AVDISCARD_ALL;
                }
            }
        }
    }

    /// Start of the earliest stream in microseconds.
    pub(crate) fn start_microseconds(&self) -> Option<i64> {
        timestamp(self.get().start_time)
    }

    pub(crate) fn duration_seconds(&self) -> Option<f64> {
        timestamp(self.get().duration)
            .filter(|&duration| duration > 0)
            .map(|duration| duration as f64 / f64::from(sys::AV_TIME_BASE))
    }

    pub(crate) fn metadata(&self) -> Vec<(String, String)> {
        // SAFETY: the dictionary belongs to the context and lives as long.
        unsafe { pairs_of(self.get().metadata) }
    }

    pub(crate) fn chapter_count(&self) -> usize {
        self.get().nb_chapters as usize
    }

    /// Chapters, as FFmpeg keeps them.
    pub(super) fn chapters(&self) -> impl Iterator<Item = &sys::AVChapter> {
        // SAFETY: `chapters` has `nb_chapters` entries, each valid for the life of the context.
        (0..self.chapter_count()).map(|index| unsafe { &**self.get().chapters.add(index) })
    }

    /// Reads the next packet; `false` at the end of the file. Anything else that stops reading is an error.
    pub(crate) fn read(&mut self, packet: &mut Packet) -> Result<bool, FfmpegError> {
        packet.clear();
        // SAFETY: an opened context and an owned, empty packet.
        let code = unsafe { sys::av_read_frame(self.raw.as_ptr(), packet.as_mut_ptr()) };
        if code == sys::AVERROR_EOF {
            return match self.io_error() {
                0 => Ok(false),
                error => Err(FfmpegError::new(error)),
            };
        }
        check(code)?;
        Ok(true)
    }

    /// A failed system read that a demuxer may have swallowed.
    fn io_error(&self) -> i32 {
        // SAFETY: `pb` is null or valid while the context is open.
        match unsafe { self.get().pb.as_ref() } {
            Some(io) if io.error < 0 && io.error != sys::AVERROR_EOF => io.error,
            _ => 0,
        }
    }

    /// Goes to the key frame at or before `pts` of stream `index`.
    pub(crate) fn seek(&mut self, index: usize, pts: i64) -> Result<(), FfmpegError> {
        // SAFETY: an opened context; the stream index is checked by FFmpeg.
        check(unsafe {
            sys::avformat_seek_file(self.raw.as_ptr(), index as i32, i64::MIN, pts, pts, 0)
        })?;
        Ok(())
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        let mut raw = self.raw.as_ptr();
        // SAFETY: `raw` is owned and closed once; bytes of our own are left open by it, and dropped afterwards.
        unsafe { sys::avformat_close_input(&raw mut raw) }
    }
}

/// The name of the demuxer that FFmpeg takes for a file that begins with `head`, as far as it can tell.
pub(crate) fn guessed_format(head: &[u8]) -> Option<String> {
    let mut padded = head.to_vec();
    padded.resize(head.len() + sys::AVPROBE_PADDING_SIZE as usize, 0);
    let data = sys::AVProbeData {
        filename: c"".as_ptr(),
        buf: padded.as_mut_ptr(),
        buf_size: c_int::try_from(head.len()).ok()?,
        mime_type: ptr::null(),
    };
    let mut score = 0;
    // SAFETY: the buffer has the length given and the padding asked for; the answer is null or a static demuxer.
    let format =
        unsafe { sys::av_probe_input_format3(&raw const data, 1, &raw mut score).as_ref() }?;
    // SAFETY: a demuxer's name is a static terminated string.
    Some(
        unsafe { CStr::from_ptr(format.name) }
            .to_string_lossy()
            .into_owned(),
    )
}

/// A URL that no file name can turn into another protocol.
pub(super) fn file_url(path: &Path) -> CString {
    let mut bytes = b"file:".to_vec();
    bytes.extend(
        path.as_os_str()
            .as_bytes()
            .iter()
            .filter(|&&byte| byte != 0),
    );
    CString::new(bytes).unwrap_or_default()
}
